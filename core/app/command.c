#include "app/command.h"

#include <string.h>

#include "app/ctx.h"
#include "app/generation.h"
#include "cruet/log.h"

static const struct entry_command *named(const struct generation *g, const char *name)
{
	for (size_t i = 0; i < g->ncommands; i++)
		if (!strcmp(g->commands[i]->name, name))
			return g->commands[i];
	return NULL;
}

/* A command that ends as a handler does, with a code of an error, has failed; so has
 * one in which memory ran out or the API was misused. What a process cannot say (its
 * code is one byte) is 1, so that no failure reads as a success. */
static int exit_code(cruet_ctx *c, const char *name, int code)
{
	if (code < 0 || (code >= 400 && code <= 599))
		ctx_fail(c, code, NULL, false);
	else if (!c->failure.stays)
		cruet_err_clear(c);
	if (!c->failure.err)
		return code <= 255 ? code : 1;
	cruet_note(c, CRUET_ERROR, "command '%s' failed: %s", name, cruet_err_text(c));
	return 1;
}

int command_run(cruet_app *app, const char *name, int argc, char **argv)
{
	cruet_ctx *c = cruet_open(app->root);
	if (!c)
		return 1;
	const struct entry_command *cmd = named(c->gen, name);
	int code = 2;
	if (cmd) {
		c->scope = cmd->head.scope;
		code = exit_code(c, name, cmd->fn(c, argc, argv));
	}
	cruet_close(c);
	return code;
}
