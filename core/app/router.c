/* The router: rules are filed in a trie, a level for each part of a path. A
 * part that is plain text is found by hash; parts with variables are tried in
 * the order of their weights. So the cost of a match follows the path, not the
 * number of rules. Whole paths without variables are filed once more in one
 * table: such a request takes a single look-up.
 *
 * Matching works on the decoded path in which an encoded slash is a NUL (the
 * front door lets no other NUL pass): so %2F never separates segments, and
 * becomes a slash when a value is handed out. */
#include "app/router_priv.h"
#include "cruet/error.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { STEPS_MAX = 200000 };

/* --- matching --------------------------------------------------------------------------------- */

struct piece { const char *p; size_t len; };

struct search {
	const struct router *r;
	struct arena *a;
	cruet_ctx *c;
	const struct lookup *q;
	unsigned bit;      /* of the method */
	const char *end;   /* of the path */
	unsigned steps;
	/* result */
	const struct compiled *found;
	struct arg *args;
	bool slash_wanted, no_memory, wrong_protocol;
	/* for 405 */
	unsigned allowed;
	const struct compiled **refused;
	size_t nrefused;
	bool collect_all; /* only for the list of methods */
	struct piece values[PATTERN_VARS_MAX];
};

/* Checks the values against the limits of this rule and makes its arguments. */
static bool take(struct search *s, const struct compiled *c)
{
	struct arg *args = NULL;

	if (c->nargs) {
		args = arena_array(s->a, c->nargs, sizeof *args);
		if (!args)
			return s->no_memory = true;
	}
	for (unsigned i = 0; i < c->pattern.nvars; i++) {
		args[i].name = c->pattern.names[i];
		if (!conv_accept(c->pattern.convs[i], s->a, s->c, s->values[i].p,
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
	s->found = c;
	s->args = args;
	return true;
}

static void refuse(struct search *s, const struct compiled *c)
{
	s->allowed |= c->methods | (c->any_method ? METHOD_OTHER : 0);
	if (!(c->methods & METHOD_OTHER))
		return;
	const struct compiled **list = arena_grow(s->a, s->refused, s->nrefused * sizeof *list,
						  (s->nrefused + 1) * sizeof *list);
	if (list) {
		s->refused = list;
		list[s->nrefused++] = c;
	}
}

/* A rule of this state that takes the request, or what stands in its way. */
static bool try_rules(struct search *s, const struct state *st, bool loose_only)
{
	for (size_t i = 0; i < st->nrules; i++) {
		const struct compiled *c = st->rules[i];
		if (loose_only && c->rule.flags & RULE_STRICT_SLASHES)
			continue;
		if (s->collect_all || !method_allowed(c, s->q->method, s->bit)) {
			refuse(s, c);
		} else if (!(c->rule.flags & RULE_WEBSOCKET) != !s->q->websocket) {
			s->wrong_protocol = true;
		} else if (take(s, c)) {
			return true;
		}
	}
	return false;
}

static bool walk(struct search *s, const struct state *st, const char *rest, unsigned nvalues);

/* --- parts with variables --- */

struct fit { /* of one part against one text */
	struct search *s;
	const struct edge *e;
	const char *end;
	const char *rest; /* what is left of the path behind it; NULL: nothing */
	unsigned first;   /* its first variable */
};

static bool fit_end(struct fit *f, const char *p, unsigned nvalues)
{
	const char *rest = f->rest;

	if (f->e->part.suffixed) {
		if (p[-1] == '/')
			return false;
		if (p < f->end && *p == '/') {
			p++;
			rest = f->end; /* an empty last part */
		}
	}
	return p == f->end && walk(f->s, f->e->to, rest, nvalues);
}

/* Tries the ways in which the items from the i-th on take [p, end), in the order
 * of a regular expression. Sets *over when the part as a whole fitted once: a
 * regular expression has then made its choice. */
static bool fit_items(struct fit *f, size_t i, const char *p, unsigned nvalues, bool *over)
{
	const struct part *part = &f->e->part;

	if (++f->s->steps > STEPS_MAX)
		return false;
	if (i == part->nitems) {
		if (f->e->part.suffixed ? p < f->end && !(p + 1 == f->end && *p == '/')
					: p != f->end)
			return false;
		if (f->e->part.suffixed && p[-1] == '/')
			return false;
		*over = true;
		return fit_end(f, p, nvalues);
	}
	const struct item *it = &part->items[i];
	size_t left = (size_t)(f->end - p), len;
	if (it->text) {
		if (it->len > left || memcmp(p, it->text, it->len) != 0)
			return false;
		return fit_items(f, i + 1, p + it->len, nvalues, over);
	}
	struct conv_try t = {.at = 0};
	bool last = i + 1 == part->nitems && !part->suffixed;
	while (!*over && conv_next(it->conv, f->s->c, p, left, &t, &len)) {
		if (++f->s->steps > STEPS_MAX)
			return false;
		if (last && len != left) {
			if (it->conv->kind != CONV_PATH && it->conv->kind != CONV_ANY &&
			    it->conv->kind != CONV_CUSTOM)
				return false; /* it only gets shorter */
			if (it->conv->kind == CONV_PATH) { /* all of it, at once */
				t.at = left - 1;
				while (t.at && ((unsigned char)p[t.at] & 0xC0) == 0x80)
					t.at--;
			}
			continue;
		}
		if (!len && it->conv->kind != CONV_ANY && it->conv->kind != CONV_STRING)
			continue;
		f->s->values[nvalues] = (struct piece){p, len};
		if (fit_items(f, i + 1, p + len, nvalues + 1, over))
			return true;
	}
	return false;
}

/* rest: the parts that are left, beginning with the first; NULL: none. */
static bool walk(struct search *s, const struct state *st, const char *rest, unsigned nvalues)
{
	if (++s->steps > STEPS_MAX)
		return false;
	if (!rest) {
		if (try_rules(s, st, false))
			return true;
		if (!st->slash)
			return false;
		/* With a slash more, a rule would do. */
		for (size_t i = 0; i < st->slash->nrules; i++) {
			const struct compiled *c = st->slash->rules[i];
			if (!(c->rule.flags & RULE_WEBSOCKET) != !s->q->websocket)
				continue;
			if (s->collect_all || !method_allowed(c, s->q->method, s->bit)) {
				struct search probe = *s;
				if (c->rule.flags & RULE_STRICT_SLASHES && !st->suffixed &&
				    take(&probe, c) && !probe.no_memory)
					refuse(s, c);
			} else if (c->rule.flags & RULE_STRICT_SLASHES) {
				if (take(s, c))
					return s->slash_wanted = true;
			} else if (take(s, c)) {
				return true;
			}
		}
		return false;
	}
	const char *slash = memchr(rest, '/', (size_t)(s->end - rest));
	size_t len = (size_t)((slash ? slash : s->end) - rest);
	const char *after = slash ? slash + 1 : NULL;

	const struct state *to = state_static(st, rest, len);
	if (to && walk(s, to, after, nvalues))
		return true;
	for (size_t i = 0; i < st->ndynamic; i++) {
		struct fit f = {.s = s, .e = &st->dynamic[i], .first = nvalues};
		bool final = f.e->part.final, over = false;
		f.end = final ? s->end : rest + len;
		f.rest = final ? NULL : after;
		if (fit_items(&f, 0, rest, nvalues, &over))
			return true;
	}
	if (!len && !after)
		return try_rules(s, st, true);
	return false;
}

static bool walk_domain(struct search *s, const char *path)
{
	const struct state *st = s->r->root;
	const char *domain = s->q->domain ? s->q->domain : "";
	const struct state *to = state_static(st, domain, strlen(domain));

	if (to && walk(s, to, path, 0))
		return true;
	for (size_t i = 0; i < st->ndynamic; i++) {
		struct fit f = {.s = s, .e = &st->dynamic[i], .end = domain + strlen(domain),
				.rest = path};
		bool over = false;
		if (fit_items(&f, 0, domain, 0, &over))
			return true;
	}
	return false;
}

/* --- the answer --- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *allow_text(const struct search *s, struct arena *a)
{
	const char *names[128];
	size_t n = 0;
	struct buf b;

	for (unsigned i = 0; method_name(i); i++)
		if (s->allowed & 1u << i)
			names[n++] = method_name(i);
	for (size_t i = 0; i < s->nrefused; i++)
		for (size_t k = 0; s->refused[i]->others[k] && n < 128; k++) {
			bool seen = false;
			for (size_t j = 0; j < n; j++)
				seen |= !strcmp(names[j], s->refused[i]->others[k]);
			if (!seen)
				names[n++] = s->refused[i]->others[k];
		}
	if (!n)
		return NULL;
	qsort(names, n, sizeof *names, by_text);
	buf_init(&b, a, 0);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", names[i]);
	return buf_err(&b) ? NULL : b.p;
}

/* The path as it is matched: decoded once, an encoded slash as NUL, exactly one
 * slash in front. */
static char *decoded(struct arena *a, const char *raw, size_t *len)
{
	while (raw[0] == '/' && raw[1] == '/')
		raw++;
	size_t n = strlen(raw);
	char *out = arena_alloc(a, n + 2), *w = out;
	if (!out)
		return NULL;
	if (n && *raw != '/')
		*w++ = '/';
	for (size_t i = 0; i < n; i++) {
		int hi, lo;
		if (raw[i] == '%' && (hi = hex_value(raw[i + 1])) >= 0 &&
		    (lo = hex_value(raw[i + 2])) >= 0) {
			char ch = (char)(hi << 4 | lo);
			*w++ = ch == '/' ? '\0' : ch;
			i += 2;
		} else {
			*w++ = raw[i];
		}
	}
	*w = '\0';
	*len = (size_t)(w - out);
	return out;
}

static const char *encoded(struct arena *a, const char *path, size_t len, const char *query)
{
	struct buf b;

	buf_init(&b, a, 0);
	for (size_t i = 0, n; i < len; i += n + 1) {
		n = strnlen(path + i, len - i);
		percent_encode(&b, path + i, n, PATH_SAFE, false);
		if (i + n < len)
			buf_str(&b, "%2F");
	}
	if (*query) {
		buf_char(&b, '?');
		buf_str(&b, query);
	}
	return buf_err(&b) ? NULL : b.p;
}

static int redirect(struct match *out, const char *location, const char *domain)
{
	if (!location)
		return CRUET_ENOMEM;
	*out = (struct match){.kind = MATCH_REDIRECT, .location = location, .domain = domain};
	return CRUET_OK;
}

/* A rule of the same endpoint whose defaults say what these arguments say: its
 * shorter URL is the right one. */
static bool default_redirect(struct search *s, struct match *out, int *err)
{
	const struct compiled *c = s->found;
	const struct endpoint_rules *e = router_endpoint(s->r, c->rule.endpoint);
	struct build_value *values;
	const char *domain, *path, *why;

	if (!e || e->n < 2)
		return false;
	values = arena_array(s->a, c->nargs + 1, sizeof *values);
	if (!values) {
		*err = CRUET_ENOMEM;
		return true;
	}
	for (size_t i = 0; i < c->nargs; i++)
		values[i] = (struct build_value){s->args[i].name, s->args[i].value};
	for (size_t i = 0; i < e->n && e->rules[i] != c; i++) {
		const struct compiled *o = e->rules[i];
		if (!o->ndefaults || o->rule.flags & CRUET_BUILD_ONLY || o->nargs != c->nargs ||
		    !rule_suits(o, values, c->nargs, s->q->method))
			continue;
		bool same = true; /* names of arguments */
		for (size_t k = 0; same && k < c->nargs; k++) {
			same = compiled_default(o, values[k].name);
			for (unsigned v = 0; !same && v < o->pattern.nvars; v++)
				same = !strcmp(o->pattern.names[v], values[k].name);
		}
		if (!same || !rule_build(s->r, o, s->a, s->c, values, c->nargs, false, &domain,
					 &path, &why))
			continue;
		if (*s->q->query)
			path = arena_printf(s->a, "%s?%s", path, s->q->query);
		*err = redirect(out, path, strcmp(domain, s->q->domain) ? domain : NULL);
		return true;
	}
	return false;
}

/* An alias points to the URL of its endpoint's first rule. */
static bool alias_redirect(struct search *s, struct match *out, int *err)
{
	const struct compiled *c = s->found;
	const struct endpoint_rules *e = router_endpoint(s->r, c->rule.endpoint);
	struct build_value *values = arena_array(s->a, c->nargs + 1, sizeof *values);
	const char *domain, *path, *why;

	for (size_t i = 0; values && i < c->nargs; i++)
		values[i] = (struct build_value){s->args[i].name, s->args[i].value};
	for (size_t i = 0; values && e && i < e->n; i++) {
		const struct compiled *o = e->rules[i];
		if (o->rule.flags & RULE_ALIAS || !rule_suits(o, values, c->nargs, s->q->method) ||
		    !rule_build(s->r, o, s->a, s->c, values, c->nargs, false, &domain, &path, &why))
			continue;
		if (*s->q->query)
			path = arena_printf(s->a, "%s?%s", path, s->q->query);
		*err = redirect(out, path, strcmp(domain, s->q->domain) ? domain : NULL);
		return true;
	}
	return false;
}

static int found(struct search *s, struct match *out)
{
	int err = CRUET_OK;

	if (s->no_memory)
		return CRUET_ENOMEM;
	if (s->found->rule.flags & RULE_ALIAS && s->r->opts.redirect_defaults &&
	    alias_redirect(s, out, &err))
		return err;
	if (s->r->opts.redirect_defaults && default_redirect(s, out, &err))
		return err;
	*out = (struct match){.kind = MATCH_FOUND, .rule = &s->found->rule, .args = s->args,
			      .nargs = s->found->nargs};
	return CRUET_OK;
}

static const struct state *find_fast(const struct router *r, const char *path)
{
	if (!r->fast)
		return NULL;
	size_t n = strlen(path);
	uint32_t h = router_hash(path, n);
	for (size_t i = h & r->fast_mask; r->fast[i].path; i = (i + 1) & r->fast_mask)
		if (r->fast[i].hash == h && r->fast[i].len == n &&
		    !memcmp(r->fast[i].path, path, n))
			return r->fast[i].state;
	return NULL;
}

static bool squeeze(char *path, size_t *len)
{
	size_t w = 0;
	for (size_t i = 0; i < *len; i++)
		if (path[i] != '/' || !w || path[w - 1] != '/')
			path[w++] = path[i];
	bool changed = w != *len;
	path[w] = '\0';
	*len = w;
	return changed;
}

static const char *with_slash(struct arena *a, const char *path, size_t len, const char *query)
{
	char *more = arena_alloc(a, len + 2);
	if (!more)
		return NULL;
	memcpy(more, path, len);
	more[len] = '/';
	more[len + 1] = '\0';
	return encoded(a, more, len + 1, query);
}

int router_match(const struct router *r, struct arena *a, cruet_ctx *c,
		 const struct lookup *q, struct match *out)
{
	struct search s = {.r = r, .a = a, .c = c, .q = q,
			   .bit = method_bit(q->method, strlen(q->method))};
	const struct state *st = find_fast(r, q->raw_path);
	size_t len;

	if (st && try_rules(&s, st, false))
		return found(&s, out);
	s.allowed = 0;
	s.nrefused = 0;
	char *path = decoded(a, q->raw_path, &len);
	if (!path)
		return CRUET_ENOMEM;
	s.end = path + len;
	if (!walk_domain(&s, path) && !s.no_memory && r->opts.merge_slashes && squeeze(path, &len)) {
		s.end = path + len;
		if (walk_domain(&s, path) && !s.no_memory) {
			if (s.slash_wanted)
				return redirect(out, with_slash(a, path, len, q->query), NULL);
			if (s.found->merges)
				return redirect(out, encoded(a, path, len, q->query), NULL);
			s.found = NULL;
		}
	}
	if (s.no_memory)
		return CRUET_ENOMEM;
	if (s.slash_wanted)
		return redirect(out, with_slash(a, path, len, q->query), NULL);
	if (s.found)
		return found(&s, out);
	const char *allow = allow_text(&s, a);
	*out = (struct match){.kind = allow		? MATCH_METHOD
				      : s.wrong_protocol ? MATCH_WEBSOCKET
							 : MATCH_NONE,
			      .allow = allow};
	return CRUET_OK;
}

const char *router_allowed(const struct router *r, struct arena *a, cruet_ctx *c,
			   const struct lookup *q)
{
	struct search s = {.r = r, .a = a, .c = c, .q = q, .collect_all = true};
	size_t len;
	char *path = decoded(a, q->raw_path, &len);

	if (!path)
		return NULL;
	s.end = path + len;
	walk_domain(&s, path);
	return allow_text(&s, a);
}
