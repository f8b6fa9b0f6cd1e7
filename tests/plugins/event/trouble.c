#include "trouble.h"

#include <pthread.h>
#include "suite.h"

START_TEST(the_first_is_told_at_once)
{
	struct trouble t = {0};
	unsigned more = 99;

	ck_assert(trouble_note(&t, 5, &more));
	ck_assert_uint_eq(more, 0);
}
END_TEST

START_TEST(those_that_follow_are_counted_and_told_of_later)
{
	struct trouble t = {0};
	unsigned more;

	trouble_note(&t, 5, &more);
	for (int i = 0; i < 7; i++)
		ck_assert(!trouble_note(&t, 5 + TROUBLE_MS - 1, &more));
	ck_assert(trouble_note(&t, 5 + TROUBLE_MS, &more));
	ck_assert_uint_eq(more, 7);
	ck_assert(!trouble_note(&t, 6 + TROUBLE_MS, &more));
	ck_assert(trouble_note(&t, 5 + 2 * TROUBLE_MS, &more));
	ck_assert_uint_eq(more, 1);
	ck_assert_uint_eq(atomic_load(&t.n), 11);
}
END_TEST

START_TEST(more_reads_well)
{
	char out[32];

	ck_assert_str_eq(trouble_more(0, out), "");
	ck_assert_str_eq(trouble_more(7, out), " (and 7 more)");
	ck_assert_str_eq(trouble_more(UINT32_MAX, out), " (and 4294967295 more)");
}
END_TEST

enum { THREADS = 4, EACH = 20000 };

static struct trouble shared;

/* How many were told, and how many those lines told of. */
static void *note_many(void *arg)
{
	unsigned long long *told = arg;

	for (int i = 0; i < EACH; i++) {
		unsigned more;
		if (trouble_note(&shared, i, &more))
			*told += 1 + more;
	}
	return NULL;
}

START_TEST(threads_lose_none_and_tell_none_twice)
{
	unsigned long long told[THREADS] = {0}, all = 0;
	pthread_t id[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&id[i], NULL, note_many, &told[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(id[i], NULL);
		all += told[i];
	}
	ck_assert_uint_eq(atomic_load(&shared.n), THREADS * EACH);
	ck_assert_uint_eq(all + atomic_load(&shared.untold), THREADS * EACH);
}
END_TEST

SUITE("event_trouble", the_first_is_told_at_once,
      those_that_follow_are_counted_and_told_of_later, more_reads_well,
      threads_lose_none_and_tell_none_twice)
