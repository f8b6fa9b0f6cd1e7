/* Sessions in a cookie: when it is set and what it says. */
#include "fixture.h"

#define LAX "; HttpOnly; Path=/; SameSite=Lax"

START_TEST(what_is_set_is_there_next_time)
{
	cruet_app *app;
	cruet_client *t = usual_site(&app, NULL);
	assert_says(t, "/a", "-1");
	assert_says(t, "/set", "set");
	ck_assert_str_eq(attributes(t), LAX);
	ck_assert_int_eq(strncmp(set_cookie(t),
				 "session=1d.eyJhIjoxLCJiIjoidHdvIn0.1795435200.", 46),
			 0);
	assert_says(t, "/a", "1");
	ck_assert_ptr_null(set_cookie(t));
	assert_says(t, "/all", "{\"a\":1,\"b\":\"two\"}\n");
	done(app, t);
}
END_TEST

START_TEST(only_who_touches_it_varies_by_cookie)
{
	cruet_app *app;
	cruet_client *t = usual_site(&app, NULL);
	assert_get(t, "/has", 200);
	ck_assert(varies(t));
	ck_assert_ptr_null(set_cookie(t));
	assert_get(t, "/set", 200);
	ck_assert(varies(t));
	assert_get(t, "/none", 200);
	ck_assert(!varies(t));
	ck_assert_ptr_null(set_cookie(t));
	assert_get(t, "/missing", 404);
	ck_assert(!varies(t));
	done(app, t);
}
END_TEST

static int h_vary(cruet_ctx *c)
{
	cruet_set_header(c, "Vary", "Accept");
	return h_a(c);
}

START_TEST(what_others_vary_by_stays)
{
	cruet_app *app = app_with(SECRET, NULL);
	cruet_get(app, "/vary", h_vary);
	cruet_client *t = client_of(app);
	assert_get(t, "/vary", 200);
	ck_assert_str_eq(cruet_client_header(t, "Vary"), "Accept");
	ck_assert(varies(t));
	done(app, t);
}
END_TEST

START_TEST(emptied_is_forgotten_by_the_browser)
{
	cruet_app *app;
	cruet_client *t = usual_site(&app, NULL);
	assert_get(t, "/set", 200);
	assert_get(t, "/clear", 200);
	ck_assert_str_eq(set_cookie(t),
			 "session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; "
			 "Max-Age=0; HttpOnly; Path=/; SameSite=Lax");
	ck_assert(varies(t));
	assert_says(t, "/a", "-1");
	done(app, t);
}
END_TEST

START_TEST(removing_what_is_not_there_changes_nothing)
{
	cruet_app *app;
	cruet_client *t = usual_site(&app, NULL);
	assert_get(t, "/pop", 200);
	ck_assert_ptr_null(set_cookie(t));
	assert_get(t, "/set", 200);
	assert_get(t, "/pop", 200);
	ck_assert_ptr_nonnull(set_cookie(t));
	assert_says(t, "/all", "{\"b\":\"two\"}\n");
	assert_get(t, "/pop", 200);
	ck_assert_ptr_null(set_cookie(t));
	done(app, t);
}
END_TEST

static int h_err(cruet_ctx *c)
{
	cruet_session_set_int(c, "a", 1);
	return cruet_fail(c, 400, "no");
}

static int h_boom(cruet_ctx *c)
{
	cruet_session_set_int(c, "a", 2);
	return CRUET_EIO;
}

static int h_redirect(cruet_ctx *c)
{
	cruet_session_set_int(c, "a", 3);
	return cruet_redirect(c, 0, "/a");
}

START_TEST(errors_and_redirects_keep_it_too)
{
	cruet_app *app = app_with(SECRET, NULL);
	usual_routes(app);
	cruet_get(app, "/err", h_err);
	cruet_get(app, "/boom", h_boom);
	cruet_get(app, "/redirect", h_redirect);
	cruet_client *t = client_of(app);
	assert_get(t, "/err", 400);
	ck_assert(varies(t));
	assert_says(t, "/a", "1");
	assert_get(t, "/boom", 500);
	assert_says(t, "/a", "2");
	assert_get(t, "/redirect", 302);
	ck_assert_int_eq(cruet_client_follow(t), 200);
	ck_assert_str_eq(cruet_client_body(t), "3");
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/set", NULL, NULL, 0), 200);
	assert_says(t, "/a", "1");
	done(app, t);
}
END_TEST

static int h_kinds(cruet_ctx *c)
{
	cruet_session_set_str(c, "s", "\xc3\xbc \"<");
	cruet_session_set_real(c, "r", 1.5);
	cruet_session_set_bool(c, "t", true);
	cruet_session_set_int(c, "i", INT64_MAX);
	cruet_session_set_str(c, "n", NULL);
	cruet_session_set_json(c, "null", NULL);
	cruet_json *o = cruet_object(c);
	cruet_push_int(cruet_put_array(o, "list"), 7);
	cruet_session_set_json(c, "o", o);
	cruet_session_set_str(c, "broken", "a\xff\xc3z");
	return cruet_text(c, "x");
}

static int h_kinds_read(cruet_ctx *c)
{
	return cruet_textf(
		c, "%s|%g|%d|%lld|%d|%s|%lld|%s", cruet_session_str(c, "s", "?"),
		cruet_session_real(c, "r", 0), cruet_session_bool(c, "t", false),
		(long long)cruet_session_int(c, "i", 0), cruet_session_has(c, "n"),
		cruet_session_str(c, "i", "not text"),
		(long long)cruet_json_int(cruet_json_first(cruet_json_get(
						  cruet_session_json(c, "o"), "list")),
					  0),
		cruet_session_str(c, "broken", "?"));
}

START_TEST(every_kind_of_value_comes_back)
{
	cruet_app *app = app_with(SECRET, NULL);
	cruet_get(app, "/w", h_kinds);
	cruet_get(app, "/r", h_kinds_read);
	cruet_client *t = client_of(app);
	assert_get(t, "/w", 200);
	assert_says(t, "/r",
		    "\xc3\xbc \"<|1.5|1|9223372036854775807|1|not text|7|"
		    "a\xef\xbf\xbd\xef\xbf\xbdz");
	done(app, t);
}
END_TEST

/* What was read stays readable after it was replaced, removed and cleared. */
static int h_hold(cruet_ctx *c)
{
	cruet_session_set_str(c, "k", "first");
	const char *first = cruet_session_str(c, "k", "");
	cruet_session_set_str(c, "k", "second");
	const char *second = cruet_session_str(c, "k", "");
	cruet_session_del(c, "k");
	cruet_session_set_str(c, "k", "third");
	const char *third = cruet_session_str(c, "k", "");
	cruet_session_clear(c);
	return cruet_textf(c, "%s %s %s %d", first, second, third,
			   cruet_session_has(c, "k"));
}

START_TEST(what_was_read_lives_as_long_as_the_request)
{
	cruet_app *app = app_with(SECRET, NULL);
	cruet_get(app, "/", h_hold);
	cruet_client *t = client_of(app);
	assert_says(t, "/", "first second third 0");
	done(app, t);
}
END_TEST

static int h_nest(cruet_ctx *c)
{
	cruet_session_set_json(c, "o", cruet_object(c));
	return cruet_text(c, "x");
}

static int h_inside(cruet_ctx *c)
{
	cruet_put_int((cruet_json *)cruet_json_get(cruet_session_data(c), "o"), "n", 5);
	return cruet_text(c, "x");
}

static int h_inside_said(cruet_ctx *c)
{
	cruet_session_modified(c);
	return h_inside(c);
}

START_TEST(a_change_in_place_counts_when_it_is_said)
{
	cruet_app *app = app_with(SECRET, NULL);
	usual_routes(app);
	cruet_get(app, "/nest", h_nest);
	cruet_get(app, "/inside", h_inside);
	cruet_get(app, "/said", h_inside_said);
	cruet_client *t = client_of(app);
	assert_get(t, "/nest", 200);
	assert_get(t, "/inside", 200);
	ck_assert_ptr_null(set_cookie(t));
	assert_says(t, "/all", "{\"o\":{}}\n");
	assert_get(t, "/said", 200);
	assert_says(t, "/all", "{\"o\":{\"n\":5}}\n");
	done(app, t);
}
END_TEST

/* --- permanent ------------------------------------------------------------------- */

static int h_unperm(cruet_ctx *c)
{
	cruet_session_permanent(c, false);
	return cruet_text(c, "x");
}

START_TEST(permanent_has_a_date_and_is_refreshed)
{
	cruet_app *app = app_with(SECRET, NULL);
	usual_routes(app);
	cruet_get(app, "/unperm", h_unperm);
	cruet_client *t = client_of(app);
	assert_get(t, "/perm", 200);
	ck_assert_str_eq(attributes(t), "; Expires=Thu, 24 Dec 2026 12:00:00 GMT; "
					"HttpOnly; Path=/; SameSite=Lax");
	cruet_clock_set(app, (NOON + 86400) * 1000);
	assert_get(t, "/none", 200);
	ck_assert_str_eq(attributes(t), "; Expires=Fri, 25 Dec 2026 12:00:00 GMT; "
					"HttpOnly; Path=/; SameSite=Lax");
	ck_assert(varies(t));
	assert_get(t, "/unperm", 200);
	ck_assert_str_eq(attributes(t), LAX);
	assert_get(t, "/none", 200);
	ck_assert_ptr_null(set_cookie(t));
	ck_assert(!varies(t));
	assert_says(t, "/a", "1");
	done(app, t);
}
END_TEST

START_TEST(without_refresh_only_changes_are_sent)
{
	cruet_app *app;
	cruet_client *t = usual_site(&app, "refresh=false\nlifetime=1h");
	assert_get(t, "/perm", 200);
	ck_assert_str_eq(attributes(t), "; Expires=Mon, 23 Nov 2026 13:00:00 GMT; "
					"HttpOnly; Path=/; SameSite=Lax");
	assert_get(t, "/none", 200);
	ck_assert_ptr_null(set_cookie(t));
	ck_assert(!varies(t));
	assert_says(t, "/a", "1");
	ck_assert_ptr_null(set_cookie(t));
	assert_get(t, "/set", 200);
	ck_assert_ptr_nonnull(strstr(attributes(t), "Expires="));
	done(app, t);
}
END_TEST

START_TEST(an_old_signature_is_an_empty_session)
{
	cruet_app *app;
	cruet_client *t = usual_site(&app, "lifetime=10s");
	assert_get(t, "/set", 200);
	cruet_clock_set(app, (NOON + 10) * 1000 + 999);
	assert_says(t, "/a", "1");
	cruet_clock_set(app, (NOON + 11) * 1000);
	assert_says(t, "/a", "-1");
	cruet_clock_set(app, (NOON - 60) * 1000);
	assert_says(t, "/a", "1");
	cruet_clock_set(app, (NOON - 61) * 1000);
	assert_says(t, "/a", "-1");
	done(app, t);
}
END_TEST

/* --- limits ------------------------------------------------------------------------- */

static int fill(cruet_ctx *c)
{
	size_t n = (size_t)cruet_query_int(c, "n", 0);
	char *text = cruet_alloc(c, n + 1);

	if (!text)
		return CRUET_ENOMEM;
	memset(text, 'x', n);
	cruet_session_set_str(c, "a", text);
	return cruet_text(c, "filled");
}

START_TEST(what_browsers_would_drop_is_refused)
{
	cruet_app *app = app_with(SECRET, NULL);
	usual_routes(app);
	cruet_get(app, "/fill", fill);
	cruet_client *t = client_of(app);
	assert_get(t, "/set", 200);
	assert_get(t, "/fill?n=3003", 500);
	assert_logged("the session makes a cookie of 4094 bytes, and browsers keep 4093: "
		      "keep less "
		      "in it, or set store = \"server\" with a plugin that provides "
		      "\"session_store/1\"");
	ck_assert_ptr_null(set_cookie(t));
	assert_says(t, "/a", "1");
	assert_get(t, "/fill?n=3002", 200);
	ck_assert_uint_eq(strcspn(set_cookie(t), ";"), 4093);
	assert_get(t, "/fill?n=100000", 500);
	done(app, t);
}
END_TEST

static int h_twice(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);
	cruet_put_int(o, "k", 1);
	cruet_put_int(o, "k", 2);
	cruet_session_set_json(c, "o", o);
	return cruet_text(c, "x");
}

START_TEST(what_could_not_be_read_again_is_refused)
{
	cruet_app *app = app_with(SECRET, NULL);
	usual_routes(app);
	cruet_get(app, "/twice", h_twice);
	cruet_client *t = client_of(app);
	assert_get(t, "/set", 200);
	assert_get(t, "/twice", 500);
	assert_logged("the session could not be read again: JSON, line 1, column ");
	assert_says(t, "/a", "1");
	done(app, t);
}
END_TEST

static int too_late(cruet_ctx *c)
{
	return cruet_session_set_int(c, "a", 9);
}

START_TEST(writing_after_it_was_saved_is_refused)
{
	cruet_app *app = keyed_app(SECRET);
	cruet_finish(app, too_late); /* finish-hooks run in reverse */
	cruet_use_static(app, &cruet_plugin_session, NULL);
	usual_routes(app);
	cruet_client *t = client_of(app);
	assert_get(t, "/set", 500);
	assert_logged(
		"the session cannot be written: it has been saved: write before or in an "
		"after-hook");
	done(app, t);
}
END_TEST

static ptrdiff_t body_of_session(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)self, (void)cap;
	int64_t a = cruet_session_int(c, "a", -1);
	if (cruet_err(c))
		return cruet_err(c);
	memcpy(buf, a == 1 ? "1" : "?", 1);
	return cruet_session_set_int(c, "a", 2);
}

static int stream_it(cruet_ctx *c)
{
	const cruet_source source = {.size = sizeof source, .length = -1, .pull = body_of_session};

	if (cruet_query(c, "read"))
		cruet_session_data(c);
	return cruet_stream(c, &source, NULL);
}

START_TEST(a_body_that_is_being_sent_neither_opens_nor_writes_it)
{
	cruet_app *app = app_with(SECRET, NULL);
	usual_routes(app);
	cruet_get(app, "/stream", stream_it);
	cruet_client *t = client_of(app);
	assert_get(t, "/set", 200);
	assert_get(t, "/stream", 200);
	ck_assert(cruet_client_broken(t));
	assert_logged("the session is asked for first when the reply has begun");
	logged[0] = '\0';
	assert_get(t, "/stream?read=1", 200);
	ck_assert(cruet_client_broken(t) && varies(t));
	assert_logged("the session cannot be written: ");
	assert_says(t, "/a", "1");
	done(app, t);
}
END_TEST

START_TEST(outside_of_a_request_it_is_empty)
{
	cruet_app *app = app_with(SECRET, NULL);
	cruet_client *t = client_of(app);
	cruet_ctx *c = cruet_open(app);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(cruet_session_int(c, "a", -1), -1);
	ck_assert_int_eq(cruet_session_set_int(c, "a", 1), 500);
	ck_assert_str_eq(cruet_err_text(c),
			 "the session cannot be written: there is no request here");
	cruet_close(c);
	done(app, t);
}
END_TEST

START_TEST(without_the_plugin_there_is_a_sentence)
{
	cruet_app *app = keyed_app(SECRET);
	usual_routes(app);
	cruet_client *t = client_of(app);
	cruet_ctx *c = cruet_open(app);
	ck_assert_int_lt(cruet_session_set_int(c, "a", 1), 0);
	ck_assert_str_eq(cruet_err_text(c),
			 "no plugin provides \"session/1\": add one to "
			 "cruet.json, such as \"session\"");
	cruet_close(c);
	done(app, t);
}
END_TEST

SUITE("session", what_is_set_is_there_next_time, only_who_touches_it_varies_by_cookie,
      what_others_vary_by_stays, emptied_is_forgotten_by_the_browser,
      removing_what_is_not_there_changes_nothing, errors_and_redirects_keep_it_too,
      every_kind_of_value_comes_back, what_was_read_lives_as_long_as_the_request,
      a_change_in_place_counts_when_it_is_said, permanent_has_a_date_and_is_refreshed,
      without_refresh_only_changes_are_sent, an_old_signature_is_an_empty_session,
      what_browsers_would_drop_is_refused, what_could_not_be_read_again_is_refused,
      writing_after_it_was_saved_is_refused,
      a_body_that_is_being_sent_neither_opens_nor_writes_it, outside_of_a_request_it_is_empty,
      without_the_plugin_there_is_a_sentence)
