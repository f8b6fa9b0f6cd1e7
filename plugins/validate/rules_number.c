/* Numbers as they are written: places behind the point, digits, multiples. */
#include <stdio.h>
#include <string.h>

#include "run.h"

enum { UNIT_DIGITS = 17 }; /* what decimal_multiple() takes */

static int test_decimal(struct attempt *a)
{
	const struct rule *r = a->rule;
	struct decimal d;

	if (!value_number(a->run->c, a->value, &d) || d.exponent)
		return MISFIT;
	uint64_t places = (uint64_t)d.places;
	return fits(places >= r->params[0].count &&
		    places <= r->params[r->nparams - 1].count);
}

/* The length of a value that has digits only; false if it has others. */
static bool digits(const struct attempt *a, uint64_t *out)
{
	const char *s = text_or_number(a->run->c, a->value);
	size_t n = s ? strspn(s, "0123456789") : 0;

	*out = n;
	return n && !s[n];
}

static int digits_within(const struct attempt *a, uint64_t min, uint64_t max)
{
	uint64_t n;

	return fits(digits(a, &n) && n >= min && n <= max);
}

static int test_digits(struct attempt *a)
{
	return digits_within(a, a->rule->params[0].count, a->rule->params[0].count);
}

static int test_digits_between(struct attempt *a)
{
	return digits_within(a, a->rule->params[0].count, a->rule->params[1].count);
}

static int test_min_digits(struct attempt *a)
{
	return digits_within(a, a->rule->params[0].count, UINT64_MAX);
}

static int test_max_digits(struct attempt *a)
{
	return digits_within(a, 0, a->rule->params[0].count);
}

static int test_multiple_of(struct attempt *a)
{
	struct decimal d;

	return fits(value_number(a->run->c, a->value, &d) &&
		    decimal_multiple(&d, &a->rule->params[0].number));
}

static bool check_unit(const struct rule *r, char why[WHY_MAX])
{
	const struct param *p = &r->params[0];
	size_t n = decimal_digits(&p->number);

	if (n && n <= UNIT_DIGITS)
		return true;
	snprintf(why, WHY_MAX,
		 "%s: \"%.60s\": expected a number other than 0, of at most %d digits",
		 r->def->name, p->text, UNIT_DIGITS);
	return false;
}

static bool check_range(const struct rule *r, char why[WHY_MAX])
{
	const struct param *p = r->params;

	if (p[0].count <= p[r->nparams - 1].count)
		return true;
	snprintf(why, WHY_MAX, "%s: %.60s is more than %.60s", r->def->name, p[0].text,
		 p[1].text);
	return false;
}

const struct rule_def number_rules[] = {
	{"decimal", 1, 2, TAKES_COUNTS, 0, TYPE_REAL, test_decimal, "decimal",
	 "The :attribute field must have :decimal decimal places.", .check = check_range},
	{"digits", 1, 1, TAKES_COUNTS, 0, 0, test_digits, "digits",
	 "The :attribute field must be :digits digits."},
	{"digits_between", 2, 2, TAKES_COUNTS, 0, 0, test_digits_between, "min,max",
	 "The :attribute field must be between :min and :max digits.",
	 .check = check_range},
	{"min_digits", 1, 1, TAKES_COUNTS, 0, 0, test_min_digits, "min",
	 "The :attribute field must have at least :min digits."},
	{"max_digits", 1, 1, TAKES_COUNTS, 0, 0, test_max_digits, "max",
	 "The :attribute field must not have more than :max digits."},
	{"multiple_of", 1, 1, TAKES_NUMBERS, 0, 0, test_multiple_of, "value",
	 "The :attribute field must be a multiple of :value.", .check = check_unit},
	{NULL}};
