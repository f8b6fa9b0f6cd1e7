/* What must be there, and what may be missing: modifiers, required..., present...,
 * missing.... */
#include "fixture.h"

#define REQUIRED "The f field is required."

/* {"o": other, "f": value}: the errors of f. other or value NULL: not sent. */
static void try_two(const char *rules, const char *other, const char *value,
		    const char *want)
{
	const cruet_field_rule table[] = {{"f", rules}, {NULL, NULL}};
	const char *o = other ? cruet_printf(c, "\"o\": %s", other) : "";
	const char *f = value ? cruet_printf(c, "\"f\": %s", value) : "";
	const char *input = cruet_printf(c, "{%s%s%s}", o, *o && *f ? ", " : "", f);
	const char *got = cruet_valid_error(check_json(input, table), "f");

	ck_assert_msg(!strcmp(got ? got : "", want), "%s with %s\n gave: %s\n want: %s",
		      rules, input, got ? got : "", want);
	fresh_ctx();
}

struct two_case {
	const char *rules, *other, *value, *error;
};

#define TRY_TWO(cases)                                                   \
	for (size_t i_ = 0; i_ < sizeof(cases) / sizeof *(cases); i_++)  \
	try_two((cases)[i_].rules, (cases)[i_].other, (cases)[i_].value, \
		(cases)[i_].error)

START_TEST(required_wants_something)
{
	FITS("required", "\"a\"", "0", "false", "\"0\"", "[1]", "{\"a\": null}",
	     "\" a \"", "[null]");
	GIVES("required", REQUIRED, "null", "\"\"", "\" \\t\\n\"", "[]", "{}");
	const struct value_case cases[] = {
		{"required", NULL, REQUIRED},
		{"required|integer|min:3", NULL, REQUIRED},
		{"required|integer", "\"\"", REQUIRED},
		{"nullable|required", "null", REQUIRED},
		/* What is not there cannot be wrong as well. */
		{"required|integer|min:3", "null", REQUIRED},
		{"required|array|min:1", "[]", REQUIRED},
		{"integer|required|min:3", "null",
		 "The f field must be an integer. | " REQUIRED},
		{"sometimes|required", NULL, ""},
		{"sometimes|required", "\"\"", REQUIRED},
		{"", NULL, ""},
		{"", "null", ""},
	};
	TRY(cases);
}
END_TEST

START_TEST(what_is_missing_or_blank_meets_no_other_rules)
{
	const struct value_case cases[] = {
		{"integer|min:5|email|in:a|regex:/x/", NULL, ""},
		{"integer|min:5|email|in:a|regex:/x/", "\"\"", ""},
		{"integer|min:5|email|in:a|regex:/x/", "\"  \"", ""},
		{"integer", "null", "The f field must be an integer."},
		{"nullable|integer", "null", ""},
		{"integer|nullable", "null", ""},
		{"nullable|integer", "\"a\"", "The f field must be an integer."},
	};
	TRY(cases);
}
END_TEST

START_TEST(all_errors_are_given_unless_bail_says_so)
{
	const struct value_case cases[] = {
		{"email|max:2|uppercase", "\"abc\"",
		 "The f field must be a valid email address. | The f field must not be "
		 "greater "
		 "than 2 characters. | The f field must be uppercase."},
		{"bail|email|max:2|uppercase", "\"abc\"",
		 "The f field must be a valid email address."},
		{"email|max:2|uppercase|bail", "\"abc\"",
		 "The f field must be a valid email address."},
		{"bail|min:2|max:2|uppercase", "\"abc\"",
		 "The f field must not be greater than 2 characters."},
	};
	TRY(cases);
}
END_TEST

START_TEST(filled_wants_a_value_if_it_is_sent)
{
	FITS("filled", "1", "\"a\"", "false", "[0]");
	GIVES("filled", "The f field must have a value.", "\"\"", "\" \"", "null", "[]",
	      "{}");
	const struct value_case cases[] = {{"filled", NULL, ""}};
	TRY(cases);
}
END_TEST

START_TEST(present_and_missing_ask_only_whether_it_is_sent)
{
	const struct value_case cases[] = {
		{"present", NULL, "The f field must be present."},
		{"present", "null", ""},
		{"present", "\"\"", ""},
		{"present|integer", "\"\"", ""},
		{"missing", NULL, ""},
		{"missing", "null", "The f field must be missing."},
		{"missing", "\"\"", "The f field must be missing."},
		{"missing", "1", "The f field must be missing."},
		{"missing|integer", "\"x\"", "The f field must be missing."},
	};
	TRY(cases);
}
END_TEST

START_TEST(required_depends_on_the_value_of_another)
{
	const char *const is_b = "The f field is required when o is b.";
	const char *const unless = "The f field is required unless o is in a, b.";
	const struct two_case cases[] = {
		{"required_if:o,a,b", "\"b\"", NULL, is_b},
		{"required_if:o,a,b", "\"b\"", "\"\"", is_b},
		{"required_if:o,a,b", "\"b\"", "null", is_b},
		{"required_if:o,a,b", "\"b\"", "1", ""},
		{"required_if:o,a,b", "\"c\"", NULL, ""},
		{"required_if:o,a,b", "\"B\"", NULL, ""},
		{"required_if:o,a,b", "[\"b\"]", NULL, ""},
		{"required_if:o,a,b", NULL, NULL, ""},
		{"required_if:o,null", NULL, NULL, ""},
		{"required_if:o,null", "null", NULL,
		 "The f field is required when o is null."},
		{"required_if:o,null", "\"null\"", NULL,
		 "The f field is required when o is null."},
		{"required_if:o,true", "true", NULL,
		 "The f field is required when o is true."},
		{"required_if:o,1", "true", NULL, "The f field is required when o is 1."},
		{"required_if:o,false", "false", NULL,
		 "The f field is required when o is false."},
		{"required_if:o,true", "\"true\"", NULL,
		 "The f field is required when o is true."},
		{"required_if:o,true", "1", NULL, ""},
		{"required_if:o,5", "5", NULL, "The f field is required when o is 5."},
		{"required_if:o,5", "5.0", NULL, "The f field is required when o is 5."},
		{"required_if:o,5.0", "5", NULL,
		 "The f field is required when o is 5.0."},
		{"required_if:o,5", "\"5\"", NULL,
		 "The f field is required when o is 5."},
		{"required_if:o,5", "6", NULL, ""},
		{"required_if:o,\"\"", "\"\"", NULL,
		 "The f field is required when o is ."},
		{"required_unless:o,a,b", "\"c\"", NULL, unless},
		{"required_unless:o,a,b", NULL, NULL, unless},
		{"required_unless:o,a,b", "null", NULL, unless},
		{"required_unless:o,a,b", "\"a\"", NULL, ""},
		{"required_unless:o,a,b", "\"c\"", "1", ""},
		{"required_unless:o,null", NULL, NULL, ""},
		{"required_unless:o,null", "null", NULL, ""},
		{"required_if_accepted:o", "\"on\"", NULL,
		 "The f field is required when o is accepted."},
		{"required_if_accepted:o", "true", NULL,
		 "The f field is required when o is accepted."},
		{"required_if_accepted:o", "true", "1", ""},
		{"required_if_accepted:o", "false", NULL, ""},
		{"required_if_accepted:o", NULL, NULL, ""},
		{"required_if_declined:o", "\"off\"", NULL,
		 "The f field is required when o is declined."},
		{"required_if_declined:o", "1", NULL, ""},
		{"required_if_declined:o", NULL, NULL, ""},
	};
	TRY_TWO(cases);
}
END_TEST

START_TEST(a_truth_value_is_known_by_its_rule)
{
	const cruet_field_rule *table =
		TABLE({"o", "boolean"}, {"f", "required_if:o,true"});
	gives(table, "{\"o\": \"1\"}",
	      "{\"f\":[\"The f field is required when o is true.\"]}", NULL);
	gives(table, "{\"o\": 1}",
	      "{\"f\":[\"The f field is required when o is true.\"]}", NULL);
	gives(table, "{\"o\": \"0\"}", "", NULL);
}
END_TEST

START_TEST(required_depends_on_whether_others_are_there)
{
	static const struct {
		const char *rules;
		bool none, a, b, both; /* required with these */
		const char *error;
	} cases[] = {
		{"required_with:a,b", false, true, true, true,
		 "The f field is required when a / b is present."},
		{"required_with_all:a,b", false, false, false, true,
		 "The f field is required when a / b are present."},
		{"required_without:a,b", true, true, true, false,
		 "The f field is required when a / b is not present."},
		{"required_without_all:a,b", true, false, false, false,
		 "The f field is required when none of a / b are present."},
	};
	static const char *const inputs[] = {"{}", "{\"a\": 1}", "{\"b\": 1}",
					     "{\"a\": 1, \"b\": 1}"};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const bool want[] = {cases[i].none, cases[i].a, cases[i].b,
				     cases[i].both};
		for (size_t j = 0; j < 4; j++) {
			const cruet_field_rule *table = TABLE({"f", cases[i].rules});
			const char *got =
				cruet_valid_error(check_json(inputs[j], table), "f");
			ck_assert_msg(
				!strcmp(got ? got : "", want[j] ? cases[i].error : ""),
				"%s with %s: %s", cases[i].rules, inputs[j], got);
			fresh_ctx();
		}
	}
	/* Empty is not there. */
	try_two("required_with:o", "\"\"", NULL, "");
	try_two("required_with:o", "null", NULL, "");
	try_two("required_with:o", "[]", NULL, "");
	try_two("required_without:o", "\" \"", NULL,
		"The f field is required when o is not present.");
	try_two("required_with:o", "0", "1", "");
}
END_TEST

START_TEST(present_depends_on_others)
{
	const char *const p = "The f field must be present when o is a.";
	const struct two_case cases[] = {
		{"present_if:o,a", "\"a\"", NULL, p},
		{"present_if:o,a", "\"a\"", "null", ""},
		{"present_if:o,a", "\"a\"", "\"\"", ""},
		{"present_if:o,a", "\"b\"", NULL, ""},
		{"present_if:o,a", NULL, NULL, ""},
		{"present_unless:o,a", "\"b\"", NULL,
		 "The f field must be present unless o is a."},
		{"present_unless:o,a", NULL, NULL,
		 "The f field must be present unless o is a."},
		{"present_unless:o,a", "\"a\"", NULL, ""},
		{"present_with:o,p", "null", NULL,
		 "The f field must be present when o / p is present."},
		{"present_with:o,p", NULL, NULL, ""},
		{"present_with:o,p", "1", "\"\"", ""},
		{"present_with_all:o,p", "1", NULL, ""},
		{"present_with_all:o", "1", NULL,
		 "The f field must be present when o are present."},
	};
	TRY_TWO(cases);
}
END_TEST

START_TEST(missing_depends_on_others)
{
	const char *const m = "The f field must be missing when o is a.";
	const struct two_case cases[] = {
		{"missing_if:o,a", "\"a\"", "1", m},
		{"missing_if:o,a", "\"a\"", "\"\"", m},
		{"missing_if:o,a", "\"a\"", NULL, ""},
		{"missing_if:o,a", "\"b\"", "1", ""},
		{"missing_if:o,a", NULL, "1", ""},
		{"missing_unless:o,a", "\"b\"", "1",
		 "The f field must be missing unless o is a."},
		{"missing_unless:o,a", "\"a\"", "1", ""},
		{"missing_with:o,p", "null", "1",
		 "The f field must be missing when o / p is present."},
		{"missing_with:o,p", NULL, "1", ""},
		{"missing_with_all:o,p", "1", "1", ""},
		{"missing_with_all:o", "1", "1",
		 "The f field must be missing when o are present."},
	};
	TRY_TWO(cases);
}
END_TEST

START_TEST(accepted_and_declined_depend_on_others)
{
	const struct two_case cases[] = {
		{"accepted_if:o,a", "\"a\"", NULL,
		 "The f field must be accepted when o is a."},
		{"accepted_if:o,a", "\"a\"", "0",
		 "The f field must be accepted when o is a."},
		{"accepted_if:o,a", "\"a\"", "\"on\"", ""},
		{"accepted_if:o,a", "\"b\"", NULL, ""},
		{"declined_if:o,a", "\"a\"", "1",
		 "The f field must be declined when o is a."},
		{"declined_if:o,a", "\"a\"", "\"no\"", ""},
		{"declined_if:o,a", NULL, "1", ""},
	};
	TRY_TWO(cases);
}
END_TEST

START_TEST(prohibited_is_what_must_not_be_sent)
{
	const char *const when = "The f field is prohibited when o is a.";
	const struct two_case cases[] = {
		{"prohibited", NULL, "1", "The f field is prohibited."},
		{"prohibited", NULL, "false", "The f field is prohibited."},
		{"prohibited", NULL, "\"\"", ""},
		{"prohibited", NULL, "null", ""},
		{"prohibited", NULL, "[]", ""},
		{"prohibited", NULL, NULL, ""},
		{"prohibited_if:o,a", "\"a\"", "1", when},
		{"prohibited_if:o,a", "\"a\"", "\" \"", ""},
		{"prohibited_if:o,a", "\"b\"", "1", ""},
		{"prohibited_if:o,a", NULL, "1", ""},
		{"prohibited_if:o,null", NULL, "1",
		 "The f field is prohibited when o is null."},
		{"prohibited_unless:o,a,b", "\"c\"", "1",
		 "The f field is prohibited unless o is in a, b."},
		{"prohibited_unless:o,a,b", NULL, "1",
		 "The f field is prohibited unless o is in a, b."},
		{"prohibited_unless:o,a,b", "\"b\"", "1", ""},
		{"prohibited_if_accepted:o", "\"yes\"", "1",
		 "The f field is prohibited when o is accepted."},
		{"prohibited_if_accepted:o", "\"no\"", "1", ""},
		{"prohibited_if_declined:o", "\"no\"", "1",
		 "The f field is prohibited when o is declined."},
		{"prohibited_if_declined:o", NULL, "1", ""},
		{"prohibits:o,p", "1", "1",
		 "The f field prohibits o / p from being present."},
		{"prohibits:o,p", "\"\"", "1", ""},
		{"prohibits:o,p", NULL, "1", ""},
		{"prohibits:o,p", "1", "null", ""},
		{"prohibits:o,p", "1", NULL, ""},
	};
	TRY_TWO(cases);
}
END_TEST

CTX_SUITE("validate_presence", required_wants_something,
	  what_is_missing_or_blank_meets_no_other_rules,
	  all_errors_are_given_unless_bail_says_so, filled_wants_a_value_if_it_is_sent,
	  present_and_missing_ask_only_whether_it_is_sent,
	  required_depends_on_the_value_of_another, a_truth_value_is_known_by_its_rule,
	  required_depends_on_whether_others_are_there, present_depends_on_others,
	  missing_depends_on_others, accepted_and_declined_depend_on_others,
	  prohibited_is_what_must_not_be_sent)
