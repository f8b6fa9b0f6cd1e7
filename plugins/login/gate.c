#include "gate.h"

#include <time.h>

void gate_init(struct gate *g, size_t room, size_t queue)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&g->left, &attr);
	pthread_condattr_destroy(&attr);
	g->room = room;
	g->queue = queue;
}

void gate_fini(struct gate *g)
{
	pthread_cond_destroy(&g->left);
	pthread_mutex_destroy(&g->lock);
}

static struct timespec after(uint64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

bool gate_enter(struct gate *g, uint64_t ms)
{
	struct timespec until = after(ms);
	int err = 0;

	pthread_mutex_lock(&g->lock);
	if (!g->room && g->queue) {
		g->queue--;
		while (!g->room && !err)
			err = pthread_cond_timedwait(&g->left, &g->lock, &until);
		g->queue++;
	}
	bool in = g->room > 0;
	g->room -= in;
	pthread_mutex_unlock(&g->lock);
	return in;
}

void gate_leave(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->room++;
	pthread_cond_signal(&g->left);
	pthread_mutex_unlock(&g->lock);
}
