/* Which handler takes a failure (Flask's order, docs/errors.md):
 * an error with a status: that status or its kind, innermost scope outwards;
 * then the catch-alls, in the same way. An unexpected one: its kind, its code or
 * "whatever", innermost outwards; then as the 500 that it becomes. */
#include "app/closed.h"
#include "app/dispatch.h"

enum { NO_MATCH = 0 };

/* How well a handler fits the error itself; higher is better. */
static int fit_kind(const struct entry_error *e, const cruet_ctx *c)
{
	int rank = 1000;
	for (const cruet_errtype *k = c->answered.kind; k && rank > 1; k = k->parent, rank--)
		if (e->type == k)
			return rank;
	if (c->answered.err < 0 && e->status == c->answered.err)
		return 1000;
	return NO_MATCH;
}

static const struct entry_error *best_in(const struct level *l, const cruet_ctx *c,
					 int (*fit)(const struct entry_error *,
						    const cruet_ctx *))
{
	const struct entry_error *best = NULL;
	int rank = NO_MATCH;
	for (size_t i = 0; i < l->nerrors; i++) {
		int r = scope_is_closed(l->errors[i]->head.scope) ? NO_MATCH : fit(l->errors[i], c);
		if (r != NO_MATCH && r >= rank) { /* the later one wins */
			rank = r;
			best = l->errors[i];
		}
	}
	return best;
}

static const struct entry_error *best(const struct level *l, const cruet_ctx *c,
				      int (*fit)(const struct entry_error *,
						 const cruet_ctx *))
{
	const struct entry_error *e = NULL;
	for (; l && !e; l = l->parent)
		e = best_in(l, c, fit);
	return e;
}

static int fit_status(const struct entry_error *e, const cruet_ctx *c)
{
	int kind = fit_kind(e, c);
	if (kind)
		return kind;
	return !e->type && !e->any && e->status > 0 && e->status == c->answered.status ? 1 : NO_MATCH;
}

static int fit_unexpected(const struct entry_error *e, const cruet_ctx *c)
{
	int kind = fit_kind(e, c);
	return kind ? kind : e->any ? 1 : NO_MATCH;
}

static int fit_catch_all(const struct entry_error *e, const cruet_ctx *c)
{
	(void)c;
	if (!e->type && !e->any && e->status == 0)
		return 2;
	return e->any ? 1 : NO_MATCH;
}

const struct entry_error *error_handler(const cruet_ctx *c, const struct level *l, bool *as_500)
{
	const struct entry_error *e = NULL;

	*as_500 = false;
	if (failure_unexpected(&c->answered)) {
		e = best(l, c, fit_unexpected);
		*as_500 = !e;
	}
	if (!e)
		e = best(l, c, fit_status);
	return e ? e : best(l, c, fit_catch_all);
}
