/* same, different, confirmed; dates against dates. */
#include "fixture.h"

START_TEST(same_is_the_same_value_of_the_same_type)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"1", "1", true},
		{"1", "1.0", true},
		{"9007199254740993", "9007199254740993", true},
		{"9007199254740993", "9007199254740992", false},
		{"\"a\"", "\"a\"", true},
		{"\"a\"", "\"A\"", false},
		{"1", "\"1\"", false},
		{"true", "true", true},
		{"true", "false", false},
		{"true", "1", false},
		{"[1, 2]", "[1, 2]", true},
		{"[1, 2]", "[2, 1]", false},
		{"[1, 2]", "[1]", false},
		{"[1]", "[1, 2]", false},
		{"{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 1}}", true},
		{"{\"a\": 1}", "{\"b\": 1}", false},
		{"[]", "{}", false},
		{"[[], [[]]]", "[[], [[]]]", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *input =
			cruet_printf(c, "{\"f\": %s, \"o\": %s}", cases[i].a, cases[i].b);
		const char *same =
			cases[i].same ? "" : "{\"f\":[\"The f field must match o.\"]}";
		const char *different =
			cases[i].same
				? "{\"f\":[\"The f field and o must be different.\"]}"
				: "";
		gives(TABLE({"f", "same:o"}), input, same, NULL);
		input = cruet_printf(c, "{\"f\": %s, \"o\": %s}", cases[i].a, cases[i].b);
		gives(TABLE({"f", "different:o"}), input, different, NULL);
	}
}
END_TEST

START_TEST(what_is_not_sent_is_the_same_as_nothing)
{
	gives(TABLE({"f", "same:o"}), "{\"f\": 1}",
	      "{\"f\":[\"The f field must match o.\"]}", NULL);
	gives(TABLE({"f", "same:o"}), "{\"o\": 1}", "", NULL);
	gives(TABLE({"f", "different:o"}), "{\"f\": 1}", "", NULL);
	gives(TABLE({"f", "different:o,p"}), "{\"f\": 1, \"o\": 2, \"p\": 1}",
	      "{\"f\":[\"The f field and p must be different.\"]}", NULL);
	gives(TABLE({"f", "different:o,p"}), "{\"f\": 1, \"o\": 1, \"p\": 2}",
	      "{\"f\":[\"The f field and o must be different.\"]}", NULL);
}
END_TEST

START_TEST(confirmed_wants_it_twice)
{
	const char *const no =
		"{\"pass_word\":[\"The pass word field confirmation does not match.\"]}";
	const cruet_field_rule *table = TABLE({"pass_word", "confirmed"});
	gives(table, "{\"pass_word\": \"x\", \"pass_word_confirmation\": \"x\"}", "",
	      "{\"pass_word\":\"x\"}");
	gives(table, "{\"pass_word\": \"x\", \"pass_word_confirmation\": \"X\"}", no,
	      NULL);
	gives(table, "{\"pass_word\": \"x\"}", no, NULL);
	gives(table, "{}", "", NULL);
	gives(TABLE({"a", "confirmed:b"}), "{\"a\": \"x\", \"b\": \"x\"}", "", NULL);
	gives(TABLE({"a", "confirmed:b"}), "{\"a\": \"x\", \"b\": \"y\"}",
	      "{\"a\":[\"The a field confirmation does not match.\"]}", NULL);
	gives(TABLE({"u.*.p", "confirmed"}),
	      "{\"u\": [{\"p\": 1, \"p_confirmation\": 1}, {\"p\": 2, "
	      "\"p_confirmation\": 1}]}",
	      "{\"u.1.p\":[\"The u.1.p field confirmation does not match.\"]}", NULL);
}
END_TEST

START_TEST(dates_are_read_in_the_usual_forms)
{
	FITS("date", "\"2024-02-29\"", "\"2024/02/29\"", "\"2024-2-9\"",
	     "\" 2024-02-29 \"", "\"2024-02-29 08:49\"", "\"2024-02-29T08:49:37\"",
	     "\"2024-02-29T08:49:37.123Z\"", "\"2024-02-29T08:49:37+02:00\"",
	     "\"2024-02-29T08:49:37-0330\"", "\"2024-02-29 08:49:37 UTC\"",
	     "\"Thu, 29 Feb 2024 08:49:37 GMT\"", "\"29 Feb 2024\"",
	     "\"29 February 2024\"", "\"0001-01-01\"", "\"9999-12-31\"",
	     "\"2000-02-29\"");
	GIVES("date", "The f field must be a valid date.", "\"2023-02-29\"",
	      "\"1900-02-29\"", "\"2024-02-30\"", "\"2024-13-01\"", "\"2024-00-01\"",
	      "\"2024-01-00\"", "\"0000-01-01\"", "\"24-02-29\"", "\"2024-02\"",
	      "\"2024\"", "\"2024-02-29x\"", "\"2024-02/29\"", "\"2024-02-29 25:00\"",
	      "\"2024-02-29 08:60\"", "\"2024-02-29 08:49:60\"", "\"2024-02-29 8:49\"",
	      "\"2024-02-29T\"", "\"2024-02-29T08\"", "\"2024-02-29T08:49:37.\"",
	      "\"2024-02-29T08:49:37+24:00\"", "\"2024-02-29T08:49:37 CET\"",
	      "\"2024-02-29+02:00\"", "\"Fri, 29 Feb 2024\"", "\"29 Foo 2024\"",
	      "\"29. Feb 2024\"", "\"tomorrow\"", "\"a\"", "20240229", "1.5", "true",
	      "null", "[]", "\"10000-01-01\"", "\"\\u0662024-02-29\"");
}
END_TEST

START_TEST(dates_by_a_format_are_exact)
{
	FITS("date_format:Y-m-d", "\"2024-02-29\"");
	GIVES("date_format:Y-m-d", "The f field must match the format Y-m-d.",
	      "\"2024-2-29\"", "\"2024-02-30\"", "\"2024/02/29\"", "\"2024-02-29 \"",
	      "\" 2024-02-29\"", "\"2024-02-29 10:00\"", "\"24-02-29\"", "true", "null",
	      "[]", "20240229");
	FITS("date_format:d/m/Y H:i", "\"29/02/2024 08:49\"");
	FITS("date_format:Ymd", "20240229", "\"20240229\"");
	FITS("date_format:H:i", "\"23:59\"");
	GIVES("date_format:H:i", "The f field must match the format H:i.", "\"24:00\"",
	      "\"9:00\"", "\"09:00:00\"");
	FITS("date_format:Y-m-d,d.m.Y", "\"2024-02-29\"", "\"29.02.2024\"");
	GIVES("date_format:Y-m-d,d.m.Y",
	      "The f field must match the format Y-m-d, d.m.Y.", "\"29.2.2024\"");
	FITS("date_format:\"D, d M Y\"", "\"Thu, 29 Feb 2024\"");
	GIVES("date_format:\"D, d M Y\"", "The f field must match the format D, d M Y.",
	      "\"Fri, 29 Feb 2024\"", "\"thu, 29 feb 2024\"");
}
END_TEST

START_TEST(dates_are_compared_with_fixed_ones)
{
	FITS("after:2024-01-01", "\"2024-01-02\"", "\"2024-01-01 00:00:01\"",
	     "\"2024-01-01T00:00:00-01:00\"");
	GIVES("after:2024-01-01", "The f field must be a date after 2024-01-01.",
	      "\"2024-01-01\"", "\"2023-12-31\"", "\"2024-01-01T00:00:00+01:00\"",
	      "\"x\"", "5", "null");
	FITS("after_or_equal:2024-01-01", "\"2024-01-01\"", "\"2024/01/02\"");
	GIVES("after_or_equal:2024-01-01",
	      "The f field must be a date after or equal to 2024-01-01.",
	      "\"2023-12-31\"");
	FITS("before:2024-01-01", "\"2023-12-31\"");
	GIVES("before:2024-01-01", "The f field must be a date before 2024-01-01.",
	      "\"2024-01-01\"");
	FITS("before_or_equal:2024-01-01", "\"2024-01-01\"");
	GIVES("before_or_equal:2024-01-01",
	      "The f field must be a date before or equal to 2024-01-01.",
	      "\"2024-01-02\"");
	FITS("date_equals:2024-01-01", "\"2024-01-01\"", "\"2024/1/1 00:00\"");
	GIVES("date_equals:2024-01-01", "The f field must be a date equal to 2024-01-01.",
	      "\"2024-01-02\"");
}
END_TEST

/* The clock stands at 2026-11-23 12:00. */
START_TEST(dates_are_compared_with_now)
{
	FITS("after:now", "\"2026-11-23 12:00:01\"");
	GIVES("after:now", "The f field must be a date after now.",
	      "\"2026-11-23 12:00\"");
	FITS("after:today", "\"2026-11-23 00:01\"");
	GIVES("after:today", "The f field must be a date after today.", "\"2026-11-23\"");
	FITS("after_or_equal:tomorrow", "\"2026-11-24\"");
	GIVES("after_or_equal:tomorrow",
	      "The f field must be a date after or equal to tomorrow.",
	      "\"2026-11-23 23:59:59\"");
	FITS("date_equals:yesterday", "\"2026-11-22\"");
	FITS("before_or_equal:-18 years", "\"2008-11-23\"", "\"2008-11-23 12:00\"");
	GIVES("before_or_equal:-18 years",
	      "The f field must be a date before or equal to -18 years.",
	      "\"2008-11-23 12:00:01\"", "\"2010-01-01\"");
	FITS("before:today +1 week", "\"2026-11-29\"");
	GIVES("before:today +1 week", "The f field must be a date before today +1 week.",
	      "\"2026-11-30\"");
	FITS("date_equals:today +1 month -1 day", "\"2026-12-22\"");
	cruet_clock_set(app, INT64_C(1798761599) * 1000); /* 2026-12-31 23:59:59 */
	FITS("date_equals:tomorrow", "\"2027-01-01\"");
}
END_TEST

START_TEST(dates_are_compared_with_other_fields)
{
	const cruet_field_rule *table =
		TABLE({"start_date", "date"}, {"end", "date|after:start_date"});
	gives(table, "{\"start_date\": \"2024-01-01\", \"end\": \"2024-01-02\"}", "",
	      NULL);
	gives(table, "{\"start_date\": \"2024-01-02\", \"end\": \"2024-01-02\"}",
	      "{\"end\":[\"The end field must be a date after start date.\"]}", NULL);
	gives(table, "{\"end\": \"2024-01-02\"}",
	      "{\"end\":[\"The end field must be a date after start date.\"]}", NULL);
	gives(table, "{\"start_date\": \"x\", \"end\": \"2024-01-02\"}",
	      "{\"start_date\":[\"The start date field must be a valid date.\"],"
	      "\"end\":[\"The end field must be a date after start date.\"]}",
	      NULL);
	gives(TABLE({"e.*.to", "after:e.*.from"}),
	      "{\"e\": [{\"from\": \"2024-01-01\", \"to\": \"2024-01-02\"},"
	      " {\"from\": \"2024-01-03\", \"to\": \"2024-01-02\"}]}",
	      "{\"e.1.to\":[\"The e.1.to field must be a date after e.1.from.\"]}", NULL);
}
END_TEST

START_TEST(dates_are_compared_by_their_format)
{
	const cruet_field_rule *table =
		TABLE({"a", "date_format:d.m.Y|after:31.12.2023"},
		      {"b", "date_format:H:i"}, {"e", "date_format:H:i|after:b"});
	gives(table, "{\"a\": \"01.01.2024\", \"b\": \"09:00\", \"e\": \"10:30\"}", "",
	      NULL);
	gives(table, "{\"a\": \"31.12.2023\", \"b\": \"09:00\", \"e\": \"08:30\"}",
	      "{\"a\":[\"The a field must be a date after 31.12.2023.\"],"
	      "\"e\":[\"The e field must be a date after b.\"]}",
	      NULL);
	/* The other field's text may be in the own format. */
	gives(TABLE({"e", "date_format:d.m.Y|after:b"}),
	      "{\"b\": \"01.02.2024\", \"e\": \"02.01.2024\"}",
	      "{\"e\":[\"The e field must be a date after b.\"]}", NULL);
}
END_TEST

CTX_SUITE("validate_compare", same_is_the_same_value_of_the_same_type,
	  what_is_not_sent_is_the_same_as_nothing, confirmed_wants_it_twice,
	  dates_are_read_in_the_usual_forms, dates_by_a_format_are_exact,
	  dates_are_compared_with_fixed_ones, dates_are_compared_with_now,
	  dates_are_compared_with_other_fields, dates_are_compared_by_their_format)
