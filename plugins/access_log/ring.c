#include "ring.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = sizeof(uint64_t), COMMITTED = 1, PADDING = 2, FLAGS = 2 };

struct ring {
	_Alignas(64) _Atomic uint64_t tail; /* cells that were given out so far */
	_Alignas(64) _Atomic uint64_t head; /* cells that were taken so far */
	size_t n;			    /* a power of two */
	_Atomic uint64_t *cells;
};

struct ring *ring_new(size_t bytes)
{
	struct ring *r = aligned_alloc(64, sizeof *r);

	if (!r)
		return NULL;
	memset(r, 0, sizeof *r);
	r->n = 64;
	while (r->n * CELL < bytes)
		r->n *= 2;
	r->cells = calloc(r->n, sizeof *r->cells);
	if (!r->cells) {
		free(r);
		return NULL;
	}
	return r;
}

void ring_free(struct ring *r)
{
	if (r)
		free((void *)r->cells);
	free(r);
}

static size_t cells_of(size_t len)
{
	return 1 + (len + CELL - 1) / CELL;
}

/* Gives out cells for a record, padding included. False: there are not so many.
 */
static bool reserve(struct ring *r, size_t want, uint64_t *from, size_t *pad,
		    bool *filling)
{
	uint64_t h, t;

	do {
		h = atomic_load_explicit(&r->head, memory_order_acquire);
		t = atomic_load_explicit(&r->tail,
					 memory_order_relaxed); /* not before h */
		size_t at = (size_t)t & (r->n - 1);
		*pad = at + want > r->n ? r->n - at : 0;
		if (t - h + *pad + want > r->n)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&r->tail, &t, t + *pad + want,
							memory_order_relaxed,
							memory_order_relaxed));
	*from = t;
	*filling = t - h + *pad + want > r->n / 2;
	return true;
}

static void commit(struct ring *r, size_t at, uint64_t header)
{
	atomic_store_explicit(&r->cells[at], header | COMMITTED, memory_order_release);
}

bool ring_put(struct ring *r, const void *p, size_t len, bool *filling)
{
	uint64_t from;
	size_t pad, at;

	*filling = true;
	if (!reserve(r, cells_of(len), &from, &pad, filling))
		return false;
	at = (size_t)from & (r->n - 1);
	if (pad) {
		commit(r, at, (uint64_t)pad << FLAGS | PADDING);
		at = 0;
	}
	memcpy((void *)&r->cells[at + 1], p, len);
	commit(r, at, (uint64_t)len << FLAGS);
	return true;
}

/* Gives cells back to those who put. */
static void clear(struct ring *r, uint64_t from, size_t n)
{
	memset((void *)&r->cells[(size_t)from & (r->n - 1)], 0, n * CELL);
	atomic_store_explicit(&r->head, from + n, memory_order_release);
}

size_t ring_take(struct ring *r, char *out, size_t cap)
{
	uint64_t h = atomic_load_explicit(&r->head, memory_order_relaxed), v;

	for (;;) {
		size_t at = (size_t)h & (r->n - 1);
		v = atomic_load_explicit(&r->cells[at], memory_order_acquire);
		if (!(v & PADDING))
			break;
		clear(r, h, (size_t)(v >> FLAGS));
		h += v >> FLAGS;
	}
	size_t len = (size_t)(v >> FLAGS);
	if (!v || len > cap)
		return 0;
	memcpy(out, (void *)&r->cells[((size_t)h & (r->n - 1)) + 1], len);
	clear(r, h, cells_of(len));
	return len;
}
