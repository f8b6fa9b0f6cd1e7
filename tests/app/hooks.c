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
HOOK(encode_app)
HOOK(encode_inner)
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
	cruet_encode(app, encode_app);
	cruet_encode(inner, encode_inner);
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
			 "finish_inner finish_app encode_inner encode_app end_inner:none end_app2:none end_app:none");
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
				"encode_app end_app2:none end_app:none");
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

HOOK(match_app)
HOOK(match_outer)

static void dropped(void *p)
{
	mark(p);
}

static int whole_view(cruet_ctx *c)
{
	mark("view");
	cruet_after_this(c, after_this1);
	int err = cruet_defer(c, dropped, (void *)"dropped");
	return err ? err : cruet_text(c, "view");
}

START_TEST(the_order_of_a_request)
{
	trace[0] = '\0';
	cruet_app *app = cruet_new("test");
	cruet_app *outer = cruet_blueprint(app, "outer", "/outer");
	cruet_get(outer, "/", whole_view);
	cruet_before(outer, before_outer);
	cruet_on_match(outer, match_outer);
	cruet_after(outer, after_outer);
	cruet_teardown(app, end_app);
	cruet_finish(app, finish_app);
	cruet_after(app, after_app);
	cruet_before(app, before_app);
	cruet_on_match(app, match_app);
	cruet_listen(app, "request_started", heard, (void *)"started");
	cruet_listen(app, "request_finished", heard, (void *)"finished");
	cruet_client *t = client_of(app);
	assert_get(t, "/outer/", 200);
	ck_assert_str_eq(trace, "started match_app match_outer before_app before_outer view "
				"after_this1 after_outer after_app finish_app finished "
				"end_app:none dropped");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int refuses(cruet_ctx *c)
{
	mark("refuses");
	return cruet_fail(c, 403, "members only");
}
static int in_words(cruet_ctx *c)
{
	mark("in_words");
	return cruet_textf(c, "sorry: %s", cruet_err_text(c));
}

START_TEST(levels_whose_before_hooks_never_ran_have_their_after_hooks_all_the_same)
{
	cruet_app *app = nested();
	cruet_app *bp = cruet_blueprint(app, "late", "/late");
	cruet_before(bp, refuses);
	cruet_app *in = cruet_blueprint(bp, "in", "/in");
	cruet_before(in, before_inner);
	cruet_after(in, after_inner);
	cruet_teardown(in, end_inner);
	cruet_on_error(in, 403, in_words);
	cruet_get(in, "/", view);
	cruet_client *t = client_of(app);
	assert_get(t, "/late/in/", 403);
	assert_body(t, "sorry: members only");
	ck_assert_str_eq(trace, "before_app before_app2 refuses in_words after_inner after_app2 "
				"after_app finish_app encode_app end_inner:none end_app2:none end_app:none");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int registers_more(cruet_ctx *c)
{
	mark("more");
	return cruet_after_this(c, after_this2);
}
static int registers_early(cruet_ctx *c)
{
	mark("early");
	return cruet_after_this(c, registers_more);
}

START_TEST(after_this_may_be_said_by_any_hook)
{
	trace[0] = '\0';
	cruet_app *app = cruet_new("test");
	cruet_before(app, registers_early);
	cruet_get(app, "/", view);
	cruet_get(app, "/fails", fails);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	ck_assert_str_eq(trace, "early view more after_this1 after_this2 after_this2");
	trace[0] = '\0';
	assert_get(t, "/fails", 404);
	ck_assert_str_eq(trace, "early fails more after_this2");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int answers_again(cruet_ctx *c)
{
	mark("answers_again");
	return cruet_text(c, "from after");
}

START_TEST(an_after_hook_may_answer_and_the_others_run)
{
	trace[0] = '\0';
	cruet_app *app = cruet_new("test");
	cruet_after(app, after_app);
	cruet_after(app, answers_again);
	cruet_get(app, "/", view);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "from after");
	ck_assert_str_eq(trace, "view after_this1 after_this2 answers_again after_app");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static void end_meddles(cruet_ctx *c, int err)
{
	(void)err;
	mark("meddles");
	cruet_status(c, 500);
	cruet_set_header(c, "X-Late", "1");
	cruet_set_header(c, "X-Bad", "a\nb");
	(void)!cruet_text(c, "too late");
}

START_TEST(teardown_cannot_change_the_reply_nor_stop_the_others)
{
	trace[0] = '\0';
	cruet_app *app = cruet_new("test");
	cruet_log_to(app, keep_lines, NULL);
	cruet_teardown(app, end_app);
	cruet_teardown(app, end_meddles);
	cruet_get(app, "/", view);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "view");
	assert_no_header(t, "X-Late");
	assert_lines("ERROR test: [id] GET view: a teardown-hook failed: cruet_set_header: the "
		     "value of X-Bad holds a line break or another control character\n");
	ck_assert_str_eq(trace, "view after_this1 after_this2 meddles end_app:none");
	trace[0] = '\0';
	assert_get(t, "/", 200); /* nothing of it is left for the next */
	assert_no_header(t, "X-Late");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(options_and_redirects_run_the_hooks)
{
	cruet_app *app = nested();
	cruet_app *bp = cruet_blueprint(app, "dir", "/dir");
	cruet_before(bp, before_inner);
	cruet_add(bp, "GET", "/x/", view, "x", CRUET_HERE);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_send(t, "OPTIONS", "/dir/x/", NULL, NULL, 0), 200);
	ck_assert_str_eq(trace, "before_app before_app2 before_inner after_app2 after_app "
				"finish_app encode_app end_app2:none end_app:none");
	trace[0] = '\0';
	assert_get(t, "/dir/x", 308); /* no rule: the application's alone */
	ck_assert_str_eq(trace, "before_app before_app2 after_app2 after_app finish_app "
				"encode_app end_app2:none end_app:none");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

SUITE("hooks", before_goes_inwards_after_and_teardown_outwards,
      a_handled_failure_is_none_of_teardowns_business, teardown_hears_of_an_unexpected_error,
      no_rule_runs_the_hooks_of_the_application_alone,
      a_before_hook_that_answers_ends_the_chain_but_not_the_after_hooks,
      an_after_hook_sees_and_changes_the_reply, a_failing_after_hook_makes_a_500_once,
      events_are_told_in_order, the_order_of_a_request,
      levels_whose_before_hooks_never_ran_have_their_after_hooks_all_the_same,
      after_this_may_be_said_by_any_hook, an_after_hook_may_answer_and_the_others_run,
      teardown_cannot_change_the_reply_nor_stop_the_others, options_and_redirects_run_the_hooks)
