/* HTTP dates: the three forms of RFC 9110 5.6.7, and what is none of them. */
#include "base/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "suite.h"

static const char *written(int64_t t)
{
	static char out[DATE_LEN + 1];

	memset(out, 'x', sizeof out);
	date_http(out, t);
	ck_assert_uint_eq(strlen(out), DATE_LEN);
	return out;
}

START_TEST(the_three_forms_say_the_same)
{
	static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
					    "Sunday, 06-Nov-94 08:49:37 GMT",
					    "Sun Nov  6 08:49:37 1994"};

	for (int i = 0; i < 3; i++) {
		int64_t t = -1;
		ck_assert_msg(date_parse(forms[i], &t), "%s", forms[i]);
		ck_assert_int_eq(t, 784111777);
	}
	ck_assert_str_eq(written(784111777), forms[0]);
}
END_TEST

START_TEST(moments_that_one_gets_wrong)
{
	static const struct {
		int64_t t;
		const char *text;
	} cases[] = {
		{0, "Thu, 01 Jan 1970 00:00:00 GMT"},
		{951782399, "Mon, 28 Feb 2000 23:59:59 GMT"},
		{951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
		{951868800, "Wed, 01 Mar 2000 00:00:00 GMT"},
		{1078012800, "Sun, 29 Feb 2004 00:00:00 GMT"},
		{2147483647, "Tue, 19 Jan 2038 03:14:07 GMT"},
		{2147483648, "Tue, 19 Jan 2038 03:14:08 GMT"},
		{4107542399, "Sun, 28 Feb 2100 23:59:59 GMT"},
		{4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"}, /* no leap year */
		{INT64_C(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t t = -1;
		ck_assert_str_eq(written(cases[i].t), cases[i].text);
		ck_assert(date_parse(cases[i].text, &t));
		ck_assert_int_eq(t, cases[i].t);
	}
}
END_TEST

START_TEST(what_has_no_date_is_clamped)
{
	ck_assert_str_eq(written(-1), "Thu, 01 Jan 1970 00:00:00 GMT");
	ck_assert_str_eq(written(INT64_MIN), "Thu, 01 Jan 1970 00:00:00 GMT");
	ck_assert_str_eq(written(INT64_C(253402300800)), "Fri, 31 Dec 9999 23:59:59 GMT");
	ck_assert_str_eq(written(INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
}
END_TEST

/* A second of days in 270 years, beside the C library. */
START_TEST(days_agree_with_the_c_library)
{
	for (int64_t day = 0; day < 100000; day += 37) {
		time_t at = (time_t)(day * 86400 + day * 7919 % 86400);
		char want[64];
		struct tm tm;
		int64_t t = -1;
		gmtime_r(&at, &tm);
		strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		ck_assert_str_eq(written(at), want);
		ck_assert(date_parse(want, &t));
		ck_assert_int_eq(t, at);
		strftime(want, sizeof want, "%a %b %e %H:%M:%S %Y", &tm);
		ck_assert(date_parse(want, &t));
		ck_assert_int_eq(t, at);
	}
}
END_TEST

START_TEST(civil_days_go_both_ways)
{
	int64_t year;
	unsigned month, day;

	ck_assert_int_eq(date_days(1970, 1, 1), 0);
	ck_assert_int_eq(date_days(0, 3, 1), -719468);
	ck_assert_int_eq(date_days(2000, 2, 29), 11016);
	ck_assert_int_eq(date_days(-1, 12, 31), date_days(0, 1, 1) - 1);
	for (int64_t d = -1000000; d < 1000000; d += 1009) {
		date_civil(d, &year, &month, &day);
		ck_assert(month >= 1 && month <= 12 && day >= 1 && day <= 31);
		ck_assert_int_eq(date_days(year, month, day), d);
	}
}
END_TEST

/* "a recipient MUST interpret a timestamp that appears to be more than 50 years in
 * the future as representing the most recent year in the past that had the same
 * last two digits". */
START_TEST(two_digit_years_are_near)
{
	int64_t year, t;
	unsigned month, day;
	char text[64];

	date_civil(date_now_ms() / 86400000, &year, &month, &day);
	for (int64_t y = year - 49; y <= year + 50; y++) {
		int64_t got;
		snprintf(text, sizeof text, "Monday, 15-Jun-%02d 00:00:00 GMT", (int)(y % 100));
		ck_assert(date_parse(text, &t));
		date_civil(t / 86400 - (t < 0), &got, &month, &day);
		ck_assert_msg(got == y, "%s: %" PRId64 ", not %" PRId64, text, got, y);
	}
}
END_TEST

START_TEST(what_is_no_date)
{
	static const char *const texts[] = {
		"",
		" ",
		"0",
		"Sun",
		"Sun, ",
		"Sun, 06 Nov 1994",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 gmt",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		" Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"sun, 06 Nov 1994 08:49:37 GMT",
		"Xyz, 06 Nov 1994 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 29 Feb 1900 08:49:37 GMT",
		"Sun, 29 Feb 2023 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 Nov 19940 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:00 GMT",
		"Sun, 06 Nov 1994 08:49:61 GMT",
		"Sun, 06 Nov 1994 8:49:37 GMT",
		"Sun, 06 Nov 1994 -8:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMTGMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sunday, 06 Nov 94 08:49:37 GMT",
		"Sun, 06-Nov-94 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994",
		"Sun Nov  6 08:49:37 1994 GMT",
		"Sun Nov 0  08:49:37 1994",
		"1994-11-06T08:49:37Z",
		"784111777",
		"\xff\xfe",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t t = 7;
		ck_assert_msg(!date_parse(texts[i], &t), "taken: %s", texts[i]);
		ck_assert_int_eq(t, 7);
	}
}
END_TEST

START_TEST(a_date_cut_short_anywhere_is_none)
{
	static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
					    "Sunday, 06-Nov-94 08:49:37 GMT",
					    "Sun Nov  6 08:49:37 1994"};

	for (int i = 0; i < 3; i++)
		for (size_t n = 0; n < strlen(forms[i]); n++) {
			char *cut = strndup(forms[i], n); /* its exact size, for ASan */
			int64_t t;
			ck_assert_msg(!date_parse(cut, &t), "taken: %s", cut);
			free(cut);
		}
}
END_TEST

START_TEST(a_leap_second_is_the_next_minute)
{
	int64_t t;

	ck_assert(date_parse("Sat, 31 Dec 2016 23:59:60 GMT", &t));
	ck_assert_str_eq(written(t), "Sun, 01 Jan 2017 00:00:00 GMT");
}
END_TEST

START_TEST(now_is_near_the_clock)
{
	int64_t before = (int64_t)time(NULL) * 1000, coarse = date_coarse_ms(),
		now = date_now_ms(), after = ((int64_t)time(NULL) + 2) * 1000; /* it lags */

	ck_assert_int_ge(coarse, before);
	ck_assert_int_ge(now, coarse);
	ck_assert_int_le(now, after);
}
END_TEST

SUITE("date", the_three_forms_say_the_same, moments_that_one_gets_wrong,
      what_has_no_date_is_clamped, days_agree_with_the_c_library,
      civil_days_go_both_ways, two_digit_years_are_near, what_is_no_date,
      a_date_cut_short_anywhere_is_none, a_leap_second_is_the_next_minute,
      now_is_near_the_clock)
