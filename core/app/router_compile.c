/* Compiling: the draft of the trie is copied so that a match finds what it reads side
 * by side, each state with what hangs on it; what rules have in common is kept once
 * (router_share.c). Then the tables of whole paths and of endpoints are made. */
#include <stdlib.h>
#include <string.h>

#include "app/router_share.h"
#include "base/text.h"
#include "cruet/error.h"

struct compile {
	struct router *r;
	struct share share;
	bool failed;
};

static void *copy(struct compile *c, const void *p, size_t size)
{
	void *q = size ? arena_alloc(&c->r->arena, size) : NULL;

	c->failed |= size && !q;
	return q ? memcpy(q, p, size) : NULL;
}

/* --- rules ------------------------------------------------------------------------------ */

/* Files a path without variables under its whole text, if that is how it stands in a
 * request: a '%' is written otherwise there, and several slashes in front are one. */
static void file_fast(struct router *r, const struct compiled *rule)
{
	uint32_t h = text_hash(rule->path, strlen(rule->path));
	size_t i = h & r->fast_mask;

	if (rule->pattern.nvars || *compiled_domain(r, rule) || strchr(rule->path, '%') ||
	    rule->path[1] == '/')
		return;
	while (r->fast[i].rule && r->fast[i].rule->leaf != rule->leaf)
		i = (i + 1) & r->fast_mask;
	r->fast[i] = (struct fast){h, rule};
}

static struct compiled *settle_rule(struct compile *c, const struct compiled *from,
				    const struct state *leaf)
{
	struct compiled *to = copy(c, from, sizeof *to);

	if (!to)
		return NULL;
	to->leaf = leaf;
	if (!from->pattern.nvars)
		to->path = copy(c, from->path, strlen(from->path) + 1);
	to->pattern.vars = share_vars(&c->share, &from->pattern);
	to->pattern.parts = NULL;
	to->pattern.nparts = 0;
	c->failed |= c->share.failed;
	if (!c->failed && leaf)
		file_fast(c->r, to);
	return c->r->rules[from->order] = to;
}

/* --- states ----------------------------------------------------------------------------- */

static int by_weight(const void *x, const void *y)
{
	const struct edge *a = x, *b = y;
	int c = part_compare(a->part, b->part);
	return c ? c : a->order < b->order ? -1 : 1;
}

static struct node *settle(struct compile *c, const struct node *from);

static void settle_below(struct compile *c, struct state *to, const struct state *from)
{
	size_t places = state_places(from);

	for (size_t i = 0; !c->failed && i < to->nedges; i++) {
		to->edges[i].part = share_part(&c->share, &from->edges[i]);
		to->edges[i].to = settle(c, from->edges[i].to);
	}
	for (size_t i = 0; !c->failed && i < places; i++) {
		struct slot *v = &to->slots[i];
		v->to = v->to ? settle(c, v->to) : NULL;
		if (v->to && !v->to->len)
			to->slash = v->to;
	}
	to->whole = !c->failed && to->nedges == 1 && part_is_whole(to->edges->part);
	c->failed = c->failed || c->share.failed || !index_make(&c->r->arena, to);
}

static struct state *settle_state(struct compile *c, const struct state *from)
{
	struct state *to = copy(c, from, sizeof *to);

	if (!to)
		return NULL;
	if (from->nedges)
		qsort(from->edges, from->nedges, sizeof *from->edges, by_weight);
	to->slots = copy(c, from->slots, state_places(from) * sizeof *to->slots);
	to->edges = copy(c, from->edges, from->nedges * sizeof *to->edges);
	to->rules = copy(c, from->rules, from->nrules * sizeof(struct compiled *));
	for (size_t i = 0; !c->failed && i < to->nrules; i++)
		to->rules[i] = settle_rule(c, from->rules[i], to);
	settle_below(c, to, from);
	return to;
}

static struct node *settle(struct compile *c, const struct node *from)
{
	struct state *alike = from->below == 1 ? share_state(&c->share, from->state) : NULL;
	struct node *to = copy(c, from, sizeof *to + from->len);

	c->failed |= c->share.failed;
	if (c->failed)
		return NULL;
	to->state = alike;
	if (alike)
		to->only = settle_rule(c, only_leaf(from->state)->rules[0], only_leaf(alike));
	else
		to->state = settle_state(c, from->state);
	return to;
}

static bool settle_all(struct router *r)
{
	struct compile c = {.r = r, .share = {.a = &r->arena}};

	for (r->fast_mask = 7; r->fast_mask / 2 < r->nrules;)
		r->fast_mask = r->fast_mask * 2 + 1;
	r->fast = arena_array(&r->arena, r->fast_mask + 1, sizeof *r->fast);
	if (!r->fast)
		return false;
	struct node *root = settle(&c, r->root);
	for (size_t i = 0; !c.failed && i < r->nrules; i++)
		if (r->rules[i]->rule.flags & CRUET_BUILD_ONLY)
			settle_rule(&c, r->rules[i], NULL);
	if (c.failed)
		return false;
	r->root = root;
	arena_fini(&r->draft);
	return true;
}

/* --- endpoints -------------------------------------------------------------------------- */

static int by_endpoint(const void *x, const void *y)
{
	const struct compiled *a = *(struct compiled *const *)x, *b = *(struct compiled *const *)y;
	int c = strcmp(a->rule.endpoint, b->rule.endpoint);
	bool p = a->rule.flags & RULE_ALIAS, q = b->rule.flags & RULE_ALIAS;

	if (c)
		return c;
	if (p != q)
		return p ? 1 : -1;
	if (a->nargs != b->nargs)
		return a->nargs > b->nargs ? -1 : 1;
	if (a->ndefaults != b->ndefaults)
		return a->ndefaults > b->ndefaults ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* Marks the rules that may point to another one of their endpoint. */
static void mark_moves(const struct router *r, const struct endpoint_rules *e)
{
	bool defaults = false; /* of a rule before this one */

	for (size_t i = 0; i < e->n; i++) {
		struct compiled *c = e->rules[i];
		c->moves = r->opts.redirect_defaults &&
			   (defaults || c->rule.flags & RULE_ALIAS);
		defaults |= c->ndefaults != 0;
	}
}

static bool file_endpoints(struct router *r)
{
	struct compiled **sorted = arena_array(&r->arena, r->nrules + 1, sizeof *sorted);
	struct endpoint_rules *e = NULL;

	r->endpoints = arena_array(&r->arena, r->nrules + 1, sizeof *r->endpoints);
	if (!sorted || !r->endpoints)
		return false;
	if (r->nrules)
		memcpy(sorted, r->rules, r->nrules * sizeof *sorted);
	qsort(sorted, r->nrules, sizeof *sorted, by_endpoint);
	for (size_t i = 0; i < r->nrules; i++) {
		if (!e || strcmp(e->name, sorted[i]->rule.endpoint) != 0) {
			e = &r->endpoints[r->nendpoints++];
			*e = (struct endpoint_rules){sorted[i]->rule.endpoint, &sorted[i], 0};
		}
		e->n++;
	}
	for (size_t i = 0; i < r->nendpoints; i++)
		mark_moves(r, &r->endpoints[i]);
	return true;
}

const struct endpoint_rules *router_endpoint(const struct router *r, const char *name)
{
	size_t lo = 0, hi = r->nendpoints;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(name, r->endpoints[mid].name);
		if (!c)
			return &r->endpoints[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

int router_compile(struct router *r, struct arena *a, const char **why)
{
	(void)a;
	*why = NULL;
	return settle_all(r) && file_endpoints(r) ? CRUET_OK : CRUET_ENOMEM;
}
