/* What a rule asks of other fields. */
#include "run.h"

const cruet_json *condition_value(const struct attempt *a)
{
	return other_value(a, &a->rule->params[0]);
}

bool condition_is(struct attempt *a)
{
	const struct rule *r = a->rule;
	const cruet_json *other = condition_value(a);

	a->shown = 0;
	for (size_t i = 1; i < r->nparams; i++)
		if (value_is(a->run->c, other, &r->params[i], r->params[0].field)) {
			a->shown = i + 1;
			return true;
		}
	return false;
}

bool condition_any(const struct attempt *a, holds_fn *holds)
{
	for (size_t i = 0; i < a->rule->nparams; i++)
		if (holds(other_value(a, &a->rule->params[i])))
			return true;
	return false;
}

bool condition_all(const struct attempt *a, holds_fn *holds)
{
	for (size_t i = 0; i < a->rule->nparams; i++)
		if (!holds(other_value(a, &a->rule->params[i])))
			return false;
	return true;
}
