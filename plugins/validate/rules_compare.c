/* Against the value of another field. */
#include "run.h"

static bool same_as(const struct attempt *a, const struct param *p)
{
	const cruet_json *other = other_value(a, p);

	return other && value_equals(a->run->c, a->value, other);
}

static int test_same(struct attempt *a)
{
	return fits(same_as(a, &a->rule->params[0]));
}

/* From each of them. */
static int test_different(struct attempt *a)
{
	for (size_t i = 0; i < a->rule->nparams; i++)
		if (same_as(a, &a->rule->params[i])) {
			a->shown = i + 1;
			return MISFIT;
		}
	return CRUET_OK;
}

const struct rule_def compare_rules[] = {
	{"same", 1, 1, TAKES_FIELDS, 0, 0, test_same, "other",
	 "The :attribute field must match :other."},
	{"confirmed", 0, 1, TAKES_CONFIRMATION, 0, 0, test_same, "other",
	 "The :attribute field confirmation does not match."},
	{"different", 1, ANY, TAKES_FIELDS, 0, 0, test_different, "other",
	 "The :attribute field and :other must be different."},
	{NULL}};
