/* Commands on their way from the parent through all workers, and the answers on their
 * way back. Whoever asks waits on a thread of its own; the parent's one loop carries the
 * packets, because it alone knows the workers.
 *
 * A packet is a number, a space, and the line: what answers it begins with the same. */
#ifndef SERVER_ERRANDS_H
#define SERVER_ERRANDS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { ERRAND_NUMBER = 24 }; /* bytes of a packet before its line, at most */

struct errand;

struct errands {
	pthread_mutex_t lock; /* guards what follows, and each errand */
	struct errand *all;
	uint64_t last; /* number that was given out */
	bool ends;
	int fd; /* readable when there is one that was not sent */
};

struct errand_answer {
	int worker; /* from 0 */
	pid_t pid;
	bool waits;	 /* nothing has come, and something may yet */
	char *text;	 /* NULL: there is none, and */
	const char *why; /* says why */
};

int errands_init(struct errands *e); /* CRUET_OK or CRUET_EIO; fini in any case */
void errands_fini(struct errands *e);

/* --- whoever asks: any thread --- */

/* Sends line to all workers that serve, with starting to those that are starting as well, and
 * waits for their answers, ms at most. CRUET_OK and *out,
 * which has one for each that was asked; CRUET_ESTATE: the server ends; CRUET_ETIMEOUT:
 * the loop did not get to it; CRUET_ENOMEM. */
int errands_run(struct errands *e, const char *line, size_t len, int64_t ms, bool starting,
		struct errand_answer **out, size_t *n);
void errands_free(struct errand_answer *answers, size_t n);

/* --- the parent's loop --- */

struct errand_worker { /* one that is to be asked */
	int worker;
	pid_t pid;
	int channel;
	bool starts; /* it will read what it is sent once it serves */
};

/* Sends what is new to these. True: some of it to those that are starting as well. */
bool errands_send(struct errands *e, const struct errand_worker *to, size_t n);
/* A packet of a worker, with a NUL behind it. */
void errands_heard(struct errands *e, pid_t pid, const char *packet);
/* That worker has ended. */
void errands_lost(struct errands *e, pid_t pid);
/* No more answers will come: nobody waits for any. */
void errands_end(struct errands *e);

#endif
