/* What the files of the plugin share that know requests. */
#ifndef JINJA_H
#define JINJA_H

#include <cruet/response.h>

#include "engine.h"
#include "folder.h"

struct config {
	const char *folder, *line_statement, *line_comment;
	const char *block_begin, *block_end, *print_begin, *print_end, *comment_begin, *comment_end;
	bool reload, trim_blocks, lstrip_blocks, keep_trailing_newline;
	int32_t undefined, newline;
	uint64_t output, memory, time, chunk;
	int64_t rounds, depth;
};

struct jinja_loader;

struct jinja {
	struct engine *engine;
	struct folder folder;
	struct jinja_loader *loaders;
	cruet_template_object settings; /* the variable config */
	size_t chunk;
};

/* For a request: in debug what has changed is compiled again. */
const struct template *jinja_get(struct jinja *j, cruet_ctx *c, const char *name,
				 struct complaint *why);
/* Records what is wrong as the failure of the request, which is returned. */
int jinja_fail(struct jinja *j, cruet_ctx *c, const struct complaint *why);
/* Of the service, for replies that are made while they are sent. (reply.c) */
int jinja_stream(void *self, cruet_ctx *c, const char *name, const cruet_template_vars *vars,
		 cruet_source *out, void **reply);
/* cruet templates ... (command.c) */
int jinja_command(cruet_ctx *c, int argc, char **argv);
/* Listens to what cruet check asks. (checkup.c) */
int jinja_checkup(cruet_app *app);

#endif
