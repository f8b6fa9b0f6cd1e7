/* Tries of many names in a table of a fixed size. */
#include "throttle.h"

#include <stdio.h>
#include <string.h>
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

static int64_t add(const char *name, int64_t window, int64_t by)
{
	return throttle_add(t, name, strlen(name), window, by);
}

START_TEST(names_are_counted_each)
{
	ck_assert_int_eq(add("ann", 7, 1), 1);
	ck_assert_int_eq(add("ann", 7, 1), 2);
	ck_assert_int_eq(add("bob", 7, 1), 1);
	ck_assert_int_eq(add("ann", 7, 0), 2);
}
END_TEST

START_TEST(a_window_that_is_over_is_forgotten)
{
	add("ann", 7, 5);
	ck_assert_int_eq(add("ann", 8, 1), 1);
	ck_assert_int_eq(add("ann", 8, 1), 2);
}
END_TEST

START_TEST(nobody_has_less_than_none)
{
	ck_assert_int_eq(add("ann", 7, -1), 0);
	add("ann", 7, 3);
	ck_assert_int_eq(add("ann", 7, -INT64_MAX), 0);
	ck_assert_int_eq(add("ann", 7, 1), 1);
}
END_TEST

/* Ten times as many as there is room for, who tried once each. */
START_TEST(a_flood_does_not_wash_away_who_tried_often)
{
	char name[32];

	add("ann", 7, 9);
	for (int i = 0; i < 10 * THROTTLE_SETS * THROTTLE_WAYS; i++) {
		snprintf(name, sizeof name, "%d", i);
		add(name, 7, 1);
	}
	ck_assert_int_eq(add("ann", 7, 1), 10);
	ck_assert_int_le(add("0", 7, 1), 2);
}
END_TEST

static void *flood(void *arg)
{
	for (int i = 0; i < 1000; i++)
		add("ann", 7, 1);
	return arg;
}

START_TEST(threads_lose_no_try)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, flood, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(add("ann", 7, 0), 4000);
}
END_TEST

SUITE_WITH("login_throttle", setup, teardown, names_are_counted_each,
	   a_window_that_is_over_is_forgotten, nobody_has_less_than_none,
	   a_flood_does_not_wash_away_who_tried_often, threads_lose_no_try)
