/* Drives the plugin in this process: no server runs, no file is loaded. What every
 * provider of "cache/1" promises is tried by my_plugin_contract.c. */
#include <check.h>
#include <cruet.h>
#include <cruet/cache.h>
#include <cruet/plugin.h>
#include <cruet/testing.h>
#include <stdlib.h>

extern const cruet_plugin cruet_plugin_my_plugin;

enum { LARGE = 10000 };

/* An application with the plugin and these options, one "name=value" a line. */
static cruet_app *make(const char *options)
{
	cruet_app *app = cruet_new("test");

	cruet_use_static(app, &cruet_plugin_my_plugin, options);
	return app;
}

static int page(cruet_ctx *c)
{
	int64_t views = 0;

	cruet_cache_incr(c, "views", 1, 0, &views);
	return cruet_textf(c, "%lld\n", (long long)views);
}

START_TEST(an_application_counts_in_it)
{
	cruet_app *app = make(NULL);

	cruet_get(app, "/", page);
	cruet_client *t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_str_eq(cruet_client_body(t), "2\n");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(what_was_not_used_for_longest_makes_room)
{
	static const char large[LARGE] = "x";
	cruet_app *app = make("memory=64k");
	cruet_ctx *c = cruet_open(app);

	ck_assert_ptr_nonnull(c);
	for (int i = 0; i < 100; i++) {
		cruet_cache_set(c, cruet_number(c, i), large, LARGE, 0);
		ck_assert_ptr_nonnull(cruet_cache_get(c, "0", NULL));
	}
	cruet_cache_stats st = {.size = sizeof st};
	cruet_cache_stats_get(c, &st);
	ck_assert_uint_le(st.bytes, 65536);
	ck_assert_uint_gt(st.evictions, 90);
	ck_assert_ptr_nonnull(cruet_cache_get(c, "99", NULL));
	ck_assert_ptr_null(cruet_cache_get(c, "1", NULL));
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(says_what_an_option_should_be)
{
	cruet_app *app = make("memory=1k");

	ck_assert_str_eq(cruet_problem(app),
			 "plugin 'my_plugin': option memory = \"1k\": "
			 "expected a size from 64k to 1024g");
	cruet_free(app);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("my_plugin");
	TCase *c = tcase_create("my_plugin");
	tcase_add_test(c, an_application_counts_in_it);
	tcase_add_test(c, what_was_not_used_for_longest_makes_room);
	tcase_add_test(c, says_what_an_option_should_be);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
