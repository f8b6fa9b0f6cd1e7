/* cruet routes: the rules of an application, in the order they are tried. */
#include <string.h>

#include "app/generation.h"
#include "cli/routes.h"
#include "cli/site.h"
#include "cli/table.h"

static const char *domain_of(const struct rule *r)
{
	return r->host ? r->host : r->subdomain ? r->subdomain : "";
}

const struct rule *routes_next(const struct router *r, const struct owner *of, size_t *i)
{
	const struct rule *rule;

	while ((rule = router_rule(r, (*i)++))) {
		const struct endpoint *e = rule->target;
		if (!of || (e && e->entry && e->entry->head.scope->owner == of))
			return rule;
	}
	return NULL;
}

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

static bool any_domain(const struct router *r, const struct owner *of)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = routes_next(r, of, &i));)
		if (*domain_of(rule))
			return true;
	return false;
}

int routes_print(const struct router *r, const struct owner *of, struct arena *a)
{
	bool domains = any_domain(r, of);
	const struct rule *rule;
	struct table t;

	table_init(&t, a, domains ? 5 : 4);
	if (domains)
		table_row(&t, "METHODS", "RULE", "ENDPOINT", "WHERE", "DOMAIN");
	else
		table_row(&t, "METHODS", "RULE", "ENDPOINT", "WHERE");
	for (size_t i = 0; (rule = routes_next(r, of, &i));)
		table_row(&t, routes_methods(rule), rule->path, rule->endpoint, rule->here,
			  domain_of(rule));
	if (t.rows == 1) {
		puts("no routes");
		return EXIT_DONE;
	}
	return table_print(&t, "", stdout) ? cli_fail("out of memory") : EXIT_DONE;
}

int routes_command(struct cmdline *c)
{
	struct site s;
	int code = site_plan(&s, c, c->args.rest[0]);

	if (!code)
		code = routes_print(s.plan->router, NULL, &c->arena);
	site_close(&s);
	return code;
}
