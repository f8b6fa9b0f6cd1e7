#include <check.h>
#include <cruet.h>
#include <cruet/testing.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const cruet_plugin cruet_plugin_maintenance;

static int page(cruet_ctx *c)
{
	return cruet_text(c, "open");
}

START_TEST(closes_while_the_file_is_there)
{
	char flag[] = "/tmp/closed-XXXXXX";
	char options[128] = "except=/health\nretry=90\nfile=";
	ck_assert_int_ge(mkstemp(flag), 0);

	cruet_app *app = cruet_new("test");
	cruet_use_static(app, &cruet_plugin_maintenance, strcat(options, flag));
	cruet_get(app, "/", page);
	cruet_get(app, "/health/live", page);
	cruet_client *t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));

	ck_assert_int_eq(cruet_client_get(t, "/"), 503);
	ck_assert_str_eq(cruet_client_header(t, "Retry-After"), "90");
	ck_assert_ptr_nonnull(strstr(cruet_client_body(t), "Back soon"));
	ck_assert_int_eq(cruet_client_get(t, "/no/such/page"), 503);
	ck_assert_int_eq(cruet_client_get(t, "/health/live"), 200);
	unlink(flag);
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_str_eq(cruet_client_body(t), "open");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(says_what_a_bad_option_should_be)
{
	cruet_app *app = cruet_new("test");
	cruet_use_static(app, &cruet_plugin_maintenance, "retry=soon");
	ck_assert_str_eq(cruet_problem(app),
			 "plugin 'maintenance': option retry = \"soon\": "
			 "expected whole seconds");
	cruet_free(app);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("maintenance");
	TCase *c = tcase_create("maintenance");
	tcase_add_test(c, closes_while_the_file_is_there);
	tcase_add_test(c, says_what_a_bad_option_should_be);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
