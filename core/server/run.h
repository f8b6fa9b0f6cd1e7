/* Serving an application until it is told to stop. */
#ifndef SERVER_RUN_H
#define SERVER_RUN_H

#include <stdbool.h>

#include "cruet/types.h"

struct crash;
struct follow;
struct handed;
struct program;

/* Serves root: its configuration has been read and its plugins are attached. Starts
 * it, then the transport that server.transport names, prints where it serves, and
 * waits for cruet_stop(), SIGTERM or SIGINT. Then nothing new is taken, requests
 * whose head was read are answered, for server.drain at most, and all is stopped in
 * reverse; a second signal ends the process at once. SIGUSR2 starts program once more,
 * which takes the sockets; when it serves, this one ends. handed was read; its sockets are
 * closed, its channel is not; crash, if it is not NULL, is told what serves. follow, if it is
 * not NULL, brings the application while it serves. Returns the exit code: 0, or 1 after printing what is wrong. Once per process at a time.
 *
 * With server.workers this process is the parent of so many. It uses nothing of root but
 * its configuration and its log, so nothing need be attached: run_is_parent(). */
int run_app(cruet_app *root, const struct program *program, struct handed *handed,
	    struct crash *crash, struct follow *follow);
bool run_is_parent(const cruet_app *root, const struct handed *handed);

#endif
