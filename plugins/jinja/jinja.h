/* What the files of the plugin share that know requests. */
#ifndef JINJA_H
#define JINJA_H

#include "engine.h"
#include "folder.h"

struct config {
	const char *folder, *line_statement, *line_comment;
	bool reload, trim_blocks, lstrip_blocks, keep_trailing_newline;
	int32_t undefined;
	uint64_t output, memory, time;
	int64_t rounds, depth;
};

struct jinja_loader;

struct jinja {
	struct engine *engine;
	struct folder folder;
	struct jinja_loader *loaders;
	cruet_template_object settings; /* the variable config */
};

/* cruet templates ... (command.c) */
int jinja_command(cruet_ctx *c, int argc, char **argv);
/* Listens to what cruet check asks. (checkup.c) */
int jinja_checkup(cruet_app *app);

#endif
