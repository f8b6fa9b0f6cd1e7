/* What must not be sent, and what is not looked at. */
#include "run.h"

static int empty(const struct attempt *a)
{
	return fits(!is_filled(a->value));
}

static int test_prohibited(struct attempt *a)
{
	return empty(a);
}

static int test_prohibited_if(struct attempt *a)
{
	return condition_is(a) ? empty(a) : CRUET_OK;
}

static int test_prohibited_unless(struct attempt *a)
{
	return condition_is(a) ? CRUET_OK : empty(a);
}

static int test_prohibited_if_accepted(struct attempt *a)
{
	return is_accepted(condition_value(a)) ? empty(a) : CRUET_OK;
}

static int test_prohibited_if_declined(struct attempt *a)
{
	return is_declined(condition_value(a)) ? empty(a) : CRUET_OK;
}

static int test_prohibits(struct attempt *a)
{
	return fits(!is_filled(a->value) || !condition_any(a, is_filled));
}

/* --- excluding: a misfit takes the field out -------------------------------------- */

static int test_exclude(struct attempt *a)
{
	(void)a;
	return MISFIT;
}

static int test_exclude_if(struct attempt *a)
{
	return fits(!condition_value(a) || !condition_is(a));
}

static int test_exclude_unless(struct attempt *a)
{
	return fits(condition_is(a));
}

static int test_exclude_with(struct attempt *a)
{
	return fits(!condition_value(a));
}

static int test_exclude_without(struct attempt *a)
{
	return fits(is_filled(condition_value(a)));
}

const struct rule_def prohibit_rules[] = {
	{"prohibited", .test = test_prohibited,
	 .message = "The :attribute field is prohibited."},
	{"prohibited_if", 2, ANY, TAKES_FIELD_AND_TEXT, 0, 0, test_prohibited_if,
	 "other,value", "The :attribute field is prohibited when :other is :value."},
	{"prohibited_unless", 2, ANY, TAKES_FIELD_AND_TEXT, 0, 0, test_prohibited_unless,
	 "other,values",
	 "The :attribute field is prohibited unless :other is in :values."},
	{"prohibited_if_accepted", 1, 1, TAKES_FIELDS, 0, 0, test_prohibited_if_accepted,
	 "other", "The :attribute field is prohibited when :other is accepted."},
	{"prohibited_if_declined", 1, 1, TAKES_FIELDS, 0, 0, test_prohibited_if_declined,
	 "other", "The :attribute field is prohibited when :other is declined."},
	{"prohibits", 1, ANY, TAKES_FIELDS, 0, 0, test_prohibits, "other",
	 "The :attribute field prohibits :other from being present."},
	{"exclude", .flags = EXCLUDES, .test = test_exclude},
	{"exclude_if", 2, ANY, TAKES_FIELD_AND_TEXT, EXCLUDES, 0, test_exclude_if},
	{"exclude_unless", 2, ANY, TAKES_FIELD_AND_TEXT, EXCLUDES, 0,
	 test_exclude_unless},
	{"exclude_with", 1, 1, TAKES_FIELDS, EXCLUDES, 0, test_exclude_with},
	{"exclude_without", 1, 1, TAKES_FIELDS, EXCLUDES, 0, test_exclude_without},
	{NULL}};
