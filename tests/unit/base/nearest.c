/* What was meant by a word that nobody knows. */
#include <string.h>

#include "base/nearest.h"
#include "cruet/plugin.h"
#include "suite.h"

START_TEST(distances)
{
	static const struct {
		const char *a, *b;
		size_t d;
	} cases[] = {{"", "", 0},
		     {"abc", "abc", 0},
		     {"", "abc", 3},
		     {"abc", "", 3},
		     {"abc", "abd", 1},
		     {"abc", "ab", 1},
		     {"abc", "xabc", 1},
		     {"abc", "acb", 1},
		     {"kitten", "sitting", 3},
		     {"listen", "lisen", 1},
		     {"ab", "ba", 1},
		     {"abcd", "badc", 2}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_uint_eq(nearest_distance(cases[i].a, cases[i].b), cases[i].d);
		ck_assert_uint_eq(nearest_distance(cases[i].b, cases[i].a), cases[i].d);
	}
}
END_TEST

START_TEST(distances_of_long_texts_are_bounded)
{
	char x[300], y[300];

	memset(x, 'x', sizeof x - 1);
	memset(y, 'y', sizeof y - 1);
	x[sizeof x - 1] = y[sizeof y - 1] = '\0';
	ck_assert_uint_eq(nearest_distance(x, y), 64);
	ck_assert_uint_eq(nearest_distance(x, ""), 64);
}
END_TEST

START_TEST(the_nearest_name_is_one_that_was_meant)
{
	static const char *const names[] = {"listen", "threads", "drain",
					    "a",      "io",	 NULL};
	static const char *const none[] = {NULL};

	ck_assert_str_eq(nearest("lisen", names), "listen");
	ck_assert_str_eq(nearest("thraeds", names), "threads");
	ck_assert_str_eq(nearest("listen", names), "listen");
	ck_assert_str_eq(nearest("oi", names), "io");
	ck_assert_ptr_null(nearest("port", names));
	ck_assert_ptr_null(nearest("b", names)); /* nothing of it is right */
	ck_assert_ptr_null(nearest("", names));
	ck_assert_ptr_null(nearest("x", none));
	ck_assert_ptr_null(nearest("x", NULL));
}
END_TEST

START_TEST(nothing_is_near_to_an_endless_word)
{
	static const char *const names[] = {"listen", "certificate", NULL};
	char x[300];

	memset(x, 'x', sizeof x - 1);
	x[sizeof x - 1] = '\0';
	ck_assert_ptr_null(nearest(x, names));
}
END_TEST

struct key {
	const char *name;
	int value;
};

static const char *name_of(const void *keys, size_t i)
{
	return ((const struct key *)keys)[i].name;
}

START_TEST(names_may_stand_in_any_list)
{
	static const struct key keys[] = {{"certificate", 1}, {"key", 2}, {NULL, 0}};

	ck_assert_str_eq(cruet_nearest("certifcate", name_of, keys), "certificate");
	ck_assert_str_eq(cruet_nearest("kye", name_of, keys), "key");
	ck_assert_ptr_null(cruet_nearest("listen", name_of, keys));
	ck_assert_ptr_null(cruet_nearest("key", name_of, &keys[2]));
}
END_TEST

SUITE("nearest", distances, distances_of_long_texts_are_bounded,
      the_nearest_name_is_one_that_was_meant, nothing_is_near_to_an_endless_word,
      names_may_stand_in_any_list)
