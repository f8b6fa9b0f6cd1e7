/* Rules that an application or another plugin added. */
#include <string.h>

#include "run.h"

const struct custom *custom_find(const struct custom *list, const char *name, size_t len)
{
	while (list && (strncmp(list->name, name, len) != 0 || list->name[len]))
		list = list->next;
	return list;
}

const char *known_rule(const void *customs, size_t i)
{
	for (const struct custom *c = customs; c; c = c->next)
		if (!i--)
			return c->name;
	const struct rule_def *d = catalog_at(i);
	return d ? d->name : NULL;
}

static int test_custom(struct attempt *a)
{
	const struct run *r = a->run;
	const struct custom *custom = a->rule->custom;
	const cruet_rule_call call = {
		.size = sizeof call,
		.nparams = (uint32_t)a->rule->nparams,
		.field = attr_name(r->c, a->attr),
		.value = a->value,
		.params = a->rule->texts,
		.input = r->input,
		.arg = custom->arg,
	};
	bool clean = !cruet_err(r->c);

	if (!call.field)
		return CRUET_ENOMEM;
	int err = custom->fn(r->c, &call);
	/* return cruet_fail(c, 422, ...) says no more than 422 does. */
	if (err == MISFIT && clean && cruet_err(r->c) == MISFIT)
		cruet_err_clear(r->c);
	return err;
}

const struct rule_def custom_def = {.name = "custom",
				    .max = ANY,
				    .test = test_custom,
				    .message = "The :attribute field is invalid."};
