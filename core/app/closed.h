/* Owners that are closed: no code of them is to run (plugin/closing.h says why). */
#ifndef APP_CLOSED_H
#define APP_CLOSED_H

#include "app/ctx.h"

enum { CLOSED_RETRY_S = 60 }; /* what a client is told */

static inline bool scope_is_closed(const cruet_app *scope)
{
	return scope->owner && atomic_load_explicit(&scope->owner->closed, memory_order_relaxed);
}

/* Of a request that found its rule, or none: who would run and must not; NULL. */
static inline const struct owner *closed_owner(const cruet_ctx *c)
{
	return c->endpoint ? atomic_load_explicit(&c->endpoint->closed, memory_order_relaxed)
			   : atomic_load_explicit(&c->gen->top->closed, memory_order_relaxed);
}

/* Fails with 503 and Retry-After. Returns 503. */
int closed_fail(cruet_ctx *c, const struct owner *o);

/* Looks through a generation for what would run code of owners that are closed, and marks
 * it. Requests that begin later see that. Not by two threads at once. */
void closed_mark(struct generation *g);

#endif
