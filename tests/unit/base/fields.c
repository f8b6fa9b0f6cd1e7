/* Names and values in order. */
#include "base/fields.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

static struct arena a;
static struct fields f;

static void setup(void)
{
	arena_init(&a, 256);
	fields_init(&f, &a);
}

static void teardown(void)
{
	arena_fini(&a);
}

static void add(const char *name, const char *value)
{
	ck_assert_int_eq(fields_add(&f, name, value), CRUET_OK);
}

static const char *all(void)
{
	struct buf b;

	buf_init(&b, &a, 0);
	for (size_t i = 0; i < f.n; i++)
		buf_printf(&b, "%s%s=%s", i ? " " : "", f.items[i].name, f.items[i].value);
	return b.p;
}

START_TEST(order_and_repeats_stay)
{
	add("b", "1");
	add("a", "2");
	add("B", "3");
	add("b", "");
	ck_assert_str_eq(all(), "b=1 a=2 B=3 b=");
}
END_TEST

START_TEST(names_are_blind_to_case_where_they_are_headers)
{
	add("Content-Type", "x");
	add("content-type", "y");
	ck_assert_str_eq(fields_get(&f, "CONTENT-TYPE"), "x");
	ck_assert_str_eq(fields_get_exact(&f, "content-type"), "y");
	ck_assert_ptr_null(fields_get_exact(&f, "CONTENT-TYPE"));
	ck_assert_ptr_null(fields_get(&f, "Content-Typ"));
	ck_assert_ptr_null(fields_get(&f, "Content-Type2"));
	ck_assert_ptr_null(fields_get(&f, ""));
}
END_TEST

START_TEST(case_is_that_of_ascii)
{
	add("\xC3\x84", "1"); /* an umlaut has no other case here */
	add("[", "2");	      /* '[' and '{' differ by the same bit as letters do */
	ck_assert_ptr_null(fields_get(&f, "\xC3\xA4"));
	ck_assert_ptr_null(fields_get(&f, "{"));
}
END_TEST

START_TEST(setting_replaces_the_first_and_removes_the_others)
{
	add("a", "1");
	add("x", "2");
	add("X", "3");
	add("b", "4");
	add("x", "5");
	ck_assert_int_eq(fields_set(&f, "X", "new"), CRUET_OK);
	ck_assert_str_eq(all(), "a=1 x=new b=4");
	ck_assert_int_eq(fields_set(&f, "c", "last"), CRUET_OK);
	ck_assert_str_eq(all(), "a=1 x=new b=4 c=last");
}
END_TEST

START_TEST(deleting_takes_all_of_a_name)
{
	fields_del(&f, "a"); /* of nothing */
	add("a", "1");
	add("b", "2");
	add("A", "3");
	fields_del(&f, "none");
	ck_assert_str_eq(all(), "a=1 b=2 A=3");
	fields_del(&f, "a");
	ck_assert_str_eq(all(), "b=2");
	fields_del(&f, "B");
	ck_assert_uint_eq(f.n, 0);
}
END_TEST

START_TEST(thousands_are_no_matter)
{
	for (int i = 0; i < 5000; i++)
		add(arena_printf(&a, "n%d", i), arena_printf(&a, "v%d", i));
	ck_assert_str_eq(fields_get(&f, "n0"), "v0");
	ck_assert_str_eq(fields_get(&f, "N4999"), "v4999");
	ck_assert_uint_eq(f.n, 5000);
}
END_TEST

START_TEST(null_is_a_copy_that_failed)
{
	ck_assert_int_eq(fields_add(&f, NULL, "v"), CRUET_ENOMEM);
	ck_assert_int_eq(fields_add(&f, "n", NULL), CRUET_ENOMEM);
	ck_assert_int_eq(fields_set(&f, "n", NULL), CRUET_ENOMEM);
	ck_assert_uint_eq(f.n, 0);
}
END_TEST

START_TEST(without_memory_what_was_there_stays)
{
	size_t n;

	fail_alloc_from(2);
	int err = CRUET_OK;
	for (n = 0; !err && n < 1000; n++)
		err = fields_add(&f, "n", "v");
	int set = fields_set(&f, "other", "v");
	fail_alloc_off();
	ck_assert_int_eq(err, CRUET_ENOMEM);
	ck_assert_int_eq(set, CRUET_ENOMEM);
	ck_assert_uint_eq(f.n, n - 1);
	ck_assert_str_eq(f.items[f.n - 1].value, "v");
	ck_assert_int_eq(fields_set(&f, "n", "again"), CRUET_OK); /* takes none */
	ck_assert_uint_eq(f.n, 1);
}
END_TEST

START_TEST(names_are_tokens)
{
	static const char good[] = "!#$%&'*+-.^_`|~09azAZ";
	char one[2] = "";

	ck_assert(field_name_ok("X-A"));
	ck_assert(!field_name_ok(""));
	ck_assert(!field_name_ok("a b"));
	ck_assert(!field_name_ok("a:"));
	for (int ch = 1; ch < 256; ch++) {
		one[0] = (char)ch;
		bool token = strchr(good, ch) || (ch >= '0' && ch <= '9') ||
			     (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
		ck_assert_msg(field_name_ok(one) == token, "0x%02x", (unsigned)ch);
	}
}
END_TEST

START_TEST(values_hold_no_control_byte_but_tab)
{
	char one[2] = "";

	ck_assert(field_value_ok(""));
	ck_assert(field_value_ok("a\tb \xC3\xA4\xFF"));
	for (int ch = 1; ch < 256; ch++) {
		one[0] = (char)ch;
		ck_assert_msg(field_value_ok(one) == (ch == '\t' || (ch >= ' ' && ch != 0x7f)),
			      "0x%02x", (unsigned)ch);
	}
}
END_TEST

SUITE_WITH("fields", setup, teardown, order_and_repeats_stay,
	   names_are_blind_to_case_where_they_are_headers, case_is_that_of_ascii,
	   setting_replaces_the_first_and_removes_the_others, deleting_takes_all_of_a_name,
	   thousands_are_no_matter, null_is_a_copy_that_failed,
	   without_memory_what_was_there_stays, names_are_tokens,
	   values_hold_no_control_byte_but_tab)
