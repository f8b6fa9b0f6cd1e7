/* Rules, messages and labels that applications and plugins added. They belong to the scopes
 * that added them (core/service/validate_setup.c listens for them): so an application that
 * takes the place of another while it serves brings its own, and nothing here is shared. */
#include <string.h>

#include "run.h"

static void ask(const struct asker *who, void (*take)(void *, const cruet_validate_added *),
		void *arg)
{
	const cruet_validate_asked asked = {
		.size = sizeof asked, .self = who->self, .take = take, .arg = arg};

	if (who->c)
		cruet_tell(who->c, CRUET_VALIDATE_EVENT, &asked);
	else
		cruet_tell_setup(who->app, CRUET_VALIDATE_EVENT, &asked);
}

struct search {
	uint32_t kind;
	const char *key;
	size_t len;
	const cruet_validate_added *found;
};

static void match(void *arg, const cruet_validate_added *a)
{
	struct search *s = arg;

	if (a->kind == s->kind && !strncmp(a->key, s->key, s->len) && !a->key[s->len])
		s->found = a;
}

const cruet_validate_added *added_find(const struct asker *who, uint32_t kind,
				       const char *key, size_t len)
{
	struct search s = {kind, key, len, NULL};

	ask(who, match, &s);
	return s.found;
}

struct count {
	size_t left;
	const char *name;
};

static void count_down(void *arg, const cruet_validate_added *a)
{
	struct count *n = arg;

	if (a->kind == CRUET_VALIDATE_RULE && !n->left--)
		n->name = a->key;
}

const cruet_validate_added *added_rule(const struct asker *who, const char *name,
				       size_t len)
{
	const cruet_validate_added *a = added_find(who, CRUET_VALIDATE_RULE, name, len);

	return a && a->fn ? a : NULL;
}

const char *known_rule(const void *asker, size_t i)
{
	struct count n = {i, NULL};

	ask(asker, count_down, &n);
	if (n.name)
		return n.name;
	const struct rule_def *d = catalog_at(n.left);
	return d ? d->name : NULL;
}

/* --- running a rule that was added -------------------------------------------------- */

static int test_custom(struct attempt *a)
{
	const struct run *r = a->run;
	const cruet_validate_added *added = r->added[a->rule->slot];
	const cruet_rule_call call = {
		.size = sizeof call,
		.nparams = (uint32_t)a->rule->nparams,
		.field = attr_name(r->c, a->attr),
		.value = a->value,
		.params = a->rule->texts,
		.input = r->input,
		.arg = added->arg,
	};
	bool clean = !cruet_err(r->c);

	if (!call.field)
		return CRUET_ENOMEM;
	int err = added->fn(r->c, &call);
	/* return cruet_fail(c, 422, ...) says no more than 422 does. */
	if (err == MISFIT && clean && cruet_err(r->c) == MISFIT)
		cruet_err_clear(r->c);
	return err;
}

const struct rule_def custom_def = {.name = "custom",
				    .max = ANY,
				    .test = test_custom,
				    .message = "The :attribute field is invalid."};
