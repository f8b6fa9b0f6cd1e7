/* Building: from an endpoint and values to a URL (docs/routing.md). */
#include <stdlib.h>
#include <string.h>

#include "app/router_priv.h"
#include "cruet/error.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "base/text.h"

static const char *value_of(const struct build_value *values, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (values[i].value && !strcmp(values[i].name, name))
			return values[i].value;
	return NULL;
}

/* "007" and "7" are the same integer. */
static bool same_value(const char *a, const char *b)
{
	int64_t x, y;
	return !strcmp(a, b) || (text_int(a, &x) && text_int(b, &y) && x == y);
}

bool rule_suits(const struct compiled *c, const struct build_value *values, size_t n,
		const char *method)
{
	if (method && !compiled_allows(c, method))
		return false;
	for (unsigned i = 0; i < c->pattern.nvars; i++) {
		const char *name = c->pattern.vars[i].name;
		if (!compiled_default(c, name) && !value_of(values, n, name))
			return false;
	}
	for (size_t i = 0; i < c->ndefaults; i++) {
		const char *v = value_of(values, n, c->defaults[i].name);
		if (v && !same_value(v, c->defaults[i].value))
			return false;
	}
	return true;
}

/* By name, and those of one name as they were given. */
static int by_name(const void *x, const void *y)
{
	const struct build_value *a = *(const struct build_value *const *)x;
	const struct build_value *b = *(const struct build_value *const *)y;
	int c = strcmp(a->name, b->name);
	return c ? c : a < b ? -1 : 1;
}

static bool put_query(struct buf *b, const struct compiled *c, const struct build_value *values,
		      size_t n, bool sorted, struct arena *a)
{
	static const char safe[] = "!$'()*,/:;?@";
	const struct build_value **spare = arena_array(a, n + 1, sizeof *spare);
	size_t k = 0;

	if (!spare)
		return false;
	for (size_t i = 0; i < n; i++)
		if (values[i].value && !compiled_has_variable(c, values[i].name) &&
		    !compiled_default(c, values[i].name))
			spare[k++] = &values[i];
	if (sorted && k > 1)
		qsort(spare, k, sizeof *spare, by_name);
	for (size_t i = 0; i < k; i++) {
		buf_char(b, i ? '&' : '?');
		percent_encode(b, spare[i]->name, strlen(spare[i]->name), safe, true);
		buf_char(b, '=');
		percent_encode(b, spare[i]->value, strlen(spare[i]->value), safe, true);
	}
	return true;
}

bool rule_build(const struct router *r, const struct compiled *c, struct arena *a,
		cruet_ctx *ctx, const struct build_value *values, size_t n, bool extra,
		const char **domain, const char **path, const char **why)
{
	const struct pattern *p = &c->pattern;
	struct buf dom, url;

	buf_init(&dom, a, 0);
	buf_init(&url, a, 0);
	for (size_t i = 0; i < p->ntrace; i++) {
		struct buf *b = i < p->domain_trace ? &dom : &url;
		const struct trace *t = &p->trace[i];
		const char *s = t->text;
		if (!s) {
			const struct variable *v = &p->vars[t->var];
			const char *def = compiled_default(c, v->name);
			s = def ? def : value_of(values, n, v->name);
			s = conv_format(v->conv, a, ctx, s, why);
			if (!s)
				return false;
		}
		percent_encode(b, s, strlen(s), PATH_SAFE, false);
	}
	bool ok = !extra || put_query(&url, c, values, n, r->opts.sort_query, a);
	if (!ok || buf_err(&dom) || buf_err(&url)) {
		*why = NULL;
		return false;
	}
	*domain = dom.p;
	*path = url.p;
	return true;
}

/* --- choosing the rule -------------------------------------------------------------------- */

struct built {
	const struct compiled *rule;
	const char *domain, *path;
};

static bool choose(const struct router *r, const struct endpoint_rules *e, struct arena *a,
		   cruet_ctx *ctx, const struct build *b, const char *method, struct built *out,
		   const char **why)
{
	struct built first = {.rule = NULL};

	for (size_t i = 0; i < e->n; i++) {
		struct built now = {.rule = e->rules[i]};
		if (!rule_suits(now.rule, b->values, b->nvalues, method) ||
		    !rule_build(r, now.rule, a, ctx, b->values, b->nvalues, !b->no_extra,
				&now.domain, &now.path, why))
			continue;
		if (!r->opts.host_matching || !strcmp(now.domain, b->bound_server)) {
			*out = now;
			return true;
		}
		if (!first.rule)
			first = now;
	}
	*out = first;
	return first.rule;
}

/* What is missing for the rule that is nearest to being suitable. */
static const char *explain(const struct router *r, const struct endpoint_rules *e,
			   struct arena *a, const struct build *b)
{
	const struct compiled *near = e->rules[0];
	struct buf text;
	size_t least = SIZE_MAX;

	(void)r;
	for (size_t i = 0; i < e->n; i++) {
		size_t missing = 0;
		for (unsigned v = 0; v < e->rules[i]->pattern.nvars; v++) {
			const char *name = e->rules[i]->pattern.vars[v].name;
			missing += !compiled_default(e->rules[i], name) &&
				   !value_of(b->values, b->nvalues, name);
		}
		if (missing < least) {
			least = missing;
			near = e->rules[i];
		}
	}
	buf_init(&text, a, 0);
	buf_printf(&text, "Could not build url for endpoint '%s'", b->endpoint);
	if (b->nvalues) {
		buf_str(&text, " with values [");
		for (size_t i = 0; i < b->nvalues; i++)
			buf_printf(&text, "%s'%s'", i ? ", " : "", b->values[i].name);
		buf_char(&text, ']');
	}
	buf_char(&text, '.');
	if (b->method && !compiled_allows(near, b->method)) {
		buf_str(&text, " Did you mean to use methods [");
		for (size_t i = 0; near->listed[i]; i++)
			buf_printf(&text, "%s'%s'", i ? ", " : "", near->listed[i]);
		buf_str(&text, "]?");
	} else if (least) {
		buf_str(&text, " Did you forget to specify values [");
		bool some = false;
		for (unsigned v = 0; v < near->pattern.nvars; v++) {
			const char *name = near->pattern.vars[v].name;
			if (compiled_default(near, name) || value_of(b->values, b->nvalues, name))
				continue;
			buf_printf(&text, "%s'%s'", some ? ", " : "", name);
			some = true;
		}
		buf_str(&text, "]?");
	}
	return buf_err(&text) ? NULL : text.p;
}

const char *router_nearest(const struct router *r, struct arena *a, const char *name)
{
	const char **names = arena_array(a, r->nendpoints + 1, sizeof *names);
	if (!names)
		return NULL;
	for (size_t i = 0; i < r->nendpoints; i++)
		names[i] = r->endpoints[i].name;
	return nearest(name, names);
}

static const char *unknown(const struct router *r, struct arena *a, const char *name)
{
	const char *near = router_nearest(r, a, name);
	return near ? arena_printf(a, "Could not build url for endpoint '%s'. Did you mean '%s' "
				      "instead?",
				   name, near)
		    : arena_printf(a, "Could not build url for endpoint '%s'.", name);
}

static const char *join_root(struct arena *a, const char *root, const char *path)
{
	size_t n = strlen(root);
	while (n && root[n - 1] == '/')
		n--;
	return arena_printf(a, "%.*s/%s", (int)n, root, path + strspn(path, "/"));
}

const char *router_build(const struct router *r, struct arena *a, cruet_ctx *c,
			 const struct build *b, const char **why)
{
	const struct endpoint_rules *e = router_endpoint(r, b->endpoint);
	struct built got = {.rule = NULL};
	const char *scheme = b->scheme ? b->scheme : b->bound_scheme, *refused = NULL;

	*why = NULL;
	if (!e) {
		*why = unknown(r, a, b->endpoint);
		return NULL;
	}
	/* Without a method, rules that take GET go first. */
	if (!(!b->method && choose(r, e, a, c, b, "GET", &got, &refused)) &&
	    !choose(r, e, a, c, b, b->method, &got, &refused)) {
		*why = refused ? arena_printf(a, "Could not build url for endpoint '%s': %s.",
					      b->endpoint, refused)
			       : explain(r, e, a, b);
		return NULL;
	}
	bool secure = !strcmp(scheme, "https") || !strcmp(scheme, "wss");
	bool socket = got.rule->rule.flags & RULE_WEBSOCKET;
	const char *domain = r->opts.host_matching ? b->bound_server : b->bound_domain;
	const char *path = join_root(a, b->script_root, got.path);
	bool external = b->external || b->scheme || socket || strcmp(got.domain, domain) != 0;
	const char *url = path;
	if (path && external) {
		const char *host = got.domain;
		if (!r->opts.host_matching)
			host = *got.domain ? arena_printf(a, "%s.%s", got.domain, b->bound_server)
					   : b->bound_server;
		if (socket)
			scheme = secure ? "wss" : "ws";
		else if (*scheme)
			scheme = secure ? "https" : "http";
		url = host ? arena_printf(a, "%s%s//%s%s", scheme, *scheme ? ":" : "", host, path)
			   : NULL;
	}
	if (url && b->anchor) {
		struct buf text;
		buf_init(&text, a, 0);
		buf_str(&text, url);
		buf_char(&text, '#');
		percent_encode(&text, b->anchor, strlen(b->anchor), "%!#$&'()*+,/:;=?@", false);
		url = buf_err(&text) ? NULL : text.p;
	}
	return url;
}

const struct rule *router_rule_of(const struct router *r, const char *endpoint, size_t i)
{
	const struct endpoint_rules *e = router_endpoint(r, endpoint);
	return e && i < e->n ? &e->rules[i]->rule : NULL;
}

bool router_takes(const struct router *r, const char *endpoint, const char *name)
{
	const struct endpoint_rules *e = router_endpoint(r, endpoint);

	for (size_t i = 0; e && i < e->n; i++) {
		const struct compiled *c = e->rules[i];
		if (compiled_has_variable(c, name) || compiled_default(c, name))
			return true;
	}
	return false;
}
