/* Whether a field is there: required..., present..., missing..., and what changes how
 * all others are called. */
#include "run.h"

static int required(const struct attempt *a)
{
	return fits(is_filled(a->value));
}

static bool is_there(const cruet_json *v)
{
	return v != NULL;
}

/* --- required --------------------------------------------------------------------- */

static int test_required(struct attempt *a)
{
	return required(a);
}

static int test_filled(struct attempt *a)
{
	return a->value ? required(a) : CRUET_OK;
}

static int test_required_if(struct attempt *a)
{
	return condition_value(a) && condition_is(a) ? required(a) : CRUET_OK;
}

static int test_required_unless(struct attempt *a)
{
	return condition_is(a) ? CRUET_OK : required(a);
}

static int test_required_if_accepted(struct attempt *a)
{
	return is_accepted(condition_value(a)) ? required(a) : CRUET_OK;
}

static int test_required_if_declined(struct attempt *a)
{
	return is_declined(condition_value(a)) ? required(a) : CRUET_OK;
}

static int test_required_with(struct attempt *a)
{
	return condition_any(a, is_filled) ? required(a) : CRUET_OK;
}

static int test_required_with_all(struct attempt *a)
{
	return condition_all(a, is_filled) ? required(a) : CRUET_OK;
}

static int test_required_without(struct attempt *a)
{
	return condition_all(a, is_filled) ? CRUET_OK : required(a);
}

static int test_required_without_all(struct attempt *a)
{
	return condition_any(a, is_filled) ? CRUET_OK : required(a);
}

/* --- present and missing ---------------------------------------------------------- */

static int present(const struct attempt *a)
{
	return fits(a->value != NULL);
}

static int missing(const struct attempt *a)
{
	return fits(a->value == NULL);
}

static int test_present(struct attempt *a)
{
	return present(a);
}

static int test_present_if(struct attempt *a)
{
	return condition_is(a) ? present(a) : CRUET_OK;
}

static int test_present_unless(struct attempt *a)
{
	return condition_is(a) ? CRUET_OK : present(a);
}

static int test_present_with(struct attempt *a)
{
	return condition_any(a, is_there) ? present(a) : CRUET_OK;
}

static int test_present_with_all(struct attempt *a)
{
	return condition_all(a, is_there) ? present(a) : CRUET_OK;
}

static int test_missing(struct attempt *a)
{
	return missing(a);
}

static int test_missing_if(struct attempt *a)
{
	return condition_is(a) ? missing(a) : CRUET_OK;
}

static int test_missing_unless(struct attempt *a)
{
	return condition_is(a) ? CRUET_OK : missing(a);
}

static int test_missing_with(struct attempt *a)
{
	return condition_any(a, is_there) ? missing(a) : CRUET_OK;
}

static int test_missing_with_all(struct attempt *a)
{
	return condition_all(a, is_there) ? missing(a) : CRUET_OK;
}

/* A modifier is read when the table is; it is never called. */
const struct rule_def presence_rules[] = {
	{"bail", .flags = MODIFIER},
	{"sometimes", .flags = MODIFIER},
	{"nullable", .flags = MODIFIER},
	{"required", .flags = IMPLICIT, .test = test_required,
	 .message = "The :attribute field is required."},
	{"filled", .flags = IMPLICIT, .test = test_filled,
	 .message = "The :attribute field must have a value."},
	{"required_if", 2, ANY, TAKES_FIELD_AND_TEXT, IMPLICIT, 0, test_required_if,
	 "other,value", "The :attribute field is required when :other is :value."},
	{"required_unless", 2, ANY, TAKES_FIELD_AND_TEXT, IMPLICIT, 0,
	 test_required_unless, "other,values",
	 "The :attribute field is required unless :other is in :values."},
	{"required_if_accepted", 1, 1, TAKES_FIELDS, IMPLICIT, 0,
	 test_required_if_accepted, "other",
	 "The :attribute field is required when :other is accepted."},
	{"required_if_declined", 1, 1, TAKES_FIELDS, IMPLICIT, 0,
	 test_required_if_declined, "other",
	 "The :attribute field is required when :other is declined."},
	{"required_with", 1, ANY, TAKES_FIELDS, IMPLICIT, 0, test_required_with, "values",
	 "The :attribute field is required when :values is present."},
	{"required_with_all", 1, ANY, TAKES_FIELDS, IMPLICIT, 0, test_required_with_all,
	 "values", "The :attribute field is required when :values are present."},
	{"required_without", 1, ANY, TAKES_FIELDS, IMPLICIT, 0, test_required_without,
	 "values", "The :attribute field is required when :values is not present."},
	{"required_without_all", 1, ANY, TAKES_FIELDS, IMPLICIT, 0,
	 test_required_without_all, "values",
	 "The :attribute field is required when none of :values are present."},
	{"present", .flags = IMPLICIT, .test = test_present,
	 .message = "The :attribute field must be present."},
	{"present_if", 2, ANY, TAKES_FIELD_AND_TEXT, IMPLICIT, 0, test_present_if,
	 "other,value", "The :attribute field must be present when :other is :value."},
	{"present_unless", 2, ANY, TAKES_FIELD_AND_TEXT, IMPLICIT, 0, test_present_unless,
	 "other,value", "The :attribute field must be present unless :other is :value."},
	{"present_with", 1, ANY, TAKES_FIELDS, IMPLICIT, 0, test_present_with, "values",
	 "The :attribute field must be present when :values is present."},
	{"present_with_all", 1, ANY, TAKES_FIELDS, IMPLICIT, 0, test_present_with_all,
	 "values", "The :attribute field must be present when :values are present."},
	{"missing", .flags = IMPLICIT, .test = test_missing,
	 .message = "The :attribute field must be missing."},
	{"missing_if", 2, ANY, TAKES_FIELD_AND_TEXT, IMPLICIT, 0, test_missing_if,
	 "other,value", "The :attribute field must be missing when :other is :value."},
	{"missing_unless", 2, ANY, TAKES_FIELD_AND_TEXT, IMPLICIT, 0, test_missing_unless,
	 "other,value", "The :attribute field must be missing unless :other is :value."},
	{"missing_with", 1, ANY, TAKES_FIELDS, IMPLICIT, 0, test_missing_with, "values",
	 "The :attribute field must be missing when :values is present."},
	{"missing_with_all", 1, ANY, TAKES_FIELDS, IMPLICIT, 0, test_missing_with_all,
	 "values", "The :attribute field must be missing when :values are present."},
	{NULL}};
