/* Drives the plugin in this process: no server runs, no file is loaded. What every
 * provider of "session/1" promises is tried by my_plugin_contract.c. */
#include <check.h>
#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/session.h>
#include <cruet/testing.h>
#include <stdlib.h>

extern const cruet_plugin cruet_plugin_my_plugin;

static int visit(cruet_ctx *c)
{
	int64_t n = cruet_session_int(c, "visits", 0) + 1;

	cruet_session_set_int(c, "visits", n);
	return cruet_textf(c, "%lld\n", (long long)n);
}

/* An application with the plugin and these options, one "name=value" a line. */
static cruet_app *make(const char *options)
{
	cruet_app *app = cruet_new("test");

	cruet_use_static(app, &cruet_plugin_my_plugin, options);
	cruet_get(app, "/", visit);
	cruet_clock_set(app, 1000000);
	return app;
}

static void visits(cruet_client *t, const char *n)
{
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_str_eq(cruet_client_body(t), n);
}

START_TEST(a_session_ends_by_the_clock)
{
	cruet_app *app = make("lifetime=5m\ncookie=who");
	cruet_client *ada = cruet_client_new(app);

	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	visits(ada, "1\n");
	ck_assert_ptr_nonnull(cruet_client_cookie(ada, "who"));
	cruet_clock_set(app, 1000000 + 299999);
	visits(ada, "2\n");
	cruet_clock_set(app, 1000000 + 2 * 300000);
	visits(ada, "1\n");
	cruet_client_free(ada);
	cruet_free(app);
}
END_TEST

START_TEST(of_too_many_the_oldest_goes)
{
	cruet_app *app = make("most=2");
	cruet_client *ada = cruet_client_new(app), *bob = cruet_client_new(app);
	cruet_client *eve = cruet_client_new(app);

	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	visits(ada, "1\n");
	visits(bob, "1\n");
	visits(ada, "2\n");
	visits(eve, "1\n");
	visits(ada, "3\n");
	visits(bob, "1\n");
	cruet_client_free(ada);
	cruet_client_free(bob);
	cruet_client_free(eve);
	cruet_free(app);
}
END_TEST

START_TEST(says_what_an_option_should_be)
{
	cruet_app *app = make("lifetime=soon");

	ck_assert_str_eq(cruet_problem(app),
			 "plugin 'my_plugin': option lifetime = \"soon\": "
			 "expected a time from 1s to 400d");
	cruet_free(app);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("my_plugin");
	TCase *c = tcase_create("my_plugin");
	tcase_add_test(c, a_session_ends_by_the_clock);
	tcase_add_test(c, of_too_many_the_oldest_goes);
	tcase_add_test(c, says_what_an_option_should_be);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
