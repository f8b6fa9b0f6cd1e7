/* What many rules have in common is kept once: parts, lists of variables, and the
 * states from which one rule is left. So a match among many rules reads, for the most
 * part, what the last match has read. */
#include "app/router_share.h"

#include <string.h>

static void *copy(struct share *sh, const void *p, size_t size)
{
	void *q = size ? arena_alloc(sh->a, size) : NULL;

	sh->failed |= size && !q;
	return q ? memcpy(q, p, size) : NULL;
}

/* --- parts and variables ------------------------------------------------------------- */

static const struct part *copy_part(struct share *sh, const struct part *from)
{
	struct part *to = copy(sh, from, sizeof *to);

	if (!to)
		return NULL;
	struct item *items = to->items = copy(sh, from->items, from->nitems * sizeof *items);
	for (size_t i = 0; items && i < from->nitems; i++)
		if (items[i].text)
			items[i].text = copy(sh, items[i].text, items[i].len);
	to->static_lens = to->var_weights = NULL; /* the order stands */
	return to;
}

const struct part *share_part(struct share *sh, const struct edge *e)
{
	for (size_t i = 0; i < sh->nparts; i++)
		if (sh->parts[i].hash == e->hash && part_same(sh->parts[i].part, e->part))
			return sh->parts[i].part;
	const struct part *part = copy_part(sh, e->part);
	if (part && sh->nparts < SHARED_MAX)
		sh->parts[sh->nparts++] = (struct shared_part){part, e->hash};
	return part;
}

static bool vars_same(const struct variable *a, const struct variable *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (a[i].conv != b[i].conv || strcmp(a[i].name, b[i].name) != 0)
			return false;
	return true;
}

const struct variable *share_vars(struct share *sh, const struct pattern *p)
{
	for (size_t i = 0; i < sh->nvars; i++)
		if (sh->vars[i].n == p->nvars && vars_same(sh->vars[i].vars, p->vars, p->nvars))
			return sh->vars[i].vars;
	const struct variable *vars = copy(sh, p->vars, p->nvars * sizeof *vars);
	if (vars && sh->nvars < SHARED_MAX)
		sh->vars[sh->nvars++] = (struct shared_vars){vars, p->nvars};
	return vars;
}

/* --- states from which one rule is left ------------------------------------------------ */

struct way { /* on to the rule: over an edge, or over a slot */
	const struct edge *edge;
	const struct slot *slot;
	const struct node *to;
};

/* False where the rule itself is. Dead ends of rules that were refused are passed by. */
static bool way_on(const struct state *s, struct way *w)
{
	size_t places = state_places(s);

	*w = (struct way){.edge = NULL};
	for (size_t i = 0; i < s->nedges; i++)
		if (s->edges[i].to->below)
			w->edge = &s->edges[i];
	for (size_t i = 0; i < places; i++)
		if (s->slots[i].to && s->slots[i].to->below)
			w->slot = &s->slots[i];
	w->to = w->edge ? w->edge->to : w->slot ? w->slot->to : NULL;
	return w->to;
}

static bool ways_alike(const struct way *a, const struct way *b)
{
	if (!a->edge != !b->edge)
		return false;
	if (a->edge)
		return part_same(a->edge->part, b->edge->part);
	return a->slot->hash == b->slot->hash && a->to->len == b->to->len &&
	       !memcmp(a->to->text, b->to->text, a->to->len);
}

static bool states_alike(const struct state *a, const struct state *b)
{
	struct way x, y;

	for (;;) {
		bool more = way_on(a, &x), more_b = way_on(b, &y);
		if (a->suffixed != b->suffixed || more != more_b)
			return false;
		if (!more)
			return true;
		if (!ways_alike(&x, &y))
			return false;
		a = x.to->state;
		b = y.to->state;
	}
}

static struct state *copy_state(struct share *sh, const struct state *from);

static struct node *copy_node(struct share *sh, const struct node *from)
{
	struct node *to = copy(sh, from, sizeof *to + from->len);

	if (to)
		to->state = copy_state(sh, from->state);
	return to;
}

static struct state *copy_state(struct share *sh, const struct state *from)
{
	static struct compiled *const stand_in = NULL;
	struct state *to = arena_zalloc(sh->a, sizeof *to);
	struct way w;

	sh->failed |= !to;
	if (sh->failed)
		return NULL;
	to->suffixed = from->suffixed;
	if (!way_on(from, &w)) {
		to->rules = copy(sh, &stand_in, sizeof stand_in);
		to->nrules = 1;
		return to;
	}
	struct node *next = copy_node(sh, w.to);
	if (w.edge) {
		struct edge e = {.part = share_part(sh, w.edge), .to = next};
		to->edges = copy(sh, &e, sizeof e);
		to->nedges = 1;
		to->whole = e.part && part_is_whole(e.part);
	} else {
		struct slot v = {.hash = w.slot->hash, .to = next};
		to->slots = copy(sh, &v, sizeof v);
		to->nslots = 1;
		to->slash = w.to->len ? NULL : next;
	}
	return to;
}

struct state *share_state(struct share *sh, const struct state *s)
{
	for (size_t i = 0; i < sh->nstates; i++)
		if (states_alike(sh->states[i], s))
			return sh->states[i];
	struct state *to = copy_state(sh, s);
	if (!sh->failed && sh->nstates < SHARED_MAX)
		sh->states[sh->nstates++] = to;
	return to;
}

const struct state *only_leaf(const struct state *s)
{
	struct way w;

	while (way_on(s, &w))
		s = w.to->state;
	return s;
}
