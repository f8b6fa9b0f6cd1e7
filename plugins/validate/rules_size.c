/* How large a value is: a number by its value, a text by its characters, an array by its
 * elements. */
#include <stdio.h>

#include "run.h"

/* Called with the comparison of the size with each parameter. */
typedef bool order_fn(int first, int second);

static int sized(struct attempt *a, order_fn *order)
{
	const struct param *p = a->rule->params;
	struct size size;

	if (!value_size(a->run->c, a->attr->field, a->value, &size))
		/* Not of the type that another rule asks for, which says so. */
		return fits((a->attr->field->type &
			     (TYPE_NUMBER | TYPE_ARRAY | TYPE_TEXT)) != 0);
	return fits(
		order(decimal_compare(&size.number, &p[0].number),
		      decimal_compare(&size.number, &p[a->rule->nparams - 1].number)));
}

static bool equal(int first, int second)
{
	(void)second;
	return first == 0;
}

static bool at_least(int first, int second)
{
	(void)second;
	return first >= 0;
}

static bool at_most(int first, int second)
{
	(void)second;
	return first <= 0;
}

static bool within(int first, int second)
{
	return first >= 0 && second <= 0;
}

static int test_size(struct attempt *a)
{
	return sized(a, equal);
}

static int test_min(struct attempt *a)
{
	return sized(a, at_least);
}

static int test_max(struct attempt *a)
{
	return sized(a, at_most);
}

static int test_between(struct attempt *a)
{
	return sized(a, within);
}

static bool check_range(const struct rule *r, char why[WHY_MAX])
{
	const struct param *p = r->params;

	if (decimal_compare(&p[0].number, &p[1].number) <= 0)
		return true;
	snprintf(why, WHY_MAX, "%s: %.60s is more than %.60s", r->def->name, p[0].text,
		 p[1].text);
	return false;
}

/* --- against a number or another field -------------------------------------------- */

static int compared(struct attempt *a, order_fn *order)
{
	const struct param *p = a->rule->params;
	const struct field *f = a->attr->field;
	const cruet_json *other = p->is_field ? other_value(a, p) : NULL;
	struct size size, limit = {.number = p->number};

	if (!value_size(a->run->c, f, a->value, &size))
		return fits((f->type & (TYPE_NUMBER | TYPE_ARRAY | TYPE_TEXT)) != 0);
	if (p->is_field && (!other || !value_size(a->run->c, f, other, &limit) ||
			    limit.kind != size.kind))
		return MISFIT;
	return fits(order(decimal_compare(&size.number, &limit.number), 0));
}

static bool more(int first, int second)
{
	return first > second;
}

static bool less(int first, int second)
{
	return first < second;
}

static int test_gt(struct attempt *a)
{
	return compared(a, more);
}

static int test_gte(struct attempt *a)
{
	return compared(a, at_least);
}

static int test_lt(struct attempt *a)
{
	return compared(a, less);
}

static int test_lte(struct attempt *a)
{
	return compared(a, at_most);
}

const struct rule_def size_rules[] = {
	{"size", 1, 1, TAKES_NUMBERS, BY_KIND, 0, test_size, "size",
	 "The :attribute field must be :size characters.",
	 "The :attribute field must be :size.",
	 "The :attribute field must contain :size items."},
	{"min", 1, 1, TAKES_NUMBERS, BY_KIND, 0, test_min, "min",
	 "The :attribute field must be at least :min characters.",
	 "The :attribute field must be at least :min.",
	 "The :attribute field must have at least :min items."},
	{"max", 1, 1, TAKES_NUMBERS, BY_KIND, 0, test_max, "max",
	 "The :attribute field must not be greater than :max characters.",
	 "The :attribute field must not be greater than :max.",
	 "The :attribute field must not have more than :max items."},
	{"between", 2, 2, TAKES_NUMBERS, BY_KIND, 0, test_between, "min,max",
	 "The :attribute field must be between :min and :max characters.",
	 "The :attribute field must be between :min and :max.",
	 "The :attribute field must have between :min and :max items.",
	 .check = check_range},
	{"gt", 1, 1, TAKES_NUMBER_OR_FIELD, BY_KIND, 0, test_gt, "value",
	 "The :attribute field must be greater than :value characters.",
	 "The :attribute field must be greater than :value.",
	 "The :attribute field must have more than :value items."},
	{"gte", 1, 1, TAKES_NUMBER_OR_FIELD, BY_KIND, 0, test_gte, "value",
	 "The :attribute field must be greater than or equal to :value characters.",
	 "The :attribute field must be greater than or equal to :value.",
	 "The :attribute field must have :value items or more."},
	{"lt", 1, 1, TAKES_NUMBER_OR_FIELD, BY_KIND, 0, test_lt, "value",
	 "The :attribute field must be less than :value characters.",
	 "The :attribute field must be less than :value.",
	 "The :attribute field must have less than :value items."},
	{"lte", 1, 1, TAKES_NUMBER_OR_FIELD, BY_KIND, 0, test_lte, "value",
	 "The :attribute field must be less than or equal to :value characters.",
	 "The :attribute field must be less than or equal to :value.",
	 "The :attribute field must not have more than :value items."},
	{NULL}};
