/* Dates by themselves, by a format, and moments: plugins/validate/date.h alone. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "date.h"
#include "../../suite.h"

static int64_t utc(int y, int mon, int d, int h, int min, int s)
{
	struct tm tm = {.tm_year = y - 1900,
			.tm_mon = mon - 1,
			.tm_mday = d,
			.tm_hour = h,
			.tm_min = min,
			.tm_sec = s};

	return (int64_t)timegm(&tm) * 1000;
}

static bool same_as_the_c_library(int64_t day)
{
	int64_t y, m, d;
	time_t t = (time_t)(day * 86400);
	struct tm tm;

	gmtime_r(&t, &tm);
	date_of(day, &y, &m, &d);
	return y == tm.tm_year + 1900 && m == tm.tm_mon + 1 && d == tm.tm_mday &&
	       days_of(y, m, d) == day && date_exists(y, m, d);
}

START_TEST(days_are_those_of_the_c_library)
{
	for (int64_t day = days_of(1, 1, 1); day <= days_of(9999, 12, 31); day += 13)
		if (!same_as_the_c_library(day))
			ck_abort_msg("day %" PRId64, day);
	ck_assert(!date_exists(2023, 2, 29));
	ck_assert(!date_exists(1900, 2, 29));
	ck_assert(date_exists(2000, 2, 29));
	ck_assert(!date_exists(2024, 4, 31));
	ck_assert(!date_exists(0, 1, 1));
	ck_assert(!date_exists(10000, 1, 1));
}
END_TEST

START_TEST(dates_are_moments)
{
	const struct {
		const char *s;
		int64_t ms;
	} cases[] = {
		{"1970-01-01", 0},
		{"1969-12-31 23:59:59.999", -1},
		{"2024-02-29", utc(2024, 2, 29, 0, 0, 0)},
		{"2024/2/9", utc(2024, 2, 9, 0, 0, 0)},
		{"2024-02-29 08:49", utc(2024, 2, 29, 8, 49, 0)},
		{"2024-02-29T08:49:37", utc(2024, 2, 29, 8, 49, 37)},
		{"2024-02-29t08:49:37.5z", utc(2024, 2, 29, 8, 49, 37) + 500},
		{"2024-02-29T08:49:37.123456Z", utc(2024, 2, 29, 8, 49, 37) + 123},
		{"2024-02-29T08:49:37+02:00", utc(2024, 2, 29, 6, 49, 37)},
		{"2024-02-29T08:49:37-0330", utc(2024, 2, 29, 12, 19, 37)},
		{"2024-02-29 23:00 -02:00", utc(2024, 3, 1, 1, 0, 0)},
		{"Thu, 29 Feb 2024 08:49:37 GMT", utc(2024, 2, 29, 8, 49, 37)},
		{"Thu, 29 Feb 2024 08:49:37 +0100", utc(2024, 2, 29, 7, 49, 37)},
		{"thu, 29 feb 2024", utc(2024, 2, 29, 0, 0, 0)},
		{"1 May 0001", utc(1, 5, 1, 0, 0, 0)},
		{"31 December 9999 23:59:59", utc(9999, 12, 31, 23, 59, 59)},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t ms = 7;
		ck_assert_msg(date_read(cases[i].s, &ms), "%s", cases[i].s);
		ck_assert_msg(ms == cases[i].ms, "%s: %" PRId64, cases[i].s, ms);
	}
}
END_TEST

/* 2024-03-31 15:30:10.250 */
#define NOW (utc(2024, 3, 31, 15, 30, 10) + 250)

START_TEST(moments_count_from_now)
{
	const struct {
		const char *s;
		int64_t ms;
	} cases[] = {
		{"now", NOW},
		{"today", utc(2024, 3, 31, 0, 0, 0)},
		{"tomorrow", utc(2024, 4, 1, 0, 0, 0)},
		{"yesterday", utc(2024, 3, 30, 0, 0, 0)},
		{"TODAY", utc(2024, 3, 31, 0, 0, 0)},
		{"+1 second", NOW + 1000},
		{"-2 minutes", NOW - 120000},
		{"+3 hours", NOW + 3 * 3600000},
		{"+1 day", utc(2024, 4, 1, 15, 30, 10) + 250},
		{"+1day", utc(2024, 4, 1, 15, 30, 10) + 250},
		{"- 2 weeks", utc(2024, 3, 17, 15, 30, 10) + 250},
		{"today +1 week", utc(2024, 4, 7, 0, 0, 0)},
		{"tomorrow -1 hour", utc(2024, 3, 31, 23, 0, 0)},
		{"today +1 month",
		 utc(2024, 5, 1, 0, 0, 0)}, /* there is no 31st of April */
		{"today -1 month", utc(2024, 3, 2, 0, 0, 0)}, /* nor of February */
		{"today -13 months", utc(2023, 3, 3, 0, 0, 0)},
		{"today -18 years", utc(2006, 3, 31, 0, 0, 0)},
		{"today +1 year -1 day", utc(2025, 3, 30, 0, 0, 0)},
		{"today +2 fortnights", utc(2024, 4, 28, 0, 0, 0)},
		{"2024-01-01", utc(2024, 1, 1, 0, 0, 0)},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct when w;
		ck_assert_msg(when_parse(cases[i].s, &w), "%s", cases[i].s);
		ck_assert_msg(when_ms(&w, NOW) == cases[i].ms, "%s: %" PRId64, cases[i].s,
			      when_ms(&w, NOW));
	}
	static const char *const none[] = {"",
					   "start",
					   "nowhere",
					   "+1",
					   "+1 foo",
					   "1 day",
					   "today 1 day",
					   "+day",
					   "todayx",
					   "+1 day x",
					   "+99999999 days",
					   "+1000001 days",
					   "-9999999 years",
					   NULL};
	for (size_t i = 0; none[i]; i++) {
		struct when w;
		ck_assert_msg(!when_parse(none[i], &w), "%s", none[i]);
	}
	struct when w;
	ck_assert(when_parse("today", &w));
	ck_assert_int_eq(when_ms(&w, -1), -86400000);
}
END_TEST

START_TEST(formats_read_what_they_write)
{
	const struct {
		const char *format, *s;
		int64_t ms;
	} cases[] = {
		{"Y-m-d", "2024-02-29", utc(2024, 2, 29, 0, 0, 0)},
		{"d.m.Y", "09.02.2024", utc(2024, 2, 9, 0, 0, 0)},
		{"j.n.Y", "9.2.2024", utc(2024, 2, 9, 0, 0, 0)},
		{"j.n.y", "29.12.69", utc(2069, 12, 29, 0, 0, 0)},
		{"y", "70", utc(1970, 1, 1, 0, 0, 0)},
		{"D, d M Y", "Thu, 29 Feb 2024", utc(2024, 2, 29, 0, 0, 0)},
		{"l, j F Y", "Thursday, 29 February 2024", utc(2024, 2, 29, 0, 0, 0)},
		{"F jS, Y", "March 3rd, 2024", utc(2024, 3, 3, 0, 0, 0)},
		{"jS", "1st", 0},
		{"jS", "12th", utc(1970, 1, 12, 0, 0, 0)},
		{"jS", "22nd", utc(1970, 1, 22, 0, 0, 0)},
		{"Y z", "2024 59", utc(2024, 2, 29, 0, 0, 0)},
		{"Y z", "2024 365", utc(2024, 12, 31, 0, 0, 0)},
		{"H:i", "23:59", 86340000},
		{"H:i:s", "08:09:10", 29350000},
		{"G:i", "8:09", 29340000},
		{"g:i a", "12:05 am", 300000},
		{"g:i a", "12:05 pm", 43500000},
		{"h:i A", "11:05 PM", 83100000},
		{"H:i a", "13:00 pm", 46800000},
		{"s.v", "01.250", 1250},
		{"s.u", "01.250999", 1250},
		{"Y-m-d\\TH:i:sP", "2024-02-29T08:49:37+02:00",
		 utc(2024, 2, 29, 6, 49, 37)},
		{"Y-m-d\\TH:i:sp", "2024-02-29T08:49:37Z", utc(2024, 2, 29, 8, 49, 37)},
		{"Y-m-d H:i O", "2024-02-29 08:49 -0130", utc(2024, 2, 29, 10, 19, 0)},
		{"U", "1700000000", INT64_C(1700000000000)},
		{"U", "-1", -1000},
		{"U.v", "0.500", 500},
		{"\\Y Y", "Y 2024", utc(2024, 1, 1, 0, 0, 0)},
		{"Ymd", "20240229", utc(2024, 2, 29, 0, 0, 0)},
		{"\xc3\xbc Y", "\xc3\xbc 2024", utc(2024, 1, 1, 0, 0, 0)},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t ms = 7;
		ck_assert_ptr_null(date_format_bad(cases[i].format));
		ck_assert_msg(date_by_format(cases[i].s, cases[i].format, &ms),
			      "%s by %s", cases[i].s, cases[i].format);
		ck_assert_msg(ms == cases[i].ms, "%s by %s: %" PRId64, cases[i].s,
			      cases[i].format, ms);
	}
}
END_TEST

START_TEST(formats_take_nothing_else)
{
	static const char *const cases[][2] = {{"Y-m-d", "2024-2-29"},
					       {"Y-m-d", "2023-02-29"},
					       {"Y-m-d", "2024-02-29 "},
					       {"Y-m-d", ""},
					       {"Y-m-d", "2024-02"},
					       {"Y-m-d", "2024-02-29-"},
					       {"Y", "0000"},
					       {"Y", "+202"},
					       {"Y", "24"},
					       {"j", "09"},
					       {"j", "0"},
					       {"j", "32"},
					       {"d", "9"},
					       {"n", "13"},
					       {"D d M Y", "Fri 29 Feb 2024"},
					       {"M", "FEB"},
					       {"M", "Febr"},
					       {"F", "Feb"},
					       {"l", "Thu"},
					       {"jS", "1nd"},
					       {"jS", "11st"},
					       {"S", "st"},
					       {"Y z", "2023 365"},
					       {"Y z", "2024 059"},
					       {"z m", "59 04"},
					       {"H:i", "24:00"},
					       {"H:i", "8:00"},
					       {"G", "08"},
					       {"g a", "13 am"},
					       {"g a", "0 am"},
					       {"g a", "1 AM"},
					       {"H a", "13 am"},
					       {"s", "60"},
					       {"v", "25"},
					       {"u", "250"},
					       {"P", "+0200"},
					       {"O", "+02:00"},
					       {"P", "Z"},
					       {"p", "+00:00"},
					       {"P", "+24:00"},
					       {"U", "1.5"},
					       {"U", "01"},
					       {"U", "-0"},
					       {"U", "9999999999999"},
					       {"Y Y", "2024 2023"},
					       {"d j", "01 2"},
					       {"a A", "am PM"},
					       {"P O", "+01:00 +0200"},
					       {"H g a", "13 2 pm"},
					       {"Y-m-d", "\xd9\xa2\xd9\xa0"}};
	int64_t ms;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(!date_by_format(cases[i][1], cases[i][0], &ms), "%s by %s",
			      cases[i][1], cases[i][0]);
	ck_assert_int_eq(*date_format_bad("Y-m-d e"), 'e');
	ck_assert_int_eq(*date_format_bad("c"), 'c');
	ck_assert_int_eq(*date_format_bad("Y\\Tx"), 'x');
	ck_assert_ptr_null(date_format_bad("\\e\\x"));
}
END_TEST

/* Every text is a date or none, and reading it ends. */
START_TEST(any_text_is_a_date_or_none)
{
	static const char alphabet[] = "0123456789-/:. ,TZ+FebThuGMT";
	uint32_t seed = 7;
	size_t dates = 0;
	int64_t ms, first = utc(1, 1, 1, 0, 0, 0) - DAY_MS;
	int64_t last = utc(9999, 12, 31, 23, 59, 59) + DAY_MS;

	for (int i = 0; i < 200000; i++) {
		char s[40];
		size_t n = (seed = seed * 1664525u + 1013904223u) >> 8 & 31;
		strcpy(s, i % 2 ? "2024-02-29T08:49:37+02:00"
				: "Thu, 29 Feb 2024 08:49:37 GMT");
		for (size_t k = 0; k < 1 + n % 3; k++) {
			seed = seed * 1664525u + 1013904223u;
			s[(seed >> 8) % strlen(s)] =
				alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		if (n > 24)
			s[n - 5] = '\0';
		if (date_read(s, &ms)) {
			dates++;
			if (ms < first || ms > last)
				ck_abort_msg("%s is %" PRId64, s, ms);
		}
		date_by_format(s, "Y-m-d\\TH:i:sP", &ms);
		date_by_format(s, "D, d M Y H:i:s \\G\\M\\T", &ms);
	}
	ck_assert(dates > 1000 && dates < 150000);
}
END_TEST

SUITE("validate_dates", days_are_those_of_the_c_library, dates_are_moments,
      moments_count_from_now, formats_read_what_they_write, formats_take_nothing_else,
      any_text_is_a_date_or_none)
