/* The parent of workers: it opens the sockets and keeps them open, and serves nothing
 * itself. A worker that ends is replaced by one that takes the same sockets, so that no
 * connection is refused meanwhile. */
#ifndef SERVER_WORKERS_H
#define SERVER_WORKERS_H

#include "cruet/types.h"
#include "server/control.h"
#include "server/handed.h"
#include "server/program.h"
#include "server/signals.h"

/* Starts n workers on the sockets that were handed or opened, and looks after them until
 * SIGTERM, SIGINT or cruet_stop(); tells once where they serve. SIGUSR2 starts new ones
 * from what lies on the disk; when all of them serve, the old ones hand over and end; when
 * one does not, the old ones go on. Commands of control's clients go to those that serve;
 * it is closed when they are told to end. CRUET_OK, or CRUET_ESTATE with the problem
 * recorded: no worker came as far as to serve. */
int workers_run(cruet_app *root, const struct program *program, struct handed *handed,
		unsigned n, struct signals *signals, struct control *control);

#endif
