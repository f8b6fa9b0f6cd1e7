#include "fixture.h"

/* Every function that runs adds a word to this trace. */
static char trace[1024];

static void mark(const char *word)
{
	size_t n = strlen(trace);
	snprintf(trace + n, sizeof trace - n, "%s%s", n ? " " : "", word);
}

#define HOOK(name)                                                                       \
	static int name(cruet_ctx *c)                                                    \
	{                                                                                \
		(void)c;                                                                 \
		mark(#name);                                                             \
		return CRUET_OK;                                                         \
	}
#define END(name)                                                                        \
	static void name(cruet_ctx *c, int err)                                          \
	{                                                                                \
		(void)c;                                                                 \
		mark(err ? #name ":error" : #name ":none");                              \
	}

HOOK(before_app)
HOOK(before_app2)
HOOK(before_outer)
HOOK(before_inner)
HOOK(after_app)
HOOK(after_app2)
HOOK(after_outer)
HOOK(after_inner)
HOOK(after_this1)
HOOK(after_this2)
HOOK(finish_app)
HOOK(finish_inner)
END(end_app)
END(end_app2)
END(end_inner)

static int view(cruet_ctx *c)
{
	mark("view");
	cruet_after_this(c, after_this1);
	cruet_after_this(c, after_this2);
	return cruet_text(c, "view");
}

static int fails(cruet_ctx *c)
{
	mark("fails");
	return cruet_fail(c, 404, "nothing here");
}

static int breaks(cruet_ctx *c)
{
	(void)c;
	mark("breaks");
	return CRUET_EIO;
}

static cruet_app *nested(void)
{
	trace[0] = '\0';
	cruet_app *app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	cruet_before(app, before_app);
	cruet_app *outer = cruet_blueprint(app, "outer", "/outer");
	cruet_before(outer, before_outer);
	cruet_app *inner = cruet_blueprint(outer, "inner", "/inner");
	cruet_before(inner, before_inner);
	cruet_after(inner, after_inner);
	cruet_after(outer, after_outer);
	cruet_after(app, after_app);
	cruet_after(app, after_app2);
	cruet_before(app, before_app2);
	cruet_finish(app, finish_app);
	cruet_finish(inner, finish_inner);
	cruet_teardown(app, end_app);
	cruet_teardown(app, end_app2);
	cruet_teardown(inner, end_inner);
	cruet_get(inner, "/view", view);
	cruet_get(inner, "/fails", fails);
	cruet_get(inner, "/breaks", breaks);
	return app;
}

START_TEST(before_goes_inwards_after_and_teardown_outwards)
{
	cruet_app *app = nested();
	cruet_client *t = client_of(app);
	assert_get(t, "/outer/inner/view", 200);
	ck_assert_str_eq(trace,
			 "before_app before_app2 before_outer before_inner view "
			 "after_this1 after_this2 after_inner after_outer after_app2 after_app "
			 "finish_inner finish_app end_inner:none end_app2:none end_app:none");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_handled_failure_is_none_of_teardowns_business)
{
	cruet_app *app = nested();
	cruet_client *t = client_of(app);
	assert_get(t, "/outer/inner/fails", 404);
	ck_assert_ptr_nonnull(strstr(trace, "fails after_inner"));
	ck_assert_ptr_nonnull(strstr(trace, "end_app:none"));
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(teardown_hears_of_an_unexpected_error)
{
	cruet_app *app = nested();
	cruet_client *t = client_of(app);
	assert_get(t, "/outer/inner/breaks", 500);
	ck_assert_ptr_nonnull(strstr(trace, "breaks after_inner after_outer"));
	ck_assert_ptr_nonnull(strstr(trace, "end_inner:error end_app2:error end_app:error"));
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(no_rule_runs_the_hooks_of_the_application_alone)
{
	cruet_app *app = nested();
	cruet_client *t = client_of(app);
	assert_get(t, "/outer/inner/none", 404);
	ck_assert_str_eq(trace, "before_app before_app2 after_app2 after_app finish_app "
				"end_app2:none end_app:none");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int answers(cruet_ctx *c)
{
	mark("answers");
	return cruet_text(c, "early");
}

START_TEST(a_before_hook_that_answers_ends_the_chain_but_not_the_after_hooks)
{
	trace[0] = '\0';
	cruet_app *app = cruet_new("test");
	cruet_before(app, answers);
	cruet_before(app, before_app2);
	cruet_after(app, after_app);
	cruet_get(app, "/", view);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "early");
	ck_assert_str_eq(trace, "answers after_app");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int stamp(cruet_ctx *c)
{
	char len[24];
	size_t n;
	cruet_reply_body(c, &n);
	snprintf(len, sizeof len, "%zu", n);
	cruet_set_header(c, "X-Length", len);
	return cruet_set_header(c, "X-Status", cruet_reply_status(c) == 200 ? "fine" : "other");
}

START_TEST(an_after_hook_sees_and_changes_the_reply)
{
	cruet_app *app = cruet_new("test");
	cruet_after(app, stamp);
	cruet_get(app, "/", view);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	assert_header(t, "X-Length", "4");
	assert_header(t, "X-Status", "fine");
	assert_get(t, "/none", 404);
	assert_header(t, "X-Status", "other");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int after_fails(cruet_ctx *c)
{
	mark("after_fails");
	return cruet_fail(c, 418, "no");
}

START_TEST(a_failing_after_hook_makes_a_500_once)
{
	trace[0] = '\0';
	cruet_app *app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	cruet_after(app, after_fails);
	cruet_teardown(app, end_app);
	cruet_get(app, "/", view);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 500);
	ck_assert_str_eq(trace, "view after_this1 after_this2 after_fails after_this1 "
				"after_this2 after_fails end_app:error");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static void heard(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what;
	mark(arg);
}

START_TEST(events_are_told_in_order)
{
	trace[0] = '\0';
	cruet_app *app = cruet_new("test");
	cruet_listen(app, "request_started", heard, (void *)"started");
	cruet_listen(app, "request_finished", heard, (void *)"finished");
	cruet_listen(app, "app_started", heard, (void *)"up");
	cruet_listen(app, "app_stopping", heard, (void *)"down");
	cruet_before(app, before_app);
	cruet_teardown(app, end_app);
	cruet_get(app, "/", view);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	cruet_client_free(t);
	cruet_free(app);
	ck_assert_str_eq(trace, "up end_app:none started before_app view after_this1 after_this2 "
				"finished end_app:none down end_app:none");
}
END_TEST

static int deferred_order;
static void first_deferred(void *p)
{
	(void)p;
	ck_assert_int_eq(deferred_order++, 1);
}
static void last_deferred(void *p)
{
	(void)p;
	ck_assert_int_eq(deferred_order++, 0);
}

static int defers(cruet_ctx *c)
{
	int err = cruet_defer(c, first_deferred, NULL);
	if (!err)
		err = cruet_defer(c, last_deferred, NULL);
	return err ? err : cruet_text(c, "ok");
}

START_TEST(deferred_calls_run_last_first)
{
	cruet_app *app = cruet_new("test");
	cruet_get(app, "/", defers);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	ck_assert_int_eq(deferred_order, 2);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static const cruet_key word = {"test.word"};

static int put_word(cruet_ctx *c)
{
	return cruet_g_set(c, &word, cruet_strdup(c, "kept"), NULL);
}

static int say_word(cruet_ctx *c)
{
	const char *w = cruet_g_get(c, &word);
	return cruet_text(c, w ? w : "nothing");
}

START_TEST(g_lives_for_one_request)
{
	cruet_app *app = cruet_new("test");
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_before(bp, put_word);
	cruet_get(bp, "/", say_word);
	cruet_get(app, "/", say_word);
	cruet_client *t = client_of(app);
	assert_get(t, "/bp/", 200);
	assert_body(t, "kept");
	assert_get(t, "/", 200);
	assert_body(t, "nothing");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

SUITE("hooks", before_goes_inwards_after_and_teardown_outwards,
      a_handled_failure_is_none_of_teardowns_business, teardown_hears_of_an_unexpected_error,
      no_rule_runs_the_hooks_of_the_application_alone,
      a_before_hook_that_answers_ends_the_chain_but_not_the_after_hooks,
      an_after_hook_sees_and_changes_the_reply, a_failing_after_hook_makes_a_500_once,
      events_are_told_in_order, deferred_calls_run_last_first, g_lives_for_one_request)
