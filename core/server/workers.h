/* The parent of workers: it keeps the sockets that they serve, and serves nothing itself.
 * A worker that ends is replaced by one that takes the same sockets, so that no
 * connection is refused meanwhile; where a transport hands none over, there is one worker,
 * and the next one listens where it did. */
#ifndef SERVER_WORKERS_H
#define SERVER_WORKERS_H

#include "cruet/types.h"
#include "server/control.h"
#include "server/handed.h"
#include "server/program.h"
#include "server/signals.h"

/* Starts as many workers as the settings say, and looks after them until SIGTERM, SIGINT
 * or cruet_stop(), here or in one of them; tells once where they serve. The first one opens
 * the sockets that were not handed, and hands them to this process. SIGUSR2 starts new
 * ones from what lies on the disk; when all of them serve, the old ones hand over and end;
 * when one does not, the old ones go on. Commands of control's clients go to those that
 * serve; it is closed when they are told to end. CRUET_OK; or CRUET_ESTATE: no worker came as far
 * as to serve, and said why, or the problem is recorded. */
int workers_run(cruet_app *root, const struct program *program, struct handed *handed,
		struct signals *signals, struct control *control);

#endif
