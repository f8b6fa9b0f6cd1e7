/* `cruet run --asan`: the application is built with ASan and UBSan, and runs in a process that
 * has them from its beginning. */
#ifndef CLI_ASAN_H
#define CLI_ASAN_H

#include "cli/cli.h"

/* Where --asan is given: starts this program anew with them, and returns there; before
 * anything of the environment is read. EXIT_DONE, or the exit code after saying what is
 * missing. */
int asan_enter(struct cmdline *c);

#endif
