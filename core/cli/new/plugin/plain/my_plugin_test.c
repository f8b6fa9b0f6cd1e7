/* Drives the plugin in this process: no server runs, no file is loaded. */
#include <check.h>
#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/testing.h>
#include <stdlib.h>

extern const cruet_plugin cruet_plugin_my_plugin;

static int page(cruet_ctx *c)
{
	return cruet_text(c, "hello");
}

/* An application with the plugin and these options, one "name=value" a line. */
static cruet_client *client(cruet_app *app, const char *options)
{
	cruet_use_static(app, &cruet_plugin_my_plugin, options);
	cruet_get(app, "/", page);
	cruet_client *t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	return t;
}

START_TEST(counts_each_request)
{
	cruet_app *app = cruet_new("test");
	cruet_client *t = client(app, NULL);

	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/no/such/page"), 404);
	ck_assert_int_eq(cruet_client_get(t, "/my_plugin"), 200);
	ck_assert_str_eq(cruet_client_body(t), "3\n");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(options_say_where_and_from_what)
{
	cruet_app *app = cruet_new("test");
	cruet_client *t = client(app, "path=/count\nstart=41");

	ck_assert_int_eq(cruet_client_get(t, "/my_plugin"), 404);
	ck_assert_int_eq(cruet_client_get(t, "/count"), 200);
	ck_assert_str_eq(cruet_client_body(t), "43\n");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static void refuses(const char *options, const char *problem)
{
	cruet_app *app = cruet_new("test");

	cruet_use_static(app, &cruet_plugin_my_plugin, options);
	ck_assert_str_eq(cruet_problem(app), problem);
	cruet_free(app);
}

START_TEST(says_what_an_option_should_be)
{
	refuses("start=-1", "plugin 'my_plugin': option start = \"-1\": "
			    "expected a whole number from 0");
	refuses("path=count", "plugin 'my_plugin': path = \"count\" "
			      "does not begin with a slash");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("my_plugin");
	TCase *c = tcase_create("my_plugin");
	tcase_add_test(c, counts_each_request);
	tcase_add_test(c, options_say_where_and_from_what);
	tcase_add_test(c, says_what_an_option_should_be);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
