/* Requests that do not end, while an application is written: the thread is stopped where it
 * is, as if it had crashed there, so that somebody can look at it. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "app/ctx.h"
#include "app/scope.h"
#include "server/clock.h"
#include "server/crash_priv.h"

enum { LOOKS = 8, LOOK_LEAST_MS = 10 }; /* so many times within the limit */

struct crash_watch {
	struct crash *crash;
	uint32_t limit_ms;
	pthread_t thread;
	pthread_mutex_t lock; /* guards */
	bool ends;
	pthread_cond_t change;
};

/* False: it is to end. */
static bool wait(struct crash_watch *w)
{
	uint32_t ms = w->limit_ms / LOOKS;
	struct timespec until;

	ms = ms > LOOK_LEAST_MS ? ms : LOOK_LEAST_MS;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&w->lock);
	if (!w->ends)
		pthread_cond_timedwait(&w->change, &w->lock, &until);
	bool ends = w->ends;
	pthread_mutex_unlock(&w->lock);
	return !ends;
}

static void *look(void *arg)
{
	struct crash_watch *w = arg;

	while (wait(w)) {
		int32_t thread = ctx_stuck(w->crash->root->host->pool, clock_ms() - w->limit_ms);
		if (thread)
			crash_hangs(w->crash, thread, w->limit_ms);
	}
	return NULL;
}

struct crash_watch *crash_watch_start(struct crash *c, uint32_t limit_ms)
{
	struct crash_watch *w = limit_ms ? calloc(1, sizeof *w) : NULL;
	pthread_condattr_t attr;
	sigset_t all, before;

	if (!w)
		return NULL;
	w->crash = c;
	w->limit_ms = limit_ms;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->change, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int err = pthread_create(&w->thread, NULL, look, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!err)
		return w;
	pthread_cond_destroy(&w->change);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

void crash_watch_end(struct crash_watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ends = true;
	pthread_cond_signal(&w->change);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->change);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
