/* Growing bytes, on the heap and in an arena. */
#include "base/buf.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

static struct arena a;
static struct buf b;

/* Each test of this kind runs with both owners of memory. */
#define BOTH(name)                                                                       \
	static void name##_with(struct arena *owner);                                    \
	START_TEST(name)                                                                 \
	{                                                                                \
		name##_with(NULL);                                                       \
		arena_init(&a, 256);                                                     \
		name##_with(&a);                                                         \
		arena_fini(&a);                                                          \
	}                                                                                \
	END_TEST                                                                         \
	static void name##_with(struct arena *owner)

BOTH(it_is_text_from_the_first_moment_on)
{
	buf_init(&b, owner, 0);
	ck_assert_str_eq(b.p, "");
	ck_assert_uint_eq(b.len, 0);
	ck_assert_int_eq(buf_err(&b), CRUET_OK);
	buf_fini(&b);
	ck_assert_str_eq(b.p, "");
}

BOTH(pieces_join)
{
	buf_init(&b, owner, 0);
	buf_str(&b, "a");
	buf_str(&b, "");
	buf_str(&b, NULL);
	buf_put(&b, "bc\0d", 4);
	buf_put(&b, NULL, 0);
	buf_char(&b, 'e');
	buf_char(&b, '\0');
	buf_int(&b, -5);
	buf_printf(&b, "%s|%03d", "x", 7);
	ck_assert_int_eq(buf_err(&b), CRUET_OK);
	ck_assert_uint_eq(b.len, 14);
	ck_assert_mem_eq(b.p, "abc\0de\0-5x|007", 15); /* with its NUL */
	buf_fini(&b);
}

BOTH(integers_of_every_size)
{
	static const struct {
		int64_t v;
		const char *text;
	} cases[] = {{0, "0"},
		     {9, "9"},
		     {10, "10"},
		     {-1, "-1"},
		     {INT64_MAX, "9223372036854775807"},
		     {INT64_MIN, "-9223372036854775808"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_init(&b, owner, 0);
		buf_int(&b, cases[i].v);
		ck_assert_str_eq(b.p, cases[i].text);
		buf_fini(&b);
	}
}

/* Lengths around the first room (128) and its doubles, each way of writing. */
BOTH(text_of_every_length_around_the_room)
{
	static char text[1100];

	memset(text, 'x', sizeof text - 1);
	for (size_t n = 120; n < 1030; n += n > 140 && n < 1000 ? 97 : 1) {
		buf_init(&b, owner, 0);
		buf_put(&b, text, n);
		buf_printf(&b, "%.*s", (int)n, text);
		for (size_t i = 0; i < n; i++)
			buf_char(&b, 'x');
		ck_assert_uint_eq(b.len, 3 * n);
		ck_assert_uint_eq(strspn(b.p, "x"), 3 * n);
		ck_assert_uint_eq(strlen(b.p), 3 * n);
		buf_fini(&b);
	}
}

BOTH(room_is_the_callers_to_fill)
{
	buf_init(&b, owner, 0);
	buf_str(&b, "ab");
	char *at = buf_room(&b, 1000);
	ck_assert_ptr_eq(at, b.p + 2);
	ck_assert_str_eq(b.p, "ab");
	memset(at, 'c', 1000);
	b.len += 1000;
	buf_str(&b, "d");
	ck_assert_uint_eq(strlen(b.p), 1003);
	ck_assert_str_eq(b.p + 1000, "ccd");
	ck_assert_ptr_nonnull(buf_room(&b, 0));
	buf_fini(&b);
}

BOTH(clearing_keeps_the_memory)
{
	buf_init(&b, owner, 0);
	buf_clear(&b); /* nothing there yet */
	ck_assert_str_eq(b.p, "");
	buf_printf(&b, "%500s", "x");
	const char *before = b.p;
	buf_clear(&b);
	ck_assert_str_eq(b.p, "");
	ck_assert_uint_eq(b.len, 0);
	buf_str(&b, "again");
	ck_assert_str_eq(b.p, "again");
	ck_assert_ptr_eq(b.p, before);
	buf_fini(&b);
}

/* --- limits --- */

BOTH(max_is_reached_and_not_passed)
{
	buf_init(&b, owner, 10);
	buf_str(&b, "0123456789");
	ck_assert_int_eq(buf_err(&b), CRUET_OK);
	buf_put(&b, NULL, 0);
	ck_assert_int_eq(buf_err(&b), CRUET_OK);
	buf_char(&b, 'x');
	ck_assert_int_eq(buf_err(&b), CRUET_ELIMIT);
	ck_assert_str_eq(b.p, "0123456789");
	buf_fini(&b);
}

BOTH(an_error_sticks)
{
	buf_init(&b, owner, 4);
	buf_str(&b, "ab");
	buf_str(&b, "too much");
	buf_str(&b, "c"); /* would fit */
	buf_char(&b, 'c');
	buf_int(&b, 1);
	buf_printf(&b, "%d", 1);
	ck_assert_ptr_null(buf_room(&b, 1));
	ck_assert_int_eq(buf_err(&b), CRUET_ELIMIT);
	ck_assert_str_eq(b.p, "ab");
	buf_clear(&b);
	ck_assert_int_eq(buf_err(&b), CRUET_OK);
	buf_str(&b, "abcd");
	ck_assert_int_eq(buf_err(&b), CRUET_OK);
	buf_str(&b, "e");
	ck_assert_int_eq(buf_err(&b), CRUET_ELIMIT);
	buf_fini(&b);
}

/* printf() writes before it knows that it is too long: nothing of that is left. */
BOTH(printf_past_max_leaves_nothing)
{
	buf_init(&b, owner, 100);
	buf_str(&b, "ab");
	buf_printf(&b, "%99s", "x");
	ck_assert_int_eq(buf_err(&b), CRUET_ELIMIT);
	ck_assert_str_eq(b.p, "ab");
	ck_assert_uint_eq(b.len, 2);
	buf_fini(&b);

	buf_init(&b, owner, 100);
	buf_str(&b, "ab");
	buf_printf(&b, "%98s", "x");
	ck_assert_int_eq(buf_err(&b), CRUET_OK);
	ck_assert_uint_eq(b.len, 100);
	buf_fini(&b);
}

BOTH(a_size_beyond_all_memory_is_an_error)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2, SIZE_MAX / 4 + 1};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		buf_init(&b, owner, 0);
		buf_str(&b, "ab");
		ck_assert_ptr_null(buf_room(&b, sizes[i]));
		ck_assert_int_eq(buf_err(&b), CRUET_ENOMEM);
		ck_assert_str_eq(b.p, "ab");
		buf_fini(&b);
	}
}

/* --- memory --- */

BOTH(want_of_memory_leaves_what_was_there)
{
	for (int kind = 0; kind < 4; kind++) {
		buf_init(&b, owner, 0);
		buf_printf(&b, "%100s", "x");
		fail_alloc_from(1);
		for (int i = 0; i < 300; i++) {
			if (kind == 0)
				buf_char(&b, 'y');
			else if (kind == 1)
				buf_str(&b, "yyyyy");
			else if (kind == 2)
				buf_printf(&b, "%40s", "y");
			else
				buf_int(&b, INT64_MAX);
		}
		fail_alloc_off();
		ck_assert_int_eq(buf_err(&b), CRUET_ENOMEM);
		ck_assert_uint_eq(strlen(b.p), b.len);
		ck_assert_mem_eq(b.p + 98, " x", 2);
		buf_fini(&b);
		if (owner)
			arena_reset(owner);
	}
}

START_TEST(the_first_allocation_may_fail)
{
	buf_init(&b, NULL, 0);
	fail_alloc_at(1);
	buf_printf(&b, "%d", 1);
	fail_alloc_off();
	ck_assert_int_eq(buf_err(&b), CRUET_ENOMEM);
	ck_assert_str_eq(b.p, "");
	buf_fini(&b);
}
END_TEST

/* A million bytes one by one: the room doubles, so it moves some twenty times. */
START_TEST(growing_costs_what_it_holds)
{
	buf_init(&b, NULL, 0);
	fail_alloc_at(0);
	for (int i = 0; i < 1000000; i++)
		buf_char(&b, 'x');
	size_t moves = fail_alloc_count();
	ck_assert_uint_eq(b.len, 1000000);
	ck_assert_uint_le(moves, 20);
	buf_fini(&b);
}
END_TEST

SUITE("buf", it_is_text_from_the_first_moment_on, pieces_join, integers_of_every_size,
      text_of_every_length_around_the_room, room_is_the_callers_to_fill,
      clearing_keeps_the_memory, max_is_reached_and_not_passed, an_error_sticks,
      printf_past_max_leaves_nothing, a_size_beyond_all_memory_is_an_error,
      want_of_memory_leaves_what_was_there, the_first_allocation_may_fail,
      growing_costs_what_it_holds)
