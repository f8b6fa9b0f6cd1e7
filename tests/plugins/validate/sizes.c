/* size, min, max, between, gt, gte, lt, lte: numbers, texts and arrays; and digits,
 * decimal, multiple_of. */
#include "fixture.h"

START_TEST(texts_are_measured_in_characters)
{
	FITS("size:3", "\"abc\"", "\"\\u00fc\\u00f6\\u00e4\"", "\"\\u4f60\\u597d!\"",
	     "\"\\ud83d\\ude00ab\"", "\"a b\"", "\"123\"", "\"\"");
	GIVES("size:3", "The f field must be 3 characters.", "\"ab\"", "\"abcd\"",
	      "\"\\u00fc\\u00f6\"", "true", "null");
	FITS("min:2", "\"ab\"", "\"\\u00fc\\u00fc\"", "\"abc\"");
	GIVES("min:2", "The f field must be at least 2 characters.", "\"a\"",
	      "\"\\u00fc\"");
	FITS("max:2", "\"ab\"", "\"a\"", "\"\\u00fc\\u00fc\"",
	     "\"\\ud83d\\ude00\\ud83d\\ude00\"");
	GIVES("max:2", "The f field must not be greater than 2 characters.", "\"abc\"",
	      "\"100\"", "\"a  \"");
	FITS("between:2,3", "\"ab\"", "\"abc\"");
	GIVES("between:2,3", "The f field must be between 2 and 3 characters.", "\"a\"",
	      "\"abcd\"");
}
END_TEST

START_TEST(numbers_are_measured_by_their_value)
{
	FITS("integer|min:18", "18", "\"18\"", "100", "\"  18\"");
	GIVES("integer|min:18", "The f field must be at least 18.", "17", "\"17\"",
	      "-100", "\"-18\"");
	FITS("numeric|max:1.5", "1.5", "\"1.50\"", "1", "-7", "\"15e-1\"");
	GIVES("numeric|max:1.5", "The f field must not be greater than 1.5.", "1.51",
	      "\"1.51\"", "2", "\"1.500000000000000000000001\"");
	FITS("numeric|size:2", "2", "\"2\"", "2.0", "\"2.000\"", "\"0.2e1\"");
	GIVES("numeric|size:2", "The f field must be 2.", "3", "\"2.1\"");
	FITS("numeric|between:-1,1", "-1", "0", "1", "\"-0.5\"");
	GIVES("numeric|between:-1,1", "The f field must be between -1 and 1.", "-2",
	      "1.1", "\"-1.0001\"");
	/* Numbers of JSON are numbers without a rule that says so. */
	FITS("min:18", "18");
	GIVES("min:18", "The f field must be at least 18.", "17");
}
END_TEST

START_TEST(numbers_are_compared_exactly)
{
	FITS("integer|max:9223372036854775806", "9223372036854775806",
	     "\"9223372036854775806\"");
	GIVES("integer|max:9223372036854775806",
	      "The f field must not be greater than 9223372036854775806.",
	      "9223372036854775807", "\"9223372036854775807\"");
	FITS("integer|min:9007199254740993", "9007199254740993", "\"9007199254740993\"");
	GIVES("integer|min:9007199254740993",
	      "The f field must be at least 9007199254740993.", "9007199254740992",
	      "\"9007199254740992\"");
	FITS("numeric|size:0.3", "0.3", "\"0.3\"", "\"0.30\"");
	FITS("numeric|gt:0.1", "\"0.10000000000000000000000000000000000001\"");
}
END_TEST

START_TEST(arrays_are_measured_by_their_elements)
{
	FITS("array|size:2", "[1, 2]", "{\"a\": 1, \"b\": 2}");
	GIVES("array|size:2", "The f field must contain 2 items.", "[]", "[1]",
	      "[1, 2, 3]");
	FITS("array|min:1", "[1]", "[[], []]");
	GIVES("array|min:1", "The f field must have at least 1 items.", "[]", "{}");
	FITS("max:1", "[]", "[1]");
	GIVES("max:1", "The f field must not have more than 1 items.", "[1, 2]");
	GIVES("between:1,2", "The f field must have between 1 and 2 items.", "[]",
	      "[1, 2, 3]");
}
END_TEST

START_TEST(a_wrong_type_is_said_once)
{
	const struct value_case cases[] = {
		{"integer|min:3", "\"abc\"", "The f field must be an integer."},
		{"integer|min:3", "true", "The f field must be an integer."},
		{"integer|min:3", "[1]", "The f field must be an integer."},
		{"array|min:3", "\"a\"", "The f field must be an array."},
		{"string|max:3", "[1]", "The f field must be a string."},
		{"string|max:3", "12345", "The f field must be a string."},
		{"numeric|gt:3", "\"a\"", "The f field must be a number."},
		{"integer|between:3,4", "null", "The f field must be an integer."},
		/* Without a type there is nobody else to say it. */
		{"min:3", "true", "The f field must be at least 3 characters."},
		{"min:3", "null", "The f field must be at least 3 characters."},
		{"nullable|min:3", "null", ""},
		{"gt:3", "false", "The f field must be greater than 3 characters."},
	};
	TRY(cases);
}
END_TEST

START_TEST(limits_may_be_numbers)
{
	FITS("numeric|gt:5", "6", "\"5.1\"");
	GIVES("numeric|gt:5", "The f field must be greater than 5.", "5", "4");
	FITS("numeric|gte:5", "5", "6");
	GIVES("numeric|gte:5", "The f field must be greater than or equal to 5.", "4.9");
	FITS("numeric|lt:5", "4", "\"-6\"");
	GIVES("numeric|lt:5", "The f field must be less than 5.", "5", "6");
	FITS("numeric|lte:5", "5", "4");
	GIVES("numeric|lte:5", "The f field must be less than or equal to 5.", "5.1");
	FITS("gt:2", "\"abc\"", "[1, 2, 3]");
	GIVES("gt:2", "The f field must be greater than 2 characters.", "\"ab\"");
	GIVES("gt:2", "The f field must have more than 2 items.", "[1, 2]");
	GIVES("gte:2", "The f field must have 2 items or more.", "[1]");
	GIVES("lt:2", "The f field must have less than 2 items.", "[1, 2]");
	GIVES("lte:2", "The f field must not have more than 2 items.", "[1, 2, 3]");
	GIVES("gte:2", "The f field must be greater than or equal to 2 characters.",
	      "\"a\"");
	GIVES("lt:2", "The f field must be less than 2 characters.", "\"ab\"");
	GIVES("lte:2", "The f field must be less than or equal to 2 characters.",
	      "\"abc\"");
}
END_TEST

START_TEST(limits_may_be_other_fields)
{
	const cruet_field_rule *table =
		TABLE({"max", "numeric"}, {"min", "numeric|lt:max"},
		      {"mid", "numeric|gte:min|lte:max"});
	gives(table, "{\"min\": 1, \"max\": 2, \"mid\": 1.5}", "", NULL);
	gives(table, "{\"min\": \"1\", \"max\": 2, \"mid\": \"2\"}", "", NULL);
	gives(table, "{\"min\": 3, \"max\": 2}",
	      "{\"min\":[\"The min field must be less than 2.\"]}", NULL);
	gives(table, "{\"min\": 1, \"max\": \"5\", \"mid\": 6}",
	      "{\"mid\":[\"The mid field must be less than or equal to 5.\"]}", NULL);
	/* Against nothing nothing is less. */
	gives(table, "{\"min\": 3}",
	      "{\"min\":[\"The min field must be less than max.\"]}", NULL);
	gives(table, "{\"min\": 3, \"max\": \"\"}",
	      "{\"min\":[\"The min field must be less than max.\"]}", NULL);
	gives(TABLE({"a", "gt:b"}), "{\"a\": \"xyz\", \"b\": \"xy\"}", "", NULL);
	gives(TABLE({"a", "gt:b"}), "{\"a\": \"xy\", \"b\": \"\\u00fc\\u00fc\"}",
	      "{\"a\":[\"The a field must be greater than 2 characters.\"]}", NULL);
	gives(TABLE({"a", "gt:b"}), "{\"a\": [1], \"b\": [1, 2]}",
	      "{\"a\":[\"The a field must have more than 2 items.\"]}", NULL);
	/* Of different types neither is greater. */
	gives(TABLE({"a", "gt:b"}), "{\"a\": [1, 2], \"b\": 1}",
	      "{\"a\":[\"The a field must have more than 1 items.\"]}", NULL);
}
END_TEST

START_TEST(decimals_have_places)
{
	FITS("decimal:2", "\"1.25\"", "\"-0.10\"", "\"+3.00\"", "\".55\"", "1.25");
	GIVES("decimal:2", "The f field must have 2 decimal places.", "\"1.2\"",
	      "\"1.255\"", "\"1\"", "\"1.\"", "1", "1.5", "\"a\"", "\"12e-2\"",
	      "\"1.25.1\"", "null", "true", "[]");
	FITS("decimal:0,2", "\"1\"", "\"1.2\"", "\"1.25\"", "\"1.\"", "7");
	GIVES("decimal:0,2", "The f field must have 0-2 decimal places.", "\"1.255\"",
	      "\"1.000\"", "0.125");
	FITS("decimal:1,3", "\"1.2\"", "\"1.255\"");
	GIVES("decimal:1,3", "The f field must have 1-3 decimal places.", "\"1\"",
	      "\"1.2555\"");
}
END_TEST

START_TEST(digits_are_counted)
{
	FITS("digits:5", "\"01234\"", "12345", "\"00000\"");
	GIVES("digits:5", "The f field must be 5 digits.", "\"1234\"", "\"123456\"",
	      "1234", "\"1234a\"", "\"-1234\"", "\" 12345\"", "1.234", "true", "null",
	      "[]", "\"\\u0661\\u0662\\u0663\\u0664\\u0665\"");
	FITS("digits_between:2,4", "\"12\"", "\"1234\"", "123");
	GIVES("digits_between:2,4", "The f field must be between 2 and 4 digits.",
	      "\"1\"", "\"12345\"", "\"12.3\"", "-12");
	FITS("min_digits:3", "\"123\"", "1234");
	GIVES("min_digits:3", "The f field must have at least 3 digits.", "\"12\"",
	      "\"abc\"", "1.23");
	FITS("max_digits:3", "\"123\"", "1", "0");
	GIVES("max_digits:3", "The f field must not have more than 3 digits.", "\"1234\"",
	      "\"a\"", "-1");
}
END_TEST

START_TEST(multiples_are_exact)
{
	FITS("multiple_of:3", "9", "\"9\"", "0", "-6", "\"9.0\"", "\"3e2\"",
	     "9223372036854775806");
	GIVES("multiple_of:3", "The f field must be a multiple of 3.", "10", "\"1\"",
	      "1.5", "9223372036854775807", "\"a\"", "true", "null");
	FITS("multiple_of:0.01", "\"19.99\"", "19.99", "0.1", "\"1e-2\"", "20");
	GIVES("multiple_of:0.01", "The f field must be a multiple of 0.01.", "\"19.999\"",
	      "0.005");
	FITS("multiple_of:2.5", "5", "7.5", "\"-2.5\"");
	GIVES("multiple_of:2.5", "The f field must be a multiple of 2.5.", "6", "2.49");
	FITS("multiple_of:-2", "4", "-4");
	FITS("multiple_of:7",
	     "\"700000000000000000000000000000000000000000000000000000000000007\"");
}
END_TEST

CTX_SUITE("validate_sizes", texts_are_measured_in_characters,
	  numbers_are_measured_by_their_value, numbers_are_compared_exactly,
	  arrays_are_measured_by_their_elements, a_wrong_type_is_said_once,
	  limits_may_be_numbers, limits_may_be_other_fields, decimals_have_places,
	  digits_are_counted, multiples_are_exact)
