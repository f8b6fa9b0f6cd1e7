/* Filling the trie and compiling it; see router.c. */
#include "app/router_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cruet/error.h"

/* --- methods --------------------------------------------------------------------------- */

enum { GET = 2 };

static const char *const known_methods[] = {"CONNECT", "DELETE", [GET] = "GET", "HEAD",
					    "OPTIONS", "PATCH", "POST", "PUT", "TRACE", NULL};

unsigned method_bit(const char *m, size_t n)
{
	for (unsigned i = 0; known_methods[i]; i++)
		if (*known_methods[i] == *m && !strncmp(known_methods[i], m, n) &&
		    !known_methods[i][n])
			return 1u << i;
	return METHOD_OTHER;
}

unsigned method_of(const char *m)
{
	return text_eq(m, "GET") ? 1u << GET : method_bit(m, strlen(m)); /* mostly */
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
	return method_allowed(c, method, method_of(method));
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
		unsigned bit = len ? method_bit(p, len) : 0;
		c->methods |= bit;
		if (bit == METHOD_OTHER && !(others[n++] = arena_strndup(a, p, len)))
			return false;
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

void router_free(struct router *r)
{
	if (!r)
		return;
	arena_fini(&r->draft);
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

const char *compiled_domain(const struct router *r, const struct compiled *c)
{
	const char *domain = r->opts.host_matching ? c->rule.host : c->rule.subdomain;
	return domain ? domain : "";
}

bool compiled_has_variable(const struct compiled *c, const char *name)
{
	for (unsigned i = 0; i < c->pattern.nvars; i++)
		if (!strcmp(c->pattern.vars[i].name, name))
			return true;
	return false;
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

static bool is_text(const struct node *n, const char *text, size_t len)
{
	return n->len == len && text_eqn(n->text, text, len);
}

struct node *state_text(const struct state *s, const char *text, size_t len)
{
	if (s->nslots <= 1) /* that needs no hash */
		return s->nslots && is_text(s->slots->to, text, len) ? s->slots->to : NULL;
	uint32_t h = text_hash(text, len);
	if (s->nslots <= SLOTS_LISTED) {
		for (size_t i = 0; i < s->nslots; i++)
			if (s->slots[i].hash == h && is_text(s->slots[i].to, text, len))
				return s->slots[i].to;
		return NULL;
	}
	for (size_t i = h & s->mask; s->slots[i].to; i = (i + 1) & s->mask) {
		if (s->slots[i].hash != h)
			continue;
		router_fetch(s->slots[i].to);
		if (is_text(s->slots[i].to, text, len))
			return s->slots[i].to;
	}
	return NULL;
}

static struct node *node_new(struct arena *a, const char *text, size_t len, bool suffixed)
{
	struct node *n = arena_zalloc(a, sizeof *n + len);
	struct state *s = arena_zalloc(a, sizeof *s);

	if (!n || !s)
		return NULL;
	n->state = s;
	s->suffixed = suffixed;
	n->len = (uint32_t)len;
	memcpy(n->text, text, len);
	return n;
}

static void put_slot(struct slot *slots, size_t mask, struct slot v)
{
	size_t i = v.hash & mask;
	while (slots[i].to)
		i = (i + 1) & mask;
	slots[i] = v;
}

/* A table of which half is free at least, from a list or a smaller table. */
static bool grow_slots(struct arena *a, struct state *s)
{
	size_t old = state_places(s);
	uint32_t mask = s->nslots == SLOTS_LISTED ? 15 : s->mask * 2 + 1;
	struct slot *slots = arena_array(a, (size_t)mask + 1, sizeof *slots);

	if (!slots)
		return false;
	for (size_t i = 0; i < old; i++)
		if (s->slots[i].to)
			put_slot(slots, mask, s->slots[i]);
	s->slots = slots;
	s->mask = mask;
	return true;
}

static struct node *add_text(struct arena *a, struct state *s, const struct item *it)
{
	struct node *to = state_text(s, it->text, it->len);
	if (to)
		return to;
	to = node_new(a, it->text, it->len, false);
	if (!s->slots)
		s->slots = arena_array(a, SLOTS_LISTED, sizeof *s->slots);
	if (!to || !s->slots)
		return NULL;
	struct slot v = {text_hash(it->text, it->len), to};
	if (s->nslots < SLOTS_LISTED) {
		s->slots[s->nslots] = v;
	} else {
		bool full = s->nslots == SLOTS_LISTED || s->nslots > s->mask / 2;
		if (full && !grow_slots(a, s))
			return NULL;
		put_slot(s->slots, s->mask, v);
	}
	s->nslots++;
	return to;
}

static struct node *add_part(struct arena *a, struct state *s, const struct part *part)
{
	if (part->is_static)
		return add_text(a, s, &part->items[0]);
	uint32_t hash = part_hash(part);
	for (size_t i = 0; i < s->nedges; i++)
		if (s->edges[i].hash == hash && part_same(s->edges[i].part, part))
			return s->edges[i].to;
	struct edge *list = arena_more(a, s->edges, s->nedges, sizeof *list);
	struct node *to = node_new(a, "", 0, part->suffixed);
	if (!list || !to)
		return NULL;
	s->edges = list;
	list[s->nedges] = (struct edge){part, to, hash, s->nedges};
	s->nedges++;
	return to;
}

struct router *router_new(const struct router_opts *opts)
{
	struct router *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	arena_init(&r->arena, 16384);
	arena_init(&r->draft, 16384);
	r->opts = *opts;
	r->root = node_new(&r->draft, "", 0, false);
	if (!r->root) {
		router_free(r);
		return NULL;
	}
	return r;
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

/* Files the rule below at, from its i-th part on. CRUET_EEXIST and *other if there is
 * one like it. */
static int file_rule(struct router *r, struct node *at, struct compiled *c, size_t i,
		     const struct compiled **other)
{
	struct state *s = at->state;

	if (i < c->pattern.nparts) {
		struct node *to = add_part(&r->draft, s, &c->pattern.parts[i]);
		int err = to ? file_rule(r, to, c, i + 1, other) : CRUET_ENOMEM;
		at->below += !err;
		return err;
	}
	*other = c->rule.here ? collision(s, c) : NULL;
	if (*other)
		return CRUET_EEXIST;
	struct compiled **list = arena_more(&r->draft, s->rules, s->nrules, sizeof *list);
	if (!list)
		return CRUET_ENOMEM;
	s->rules = list;
	list[s->nrules++] = c;
	at->below++;
	return CRUET_OK;
}

/* What can be known of a rule by itself. CRUET_EINVAL and *why, a part of a sentence. */
static int read_rule(struct router *r, struct compiled *c, const struct pattern_env *env,
		     const char **why)
{
	const char *domain = compiled_domain(r, c);

	c->order = r->nrules;
	c->strict = c->rule.flags & RULE_STRICT_SLASHES;
	c->websocket = c->rule.flags & RULE_WEBSOCKET;
	c->merges = r->opts.merge_slashes && !(c->rule.flags & CRUET_KEEP_SLASHES);
	c->path = c->merges && strstr(c->rule.path, "//") ? merged(env->keep, c->rule.path)
							  : c->rule.path;
	if (!c->path || !read_methods(c, env->keep) || !read_defaults(c, env->keep))
		return CRUET_ENOMEM;
	if (c->path[0] == '/' && c->path[1] == '/') {
		*why = "it may start with one slash only: what stands after two is "
		       "a host";
		return CRUET_EINVAL;
	}
	if (!pattern_read(&c->pattern, domain, c->path, env, why))
		return *why ? CRUET_EINVAL : CRUET_ENOMEM;
	c->nargs = c->pattern.nvars;
	if (r->nvars < c->pattern.nvars)
		r->nvars = c->pattern.nvars;
	for (size_t i = 0; i < c->ndefaults; i++)
		c->nargs += !compiled_has_variable(c, c->defaults[i].name);
	return CRUET_OK;
}

int router_add(struct router *r, const struct rule *rule, cruet_app *scope,
	       router_find_converter *find, void *find_arg, struct arena *a, const char **why)
{
	struct pattern_env env = {scope, find, find_arg, &r->convs, &r->arena, &r->draft};
	struct compiled *c = arena_zalloc(&r->draft, sizeof *c);
	const char *here = rule->here ? rule->here : "rule", *text = NULL;
	const struct compiled *other = NULL;

	*why = NULL;
	if (!c)
		return CRUET_ENOMEM;
	c->rule = *rule;
	if (!rule->path || rule->path[0] != '/') {
		*why = arena_printf(a, "%s: URL rule '%s' must start with a slash", here,
				    rule->path ? rule->path : "");
		return CRUET_EINVAL;
	}
	struct compiled **all = arena_more(&r->arena, r->rules, r->nrules, sizeof *all);
	if (!all)
		return CRUET_ENOMEM;
	r->rules = all;
	int err = read_rule(r, c, &env, &text);
	if (!err && !(rule->flags & CRUET_BUILD_ONLY))
		err = file_rule(r, r->root, c, 0, &other);
	if (!err)
		r->rules[r->nrules++] = c;
	else if (text)
		*why = arena_printf(a, "%s: URL rule '%s': %s", here, rule->path, text);
	else if (other)
		*why = arena_printf(a, "%s: URL rule '%s' (%s) is there already, from %s (%s)", here,
				    rule->path, rule->endpoint,
				    other->rule.here ? other->rule.here : "?", other->rule.endpoint);
	return err;
}

const struct rule *router_rule(const struct router *r, size_t i)
{
	return i < r->nrules ? &r->rules[i]->rule : NULL;
}
