/* What a request remembers of what went wrong, and what covers it. */
#include "failing.h"

/* --- what covers a failure ------------------------------------------------------------ */

static int replies_all_the_same(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_body_json(c));
	ck_assert_int_eq(cruet_err(c), 415);
	ck_assert_int_eq(cruet_err_status(c), 415);
	ck_assert_str_eq(cruet_err_text(c), "expected application/json, got text/plain");
	ck_assert_ptr_null(cruet_err_kind(c));
	return cruet_text(c, "fine");
}

START_TEST(a_reply_covers_what_a_call_could_not_do)
{
	ask(replies_all_the_same, 200, "fine", "");
}
END_TEST

START_TEST(a_failure_that_is_handed_on_keeps_its_words)
{
	ask(hands_it_on, 415, "<p>expected application/json, got text/plain</p>", "");
}
END_TEST

START_TEST(the_status_that_is_returned_counts)
{
	ask(another_status, 404, "<p>The requested URL was not found on the server.", "");
}
END_TEST

static int first_is_kept(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_body_json(c));
	ck_assert_ptr_null(cruet_json_parse(c, "{", 1));
	ck_assert_int_eq(cruet_err(c), 415);
	return cruet_err(c);
}

START_TEST(what_a_call_records_does_not_replace_an_earlier_failure)
{
	ask(first_is_kept, 415, "got text/plain", "");
}
END_TEST

START_TEST(what_is_said_replaces_an_earlier_failure)
{
	ask(in_its_own_words, 401, "<p>wrong name or password</p>", "");
}
END_TEST

static int text_after_kind(cruet_ctx *c)
{
	int err = cruet_raise(c, &taken_kind, "users.name");
	err = cruet_fail(c, 409, "that name is taken");
	ck_assert_ptr_null(cruet_err_kind(c));
	return err;
}
static int took_kind(cruet_ctx *c)
{
	return cruet_textf(c, "kind %s: %s", cruet_err_kind(c)->name, cruet_err_text(c));
}

START_TEST(a_kind_replaces_words_and_words_replace_a_kind)
{
	cruet_app *app = app_of(kind_after_text);
	cruet_get(app, "/text", text_after_kind);
	cruet_on_kind(app, &taken_kind, took_kind);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 409);
	assert_body(t, "kind taken: users.name");
	assert_get(t, "/text", 409);
	assert_contains(t, "<p>that name is taken</p>");
	finish(app, t);
}
END_TEST

static int clears(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_body_json(c));
	cruet_err_clear(c);
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	ck_assert_int_eq(cruet_err_status(c), 0);
	ck_assert_str_eq(cruet_err_text(c), "");
	return cruet_text(c, "cleared");
}

START_TEST(a_failure_can_be_forgotten)
{
	ask(clears, 200, "cleared", "");
}
END_TEST

/* --- what nothing covers -------------------------------------------------------------- */

static const char split[] = "cruet_set_header: the value of X-Name holds a line break or another "
			    "control character";
static int misuse_then_fail(cruet_ctx *c)
{
	cruet_set_header(c, "X-Name", "a\nb");
	return cruet_fail(c, 404, "nothing here");
}
static int misuse_then_raise(cruet_ctx *c)
{
	cruet_set_header(c, "X-Name", "a\nb");
	return cruet_raise(c, &taken_kind, "taken");
}
static int misuse_after_failure(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_body_json(c));
	cruet_set_header(c, "X-Name", "a\nb");
	return cruet_text(c, "looks fine");
}
static int two_misuses(cruet_ctx *c)
{
	cruet_set_header(c, "X-Name", "a\nb");
	cruet_set_header(c, "", "a");
	ck_assert_str_eq(cruet_err_text(c), split);
	return cruet_text(c, "looks fine");
}

START_TEST(misuse_is_a_500_whatever_comes_after)
{
	static const char page[] = "<h1>Internal Server Error</h1>";
	ask(misuse, 500, page, LOG_SPLIT);
	ask(misuse_then_fail, 500, page, LOG_SPLIT);
	ask(misuse_then_raise, 500, page, LOG_SPLIT);
	ask(misuse_after_failure, 500, page, LOG_SPLIT);
	ask(two_misuses, 500, page, LOG_SPLIT);
}
END_TEST

static int forgiven(cruet_ctx *c)
{
	cruet_set_header(c, "X-Name", "a\nb");
	cruet_err_clear(c);
	return cruet_text(c, "on purpose");
}

START_TEST(misuse_can_be_forgotten_on_purpose)
{
	ask(forgiven, 200, "on purpose", "");
}
END_TEST

static int no_memory_after_failure(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_body_json(c));
	ck_assert_ptr_null(cruet_alloc(c, SIZE_MAX));
	ck_assert_int_eq(cruet_err(c), CRUET_ENOMEM);
	return cruet_text(c, "looks fine");
}

START_TEST(out_of_memory_takes_the_place_of_a_failure)
{
	ask(no_memory_after_failure, 500, "<h1>Internal Server Error</h1>",
	    "ERROR test: [id] POST page: 500: out of memory\n");
}
END_TEST

static int form_or_422(cruet_ctx *c)
{
	return cruet_form(c, "x") ? cruet_text(c, "with x") : cruet_fail(c, 422, "x is missing");
}
static int form_in_spite_of_it(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_form(c, "x"));
	ck_assert_int_eq(cruet_err(c), 413);
	cruet_err_clear(c);
	return cruet_text(c, "never mind");
}
static int looks_at_form(cruet_ctx *c)
{
	(void)cruet_form(c, "x");
	return CRUET_OK;
}

/* One field of 600,000 bytes, where 500,000 are taken. */
static void send_large_form(cruet_app *app, int status, const char *has)
{
	char *large = malloc(600001);
	memset(large, 'a', 600000);
	large[600000] = '\0';
	cruet_client *t = client_of(app);
	cruet_client_add_field(t, "x", large);
	ck_assert_int_eq(cruet_client_submit(t, "/"), status);
	assert_contains(t, has);
	free(large);
	finish(app, t);
}

START_TEST(a_form_that_was_not_read_is_never_answered_as_if_it_were)
{
	static const char sentence[] = "<p>the form is larger than 500000 bytes</p>";
	send_large_form(app_of(reads_form), 413, sentence);
	send_large_form(app_of(form_or_422), 413, sentence);
	send_large_form(app_of(form_in_spite_of_it), 200, "never mind");
}
END_TEST

START_TEST(a_hook_that_could_not_read_the_form_ends_the_request)
{
	cruet_app *app = app_of(reads_form);
	cruet_before(app, looks_at_form);
	handler_ran = false;
	send_large_form(app, 413, "larger than 500000 bytes");
	ck_assert(!handler_ran);
}
END_TEST

static int body_twice(cruet_ctx *c)
{
	size_t len = 1;
	ck_assert_ptr_null(cruet_body(c, &len));
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(cruet_err(c), 413);
	cruet_err_clear(c);
	ck_assert_ptr_null(cruet_body(c, &len));
	ck_assert_int_eq(cruet_err(c), 413);
	ck_assert_str_eq(cruet_err_text(c), "the body is larger than 4 bytes");
	return cruet_text(c, "looks fine");
}

START_TEST(a_body_that_was_not_read_fails_whoever_asks)
{
	cruet_app *app = app_of(body_twice);
	cruet_set(app, "server.body_max", "4");
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "12345"), 413);
	assert_header(t, "Content-Type", "text/html; charset=utf-8");
	finish(app, t);
}
END_TEST

/* --- numbers -------------------------------------------------------------------------- */

START_TEST(only_codes_and_statuses_are_failures)
{
	static const int odd[] = {3, 77, 200, 302, 399, 600, 1000};
	cruet_app *app = app_of(returns_it);
	cruet_client *t = client_of(app);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		char line[256];
		returned = odd[i];
		assert_get(t, "/", 500);
		snprintf(line, sizeof line,
			 "ERROR test: [id] GET page: 500: page returned %d: expected CRUET_OK, "
			 "CRUET_DONE, a status from 400 to 599 or a CRUET_E code\n",
			 odd[i]);
		assert_lines(line);
	}
	finish(app, t);
}
END_TEST

START_TEST(each_code_knows_its_status)
{
#define X(name, code, http, text) {code, http, text},
	static const struct {
		int code, http;
		const char *text;
	} codes[] = {CRUET_ERRORS(X)};
#undef X
	cruet_app *app = app_of(returns_it);
	cruet_client *t = client_of(app);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		char line[128];
		returned = codes[i].code;
		ck_assert_str_eq(cruet_strerror(returned), codes[i].text);
		assert_get(t, "/", codes[i].http);
		snprintf(line, sizeof line, "ERROR test: [id] GET page: %d: %s\n", codes[i].http,
			 codes[i].text);
		assert_lines(codes[i].http >= 500 ? line : "");
	}
	returned = -77;
	assert_get(t, "/", 500);
	assert_lines("ERROR test: [id] GET page: 500: unknown error\n");
	ck_assert_str_eq(cruet_strerror(CRUET_OK), "no error");
	ck_assert_str_eq(cruet_strerror(INT32_MIN), "unknown error");
	finish(app, t);
}
END_TEST

static int fails_with_200(cruet_ctx *c)
{
	ck_assert_int_eq(cruet_fail(c, 200, "fine?"), CRUET_EINVAL);
	return cruet_text(c, "looks fine");
}
static int raises_nothing(cruet_ctx *c)
{
	return cruet_raise(c, NULL, "what?");
}
START_TEST(what_is_no_failure_cannot_be_failed_with)
{
	ask(fails_with_200, 500, "Internal",
	    "ERROR test: [id] POST page: 500: cruet_fail: 200 is no error status: expected 400 to "
	    "599\n");
	ask(raises_nothing, 500, "Internal",
	    "ERROR test: [id] POST page: 500: cruet_raise: the kind is NULL\n");
	ask(raises_broken, 500, "Internal", "ERROR test: [id] POST page: 500: the pump\n");
}
END_TEST

/* --- headers of a failure ------------------------------------------------------------- */

static int slow_down(cruet_ctx *c)
{
	cruet_fail_header(c, "Retry-After", "30");
	return 429;
}
static int gets_over_it(cruet_ctx *c)
{
	cruet_fail_header(c, "Retry-After", "30");
	return cruet_text(c, "fine");
}

static int own_page(cruet_ctx *c)
{
	return cruet_text(c, "Slowly, please.");
}
static int own_delay(cruet_ctx *c)
{
	cruet_set_header(c, "retry-after", "5");
	return own_page(c);
}
static int leaves_it(cruet_ctx *c)
{
	(void)c;
	return CRUET_OK;
}
static int elsewhere(cruet_ctx *c)
{
	return cruet_redirect(c, 303, "/slow");
}
static int asks_twice(cruet_ctx *c)
{
	cruet_fail_header(c, "WWW-Authenticate", "Basic realm=\"a\"");
	cruet_fail_header(c, "WWW-Authenticate", "Bearer");
	return 401;
}

/* The reply to what fails, with a handler for that status, NULL: with none. */
static cruet_client *answered(cruet_fn *fails, int status, cruet_fn *handler, cruet_app **app)
{
	*app = app_of(fails);
	if (handler)
		cruet_on_error(*app, status, handler);
	cruet_client *t = client_of(*app);
	cruet_client_get(t, "/");
	return t;
}

static size_t times_of(const cruet_client *t, const char *wanted)
{
	const char *name, *value;
	size_t n = 0;

	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		n += !strcmp(name, wanted);
	return n;
}

START_TEST(headers_of_a_failure_go_with_its_reply)
{
	static const struct {
		cruet_fn *handler;
		int status;
		const char *delay;
	} cases[] = {{NULL, 429, "30"},	     {own_page, 429, "30"}, {own_delay, 429, "5"},
		     {leaves_it, 429, "30"}, {elsewhere, 303, NULL}};
	cruet_client *t;
	cruet_app *app;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		t = answered(slow_down, 429, cases[i].handler, &app);
		ck_assert_int_eq(cruet_client_status(t), cases[i].status);
		ck_assert_pstr_eq(cruet_client_header(t, "Retry-After"), cases[i].delay);
		finish(app, t);
	}
	t = answered(asks_twice, 401, own_page, &app);
	ck_assert_int_eq(cruet_client_status(t), 401);
	ck_assert_uint_eq(times_of(t, "WWW-Authenticate"), 2);
	finish(app, t);
}
END_TEST

START_TEST(headers_of_a_failure_go_with_no_other_reply)
{
	cruet_app *app;
	cruet_client *t;

	app = app_of(slow_down); /* the page is about another failure */
	cruet_on_error(app, 429, fails_once_more);
	t = client_of(app);
	assert_get(t, "/", 500);
	assert_no_header(t, "Retry-After");
	finish(app, t);

	app = app_of(gets_over_it);
	cruet_finish(app, finish_busy);
	t = client_of(app);
	assert_get(t, "/", 503);
	assert_no_header(t, "Retry-After");
	finish(app, t);
}
END_TEST

static int splits_by_header(cruet_ctx *c)
{
	ck_assert_int_eq(cruet_fail_header(c, "Retry-After", "1\r\nX: y"), CRUET_EINVAL);
	return 429;
}

START_TEST(headers_of_a_failure_cannot_split_the_reply)
{
	ask(splits_by_header, 500, "Internal",
	    "ERROR test: [id] POST page: 500: cruet_fail_header: no header that can be sent\n");
}
END_TEST

SUITE("failures", a_reply_covers_what_a_call_could_not_do,
      a_failure_that_is_handed_on_keeps_its_words, the_status_that_is_returned_counts,
      what_a_call_records_does_not_replace_an_earlier_failure,
      what_is_said_replaces_an_earlier_failure, a_kind_replaces_words_and_words_replace_a_kind,
      a_failure_can_be_forgotten, misuse_is_a_500_whatever_comes_after,
      misuse_can_be_forgotten_on_purpose, out_of_memory_takes_the_place_of_a_failure,
      a_form_that_was_not_read_is_never_answered_as_if_it_were,
      a_hook_that_could_not_read_the_form_ends_the_request,
      a_body_that_was_not_read_fails_whoever_asks, only_codes_and_statuses_are_failures,
      each_code_knows_its_status, what_is_no_failure_cannot_be_failed_with,
      headers_of_a_failure_go_with_its_reply, headers_of_a_failure_go_with_no_other_reply,
      headers_of_a_failure_cannot_split_the_reply)
