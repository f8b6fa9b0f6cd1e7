/* Checks: how they fail, when they run, what happens while one hangs. */
#include <pthread.h>
#include <time.h>
#include "fixture.h"

enum { PATIENCE_MS = 20000 };

static const char *reason_of(const char *name)
{
	const cruet_json *j = cruet_json_get(cruet_client_body_json(t), "checks");

	return cruet_json_str(cruet_json_get(cruet_json_get(j, name), "reason"), "");
}

static void fails_with(int what, const char *reason)
{
	says = what;
	assert_get(t, "/ready", 503);
	ck_assert_str_eq(reason_of("disk"), reason);
}

static int raises(cruet_ctx *c)
{
	static const cruet_errtype kind = {sizeof kind, 502, "far.away", NULL};

	return cruet_raise(c, &kind, "nobody answers");
}

static int misuses(cruet_ctx *c)
{
	cruet_set_header(c, "X", "a\nb"); /* a failure that stays */
	return CRUET_EINVAL;
}

START_TEST(a_check_fails_as_a_hook_does)
{
	prepare("keep=0\ndetail=true");
	cruet_health_check(app, "disk", 0, asks);
	start();
	fails_with(503, "the disk has 7 bytes left");
	fails_with(CRUET_EIO, "input or output failed");
	fails_with(500, "Internal Server Error");
	fails_with(CRUET_DONE, "it replied, or wants to answer later: a check returns "
			       "CRUET_OK or a failure");
	fails_with(CRUET_LATER, "it replied, or wants to answer later: a check returns "
				"CRUET_OK or a failure");
	says = CRUET_OK;
	assert_get(t, "/ready", 200);
	teardown();
}
END_TEST

START_TEST(one_that_fails_does_not_keep_others_from_running)
{
	prepare("keep=0\ndetail=true");
	cruet_health_check(app, "far", 0, raises);
	cruet_health_check(app, "wrong", 0, misuses);
	cruet_health_check(app, "disk", 0, asks);
	start();
	assert_get(t, "/ready", 503);
	ck_assert_str_eq(reason_of("far"), "nobody answers");
	ck_assert_ptr_nonnull(strstr(reason_of("wrong"), "line break"));
	ck_assert_int_eq(runs, 1);
	teardown();
}
END_TEST

START_TEST(a_result_counts_for_a_while)
{
	prepare("keep=10m\ndetail=true");
	cruet_health_check(app, "disk", 0, asks);
	start();
	assert_get(t, "/ready", 200);
	says = 503;
	for (int i = 0; i < 5; i++)
		assert_get(t, "/ready", 200);
	ck_assert_int_eq(runs, 1);
	teardown();
	prepare("keep=0");
	cruet_health_check(app, "disk", 0, asks);
	start();
	for (int i = 0; i < 5; i++)
		assert_get(t, "/ready", 200);
	ck_assert_int_eq(runs, 5);
	teardown();
}
END_TEST

static int slow(cruet_ctx *c)
{
	(void)c;
	nanosleep(&(struct timespec){0, 30000000}, NULL);
	return CRUET_OK;
}

START_TEST(one_that_takes_too_long_has_failed)
{
	prepare("keep=0\ntimeout=10ms\ndetail=true");
	cruet_health_check(app, "slow", 0, slow);
	cruet_health_check(app, "patient", 600000, slow);
	start();
	assert_get(t, "/ready", 503);
	ck_assert_ptr_nonnull(strstr(reason_of("slow"), " ms, more than 10 ms"));
	ck_assert_str_eq(reason_of("patient"), "");
	teardown();
}
END_TEST

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static bool hanging, go;
static int hung;

static int hangs(cruet_ctx *c)
{
	(void)c;
	pthread_mutex_lock(&lock);
	hung++;
	hanging = true;
	pthread_cond_broadcast(&change);
	while (!go)
		pthread_cond_wait(&change, &lock);
	pthread_mutex_unlock(&lock);
	return CRUET_OK;
}

static void *asks_beside(void *arg)
{
	cruet_client *other = cruet_client_new(app);
	int *status = arg;

	*status = cruet_client_get(other, "/ready");
	cruet_client_free(other);
	return NULL;
}

START_TEST(one_that_hangs_holds_up_nobody_else)
{
	pthread_t id;
	int status = 0;
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PATIENCE_MS / 1000;
	prepare("keep=0\ntimeout=1ms\ndetail=true");
	cruet_health_check(app, "hangs", 0, hangs);
	start();
	ck_assert_int_eq(pthread_create(&id, NULL, asks_beside, &status), 0);
	pthread_mutex_lock(&lock);
	while (!hanging)
		pthread_cond_wait(&change, &lock);
	pthread_mutex_unlock(&lock);
	/* At first it may just have begun. */
	do {
		struct timespec now;
		assert_get(t, "/ready", 503);
		clock_gettime(CLOCK_MONOTONIC, &now);
		ck_assert_int_lt(now.tv_sec, end.tv_sec);
	} while (!strcmp(reason_of("hangs"), "it is running for the first time"));
	ck_assert_ptr_nonnull(strstr(reason_of("hangs"), "it has been running for "));
	ck_assert_ptr_nonnull(strstr(reason_of("hangs"), " ms, more than 1 ms"));
	pthread_mutex_lock(&lock);
	ck_assert_int_eq(hung, 1); /* it was not begun again */
	go = true;
	pthread_cond_broadcast(&change);
	pthread_mutex_unlock(&lock);
	pthread_join(id, NULL);
	ck_assert_int_eq(status, 503); /* it took too long */
	teardown();
}
END_TEST

START_TEST(a_check_belongs_to_its_scope)
{
	prepare("keep=10m\ndetail=true");
	cruet_health_check(app, "same", 0, asks);
	cruet_health_check(cruet_blueprint(app, "bp", "/bp"), "same", 0, raises);
	start();
	assert_get(t, "/ready", 503);
	ck_assert_int_eq(runs, 1);
	teardown();
}
END_TEST

START_TEST(there_may_be_many_and_old_ones_make_room)
{
	char name[16];

	prepare("keep=0\ndetail=true");
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "c%d", i);
		cruet_health_check(app, name, 0, asks);
	}
	start();
	assert_get(t, "/ready", 200);
	assert_get(t, "/ready", 200);
	ck_assert_int_eq(runs, 400);
	teardown();
}
END_TEST

START_TEST(without_a_name_it_is_called_like_its_owner)
{
	prepare("detail=true");
	cruet_health_check(app, NULL, 0, raises);
	start();
	assert_get(t, "/ready", 503);
	ck_assert_str_eq(reason_of("test"), "nobody answers");
	teardown();
}
END_TEST

START_TEST(without_the_plugin_nothing_runs)
{
	app = new_app();
	cruet_health_check(app, "disk", 0, asks);
	start();
	assert_get(t, "/ready", 404);
	ck_assert_int_eq(runs, 0);
	teardown();
}
END_TEST

static void refused(const char *name, cruet_fn *fn)
{
	char want[256];

	app = new_app();
	ck_assert_int_eq(cruet_health_check(app, name, 0, fn), CRUET_EINVAL);
	snprintf(want, sizeof want,
		 "cruet_health_check: '%s': expected a name of 1 to 63 letters, digits, "
		 "'_', '-' "
		 "and '.', and a function",
		 name);
	ck_assert_str_eq(cruet_problem(app), want);
	cruet_free(app);
}

START_TEST(mistakes_are_sentences)
{
	ck_assert_int_eq(cruet_health_check(NULL, "x", 0, asks), CRUET_EINVAL);
	refused("", asks);
	refused("a b", asks);
	refused("a\"b", asks);
	refused("x234567890123456789012345678901234567890123456789012345678901234", asks);
	refused("disk", NULL);
}
END_TEST

SUITE("health_checks", a_check_fails_as_a_hook_does,
      one_that_fails_does_not_keep_others_from_running, a_result_counts_for_a_while,
      one_that_takes_too_long_has_failed, one_that_hangs_holds_up_nobody_else,
      a_check_belongs_to_its_scope, there_may_be_many_and_old_ones_make_room,
      without_a_name_it_is_called_like_its_owner, without_the_plugin_nothing_runs,
      mistakes_are_sentences)
