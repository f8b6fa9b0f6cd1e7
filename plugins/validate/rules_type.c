/* What a value is: a text, a number, a truth, an array. */
#include <string.h>

#include "run.h"

static int test_string(struct attempt *a)
{
	return fits(text_of(a->value) != NULL);
}

/* A rule with the parameter strict takes no text. */
static bool type_fits(const struct attempt *a, int kind)
{
	return !a->rule->nparams || cruet_json_kind(a->value) == kind;
}

static int test_integer(struct attempt *a)
{
	int64_t n;

	return fits(type_fits(a, CRUET_JSON_NUMBER) &&
		    is_integer(a->run->c, a->value, &n));
}

static int test_numeric(struct attempt *a)
{
	struct decimal d;

	return fits(type_fits(a, CRUET_JSON_NUMBER) &&
		    value_number(a->run->c, a->value, &d));
}

static int test_boolean(struct attempt *a)
{
	bool truth;

	return fits(type_fits(a, CRUET_JSON_BOOL) && is_boolean(a->value, &truth));
}

static int test_accepted(struct attempt *a)
{
	return fits(is_accepted(a->value));
}

static int test_declined(struct attempt *a)
{
	return fits(is_declined(a->value));
}

static int test_accepted_if(struct attempt *a)
{
	return condition_is(a) ? test_accepted(a) : CRUET_OK;
}

static int test_declined_if(struct attempt *a)
{
	return condition_is(a) ? test_declined(a) : CRUET_OK;
}

/* With parameters: no other members. */
static int test_array(struct attempt *a)
{
	if (!is_container(a->value))
		return MISFIT;
	if (!a->rule->nparams)
		return CRUET_OK;
	if (cruet_json_kind(a->value) != CRUET_JSON_OBJECT)
		return fits(!cruet_json_first(a->value));
	for (const cruet_json *v = cruet_json_first(a->value); v; v = cruet_json_next(v))
		if (!is_param(a->rule, cruet_json_name(v)))
			return MISFIT;
	return CRUET_OK;
}

static int test_list(struct attempt *a)
{
	return fits(cruet_json_kind(a->value) == CRUET_JSON_ARRAY);
}

const struct rule_def type_rules[] = {
	{"string", .type = TYPE_TEXT, .test = test_string,
	 .message = "The :attribute field must be a string."},
	{"integer", 0, 1, TAKES_CHOICES, 0, TYPE_INT, test_integer, .choices = "strict",
	 .message = "The :attribute field must be an integer."},
	{"numeric", 0, 1, TAKES_CHOICES, 0, TYPE_REAL, test_numeric, .choices = "strict",
	 .message = "The :attribute field must be a number."},
	{"boolean", 0, 1, TAKES_CHOICES, 0, TYPE_BOOL, test_boolean, .choices = "strict",
	 .message = "The :attribute field must be true or false."},
	{"accepted", .flags = IMPLICIT, .type = TYPE_BOOL, .test = test_accepted,
	 .message = "The :attribute field must be accepted."},
	{"accepted_if", 2, ANY, TAKES_FIELD_AND_TEXT, IMPLICIT, TYPE_BOOL,
	 test_accepted_if, "other,value",
	 "The :attribute field must be accepted when :other is :value."},
	{"declined", .flags = IMPLICIT, .type = TYPE_BOOL, .test = test_declined,
	 .message = "The :attribute field must be declined."},
	{"declined_if", 2, ANY, TAKES_FIELD_AND_TEXT, IMPLICIT, TYPE_BOOL,
	 test_declined_if, "other,value",
	 "The :attribute field must be declined when :other is :value."},
	{"array", 0, ANY, TAKES_TEXT, SORTED, TYPE_ARRAY, test_array,
	 .message = "The :attribute field must be an array."},
	{"list", .type = TYPE_ARRAY, .test = test_list,
	 .message = "The :attribute field must be a list."},
	{NULL}};
