/* URLs of endpoints: what a handler says, what defaults add, and what the router
 * makes of both. */
#include <stdarg.h>
#include <string.h>

#include "app/dispatch.h"
#include "base/text.h"
#include "cruet/memory.h"
#include "cruet/request.h"

enum { URL_VALUES_MAX = 256 };

struct cruet_url_values {
	cruet_ctx *c;
	const char *endpoint;
	struct build_value *items;
	size_t n, cap;
	int external; /* as said; -1: not at all */
	const char *why; /* what is wrong with what was said */
};

static void add(cruet_url_values *v, const char *name, const char *value)
{
	if (v->n == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : 8;
		struct build_value *items = arena_grow(&v->c->arena, v->items,
						       v->n * sizeof *items, cap * sizeof *items);
		if (!items || v->n >= URL_VALUES_MAX) {
			v->why = items ? "more than 256 values" : "out of memory";
			return;
		}
		v->items = items;
		v->cap = cap;
	}
	v->items[v->n++] = (struct build_value){name, value};
}

bool cruet_url_lacks(const cruet_url_values *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->items[i].name, name) && v->items[i].value)
			return false;
	return router_takes(v->c->gen->router, v->endpoint, name);
}

void cruet_url_give(cruet_url_values *v, const char *name, const char *value)
{
	add(v, name, value);
}

/* "_anchor", "_external", "_scheme" and "_method" are said to the builder, all
 * other pairs are values. */
static void take(struct build *b, cruet_url_values *v, const char *name, const char *value)
{
	if (!strcmp(name, "_anchor"))
		b->anchor = value;
	else if (!strcmp(name, "_external"))
		v->external = value && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
	else if (!strcmp(name, "_scheme"))
		b->scheme = value;
	else if (!strcmp(name, "_method"))
		b->method = value;
	else
		add(v, name, value);
}

/* ".show" is an endpoint of the blueprint that the request is in. */
static const char *resolve(cruet_ctx *c, const char *name)
{
	if (name[0] != '.')
		return name;
	const char *here = c->endpoint ? c->endpoint->name : "";
	const char *dot = strrchr(here, '.');
	return dot ? arena_printf(&c->arena, "%.*s%s", (int)(dot - here), here, name) : name + 1;
}

static void run_defaults(cruet_ctx *c, cruet_url_values *v)
{
	const struct rule *r = router_rule_of(c->gen->router, v->endpoint, 0);
	const struct level *l = r ? ((const struct endpoint *)r->target)->level : c->gen->top;
	cruet_app *was = c->scope;

	for (size_t i = 0; i < l->nurls; i++) {
		c->scope = l->urls[i]->head.scope;
		l->urls[i]->fn(c, v->endpoint, v);
	}
	c->scope = was;
}

/* Where the URL is built: in a request its address, else the site's name. */
static const char *bind(cruet_ctx *c, struct build *b)
{
	const struct server_settings *s = &c->host->settings;

	b->bound_scheme = cruet_scheme(c);
	b->script_root = cruet_root(c);
	b->bound_domain = c->target.domain ? c->target.domain : "";
	b->bound_server = !s->host_matching && s->name ? s->name
			  : c->target.host	       ? c->target.host
						       : "";
	if (c->head)
		return NULL;
	b->external |= s->name != NULL;
	return s->name ? NULL : "a URL outside a request needs the setting server.name";
}

static const char *build(cruet_ctx *c, struct build *b, cruet_url_values *v)
{
	const char *why = bind(c, b), *url = NULL;

	if (v->external >= 0)
		b->external = v->external;
	if (b->scheme && v->external == 0)
		why = "_scheme makes an external URL, but _external says no";
	run_defaults(c, v);
	b->values = v->items;
	b->nvalues = v->n;
	if (v->why)
		why = v->why;
	if (!why)
		url = router_build(c->gen->router, &c->arena, c, b, &why);
	for (size_t i = 0; !url && why && i < c->gen->nurl_errors; i++)
		url = c->gen->url_errors[i]->fn(c, b->endpoint, why);
	if (!url)
		ctx_fail(c, why ? CRUET_EINVAL : CRUET_ENOMEM,
			 why ? arena_printf(&c->arena, "cruet_url: %s", why) : NULL, false);
	return url;
}

static const char *no_endpoint(cruet_ctx *c)
{
	ctx_fail(c, CRUET_EINVAL, "cruet_url: the endpoint is NULL", false);
	return NULL;
}

const char *cruet_url(cruet_ctx *c, const char *endpoint, ...)
{
	struct build b = {.endpoint = endpoint ? resolve(c, endpoint) : NULL};
	cruet_url_values v = {.c = c, .endpoint = b.endpoint, .external = -1};
	va_list ap;

	if (!b.endpoint)
		return no_endpoint(c);
	va_start(ap, endpoint);
	for (const char *k; (k = va_arg(ap, const char *));)
		take(&b, &v, k, va_arg(ap, const char *));
	va_end(ap);
	return build(c, &b, &v);
}

const char *cruet_url_pairs(cruet_ctx *c, const char *endpoint, const cruet_url_pair *pairs,
			    size_t n)
{
	struct build b = {.endpoint = endpoint ? resolve(c, endpoint) : NULL};
	cruet_url_values v = {.c = c, .endpoint = b.endpoint, .external = -1};

	if (!b.endpoint)
		return no_endpoint(c);
	for (size_t i = 0; i < n; i++)
		take(&b, &v, pairs[i].name, pairs[i].value);
	return build(c, &b, &v);
}

const char *cruet_escape(cruet_ctx *c, const char *s)
{
	struct buf b;

	if (!s)
		return "";
	if (!s[strcspn(s, "&<>\"'")])
		return s;
	buf_init(&b, &c->arena, 0);
	html_escape(&b, s, strlen(s));
	if (buf_err(&b)) {
		ctx_fail(c, CRUET_ENOMEM, NULL, false);
		return "";
	}
	return b.p;
}

bool cruet_endpoint_known(cruet_ctx *c, const char *endpoint, const char **nearest)
{
	const struct router *r = c->gen->router;

	if (nearest)
		*nearest = NULL;
	if (endpoint && router_rule_of(r, endpoint, 0))
		return true;
	if (endpoint && nearest)
		*nearest = router_nearest(r, &c->arena, endpoint);
	return false;
}
