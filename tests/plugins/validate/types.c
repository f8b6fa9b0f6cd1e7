/* What a value is: string, integer, numeric, boolean, accepted, declined, array, list. */
#include "fixture.h"

#define INTEGER "The f field must be an integer."
#define NUMERIC "The f field must be a number."
#define BOOLEAN "The f field must be true or false."
#define STRING	"The f field must be a string."
#define ARRAY	"The f field must be an array."

START_TEST(strings_are_texts_alone)
{
	FITS("string", "\"a\"", "\"\"", "\"12\"", "\"  \"", "\"\\u00fc\"");
	GIVES("string", STRING, "12", "1.5", "true", "false", "null", "[]", "{}",
	      "[\"a\"]");
	FITS("nullable|string", "null", "\"a\"");
}
END_TEST

START_TEST(integers_have_the_usual_spelling)
{
	FITS("integer", "0", "1", "-1", "12.0", "1e3", "9223372036854775807",
	     "-9223372036854775808", "9007199254740993", "\"0\"", "\"1\"", "\"-1\"",
	     "\"+7\"", "\"-0\"", "\" 5 \"", "\"\\t5\\n\"", "\"9223372036854775807\"",
	     "\"-9223372036854775808\"");
	GIVES("integer", INTEGER, "1.5", "9.3e18", "-9.3e18", "1e30", "1e-3", "true",
	      "false", "null", "[]", "[1]", "{}", "\"a\"", "\"1a\"", "\"a1\"", "\"1.0\"",
	      "\"1.5\"", "\"1e3\"", "\"007\"", "\"-01\"", "\"0x1f\"", "\"0b1\"",
	      "\"1 2\"", "\"- 1\"", "\"--1\"", "\"+\"", "\"-\"",
	      "\"9223372036854775808\"", "\"-9223372036854775809\"",
	      "\"99999999999999999999\"", "\"1_000\"", "\"1,000\"", "\"\\u0661\"");
	FITS("integer", NULL, "\"\"", "\"  \"");
}
END_TEST

START_TEST(numbers_may_have_a_point_and_an_exponent)
{
	FITS("numeric", "0", "1.5", "-1.5e10", "1e300", "\"1\"", "\"1.5\"", "\"-1.5\"",
	     "\"+1.5\"", "\".5\"", "\"5.\"", "\"1e3\"", "\"1E-3\"", "\" 1.5 \"",
	     "\"007\"", "\"00.10\"", "\"123456789012345678901234567890\"",
	     "\"0.00000000000000000000000001\"");
	GIVES("numeric", NUMERIC, "true", "null", "[]", "{}", "\"a\"", "\".\"",
	      "\"1.2.3\"", "\"1e\"", "\"e3\"", "\"1e+\"", "\"0x1f\"", "\"1,5\"",
	      "\"1 000\"", "\"nan\"", "\"inf\"", "\"-inf\"", "\"infinity\"", "\"1e301\"",
	      "\"1e999999999\"", "\"--1\"", "\"1f\"", "\"\\u0661\"");
}
END_TEST

START_TEST(booleans_are_true_and_false_and_one_and_zero)
{
	FITS("boolean", "true", "false", "1", "0", "1.0", "\"1\"", "\"0\"");
	GIVES("boolean", BOOLEAN, "2", "-1", "0.5", "null", "[]", "{}", "\"true\"",
	      "\"false\"", "\"yes\"", "\"on\"", "\"2\"", "\"01\"", "\" 1\"");
}
END_TEST

START_TEST(strict_types_take_no_texts)
{
	FITS("integer:strict", "1", "-5", "1.0");
	GIVES("integer:strict", INTEGER, "\"1\"", "1.5", "true");
	FITS("numeric:strict", "1", "1.5");
	GIVES("numeric:strict", NUMERIC, "\"1\"", "\"1.5\"", "true");
	FITS("boolean:strict", "true", "false");
	GIVES("boolean:strict", BOOLEAN, "1", "0", "\"1\"", "\"0\"");
}
END_TEST

START_TEST(accepted_is_what_a_checkbox_sends)
{
	FITS("accepted", "true", "1", "\"1\"", "\"yes\"", "\"on\"", "\"true\"");
	GIVES("accepted", "The f field must be accepted.", "false", "0", "2", "\"0\"",
	      "\"no\"", "\"off\"", "\"YES\"", "\"y\"", "\"\"", "\" \"", "null", "[]",
	      "[1]", "{}");
	const struct value_case cases[] = {
		{"accepted", NULL, "The f field must be accepted."},
		{"sometimes|accepted", NULL, ""},
		{"nullable|accepted", "null", "The f field must be accepted."},
		{"declined", NULL, "The f field must be declined."},
	};
	TRY(cases);
}
END_TEST

START_TEST(declined_is_the_opposite)
{
	FITS("declined", "false", "0", "\"0\"", "\"no\"", "\"off\"", "\"false\"");
	GIVES("declined", "The f field must be declined.", "true", "1", "-1", "\"1\"",
	      "\"yes\"", "\"on\"", "\"NO\"", "\"n\"", "\"\"", "null", "[]", "[0]", "{}");
}
END_TEST

START_TEST(arrays_are_lists_and_objects)
{
	FITS("array", "[]", "[1]", "{}", "{\"a\": 1}", "[[]]");
	GIVES("array", ARRAY, "1", "\"a\"", "true", "null", "0");
	FITS("list", "[]", "[1]", "[null]");
	GIVES("list", "The f field must be a list.", "{}", "{\"0\": 1}", "\"a\"", "1",
	      "null");
}
END_TEST

START_TEST(arrays_with_names_have_no_other_members)
{
	FITS("array:a,b", "{}", "{\"a\": 1}", "{\"b\": 1, \"a\": 2}", "[]");
	GIVES("array:a,b", ARRAY, "{\"c\": 1}", "{\"a\": 1, \"c\": 1}", "{\"A\": 1}",
	      "[1]", "\"a\"");
}
END_TEST

CTX_SUITE("validate_types", strings_are_texts_alone, integers_have_the_usual_spelling,
	  numbers_may_have_a_point_and_an_exponent,
	  booleans_are_true_and_false_and_one_and_zero, strict_types_take_no_texts,
	  accepted_is_what_a_checkbox_sends, declined_is_the_opposite,
	  arrays_are_lists_and_objects, arrays_with_names_have_no_other_members)
