/* Elements: what the core does by itself until a plugin provides a service for it. They
 * are the whole application's, one of each kind, and are looked up when a generation is
 * built. Requests go by the generation that they stand on. The clock and the log are used
 * without one as well, so the host has them from the start of the application to its
 * end. */
#ifndef APP_ELEMENT_H
#define APP_ELEMENT_H

#include "app/closed.h"

/* Fills in g->elements from g->services. False with *why, a sentence in a, where it is
 * not clear or not possible who provides one; *why NULL: out of memory. */
bool elements_find(struct generation *g, struct arena *a, const char **why);

/* During setup: whether one is provided on the root so far. Call it with the root. */
bool element_provided(cruet_app *scope, enum element kind);

/* The host's, from now on until they are given back. */
void elements_take(struct host *h, const struct generation *g);
void elements_give_back(struct host *h);

/* The provider, if it is not closed; NULL: the core does it. */
static inline const struct entry_service *element_open(const struct entry_service *e)
{
	return e && !scope_is_closed(e->head.scope) ? e : NULL;
}

static inline const struct entry_service *element_of(const cruet_ctx *c,
						     enum element kind)
{
	return element_open(c->gen->elements[kind]);
}

/* Fails with what a provider gave back, or with CRUET_EIO where that is no failure.
 * Unless it has said more itself, the words are "'NAME' what". Returns the failure's
 * number. */
CRUET_COLD int element_fail(cruet_ctx *c, const struct entry_service *e, int err,
			    const char *what);

#endif
