/* Exchanges, which workers borrow. One lies ready in a slot for each processor (of more than
 * 64, some share a slot): one that was used there just now. Two requests overlap on a
 * processor when the first one blocks, or is interrupted for long: then the second takes one
 * of those that are left over, and the exchange that finds its slot taken is left over. Only
 * these two take the lock.
 *
 * There are as many as workers can have, and one more for each slot: so one is left over for
 * any worker that finds its slot empty. Memory that was never written takes no room. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "server/civetweb_priv.h"

enum { SLOTS = 64 };

struct slot {
	_Alignas(CACHE_LINE) _Atomic(struct exchange *) exchange;
};

struct exchanges {
	struct slot slots[SLOTS];
	struct exchange *all;
	atomic_uint made;       /* of these; changes under the lock */
	pthread_mutex_t lock;   /* guards what follows */
	struct exchange *spare; /* left over */
};

struct exchanges *exchanges_new(unsigned n)
{
	struct exchanges *x = aligned_alloc(CACHE_LINE, sizeof *x);

	if (!x)
		return NULL;
	memset(x, 0, sizeof *x);
	x->all = calloc((size_t)n + SLOTS, sizeof *x->all);
	if (!x->all) {
		free(x);
		return NULL;
	}
	pthread_mutex_init(&x->lock, NULL);
	return x;
}

void exchanges_free(struct exchanges *x)
{
	if (!x)
		return;
	for (unsigned i = 0; i < atomic_load(&x->made); i++)
		cruet_exchange_fini(&x->all[i].base);
	pthread_mutex_destroy(&x->lock);
	free(x->all);
	free(x);
}

static struct exchange *make(struct exchanges *x)
{
	unsigned i = atomic_load_explicit(&x->made, memory_order_relaxed);
	struct exchange *e = &x->all[i];

	e->base = (cruet_exchange){.ops = &civetweb_ops, .worker = i};
	e->counted.size = sizeof e->counted;
	atomic_store_explicit(&x->made, i + 1, memory_order_release);
	return e;
}

static struct exchange *take_spare(struct exchanges *x)
{
	pthread_mutex_lock(&x->lock);
	struct exchange *e = x->spare;
	if (e)
		x->spare = e->next;
	else
		e = make(x);
	pthread_mutex_unlock(&x->lock);
	return e;
}

static struct slot *slot_here(struct exchanges *x)
{
	int cpu = sched_getcpu();

	return &x->slots[cpu > 0 ? cpu % SLOTS : 0];
}

struct exchange *exchange_borrow(struct worker *w)
{
	struct exchanges *x = w->server->exchanges;
	struct slot *slot = slot_here(x);
	struct exchange *e = atomic_exchange_explicit(&slot->exchange, NULL, memory_order_acquire);

	if (!e)
		e = take_spare(x);
	e->worker = w;
	e->slot = slot;
	return e;
}

void exchange_return(struct exchange *e)
{
	struct exchanges *x = e->worker->server->exchanges;
	struct exchange *none = NULL;

	if (atomic_compare_exchange_strong_explicit(&e->slot->exchange, &none, e,
						    memory_order_release, memory_order_relaxed))
		return;
	pthread_mutex_lock(&x->lock);
	e->next = x->spare;
	x->spare = e;
	pthread_mutex_unlock(&x->lock);
}

void exchanges_count(const struct exchanges *x, cruet_counters *sum)
{
	unsigned n = atomic_load_explicit(&x->made, memory_order_acquire);

	for (unsigned i = 0; i < n; i++)
		cruet_counters_add(sum, &x->all[i].counted);
}
