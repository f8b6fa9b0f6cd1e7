/* Filling the trie and compiling it; see router.c. */
#include "app/router_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cruet/error.h"

uint32_t router_hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

/* --- methods --------------------------------------------------------------------------- */

static const char *const known_methods[] = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS",
					    "PATCH", "POST", "PUT", "TRACE", NULL};

unsigned method_bit(const char *m, size_t n)
{
	for (unsigned i = 0; known_methods[i]; i++)
		if (!strncmp(known_methods[i], m, n) && !known_methods[i][n])
			return 1u << i;
	return METHOD_OTHER;
}

const char *method_name(unsigned i)
{
	return known_methods[i];
}

bool method_allowed(const struct compiled *c, const char *method, unsigned bit)
{
	if (c->any_method || (bit != METHOD_OTHER && c->methods & bit))
		return true;
	for (size_t i = 0; bit == METHOD_OTHER && c->others[i]; i++)
		if (!strcmp(c->others[i], method))
			return true;
	return false;
}

bool compiled_allows(const struct compiled *c, const char *method)
{
	return method_allowed(c, method, method_bit(method, strlen(method)));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool read_methods(struct compiled *c, struct arena *a)
{
	const char *m = c->rule.methods;
	size_t n = 0, max = 2;

	c->any_method = !m || !strcmp(m, "*");
	for (const char *p = m; p && *p; p++)
		max += *p == ',';
	const char **others = arena_array(a, max + 1, sizeof *others);
	const char **listed = arena_array(a, max + 10, sizeof *listed);
	if (!others || !listed)
		return false;
	for (const char *p = c->any_method ? "" : m; *p;) {
		size_t len = strcspn(p, ",");
		unsigned bit = method_bit(p, len);
		c->methods |= bit;
		if (bit == METHOD_OTHER)
			others[n++] = arena_strndup(a, p, len);
		p += len + (p[len] == ',');
	}
	if (c->methods & method_bit("GET", 3))
		c->methods |= method_bit("HEAD", 4);
	size_t k = 0;
	for (unsigned i = 0; known_methods[i]; i++)
		if (c->methods & 1u << i)
			listed[k++] = known_methods[i];
	for (size_t i = 0; i < n; i++)
		listed[k++] = others[i];
	qsort(listed, k, sizeof *listed, by_text);
	c->others = others;
	c->listed = listed;
	return true;
}

/* --- filling ------------------------------------------------------------------------------ */

struct router *router_new(const struct router_opts *opts)
{
	struct router *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	arena_init(&r->arena, 16384);
	r->opts = *opts;
	r->root = arena_zalloc(&r->arena, sizeof *r->root);
	if (!r->root) {
		router_free(r);
		return NULL;
	}
	return r;
}

void router_free(struct router *r)
{
	if (!r)
		return;
	arena_fini(&r->arena);
	free(r);
}

const char *compiled_default(const struct compiled *c, const char *name)
{
	for (size_t i = 0; i < c->ndefaults; i++)
		if (!strcmp(c->defaults[i].name, name))
			return c->defaults[i].value;
	return NULL;
}

/* "page=1&sort=name" */
static bool read_defaults(struct compiled *c, struct arena *a)
{
	const char *p = c->rule.defaults ? c->rule.defaults : "";
	size_t max = 1;

	for (const char *q = p; *q; q++)
		max += *q == '&';
	c->defaults = arena_array(a, max, sizeof *c->defaults);
	if (!c->defaults)
		return false;
	while (*p) {
		size_t n = strcspn(p, "&"), name = strcspn(p, "=&");
		if (name) {
			struct value *v = &c->defaults[c->ndefaults++];
			v->name = percent_decode(a, p, name, true, NULL);
			v->value = name < n ? percent_decode(a, p + name + 1, n - name - 1, true, NULL)
					    : "";
			if (!v->name || !v->value)
				return false;
			for (size_t i = 0; i + 1 < c->ndefaults; i++)
				if (!strcmp(c->defaults[i].name, v->name)) {
					c->ndefaults--; /* the first of a name counts */
					break;
				}
		}
		p += n + (p[n] == '&');
	}
	return true;
}

static const char *merged(struct arena *a, const char *path)
{
	char *out = arena_strdup(a, path), *w = out;
	for (const char *p = path; out && *p; p++)
		if (*p != '/' || w == out || w[-1] != '/')
			*w++ = *p;
	if (out)
		*w = '\0';
	return out;
}

struct state *state_static(const struct state *s, const char *text, size_t len)
{
	if (!s->slots)
		return NULL;
	uint32_t h = router_hash(text, len);
	for (size_t i = h & s->mask; s->slots[i].to; i = (i + 1) & s->mask)
		if (s->slots[i].hash == h && s->slots[i].len == len &&
		    !memcmp(s->slots[i].text, text, len))
			return s->slots[i].to;
	return NULL;
}

static void put_slot(struct static_slot *slots, size_t mask, struct static_slot v)
{
	size_t i = v.hash & mask;
	while (slots[i].to)
		i = (i + 1) & mask;
	slots[i] = v;
}

static struct state *add_static(struct arena *a, struct state *s, const char *text, size_t len)
{
	struct state *to = state_static(s, text, len);
	if (to)
		return to;
	if (!s->slots || s->nstatic * 2 > s->mask) {
		size_t mask = s->slots ? s->mask * 2 + 1 : 3;
		struct static_slot *slots = arena_array(a, mask + 1, sizeof *slots);
		if (!slots)
			return NULL;
		for (size_t i = 0; s->slots && i <= s->mask; i++)
			if (s->slots[i].to)
				put_slot(slots, mask, s->slots[i]);
		s->slots = slots;
		s->mask = mask;
	}
	to = arena_zalloc(a, sizeof *to);
	if (!to)
		return NULL;
	put_slot(s->slots, s->mask, (struct static_slot){text, len, router_hash(text, len), to});
	s->nstatic++;
	if (!len)
		s->slash = to;
	return to;
}

static struct state *add_part(struct arena *a, struct state *s, const struct part *part)
{
	if (part->is_static)
		return add_static(a, s, part->items[0].text, part->items[0].len);
	for (size_t i = 0; i < s->ndynamic; i++)
		if (part_same(&s->dynamic[i].part, part))
			return s->dynamic[i].to;
	struct edge *e = arena_grow(a, s->dynamic, s->ndynamic * sizeof *e,
				    (s->ndynamic + 1) * sizeof *e);
	struct state *to = arena_zalloc(a, sizeof *to);
	if (!e || !to)
		return NULL;
	s->dynamic = e;
	e[s->ndynamic++] = (struct edge){*part, to};
	to->suffixed = part->suffixed;
	return to;
}

/* Two rules with the same pattern and a method in common, none of which leaves
 * its values to the other by defaults or limits. */
static const struct compiled *collision(const struct state *s, const struct compiled *c)
{
	for (size_t i = 0; i < s->nrules; i++) {
		const struct compiled *o = s->rules[i];
		bool common = o->any_method || c->any_method ||
			      ((o->methods & c->methods) & ~(unsigned)METHOD_OTHER &
			       ~method_bit("OPTIONS", 7));
		if (!common || o->pattern.nvars != c->pattern.nvars ||
		    (o->rule.flags ^ c->rule.flags) & RULE_WEBSOCKET)
			continue;
		bool same = !strcmp(o->rule.path, c->rule.path);
		if (same && !(o->rule.flags & RULE_ALIAS) && !(c->rule.flags & RULE_ALIAS))
			return o;
	}
	return NULL;
}

int router_add(struct router *r, const struct rule *rule, cruet_app *scope,
	       router_find_converter *find, void *find_arg, struct arena *a, const char **why)
{
	struct compiled *c = arena_zalloc(&r->arena, sizeof *c);
	const char *here = rule->here ? rule->here : "rule", *text = NULL;

	*why = NULL;
	if (!c)
		return CRUET_ENOMEM;
	c->rule = *rule;
	c->order = r->nrules;
	c->merges = r->opts.merge_slashes && !(rule->flags & CRUET_KEEP_SLASHES);
	if (!rule->path || rule->path[0] != '/') {
		*why = arena_printf(a, "%s: URL rule '%s' must start with a slash", here,
				    rule->path ? rule->path : "");
		return CRUET_EINVAL;
	}
	const char *domain = r->opts.host_matching ? rule->host : rule->subdomain;
	const char *path = c->merges ? merged(&r->arena, rule->path) : rule->path;
	if (!path || !read_methods(c, &r->arena) || !read_defaults(c, &r->arena))
		return CRUET_ENOMEM;
	if (!pattern_read(&c->pattern, domain ? domain : "", path, scope, find, find_arg,
			  &r->arena, &text)) {
		if (!text)
			return CRUET_ENOMEM;
		*why = arena_printf(a, "%s: URL rule '%s': %s", here, rule->path, text);
		return CRUET_EINVAL;
	}
	c->nargs = c->pattern.nvars;
	for (size_t i = 0; i < c->ndefaults; i++) {
		bool var = false;
		for (unsigned v = 0; v < c->pattern.nvars; v++)
			var |= !strcmp(c->pattern.names[v], c->defaults[i].name);
		c->nargs += !var;
	}
	r->has_domains |= domain && *domain;

	if (!(rule->flags & CRUET_BUILD_ONLY)) {
		struct state *s = r->root;
		for (size_t i = 0; s && i < c->pattern.nparts; i++)
			s = add_part(&r->arena, s, &c->pattern.parts[i]);
		if (!s)
			return CRUET_ENOMEM;
		const struct compiled *other = rule->here ? collision(s, c) : NULL;
		if (other) {
			*why = arena_printf(a, "%s: URL rule '%s' (%s) is there already, from %s (%s)",
					    here, rule->path, rule->endpoint,
					    other->rule.here ? other->rule.here : "?",
					    other->rule.endpoint);
			return CRUET_EEXIST;
		}
		s->rules = arena_grow(&r->arena, s->rules, s->nrules * sizeof *s->rules,
				      (s->nrules + 1) * sizeof *s->rules);
		if (!s->rules)
			return CRUET_ENOMEM;
		s->rules[s->nrules++] = c;
	}
	if (!(r->nrules & (r->nrules + 1))) { /* a power of two less one: make room */
		struct compiled **all = arena_grow(&r->arena, r->rules,
						   r->nrules * sizeof *all,
						   (r->nrules + 1) * 2 * sizeof *all);
		if (!all)
			return CRUET_ENOMEM;
		r->rules = all;
	}
	r->rules[r->nrules++] = c;
	return CRUET_OK;
}

/* --- compiling ------------------------------------------------------------------------------ */

static void sort_dynamic(struct state *s)
{
	/* Insertion: stable, and the lists are short. */
	for (size_t i = 1; i < s->ndynamic; i++) {
		struct edge e = s->dynamic[i];
		size_t k = i;
		for (; k && part_compare(&e.part, &s->dynamic[k - 1].part) < 0; k--)
			s->dynamic[k] = s->dynamic[k - 1];
		s->dynamic[k] = e;
	}
	for (size_t i = 0; i < s->ndynamic; i++)
		sort_dynamic(s->dynamic[i].to);
	for (size_t i = 0; s->slots && i <= s->mask; i++)
		if (s->slots[i].to)
			sort_dynamic(s->slots[i].to);
}

/* Files each path without variables under its whole text. */
static bool file_fast(struct router *r)
{
	size_t n = 0, mask = 7;

	if (r->has_domains)
		return true;
	for (size_t i = 0; i < r->nrules; i++)
		n += !r->rules[i]->pattern.nvars;
	while (mask < n * 2)
		mask = mask * 2 + 1;
	r->fast = arena_array(&r->arena, mask + 1, sizeof *r->fast);
	if (!r->fast)
		return false;
	r->fast_mask = mask;
	for (size_t i = 0; i < r->nrules; i++) {
		struct compiled *c = r->rules[i];
		if (c->pattern.nvars || c->rule.flags & CRUET_BUILD_ONLY)
			continue;
		const char *path = c->merges ? merged(&r->arena, c->rule.path) : c->rule.path;
		struct state *s = r->root;
		for (size_t k = 0; path && s && k < c->pattern.nparts; k++)
			s = state_static(s, c->pattern.parts[k].items[0].text,
					c->pattern.parts[k].items[0].len);
		if (!path || !s)
			return false;
		uint32_t h = router_hash(path, strlen(path));
		size_t at = h & mask;
		while (r->fast[at].path && strcmp(r->fast[at].path, path) != 0)
			at = (at + 1) & mask;
		r->fast[at] = (struct fast){path, strlen(path), h, s};
	}
	return true;
}

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

int router_compile(struct router *r, struct arena *a, const char **why)
{
	struct compiled **sorted = arena_array(&r->arena, r->nrules + 1, sizeof *sorted);

	(void)a;
	*why = NULL;
	r->endpoints = arena_array(&r->arena, r->nrules + 1, sizeof *r->endpoints);
	if (!sorted || !r->endpoints)
		return CRUET_ENOMEM;
	sort_dynamic(r->root);
	if (r->nrules)
		memcpy(sorted, r->rules, r->nrules * sizeof *sorted);
	qsort(sorted, r->nrules, sizeof *sorted, by_endpoint);
	for (size_t i = 0; i < r->nrules; i++) {
		struct endpoint_rules *e = r->nendpoints ? &r->endpoints[r->nendpoints - 1] : NULL;
		if (!e || strcmp(e->name, sorted[i]->rule.endpoint) != 0) {
			e = &r->endpoints[r->nendpoints++];
			*e = (struct endpoint_rules){sorted[i]->rule.endpoint, &sorted[i], 0};
		}
		e->n++;
	}
	return file_fast(r) ? CRUET_OK : CRUET_ENOMEM;
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

const struct rule *router_rule(const struct router *r, size_t i)
{
	return i < r->nrules ? &r->rules[i]->rule : NULL;
}

