#include "app/standing.h"

#include "app/ctx.h"

struct generation *generation_pin(struct host *h, _Atomic(struct generation *) *slot)
{
	struct generation *g = atomic_load_explicit(&h->current, memory_order_acquire);

	for (;;) {
		/* The store must be seen before the second look: hence seq_cst. */
		atomic_store(slot, g);
		struct generation *again = atomic_load(&h->current);
		if (again == g)
			return g;
		g = again;
	}
}

void generation_unpin(_Atomic(struct generation *) *slot)
{
	atomic_store_explicit(slot, NULL, memory_order_release);
}

static bool pin_next(struct host *h, _Atomic(struct generation *) *slot)
{
	struct generation *g = atomic_load(&h->next);

	if (!g)
		return false;
	atomic_store(slot, g);
	return atomic_load(&h->next) == g;
}

/* The next one is published before it ceases to be next: who sees that there is none any
 * more sees it as the current one, if it was not withdrawn. */
struct generation *generation_pin_since(struct host *h, _Atomic(struct generation *) *slot,
					uint64_t since)
{
	struct generation *g = generation_pin(h, slot);

	if (!g || g->number >= since)
		return g;
	if (pin_next(h, slot))
		return atomic_load_explicit(slot, memory_order_relaxed);
	g = generation_pin(h, slot);
	if (g->number >= since)
		return g;
	generation_unpin(slot);
	return NULL;
}

/* --- changing ------------------------------------------------------------------------- */

/* Requests may run in scopes that are frozen already, so nothing is written there. */
static void freeze(cruet_app *app, uint64_t number)
{
	if (!app->frozen)
		app->frozen = true;
	if (!app->since)
		app->since = number;
	for (struct entry *e = app->entries; e; e = e->next)
		if (entry_scope(e))
			freeze(entry_scope(e), number);
}

void generation_offer(struct host *h, struct generation *g)
{
	g->number = ++h->numbers;
	g->older = h->kept;
	h->kept = g;
	freeze(h->root, g->number);
	atomic_store(&h->next, g);
}

void generation_publish(struct host *h)
{
	atomic_store(&h->current, atomic_load(&h->next));
	atomic_store(&h->next, NULL);
}

void generation_withdraw(struct host *h)
{
	atomic_store(&h->next, NULL);
}

void generation_sweep(struct host *h)
{
	struct generation *current = atomic_load(&h->current), *next = atomic_load(&h->next);

	for (struct generation **at = &h->kept, *g; (g = *at);) {
		if (g == current || g == next || ctx_count_on(h->pool, g)) {
			at = &g->older;
			continue;
		}
		*at = g->older;
		generation_free(g);
	}
}

bool generation_kept(const struct host *h, uint64_t first, uint64_t last)
{
	for (const struct generation *g = h->kept; g; g = g->older)
		if (g->number >= first && g->number <= last)
			return true;
	return false;
}

size_t generation_load(const struct host *h, uint64_t first, uint64_t last)
{
	size_t n = 0;

	for (const struct generation *g = h->kept; g; g = g->older)
		if (g->number >= first && g->number <= last)
			n += ctx_count_on(h->pool, g);
	return n;
}

void generation_free_all(struct host *h)
{
	atomic_store(&h->current, NULL);
	for (struct generation *g; (g = h->kept);) {
		h->kept = g->older;
		generation_free(g);
	}
}
