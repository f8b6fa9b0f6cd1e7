/* What it costs a request to stand on a generation: to announce it, to look again whether
 * it is still the current one, and to leave it.
 *
 *	build/bench/bench_pin
 *
 * Turns with and without are taken one after the other; without, the loop reads the
 * current generation and writes a slot, as it would if nobody ever replaced one. The
 * difference of each turn is taken, and the median of the differences is the result. The
 * control is a second turn without: what it shows is noise. Times are CPU time of this
 * thread. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/standing.h"
#include "cruet/testing.h"

enum { TURNS = 301, PINS = 100000 };

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double with(struct host *h, _Atomic(struct generation *) *slot)
{
	double began = now_ns();

	for (int i = 0; i < PINS; i++) {
		if (!generation_pin(h, slot))
			abort();
		generation_unpin(slot);
	}
	return (now_ns() - began) / PINS;
}

static double without(struct host *h, _Atomic(struct generation *) *slot)
{
	double began = now_ns();

	for (int i = 0; i < PINS; i++) {
		struct generation *g =
			atomic_load_explicit(&h->current, memory_order_relaxed);
		atomic_store_explicit(slot, g, memory_order_relaxed);
		if (!g)
			abort();
		generation_unpin(slot);
	}
	return (now_ns() - began) / PINS;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(const char *name, double *all)
{
	qsort(all, TURNS, sizeof *all, by_size);
	printf("%s %.1f [%.1f..%.1f] ns", name, all[TURNS / 2], all[TURNS / 4],
	       all[TURNS - 1 - TURNS / 4]);
}

int main(void)
{
	static double all[TURNS], more[TURNS], noise[TURNS];
	static _Alignas(64) _Atomic(struct generation *) slot;
	cruet_app *app = cruet_new("bench");

	cruet_client_free(cruet_client_new(app)); /* which starts it */
	if (cruet_problem(app)) {
		fprintf(stderr, "bench_pin: %s\n", cruet_problem(app));
		return 1;
	}
	with(app->host, &slot); /* warm */
	for (int turn = 0; turn < TURNS; turn++) {
		double plain = without(app->host, &slot);
		all[turn] = with(app->host, &slot);
		more[turn] = all[turn] - plain;
		noise[turn] = without(app->host, &slot) - plain;
	}
	print("pin        a generation costs", all);
	print("  difference", more);
	print("  control", noise);
	printf("\n");
	cruet_free(app);
	return 0;
}
