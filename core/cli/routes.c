/* cruet routes: the rules of an application, in the order they are tried. */
#include <string.h>

#include "app/generation.h"
#include "cli/site.h"
#include "cli/table.h"

static const char *domain_of(const struct rule *r)
{
	return r->host ? r->host : r->subdomain ? r->subdomain : "";
}

static bool any_domain(const struct router *r)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = router_rule(r, i)); i++)
		if (*domain_of(rule))
			return true;
	return false;
}

/* As the application wrote them: without the OPTIONS that come by themselves. */
static const char *methods_of(const struct rule *r)
{
	const struct endpoint *e = r->target;
	const char *methods = e && e->entry ? e->entry->rule.methods : r->methods;

	if (r->flags & CRUET_BUILD_ONLY)
		return "-";
	if (r->flags & RULE_WEBSOCKET)
		return "WS";
	return methods ? methods : "*";
}

static int list(const struct router *r, struct arena *a)
{
	bool domains = any_domain(r);
	const struct rule *rule;
	struct table t;

	if (!router_rule(r, 0)) {
		puts("no routes");
		return EXIT_DONE;
	}
	table_init(&t, a, domains ? 5 : 4);
	if (domains)
		table_row(&t, "METHODS", "RULE", "ENDPOINT", "WHERE", "DOMAIN");
	else
		table_row(&t, "METHODS", "RULE", "ENDPOINT", "WHERE");
	for (size_t i = 0; (rule = router_rule(r, i)); i++)
		table_row(&t, methods_of(rule), rule->path, rule->endpoint, rule->here,
			  domain_of(rule));
	return table_print(&t, "", stdout) ? cli_fail("out of memory") : EXIT_DONE;
}

int routes_command(struct cmdline *c)
{
	struct site s;
	int code = site_plan(&s, c, c->args.rest[0]);

	if (!code)
		code = list(s.plan->router, &c->arena);
	site_close(&s);
	return code;
}
