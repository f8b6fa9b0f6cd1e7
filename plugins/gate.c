/* Whoever leaves hands the place to the one who has waited longest: nobody who comes
 * later can take it, so waiting is bounded by the queue and not by luck. */
#include "gate.h"

#include <time.h>

struct gate_waiter {
	struct gate_waiter *next;
	pthread_cond_t turn;
	bool in;
};

void gate_init(struct gate *g, size_t room, size_t queue)
{
	pthread_mutex_init(&g->lock, NULL);
	g->room = room;
	g->queue = queue;
	g->first = NULL;
	g->last = &g->first;
}

void gate_fini(struct gate *g)
{
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

static void init_turn(pthread_cond_t *turn)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(turn, &attr);
	pthread_condattr_destroy(&attr);
}

static void give_up(struct gate *g, struct gate_waiter *w)
{
	struct gate_waiter **at = &g->first;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (g->last == &w->next)
		g->last = at;
}

/* With the lock held. */
static bool wait_turn(struct gate *g, uint64_t ms)
{
	struct timespec until = after(ms);
	struct gate_waiter w = {.in = false};
	int err = 0;

	init_turn(&w.turn);
	g->queue--;
	*g->last = &w;
	g->last = &w.next;
	while (!w.in && !err)
		err = pthread_cond_timedwait(&w.turn, &g->lock, &until);
	if (!w.in)
		give_up(g, &w);
	g->queue++;
	pthread_cond_destroy(&w.turn);
	return w.in;
}

bool gate_enter(struct gate *g, uint64_t ms)
{
	pthread_mutex_lock(&g->lock);
	bool in = g->room > 0;
	if (in)
		g->room--;
	else if (g->queue)
		in = wait_turn(g, ms);
	pthread_mutex_unlock(&g->lock);
	return in;
}

void gate_leave(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	struct gate_waiter *w = g->first;
	if (w) {
		g->first = w->next;
		if (!g->first)
			g->last = &g->first;
		w->in = true;
		pthread_cond_signal(&w->turn);
	} else {
		g->room++;
	}
	pthread_mutex_unlock(&g->lock);
}
