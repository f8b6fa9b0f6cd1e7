/* How many are inside at once, and how many wait. */
#include "gate.h"

#include <stdatomic.h>
#include <time.h>
#include "suite.h"

enum { CROWD = 16, ROUNDS = 200, LONG = 20000 };

static struct gate gate;

START_TEST(who_finds_no_place_is_told_at_once)
{
	gate_init(&gate, 2, 0);
	ck_assert(gate_enter(&gate, LONG));
	ck_assert(gate_enter(&gate, LONG));
	time_t began = time(NULL);
	ck_assert(!gate_enter(&gate, LONG)); /* there is no place to wait */
	ck_assert_int_lt(time(NULL) - began, LONG / 2000);
	gate_leave(&gate);
	ck_assert(gate_enter(&gate, LONG));
	gate_fini(&gate);
}
END_TEST

START_TEST(waiting_ends)
{
	gate_init(&gate, 1, 1);
	ck_assert(gate_enter(&gate, 0));
	ck_assert(!gate_enter(&gate, 5));
	ck_assert(!gate_enter(&gate, 0)); /* the place to wait is free again */
	gate_leave(&gate);
	ck_assert(gate_enter(&gate, 0));
	gate_fini(&gate);
}
END_TEST

static void *come_in(void *arg)
{
	*(bool *)arg = gate_enter(&gate, LONG);
	return NULL;
}

START_TEST(who_leaves_lets_one_in_who_waits)
{
	pthread_t t;
	bool in = false;

	gate_init(&gate, 1, 1);
	ck_assert(gate_enter(&gate, 0));
	ck_assert_int_eq(pthread_create(&t, NULL, come_in, &in), 0);
	gate_leave(&gate);
	pthread_join(t, NULL);
	ck_assert(in);
	gate_fini(&gate);
}
END_TEST

static atomic_int inside, most, entered;

static void *come_and_go(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (!gate_enter(&gate, LONG))
			continue;
		int n = atomic_fetch_add(&inside, 1) + 1, m = atomic_load(&most);
		while (n > m && !atomic_compare_exchange_weak(&most, &m, n))
			;
		atomic_fetch_add(&entered, 1);
		atomic_fetch_sub(&inside, 1);
		gate_leave(&gate);
	}
	return arg;
}

START_TEST(a_crowd_comes_in_by_threes)
{
	pthread_t threads[CROWD];

	gate_init(&gate, 3, CROWD);
	for (int i = 0; i < CROWD; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, NULL), 0);
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_le(atomic_load(&most), 3);
	ck_assert_int_eq(atomic_load(&entered), CROWD * ROUNDS);
	ck_assert_uint_eq(gate.room, 3);
	ck_assert_uint_eq(gate.queue, CROWD);
	gate_fini(&gate);
}
END_TEST

SUITE("login_gate", who_finds_no_place_is_told_at_once, waiting_ends,
      who_leaves_lets_one_in_who_waits, a_crowd_comes_in_by_threes)
