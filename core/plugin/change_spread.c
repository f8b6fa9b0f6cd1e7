/* Who goes with those that go. */
#include "plugin/change.h"

#include <string.h>

bool instance_lies_in(const struct instance *in, const struct instance *outer)
{
	for (const cruet_app *at = in->scope->parent; at; at = at->parent)
		if (at == outer->scope)
			return true;
	return false;
}

static bool is_app(const char *plugin)
{
	return !strcmp(plugin, "app");
}

bool instance_is_app(const struct instance *in)
{
	return is_app(in->owner.plugin->name);
}

static bool is_bound_to_one_that_goes(const struct instance *in)
{
	for (const struct edge *e = in->uses; e; e = e->next)
		if (e->provider->fate != FATE_STAYS)
			return true;
	return false;
}

static bool uses(const struct instance *user, const struct instance *provider)
{
	for (const struct edge *e = user->uses; e; e = e->next)
		if (e->provider == provider)
			return true;
	return false;
}

/* What it was told in setup would lead into code that is gone. The application tells whom it
 * likes: it declares no needs. */
static bool was_told_by_one_that_goes(const struct change *c, const struct instance *in)
{
	if (!(in->owner.plugin->flags & CRUET_TOLD))
		return false;
	for (const struct instance *user = c->registry->all.first; user; user = user->next)
		if (user->fate != FATE_STAYS && (instance_is_app(user) || uses(user, in)))
			return true;
	return false;
}

static bool needs(const struct order_item *item, const cruet_plugin *provider)
{
	for (const char *const *need = item->needs; need && *need; need++)
		for (const char *const *id = provider->provides; id && *id; id++)
			if (order_need_is(*need, *id))
				return true;
	return false;
}

/* What comes would tell it while requests of before run on it, which outlive what came, and it
 * would know of what came also if that does not start. */
static bool would_be_told_by_one_that_comes(const struct change *c, const struct instance *in)
{
	if (!(in->owner.plugin->flags & CRUET_TOLD))
		return false;
	for (size_t i = 0; i < c->plan.n; i++)
		if (is_app(c->plan.items[i].plugin) ||
		    needs(&c->plan.items[i], in->owner.plugin))
			return true;
	return false;
}

static bool cannot_stay(const struct change *c, const struct instance *in)
{
	return is_bound_to_one_that_goes(in) || was_told_by_one_that_goes(c, in) ||
	       would_be_told_by_one_that_comes(c, in);
}

static bool lies_in_one_that_goes(const struct change *c, const struct instance *in)
{
	for (const struct instance *outer = c->registry->all.first; outer; outer = outer->next)
		if (outer->fate != FATE_STAYS && instance_lies_in(in, outer))
			return true;
	return false;
}

/* One that is bound to a service gets its provider's new one by being replaced itself; one that
 * keeps what it is told forgets it, and learns of what comes, in the same way. So it is part of
 * the same generations as all who tell it something. What lies inside one that is replaced is
 * attached anew by its init. */
bool change_spread(struct change *c)
{
	bool more = true, any = false;

	while (more) {
		more = false;
		for (struct instance *in = c->registry->all.first; in; in = in->next) {
			enum fate was = in->fate;
			if (was == FATE_STAYS && cannot_stay(c, in))
				in->fate = FATE_REPLACED;
			if (was != FATE_LEAVES && lies_in_one_that_goes(c, in))
				in->fate = FATE_LEAVES;
			more |= in->fate != was;
		}
		any |= more;
	}
	return any;
}
