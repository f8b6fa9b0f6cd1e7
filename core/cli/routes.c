/* cruet routes: the rules of an application. */
#include <cjson/cJSON.h>
#include <fnmatch.h>
#include <string.h>

#include "app/generation.h"
#include "base/text.h"
#include "cli/json_out.h"
#include "cli/routes.h"
#include "cli/routes_match.h"
#include "cli/site.h"
#include "cli/table.h"

/* --- which ---------------------------------------------------------------------------- */

const char *routes_domain(const struct rule *r)
{
	return r->host ? r->host : r->subdomain ? r->subdomain : "";
}

static const struct owner *owner_of(const struct rule *r)
{
	const struct endpoint *e = r->target;
	return e && e->entry ? e->entry->head.scope->owner : NULL;
}

static bool is_of_plugin(const struct rule *r, const char *name)
{
	const struct owner *o = owner_of(r);
	return !strcmp(o ? o->name : "app", name);
}

static bool lists(const char *methods, const char *method)
{
	size_t n = strlen(method);

	for (const char *p = methods; *p; p += *p == ',') {
		size_t len = strcspn(p, ",");
		if (len == n && text_ieqn(p, method, n))
			return true;
		p += len;
	}
	return false;
}

/* HEAD comes with GET. */
static bool takes(const struct rule *r, const char *method)
{
	if (r->flags & RULE_WEBSOCKET || text_ieq(method, "WS"))
		return r->flags & RULE_WEBSOCKET && text_ieq(method, "WS");
	return !r->methods || !strcmp(r->methods, "*") || lists(r->methods, method) ||
	       (text_ieq(method, "HEAD") && lists(r->methods, "GET"));
}

static bool is_one(const struct routes *r, const struct rule *rule)
{
	return (!r->of || owner_of(rule) == r->of) &&
	       (!r->plugin || is_of_plugin(rule, r->plugin)) &&
	       (!r->method || takes(rule, r->method)) &&
	       (!r->path || !fnmatch(r->path, rule->path, 0)) &&
	       (!r->endpoint || !fnmatch(r->endpoint, rule->endpoint, 0));
}

const struct rule *routes_next(const struct routes *r, size_t *i)
{
	const struct rule *rule;

	while ((rule = router_rule(r->router, (*i)++)))
		if (is_one(r, rule))
			return rule;
	return NULL;
}

/* --- as text -------------------------------------------------------------------------- */

/* As the application wrote them: without the OPTIONS that come by themselves. */
const char *routes_methods(const struct rule *r)
{
	const struct endpoint *e = r->target;
	const char *methods = e && e->entry ? e->entry->rule.methods : r->methods;

	if (r->flags & CRUET_BUILD_ONLY)
		return "-";
	if (r->flags & RULE_WEBSOCKET)
		return "WS";
	return methods ? methods : "*";
}

static bool any_domain(const struct routes *r)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = routes_next(r, &i));)
		if (*routes_domain(rule))
			return true;
	return false;
}

int routes_print(const struct routes *r, struct arena *a)
{
	bool domains = any_domain(r);
	const struct rule *rule;
	struct table t;

	table_init(&t, a, domains ? 5 : 4);
	if (domains)
		table_row(&t, "METHODS", "RULE", "ENDPOINT", "WHERE", "DOMAIN");
	else
		table_row(&t, "METHODS", "RULE", "ENDPOINT", "WHERE");
	for (size_t i = 0; (rule = routes_next(r, &i));)
		table_row(&t, routes_methods(rule), rule->path, rule->endpoint, rule->here,
			  routes_domain(rule));
	if (t.rows == 1) {
		puts("no routes");
		return EXIT_DONE;
	}
	return table_print(&t, "", stdout) ? cli_fail("out of memory") : EXIT_DONE;
}

/* --- as JSON -------------------------------------------------------------------------- */

cJSON *routes_rule_json(const struct rule *r, bool *ok)
{
	cJSON *out = cJSON_CreateObject();

	if (!out)
		return NULL;
	json_add_text(out, "methods", routes_methods(r), ok);
	json_add_text(out, "rule", r->path, ok);
	json_add_text(out, "endpoint", r->endpoint, ok);
	json_add_text(out, "where", r->here, ok);
	json_add_text(out, "domain", r->host ? r->host : r->subdomain, ok);
	return out;
}

cJSON *routes_json(const struct routes *r, bool *ok)
{
	cJSON *out = cJSON_CreateArray();
	const struct rule *rule;

	for (size_t i = 0; out && (rule = routes_next(r, &i));)
		json_push(out, routes_rule_json(rule, ok), ok);
	return out;
}

static int print_json(const struct routes *r, struct arena *a)
{
	bool ok = true;
	cJSON *all = routes_json(r, &ok);

	ok = ok && all && !json_print(all, a);
	cJSON_Delete(all);
	return ok ? EXIT_DONE : cli_fail("out of memory");
}

/* --- the command ------------------------------------------------------------------------ */

static int show(struct cmdline *c, struct site *s)
{
	const char *match = args_value(&c->args, "match");
	bool json = args_value(&c->args, "json");
	const struct routes r = {.router = s->plan->router,
				 .plugin = args_value(&c->args, "of"),
				 .method = args_value(&c->args, "method"),
				 .path = args_value(&c->args, "path"),
				 .endpoint = args_value(&c->args, "endpoint")};

	if (match)
		return routes_match(s, &r, match, json, c);
	return json ? print_json(&r, &c->arena) : routes_print(&r, &c->arena);
}

int routes_command(struct cmdline *c)
{
	struct site s;
	int code = site_plan(&s, c, c->args.rest[0]);

	if (!code)
		code = show(c, &s);
	site_close(&s);
	return code;
}
