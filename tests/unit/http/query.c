/* Queries and forms. */
#include "http/query.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fields.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

static struct arena a;

static void setup(void)
{
	arena_init(&a, 1024);
}

static void teardown(void)
{
	arena_fini(&a);
}

static const char *pairs_of(const char *p, size_t len)
{
	struct fields f;
	struct buf b;

	fields_init(&f, &a);
	ck_assert_int_eq(query_parse(&f, p, len, 1000), CRUET_OK);
	buf_init(&b, &a, 0);
	for (size_t i = 0; i < f.n; i++)
		buf_printf(&b, "[%s|%s]", f.items[i].name, f.items[i].value);
	return b.p;
}

static const char *pairs(const char *s)
{
	return pairs_of(s, strlen(s));
}

START_TEST(pairs_are_read_in_order)
{
	static const struct {
		const char *query, *pairs;
	} cases[] = {
		{"", ""},
		{"a=1", "[a|1]"},
		{"a=1&b=2&a=3", "[a|1][b|2][a|3]"},
		{"a=", "[a|]"},
		{"a", "[a|]"},
		{"=1", "[|1]"},
		{"=", "[|]"},
		{"&&a=1&&", "[a|1]"},
		{"&", ""},
		{"a=b=c", "[a|b=c]"},
		{"a=1;b=2", "[a|1;b=2]"},
		{"a[]=1&a[]=2", "[a[]|1][a[]|2]"},
		{"a+b=c+d", "[a b|c d]"},
		{"a%20b=c%2Bd", "[a b|c+d]"},
		{"a%3Db=%26", "[a=b|&]"},
		{"%C5%BC=%c5%bc", "[\xC5\xBC|\xC5\xBC]"},
		{"\xC5\xBC=1", "[\xC5\xBC|1]"},
		{"a=%2541", "[a|%41]"}, /* decoded once */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(pairs(cases[i].query), cases[i].pairs);
}
END_TEST

START_TEST(what_is_broken_stays_as_text)
{
	static const struct {
		const char *query, *pairs;
	} cases[] = {
		{"a=%", "[a|%]"},
		{"a=%4", "[a|%4]"},
		{"a=%zz", "[a|%zz]"},
		{"%=1", "[%|1]"},
		{"a=%FF", "[a|%FF]"},
		{"a=x%ffy", "[a|x%FFy]"},
		{"a=%C5", "[a|%C5]"},
		{"a=%C5%BC%C5", "[a|\xC5\xBC%C5]"},
		{"a=%ED%A0%80", "[a|%ED%A0%80]"},
		{"a=x%00y", "[a|x%00y]"},
		{"%00=1", "[%00|1]"},
		{"a=\xFF", "[a|%FF]"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(pairs(cases[i].query), cases[i].pairs);
	ck_assert_str_eq(pairs_of("a=\0b", 4), "[a|%00b]");
	ck_assert_str_eq(pairs_of("a=12345", 4), "[a|12]"); /* its length ends it */
	ck_assert_str_eq(pairs_of("a=%41", 4), "[a|%4]");
}
END_TEST

START_TEST(more_pairs_than_allowed_are_refused)
{
	struct fields f;

	fields_init(&f, &a);
	ck_assert_int_eq(query_parse(&f, "a&b&c", 5, 3), CRUET_OK);
	fields_init(&f, &a);
	ck_assert_int_eq(query_parse(&f, "a&b&c&&&", 8, 3), CRUET_OK);
	fields_init(&f, &a);
	ck_assert_int_eq(query_parse(&f, "a&b&c&d", 7, 3), CRUET_ELIMIT);
	ck_assert_uint_eq(f.n, 3);
}
END_TEST

/* Twice as much text takes about twice as much memory, of pairs and of bad bytes. */
START_TEST(cost_is_linear)
{
	static const char *const units[] = {"a=b&", "%FF", "&", "x", "%C5%BC", "=", "%"};

	for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
		size_t blocks[2];
		for (int round = 0; round < 2; round++) {
			struct arena m;
			struct fields f;
			struct buf b;
			arena_init(&m, 1024);
			buf_init(&b, NULL, 0);
			for (int i = 0; i < 20000 << round; i++)
				buf_str(&b, units[u]);
			fields_init(&f, &m);
			fail_alloc_at(0);
			int err = query_parse(&f, b.p, b.len, SIZE_MAX);
			blocks[round] = fail_alloc_count();
			ck_assert_int_eq(err, CRUET_OK);
			buf_fini(&b);
			arena_fini(&m);
		}
		ck_assert_msg(blocks[1] <= 2 * blocks[0] + 4, "%s: %zu, then %zu", units[u], blocks[0],
			      blocks[1]);
	}
}
END_TEST

START_TEST(want_of_memory_is_told)
{
	for (size_t fill = 0; fill < 256; fill += 16)
		for (size_t n = 1, failed = 1; failed; n++) {
			struct arena small;
			struct fields f;
			arena_init(&small, 256);
			if (fill)
				ck_assert_ptr_nonnull(arena_alloc(&small, fill));
			fields_init(&f, &small);
			fail_alloc_at(n);
			int err = query_parse(&f, "a=1&b=%FF%00x&c+d=%41", 21, 10);
			failed = fail_alloc_off();
			ck_assert_int_eq(err, failed ? CRUET_ENOMEM : CRUET_OK);
			arena_fini(&small);
		}
}
END_TEST

SUITE_WITH("query", setup, teardown, pairs_are_read_in_order, what_is_broken_stays_as_text,
	   more_pairs_than_allowed_are_refused, cost_is_linear, want_of_memory_is_told)
