/* Requests that wait: until they are woken, for their client, or for a thread. */
#include "event.h"

#include <stdio.h>

/* --- set aside -------------------------------------------------------------------------- */

/* The thread needs another work to go on with. */
static int set_aside(struct work *w, bool for_place, bool for_write, int64_t until)
{
	struct thread *t = w->thread;

	if (!t->fresh)
		t->fresh = work_get(w->server);
	if (!t->fresh)
		return CRUET_ENOMEM;
	w->parked = true;
	w->offloaded = for_place;
	w->for_place = for_place;
	w->for_write = for_write;
	w->until = until;
	return CRUET_OK;
}

int wait_park(cruet_exchange *x, int64_t ms, uint32_t what)
{
	return set_aside(((struct work *)x), false, what & CRUET_PARK_WRITE,
			 ms < 0 ? INT64_MAX : now_ms() + ms);
}

void wait_wake(cruet_exchange *x)
{
	conn_wake(((struct work *)x)->conn);
}

static void name_route(struct route *r, const char *name)
{
	int none = 0;

	if (!atomic_compare_exchange_strong(&r->named, &none, 1))
		return;
	snprintf(r->name, sizeof r->name, "%s", name);
	atomic_store(&r->named, 2);
}

/* A route that was seen to block is served without a loop from the start, so that
 * nothing has to wait until that is noticed. */
int wait_route(cruet_exchange *x, uint32_t hash, const char *name)
{
	struct work *w = (struct work *)x;
	struct thread *t = w->thread;
	struct route *r = &w->server->routes[hash % ROUTES];

	if (!hash)
		return CRUET_OK;
	w->route = hash;
	atomic_store_explicit(&t->route, hash, memory_order_relaxed);
	if (!atomic_load_explicit(&r->named, memory_order_relaxed))
		name_route(r, name);
	if (!atomic_load_explicit(&r->slow, memory_order_relaxed) || !t->loop)
		return CRUET_OK;
	work_flush(w);
	w->offloaded = true;
	w->until = now_ms();
	if (loop_give(t))
		return CRUET_OK;
	return set_aside(w, true, false, 0) ? CRUET_OK : CRUET_LATER;
}

/* A route that was slow once counts as slow for a while. */
void wait_learn(struct work *w)
{
	struct route *r = &w->server->routes[atomic_load(&w->thread->route) % ROUTES];
	unsigned slow = atomic_load_explicit(&r->slow, memory_order_relaxed);

	if (now_ms() - w->until > SLOW_MS)
		atomic_store_explicit(&r->slow, SLOW_CALLS, memory_order_relaxed);
	else if (slow)
		atomic_store_explicit(&r->slow, slow - 1, memory_order_relaxed);
}

/* --- at rest ---------------------------------------------------------------------------- */

static void append(struct conn **list, struct conn *c)
{
	while (*list)
		list = &(*list)->next;
	c->next = NULL;
	*list = c;
}

/* What came between is not lost: then it goes on at once. */
void conn_park(struct loop *l, struct conn *c, enum waits waits)
{
	unsigned run = CONN_RUN;

	c->waits = (uint8_t)waits;
	c->since = l->now;
	c->queued = waits == WAITS_WRITE ? io_queued(c) : 0;
	loop_timer(l, c);
	if (atomic_compare_exchange_strong_explicit(&c->st, &run, CONN_PARKED,
						    memory_order_acq_rel, memory_order_acquire))
		return;
	c->next = l->todo;
	l->todo = c;
}

/* A connection that is parked belongs to whoever takes PARKED away. */
void conn_wake(struct conn *c)
{
	if (atomic_fetch_or_explicit(&c->st, CONN_WAKE, memory_order_acq_rel) == CONN_PARKED)
		loop_push(c->loop, c);
}

void wait_again(struct loop *l, struct conn *c, struct work *w)
{
	conn_park(l, c, w->for_write ? WAITS_WRITE : WAITS_WAKE);
}

/* The thread goes on with another work, the connection keeps this one. */
bool wait_begin(struct thread *t, struct conn *c)
{
	struct work *w = t->work;

	work_flush(w);
	c->work = w;
	t->work = t->fresh;
	t->work->thread = t;
	t->work->base.worker = w->base.worker;
	t->fresh = NULL;
	atomic_fetch_add(&w->server->parked, 1);
	if (!t->loop) { /* its loop parks it, after asking once more */
		loop_push(c->loop, c);
		return false;
	}
	if (w->for_place) {
		atomic_fetch_add(&w->server->waiting, 1);
		append(&t->loop->waiting, c);
	} else {
		wait_again(t->loop, c, w);
	}
	return true;
}

void wait_end(struct thread *t, struct conn *c)
{
	struct server *s = t->server;
	struct work *w = c->work;

	w->base.worker = t->work->base.worker;
	work_put(s, t->work);
	t->work = w;
	w->thread = t;
	w->parked = false;
	c->work = NULL;
	atomic_fetch_sub(&s->parked, 1);
}
