/* Threads that a plugin starts by itself, in a step of its ladder: nobody ends them before
 * its stop(), and one that is still there after it would run in code that is gone. They
 * are found by counting the threads of the process around each step.
 *
 * While an application serves, other threads come and go meanwhile. Then only those count
 * that bear the name which the thread has that runs the step: a new thread has the name of
 * the one that created it, unless it took another. */
#ifndef PLUGIN_CENSUS_H
#define PLUGIN_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct instance;

enum { CENSUS_MAX = 1024, CENSUS_OWN = 32, CENSUS_NAME = 16 };

/* Threads of the process at one moment. */
struct census {
	pid_t ids[CENSUS_MAX];
	size_t n; /* 0: it was not taken; CENSUS_MAX: there may be more */
	char name[CENSUS_NAME]; /* of this thread before */
	bool named;             /* it has another one for the step */
};

/* Those of one instance that the host knows nothing of. */
struct own_threads {
	pid_t ids[CENSUS_OWN];
	size_t n;
};

/* The two ends of a step, on the thread that runs it. Threads that are found are kept in
 * in->own, and a warning says so. */
void census_begin(struct census *c, const struct instance *in);
void census_end(struct census *c, struct instance *in, const char *step);

/* After the last step down: true, logged, if one of them still runs a moment later. */
bool census_left(const struct instance *in);

#endif
