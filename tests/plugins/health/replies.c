/* What the two addresses say, and to whom. */
#include "fixture.h"

START_TEST(a_process_without_checks_is_ready)
{
	prepare(NULL);
	start();
	assert_get(t, "/live", 200);
	assert_body(t, "alive\n");
	assert_header(t, "Cache-Control", "no-store");
	assert_get(t, "/ready", 200);
	assert_body(t, "ready\n");
	assert_header(t, "Cache-Control", "no-store");
	assert_header(t, "Vary", "");
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/ready", NULL, NULL, 0), 200);
	teardown();
}
END_TEST

START_TEST(a_check_that_fails_is_503_without_a_reason)
{
	prepare("keep=0");
	cruet_health_check(app, "disk", 0, asks);
	start();
	assert_get(t, "/ready", 200);
	says = 503;
	assert_get(t, "/ready", 503);
	assert_body(t, "not ready\n");
	assert_header(t, "Cache-Control", "no-store");
	assert_get(t, "/live", 200);
	says = 0;
	assert_get(t, "/ready", 200);
	teardown();
}
END_TEST

static int lines;

static void count(void *arg, int level, const char *who, const char *line)
{
	(void)arg;
	lines++;
	snprintf(logged, sizeof logged, "%d %s: %s", level, who, line);
}

START_TEST(the_log_says_what_changed)
{
	prepare("keep=0");
	cruet_log_to(app, count, NULL);
	cruet_health_check(app, "disk", 0, asks);
	start();
	assert_get(t, "/ready", 200);
	ck_assert_int_eq(lines, 0);
	says = 503;
	for (int i = 0; i < 3; i++)
		assert_get(t, "/ready", 503);
	ck_assert_str_eq(logged, "2 health: not ready: disk: the disk has 7 bytes left");
	ck_assert_int_eq(lines, 1);
	says = 0;
	for (int i = 0; i < 3; i++)
		assert_get(t, "/ready", 200);
	ck_assert_str_eq(logged, "1 health: ready again");
	ck_assert_int_eq(lines, 2);
	teardown();
}
END_TEST

static const char *of_check(const char *name, const char *member)
{
	const cruet_json *j = cruet_json_get(cruet_client_body_json(t), "checks");

	return cruet_json_str(cruet_json_get(cruet_json_get(j, name), member), NULL);
}

static const char *status(void)
{
	return cruet_json_str(cruet_json_get(cruet_client_body_json(t), "status"), NULL);
}

static int fine(cruet_ctx *c)
{
	(void)c;
	return CRUET_OK;
}

START_TEST(detail_is_shown_if_it_may_be)
{
	prepare("keep=0\ndetail=true");
	cruet_health_check(app, "disk", 0, asks);
	cruet_health_check(app, "mail", 0, fine);
	start();
	assert_get(t, "/ready", 200);
	assert_header(t, "Content-Type", "application/json");
	ck_assert_str_eq(status(), "ready");
	ck_assert_str_eq(of_check("disk", "status"), "ok");
	ck_assert_ptr_null(of_check("disk", "reason"));
	says = 503;
	assert_get(t, "/ready", 503);
	ck_assert_str_eq(status(), "not ready");
	ck_assert_str_eq(of_check("disk", "status"), "failed");
	ck_assert_str_eq(of_check("disk", "reason"), "the disk has 7 bytes left");
	ck_assert_str_eq(of_check("mail", "status"), "ok");
	teardown();
}
END_TEST

START_TEST(who_has_the_token_sees_it)
{
	prepare("keep=0\ntoken=sesame");
	cruet_health_check(app, "disk", 0, asks);
	start();
	cruet_client_set_header(t, "Authorization", "Bearer sesame");
	assert_get(t, "/ready", 200);
	ck_assert_str_eq(of_check("disk", "status"), "ok");
	assert_header(t, "Vary", "Authorization");
	cruet_client_set_header(t, "Authorization", "Bearer Sesame");
	assert_get(t, "/ready", 200);
	assert_body(t, "ready\n");
	assert_header(t, "Vary", "Authorization");
	teardown();
}
END_TEST

START_TEST(a_process_that_stops_is_not_ready)
{
	prepare("detail=true");
	cruet_health_check(app, "disk", 0, asks);
	start();
	cruet_stop(app);
	assert_get(t, "/ready", 503);
	ck_assert_str_eq(status(), "stopping");
	ck_assert_int_eq(runs, 0);
	assert_get(t, "/live", 200);
	teardown();
}
END_TEST

START_TEST(the_paths_are_options)
{
	prepare("live=/-/up\nready=");
	start();
	assert_get(t, "/-/up", 200);
	assert_get(t, "/live", 404);
	assert_get(t, "/ready", 404);
	teardown();
}
END_TEST

START_TEST(mistakes_are_sentences)
{
	assert_refused(
		&cruet_plugin_health, "live=up",
		"plugin 'health': option live = \"up\": expected a path such as /live");
	assert_refused(
		&cruet_plugin_health, "ready=up",
		"plugin 'health': option ready = \"up\": expected a path such as /ready");
}
END_TEST

SUITE("health_replies", a_process_without_checks_is_ready,
      a_check_that_fails_is_503_without_a_reason, the_log_says_what_changed,
      detail_is_shown_if_it_may_be, who_has_the_token_sees_it,
      a_process_that_stops_is_not_ready, the_paths_are_options, mistakes_are_sentences)
