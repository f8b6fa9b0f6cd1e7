/* Who gets which exchange: the last one of its processor, and never one that another has. */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "server/civetweb_priv.h"
#include "suite.h"

enum { WORKERS = 6, ROUNDS = 20000 };

static struct server server;
static struct worker workers[WORKERS];
static cpu_set_t everywhere;

static void make(void)
{
	server = (struct server){.exchanges = exchanges_new(WORKERS), .nworkers = WORKERS};
	ck_assert_ptr_nonnull(server.exchanges);
	ck_assert_int_eq(sched_getaffinity(0, sizeof everywhere, &everywhere), 0);
	for (int i = 0; i < WORKERS; i++)
		workers[i] = (struct worker){.server = &server};
}

static void clear(void)
{
	exchanges_free(server.exchanges);
	sched_setaffinity(0, sizeof everywhere, &everywhere);
}

/* Until the end of the test this thread stays where it is. */
static void pin(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
}

static uint64_t requests(void)
{
	cruet_counters sum = {.size = sizeof sum};

	exchanges_count(server.exchanges, &sum);
	return sum.requests;
}

START_TEST(the_next_worker_gets_what_the_last_one_had)
{
	pin();
	struct exchange *e = exchange_borrow(&workers[0]);
	ck_assert_ptr_eq(e->worker, &workers[0]);
	exchange_return(e);
	for (int i = 1; i < WORKERS; i++) {
		ck_assert_ptr_eq(exchange_borrow(&workers[i]), e);
		ck_assert_ptr_eq(e->worker, &workers[i]);
		exchange_return(e);
	}
}
END_TEST

START_TEST(who_overlaps_has_one_of_its_own)
{
	struct exchange *has[WORKERS], *had[WORKERS];

	pin();
	for (int i = 0; i < WORKERS; i++) {
		has[i] = exchange_borrow(&workers[i]);
		ck_assert_uint_eq(has[i]->base.worker, i);
		for (int k = 0; k < i; k++)
			ck_assert_ptr_ne(has[i], has[k]);
	}
	memcpy(had, has, sizeof had);
	for (int i = 0; i < WORKERS; i++)
		exchange_return(has[i]);
	for (int i = 0; i < WORKERS; i++) { /* the first in the slot, the last left over first */
		has[i] = exchange_borrow(&workers[i]);
		ck_assert_ptr_eq(has[i], had[i ? WORKERS - i : 0]);
	}
	for (int i = 0; i < WORKERS; i++)
		exchange_return(has[i]);
}
END_TEST

START_TEST(what_each_has_counted_is_added_up)
{
	struct exchange *has[WORKERS];

	ck_assert_uint_eq(requests(), 0);
	for (int i = 0; i < WORKERS; i++) {
		has[i] = exchange_borrow(&workers[i]);
		cruet_tally(&has[i]->counted.requests, (uint64_t)i + 1);
	}
	ck_assert_uint_eq(requests(), 1 + 2 + 3 + 4 + 5 + 6);
	for (int i = 0; i < WORKERS; i++)
		exchange_return(has[i]);
	ck_assert_uint_eq(requests(), 1 + 2 + 3 + 4 + 5 + 6);
}
END_TEST

/* Writes into what it has, and finds that nobody else did meanwhile. */
static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct exchange *e = exchange_borrow(w);
		e->unread = i;
		cruet_tally(&e->counted.requests, 1);
		if (i % 64 == 0)
			sched_yield(); /* so that the next one overlaps */
		w->first |= e->worker != w || e->unread != i;
		exchange_return(e);
	}
	return NULL;
}

START_TEST(no_two_threads_have_the_same_one)
{
	pthread_t threads[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert(!workers[i].first);
	}
	ck_assert_uint_eq(requests(), (uint64_t)WORKERS * ROUNDS);
}
END_TEST

SUITE_WITH("lend", make, clear, the_next_worker_gets_what_the_last_one_had,
	   who_overlaps_has_one_of_its_own, what_each_has_counted_is_added_up,
	   no_two_threads_have_the_same_one)
