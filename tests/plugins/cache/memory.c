/* Memory: it stays flat, whatever is put in, and each allocation may fail. */
#include "fail_alloc.h"
#include "fixture.h"

#include <pthread.h>

static cruet_app *app;

static void setup(void)
{
	app = app_with("memory=1m\nshards=4");
}

static void teardown(void)
{
	cruet_free(app);
}

/* Sizes that differ from round to round, so that nothing ever fits where something else
 * was. Calls that failed; takes no memory itself. */
static int churn(cruet_ctx *c, uint32_t seed, int rounds)
{
	static const char bytes[32768];
	char key[32];
	int failed = 0;

	for (int i = 0; i < rounds; i++) {
		seed = seed * 1664525 + 1013904223;
		snprintf(key, sizeof key, "k%u", (seed >> 8) % 5000);
		size_t len = seed % (seed & 128 ? 30000 : 200);
		failed += cruet_cache_set(c, key, bytes, len, seed & 256 ? 0 : 5000) != 0;
		if (seed >> 29 == 0)
			failed += cruet_cache_del(c, key) != 0;
	}
	return failed;
}

START_TEST(what_is_put_in_takes_no_memory_beyond_the_option)
{
	cruet_ctx *c = open_ctx(app);
	const uint64_t empty = stats_of(c).bytes;
	size_t allocations = 0;

	for (int i = 0; i < 20; i++) {
		fail_alloc_at(0);
		int failed = churn(c, (uint32_t)i, 1000);
		fail_alloc_off();
		allocations += fail_alloc_count();
		ck_assert_int_eq(failed, 0);
		ck_assert_uint_le(stats_of(c).bytes, 1 << 20);
	}
	ck_assert_uint_eq(allocations, 0);
	ck_assert_uint_gt(stats_of(c).evictions, 1000);
	ck_assert_int_eq(cruet_cache_clear(c, ""), CRUET_OK);
	ck_assert_uint_eq(stats_of(c).bytes, empty);
	ck_assert_uint_eq(stats_of(c).entries, 0);
	cruet_close(c);
}
END_TEST

/* A ctx has room for small things already. */
START_TEST(reading_a_small_value_allocates_nothing)
{
	cruet_ctx *c = open_ctx(app);

	cruet_cache_set(c, "a", "value", 5, 0);
	cruet_alloc(c, 1);
	int hits = 0;
	fail_alloc_at(0);
	for (int i = 0; i < 20; i++)
		hits += cruet_cache_get(c, "a", NULL) != NULL;
	fail_alloc_off();
	ck_assert_uint_eq(fail_alloc_count(), 0);
	ck_assert_int_eq(hits, 20);
	cruet_close(c);
}
END_TEST

static void *churn_in_a_thread(void *arg)
{
	cruet_ctx *c = open_ctx(app);

	ck_assert_int_eq(churn(c, (uint32_t)(uintptr_t)arg, 1000), 0);
	for (int i = 0; i < 2000; i++) {
		char key[32];
		size_t len;
		snprintf(key, sizeof key, "k%d", i);
		const char *p = cruet_cache_get(c, key, &len);
		for (size_t at = 0; p && at < len; at++)
			if (p[at])
				ck_abort_msg("%s holds what was not put in", key);
		if (i % 500 == 0)
			ck_assert_int_eq(cruet_cache_clear(c, "k1"), CRUET_OK);
	}
	cruet_close(c);
	return NULL;
}

START_TEST(many_threads_keep_the_bound)
{
	pthread_t ids[8];
	cruet_ctx *c = open_ctx(app);

	for (size_t i = 0; i < 8; i++)
		ck_assert_int_eq(
			pthread_create(&ids[i], NULL, churn_in_a_thread, (void *)(i + 1)),
			0);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_le(stats_of(c).bytes, 1 << 20);
	for (size_t i = 0; i < 8; i++)
		pthread_join(ids[i], NULL);
	const uint64_t full = stats_of(c).bytes;
	ck_assert_int_eq(cruet_cache_clear(c, ""), CRUET_OK);
	ck_assert_uint_lt(stats_of(c).bytes, full);
	ck_assert_uint_eq(stats_of(c).entries, 0);
	cruet_close(c);
}
END_TEST

/* --- when there is none ----------------------------------------------------------- */

START_TEST(each_allocation_of_the_start_may_fail)
{
	bool more = true;

	for (size_t n = 1; more; n++) {
		cruet_app *a = new_app();
		fail_alloc_at(n);
		int err = cruet_use_static(a, &cruet_plugin_cache, "memory=1m");
		more = fail_alloc_off();
		ck_assert(more ? err != 0 || !cruet_problem(a) : !err);
		cruet_free(a);
	}
}
END_TEST

static int make(cruet_ctx *c, void *arg, const void **p, size_t *len)
{
	*p = cruet_strdup(c, arg);
	*len = *p ? strlen(*p) : 0;
	return *p ? CRUET_OK : CRUET_ENOMEM;
}

/* A large value, for which the ctx has no room: either it is given whole, or the request
 * fails, and the next one finds the cache as it was. */
START_TEST(each_allocation_of_a_request_may_fail)
{
	static char large[20000];
	bool more = true;

	memset(large, 'x', sizeof large - 1);
	for (size_t n = 1; more; n++) {
		size_t len;
		cruet_ctx *c = open_ctx(app);
		cruet_cache_set(c, "large", large, sizeof large - 1, 0);
		cruet_cache_del(c, "made");
		fail_alloc_at(n);
		const char *got = cruet_cache_get(c, "large", &len);
		const char *new = cruet_cache_remember(c, "made", 0, make, large, NULL);
		more = fail_alloc_off();
		if (!more || got)
			ck_assert_str_eq(got, large);
		if (!more || new)
			ck_assert_str_eq(new, large);
		if (!got || !new)
			ck_assert_int_eq(cruet_err(c), CRUET_ENOMEM);
		cruet_close(c);
	}
}
END_TEST

SUITE_WITH("cache_memory", setup, teardown,
	   what_is_put_in_takes_no_memory_beyond_the_option,
	   reading_a_small_value_allocates_nothing, many_threads_keep_the_bound,
	   each_allocation_of_the_start_may_fail, each_allocation_of_a_request_may_fail)
