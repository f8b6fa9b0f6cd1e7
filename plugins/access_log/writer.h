/* The queues between the threads that serve and the one that writes. */
#ifndef ACCESS_LOG_WRITER_H
#define ACCESS_LOG_WRITER_H

#include <cruet.h>
#include <stdatomic.h>

#include "line.h"
#include "output.h"
#include "ring.h"

enum { RINGS_MAX = 16, BATCH = 65536 };

/* What stands in a ring: a line, and when it was put there. */
struct stamped {
	int64_t ns; /* by a clock that goes forward only */
	char line[LINE_MAX_LEN];
};

struct writer_state {
	cruet_app *app;
	struct ring *rings[RINGS_MAX]; /* one for each processor */
	unsigned nrings;
	int wake;	       /* eventfd */
	atomic_bool woken;     /* it was written, and not looked at yet */
	atomic_bool closing;   /* the application is about to stop */
	_Atomic uint64_t full; /* lines that found no room */
	/* the writing thread's own */
	struct output out;
	int64_t followed_ms, told_ms;
	uint64_t told;	 /* of full */
	uint64_t failed; /* lines that could not be written, and were not told of */
	int why;	 /* errno of them */
	struct stamped next[RINGS_MAX]; /* of each ring; */
	size_t next_len[RINGS_MAX];	/* 0: it is not known */
	char batch[BATCH];
};

/* Opens the file (NULL: standard error) and makes the queues. CRUET_OK; or,
 * after cruet_reject(), a code. */
int writer_open(struct writer_state *w, cruet_app *app, const char *path, size_t bytes);
/* When its thread has ended. */
void writer_close(struct writer_state *w);
/* Queues the line, whose length is len; s->ns is set here. Never waits. [any thread] */
void writer_put(struct writer_state *w, struct stamped *s, size_t len);
/* The application is about to stop: what is queued is written soon. [any
 * thread] */
void writer_hurry(struct writer_state *w);
/* The thread; arg is the struct. */
void writer_run(cruet_app *app, void *arg);

#endif
