/* Decimal numbers as they are written: plugins/validate/number.h alone. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "number.h"
#include "../../suite.h"

static struct decimal of(const char *s)
{
	struct decimal d;

	ck_assert_msg(decimal_parse(s, &d), "%s", s);
	return d;
}

START_TEST(what_is_a_number)
{
	static const char *const yes[] = {"0",
					  "-0",
					  "+1",
					  "1.5",
					  ".5",
					  "5.",
					  "1e3",
					  "1E+3",
					  "1e-3",
					  " 1 ",
					  "\t1\n",
					  "00012",
					  "0.0e5",
					  "1e300",
					  "0e999999999999",
					  "123456789012345678901234567890",
					  NULL};
	static const char *const no[] = {
		"",	 " ",	   ".",	     "e3",   "1e",  "1e+",	"+",   "-",
		"--1",	 "1.2.3",  "1 2",    "0x10", "1_0", "1,5",	"inf", "nan",
		"1e301", "10e300", "1e-301", "1a",   "a1",  "\xd9\xa1", NULL};
	struct decimal d;

	for (size_t i = 0; yes[i]; i++)
		ck_assert_msg(decimal_parse(yes[i], &d), "%s", yes[i]);
	for (size_t i = 0; no[i]; i++)
		ck_assert_msg(!decimal_parse(no[i], &d), "%s", no[i]);
}
END_TEST

START_TEST(numbers_are_in_order)
{
	/* Each is less than the next; those with a bar between them are equal. */
	static const char *const order[] = {"-1e300",
					    "-100",
					    "-99.999999999999999999999",
					    "-1.5",
					    "-1.49999",
					    "-1e-300",
					    "0",
					    "1e-300",
					    "0.000000000000000000000000000001",
					    "0.1",
					    "0.10000000000000000001",
					    "0.9",
					    "1",
					    "1.000000000000000000000001",
					    "9",
					    "10",
					    "99",
					    "100",
					    "101",
					    "9223372036854775807",
					    "9223372036854775808",
					    "1e299",
					    "1e300",
					    NULL};
	static const char *const equal[][2] = {
		{"1", "1.0"},	     {"1", "01"},   {"100", "1e2"},
		{"0.001", "1e-3"},   {"0", "-0"},   {"0", "0e5"},
		{"12.50", "1.25e1"}, {"-5", "-5."}, {".5", "0.50"}};
	for (size_t i = 0; order[i]; i++)
		for (size_t j = 0; order[j]; j++) {
			struct decimal a = of(order[i]), b = of(order[j]);
			int want = (i > j) - (i < j);
			ck_assert_msg(decimal_compare(&a, &b) == want, "%s and %s",
				      order[i], order[j]);
		}
	for (size_t i = 0; i < sizeof equal / sizeof *equal; i++) {
		struct decimal a = of(equal[i][0]), b = of(equal[i][1]);
		ck_assert_msg(!decimal_compare(&a, &b) && !decimal_compare(&b, &a),
			      "%s and %s", equal[i][0], equal[i][1]);
	}
}
END_TEST

START_TEST(integers_fit_or_do_not)
{
	static const struct {
		const char *s;
		int64_t v;
		bool value, spelled; /* by its value; in the usual spelling */
	} cases[] = {
		{"0", 0, true, true},
		{"-0", 0, true, true},
		{"+5", 5, true, true},
		{" 5 ", 5, true, true},
		{"5.0", 5, true, false},
		{"5e3", 5000, true, false},
		{"500e-2", 5, true, false},
		{"007", 7, true, false},
		{"9223372036854775807", INT64_MAX, true, true},
		{"-9223372036854775808", INT64_MIN, true, true},
		{"9223372036854775808", 0, false, false},
		{"-9223372036854775809", 0, false, false},
		{"9223372036854775807.0", INT64_MAX, true, false},
		{"9223372036854775807.5", 0, false, false},
		{"92233720368547758070e-1", INT64_MAX, true, false},
		{"1e18", 1000000000000000000, true, false},
		{"1e19", 0, false, false},
		{"0.5", 0, false, false},
		{"1e300", 0, false, false},
		{"1e-300", 0, false, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct decimal d = of(cases[i].s);
		int64_t v = -77;
		ck_assert_msg(decimal_int(&d, &v) == cases[i].value, "%s", cases[i].s);
		if (cases[i].value)
			ck_assert_msg(v == cases[i].v, "%s: %lld", cases[i].s,
				      (long long)v);
		v = -77;
		ck_assert_msg(integer_parse(cases[i].s, &v) == cases[i].spelled, "%s",
			      cases[i].s);
		if (cases[i].spelled)
			ck_assert_int_eq(v, cases[i].v);
	}
}
END_TEST

START_TEST(reals_are_the_nearest)
{
	static const struct {
		const char *s;
		double v;
	} cases[] = {
		{"0.1", 0.1},
		{"1e22", 1e22},
		{"1e23", 1e23},
		{"-1.5", -1.5},
		{"0", 0},
		{"-0", 0},
		{"1e300", 1e300},
		{"1e-300", 1e-300},
		{"9007199254740993", 9007199254740992.0},
		/* half way between two, and a digit that decides far behind */
		{"9007199254740993.0000000000000000000000000000000000000000000001",
		 9007199254740994.0},
		{"9007199254740992.9999999999999999999999999999999999999999999999",
		 9007199254740992.0},
		{"0.1000000000000000055511151231257827021181583404541015625", 0.1},
		{"123456789012345678901234567890123456789012345678901234567890",
		 1.2345678901234568e59},
		{"0.00000000000000000000000000000000000000000000000123", 1.23e-48},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct decimal d = of(cases[i].s);
		ck_assert_msg(decimal_real(&d) == cases[i].v, "%s: %.17g", cases[i].s,
			      decimal_real(&d));
	}
}
END_TEST

START_TEST(multiples_are_exact)
{
	static const struct {
		const char *v, *m;
		bool is;
	} cases[] = {
		{"0", "3", true},
		{"9", "3", true},
		{"10", "3", false},
		{"-9", "3", true},
		{"9", "-3", true},
		{"0.3", "0.1", true},
		{"0.35", "0.1", false},
		{"19.99", "0.01", true},
		{"1e100", "7", false},
		{"7e100", "7", true},
		{"1e100", "1e50", true},
		{"1e50", "1e100", false},
		{"1e-5", "1e-5", true},
		{"1", "99999999999999999", false},
		{"99999999999999999e5", "99999999999999999", true},
		{"12345678901234567890123456789012345678901234567890",
		 "99999999999999999", false},
		{"5", "2.5", true},
		{"5.1", "2.5", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct decimal v = of(cases[i].v), m = of(cases[i].m);
		ck_assert_msg(decimal_multiple(&v, &m) == cases[i].is, "%s of %s",
			      cases[i].v, cases[i].m);
	}
}
END_TEST

START_TEST(digits_and_places_are_counted)
{
	ck_assert_uint_eq(decimal_digits(&(struct decimal){.p = ""}), 0);
	struct decimal d = of("00120.500");
	ck_assert_uint_eq(decimal_digits(&d), 4);
	ck_assert_int_eq(d.places, 3);
	ck_assert(!d.exponent);
	d = of("1.25e3");
	ck_assert_int_eq(d.places, 2);
	ck_assert(d.exponent);
	d = of("5.");
	ck_assert_int_eq(d.places, 0);
}
END_TEST

START_TEST(huge_texts_are_bounded)
{
	char *s = malloc(200002);
	struct decimal d;

	ck_assert_ptr_nonnull(s);
	memset(s, '9', 200001);
	s[200001] = '\0';
	ck_assert(!decimal_parse(s, &d));
	memset(s, '0', 99999);
	s[100000] = '\0';
	s[99999] = '1';
	ck_assert(decimal_parse(s, &d));
	ck_assert(decimal_real(&d) == 1);
	s[1] = '.'; /* 0.000...1 */
	ck_assert(!decimal_parse(s, &d));
	memset(s + 2, '9', 99998);
	ck_assert(decimal_parse(s, &d));
	ck_assert(decimal_real(&d) == 1);
	free(s);
}
END_TEST

SUITE("validate_numbers", what_is_a_number, numbers_are_in_order, integers_fit_or_do_not,
      reals_are_the_nearest, multiples_are_exact, digits_and_places_are_counted,
      huge_texts_are_bounded)
