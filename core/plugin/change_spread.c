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

bool instance_is_app(const struct instance *in)
{
	return !strcmp(in->owner.plugin->name, "app");
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

static bool lies_in_one_that_goes(const struct change *c, const struct instance *in)
{
	for (const struct instance *outer = c->registry->all.first; outer; outer = outer->next)
		if (outer->fate != FATE_STAYS && instance_lies_in(in, outer))
			return true;
	return false;
}

/* One that is bound to a service gets its provider's new one by being replaced itself; one that
 * was told something forgets it in the same way. What lies inside one that is replaced is
 * attached anew by its init. */
void change_spread(struct change *c)
{
	bool more = true;

	while (more) {
		more = false;
		for (struct instance *in = c->registry->all.first; in; in = in->next) {
			enum fate was = in->fate;
			if (was == FATE_STAYS &&
			    (is_bound_to_one_that_goes(in) || was_told_by_one_that_goes(c, in)))
				in->fate = FATE_REPLACED;
			if (was != FATE_LEAVES && lies_in_one_that_goes(c, in))
				in->fate = FATE_LEAVES;
			more |= in->fate != was;
		}
	}
}
