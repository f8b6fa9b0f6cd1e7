/* The application's own settings, and those that code sets. */
#include <unistd.h>

#include "fixture.h"

static cruet_app *app;
static char last_line[256];

static void hear(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)level, (void)who;
	snprintf(last_line, sizeof last_line, "%s", line);
}

/* An app with this file as its configuration. */
static void configured(const char *text)
{
	char file[] = "/tmp/cruet-settings-XXXXXX";
	int fd = mkstemp(file);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	app = cruet_new("test");
	cruet_log_to(app, hear, NULL);
	cruet_load(app, file);
	unlink(file);
}

static void done(void)
{
	cruet_free(app);
	unsetenv("CRUET_SETTINGS__PAGE");
}

START_TEST(values_of_every_kind)
{
	configured("{\"settings\": {\"title\": \"Notes\", \"page\": 20, \"rate\": 0.5, "
		   "\"open\": true, \"mail\": {\"from\": \"me\"}, \"tags\": [1, 2]}}");
	ck_assert_ptr_null(cruet_problem(app));
	ck_assert_str_eq(cruet_setting(app, "title"), "Notes");
	ck_assert_str_eq(cruet_setting(app, "page"), "20");
	ck_assert_str_eq(cruet_setting(app, "mail.from"), "me");
	ck_assert_int_eq(cruet_setting_int(app, "page", 5), 20);
	ck_assert(cruet_setting_real(app, "rate", 1) == 0.5);
	ck_assert(cruet_setting_real(app, "page", 1) == 20);
	ck_assert(cruet_setting_bool(app, "open", false));
	ck_assert_uint_eq(cruet_json_len(cruet_setting_json(app, "tags")), 2);
	ck_assert_uint_eq(cruet_json_len(cruet_setting_json(app, "")), 6);
	ck_assert_ptr_null(cruet_problem(app));
}
END_TEST

START_TEST(what_is_not_there_is_the_default)
{
	configured("{}");
	ck_assert_ptr_null(cruet_setting(app, "x"));
	ck_assert_ptr_null(cruet_setting(app, ""));
	ck_assert_ptr_null(cruet_setting_json(app, ""));
	ck_assert_int_eq(cruet_setting_int(app, "x", -3), -3);
	ck_assert(cruet_setting_real(app, "x.y", 2.5) == 2.5);
	ck_assert(cruet_setting_bool(app, "x", true));
	ck_assert_int_eq(cruet_setting_int(NULL, "x", 4), 4);

	char longer[400];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	ck_assert_int_eq(cruet_setting_int(app, longer, 7), 7);
	ck_assert_ptr_null(cruet_problem(app));
}
END_TEST

START_TEST(text_of_the_environment_is_read_as_what_is_asked_for)
{
	setenv("CRUET_SETTINGS__PAGE", "50", 1);
	configured("{\"settings\": {\"page\": 20}}");
	ck_assert_int_eq(cruet_setting_int(app, "page", 5), 50);
}
END_TEST

START_TEST(another_kind_is_a_problem_of_the_setup)
{
	configured("{\"settings\": {\"page\": \"many\"}}");
	ck_assert_int_eq(cruet_setting_int(app, "page", 5), 5);
	const char *problem = cruet_problem(app);
	ck_assert_ptr_nonnull(problem);
	ck_assert_str_eq(strchr(problem, ':'),
			 ":1:23: settings.page = \"many\": expected a whole number");
}
END_TEST

START_TEST(another_kind_is_a_line_in_the_log_once_it_serves)
{
	configured("{\"settings\": {\"open\": 3}}");
	cruet_client *t = client_of(app);
	ck_assert(cruet_setting_bool(app, "open", true));
	ck_assert_str_eq(last_line, "settings.open = \"3\": expected true or false");
	ck_assert_ptr_null(cruet_problem(app));
	cruet_client_free(t);
}
END_TEST

START_TEST(code_sets_what_the_file_leaves_out)
{
	app = cruet_new("test");
	cruet_set(app, "settings.page", "7");
	cruet_set(app, "server.threads", "3");
	ck_assert_int_eq(cruet_setting_int(app, "page", 5), 7);
	ck_assert_ptr_null(cruet_problem(app));
	cruet_set(app, "server.threds", "3");
	ck_assert_str_eq(cruet_problem(app), "cruet_set: unknown key \"server.threds\": did you "
					     "mean \"server.threads\"?");
}
END_TEST

SUITE_WITH("settings", NULL, done, values_of_every_kind, what_is_not_there_is_the_default,
	   text_of_the_environment_is_read_as_what_is_asked_for,
	   another_kind_is_a_problem_of_the_setup,
	   another_kind_is_a_line_in_the_log_once_it_serves, code_sets_what_the_file_leaves_out)
