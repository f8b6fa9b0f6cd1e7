#include "fixture.h"

static const cruet_errtype base_kind = {sizeof base_kind, 500, "base", NULL};
static const cruet_errtype derived_kind = {sizeof derived_kind, 500, "derived", &base_kind};
static const cruet_errtype taken_kind = {sizeof taken_kind, 409, "taken", NULL};

static int not_there(cruet_ctx *c)
{
	return cruet_fail(c, 404, "no note %d", 7);
}
static int bare(cruet_ctx *c)
{
	(void)c;
	return 403;
}
static int derived(cruet_ctx *c)
{
	return cruet_raise(c, &derived_kind, "secret detail");
}
static int taken(cruet_ctx *c)
{
	return cruet_raise(c, &taken_kind, "UNIQUE constraint failed: users.name");
}
static int io(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}
static int silent(cruet_ctx *c)
{
	(void)c;
	return CRUET_OK;
}
static int odd(cruet_ctx *c)
{
	(void)c;
	return 77;
}
static int no_memory(cruet_ctx *c)
{
	cruet_alloc(c, SIZE_MAX);
	return cruet_text(c, "looks fine");
}

#define SAYS(name)                                                                       \
	static int name(cruet_ctx *c)                                                    \
	{                                                                                \
		return cruet_text(c, #name);                                             \
	}
SAYS(says_404)
SAYS(says_any_status)
SAYS(says_base)
SAYS(says_derived)
SAYS(says_anything)
SAYS(says_500)
SAYS(says_409)

static cruet_app *failing_app(cruet_app **bp)
{
	cruet_app *app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	*bp = cruet_blueprint(app, "bp", "/bp");
	cruet_get(*bp, "/not_there", not_there);
	cruet_get(*bp, "/derived", derived);
	cruet_get(*bp, "/taken", taken);
	cruet_get(*bp, "/io", io);
	cruet_get(app, "/not_there", not_there);
	cruet_get(app, "/bare", bare);
	cruet_get(app, "/derived", derived);
	cruet_get(app, "/taken", taken);
	cruet_get(app, "/silent", silent);
	cruet_get(app, "/odd", odd);
	cruet_get(app, "/no_memory", no_memory);
	return app;
}

static void ask(cruet_app *app, const char *path, int status, const char *body)
{
	cruet_client *t = client_of(app);
	assert_get(t, path, status);
	assert_body(t, body);
	cruet_client_free(t);
	cruet_free(app);
}

START_TEST(default_page_is_html_and_escaped)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_client *t = client_of(app);
	assert_get(t, "/not_there", 404);
	assert_header(t, "Content-Type", "text/html; charset=utf-8");
	assert_body(t, "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n"
		       "<h1>Not Found</h1>\n<p>no note 7</p>\n");
	assert_no_header(t, "Vary");
	assert_get(t, "/bare", 403);
	assert_contains(t, "<h1>Forbidden</h1>");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(problem_details_for_who_wants_json)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_client *t = client_of(app);
	cruet_client_set_header(t, "Accept", "application/json");
	assert_get(t, "/not_there", 404);
	assert_header(t, "Content-Type", "application/problem+json");
	assert_header(t, "Vary", "Accept");
	assert_body(t, "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
		       "\"detail\":\"no note 7\"}\n");
	cruet_client_set_header(t, "Accept", "text/plain, text/html;q=0.5");
	assert_get(t, "/not_there", 404);
	assert_header(t, "Content-Type", "text/plain; charset=utf-8");
	cruet_client_set_header(t, "Accept", "*/*");
	assert_get(t, "/not_there", 404);
	assert_header(t, "Content-Type", "text/html; charset=utf-8");
	assert_no_header(t, "Vary");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(what_was_not_meant_for_the_client_stays_inside)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_client *t = client_of(app);
	assert_get(t, "/derived", 500);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "secret"));
	assert_get(t, "/taken", 409);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "users.name"));
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_handler_keeps_the_status_unless_it_sets_one)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 404, says_404);
	ask(app, "/not_there", 404, "says_404");
}
END_TEST

START_TEST(a_status_beats_catch_alls_further_in)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 404, says_404);
	cruet_on_error(bp, 0, says_any_status);
	cruet_on_kind(bp, NULL, says_anything);
	ask(app, "/bp/not_there", 404, "says_404");
}
END_TEST

START_TEST(catch_alls_go_outwards)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 0, says_any_status);
	cruet_on_kind(bp, NULL, says_anything);
	ask(app, "/bp/not_there", 404, "says_anything");
}
END_TEST

START_TEST(the_parent_kind_further_in_beats_the_kind_further_out)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_kind(app, &derived_kind, says_derived);
	cruet_on_kind(bp, &base_kind, says_base);
	ask(app, "/bp/derived", 500, "says_base");
}
END_TEST

START_TEST(the_nearest_kind_wins_in_one_scope)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_kind(app, &base_kind, says_base);
	cruet_on_kind(app, &derived_kind, says_derived);
	ask(app, "/derived", 500, "says_derived");
}
END_TEST

START_TEST(an_unexpected_error_is_a_500_for_those_who_take_500)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 500, says_500);
	ask(app, "/bp/io", 500, "says_500");
}
END_TEST

START_TEST(a_code_has_a_handler_of_its_own)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 500, says_500);
	cruet_on_error(app, CRUET_EIO, says_base);
	ask(app, "/bp/io", 500, "says_base");
}
END_TEST

START_TEST(a_kind_with_a_status_is_taken_by_that_status)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 409, says_409);
	ask(app, "/bp/taken", 409, "says_409");
}
END_TEST

START_TEST(the_later_of_two_handlers_wins)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 404, says_base);
	cruet_on_error(app, 404, says_404);
	ask(app, "/not_there", 404, "says_404");
}
END_TEST

START_TEST(routing_failures_under_a_prefix_belong_to_the_application)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(bp, 404, says_base);
	cruet_on_error(app, 404, says_404);
	ask(app, "/bp/none", 404, "says_404");
}
END_TEST

static int handler_breaks(cruet_ctx *c)
{
	return cruet_fail(c, 403, "in the handler");
}

START_TEST(a_handler_that_fails_makes_a_500)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 404, handler_breaks);
	cruet_on_error(app, 403, says_base);
	cruet_on_error(app, 500, says_500);
	ask(app, "/not_there", 500, "says_500");
}
END_TEST

START_TEST(a_500_handler_that_fails_leaves_the_default_page)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 500, handler_breaks);
	cruet_client *t = client_of(app);
	assert_get(t, "/derived", 500);
	assert_contains(t, "<h1>Internal Server Error</h1>");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int passes_on(cruet_ctx *c)
{
	(void)c;
	return CRUET_OK;
}

START_TEST(a_handler_may_leave_it_to_the_default_page)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 404, passes_on);
	cruet_client *t = client_of(app);
	assert_get(t, "/not_there", 404);
	assert_contains(t, "no note 7");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(no_reply_and_odd_values_are_named_in_the_log)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_log_to(app, keep_lines, NULL);
	cruet_client *t = client_of(app);
	assert_get(t, "/silent", 500);
	assert_lines("ERROR test: [id] GET silent: 500: silent ended without a reply: return "
		      "cruet_text(...) or a failure\n");
	assert_get(t, "/odd", 500);
	assert_lines("ERROR test: [id] GET odd: 500: odd returned 77: expected CRUET_OK, "
		      "CRUET_DONE, a status from 400 to 599 or a CRUET_E code\n");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(out_of_memory_is_never_covered_by_a_reply)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_client *t = client_of(app);
	assert_get(t, "/no_memory", 500);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int with_header(cruet_ctx *c)
{
	cruet_set_header(c, "Retry-After", "30");
	cruet_set_header(c, "ETag", "\"x\"");
	return cruet_fail(c, 429, "slow down");
}

START_TEST(headers_set_before_a_failure_stay_but_those_of_the_body)
{
	cruet_app *app = cruet_new("test");
	cruet_get(app, "/", with_header);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 429);
	assert_header(t, "Retry-After", "30");
	assert_no_header(t, "ETag");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int only_posts(cruet_ctx *c)
{
	return cruet_text(c, "posted");
}

START_TEST(the_wrong_method_is_told_which_would_do)
{
	cruet_app *app = cruet_new("test");
	cruet_post(app, "/", only_posts);
	cruet_add(app, "DELETE", "/", only_posts, "removes", CRUET_HERE);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 405);
	assert_header(t, "Allow", "DELETE, OPTIONS, POST");
	ck_assert_int_eq(cruet_client_send(t, "OPTIONS", "/", NULL, NULL, 0), 200);
	assert_header(t, "Allow", "DELETE, OPTIONS, POST");
	assert_header(t, "Content-Length", "0");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* Who takes an error: for each, the handlers that are there, of the application
 * (app) and the blueprint (bp), and the one that answers. */
enum on { NOTHING, S404, S409, S500, ANY_STATUS, ANYTHING, BASE, DERIVED, TAKEN, CODE };

static void answer_on(cruet_app *scope, enum on what, cruet_fn *fn)
{
	switch (what) {
	case NOTHING:
		break;
	case S404:
		cruet_on_error(scope, 404, fn);
		break;
	case S409:
		cruet_on_error(scope, 409, fn);
		break;
	case S500:
		cruet_on_error(scope, 500, fn);
		break;
	case ANY_STATUS:
		cruet_on_error(scope, 0, fn);
		break;
	case ANYTHING:
		cruet_on_kind(scope, NULL, fn);
		break;
	case BASE:
		cruet_on_kind(scope, &base_kind, fn);
		break;
	case DERIVED:
		cruet_on_kind(scope, &derived_kind, fn);
		break;
	case TAKEN:
		cruet_on_kind(scope, &taken_kind, fn);
		break;
	case CODE:
		cruet_on_error(scope, CRUET_EIO, fn);
		break;
	}
}

SAYS(by_app)
SAYS(by_app2)
SAYS(by_bp)
SAYS(by_bp2)

START_TEST(the_order_in_which_handlers_are_asked)
{
	static const struct {
		const char *path;
		enum on app[2], bp[2];
		const char *by; /* "" is the default page */
	} cases[] = {
		/* an error with a status: that status, then 0, then whatever */
		{"not_there", {S404, ANY_STATUS}, {NOTHING}, "by_app"},
		{"not_there", {ANY_STATUS, S404}, {NOTHING}, "by_app2"},
		{"not_there", {ANYTHING, ANY_STATUS}, {NOTHING}, "by_app2"},
		{"not_there", {ANY_STATUS, ANYTHING}, {NOTHING}, "by_app"},
		{"not_there", {S404}, {ANY_STATUS, ANYTHING}, "by_app"},
		{"not_there", {S404}, {S404}, "by_bp"},
		{"not_there", {ANY_STATUS}, {ANYTHING}, "by_bp"},
		{"not_there", {S500, CODE}, {S409, BASE}, ""},
		/* a kind with a status: kind before status, both before catch-alls */
		{"taken", {S409}, {NOTHING}, "by_app"},
		{"taken", {S409, TAKEN}, {NOTHING}, "by_app2"},
		{"taken", {TAKEN, S409}, {NOTHING}, "by_app"},
		{"taken", {TAKEN}, {S409}, "by_bp"},
		{"taken", {TAKEN}, {ANY_STATUS, ANYTHING}, "by_app"},
		{"taken", {BASE, S500}, {NOTHING}, ""},
		/* a kind without one: the nearest kind, scope by scope */
		{"derived", {BASE, DERIVED}, {NOTHING}, "by_app2"},
		{"derived", {DERIVED, BASE}, {NOTHING}, "by_app"},
		{"derived", {DERIVED}, {BASE}, "by_bp"},
		{"derived", {DERIVED}, {ANYTHING}, "by_bp"},
		{"derived", {BASE, ANYTHING}, {NOTHING}, "by_app"},
		{"derived", {BASE}, {S500}, "by_app"},
		/* then as the 500 that it becomes */
		{"derived", {S500}, {NOTHING}, "by_app"},
		{"derived", {S500}, {ANY_STATUS}, "by_app"},
		{"derived", {ANY_STATUS}, {NOTHING}, "by_app"},
		{"derived", {ANYTHING}, {S500}, "by_app"},
		{"derived", {S404, TAKEN}, {S409, CODE}, ""},
		/* a code: itself, or whatever, or the 500 */
		{"io", {CODE, S500}, {NOTHING}, "by_app"},
		{"io", {ANYTHING, CODE}, {NOTHING}, "by_app2"},
		{"io", {CODE}, {S500}, "by_app"},
		{"io", {CODE}, {ANYTHING}, "by_bp"},
		{"io", {S500, ANY_STATUS}, {NOTHING}, "by_app"},
		{"io", {BASE, S404}, {NOTHING}, ""},
		/* of two for the same the later */
		{"io", {CODE, CODE}, {NOTHING}, "by_app2"},
		{"not_there", {S404}, {S404, S404}, "by_bp2"},
		{"derived", {ANYTHING, ANYTHING}, {NOTHING}, "by_app2"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cruet_app *bp, *app = failing_app(&bp);
		answer_on(app, cases[i].app[0], by_app);
		answer_on(app, cases[i].app[1], by_app2);
		answer_on(bp, cases[i].bp[0], by_bp);
		answer_on(bp, cases[i].bp[1], by_bp2);
		cruet_client *t = client_of(app);
		char path[32];
		snprintf(path, sizeof path, "/bp/%s", cases[i].path);
		cruet_client_get(t, path);
		const char *body = cruet_client_body(t);
		ck_assert_msg(!strcmp(*body == '<' ? "" : body, cases[i].by),
			      "case %zu, %s: '%s' answered, not '%s'", i, path, body, cases[i].by);
		cruet_client_free(t);
		cruet_free(app);
	}
}
END_TEST

static int says_more(cruet_ctx *c)
{
	cruet_status(c, 202);
	return cruet_textf(c, "%s in %s", cruet_err_text(c),
			   cruet_scope(c) == cruet_outermost(cruet_scope(c)) ? "app" : "bp");
}

START_TEST(a_handler_may_set_another_status_and_runs_in_its_own_scope)
{
	cruet_app *bp, *app = failing_app(&bp);
	cruet_on_error(app, 404, says_more);
	cruet_on_error(bp, 409, says_more);
	cruet_client *t = client_of(app);
	assert_get(t, "/bp/not_there", 202);
	assert_body(t, "no note 7 in app");
	assert_get(t, "/bp/taken", 202);
	assert_body(t, "UNIQUE constraint failed: users.name in bp");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

SUITE("errors", the_order_in_which_handlers_are_asked,
      a_handler_may_set_another_status_and_runs_in_its_own_scope,
      default_page_is_html_and_escaped, problem_details_for_who_wants_json,
      what_was_not_meant_for_the_client_stays_inside,
      a_handler_keeps_the_status_unless_it_sets_one, a_status_beats_catch_alls_further_in,
      catch_alls_go_outwards, the_parent_kind_further_in_beats_the_kind_further_out,
      the_nearest_kind_wins_in_one_scope, an_unexpected_error_is_a_500_for_those_who_take_500,
      a_code_has_a_handler_of_its_own, a_kind_with_a_status_is_taken_by_that_status,
      the_later_of_two_handlers_wins, routing_failures_under_a_prefix_belong_to_the_application,
      a_handler_that_fails_makes_a_500, a_500_handler_that_fails_leaves_the_default_page,
      a_handler_may_leave_it_to_the_default_page, no_reply_and_odd_values_are_named_in_the_log,
      out_of_memory_is_never_covered_by_a_reply,
      headers_set_before_a_failure_stay_but_those_of_the_body,
      the_wrong_method_is_told_which_would_do)
