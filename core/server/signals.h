/* The signals that a process which serves waits for: blocked in all threads, and read
 * from a descriptor by the one that waits, so nothing of that runs in a signal handler.
 * SIGPIPE does nothing meanwhile. */
#ifndef SERVER_SIGNALS_H
#define SERVER_SIGNALS_H

#include <signal.h>

enum signals_for {
	SIGNALS_ALONE,  /* SIGTERM, SIGINT: end; SIGHUP: read anew; SIGUSR2: start anew */
	SIGNALS_WORKER, /* the same without SIGINT: its parent decides what Ctrl-C means */
	SIGNALS_PARENT  /* the same and SIGCHLD */
};

struct signals {
	sigset_t set, before;
	struct sigaction term, interrupt, pipe; /* what they did before */
	int fd; /* readable when one has come */
};

/* CRUET_OK, or CRUET_EIO. signals_restore() in any case. */
int signals_block(struct signals *s, enum signals_for whom);
/* The next one that has come; 0: none. Does not wait. */
int signals_next(struct signals *s);
/* From now on they end the process, as they usually do. */
void signals_usual(struct signals *s);
void signals_restore(struct signals *s);

#endif
