/* The gate: how many get in, in which order, and how long they wait. */
#include "gate.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include "../../suite.h"

static struct gate g;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

START_TEST(as_many_as_there_is_room_for)
{
	gate_init(&g, 2);
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
	gate_init(&g, 1);
	ck_assert(gate_enter(&g, 0));
	uint64_t start = now_ms();
	ck_assert(!gate_enter(&g, 1050));
	ck_assert_uint_ge(now_ms() - start, 1049);
	gate_leave(&g);
	ck_assert(gate_enter(&g, 0)); /* nobody is left in the queue */
	gate_fini(&g);
}
END_TEST

/* --- in order -------------------------------------------------------------------- */

enum { MANY = 8 };

struct visitor {
	pthread_t thread;
	uint64_t patience;
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
	gate_init(&g, 1);
	ck_assert(gate_enter(&g, 0));
	for (int i = 0; i < MANY; i++)
		send_in(&all[i], 60000);
	gate_leave(&g);
	for (int i = 0; i < MANY; i++)
		pthread_join(all[i].thread, NULL);
	for (int i = 0; i < MANY; i++) {
		ck_assert(all[i].in);
		ck_assert_int_eq(all[i].turn, i + 1);
	}
	ck_assert(gate_enter(&g, 0));
	gate_fini(&g);
}
END_TEST

START_TEST(who_gives_up_leaves_the_queue_whole)
{
	struct visitor first = {0}, hasty = {0}, last = {0};

	turns = 0;
	gate_init(&g, 1);
	ck_assert(gate_enter(&g, 0));
	send_in(&first, 60000);
	send_in(&hasty, 200);
	send_in(&last, 60000);
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
	gate_init(&g, 1);
	ck_assert(gate_enter(&g, 0));
	send_in(&first, 60000);
	send_in(&hasty, 10);
	pthread_join(hasty.thread, NULL);
	send_in(&later, 60000);
	gate_leave(&g);
	pthread_join(first.thread, NULL);
	pthread_join(later.thread, NULL);
	ck_assert_int_eq(later.turn, 2);
	gate_fini(&g);
}
END_TEST

SUITE("sqlite_gate", as_many_as_there_is_room_for, who_waits_in_vain_knows_after_the_time,
      first_come_first_served, who_gives_up_leaves_the_queue_whole,
      the_last_of_the_queue_may_give_up_too)
