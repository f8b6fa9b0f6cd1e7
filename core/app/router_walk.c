/* Walking the trie; see router.c. */
#include "app/router_priv.h"

#include <string.h>

#include "base/text.h"

/* Where nodes and rules are many, they are not in the cache; what belongs to one lies
 * right behind it and comes while it is still looked at. */
void router_fetch(const void *p)
{
	enum { LINES = 3, CACHE_LINE = 64 };

	for (size_t i = 0; i < LINES; i++)
		__builtin_prefetch((const char *)p + i * CACHE_LINE);
}

/* The work of one search: steps, each of which looks at few bytes. */
enum { STEPS_MAX = 200000, STEP_BYTES = 16 };

/* False when this, which looks at so many bytes, would be too much. */
static bool spend(struct search *s, size_t bytes)
{
	s->steps += 1 + (unsigned)(bytes / STEP_BYTES);
	return s->steps <= STEPS_MAX;
}

/* A piece of the path as it is handed out. */
static const char *shown(const struct search *s, const char *p)
{
	uintptr_t at = (uintptr_t)p - (uintptr_t)s->path;
	return at <= (uintptr_t)(s->end - s->path) ? s->shown + at : p; /* p: of the domain */
}

/* --- rules --------------------------------------------------------------------------- */

/* Checks the values against the limits of this rule and makes its arguments. */
static bool take_values(struct search *s, const struct compiled *c)
{
	struct arg *args = arena_array(s->a, c->nargs, sizeof *args);

	if (!args)
		return s->no_memory = true;
	for (unsigned i = 0; i < c->pattern.nvars; i++) {
		const struct variable *v = &c->pattern.vars[i];
		args[i].name = v->name;
		if (!conv_accept(v->conv, s->a, s->c, shown(s, s->values[i].p),
				 s->values[i].len, &args[i]))
			return false;
		if (!args[i].value)
			return s->no_memory = true;
	}
	size_t n = c->pattern.nvars;
	for (size_t d = 0; d < c->ndefaults; d++) {
		size_t i = 0;
		while (i < c->pattern.nvars && strcmp(args[i].name, c->defaults[d].name) != 0)
			i++;
		if (i == c->pattern.nvars)
			i = n++;
		args[i] = (struct arg){.name = c->defaults[d].name, .value = c->defaults[d].value};
		if (text_int(args[i].value, &args[i].number))
			args[i].kind = ARG_INT;
	}
	s->args = args;
	return true;
}

static bool take(struct search *s, const struct compiled *c)
{
	s->args = NULL;
	if (c->nargs && !take_values(s, c))
		return false;
	s->found = c;
	return true;
}

static void refuse(struct search *s, const struct compiled *c)
{
	s->allowed |= c->methods | (c->any_method ? METHOD_OTHER : 0);
	if (!(c->methods & METHOD_OTHER))
		return;
	const struct compiled **list = arena_more(s->a, s->refused, s->nrefused, sizeof *list);
	if (!list) {
		s->no_memory = true;
		return;
	}
	s->refused = list;
	list[s->nrefused++] = c;
}

static const struct compiled *rule_at(const struct search *s, const struct state *st, size_t i)
{
	return st->rules[i] ? st->rules[i] : s->only;
}

static bool try_rules(struct search *s, const struct state *st, bool loose_only)
{
	for (size_t i = 0; i < st->nrules; i++) {
		const struct compiled *c = rule_at(s, st, i);
		if (loose_only && c->strict)
			continue;
		if (s->collect_all || !method_allowed(c, s->q->method, s->bit)) {
			refuse(s, c);
		} else if (c->websocket != s->q->websocket) {
			s->wrong_protocol = true;
		} else if (take(s, c)) {
			return true;
		}
	}
	return false;
}

bool search_rules(struct search *s, const struct compiled *c)
{
	s->only = c;
	return try_rules(s, c->leaf, false);
}

static bool walk(struct search *s, const struct node *at, const char *rest, unsigned nvalues);

/* --- parts with variables --- */

struct fit { /* of one part against one text */
	struct search *s;
	const struct edge *e;
	const char *end;
	const char *rest; /* what is left of the path behind it; NULL: nothing */
};

static bool fit_end(struct fit *f, const char *p, unsigned nvalues)
{
	const char *rest = f->rest;

	if (f->e->part->suffixed) {
		if (p[-1] == '/')
			return false;
		if (p < f->end && *p == '/') {
			p++;
			rest = f->end; /* an empty last part */
		}
	}
	return p == f->end && walk(f->s, f->e->to, rest, nvalues);
}

static bool fit_items(struct fit *f, size_t i, const char *p, unsigned nvalues, bool *over);

/* A converter of a plugin sees what is handed out. */
static bool takes(const struct fit *f, const struct conv *cv, const char *p, size_t len)
{
	struct search *s = f->s;

	/* only a part that takes the rest of the path can hold one */
	if (f->e->part->final && !cv->slashes && memchr(p, '/', len))
		return false;
	return conv_takes(cv, s->c, cv->kind == CONV_CUSTOM ? shown(s, p) : p, len);
}

/* The last item takes all there is, or nothing. */
static bool fit_last(struct fit *f, size_t i, const char *p, unsigned nvalues, bool *over)
{
	struct search *s = f->s;
	size_t left = (size_t)(f->end - p);

	if (!spend(s, left) || !takes(f, f->e->part->items[i].conv, p, left))
		return false;
	s->values[nvalues] = (struct piece){p, left};
	return fit_items(f, i + 1, f->end, nvalues + 1, over);
}

static bool fit_conv(struct fit *f, size_t i, const char *p, unsigned nvalues, bool *over)
{
	struct search *s = f->s;
	const struct conv *cv = f->e->part->items[i].conv;
	size_t left = (size_t)(f->end - p), len;
	struct conv_try t = {.at = 0};

	if (i + 1 == f->e->part->nitems && !f->e->part->suffixed)
		return fit_last(f, i, p, nvalues, over);
	if (!spend(s, left))
		return false;
	while (!*over && conv_next(cv, p, left, &t, &len)) {
		if (!spend(s, cv->kind == CONV_CUSTOM ? len : 0))
			return false;
		if (cv->kind == CONV_CUSTOM && !takes(f, cv, p, len))
			continue;
		s->values[nvalues] = (struct piece){p, len};
		if (fit_items(f, i + 1, p + len, nvalues + 1, over))
			return true;
	}
	return false;
}

/* Tries the ways in which the items from the i-th on take [p, end), in the order
 * of a regular expression. Sets *over when the part as a whole fitted once: a
 * regular expression has then made its choice. */
static bool fit_items(struct fit *f, size_t i, const char *p, unsigned nvalues, bool *over)
{
	const struct part *part = f->e->part;

	if (i == part->nitems) {
		if (part->suffixed ? p < f->end && !(p + 1 == f->end && *p == '/')
				   : p != f->end)
			return false;
		if (part->suffixed && p[-1] == '/')
			return false;
		*over = true;
		return fit_end(f, p, nvalues);
	}
	const struct item *it = &part->items[i];
	if (!it->text)
		return fit_conv(f, i, p, nvalues, over);
	if (it->len > (size_t)(f->end - p) || memcmp(p, it->text, it->len) != 0)
		return false;
	return fit_items(f, i + 1, p + it->len, nvalues, over);
}

/* Where a single rule is below, it is the one that stands for NULL from here on. */
static const struct state *enter(struct search *s, const struct node *at)
{
	if (at->only)
		s->only = at->only;
	return at->state;
}

/* A rule that would take the path if it ended in a slash. Apart, as its copy of a search would
 * be in the frame of each. */
static __attribute__((noinline)) bool behind_slash(struct search *s, const struct state *st)
{
	const struct state *slash = enter(s, st->slash);

	for (size_t i = 0; i < slash->nrules; i++) {
		const struct compiled *c = rule_at(s, slash, i);
		if (c->websocket != s->q->websocket)
			continue;
		if (s->collect_all || !method_allowed(c, s->q->method, s->bit)) {
			/* A loose rule is here, but its methods are no reason for a 405. */
			struct search probe = *s;
			if ((c->strict ? !st->suffixed : s->collect_all) && take(&probe, c))
				refuse(s, c);
			s->no_memory |= probe.no_memory;
		} else if (take(s, c)) {
			s->slash_wanted = c->strict;
			return true;
		}
	}
	return false;
}

/* The path ends here: a rule of this state, or of the one behind a slash. */
static bool at_end(struct search *s, const struct state *st)
{
	return try_rules(s, st, false) || (st->slash && behind_slash(s, st));
}

/* The parts with variables. Apart from walk(), which recurses: this needs more stack. */
static __attribute__((noinline)) bool walk_edges(struct search *s, const struct state *st,
						 const char *part, size_t len,
						 const char *after, unsigned nvalues)
{
	struct candidates c;

	candidates_start(&c, st, part, len);
	for (const struct edge *e; (e = candidates_next(&c));) {
		bool over = false;
		struct fit f = {.s = s, .e = e, .end = part + len, .rest = after};
		if (e->part->final) {
			f.end = s->end;
			f.rest = NULL;
		}
		if (fit_items(&f, 0, part, nvalues, &over))
			return true;
	}
	return false;
}

/* The last part, where one converter takes all of it: so most rules with variables end,
 * and what walk_edges() would do is little then. */
static bool walk_whole(struct search *s, const struct state *st, const char *part, size_t len,
		       unsigned nvalues)
{
	const struct edge *e = st->edges;
	const struct conv *cv = e->part->items[0].conv;

	if (!conv_takes(cv, s->c, cv->kind == CONV_CUSTOM ? shown(s, part) : part, len))
		return false;
	s->values[nvalues] = (struct piece){part, len};
	return at_end(s, enter(s, e->to));
}

/* Parts are short: memchr() takes longer to call than to work. */
static const char *part_end(const char *p, const char *end)
{
	while (p < end && *p != '/')
		p++;
	return p;
}

/* rest: the parts that are left, beginning with the first; NULL: none. */
static bool walk(struct search *s, const struct node *at, const char *rest, unsigned nvalues)
{
	for (;;) {
		const struct state *st = enter(s, at);
		if (!rest)
			return spend(s, 0) && at_end(s, st);
		const char *end = part_end(rest, s->end);
		size_t len = (size_t)(end - rest);
		const char *after = end < s->end ? end + 1 : NULL;
		if (!spend(s, len))
			return false;
		const struct node *to = state_text(st, rest, len);
		if (!to && st->whole && !after && len)
			return walk_whole(s, st, rest, len, nvalues);
		bool last = !len && !after; /* an empty last part, as a loose rule takes it */
		if (!to || st->nedges || last)
			return (to && walk(s, to, after, nvalues)) ||
			       (st->nedges && walk_edges(s, st, rest, len, after, nvalues)) ||
			       (last && try_rules(s, st, true));
		at = to; /* nothing else can take this part: there is no way back */
		rest = after;
	}
}

/* Domains with variables. Apart, as most searches need no candidates, which are large. */
static __attribute__((noinline)) bool walk_domains(struct search *s, const struct state *st,
						   const char *domain, size_t len)
{
	struct candidates c;

	candidates_start(&c, st, domain, len);
	for (const struct edge *e; (e = candidates_next(&c));) {
		struct fit f = {.s = s, .e = e, .end = domain + len, .rest = s->path};
		bool over = false;
		if (fit_items(&f, 0, domain, 0, &over))
			return true;
	}
	return false;
}

bool search_walk(struct search *s)
{
	const struct state *st = enter(s, s->r->root);
	const char *domain = s->q->domain;
	size_t len = strlen(domain);
	const struct node *to = state_text(st, domain, len);

	return (to && walk(s, to, s->path, 0)) || walk_domains(s, st, domain, len);
}
