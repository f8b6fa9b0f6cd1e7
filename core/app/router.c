/* The router: rules are filed in a trie, a level for each part of a path. A
 * part that is plain text is found by hash; parts with variables are tried in
 * the order of their weights. So the cost of a match follows the path, not the
 * number of rules. Whole paths without variables are filed once more in one
 * table: such a request takes a single look-up.
 *
 * Matching works on the decoded path in which an encoded slash is a NUL (the
 * front door lets no other NUL pass): so %2F never separates segments, and
 * is a slash where a value is handed out. */
#include <stdlib.h>
#include <string.h>

#include "app/router_priv.h"
#include "base/buf.h"
#include "base/text.h"
#include "cruet/error.h"

/* --- the answer ---------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* NULL when there is none, or no memory. */
static CRUET_COLD const char *allow_text(struct search *s)
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
	buf_init(&b, s->a, 0);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", names[i]);
	s->no_memory |= buf_err(&b) != CRUET_OK;
	return s->no_memory ? NULL : b.p;
}

/* --- the path ------------------------------------------------------------------------ */

const char *search_decode(struct arena *a, const char *raw, bool plain, size_t *len)
{
	while (raw[0] == '/' && raw[1] == '/') {
		raw++;
		--*len;
	}
	size_t n = *len;
	if (*raw == '/' && (plain || !memchr(raw, '%', n)))
		return raw;
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

/* The same as search_path() for one that holds no NUL. */
static void search_raw(struct search *s, const char *path, size_t len)
{
	s->path = s->shown = path;
	s->end = path + len;
}

bool search_path(struct search *s, const char *path, size_t len)
{
	char *copy;

	search_raw(s, path, len);
	if (!memchr(path, 0, len))
		return true;
	s->shown = copy = arena_strndup(s->a, path, len);
	for (size_t i = 0; copy && i < len; i++)
		if (!copy[i])
			copy[i] = '/';
	return copy;
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

/* Where a first part is empty there is nothing to go to: "//x" would name a host. */
static int redirect(struct match *out, const char *location, const char *domain)
{
	if (!location)
		return CRUET_ENOMEM;
	if (location[0] == '/' && location[1] == '/') {
		*out = (struct match){.kind = MATCH_NONE};
		return CRUET_OK;
	}
	*out = (struct match){.kind = MATCH_REDIRECT, .location = location, .domain = domain};
	return CRUET_OK;
}

/* Redirects to the URL that a rule makes of the arguments that were found. False if
 * it makes none, or the one that was asked for. */
static bool redirect_to(struct search *s, const struct compiled *c,
			const struct build_value *values, struct match *out, int *err)
{
	const char *domain, *path, *why = NULL;

	if (!rule_build(s->r, c, s->a, s->c, values, s->found->nargs, false, &domain, &path,
			&why)) {
		*err = CRUET_ENOMEM;
		return !why;
	}
	const char *asked = encoded(s->a, s->path, (size_t)(s->end - s->path), "");
	bool same_domain = !strcmp(domain, s->q->domain);
	if (asked && same_domain && !strcmp(asked, path))
		return false;
	if (*s->q->query)
		path = arena_printf(s->a, "%s?%s", path, s->q->query);
	*err = redirect(out, asked ? path : NULL, same_domain ? NULL : domain);
	return true;
}

/* True if o takes just the arguments that were found, some of them by default. */
static bool has_defaults_for(const struct search *s, const struct compiled *o)
{
	if (!o->ndefaults || o->rule.flags & CRUET_BUILD_ONLY || o->nargs != s->found->nargs)
		return false;
	for (size_t i = 0; i < o->ndefaults; i++)
		if (compiled_has_variable(o, o->defaults[i].name)) /* it may not fit there */
			return false;
	for (size_t i = 0; i < o->nargs; i++)
		if (!compiled_default(o, s->args[i].name) &&
		    !compiled_has_variable(o, s->args[i].name))
			return false;
	return true;
}

/* Where another URL is the right one: an alias points to the first rule of its
 * endpoint that is none, and a rule to one before it whose defaults say what these
 * arguments say. Apart: few rules have such another one. */
static __attribute__((noinline)) bool moved(struct search *s, struct match *out, int *err)
{
	const struct compiled *c = s->found;
	const struct endpoint_rules *e = router_endpoint(s->r, c->rule.endpoint);
	struct build_value *values = arena_array(s->a, c->nargs + 1, sizeof *values);
	bool alias = c->rule.flags & RULE_ALIAS;

	*err = CRUET_ENOMEM;
	if (!values)
		return true;
	for (size_t i = 0; i < c->nargs; i++)
		values[i] = (struct build_value){s->args[i].name, s->args[i].value};
	for (size_t i = 0; i < e->n && e->rules[i] != c; i++) {
		const struct compiled *o = e->rules[i];
		if (!(alias && !(o->rule.flags & RULE_ALIAS)) && !has_defaults_for(s, o))
			continue;
		if (rule_suits(o, values, c->nargs, s->q->method) &&
		    redirect_to(s, o, values, out, err))
			return true;
	}
	return false;
}

static int found(struct search *s, struct match *out)
{
	int err;

	if (s->no_memory)
		return CRUET_ENOMEM;
	if (s->found->moves && moved(s, out, &err))
		return err;
	*out = (struct match){.kind = MATCH_FOUND, .rule = &s->found->rule, .args = s->args,
			      .nargs = s->found->nargs};
	return CRUET_OK;
}

static const struct compiled *find_fast(const struct router *r, const char *path, size_t len)
{
	uint32_t h = text_hash(path, len);

	for (size_t i = h & r->fast_mask; r->fast[i].rule; i = (i + 1) & r->fast_mask) {
		if (r->fast[i].hash != h)
			continue;
		router_fetch(r->fast[i].rule);
		if (text_eq(r->fast[i].rule->path, path))
			return r->fast[i].rule;
	}
	return NULL;
}

/* The path with each run of slashes as one; NULL if there is none, or out of memory. */
static const char *squeezed(struct search *s, const char *path, size_t *len)
{
	if (!memmem(path, *len, "//", 2))
		return NULL;
	char *out = arena_alloc(s->a, *len + 1);
	size_t w = 0;
	if (!out) {
		s->no_memory = true;
		return NULL;
	}
	for (size_t i = 0; i < *len; i++)
		if (path[i] != '/' || !w || out[w - 1] != '/')
			out[w++] = path[i];
	out[w] = '\0';
	*len = w;
	return out;
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

/* Where rules do not match, but would with their slashes merged: *path is then that
 * path. */
static bool walk_merged(struct search *s, const char **path, size_t *len)
{
	if (!s->r->opts.merge_slashes || s->no_memory)
		return false;
	const char *shorter = squeezed(s, *path, len);
	if (!shorter)
		return s->no_memory;
	*path = shorter;
	if (!search_path(s, shorter, *len))
		return s->no_memory = true;
	return search_walk(s);
}

static int not_found(struct search *s, struct match *out)
{
	const char *allow = allow_text(s);

	*out = (struct match){.kind = allow		 ? MATCH_METHOD
				      : s->wrong_protocol ? MATCH_WEBSOCKET
							  : MATCH_NONE,
			      .allow = allow};
	return s->no_memory ? CRUET_ENOMEM : CRUET_OK;
}

/* The rule of a whole path that takes the request as it is, and ends the search. */
static const struct compiled *at_once(const struct compiled *fast, const struct lookup *q,
				      unsigned bit)
{
	const struct state *st = fast->leaf;
	const struct compiled *c = st->nrules == 1 && st->rules[0] ? st->rules[0] : fast;

	return st->nrules == 1 && !c->nargs && !c->moves && c->websocket == q->websocket &&
			       method_allowed(c, q->method, bit)
		       ? c
		       : NULL;
}

static __attribute__((noinline)) int match_slowly(const struct router *r, struct arena *a,
						  cruet_ctx *c, const struct lookup *q,
						  unsigned bit, size_t len,
						  const struct compiled *fast, struct match *out)
{
	struct search s = {.r = r, .a = a, .c = c, .q = q, .bit = bit,
			   .values = arena_array(a, r->nvars, sizeof *s.values)};

	if (!s.values)
		return CRUET_ENOMEM;
	search_raw(&s, q->raw_path, len);
	if (fast && search_rules(&s, fast))
		return found(&s, out);
	s.allowed = 0;
	s.nrefused = 0;
	const char *path = search_decode(a, q->raw_path, q->plain, &len);
	if (path != q->raw_path && (!path || !search_path(&s, path, len)))
		return CRUET_ENOMEM;
	bool merged = false;
	if (!search_walk(&s)) {
		merged = walk_merged(&s, &path, &len);
		if (!merged)
			return not_found(&s, out);
	}
	if (s.no_memory)
		return CRUET_ENOMEM;
	if (s.slash_wanted)
		return redirect(out, with_slash(a, path, len, q->query), NULL);
	if (!merged)
		return found(&s, out);
	if (s.found->merges)
		return redirect(out, encoded(a, path, len, q->query), NULL);
	return not_found(&s, out);
}

int router_match(const struct router *r, struct arena *a, cruet_ctx *c,
		 const struct lookup *q, struct match *out)
{
	unsigned bit = method_of(q->method);
	size_t len = strlen(q->raw_path);
	const struct compiled *fast = *q->domain ? NULL : find_fast(r, q->raw_path, len);
	const struct compiled *found = fast ? at_once(fast, q, bit) : NULL;

	if (!found)
		return match_slowly(r, a, c, q, bit, len, fast, out);
	*out = (struct match){.kind = MATCH_FOUND, .rule = &found->rule};
	return CRUET_OK;
}

const char *router_allowed(const struct router *r, struct arena *a, cruet_ctx *c,
			   const struct lookup *q)
{
	struct search s = {.r = r, .a = a, .c = c, .q = q, .collect_all = true,
			   .values = arena_array(a, r->nvars, sizeof *s.values)};
	size_t len = strlen(q->raw_path);
	const char *path = search_decode(a, q->raw_path, q->plain, &len);

	if (!s.values || !path || !search_path(&s, path, len))
		return NULL;
	search_walk(&s);
	walk_merged(&s, &path, &len); /* where a redirect leads */
	return allow_text(&s);
}
