/* Memory that goes all at once. */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

enum { BLOCK = 4096 };

static struct arena a;
static char order[16]; /* of deferred calls */
static size_t calls;

static void fresh(void)
{
	arena_init(&a, BLOCK);
	calls = 0;
	*order = '\0';
}

START_TEST(init_takes_no_memory)
{
	fail_alloc_at(0);
	fresh();
	size_t n = fail_alloc_count();
	ck_assert_uint_eq(n, 0);
	arena_fini(&a);
}
END_TEST

START_TEST(every_pointer_is_aligned_and_its_bytes_are_its_own)
{
	char *p[200];

	fresh();
	for (size_t i = 0; i < 200; i++) {
		p[i] = arena_alloc(&a, i);
		ck_assert_ptr_nonnull(p[i]);
		ck_assert_uint_eq((uintptr_t)p[i] % ARENA_ALIGN, 0);
		memset(p[i], (int)i, i);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < i; k++)
			ck_assert_int_eq((unsigned char)p[i][k], (int)i);
	arena_fini(&a);
}
END_TEST

START_TEST(nothing_is_a_pointer_too)
{
	fresh();
	void *p = arena_alloc(&a, 0), *q = arena_alloc(&a, 0);
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(q);
	ck_assert_ptr_ne(p, q);
	ck_assert_ptr_nonnull(arena_array(&a, 0, 8));
	ck_assert_ptr_nonnull(arena_array(&a, 8, 0));
	arena_fini(&a);
}
END_TEST

START_TEST(a_size_beyond_all_memory_is_null)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - ARENA_ALIGN,
				       SIZE_MAX / 2 + 1};
	char *p;

	fresh();
	ck_assert_ptr_nonnull(p = arena_alloc(&a, 8));
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		ck_assert_ptr_null(arena_alloc(&a, sizes[i]));
		ck_assert_ptr_null(arena_grow(&a, p, 8, sizes[i]));
		ck_assert_ptr_null(arena_grow(&a, NULL, 0, sizes[i]));
	}
	ck_assert_ptr_null(arena_strndup(&a, "", SIZE_MAX));
	arena_fini(&a);
}
END_TEST

START_TEST(a_product_that_overflows_is_null)
{
	fresh();
	ck_assert_ptr_null(arena_array(&a, SIZE_MAX / 8 + 2, 8)); /* 8 bytes, were it wrapped */
	ck_assert_ptr_null(arena_array(&a, SIZE_MAX, SIZE_MAX));
	ck_assert_ptr_null(arena_array(&a, 2, SIZE_MAX));
	arena_fini(&a);
}
END_TEST

START_TEST(zeroed_memory_is_zero_also_the_second_time)
{
	static const char zero[512];

	fresh();
	for (int round = 0; round < 2; round++) {
		char *p = arena_zalloc(&a, sizeof zero);
		ck_assert_mem_eq(p, zero, sizeof zero);
		memset(p, 0xAA, sizeof zero);
		p = arena_array(&a, 16, 32);
		ck_assert_mem_eq(p, zero, sizeof zero);
		memset(p, 0xAA, sizeof zero);
		arena_reset(&a);
	}
	arena_fini(&a);
}
END_TEST

START_TEST(a_round_that_fits_takes_no_memory_again)
{
	fresh();
	void *first = arena_alloc(&a, 1000);
	for (int round = 0; round < 3; round++) {
		arena_reset(&a);
		fail_alloc_at(0);
		void *p = arena_alloc(&a, 1000), *q = arena_alloc(&a, 1000);
		size_t n = fail_alloc_count();
		ck_assert_uint_eq(n, 0);
		ck_assert_ptr_eq(p, first);
		ck_assert_ptr_nonnull(q);
	}
	arena_fini(&a);
}
END_TEST

START_TEST(a_big_one_leaves_the_block_in_use)
{
	fresh();
	char *before = arena_alloc(&a, 16);
	char *big = arena_alloc(&a, 10 * BLOCK);
	char *after = arena_alloc(&a, 16);

	ck_assert_ptr_nonnull(big);
	ck_assert_uint_le((size_t)(after - before), 32);
	arena_fini(&a);
}
END_TEST

START_TEST(many_small_ones_share_blocks)
{
	fresh();
	fail_alloc_at(0);
	for (int i = 0; i < 1000; i++)
		if (!arena_alloc(&a, 16))
			break;
	size_t n = fail_alloc_count();
	/* 16 bytes each, or 32 with a guard behind them */
	ck_assert_uint_ge(n, 1000 * 16 / BLOCK);
	ck_assert_uint_le(n, 1000 * 32 / BLOCK + 1);
	arena_fini(&a);
}
END_TEST

START_TEST(the_newest_grows_in_its_place)
{
	fresh();
	char *p = arena_alloc(&a, 10);
	memcpy(p, "0123456789", 10);
	char *q = arena_grow(&a, p, 10, 1000);
	memset(q + 10, 'x', 990);
	ck_assert_mem_eq(q, "0123456789", 10);
	ck_assert_ptr_eq(p, q);
	/* and what follows does not lie in it */
	char *next = arena_alloc(&a, 8);
	ck_assert(next >= q + 1000 || next < q);
	arena_fini(&a);
}
END_TEST

START_TEST(another_grows_by_moving_with_its_bytes)
{
	fresh();
	char *p = arena_alloc(&a, 10);
	memcpy(p, "0123456789", 10);
	char *between = arena_strdup(&a, "between");
	char *q = arena_grow(&a, p, 10, 100);
	ck_assert_ptr_ne(p, q);
	ck_assert_mem_eq(q, "0123456789", 10);
	memset(q + 10, 'x', 90);
	ck_assert_str_eq(between, "between");
	/* and beyond its block */
	char *r = arena_grow(&a, q, 100, 3 * BLOCK);
	ck_assert_mem_eq(r, "0123456789xxxx", 14);
	memset(r + 100, 'y', 3 * BLOCK - 100);
	ck_assert_str_eq(between, "between");
	arena_fini(&a);
}
END_TEST

START_TEST(growing_to_less_is_no_change)
{
	fresh();
	char *p = arena_alloc(&a, 64);
	ck_assert_ptr_eq(arena_grow(&a, p, 64, 8), p);
	ck_assert_ptr_eq(arena_grow(&a, p, 64, 64), p);
	ck_assert_ptr_nonnull(arena_grow(&a, NULL, 0, 0));
	arena_fini(&a);
}
END_TEST

START_TEST(copies_of_text_end_with_a_nul)
{
	fresh();
	ck_assert_str_eq(arena_strdup(&a, "abc"), "abc");
	ck_assert_str_eq(arena_strdup(&a, ""), "");
	ck_assert_ptr_null(arena_strdup(&a, NULL));
	ck_assert_str_eq(arena_strndup(&a, "abcdef", 3), "abc");
	ck_assert_str_eq(arena_strndup(&a, "abc", 0), "");
	ck_assert_str_eq(arena_strndup(&a, NULL, 0), "");
	ck_assert_mem_eq(arena_strndup(&a, "a\0b", 3), "a\0b", 4); /* bytes, not a string */
	arena_fini(&a);
}
END_TEST

START_TEST(printf_knows_no_length)
{
	/* around the 256 bytes that are tried first, and far above */
	static const int lengths[] = {0, 1, 254, 255, 256, 257, 100000};

	fresh();
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		char *s = arena_printf(&a, "%*s", lengths[i], "");
		ck_assert_uint_eq(strlen(s), (size_t)lengths[i]);
		ck_assert_uint_eq(strspn(s, " "), (size_t)lengths[i]);
	}
	ck_assert_str_eq(arena_printf(&a, "%s-%d%%", "a", -7), "a--7%");
	arena_fini(&a);
}
END_TEST

/* --- deferred calls --- */

static void note(void *p)
{
	order[calls++] = *(char *)p; /* the memory must still be there */
	order[calls] = '\0';
}

START_TEST(deferred_calls_run_last_first_and_once)
{
	fresh();
	ck_assert_int_eq(arena_defer(&a, note, arena_strdup(&a, "a")), CRUET_OK);
	ck_assert_int_eq(arena_defer(&a, note, arena_strdup(&a, "b")), CRUET_OK);
	char *far = arena_alloc(&a, 10 * BLOCK);
	*far = 'c';
	ck_assert_int_eq(arena_defer(&a, note, far), CRUET_OK);
	ck_assert_uint_eq(calls, 0);
	arena_reset(&a);
	ck_assert_str_eq(order, "cba");
	arena_reset(&a);
	arena_fini(&a);
	ck_assert_uint_eq(calls, 3);
}
END_TEST

static void defer_again(void *p)
{
	if (arena_defer(&a, note, p))
		abort();
	note(arena_strdup(&a, "z"));
}

START_TEST(a_deferred_call_may_defer_and_allocate)
{
	fresh();
	ck_assert_int_eq(arena_defer(&a, note, arena_strdup(&a, "a")), CRUET_OK);
	ck_assert_int_eq(arena_defer(&a, defer_again, arena_strdup(&a, "b")), CRUET_OK);
	arena_fini(&a);
	ck_assert_str_eq(order, "zba");
}
END_TEST

START_TEST(defer_without_memory_calls_at_once)
{
	char x = 'x';

	fresh();
	fail_alloc_at(1);
	int err = arena_defer(&a, note, &x);
	fail_alloc_off();
	ck_assert_int_eq(err, CRUET_ENOMEM);
	ck_assert_str_eq(order, "x");
	arena_fini(&a);
	ck_assert_uint_eq(calls, 1);
}
END_TEST

START_TEST(every_call_survives_no_memory)
{
	static const char text[] = "the old bytes";

	fresh();
	char *p = arena_strdup(&a, text);
	fail_alloc_from(1);
	void *big = arena_alloc(&a, 2 * BLOCK), *zero = arena_zalloc(&a, 2 * BLOCK),
	     *array = arena_array(&a, BLOCK, 2), *grown = arena_grow(&a, p, sizeof text, 2 * BLOCK),
	     *printed = arena_printf(&a, "%*s", 2 * BLOCK, "");
	char *small = arena_alloc(&a, 16); /* the block is there already */
	fail_alloc_off();
	ck_assert_ptr_null(big);
	ck_assert_ptr_null(zero);
	ck_assert_ptr_null(array);
	ck_assert_ptr_null(grown);
	ck_assert_ptr_null(printed);
	ck_assert_ptr_nonnull(small);
	ck_assert_str_eq(p, text);
	ck_assert_ptr_nonnull(arena_alloc(&a, 2 * BLOCK)); /* and goes on */
	arena_fini(&a);
}
END_TEST

START_TEST(an_arena_that_is_over_can_begin_again)
{
	fresh();
	arena_fini(&a); /* nothing was taken */
	ck_assert_ptr_nonnull(arena_alloc(&a, 100));
	arena_fini(&a);
	arena_fini(&a);
	ck_assert_ptr_nonnull(arena_alloc(&a, 100));
	arena_fini(&a);
}
END_TEST

SUITE("arena", init_takes_no_memory, every_pointer_is_aligned_and_its_bytes_are_its_own,
      nothing_is_a_pointer_too, a_size_beyond_all_memory_is_null,
      a_product_that_overflows_is_null, zeroed_memory_is_zero_also_the_second_time,
      a_round_that_fits_takes_no_memory_again, a_big_one_leaves_the_block_in_use,
      many_small_ones_share_blocks, the_newest_grows_in_its_place,
      another_grows_by_moving_with_its_bytes, growing_to_less_is_no_change,
      copies_of_text_end_with_a_nul, printf_knows_no_length,
      deferred_calls_run_last_first_and_once, a_deferred_call_may_defer_and_allocate,
      defer_without_memory_calls_at_once, every_call_survives_no_memory,
      an_arena_that_is_over_can_begin_again)
