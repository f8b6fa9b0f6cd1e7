/* Where figures are kept: found again, bounded, exact under many threads. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "label.h"
#include "store.h"
#include "suite.h"

static struct store s;

static void setup(size_t series)
{
	memset(&s, 0, sizeof s);
	s.buckets[0] = 1;
	s.buckets[1] = 2;
	s.nbuckets = 2;
	ck_assert(store_init(&s, series));
}

static struct family *family(enum family_kind kind, const char *name, const char *labels)
{
	const char *why;
	struct family *f = store_family(
		&s,
		&(struct family_spec){
			.kind = kind, .name = name, .help = "", .labels = labels},
		&why);

	ck_assert_msg(f != NULL, "%s", why ? why : "out of memory");
	return f;
}

static struct series *series(struct family *f, const char *a, const char *b)
{
	const char *values[] = {a, b};

	return store_series(&s, f, values);
}

START_TEST(a_series_is_found_again)
{
	setup(100);
	struct family *f = family(FAMILY_COUNTER, "a_total", "x,y");
	ck_assert_ptr_eq(family(FAMILY_COUNTER, "a_total", "x,y"), f);
	struct series *one = series(f, "1", "2");
	ck_assert_ptr_eq(series(f, "1", "2"), one);
	ck_assert_ptr_ne(series(f, "2", "1"), one);
	ck_assert_ptr_ne(series(f, "12", ""), one);
	ck_assert_ptr_ne(series(f, "", "12"), series(f, "12", ""));
	ck_assert_ptr_ne(series(family(FAMILY_COUNTER, "b_total", "x,y"), "1", "2"), one);
	store_fini(&s);
}
END_TEST

START_TEST(the_bound_holds)
{
	char text[16];

	setup(16);
	struct family *f = family(FAMILY_COUNTER, "a_total", "x,y");
	struct family *h = family(FAMILY_HTTP, "http", "x,y");
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "%d", i);
		ck_assert_int_eq(series(f, text, "") == f->other, i >= 16);
	}
	for (int i = 0; i < 100; i++) { /* requests have places of their own */
		snprintf(text, sizeof text, "%d", i);
		ck_assert_int_eq(series(h, text, "") == h->other, i >= 16);
		ck_assert_int_eq(series(f, text, "") == f->other, i >= 16);
	}
	store_fini(&s);
}
END_TEST

START_TEST(doubles_are_added_and_set)
{
	setup(16);
	struct family *f = family(FAMILY_GAUGE, "g", NULL);
	struct series *at = series(f, NULL, NULL);
	cell_add(store_cells(&s, at), 1.5);
	cell_add(store_cells(&s, at), -4);
	ck_assert(series_sum(&s, at, 0) == -2.5);
	cell_set(store_cells(&s, at), INFINITY);
	ck_assert(isinf(series_sum(&s, at, 0)));
	store_fini(&s);
}
END_TEST

START_TEST(values_go_into_the_first_bucket_that_holds_them)
{
	setup(16);
	struct family *f = family(FAMILY_HISTOGRAM, "h", NULL);
	struct series *at = series(f, NULL, NULL);
	static const double values[] = {-1, 0, 1, 1.5, 2, 2.5, INFINITY};
	for (size_t i = 0; i < 7; i++)
		cells_observe(f, store_cells(&s, at), values[i]);
	ck_assert_uint_eq(series_count(&s, at, 0), 3);
	ck_assert_uint_eq(series_count(&s, at, 1), 2);
	ck_assert_uint_eq(series_count(&s, at, 2), 2);
	store_fini(&s);
}
END_TEST

static void cleaned(const char *in, const char *out)
{
	char got[VALUE_MAX + 1];

	ck_assert_uint_eq(label_copy(got, in), strlen(out));
	ck_assert_str_eq(got, out);
}

START_TEST(values_are_utf_8)
{
	cleaned(NULL, "");
	cleaned("", "");
	cleaned("a\xc3\xa4\xe4\xbd\xa0\xf0\x9f\x98\x80",
		"a\xc3\xa4\xe4\xbd\xa0\xf0\x9f\x98\x80");
#define BROKEN "\xef\xbf\xbd"
	cleaned("\x80", BROKEN);
	cleaned("\xc3", BROKEN);
	cleaned("\xc0\x80", BROKEN BROKEN);
	cleaned("\xe4\xbd", BROKEN BROKEN);
	cleaned("\xed\xa0\x80", BROKEN BROKEN BROKEN);
	cleaned("\xf4\x90\x80\x80", BROKEN BROKEN BROKEN BROKEN);
	cleaned("\xffz", BROKEN "z");
}
END_TEST

enum { THREADS = 4, ROUNDS = 20000, SERIES = 37 };

static void *counts(void *arg)
{
	char text[16], metric[32];
	const char *why;

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(text, sizeof text, "v%d", i % SERIES);
		snprintf(metric, sizeof metric, "m%d_total", i % 5);
		struct family *f =
			store_family(&s,
				     &(struct family_spec){.kind = FAMILY_COUNTER,
							   .name = metric,
							   .help = "",
							   .labels = "x"},
				     &why);
		const char *values[] = {text};
		cell_add(store_cells(&s, store_series(&s, f, values)), 1);
	}
	return arg;
}

START_TEST(many_threads_find_the_same_and_lose_nothing)
{
	pthread_t id[THREADS];
	double sum = 0;
	size_t n = 0;

	setup(1000);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&id[i], NULL, counts, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
	ck_assert_uint_eq(atomic_load(&s.nfamilies), 5);
	for (size_t i = 0; i < 5; i++)
		for (struct series *at = atomic_load(&s.families[i]->first); at;
		     at = at->next) {
			sum += series_sum(&s, at, 0);
			n++;
		}
	ck_assert_uint_eq(n, 5 * SERIES); /* none twice */
	ck_assert(sum == THREADS * ROUNDS);
	ck_assert_uint_eq(atomic_load(&s.of_others), n);
	store_fini(&s);
}
END_TEST

SUITE("metrics_store", a_series_is_found_again, the_bound_holds,
      doubles_are_added_and_set, values_go_into_the_first_bucket_that_holds_them,
      values_are_utf_8, many_threads_find_the_same_and_lose_nothing)
