/* Why a rule takes a request or not. There is one matcher, the walk over the trie; here it
 * walks a trie that is narrowed to the way to one rule: copies of the states on that way,
 * each with nothing but what leads on. Where the rule does not match, the way is cut off
 * behind its first part, its second and so on, and the path likewise, until the walk
 * fails: that part is the reason. */
#include "app/router_priv.h"

#include <string.h>

#include "cruet/error.h"

struct step { /* from one state of the way to the next one */
	const struct node *to;
	const struct edge *edge; /* NULL: plain text */
};

struct way {
	const struct router *r;
	struct arena *a;
	const struct compiled *rule;
	struct step *steps; /* a step for each part, that of the domain first */
	size_t n, max;
};

/* --- finding the way ----------------------------------------------------------------- */

static bool leads(struct way *w, const struct node *at, const struct compiled *only, size_t depth);

static bool step(struct way *w, const struct node *to, const struct edge *edge,
		 const struct compiled *only, size_t depth)
{
	if (depth == w->max || !leads(w, to, only, depth + 1))
		return false;
	w->steps[depth] = (struct step){to, edge};
	return true;
}

/* only: the rule that NULL stands for here, see struct node. */
static bool leads(struct way *w, const struct node *at, const struct compiled *only, size_t depth)
{
	const struct state *st = at->state;

	if (at->only)
		only = at->only;
	for (size_t i = 0; i < st->nrules; i++)
		if ((st->rules[i] ? st->rules[i] : only) == w->rule) {
			w->n = depth;
			return true;
		}
	if (only && only != w->rule)
		return false;
	for (size_t i = 0; i < st->nedges; i++)
		if (step(w, st->edges[i].to, &st->edges[i], only, depth))
			return true;
	for (size_t i = 0; i < state_places(st); i++)
		if (st->slots[i].to && step(w, st->slots[i].to, NULL, only, depth))
			return true;
	return false;
}

/* CRUET_ENOENT: the rule is in no trie. */
static int find_way(struct way *w)
{
	w->max = 2; /* the domain, and what stands before the first slash */
	for (const char *p = w->rule->path; *p; p++)
		w->max += *p == '/';
	w->steps = arena_array(w->a, w->max, sizeof *w->steps);
	if (!w->steps)
		return CRUET_ENOMEM;
	return leads(w, w->r->root, NULL, 0) ? CRUET_OK : CRUET_ENOENT;
}

/* --- a trie of that way alone -------------------------------------------------------- */

/* The state with one thing that leads on; below NULL: the rule ends there. */
static bool narrow_state(struct arena *a, struct state *st, const struct step *on,
			 struct node *below, struct compiled *rule)
{
	*st = (struct state){.suffixed = st->suffixed};
	if (!below) {
		st->rules = arena_array(a, 1, sizeof *st->rules);
		if (!st->rules)
			return false;
		*st->rules = rule;
		st->nrules = 1;
	} else if (on->edge) {
		st->edges = arena_array(a, 1, sizeof *st->edges);
		if (!st->edges)
			return false;
		*st->edges = *on->edge;
		st->edges->to = below;
		st->nedges = 1;
		st->whole = part_is_whole(on->edge->part);
	} else {
		st->slots = arena_array(a, 1, sizeof *st->slots);
		if (!st->slots)
			return false;
		st->slots->to = below;
		st->nslots = 1;
		st->slash = below->len ? NULL : below;
	}
	return true;
}

/* The root of a trie with the first parts of the way, where rule stands at the end of them. */
static struct node *narrow(const struct way *w, size_t parts, struct compiled *rule)
{
	struct node *below = NULL;

	for (size_t i = parts + 1; i-- > 0;) {
		const struct node *from = i ? w->steps[i - 1].to : w->r->root;
		struct node *node = arena_zalloc(w->a, sizeof *node + from->len);
		struct state *st = arena_zalloc(w->a, sizeof *st);
		if (!node || !st)
			return NULL;
		memcpy(node->text, from->text, from->len);
		node->len = from->len;
		node->state = st;
		*st = *from->state;
		if (!narrow_state(w->a, st, &w->steps[i], below, rule))
			return NULL;
		below = node;
	}
	return below;
}

/* --- what the router says with this rule alone ------------------------------------------ */

static int match_alone(const struct way *w, cruet_ctx *c, const struct lookup *q, struct match *m)
{
	struct router one = *w->r;
	struct fast none = {.rule = NULL};
	struct compiled *rule = arena_alloc(w->a, sizeof *rule);

	if (!rule)
		return CRUET_ENOMEM;
	*rule = *w->rule;
	one.fast = &none;
	one.fast_mask = 0;
	one.root = narrow(w, w->n, rule);
	int err = one.root ? router_match(&one, w->a, c, q, m) : CRUET_ENOMEM;
	if (!err && m->kind == MATCH_FOUND)
		m->rule = &w->rule->rule;
	return err;
}

/* --- which part does not fit ---------------------------------------------------------- */

struct probe {
	struct way *w;
	cruet_ctx *c;
	const struct lookup *q;
	const char *path; /* decoded */
	size_t len;
};

/* Variables in the first parts. */
static unsigned vars_in(const struct way *w, size_t parts)
{
	unsigned n = 0;

	for (size_t i = 0; i < parts; i++)
		for (size_t k = 0; w->steps[i].edge && k < w->steps[i].edge->part->nitems; k++)
			n += !w->steps[i].edge->part->items[k].text;
	return n;
}

/* Where the n-th piece of the path ends; beyond its length: there are not so many. */
static size_t piece_end(const struct probe *p, size_t n)
{
	size_t end = 0;

	for (size_t i = 0; i < n; i++) {
		size_t from = i ? end + 1 : 0;
		if (from > p->len)
			return from;
		const char *slash = memchr(p->path + from, '/', p->len - from);
		end = slash ? (size_t)(slash - p->path) : p->len;
	}
	return end;
}

static bool is_final(const struct way *w, size_t part)
{
	return w->steps[part].edge && w->steps[part].edge->part->final;
}

/* Whether the path up to the end of a part fits the rule up to there. */
static bool fits(const struct probe *p, size_t parts, bool *no_memory)
{
	struct compiled rule = *p->w->rule;
	struct router one = *p->w->r;
	struct search s = {.r = &one, .a = p->w->a, .c = p->c, .q = p->q,
			   .values = arena_array(p->w->a, one.nvars, sizeof *s.values)};
	size_t len = is_final(p->w, parts - 1) ? p->len : piece_end(p, parts - 1);
	char *path = arena_alloc(p->w->a, len + 1);

	rule.pattern.nvars = rule.nargs = vars_in(p->w, parts);
	rule.ndefaults = 0;
	rule.any_method = true;
	rule.strict = true;
	rule.websocket = p->q->websocket;
	one.root = narrow(p->w, parts, &rule);
	*no_memory = !one.root || !path || !s.values;
	if (*no_memory)
		return false;
	memcpy(path, p->path, len);
	path[len] = '\0';
	*no_memory = !search_path(&s, path, len);
	bool ok = !*no_memory && search_walk(&s);
	*no_memory |= s.no_memory;
	return ok;
}

/* Of the text of a rule, up to the next slash that is not between brackets. */
static size_t part_len(const char *p)
{
	size_t n = 0;

	while (p[n] && p[n] != '/') {
		const char *close = p[n] == '<' ? strchr(p + n, '>') : NULL;
		n = close ? (size_t)(close - p) + 1 : n + 1;
	}
	return n;
}

static const char *part_text(const struct way *w, size_t part)
{
	const char *p = w->rule->path;

	for (size_t i = 1; i < part && *p; i++) {
		p += part_len(p);
		p += *p == '/';
	}
	return arena_strndup(w->a, p, is_final(w, part) ? strlen(p) : part_len(p));
}

static const char *piece_text(const struct probe *p, size_t from, size_t to)
{
	char *text = arena_alloc(p->w->a, to - from + 1);

	if (!text)
		return NULL;
	for (size_t i = from; i < to; i++) /* an encoded slash */
		text[i - from] = p->path[i] ? p->path[i] : '/';
	text[to - from] = '\0';
	return text;
}

/* All parts fit, and the path goes on behind them. */
static int goes_on(const struct probe *p, struct verdict *out)
{
	size_t end = piece_end(p, p->w->n - 1);

	out->kind = VERDICT_PATH;
	out->piece = piece_text(p, end < p->len ? end : p->len, p->len);
	return out->piece ? CRUET_OK : CRUET_ENOMEM;
}

static int blame(const struct probe *p, size_t part, struct verdict *out)
{
	size_t from = piece_end(p, part - 1) + 1;
	size_t to = is_final(p->w, part) ? p->len : piece_end(p, part);

	out->kind = part < 2 ? VERDICT_DOMAIN : VERDICT_PATH;
	if (part < 2)
		return CRUET_OK;
	out->part = part_text(p->w, part);
	if (from > p->len)
		return out->part ? CRUET_OK : CRUET_ENOMEM;
	out->piece = piece_text(p, from, to < p->len ? to : p->len);
	return out->part && out->piece ? CRUET_OK : CRUET_ENOMEM;
}

static int find_reason(struct way *w, cruet_ctx *c, const struct lookup *q, struct verdict *out)
{
	struct probe p = {w, c, q, NULL, strlen(q->raw_path)};
	bool no_memory = false;

	p.path = search_decode(w->a, q->raw_path, q->plain, &p.len);
	if (!p.path)
		return CRUET_ENOMEM;
	for (size_t parts = 2; parts <= w->n; parts++) {
		bool there = piece_end(&p, parts - 1) <= p.len;
		if (there && fits(&p, parts, &no_memory))
			continue;
		return no_memory ? CRUET_ENOMEM : blame(&p, parts - 1, out);
	}
	return goes_on(&p, out);
}

/* --- the whole ------------------------------------------------------------------------ */

int router_explain(const struct router *r, struct arena *a, cruet_ctx *c, const struct rule *rule,
		   const struct lookup *q, struct verdict *out)
{
	static const enum verdict_kind kinds[] = {[MATCH_FOUND] = VERDICT_TAKES,
						  [MATCH_REDIRECT] = VERDICT_REDIRECTS,
						  [MATCH_METHOD] = VERDICT_METHOD,
						  [MATCH_WEBSOCKET] = VERDICT_WEBSOCKET};
	struct way w = {.r = r, .a = a};

	w.rule = (const struct compiled *)((const char *)rule - offsetof(struct compiled, rule));
	*out = (struct verdict){.kind = VERDICT_NEVER};
	if (rule->flags & CRUET_BUILD_ONLY)
		return CRUET_OK;
	int err = find_way(&w);
	if (!err)
		err = match_alone(&w, c, q, &out->match);
	if (!err && out->match.kind == MATCH_NONE)
		err = find_reason(&w, c, q, out);
	else if (!err)
		out->kind = kinds[out->match.kind];
	return err;
}
