/* Reals as text: real_read() and real_put(). */
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/real.h"
#include "base/text.h"
#include "suite.h"

static const char *put(double v)
{
	static char text[32];

	memset(text, 'x', sizeof text);
	size_t n = real_put(text, sizeof text, v);
	ck_assert_uint_eq(strlen(text), n);
	return text;
}

static bool same(double x, double y)
{
	return !memcmp(&x, &y, sizeof x);
}

START_TEST(the_shortest_text_as_people_write_it)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{0.0, "0.0"},
		{-0.0, "-0.0"},
		{1.0, "1.0"},
		{-1.5, "-1.5"},
		{0.1, "0.1"},
		{0.30000000000000004, "0.30000000000000004"},
		{100.0, "100.0"},
		{123456.789, "123456.789"},
		{1e15, "1000000000000000.0"},
		{9999999999999998.0, "9999999999999998.0"},
		{1e16, "1e+16"},
		{1.5e16, "1.5e+16"},
		{1e22, "1e+22"},
		{1e23, "1e+23"},
		{0.0001, "0.0001"},
		{0.00012345, "0.00012345"},
		{0.00001, "1e-05"},
		{1.5e-7, "1.5e-07"},
		{1e100, "1e+100"},
		{DBL_MAX, "1.7976931348623157e+308"},
		{DBL_MIN, "2.2250738585072014e-308"},
		{5e-324, "5e-324"},
		{9007199254740993.0, "9007199254740992.0"},
		{2.0 / 3, "0.6666666666666666"},
		{9.5367431640625e-07, "9.5367431640625e-07"}, /* a power of two */
		{4.450147717014403e-308, "4.450147717014403e-308"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(put(cases[i].v), cases[i].text);
	ck_assert_str_eq(put(INFINITY), "inf");
	ck_assert_str_eq(put(-INFINITY), "-inf");
	ck_assert_str_eq(put(NAN), "nan");
}
END_TEST

START_TEST(too_little_room_cuts)
{
	char text[5] = "....";

	ck_assert_uint_eq(real_put(text, 4, 12.75), 3);
	ck_assert_str_eq(text, "12.");
	ck_assert_uint_eq(real_put(text, 0, 12.75), 0);
}
END_TEST

/* Any number that is no NaN reads back, and one digit less would not. */
START_TEST(every_number_reads_back_and_has_no_digit_to_spare)
{
	uint64_t bits = 88172645463325252u;

	for (int i = 0; i < 4000; i++) {
		double v, back = 0;
		bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
		memcpy(&v, &bits, sizeof v);
		if (!isfinite(v))
			continue;
		const char *text = put(v);
		ck_assert_msg(real_read(text, &back) && same(back, v), "%s", text);
		int digits = 0, seen = 0; /* but for zeros at both ends */
		for (const char *p = text + strspn(text, "-0."); *p && *p != 'e'; p++) {
			seen += is_digit(*p);
			digits = is_digit(*p) && *p != '0' ? seen : digits;
		}
		if (digits > 1) {
			char shorter[40];
			snprintf(shorter, sizeof shorter, "%.*e", digits - 2, v);
			ck_assert_msg(!same(strtod(shorter, NULL), v), "%s, but %s", text, shorter);
		}
	}
}
END_TEST

START_TEST(what_is_read)
{
	static const struct {
		const char *s;
		double v;
	} good[] = {{"0", 0.0},	     {"-0", -0.0},	  {"007", 7.0},	     {"1.5", 1.5},
		    {"-2.25", -2.25}, {"1e3", 1000.0},	  {"1E+3", 1000.0},  {"1e-3", 0.001},
		    {"12.5e3", 12500.0}, {"0.1", 0.1},	  {"1e-400", 0.0},   {"5e-324", 5e-324},
		    {"0e99999999999", 0.0}, {"1.7976931348623157e308", DBL_MAX},
		    {"00000000000000000000000.5", 0.5},
		    {"123456789012345678901234567890", 123456789012345678901234567890.0}};
	static const char *const bad[] = {
		"",    "-",    ".",	"1.",	"-.5",	 ".5",	  "+1",	 " 1",	  "1 ",
		"1e",  "1e+",  "1e1.5", "1e 5",	"0x10",	 "0x1p3", "inf", "nan",	  "infinity",
		"1,5", "1..5", "--1",	"1e5e5", "1e400", "-1e400", "1.5x", "1e9999999999"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		double v = 99;
		ck_assert_msg(real_read(good[i].s, &v) && same(v, good[i].v), "%s", good[i].s);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		double v = 99;
		ck_assert_msg(!real_read(bad[i], &v), "%s", bad[i]);
	}
}
END_TEST

START_TEST(four_hundred_characters_and_no_more)
{
	char text[402];
	double v;

	memset(text, '0', sizeof text);
	text[1] = '.';
	text[399] = '1';
	text[400] = '\0';
	ck_assert(real_read(text, &v));
	text[400] = '0';
	text[401] = '\0';
	ck_assert(!real_read(text, &v));
}
END_TEST

/* Where the machine has such a locale; reading and writing never ask for it. */
START_TEST(the_locale_does_not_matter)
{
	static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "pl_PL.UTF-8"};
	double v = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (setlocale(LC_ALL, names[i]))
			break;
	ck_assert_str_eq(put(1234.5), "1234.5");
	ck_assert(real_read("1234.5", &v) && same(v, 1234.5));
	ck_assert(!real_read("1234,5", &v));
}
END_TEST

SUITE("real", the_shortest_text_as_people_write_it, too_little_room_cuts,
      every_number_reads_back_and_has_no_digit_to_spare, what_is_read,
      four_hundred_characters_and_no_more, the_locale_does_not_matter)
