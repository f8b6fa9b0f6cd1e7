/* Which generation requests stand on, and which are still stood on.
 *
 * Two places: current, what every new ctx stands on; and next, which only scopes that are
 * new in it may stand on, while it is being prepared. Both change under h->changing
 * alone. A generation that was replaced is kept until nobody stands on it.
 *
 *	generation_build(), generation_offer(), generation_publish()
 *
 * or generation_withdraw() instead of the last, and nothing has changed. */
#ifndef APP_STANDING_H
#define APP_STANDING_H

#include "app/generation.h"

/* Announces in *slot and returns the current generation. Never fails while the
 * app runs; NULL before app_start(). [any thread] */
struct generation *generation_pin(struct host *h, _Atomic(struct generation *) *slot);
/* The same for a ctx of a scope that is part of the generations from since on. NULL:
 * it is part of none, as what it was built for has failed. [any thread] */
struct generation *generation_pin_since(struct host *h, _Atomic(struct generation *) *slot,
					uint64_t since);
void generation_unpin(_Atomic(struct generation *) *slot); /* [any thread] */

/* What follows is for who holds h->changing. */

/* g, which becomes the host's, is the next one: it gets its number, and so do the scopes
 * in it that had none; nothing is registered there any more. */
void generation_offer(struct host *h, struct generation *g);
/* The next one becomes the current one. */
void generation_publish(struct host *h);
/* There is no next one any more. It is kept while somebody stands on it. */
void generation_withdraw(struct host *h);
/* Frees those that are neither current nor next and that nobody stands on. */
void generation_sweep(struct host *h);
/* True if one of these numbers is not freed. */
bool generation_kept(const struct host *h, uint64_t first, uint64_t last);
/* How many stand on generations with these numbers. */
size_t generation_load(const struct host *h, uint64_t first, uint64_t last);
void generation_free_all(struct host *h); /* nobody stands anywhere */

#endif
