/* cruet test --watch */
#ifndef CLI_TEST_WATCH_H
#define CLI_TEST_WATCH_H

#include "cli/cli.h"

/* Calls once in a process of its own, now and whenever a file of the target has been saved.
 * Returns only where that cannot be watched: the exit code, after saying why. */
int test_watch(struct cmdline *c, int (*once)(struct cmdline *c));

#endif
