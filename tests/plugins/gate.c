/* The gate: how many get in, in which order, and how long they wait. */
#include "gate.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include "suite.h"

enum { MANY = 8, ROUNDS = 100, LONG = 60000 };

static struct gate g;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

START_TEST(as_many_as_there_is_room_for)
{
	gate_init(&g, 2, SIZE_MAX);
	ck_assert(gate_enter(&g, 0));
	ck_assert(gate_enter(&g, 0));
	ck_assert(!gate_enter(&g, 0));
	gate_leave(&g);
	ck_assert(gate_enter(&g, 0));
	ck_assert(!gate_enter(&g, 0));
	gate_leave(&g);
	gate_leave(&g);
	gate_fini(&g);
}
END_TEST

START_TEST(who_waits_in_vain_knows_after_the_time)
{
	gate_init(&g, 1, SIZE_MAX);
	ck_assert(gate_enter(&g, 0));
	uint64_t start = now_ms();
	ck_assert(!gate_enter(&g, 1050));
	ck_assert_uint_ge(now_ms() - start, 1049);
	gate_leave(&g);
	ck_assert(gate_enter(&g, 0)); /* nobody is left in the queue */
	gate_fini(&g);
}
END_TEST

START_TEST(who_finds_no_place_to_wait_is_told_at_once)
{
	gate_init(&g, 1, 0);
	ck_assert(gate_enter(&g, LONG));
	uint64_t start = now_ms();
	ck_assert(!gate_enter(&g, LONG));
	ck_assert_uint_lt(now_ms() - start, LONG / 2);
	gate_leave(&g);
	ck_assert(gate_enter(&g, LONG));
	gate_fini(&g);
	gate_init(&g, 1, 1);
	ck_assert(gate_enter(&g, 0));
	ck_assert(!gate_enter(&g, 1));
	ck_assert_uint_eq(g.queue, 1); /* who gave up has left its place */
	gate_fini(&g);
}
END_TEST

/* --- in order -------------------------------------------------------------------- */

struct visitor {
	pthread_t thread;
	uint64_t patience;
	atomic_bool *stay; /* inside, while it is true; NULL: a moment */
	atomic_bool gone;
	bool in;
	int turn;
};

static int turns;

static void *visit(void *arg)
{
	struct visitor *v = arg;

	v->in = gate_enter(&g, v->patience);
	if (v->in) {
		v->turn = ++turns; /* guarded by the gate, which has one place */
		while (v->stay && atomic_load(v->stay))
			sched_yield();
		gate_leave(&g);
	}
	atomic_store(&v->gone, true);
	return NULL;
}

/* Returns once the visitor stands in the queue, or is gone already: who has little
 * patience may be, on a slow machine. */
static void send_in(struct visitor *v, uint64_t patience)
{
	pthread_mutex_lock(&g.lock);
	struct gate_waiter **end = g.last;
	pthread_mutex_unlock(&g.lock);

	v->patience = patience;
	ck_assert_int_eq(pthread_create(&v->thread, NULL, visit, v), 0);
	for (bool queued = false; !queued && !atomic_load(&v->gone); sched_yield()) {
		pthread_mutex_lock(&g.lock);
		queued = g.last != end;
		pthread_mutex_unlock(&g.lock);
	}
}

START_TEST(first_come_first_served)
{
	struct visitor all[MANY] = {0};

	turns = 0;
	gate_init(&g, 1, SIZE_MAX);
	ck_assert(gate_enter(&g, 0));
	for (int i = 0; i < MANY; i++)
		send_in(&all[i], LONG);
	gate_leave(&g);
	for (int i = 0; i < MANY; i++)
		pthread_join(all[i].thread, NULL);
	for (int i = 0; i < MANY; i++) {
		ck_assert(all[i].in);
		ck_assert_int_eq(all[i].turn, i + 1);
	}
	ck_assert_uint_eq(g.queue, SIZE_MAX);
	ck_assert(gate_enter(&g, 0));
	gate_fini(&g);
}
END_TEST

START_TEST(who_gives_up_leaves_the_queue_whole)
{
	struct visitor first = {0}, hasty = {0}, last = {0};

	turns = 0;
	gate_init(&g, 1, SIZE_MAX);
	ck_assert(gate_enter(&g, 0));
	send_in(&first, LONG);
	send_in(&hasty, 200);
	send_in(&last, LONG);
	pthread_join(hasty.thread, NULL);
	ck_assert(!hasty.in);
	gate_leave(&g);
	pthread_join(first.thread, NULL);
	pthread_join(last.thread, NULL);
	ck_assert_int_eq(first.turn, 1);
	ck_assert_int_eq(last.turn, 2);
	gate_fini(&g);
}
END_TEST

START_TEST(the_last_of_the_queue_may_give_up_too)
{
	struct visitor first = {0}, hasty = {0}, later = {0};

	turns = 0;
	gate_init(&g, 1, SIZE_MAX);
	ck_assert(gate_enter(&g, 0));
	send_in(&first, LONG);
	send_in(&hasty, 10);
	pthread_join(hasty.thread, NULL);
	send_in(&later, LONG);
	gate_leave(&g);
	pthread_join(first.thread, NULL);
	pthread_join(later.thread, NULL);
	ck_assert_int_eq(later.turn, 2);
	gate_fini(&g);
}
END_TEST

/* A place is handed to who waits: whoever comes just then does not find it. */
START_TEST(newcomers_pass_nobody)
{
	atomic_bool stay = true;
	struct visitor first = {.stay = &stay};

	turns = 0;
	gate_init(&g, 1, MANY);
	ck_assert(gate_enter(&g, 0));
	send_in(&first, LONG);
	gate_leave(&g);
	ck_assert(!gate_enter(&g, 0));
	atomic_store(&stay, false);
	pthread_join(first.thread, NULL);
	ck_assert_int_eq(first.turn, 1);
	ck_assert(gate_enter(&g, 0));
	gate_fini(&g);
}
END_TEST

static atomic_int inside, most;

static void *come_and_go(void *arg)
{
	int *visits = arg;

	while (*visits < ROUNDS && gate_enter(&g, LONG)) {
		int n = atomic_fetch_add(&inside, 1) + 1, m = atomic_load(&most);
		while (n > m && !atomic_compare_exchange_weak(&most, &m, n))
			;
		sched_yield(); /* so that others come to wait */
		++*visits;
		atomic_fetch_sub(&inside, 1);
		gate_leave(&g);
	}
	return NULL;
}

START_TEST(a_crowd_comes_in_by_threes)
{
	pthread_t threads[MANY];
	int visits[MANY] = {0};

	inside = most = 0;
	gate_init(&g, 3, MANY);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, &visits[i]), 0);
	for (int i = 0; i < MANY; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(visits[i], ROUNDS);
	}
	ck_assert_int_le(most, 3);
	ck_assert_uint_eq(g.room, 3);
	ck_assert_uint_eq(g.queue, MANY);
	gate_fini(&g);
}
END_TEST

SUITE("plugins_gate", as_many_as_there_is_room_for, who_waits_in_vain_knows_after_the_time,
      who_finds_no_place_to_wait_is_told_at_once, first_come_first_served,
      newcomers_pass_nobody, who_gives_up_leaves_the_queue_whole,
      the_last_of_the_queue_may_give_up_too, a_crowd_comes_in_by_threes)
