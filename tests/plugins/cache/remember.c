/* cruet_cache_remember(): made once, also when many want it at once. */
#include "fake.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static cruet_app *app;
static cruet_ctx *c;

static void setup(void)
{
	app = app_with("memory=1m\nshards=1");
	cruet_clock_set(app, NOON);
	c = open_ctx(app);
}

static void teardown(void)
{
	cruet_close(c);
	cruet_free(app);
}

static void use_fake(void)
{
	teardown();
	app = new_app();
	cruet_use_static(app, &cruet_plugin_fake_cache, NULL);
	c = open_ctx(app);
}

static int made;
static char v[] = "v";

static int make(cruet_ctx *r, void *arg, const void **p, size_t *len)
{
	made++;
	*p = cruet_printf(r, "%s%d", (const char *)arg, made);
	*len = *p ? strlen(*p) : 0;
	return *p ? CRUET_OK : CRUET_ENOMEM;
}

static const char *remember(void)
{
	size_t len = 99;
	const char *got = cruet_cache_remember(c, "a", 1000, make, v, &len);

	if (got)
		ck_assert_uint_eq(len, strlen(got));
	return got;
}

START_TEST(it_is_made_once_and_kept)
{
	ck_assert_str_eq(remember(), "v1");
	ck_assert_str_eq(remember(), "v1");
	ck_assert_int_eq(made, 1);
	assert_value(c, "a", "v1");
	cruet_clock_set(app, NOON + 1000);
	ck_assert_str_eq(remember(), "v2");
	cruet_cache_del(c, "a");
	ck_assert_str_eq(remember(), "v3");
	ck_assert_uint_eq(stats_of(c).entries, 1); /* whose turn it was is forgotten */
}
END_TEST

static int fail_404(cruet_ctx *r, void *arg, const void **p, size_t *len)
{
	(void)arg, (void)p, (void)len;
	made++;
	return cruet_fail(r, 404, "nothing to make it of");
}

static int fail_silently(cruet_ctx *r, void *arg, const void **p, size_t *len)
{
	(void)r, (void)p, (void)len;
	return *(int *)arg;
}

static int make_nothing(cruet_ctx *r, void *arg, const void **p, size_t *len)
{
	(void)r, (void)p;
	*len = arg ? 5 : 0;
	return CRUET_OK;
}

START_TEST(what_fails_is_not_kept)
{
	ck_assert_ptr_null(cruet_cache_remember(c, "a", 0, fail_404, NULL, NULL));
	ck_assert_int_eq(cruet_err(c), 404);
	ck_assert_str_eq(cruet_err_text(c), "nothing to make it of");
	cruet_err_clear(c);
	ck_assert_uint_eq(stats_of(c).entries, 0); /* the next one has the turn */
	ck_assert_str_eq(remember(), "v2");
}
END_TEST

START_TEST(a_failure_that_says_nothing_is_one_too)
{
	int err = CRUET_EIO;

	ck_assert_ptr_null(cruet_cache_remember(c, "a", 0, fail_silently, &err, NULL));
	ck_assert_int_eq(cruet_err(c), CRUET_EIO);
	cruet_err_clear(c);
	err = 409;
	ck_assert_ptr_null(cruet_cache_remember(c, "a", 0, fail_silently, &err, NULL));
	ck_assert_int_eq(cruet_err(c), 409);
	cruet_err_clear(c);
	err = CRUET_DONE;
	ck_assert_ptr_null(cruet_cache_remember(c, "a", 0, fail_silently, &err, NULL));
	assert_failed(
		c, &cruet_cache_error_kind,
		"what makes cache key \"a\" returned 1: expected CRUET_OK or a failure");
}
END_TEST

START_TEST(an_empty_value_may_be_made)
{
	size_t len = 9;

	ck_assert_str_eq(cruet_cache_remember(c, "a", 0, make_nothing, NULL, &len), "");
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq(cruet_cache_remember(c, "a", 0, make, v, NULL), "");
	ck_assert_ptr_null(cruet_cache_remember(c, "b", 0, make_nothing, &len, NULL));
	assert_failed(c, &cruet_cache_error_kind,
		      "what was made for cache key \"b\" is NULL, with 5 bytes");
}
END_TEST

START_TEST(a_cache_that_fails_is_gone_without)
{
	use_fake();
	fake.get_err = CRUET_ETIMEOUT;
	fake.set_err = CRUET_ETIMEOUT;
	ck_assert_str_eq(remember(), "v1");
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	ck_assert_ptr_nonnull(
		strstr(logged, "the cache 'fake_cache' could not get \"a\": timed out"));
	ck_assert_ptr_nonnull(
		strstr(logged, "the cache 'fake_cache' could not set \"a\": timed out"));
	fake.get_err = CRUET_ENOENT;
	fake.set_err = CRUET_ELIMIT;
	fake.value_max = 1;
	ck_assert_str_eq(remember(), "v2");
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	ck_assert_ptr_nonnull(strstr(
		logged, "the value of cache key \"a\" has 2 bytes, and 'fake_cache' "
			"takes at most 1: keep less, or raise its value_max"));
}
END_TEST

START_TEST(a_key_that_is_none_makes_nothing)
{
	ck_assert_ptr_null(cruet_cache_remember(c, "", 0, make, v, NULL));
	assert_failed(c, &cruet_cache_error_kind,
		      "a cache key is empty: expected 1 to 246 bytes");
	ck_assert_int_eq(made, 0);
}
END_TEST

/* --- many at once ----------------------------------------------------------------- */

enum { CROWD = 8 };

static atomic_int in, calls;

/* Does not end before all the others are on their way to it. */
static int make_slowly(cruet_ctx *r, void *arg, const void **p, size_t *len)
{
	(void)arg;
	atomic_fetch_add(&calls, 1);
	while (atomic_load(&in) < CROWD)
		usleep(1000);
	*p = cruet_strdup(r, "made");
	*len = 4;
	return *p ? CRUET_OK : CRUET_ENOMEM;
}

static void *one(void *arg)
{
	cruet_ctx *r = open_ctx(app);

	atomic_fetch_add(&in, 1);
	const char *got =
		cruet_cache_remember(r, "shared", 60000, make_slowly, NULL, NULL);
	int fine = got && !strcmp(got, "made");
	cruet_close(r);
	*(int *)arg = fine;
	return NULL;
}

START_TEST(of_many_one_makes_it)
{
	pthread_t ids[CROWD];
	int fine[CROWD];

	for (int round = 0; round < 20; round++) {
		atomic_store(&in, 0);
		atomic_store(&calls, 0);
		cruet_cache_del(c, "shared");
		for (int i = 0; i < CROWD; i++)
			ck_assert_int_eq(pthread_create(&ids[i], NULL, one, &fine[i]), 0);
		for (int i = 0; i < CROWD; i++)
			pthread_join(ids[i], NULL);
		for (int i = 0; i < CROWD; i++)
			ck_assert_int_eq(fine[i], 1);
		ck_assert_int_eq(atomic_load(&calls), 1);
	}
}
END_TEST

static const cruet_cache *vt;
static void *self;

/* As somebody leaves it behind who had it, and died. The clock stands. */
static void leave_a_turn(void)
{
	cruet_service s;

	teardown();
	app = app_with("memory=1m\nshards=1");
	ck_assert_int_eq(cruet_bind(app, CRUET_CACHE, NULL, sizeof(cruet_cache), &s), 0);
	vt = s.vt;
	self = s.self;
	cruet_clock_set(app, NOON);
	c = open_ctx(app);
	ck_assert_int_eq(vt->set(self, c, "app!a", "", 0, 10000, CRUET_CACHE_ABSENT), 0);
}

static void *let_time_pass(void *arg)
{
	cruet_cache_stats st = {.size = sizeof st};
	cruet_ctx *r = open_ctx(app);

	do { /* until the other one waits */
		usleep(1000);
		ck_assert_int_eq(vt->stats(self, r, &st), CRUET_OK);
	} while (st.misses < 3);
	cruet_close(r);
	cruet_clock_set(app, NOON + 10000);
	return arg;
}

START_TEST(a_turn_that_is_left_behind_expires)
{
	pthread_t id;

	leave_a_turn();
	ck_assert_int_eq(pthread_create(&id, NULL, let_time_pass, NULL), 0);
	ck_assert_str_eq(remember(), "v1");
	pthread_join(id, NULL);
	ck_assert_uint_eq(stats_of(c).entries, 1); /* it was taken over, and ended */
}
END_TEST

/* A program that is asked to stop waits for nobody. */
START_TEST(who_stops_does_not_wait)
{
	leave_a_turn();
	cruet_stop(app);
	ck_assert_str_eq(remember(), "v1");
	ck_assert_uint_eq(stats_of(c).misses, 1);
}
END_TEST

/* Nor does anybody wait longer than a turn may take, whatever the clock says. */
START_TEST(a_turn_that_never_ends_is_gone_without)
{
	leave_a_turn();
	ck_assert_str_eq(remember(), "v1");
	ck_assert_uint_gt(stats_of(c).misses, 3);
	assert_value(c, "a", "v1");
	ck_assert_uint_eq(stats_of(c).entries, 2); /* it is not ours to end */
}
END_TEST

SUITE_WITH("cache_remember", setup, teardown, it_is_made_once_and_kept,
	   what_fails_is_not_kept, a_failure_that_says_nothing_is_one_too,
	   an_empty_value_may_be_made, a_cache_that_fails_is_gone_without,
	   a_key_that_is_none_makes_nothing, of_many_one_makes_it,
	   a_turn_that_is_left_behind_expires, who_stops_does_not_wait,
	   a_turn_that_never_ends_is_gone_without)
