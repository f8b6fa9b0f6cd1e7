#include "plugin/hint.h"

#include <string.h>

#include "plugin/registry.h"

/* The service of a list that differs from need in its version alone. */
static const char *other_version(const char *const *provides, const char *need)
{
	size_t n = strcspn(need, "/");

	for (; provides && *provides; provides++)
		if (strcspn(*provides, "/") == n && !memcmp(*provides, need, n))
			return *provides;
	return NULL;
}

static bool provides(const char *const *list, const char *need)
{
	for (; list && *list; list++)
		if (order_need_is(need, *list))
			return true;
	return false;
}

static const char *on_the_path(struct host *h, const char *need, struct arena *a)
{
	const char *const *names = registry_names(h, a);
	const char *found = NULL;

	for (; names && *names && !found; names++) {
		struct facts facts;
		const char *why, *file = registry_find(h, *names, a, &why);
		if (file && loader_check(file, false, a, &facts, &why) == CRUET_OK &&
		    provides(facts.plugin->provides, need))
			found = *names;
	}
	return found;
}

const char *hint_unmet(cruet_app *root, const struct order_item *set, size_t n,
		       const char *need, struct arena *a)
{
	struct registry *r = root->host->registry;
	const char *other = NULL, *who = NULL;

	for (struct instance *in = r ? r->all.first : NULL; in && !other; in = in->next) {
		if (in->scope->out)
			continue;
		other = other_version(in->owner.plugin->provides, need);
		who = in->owner.name;
	}
	for (size_t i = 0; i < n && !other; i++) {
		other = other_version(set[i].provides, need);
		who = set[i].name;
	}
	if (other)
		return arena_printf(a, ": '%s' provides \"%s\"", who, other);
	who = on_the_path(root->host, need, a);
	return who ? arena_printf(a, ": add '%s', which does", who) : "";
}
