/* Failures of hooks and error handlers, and who hears of a failure. */
#include "failing.h"

/* --- hooks ---------------------------------------------------------------------------- */

static int tries_json(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_body_json(c));
	return CRUET_OK;
}
static int finds_no_failure(cruet_ctx *c)
{
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	return cruet_text(c, "clean");
}

START_TEST(a_failure_that_a_hook_got_over_is_not_the_handlers)
{
	cruet_app *app = app_of(finds_no_failure);
	cruet_before(app, tries_json);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 200);
	finish(app, t);
}
END_TEST

START_TEST(misuse_in_a_hook_is_a_500_too)
{
	cruet_app *app = app_of(reads_form);
	cruet_before(app, misuses_and_goes_on);
	cruet_client *t = client_of(app);
	handler_ran = false;
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 500);
	ck_assert(!handler_ran);
	assert_lines(LOG_SPLIT);
	finish(app, t);

	app = app_of(reads_form);
	cruet_after(app, misuses_and_goes_on);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 500);
	assert_lines(LOG_SPLIT "ERROR test: [id] POST page: an after-hook failed again while an "
				"error was answered: cruet_set_header: the value of X-Name holds a "
				"line break or another control character\n");
	finish(app, t);

	app = app_of(reads_form);
	cruet_finish(app, misuses_and_goes_on);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 500);
	assert_lines("ERROR test: [id] POST page: a finish-hook failed: cruet_set_header: the "
		      "value of X-Name holds a line break or another control character\n");
	finish(app, t);
}
END_TEST

START_TEST(whatever_an_after_hook_fails_with_is_a_500)
{
	cruet_app *app = app_of(reads_form);
	cruet_after(app, after_says_418);
	cruet_on_error(app, 418, reads_form);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 500);
	assert_contains(t, "<h1>Internal Server Error</h1>");
	ck_assert_ptr_null(strstr(cruet_client_body(t), "not today"));
	assert_lines("ERROR test: [id] GET page: 500: an after-hook failed with 418: not today\n"
		      "ERROR test: [id] GET page: an after-hook failed again while an error was "
		      "answered: not today\n");
	finish(app, t);
}
END_TEST

static int finish_marks(cruet_ctx *c)
{
	return cruet_set_header(c, "X-Finished", "yes");
}

START_TEST(a_finish_hook_that_fails_replaces_the_reply_and_the_others_run)
{
	cruet_app *app = app_of(reads_form);
	cruet_finish(app, finish_marks);
	cruet_finish(app, finish_busy); /* reversed: runs first */
	cruet_client *t = client_of(app);
	cruet_client_set_header(t, "Accept", "application/json");
	assert_get(t, "/", 503);
	assert_header(t, "X-Finished", "yes");
	assert_body(t, "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
		       "\"detail\":\"The server is temporarily unable to answer: try again "
		       "later.\"}\n");
	assert_lines("ERROR test: [id] GET page: a finish-hook failed: still in use\n");
	finish(app, t);
}
END_TEST

START_TEST(two_pages_of_one_request_vary_once)
{
	cruet_app *app = app_of(another_status);
	cruet_finish(app, finish_busy);
	cruet_client *t = client_of(app);
	const char *name, *value;
	int vary = 0;
	cruet_client_set_header(t, "Accept", "text/plain");
	assert_get(t, "/", 503);
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		vary += !strcmp(name, "Vary");
	ck_assert_int_eq(vary, 1);
	assert_body(t, "503 Service Unavailable\nThe server is temporarily unable to answer: try "
		       "again later.\n");
	finish(app, t);
}
END_TEST

/* --- error handlers ------------------------------------------------------------------- */

static int looks_around(cruet_ctx *c)
{
	ck_assert_int_eq(cruet_err(c), 415);
	ck_assert_ptr_null(cruet_json_parse(c, "[1,", 3));
	ck_assert_int_eq(cruet_err(c), 400);
	ck_assert_str_eq(cruet_err_text(c), "JSON, line 1, column 4: expected a value, found the end "
					    "of the text");
	cruet_err_clear(c);
	ck_assert_int_eq(cruet_err(c), 415);
	cruet_err_clear(c);
	ck_assert_int_eq(cruet_err_status(c), 415);
	return cruet_textf(c, "%s", cruet_err_text(c));
}
static int after_knows(cruet_ctx *c)
{
	char text[16];
	snprintf(text, sizeof text, "%d", cruet_err(c));
	return cruet_set_header(c, "X-Err", text);
}

START_TEST(a_handler_sees_the_failure_it_answers_and_those_it_meets)
{
	cruet_app *app = app_of(hands_it_on);
	cruet_on_error(app, 415, looks_around);
	cruet_after(app, after_knows);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 415);
	assert_body(t, "expected application/json, got text/plain");
	assert_header(t, "X-Err", "415");
	finish(app, t);
}
END_TEST

START_TEST(misuse_in_an_error_handler_is_a_500)
{
	cruet_app *app = app_of(another_status);
	cruet_on_error(app, 404, misuses_and_goes_on);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 500);
	assert_lines("ERROR test: [id] POST page: an error handler failed while it answered 404: "
		      "Not Found\n" LOG_SPLIT);
	finish(app, t);
}
END_TEST

START_TEST(each_failure_of_an_error_handler_is_logged)
{
	cruet_app *app = app_of(in_its_own_words);
	cruet_on_error(app, 401, fails_once_more);
	cruet_on_error(app, 500, fails_once_more);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 500);
	assert_contains(t, "<h1>Internal Server Error</h1>");
	assert_lines("ERROR test: [id] GET page: an error handler failed while it answered 401: "
		      "wrong name or password\n"
		      "ERROR test: [id] GET page: 500: an error handler failed with 403: while "
		      "answering 401\n"
		      "ERROR test: [id] GET page: an error handler failed while it answered 500: an "
		      "error handler failed with 403: while answering 401\n"
		      "ERROR test: [id] GET page: 500: an error handler failed with 403: while "
		      "answering 500\n");
	finish(app, t);
}
END_TEST

static int done_and_nothing(cruet_ctx *c)
{
	cruet_set_header(c, "X-Seen", "yes");
	return CRUET_DONE;
}

START_TEST(done_without_a_reply_is_a_mistake)
{
	ask(done_and_nothing, 500, "<h1>Internal Server Error</h1>",
	    "ERROR test: [id] POST page: 500: page returned CRUET_DONE without a reply: return "
	    "cruet_text(...) or cruet_empty(...)\n");

	cruet_app *app = app_of(reads_form);
	cruet_before(app, done_and_nothing);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 500);
	assert_lines("ERROR test: [id] GET page: 500: a before-hook returned CRUET_DONE without a "
		      "reply: return cruet_text(...) or cruet_empty(...)\n");
	finish(app, t);

	app = app_of(another_status);
	cruet_on_error(app, 404, done_and_nothing);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 500);
	assert_lines("ERROR test: [id] POST page: an error handler failed while it answered 404: "
		      "Not Found\n"
		      "ERROR test: [id] POST page: 500: an error handler returned CRUET_DONE "
		      "without a reply: return cruet_text(...) or cruet_empty(...)\n");
	finish(app, t);
}
END_TEST

/* --- who hears of it ------------------------------------------------------------------ */

static int heard_err, failed_events;

static void hears(cruet_ctx *c, int err)
{
	(void)c;
	heard_err = err;
}
static void counts(cruet_ctx *c, const void *what, void *arg)
{
	(void)what, (void)arg;
	ck_assert_int_ne(cruet_err(c), CRUET_OK);
	failed_events++;
}

/* What teardown and the event request_failed are told of handler, whose failure is
 * handled by on: a status, 0, a code, or none if 1. */
static void assert_heard(cruet_fn *handler, int on, const cruet_errtype *kind, cruet_fn *answer,
			 int err, int events)
{
	cruet_app *app = app_of(handler);
	cruet_teardown(app, hears);
	cruet_listen(app, "request_failed", counts, NULL);
	if (kind)
		cruet_on_kind(app, kind, answer);
	else if (answer)
		cruet_on_error(app, on, answer);
	cruet_client *t = client_of(app);
	heard_err = failed_events = 0;
	ck_assert_int_ge(cruet_client_get(t, "/"), 400);
	ck_assert_int_eq(heard_err, err);
	ck_assert_int_eq(failed_events, events);
	finish(app, t);
}

START_TEST(teardown_hears_of_what_nobody_foresaw)
{
	returned = CRUET_EIO;
	assert_heard(another_status, 0, NULL, NULL, CRUET_OK, 0);
	assert_heard(kind_after_text, 0, NULL, NULL, CRUET_OK, 0);
	assert_heard(returns_it, 0, NULL, NULL, CRUET_EIO, 1);
	assert_heard(raises_broken, 0, NULL, NULL, 500, 1);
	assert_heard(misuse, 0, NULL, NULL, CRUET_EINVAL, 1);
}
END_TEST

START_TEST(a_handler_of_its_own_makes_an_error_expected_a_page_for_500_does_not)
{
	returned = CRUET_EIO;
	assert_heard(returns_it, CRUET_EIO, NULL, reads_form, CRUET_OK, 1);
	assert_heard(returns_it, 500, NULL, reads_form, CRUET_EIO, 1);
	assert_heard(returns_it, 0, NULL, reads_form, CRUET_EIO, 1);
	assert_heard(raises_broken, 0, &broken_kind, reads_form, CRUET_OK, 1);
	assert_heard(raises_broken, 500, NULL, reads_form, 500, 1);
}
END_TEST

START_TEST(teardown_hears_of_an_error_handler_that_failed)
{
	returned = CRUET_EIO;
	assert_heard(another_status, 404, NULL, fails_once_more, CRUET_ESTATE, 1);
	assert_heard(another_status, 404, NULL, returns_it, CRUET_EIO, 1);

	cruet_app *app = app_of(another_status); /* whoever answers then */
	cruet_teardown(app, hears);
	cruet_on_error(app, 404, returns_it);
	cruet_on_kind(app, NULL, reads_form);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 500);
	assert_body(t, "without x");
	ck_assert_int_eq(heard_err, CRUET_EIO);
	finish(app, t);
}
END_TEST

START_TEST(teardown_hears_of_a_hook_that_failed_after_the_reply)
{
	cruet_app *app = app_of(reads_form);
	cruet_teardown(app, hears);
	cruet_finish(app, finish_busy);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 503);
	ck_assert_int_eq(heard_err, CRUET_EBUSY);
	finish(app, t);

	app = app_of(reads_form);
	cruet_teardown(app, hears);
	cruet_after(app, after_says_418);
	cruet_on_error(app, 500, reads_form);
	t = client_of(app);
	assert_get(t, "/", 500);
	ck_assert_int_eq(heard_err, CRUET_ESTATE);
	finish(app, t);
}
END_TEST

SUITE("failing_hooks", a_failure_that_a_hook_got_over_is_not_the_handlers,
      misuse_in_a_hook_is_a_500_too, whatever_an_after_hook_fails_with_is_a_500,
      a_finish_hook_that_fails_replaces_the_reply_and_the_others_run,
      two_pages_of_one_request_vary_once,
      a_handler_sees_the_failure_it_answers_and_those_it_meets,
      misuse_in_an_error_handler_is_a_500, each_failure_of_an_error_handler_is_logged,
      done_without_a_reply_is_a_mistake, teardown_hears_of_what_nobody_foresaw,
      a_handler_of_its_own_makes_an_error_expected_a_page_for_500_does_not,
      teardown_hears_of_an_error_handler_that_failed,
      teardown_hears_of_a_hook_that_failed_after_the_reply)
