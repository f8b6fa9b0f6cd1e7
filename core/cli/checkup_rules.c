/* Rules that nobody reaches, and blueprints that have none. */
#include <string.h>

#include "app/generation.h"
#include "cli/checkup.h"
#include "cli/routes.h"

static void check_rule(struct checkup *k, const struct rule *rule)
{
	const struct rule *by = router_shadow(k->site.plan->router, k->a, k->ctx, rule);

	if (by)
		found(k, rule->here,
		      arena_printf(k->a,
				   "URL rule '%s' (%s) is never reached: '%s' (%s) at %s takes "
				   "all that it would",
				   rule->path, rule->endpoint, by->path, by->endpoint, by->here),
		      "register it before that one, or give it another path");
}

static bool has_rules(cruet_app *scope)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		cruet_app *child = entry_scope(e);
		if (e->kind == ENTRY_RULE || (child && has_rules(child)))
			return true;
	}
	return false;
}

static void check_blueprints(struct checkup *k, cruet_app *scope)
{
	for (struct entry *e = scope->entries; e; e = e->next) {
		cruet_app *child = entry_scope(e);
		if (!child)
			continue;
		if (child->kind == SCOPE_BLUEPRINT && !has_rules(child))
			found(k, arena_printf(k->a, "blueprint '%s'", child->name),
			      arena_printf(k->a, "no route was added to it (prefix \"%s\", of %s)",
					   child->prefix, scope_owner(child)),
			      "add one, or leave the blueprint out");
		else
			check_blueprints(k, child);
	}
}

void check_rules(struct checkup *k)
{
	const struct rule *rule;

	if (!k->ctx)
		return;
	for (size_t i = 0; (rule = router_rule(k->site.plan->router, i)); i++)
		check_rule(k, rule);
	check_blueprints(k, k->site.app);
}
