/* The plain functions of cruet/cache.h: whose keys they are, and failures in words. */
#include "fake.h"

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

/* With a provider that fails as it is told. */
static void use_fake(void)
{
	teardown();
	app = new_app();
	cruet_use_static(app, &cruet_plugin_fake_cache, NULL);
	c = open_ctx(app);
}

START_TEST(a_value_comes_back_with_its_length)
{
	size_t len = 7;

	ck_assert_ptr_null(cruet_cache_get(c, "a", &len));
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	ck_assert_int_eq(cruet_cache_set(c, "a", "x\0y", 3, 0), CRUET_OK);
	ck_assert_mem_eq(cruet_cache_get(c, "a", &len), "x\0y", 4);
	ck_assert_uint_eq(len, 3);
	ck_assert_str_eq(cruet_cache_get(c, "a", NULL), "x");
}
END_TEST

START_TEST(values_expire_by_the_clock_of_the_application)
{
	put(c, "a", "x", 1000);
	put(c, "b", "x", 0);
	cruet_clock_set(app, NOON + 999);
	assert_value(c, "a", "x");
	cruet_clock_set(app, NOON + 1000);
	ck_assert_ptr_null(cruet_cache_get(c, "a", NULL));
	cruet_clock_set(app, NOON * 2);
	assert_value(c, "b", "x");
}
END_TEST

START_TEST(add_touch_and_delete)
{
	ck_assert_int_eq(cruet_cache_add(c, "a", "1", 1, 1000), CRUET_OK);
	ck_assert_int_eq(cruet_cache_add(c, "a", "2", 1, 0), CRUET_EEXIST);
	assert_value(c, "a", "1");
	ck_assert_int_eq(cruet_cache_touch(c, "a", 5000), CRUET_OK);
	ck_assert_int_eq(cruet_cache_touch(c, "b", 5000), CRUET_ENOENT);
	cruet_clock_set(app, NOON + 4000);
	assert_value(c, "a", "1");
	ck_assert_int_eq(cruet_cache_del(c, "a"), CRUET_OK);
	ck_assert_int_eq(cruet_cache_del(c, "a"), CRUET_OK);
	ck_assert_ptr_null(cruet_cache_get(c, "a", NULL));
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
}
END_TEST

START_TEST(counting)
{
	int64_t now;

	ck_assert_int_eq(cruet_cache_incr(c, "n", 5, 1000, &now), CRUET_OK);
	ck_assert_int_eq(now, 5);
	cruet_clock_set(app, NOON + 500);
	ck_assert_int_eq(cruet_cache_incr(c, "n", -7, 1000, NULL), CRUET_OK);
	assert_value(c, "n", "-2");
	cruet_clock_set(app, NOON + 1000); /* the time of the first */
	ck_assert_int_eq(cruet_cache_incr(c, "n", 1, 1000, &now), CRUET_OK);
	ck_assert_int_eq(now, 1);
}
END_TEST

/* --- whose keys ------------------------------------------------------------------- */

static int h_mine(cruet_ctx *r)
{
	const char *v = cruet_cache_get(r, "who", NULL);

	if (!v)
		put(r, "who", cruet_query(r, "as"), 0);
	return cruet_text(r, v ? v : "nobody");
}

static int h_clear(cruet_ctx *r)
{
	int err = cruet_cache_clear(r, "");
	return err ? err : cruet_text(r, "cleared");
}

static int guest_init(cruet_app *scope)
{
	cruet_get(scope, "/guest/mine", h_mine);
	return cruet_get(scope, "/guest/clear", h_clear);
}
static const char *const needs[] = {CRUET_CACHE, NULL};
CRUET_PLUGIN(guest, .init = guest_init, .needs = needs);

static void assert_says(cruet_client *t, const char *path, const char *text)
{
	ck_assert_int_eq(cruet_client_get(t, path), 200);
	ck_assert_str_eq(cruet_client_body(t), text);
}

START_TEST(each_plugin_has_keys_of_its_own)
{
	teardown();
	app = app_with("memory=1m");
	cruet_use_static(app, &cruet_plugin_guest, NULL);
	cruet_get(app, "/mine", h_mine);
	cruet_get(app, "/clear", h_clear);
	cruet_client *t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	assert_says(t, "/mine?as=app", "nobody");
	assert_says(t, "/guest/mine?as=guest", "nobody");
	assert_says(t, "/mine", "app");
	assert_says(t, "/guest/mine", "guest");
	assert_says(t, "/guest/clear", "cleared");
	assert_says(t, "/mine", "app");
	assert_says(t, "/guest/mine?as=again", "nobody");
	cruet_client_free(t);
	c = open_ctx(app);
}
END_TEST

START_TEST(a_provider_sees_the_name_before_the_key)
{
	use_fake();
	cruet_cache_get(c, "a b", NULL);
	ck_assert_str_eq(fake.key, "app:a b");
	cruet_cache_set(c, "s", "", 0, 0);
	ck_assert_str_eq(fake.key, "app:s");
	cruet_cache_incr(c, "n", 1, 0, NULL);
	ck_assert_str_eq(fake.key, "app:n");
	cruet_cache_touch(c, "t", 0);
	ck_assert_str_eq(fake.key, "app:t");
	cruet_cache_del(c, "d");
	ck_assert_str_eq(fake.key, "app:d");
	cruet_cache_clear(c, "p/");
	ck_assert_str_eq(fake.key, "app:p/");
}
END_TEST

START_TEST(clear_deletes_a_part)
{
	put(c, "page/1", "x", 0);
	put(c, "page/2", "x", 0);
	put(c, "other", "x", 0);
	ck_assert_int_eq(cruet_cache_clear(c, "page/"), CRUET_OK);
	ck_assert_ptr_null(cruet_cache_get(c, "page/1", NULL));
	ck_assert_ptr_null(cruet_cache_get(c, "page/2", NULL));
	assert_value(c, "other", "x");
}
END_TEST

/* --- failures in words ------------------------------------------------------------ */

START_TEST(a_key_that_is_none_is_a_sentence)
{
	char key[260];

	memset(key, 'k', sizeof key);
	key[246] = '\0';
	ck_assert_int_eq(cruet_cache_set(c, key, "x", 1, 0), CRUET_OK);
	key[246] = 'k';
	key[247] = '\0';
	ck_assert_int_eq(cruet_cache_set(c, key, "x", 1, 0), 500);
	assert_failed(
		c, &cruet_cache_error_kind,
		"cache key \"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
		"kkkkkkkkkkkkkkkkkkkkkkk...\" has 247 bytes: expected 1 to 246, for "
		"\"app:\" stands before it: use a hash of it");
	ck_assert_ptr_null(cruet_cache_get(c, "", NULL));
	assert_failed(c, &cruet_cache_error_kind,
		      "a cache key is empty: expected 1 to 246 bytes");
	ck_assert_int_eq(cruet_cache_del(c, NULL), 500);
	assert_failed(c, &cruet_cache_error_kind,
		      "a cache key is NULL: expected 1 to 246 bytes");
	ck_assert_int_eq(cruet_cache_clear(c, NULL), 500);
	cruet_err_clear(c);
}
END_TEST

START_TEST(a_value_that_is_too_large_is_a_sentence)
{
	size_t max = (size_t)stats_of(c).value_max;
	char expected[200];

	put(c, "a", "old", 0);
	char *large = cruet_alloc(c, max + 1);
	ck_assert_int_eq(cruet_cache_set(c, "a", large, max + 1, 0), 500);
	snprintf(expected, sizeof expected,
		 "the value of cache key \"a\" has %zu bytes, and 'cache' takes at most "
		 "%zu: keep less, or raise its value_max",
		 max + 1, max);
	assert_failed(c, &cruet_cache_limit_kind, expected);
	ck_assert_ptr_null(cruet_cache_get(c, "a", NULL));
	ck_assert_int_eq(cruet_cache_set(c, "a", NULL, 3, 0), 500);
	assert_failed(c, &cruet_cache_error_kind,
		      "the value of cache key \"a\" is NULL, with 3 bytes");
	use_fake();
	fake.set_err = CRUET_ELIMIT; /* and does not say how much it takes */
	ck_assert_int_eq(cruet_cache_set(c, "a", "x", 1, 0), 500);
	assert_failed(
		c, &cruet_cache_limit_kind,
		"the value of cache key \"a\" has 1 bytes, more than 'fake_cache' takes");
}
END_TEST

START_TEST(what_cannot_be_counted_is_a_sentence)
{
	put(c, "text", "12 apples", 0);
	ck_assert_int_eq(cruet_cache_incr(c, "text", 1, 0, NULL), 500);
	assert_failed(
		c, &cruet_cache_error_kind,
		"cache key \"text\" holds no whole number, so nothing can be added to "
		"it");
	ck_assert_int_eq(cruet_cache_incr(c, "n", INT64_MAX, 0, NULL), CRUET_OK);
	ck_assert_int_eq(cruet_cache_incr(c, "n", 2, 0, NULL), 500);
	assert_failed(
		c, &cruet_cache_error_kind,
		"cache key \"n\" cannot grow by 2: the result does not fit 64 bits");
}
END_TEST

START_TEST(a_provider_that_fails_is_named)
{
	use_fake();
	fake.get_err = CRUET_ETIMEOUT;
	fake.set_err = CRUET_EBUSY;
	fake.other_err = CRUET_EIO;
	ck_assert_ptr_null(cruet_cache_get(c, "a", NULL));
	assert_failed(c, &cruet_cache_timeout_kind,
		      "the cache 'fake_cache' could not get \"a\": timed out");
	ck_assert_int_eq(cruet_cache_set(c, "a", "x", 1, 0), 503);
	assert_failed(c, &cruet_cache_unavailable_kind,
		      "the cache 'fake_cache' could not set \"a\": still in use");
	ck_assert_int_eq(cruet_cache_incr(c, "a", 1, 0, NULL), 503);
	assert_failed(
		c, &cruet_cache_unavailable_kind,
		"the cache 'fake_cache' could not add to \"a\": input or output failed");
	ck_assert_int_eq(cruet_cache_touch(c, "a", 1), 503);
	cruet_err_clear(c);
	ck_assert_int_eq(cruet_cache_del(c, "a"), 503);
	cruet_err_clear(c);
	ck_assert_int_eq(cruet_cache_clear(c, "a"), 503);
	assert_failed(
		c, &cruet_cache_unavailable_kind,
		"the cache 'fake_cache' could not clear \"a\": input or output failed");
	cruet_cache_stats st = {.size = sizeof st};
	ck_assert_int_eq(cruet_cache_stats_get(c, &st), 503);
	cruet_err_clear(c);
	fake.get_err = CRUET_EINVAL;
	ck_assert_ptr_null(cruet_cache_get(c, "a", NULL));
	assert_failed(c, &cruet_cache_error_kind,
		      "the cache 'fake_cache' could not get \"a\": invalid argument");
}
END_TEST

static int h_in_spite(cruet_ctx *r)
{
	const char *v = cruet_cache_get(r, "a", NULL);
	return cruet_text(r, v ? v : "made anew");
}

static int h_must(cruet_ctx *r)
{
	const char *v = cruet_cache_get(r, "a", NULL);
	return v ? cruet_text(r, v) : cruet_err(r);
}

START_TEST(a_handler_may_go_on_without_it)
{
	teardown();
	app = new_app();
	cruet_use_static(app, &cruet_plugin_fake_cache, NULL);
	cruet_get(app, "/in_spite", h_in_spite);
	cruet_get(app, "/must", h_must);
	cruet_client *t = cruet_client_new(app);
	fake.get_err = CRUET_ETIMEOUT;
	ck_assert_int_eq(cruet_client_get(t, "/in_spite"), 200);
	ck_assert_str_eq(cruet_client_body(t), "made anew");
	ck_assert_str_eq(logged, "");
	ck_assert_int_eq(cruet_client_get(t, "/must"), 504);
	ck_assert_ptr_nonnull(
		strstr(logged, "the cache 'fake_cache' could not get \"a\""));
	cruet_client_free(t);
	c = open_ctx(app);
}
END_TEST

START_TEST(without_a_provider_there_is_a_sentence)
{
	static const char sentence[] = "no plugin provides \"cache/1\": add one to "
				       "cruet.json, such as \"cache\"";
	cruet_cache_stats st = {.size = sizeof st};

	teardown();
	app = new_app();
	c = open_ctx(app);
	ck_assert_ptr_null(cruet_cache_get(c, "a", NULL));
	ck_assert_str_eq(cruet_err_text(c), sentence);
	ck_assert_int_eq(cruet_err_status(c), 500);
	ck_assert_int_ne(cruet_cache_set(c, "a", "", 0, 0), 0);
	ck_assert_int_ne(cruet_cache_add(c, "a", "", 0, 0), 0);
	ck_assert_int_ne(cruet_cache_incr(c, "a", 1, 0, NULL), 0);
	ck_assert_int_ne(cruet_cache_touch(c, "a", 0), 0);
	ck_assert_int_ne(cruet_cache_del(c, "a"), 0);
	ck_assert_int_ne(cruet_cache_clear(c, ""), 0);
	ck_assert_int_ne(cruet_cache_stats_get(c, &st), 0);
}
END_TEST

START_TEST(stats_need_their_size)
{
	cruet_cache_stats st = {.size = 4};

	ck_assert_int_eq(cruet_cache_stats_get(c, &st), CRUET_EINVAL);
	ck_assert_str_eq(cruet_err_text(c), "cruet_cache_stats_get: set size to "
					    "sizeof(cruet_cache_stats)");
	cruet_err_clear(c);
	st.size = sizeof st;
	put(c, "a", "x", 0);
	assert_value(c, "a", "x");
	ck_assert_int_eq(cruet_cache_stats_get(c, &st), CRUET_OK);
	ck_assert_uint_eq(st.hits, 1);
	ck_assert_uint_eq(st.entries, 1);
	ck_assert_uint_eq(st.bytes_max, 1 << 20);
}
END_TEST

SUITE_WITH("cache_plain", setup, teardown, a_value_comes_back_with_its_length,
	   values_expire_by_the_clock_of_the_application, add_touch_and_delete, counting,
	   each_plugin_has_keys_of_its_own, a_provider_sees_the_name_before_the_key,
	   clear_deletes_a_part, a_key_that_is_none_is_a_sentence,
	   a_value_that_is_too_large_is_a_sentence, what_cannot_be_counted_is_a_sentence,
	   a_provider_that_fails_is_named, a_handler_may_go_on_without_it,
	   without_a_provider_there_is_a_sentence, stats_need_their_size)
