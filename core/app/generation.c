#include "app/generation.h"

#include <stdlib.h>
#include <string.h>

#include "app/closed.h"
#include "app/element.h"
#include "base/text.h"

/* A list that grows in the generation's arena. */
#define PUSH(a, items, n, value)                                                         \
	(((items) = arena_grow((a), (items), (n) * sizeof *(items),                      \
			       ((n) + 1) * sizeof *(items)))                             \
		 ? ((items)[(n)++] = (value), true)                                      \
		 : false)

struct builder {
	struct generation *g;
	struct arena scratch;
	struct endpoint **endpoints; /* in scratch, one for each rule */
	size_t nendpoints;
	const char *why; /* in scratch; NULL with failed: out of memory */
	bool failed;
	void (*told)(void *arg, const char *why); /* or NULL */
	void *told_arg;
};

/* True: it was told, and what is wrong is to be left out. */
static bool fail(struct builder *b, const char *why)
{
	if (why && b->told) {
		b->told(b->told_arg, why);
		return true;
	}
	if (!b->failed)
		b->why = why;
	b->failed = true;
	return false;
}

/* --- levels -------------------------------------------------------------- */

static bool collect_hook(struct builder *b, struct level *l, const struct entry *e)
{
	struct arena *a = &b->g->arena;
	const struct entry_hook *h = (const struct entry_hook *)e;
	struct call call = {.scope = e->scope, .fn.run = NULL};
	struct calls *to = e->kind == ENTRY_MATCH     ? &l->match
			   : e->kind == ENTRY_BEFORE  ? &l->before
			   : e->kind == ENTRY_AFTER   ? &l->after
			   : e->kind == ENTRY_FINISH  ? &l->finish
			   : e->kind == ENTRY_ENCODE  ? &l->encode
						      : &l->teardown;
	memcpy(&call.fn, &h->fn, sizeof call.fn);
	return PUSH(a, to->items, to->n, call) || fail(b, NULL);
}

/* The first of that name on a level. */
static const struct entry_converter *converter_in(cruet_app *scope, const char *name)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		cruet_app *child = entry_scope(e);
		const struct entry_converter *found = NULL;
		if (e->kind == ENTRY_CONVERTER)
			found = (const struct entry_converter *)e;
		else if (child && child->kind == SCOPE_PLUGIN)
			found = converter_in(child, name);
		if (found && !strcmp(found->converter.name, name))
			return found;
	}
	return NULL;
}

static bool check_converter(struct builder *b, const struct level *l,
			    const struct entry_converter *e)
{
	const struct entry_converter *first = converter_in(l->scope, e->converter.name);

	return first == e ||
	       fail(b, arena_printf(&b->scratch,
				    "both '%s' and '%s' have a converter '%s': give one of them "
				    "another name, or attach one to a blueprint",
				    scope_owner(first->head.scope), scope_owner(e->head.scope),
				    e->converter.name));
}

/* What is registered on one level, in reading order: the scope's own entries
 * and those of the plugins attached to it, each at its place. */
static bool collect_level(struct builder *b, struct level *l, cruet_app *scope)
{
	struct arena *a = &b->g->arena;

	scope->building = l;
	for (struct entry *e = scope->entries; e; e = e->next) {
		bool ok = true;
		cruet_app *child = entry_scope(e);
		switch (e->kind) {
		case ENTRY_CHILD:
			if (child && child->kind == SCOPE_PLUGIN)
				ok = collect_level(b, l, child);
			break;
		case ENTRY_MATCH:
		case ENTRY_BEFORE:
		case ENTRY_AFTER:
		case ENTRY_FINISH:
		case ENTRY_ENCODE:
		case ENTRY_TEARDOWN:
			ok = collect_hook(b, l, e);
			break;
		case ENTRY_ERROR:
			ok = PUSH(a, l->errors, l->nerrors, (struct entry_error *)e) ||
			     fail(b, NULL);
			break;
		case ENTRY_URL:
			ok = PUSH(a, l->urls, l->nurls, (struct entry_url *)e) || fail(b, NULL);
			break;
		case ENTRY_CONVERTER:
			ok = check_converter(b, l, (const struct entry_converter *)e);
			break;
		case ENTRY_ORIGIN:
			ok = PUSH(a, l->origins, l->norigins, (struct entry_origin *)e) ||
			     fail(b, NULL);
			break;
		default:
			break;
		}
		if (!ok)
			return false;
	}
	return true;
}

static void reverse(struct calls *c)
{
	for (size_t i = 0; i < c->n / 2; i++) {
		struct call t = c->items[i];
		c->items[i] = c->items[c->n - 1 - i];
		c->items[c->n - 1 - i] = t;
	}
}

static bool concat(struct builder *b, struct calls *out, struct calls first,
		   struct calls second)
{
	size_t n = first.n + second.n;
	struct call *items = arena_array(&b->g->arena, n ? n : 1, sizeof *items);
	if (!items)
		return fail(b, NULL);
	if (first.n)
		memcpy(items, first.items, first.n * sizeof *items);
	if (second.n)
		memcpy(items + first.n, second.items, second.n * sizeof *items);
	*out = (struct calls){items, n};
	return true;
}

static bool join_parent(struct builder *b, struct level *l)
{
	reverse(&l->after);
	reverse(&l->finish);
	reverse(&l->encode);
	reverse(&l->teardown);
	if (!l->parent)
		return true;
	const struct level *p = l->parent;
	for (size_t i = 0; i < p->norigins; i++)
		if (!PUSH(&b->g->arena, l->origins, l->norigins, p->origins[i]))
			return fail(b, NULL);
	struct entry_url **own = l->urls;
	size_t nown = l->nurls;
	l->urls = NULL;
	l->nurls = 0;
	for (size_t i = 0; i < p->nurls + nown; i++)
		if (!PUSH(&b->g->arena, l->urls, l->nurls,
			  i < p->nurls ? p->urls[i] : own[i - p->nurls]))
			return fail(b, NULL);
	return concat(b, &l->match, p->match, l->match) &&
	       concat(b, &l->before, p->before, l->before) &&
	       concat(b, &l->after, l->after, p->after) &&
	       concat(b, &l->finish, l->finish, p->finish) &&
	       concat(b, &l->encode, l->encode, p->encode) &&
	       concat(b, &l->teardown, l->teardown, p->teardown);
}

static bool build_level(struct builder *b, struct level *parent, cruet_app *scope);

/* Blueprints below a scope, also those inside plugins attached to it. */
static bool build_children(struct builder *b, struct level *l, cruet_app *scope)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		cruet_app *child = entry_scope(e);
		if (!child)
			continue;
		bool ok = child->kind == SCOPE_PLUGIN ? build_children(b, l, child)
						      : build_level(b, l, child);
		if (!ok)
			return false;
	}
	return true;
}

static bool build_level(struct builder *b, struct level *parent, cruet_app *scope)
{
	struct level *l = arena_zalloc(&b->g->arena, sizeof *l);
	if (!l)
		return fail(b, NULL);
	l->parent = parent;
	l->scope = scope;
	l->next = b->g->levels;
	b->g->levels = l;
	if (!parent)
		b->g->top = l;
	return collect_level(b, l, scope) && join_parent(b, l) && build_children(b, l, scope);
}

/* --- rules and what is looked up by name ----------------------------------- */

static const cruet_converter *find_converter(void *arg, const char *name)
{
	for (cruet_app *at = scope_level(arg); at;
	     at = at->parent ? scope_level(at->parent) : NULL) {
		const struct entry_converter *found = converter_in(at, name);
		if (found)
			return &found->converter;
	}
	return NULL;
}

static bool lists_method(const char *methods, const char *method)
{
	size_t n = strlen(method);

	for (const char *at = methods; (at = strstr(at, method)); at += n)
		if ((at == methods || at[-1] == ',') && (!at[n] || at[n] == ','))
			return true;
	return false;
}

/* There may be thousands: the list doubles. */
static bool note_endpoint(struct builder *b, struct endpoint *ep)
{
	size_t n = b->nendpoints;

	if (!(n & (n + 1))) { /* a power of two less one: full */
		struct endpoint **all = arena_grow(&b->scratch, b->endpoints, n * sizeof *all,
						   (n + 1) * 2 * sizeof *all);
		if (!all)
			return fail(b, NULL);
		b->endpoints = all;
	}
	ep->order = n;
	b->endpoints[b->nendpoints++] = ep;
	return true;
}

/* Those of the rule win over those of its blueprint, and these over the outer
 * one's: the first that stands counts. */
static const char *all_defaults(cruet_app *scope, const char *own, struct arena *a)
{
	for (; scope; scope = scope->parent)
		if (scope->defaults)
			own = own && *own ? arena_printf(a, "%s&%s", own, scope->defaults)
					  : scope->defaults;
	return own;
}

/* "child.parent"; NULL where no scope has one. */
static const char *scope_subdomain(cruet_app *scope, struct arena *a)
{
	const char *all = NULL;

	for (; scope; scope = scope->parent)
		if (scope->subdomain)
			all = all ? arena_printf(a, "%s.%s", all, scope->subdomain)
				  : scope->subdomain;
	return all;
}

static bool add_rule(struct builder *b, struct entry_rule *e)
{
	struct arena *a = &b->g->arena;
	cruet_app *scope = e->head.scope;
	const cruet_rule *r = &e->rule;
	struct endpoint *ep = arena_zalloc(a, sizeof *ep);
	if (!ep)
		return fail(b, NULL);
	ep->next = b->g->endpoints;
	b->g->endpoints = ep;
	ep->level = scope->building;
	ep->entry = e;
	ep->name = scope_endpoint(scope, r->name, a);

	struct rule rule = {
		.path = scope_path(scope, r->path, a),
		.endpoint = ep->name,
		.defaults = all_defaults(scope, r->defaults, a),
		.subdomain = r->subdomain ? r->subdomain : scope_subdomain(scope, a),
		.host = r->host,
		.here = r->here,
		.flags = r->flags | (r->flags & CRUET_LOOSE_SLASH ? 0 : RULE_STRICT_SLASHES) |
			 (e->ws ? RULE_WEBSOCKET : 0),
		.target = ep,
	};
	if (!strcmp(r->methods, "*")) {
		rule.methods = NULL;
	} else if (r->flags & CRUET_NO_OPTIONS || lists_method(r->methods, "OPTIONS") ||
		   !scope->host->settings.auto_options) {
		rule.methods = r->methods;
	} else {
		rule.methods = arena_printf(a, "%s,OPTIONS", r->methods);
		ep->auto_options = true;
	}
	if (!ep->name || !rule.path || (!rule.methods && strcmp(r->methods, "*") != 0))
		return fail(b, NULL);
	uint32_t hash = text_hash(ep->name, strlen(ep->name));
	ep->hash = hash ? hash : 1;

	const char *why = NULL;
	if (router_add(b->g->router, &rule, scope, find_converter, scope, &b->scratch, &why))
		return fail(b, why);
	return note_endpoint(b, ep);
}

static struct event_calls *event_named(struct builder *b, const char *name)
{
	struct generation *g = b->g;

	for (size_t i = 0; i < g->nevents; i++)
		if (!strcmp(g->events[i].event, name))
			return &g->events[i];
	if (!PUSH(&g->arena, g->events, g->nevents, ((struct event_calls){.event = name})))
		return NULL;
	return &g->events[g->nevents - 1];
}

static bool add_command(struct builder *b, struct entry_command *cmd)
{
	struct generation *g = b->g;

	for (size_t i = 0; i < g->ncommands; i++)
		if (!strcmp(g->commands[i]->name, cmd->name))
			return fail(b, arena_printf(&b->scratch,
						    "two commands are named '%s': rename one",
						    cmd->name));
	return PUSH(&g->arena, g->commands, g->ncommands, cmd) || fail(b, NULL);
}

static const struct event_calls *event_heard(const struct generation *g, const char *name)
{
	for (size_t i = 0; i < g->nevents; i++)
		if (!strcmp(g->events[i].event, name))
			return &g->events[i];
	return NULL;
}

/* Everything else, in reading order over the whole tree. */
static bool collect_names(struct builder *b, cruet_app *scope)
{
	struct generation *g = b->g;
	struct event_calls *ev;

	for (struct entry *e = scope->entries; e; e = e->next) {
		cruet_app *child = entry_scope(e);
		bool ok = true;
		switch (e->kind) {
		case ENTRY_CHILD:
			ok = !child || collect_names(b, child);
			break;
		case ENTRY_RULE:
			ok = add_rule(b, (struct entry_rule *)e);
			break;
		case ENTRY_SERVICE:
			ok = PUSH(&g->arena, g->services, g->nservices,
				  (struct entry_service *)e) ||
			     fail(b, NULL);
			break;
		case ENTRY_URL_ERROR:
			ok = PUSH(&g->arena, g->url_errors, g->nurl_errors,
				  (struct entry_url_error *)e) ||
			     fail(b, NULL);
			break;
		case ENTRY_COMMAND:
			ok = add_command(b, (struct entry_command *)e);
			break;
		case ENTRY_LISTEN:
			ev = event_named(b, ((struct entry_listen *)e)->event);
			ok = (ev && PUSH(&g->arena, ev->items, ev->n, (struct entry_listen *)e)) ||
			     fail(b, NULL);
			break;
		default:
			break;
		}
		if (!ok)
			return false;
	}
	return true;
}

static int by_name(const void *x, const void *y)
{
	const struct endpoint *a = *(struct endpoint *const *)x, *b = *(struct endpoint *const *)y;
	int c = strcmp(a->name, b->name);
	return c ? c : a->order < b->order ? -1 : a->order > b->order;
}

/* A name stands for one function, or cruet_url() could mean either. */
static bool check_endpoints(struct builder *b)
{
	struct endpoint **e = b->endpoints;

	if (b->nendpoints)
		qsort(e, b->nendpoints, sizeof *e, by_name);
	for (size_t i = 1; i < b->nendpoints; i++) {
		const cruet_rule *now = &e[i]->entry->rule, *was = &e[i - 1]->entry->rule;
		if (strcmp(e[i]->name, e[i - 1]->name) != 0 ||
		    (now->fn == was->fn && now->view == was->view && !e[i]->entry->ws))
			continue;
		if (!fail(b, arena_printf(&b->scratch,
					  "%s: the endpoint '%s' belongs to another function "
					  "already, at %s: give one of them another name",
					  now->here, e[i]->name, was->here)))
			return false;
	}
	return true;
}

static struct generation *build(cruet_app *root, const struct config *config,
				void (*told)(void *arg, const char *why), void *arg, char **why)
{
	struct router_opts opts = {.host_matching = root->host->settings.host_matching,
				   .redirect_defaults = true,
				   .merge_slashes = true};
	struct generation *g = calloc(1, sizeof *g);
	*why = NULL;
	if (!g)
		return NULL;
	arena_init(&g->arena, 16384);
	g->root = root;
	g->config = config;

	struct builder b = {.g = g, .told = told, .told_arg = arg};
	arena_init(&b.scratch, 1024);
	const char *text = NULL;
	g->router = router_new(&opts);
	if (!g->router)
		fail(&b, NULL);
	if (!b.failed && build_level(&b, NULL, root) && collect_names(&b, root) &&
	    check_endpoints(&b) && (elements_find(g, &b.scratch, &text) || fail(&b, text)) &&
	    router_compile(g->router, &b.scratch, &text))
		fail(&b, text);
	g->ended = event_heard(g, "request_ended");
	if (b.failed) {
		*why = b.why ? strdup(b.why) : NULL;
		generation_free(g);
		g = NULL;
	}
	arena_fini(&b.scratch);
	if (g)
		closed_mark(g);
	return g;
}

struct generation *generation_build(cruet_app *root, const struct config *config,
				    char **why)
{
	return build(root, config, NULL, NULL, why);
}

struct generation *generation_try(cruet_app *root, const struct config *config,
				  void (*told)(void *arg, const char *why), void *arg)
{
	char *why;

	return build(root, config, told, arg, &why);
}

void generation_free(struct generation *g)
{
	if (!g)
		return;
	router_free(g->router);
	arena_fini(&g->arena);
	free(g);
}

const struct entry_service *generation_service(const struct generation *g,
					       const cruet_app *from, const char *id,
					       const char *provider, size_t *n)
{
	*n = 0;
	for (cruet_app *at = scope_level((cruet_app *)from); at;
	     at = at->parent ? scope_level(at->parent) : NULL) {
		const struct entry_service *found = NULL;
		for (size_t i = 0; i < g->nservices; i++) {
			const struct entry_service *s = g->services[i];
			if (scope_level(s->head.scope) != at || strcmp(s->id, id) != 0)
				continue;
			const struct owner *o = s->head.scope->owner;
			if (provider && (!o || strcmp(o->name, provider) != 0))
				continue;
			found = found ? found : s;
			++*n;
		}
		if (found)
			return found;
	}
	return NULL;
}
