#include "app/closed.h"

#include <stdio.h>

static const struct owner *first_closed(const struct calls *calls)
{
	for (size_t i = 0; i < calls->n; i++)
		if (scope_is_closed(calls->items[i].scope))
			return calls->items[i].scope->owner;
	return NULL;
}

/* Those of the levels above are among them. */
static const struct owner *closed_hook(const struct level *l)
{
	const struct calls *const all[] = {&l->match, &l->before, &l->after,
						&l->finish, &l->encode};
	const struct owner *o = NULL;

	for (size_t i = 0; !o && i < sizeof all / sizeof *all; i++)
		o = first_closed(all[i]);
	return o;
}

void closed_mark(struct generation *g)
{
	for (struct level *l = g->levels; l; l = l->next)
		atomic_store_explicit(&l->closed, closed_hook(l), memory_order_relaxed);
	for (struct endpoint *e = g->endpoints; e; e = e->next) {
		const cruet_app *scope = e->entry->head.scope;
		const struct owner *o = scope_is_closed(scope)
						? scope->owner
						: atomic_load_explicit(&e->level->closed,
								       memory_order_relaxed);
		atomic_store_explicit(&e->closed, o, memory_order_relaxed);
	}
}

int closed_fail(cruet_ctx *c, const struct owner *o)
{
	char seconds[16];

	snprintf(seconds, sizeof seconds, "%d", CLOSED_RETRY_S);
	cruet_fail_header(c, "Retry-After", seconds);
	return ctx_fail(c, 503,
			arena_printf(&c->arena, "plugin '%s' is quarantined: it crashed again and "
						"again",
				     o->name),
			false);
}
