/* What the files of `cruet shell` share.
 *
 * Four kinds of processes take part. The one that was started waits, and clears up in the end.
 * Its child reads lines and never runs any. The runner has the application; for each line it makes a copy of itself, which compiles
 * and runs it. If that goes well, the copy is the runner from then on, and the one before
 * ends; if not, the copy is gone and with it all that the line has done to memory. */
#ifndef CLI_SHELL_H
#define CLI_SHELL_H

#include <stddef.h>

#include "cli/site.h"
#include "cruet/types.h"

struct cruet_client;

enum { SHELL_LINE_MAX = 60000 };

/* What the code of a line is given; the prelude of sources (shell_line.c) says the same. */
struct shell_env {
	cruet_app *app;
	cruet_ctx *c;
	struct cruet_client *(*request)(const struct shell_env *env, const char *method,
					const char *path, const char *body);
	void (*show)(const struct shell_env *env, int kind, const void *value, size_t size);
};

/* How a line has ended, as one byte on the channel. */
enum shell_end {
	SHELL_WELL = 'w',
	SHELL_BADLY = 'b', /* what is wrong has been said */
	SHELL_OVER = 'o'   /* the line asked for the end of the shell */
};

/* Serves lines that come on channel, a packet each, until it is closed; answers each with one
 * shell_end. Answers once when the application is there. Files are made in scratch. */
_Noreturn void shell_run(struct cmdline *c, int channel, const char *scratch);

/* A program of cruet's own, in a; NULL: out of memory. */
const char *shell_helper(const char *name, struct arena *a);

#endif
