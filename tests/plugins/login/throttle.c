/* Tries of many names in a table of a fixed size, and telling what happens often. */
#include "throttle.h"

#include <stdio.h>
#include <string.h>
#include "notice.h"
#include "suite.h"

static struct throttle *t;

static void setup(void)
{
	t = throttle_new();
	ck_assert_ptr_nonnull(t);
}

static void teardown(void)
{
	throttle_free(t);
}

enum { LIMIT = 10 };

static int64_t add(const char *name, int64_t window)
{
	return throttle_add(t, name, strlen(name), window, LIMIT);
}

static int64_t add_some(const char *name, int64_t window, int some)
{
	int64_t now = 0;

	while (some--)
		now = add(name, window);
	return now;
}

static void take(const char *name, int64_t window, int64_t some)
{
	throttle_take(t, name, strlen(name), window, some);
}

START_TEST(names_are_counted_each)
{
	ck_assert_int_eq(add("ann", 7), 1);
	ck_assert_int_eq(add("ann", 7), 2);
	ck_assert_int_eq(add("bob", 7), 1);
	ck_assert_int_eq(add("ann", 7), 3);
}
END_TEST

START_TEST(a_window_that_is_over_is_forgotten)
{
	add_some("ann", 7, 5);
	ck_assert_int_eq(add("ann", 8), 1);
	ck_assert_int_eq(add("ann", 8), 2);
	take("ann", 7, 1); /* too late for that one */
	ck_assert_int_eq(add("ann", 8), 3);
}
END_TEST

START_TEST(nobody_has_less_than_none)
{
	take("ann", 7, 1);
	ck_assert_int_eq(add("ann", 7), 1);
	add_some("ann", 7, 2);
	take("ann", 7, 1);
	ck_assert_int_eq(add("ann", 7), 3);
	take("ann", 7, INT64_MAX);
	ck_assert_int_eq(add("ann", 7), 1);
}
END_TEST

START_TEST(who_is_over_the_limit_is_kept_just_there)
{
	ck_assert_int_eq(add_some("ann", 7, LIMIT), LIMIT);
	ck_assert_int_eq(add("ann", 7), LIMIT + 1); /* once: the first of too many */
	ck_assert_int_eq(add_some("ann", 7, 50), LIMIT + 2);
	take("ann", 7, 2);
	ck_assert_int_eq(add("ann", 7), LIMIT);
}
END_TEST

static size_t entries(void)
{
	size_t n = 0;

	for (size_t i = 0; i < THROTTLE_SETS; i++)
		for (size_t k = 0; k < THROTTLE_WAYS; k++)
			n += t->sets[i][k].count > 0;
	return n;
}

enum { FLOOD = 10 * THROTTLE_SETS * THROTTLE_WAYS };

static void from_many(int each)
{
	char name[32];

	for (int i = 0; i < FLOOD; i++) {
		snprintf(name, sizeof name, "%d", i);
		add_some(name, 7, each);
	}
}

/* Ten times as many as there is room for, who tried once each. */
START_TEST(a_flood_does_not_wash_away_who_tried_often)
{
	add_some("ann", 7, 9);
	from_many(1);
	ck_assert_int_eq(add("ann", 7), 10);
	ck_assert_int_le(add("0", 7), 2);
}
END_TEST

/* They have no place, and take none from anybody. */
START_TEST(to_take_back_from_strangers_costs_nobody_a_place)
{
	char name[32];

	from_many(1);
	size_t before = entries();
	ck_assert_uint_eq(before, THROTTLE_SETS * THROTTLE_WAYS);
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "stranger %d", i);
		take(name, 7, i % 2 ? 1 : INT64_MAX);
	}
	ck_assert_uint_eq(entries(), before);
}
END_TEST

/* Tries that are refused cost nothing: a thousand of each of twelve thousand names must
 * not make those at their limit the first to be forgotten. */
START_TEST(more_than_enough_outranks_nobody)
{
	char name[32];
	int kept = 0;

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "victim %d", i);
		add_some(name, 7, LIMIT + 1);
	}
	for (int i = 0; i < 12000; i++) {
		snprintf(name, sizeof name, "%d", i);
		add_some(name, 7, LIMIT + 20);
	}
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "victim %d", i);
		kept += add(name, 7) > LIMIT;
	}
	/* Who comes to a full set takes one of eight places: some 4 come to each. */
	ck_assert_int_ge(kept, 30);
}
END_TEST

START_TEST(what_was_counted_can_be_handed_on)
{
	struct throttle *old = t;

	add_some("ann", 7, 4);
	t = throttle_new();
	throttle_copy(t, old);
	throttle_free(old);
	ck_assert_int_eq(add("ann", 7), 5);
}
END_TEST

/* --- telling once in a while -------------------------------------------------------- */

START_TEST(what_happens_often_is_told_once_in_a_while)
{
	struct notice n = {0};
	int64_t times = 0;

	ck_assert(notice_due(&n, 1000, &times));
	ck_assert_int_eq(times, 1);
	for (int i = 0; i < 9; i++)
		ck_assert(!notice_due(&n, 1000 + i, &times));
	ck_assert(!notice_due(&n, 1000 + NOTICE_EVERY - 1, &times));
	ck_assert(notice_due(&n, 1000 + NOTICE_EVERY, &times));
	ck_assert_int_eq(times, 11);
	ck_assert(notice_due(&n, 500, &times)); /* the clock was set */
	ck_assert_int_eq(times, 1);
}
END_TEST

static void *flood(void *arg)
{
	for (int i = 0; i < 1000; i++)
		throttle_add(t, "ann", 3, 7, INT64_MAX - 1);
	return arg;
}

START_TEST(threads_lose_no_try)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, flood, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(throttle_add(t, "ann", 3, 7, INT64_MAX - 1), 4001);
}
END_TEST

SUITE_WITH("login_throttle", setup, teardown, names_are_counted_each,
	   a_window_that_is_over_is_forgotten, nobody_has_less_than_none,
	   who_is_over_the_limit_is_kept_just_there,
	   a_flood_does_not_wash_away_who_tried_often,
	   to_take_back_from_strangers_costs_nobody_a_place,
	   more_than_enough_outranks_nobody, what_was_counted_can_be_handed_on,
	   what_happens_often_is_told_once_in_a_while, threads_lose_no_try)
