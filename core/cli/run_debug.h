/* The options --debug, --allow-remote-debug and --poll of `cruet run`. */
#ifndef CLI_RUN_DEBUG_H
#define CLI_RUN_DEBUG_H

#include <stdbool.h>

#include "cli/site.h"
#include "server/debugger.h"

struct handed;

struct run_debug {
	struct loop *loop;     /* NULL: another process builds the application */
	struct follow *follow; /* NULL: this process serves nothing */
	bool ends;             /* before anything was served */
};

/* Each gives EXIT_DONE, or the exit code after saying what is wrong. */

/* Whether these options go together, and with the configuration; *on: they are given. */
int run_debug_check(const struct site *s, const struct cmdline *c, bool *on);
/* The process goes to the folder of the target, and begins to build the application, unless
 * its parent does. run_debug_free() in any case. */
int run_debug_begin(struct run_debug *d, struct site *s, struct cmdline *c, struct handed *h);
/* For a process that serves: waits until there is something to be served, or to be told. */
int run_debug_wait(struct run_debug *d, struct site *s, const struct cmdline *c,
		   const struct handed *h);
/* While the site is there. */
void run_debug_free(struct run_debug *d);

#endif
