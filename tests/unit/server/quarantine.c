/* Counting crashes. */
#include "server/quarantine.h"

#include "base/arena.h"
#include "suite.h"

static const char *list(const struct quarantine *q, struct arena *a)
{
	const char *text = quarantine_list(q, a);
	return text ? text : "";
}

START_TEST(three_within_a_minute)
{
	struct quarantine q = {NULL};
	struct arena a;

	arena_init(&a, 256);
	ck_assert(!quarantine_note(&q, "boom", 1000));
	ck_assert(!quarantine_note(&q, "boom", 2000));
	ck_assert(!quarantine_note(&q, "bang", 3000));
	ck_assert_str_eq(list(&q, &a), "");
	ck_assert(quarantine_note(&q, "boom", 1000 + QUARANTINE_MS));
	ck_assert(!quarantine_note(&q, "boom", 1001 + QUARANTINE_MS)); /* it is already */
	ck_assert_str_eq(list(&q, &a), "boom");
	quarantine_fini(&q);
	arena_fini(&a);
}
END_TEST

START_TEST(old_crashes_do_not_count)
{
	struct quarantine q = {NULL};

	ck_assert(!quarantine_note(&q, "boom", 0));
	ck_assert(!quarantine_note(&q, "boom", 50000));
	ck_assert(!quarantine_note(&q, "boom", QUARANTINE_MS + 1));
	ck_assert(quarantine_note(&q, "boom", 100000));
	quarantine_fini(&q);
}
END_TEST

START_TEST(what_is_lifted_begins_anew)
{
	struct quarantine q = {NULL};
	struct arena a;

	arena_init(&a, 256);
	for (int i = 0; i < 3; i++) {
		quarantine_note(&q, "boom", i);
		quarantine_note(&q, "bang", i);
	}
	ck_assert_str_eq(list(&q, &a), "boom,bang");
	ck_assert(quarantine_lift(&q, "boom"));
	ck_assert(!quarantine_lift(&q, "boom"));
	ck_assert_str_eq(list(&q, &a), "bang");
	ck_assert(!quarantine_note(&q, "boom", 3));
	ck_assert(!quarantine_note(&q, "boom", 4));
	ck_assert(quarantine_note(&q, "boom", 5));
	quarantine_fini(&q);
	ck_assert_str_eq(list(&q, &a), "");
	arena_fini(&a);
}
END_TEST

SUITE("quarantine", three_within_a_minute, old_crashes_do_not_count, what_is_lifted_begins_anew)
