/* What a text is made of, how it begins and ends, regular expressions. */
#include "fixture.h"

#define ALPHA	  "The f field must only contain letters."
#define ALPHA_NUM "The f field must only contain letters and numbers."
#define ALPHA_DASH \
	"The f field must only contain letters, numbers, dashes, and underscores."
#define REGEX "The f field format is invalid."

START_TEST(letters_are_those_of_unicode)
{
	FITS("alpha", "\"abc\"", "\"ABC\"", "\"\\u00fc\\u00df\"", "\"\\u4f60\\u597d\"",
	     "\"\\u0e01\\u0e34\"", "\"e\\u0301\"", "\"\\ud835\\udc00\"");
	GIVES("alpha", ALPHA, "\"a1\"", "\"a b\"", "\"a-b\"", "\"a_b\"", "\"\\u00fc1\"",
	      "\"1\"", "\"\\ud83d\\ude00\"", "\"a\\n\"", "\"\\u00fc\\n\"", "\"\\u0661\"",
	      "1", "true", "null", "[]");
	FITS("alpha_num", "\"abc1\"", "\"1\"", "12", "\"\\u00fc\\u0661\"");
	GIVES("alpha_num", ALPHA_NUM, "\"a-1\"", "\"a b\"", "\"a_1\"", "-12", "1.5",
	      "true", "null", "\"\\u00fc-\"");
	FITS("alpha_dash", "\"a-b_c1\"", "\"-\"", "\"_\"", "-12",
	     "\"\\u00fc-\\u00e4_1\"");
	GIVES("alpha_dash", ALPHA_DASH, "\"a.b\"", "\"a b\"", "\"a\\u2013b\"", "1.5",
	      "[]");
}
END_TEST

START_TEST(letters_may_be_those_of_ascii_alone)
{
	FITS("alpha:ascii", "\"abcXYZ\"");
	GIVES("alpha:ascii", ALPHA, "\"\\u00fc\"", "\"a\\u0301\"", "\"a1\"");
	FITS("alpha_num:ascii", "\"abc1\"");
	GIVES("alpha_num:ascii", ALPHA_NUM, "\"\\u00fc1\"", "\"\\u0661\"");
	FITS("alpha_dash:ascii", "\"a-b_1\"");
	GIVES("alpha_dash:ascii", ALPHA_DASH, "\"a-\\u00fc\"");
	FITS("ascii", "\"abc 123 ~!\"", "\"a\\n\"", "12");
	GIVES("ascii",
	      "The f field must only contain single-byte alphanumeric characters and "
	      "symbols.",
	      "\"\\u00fc\"", "\"a\\u2019b\"", "true", "null", "[]");
}
END_TEST

START_TEST(cases_are_those_of_unicode)
{
	FITS("lowercase", "\"abc\"", "\"a b-1\"", "\"\\u00fc\"", "\"\\u00df\"", "\"123\"",
	     "\"\\u4f60\"");
	GIVES("lowercase", "The f field must be lowercase.", "\"aBc\"", "\"\\u00dc\"",
	      "\"\\u01c5\"", "\"\\u0416\"", "1", "null", "[]");
	FITS("uppercase", "\"ABC\"", "\"A B-1\"", "\"\\u00dc\"", "\"123\"");
	GIVES("uppercase", "The f field must be uppercase.", "\"AbC\"", "\"\\u00fc\"",
	      "\"\\u0436\"", "1", "null");
}
END_TEST

START_TEST(colors_are_hexadecimal)
{
	FITS("hex_color", "\"#fff\"", "\"#FFFF\"", "\"#a1b2c3\"", "\"#A1b2C3d4\"");
	GIVES("hex_color", "The f field must be a valid hexadecimal color.", "\"fff\"",
	      "\"#ff\"", "\"#fffff\"", "\"#fffffff\"", "\"#fffffffff\"", "\"#ggg\"",
	      "\"#\"", "\"#fff \"", "\"#fff\\n\"", "1", "null");
}
END_TEST

START_TEST(texts_begin_and_end)
{
	FITS("starts_with:foo,bar", "\"foo\"", "\"foobar\"", "\"bar!\"");
	GIVES("starts_with:foo,bar",
	      "The f field must start with one of the following: foo, bar.", "\"fo\"",
	      "\"Foo\"", "\" foo\"", "\"xfoo\"", "1", "null", "[\"foo\"]", "true");
	FITS("ends_with:.png,.jpg", "\"a.png\"", "\".jpg\"");
	GIVES("ends_with:.png,.jpg",
	      "The f field must end with one of the following: .png, .jpg.", "\"a.PNG\"",
	      "\"png\"", "\"a.png \"");
	FITS("starts_with:1", "123", "\"1\"");
	FITS("doesnt_start_with:foo,bar", "\"fo\"", "\"xfoo\"", "12");
	GIVES("doesnt_start_with:foo,bar",
	      "The f field must not start with one of the following: foo, bar.",
	      "\"foo\"", "\"barn\"", "[]", "null");
	FITS("doesnt_end_with:a,b", "\"abc\"");
	GIVES("doesnt_end_with:a,b",
	      "The f field must not end with one of the following: a, b.", "\"a\"",
	      "\"cb\"");
	FITS("starts_with:\"a,b\",c", "\"a,b!\"", "\"c\"");
	FITS("starts_with:\"a|b\"", "\"a|b\"");
	FITS("starts_with:\"say \"\"hi\"\"\"", "\"say \\\"hi\\\"!\"");
}
END_TEST

START_TEST(patterns_match_anywhere_unless_they_say_so)
{
	FITS("regex:/b/", "\"abc\"", "\"b\"");
	GIVES("regex:/b/", REGEX, "\"ac\"", "\"B\"", "null", "true", "[\"b\"]");
	FITS("regex:/^[a-z]+$/", "\"abc\"");
	GIVES("regex:/^[a-z]+$/", REGEX, "\"Abc\"", "\"ab1\"", "\"abc\\n\"",
	      "\"\\nabc\"");
	FITS("regex:/^\\d{3}$/", "123", "\"123\"");
	GIVES("regex:/^\\d{3}$/", REGEX, "1234", "\"\\u0661\\u0662\\u0663\"");
	FITS("not_regex:/b/", "\"ac\"", "12");
	GIVES("not_regex:/b/", REGEX, "\"abc\"", "null", "[]");
}
END_TEST

START_TEST(patterns_have_flags_and_delimiters)
{
	FITS("regex:/^abc$/i", "\"ABC\"", "\"aBc\"");
	FITS("regex:/^a.c$/s", "\"a\\nc\"");
	GIVES("regex:/^a.c$/", REGEX, "\"a\\nc\"");
	FITS("regex:/^b$/m", "\"a\\nb\\nc\"");
	FITS("regex:/ a b # comment\n/x", "\"ab\"");
	FITS("regex:/^\\w+$/u", "\"\\u00fc\\u0436\"");
	GIVES("regex:/^\\w+$/", REGEX, "\"\\u00fc\\u0436\"");
	FITS("regex:/^.$/", "\"\\u00fc\"", "\"\\ud83d\\ude00\"");
	FITS("regex:/b/A", "\"b\"");
	GIVES("regex:/b/A", REGEX, "\"ab\"");
	FITS("regex:~^/a/b$~", "\"/a/b\"");
	FITS("regex:#^a$#", "\"a\"");
	FITS("regex:{^a{2}b$}", "\"aab\"");
	FITS("regex:(^a$)", "\"a\"");
	FITS("regex:/^a\\/b$/", "\"a/b\"");
}
END_TEST

START_TEST(patterns_may_have_bars_and_commas)
{
	const struct value_case cases[] = {
		{"regex:/^(a|b)$/|max:1", "\"a\"", ""},
		{"regex:/^(a|b)$/|max:1", "\"b\"", ""},
		{"regex:/^(a|b)$/|max:1", "\"ab\"",
		 REGEX " | The f field must not be greater than 1 characters."},
		{"required|regex:/^\\d{1,3}$/i|string", "\"12\"", ""},
		{"regex:/,/", "\"a,b\"", ""},
	};
	TRY(cases);
}
END_TEST

CTX_SUITE("validate_texts", letters_are_those_of_unicode,
	  letters_may_be_those_of_ascii_alone, cases_are_those_of_unicode,
	  colors_are_hexadecimal, texts_begin_and_end,
	  patterns_match_anywhere_unless_they_say_so, patterns_have_flags_and_delimiters,
	  patterns_may_have_bars_and_commas)
