/* A process that does nothing but wait for another one: so there is somebody who clears up,
 * however that one ends. */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include <stdbool.h>

/* Goes on in a child. True: this is the child. False: it has ended, and *status is as waitpid()
 * gives it (-1: there was none, and errno says why); SIGINT, SIGTERM and SIGHUP stay blocked
 * from then on, as what is left to do is little. Until then these reach the child too, and the
 * second of them ends it at once; interrupts false: SIGINT is a matter of the child alone. Only
 * while the process has one thread. */
bool guard_fork(bool interrupts, int *status);

#endif
