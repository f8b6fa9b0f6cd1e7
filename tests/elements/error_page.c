/* Whoever provides "error_page/1" says how errors look that nobody else answers. */
#include "elements.h"

#include <cruet/svc/error_page.h>

extern const cruet_plugin cruet_plugin_problem_page;

/* What it is told, and what it can see. */
static int shows_all(void *self, cruet_ctx *c, const cruet_error_info *e)
{
	size_t len;
	const char *host = cruet_header(c, "Host"), *query = cruet_query(c, "q");

	(void)self;
	cruet_body(c, &len);
	return cruet_textf(c, "%d|%s|%s|%s|%s|%s %s q=%s host=%s body=%zu", e->status,
			   e->reason, e->text, e->id ? e->id : "-",
			   e->accept ? e->accept : "-", cruet_method(c), cruet_path(c),
			   query ? query : "-", host ? host : "-", len);
}

/* Wrong in many ways; self says in which. */
static int wrong(void *self, cruet_ctx *c, const cruet_error_info *e)
{
	int r;

	(void)e;
	switch (*(const char *)self) {
	case 'n': /* nothing */
		return CRUET_OK;
	case 'd': /* done, it says */
		return CRUET_DONE;
	case 'f':
		return cruet_fail(c, 503, "no page today");
	case 'c':
		return CRUET_ENOMEM;
	default: /* another status than that of the error */
		r = cruet_status(c, 200);
		return r ? r : cruet_text(c, "all is well");
	}
}

static char kind_of_wrong[2] = "n";
static char first[] = "s", second[] = "s";
static const cruet_error_page telling = {.size = sizeof telling, .make = shows_all};
static const cruet_error_page wrong_page = {.size = sizeof wrong_page, .make = wrong};

GIVER(teller, CRUET_ERROR_PAGE, &telling, NULL);
GIVER(wrong_one, CRUET_ERROR_PAGE, &wrong_page, kind_of_wrong);
GIVER(page_a, CRUET_ERROR_PAGE, &wrong_page, first);
GIVER(page_b, CRUET_ERROR_PAGE, &telling, second);

static int busy(cruet_ctx *c)
{
	cruet_fail_header(c, "Retry-After", "120");
	return cruet_fail(c, 503, "Back at \"noon\" <soon>.\nReally.");
}
static int named(cruet_ctx *c)
{
	int err = cruet_set_request_id(c, "abc");
	return err ? err : CRUET_EIO;
}
static int own(cruet_ctx *c)
{
	return cruet_text(c, "a page of its own");
}
static int gone(cruet_ctx *c)
{
	(void)c;
	return 410;
}

static cruet_client *start(const cruet_plugin *p, const char *options, cruet_app **app)
{
	*app = new_app();
	cruet_use_static(*app, p, options);
	cruet_set(*app, "server.trusted_hosts", "localhost");
	cruet_get(*app, "/busy", busy);
	cruet_get(*app, "/named", named);
	cruet_get(*app, "/gone", gone);
	cruet_on_error(*app, 410, own);
	return client_of(*app);
}

START_TEST(problem_details_for_everybody)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_problem_page, NULL, &app);

	cruet_client_set_header(t, "Accept", "text/html");
	assert_get(t, "/none", 404);
	assert_header(t, "Content-Type", "application/problem+json");
	assert_body(t,
		    "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
		    "\"detail\":\"The requested URL was not found on the server. If you "
		    "entered the URL manually please check your spelling and try "
		    "again.\"}\n");
	assert_header(t, "Vary", "");
	assert_get(t, "/busy", 503);
	assert_body(t, "{\"type\":\"about:blank\",\"title\":\"Service "
		       "Unavailable\",\"status\":503,"
		       "\"detail\":\"Back at \\\"noon\\\" <soon>.\\nReally.\"}\n");
	done(app, t);
	t = start(&cruet_plugin_problem_page, "types=https://example.com/errors/", &app);
	assert_get(t, "/named", 500);
	assert_body(
		t,
		"{\"type\":\"https://example.com/errors/500\",\"title\":\"Internal "
		"Server "
		"Error\",\"status\":500,\"detail\":\"The server met an unexpected error "
		"and "
		"could not complete the request.\",\"instance\":\"urn:request:abc\"}\n");
	done(app, t);
}
END_TEST

START_TEST(headers_of_the_failure_are_sent_too)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_problem_page, NULL, &app);

	assert_get(t, "/busy", 503);
	assert_header(t, "Retry-After", "120");
	ck_assert_int_eq(cruet_client_post(t, "/busy", "text/plain", "x"), 405);
	assert_header(t, "Allow", "GET, HEAD, OPTIONS");
	done(app, t);
}
END_TEST

START_TEST(it_is_told_what_the_client_may_know)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_teller, NULL, &app);

	cruet_client_set_header(t, "Accept", "text/x");
	assert_get(t, "/named?q=1", 500);
	assert_body(
		t,
		"500|Internal Server Error|The server met an unexpected error and could "
		"not "
		"complete the request.|abc|text/x|GET /named q=1 host=localhost body=0");
	done(app, t);
}
END_TEST

START_TEST(of_a_request_that_was_refused_it_sees_nothing)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_teller, NULL, &app);

	cruet_client_set_header(t, "Host", "elsewhere.example");
	ck_assert_int_eq(cruet_client_post(t, "/busy?q=1", "text/plain", "hello"), 400);
	assert_body(
		t,
		"400|Bad Request|this host is not one of those that are served here|-|-| "
		" q=- host=- body=0");
	ck_assert_str_eq(logged, "");
	done(app, t);
}
END_TEST

START_TEST(error_handlers_go_first)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_teller, NULL, &app);

	assert_get(t, "/gone", 410);
	assert_body(t, "a page of its own");
	done(app, t);
}
END_TEST

static void assert_usual(char how, const char *line)
{
	cruet_app *app;

	*kind_of_wrong = how;
	cruet_client *t = start(&cruet_plugin_wrong_one, NULL, &app);
	assert_get(t, "/none", 404);
	assert_contains(t, "<h1>Not Found</h1>");
	ck_assert_str_eq(logged, line);
	done(app, t);
}

START_TEST(where_it_makes_none_the_usual_one_is_sent)
{
	assert_usual('n',
		     "test: [100000001] GET /none: 'wrong_one' made no page for 404: it "
		     "prepared none\n");
	assert_usual('d',
		     "test: [100000001] GET /none: 'wrong_one' made no page for 404: it "
		     "prepared none\n");
	assert_usual(
		'f',
		"test: [100000001] GET /none: 'wrong_one' made no page for 404: no page "
		"today\n");
	assert_usual(
		'c',
		"test: [100000001] GET /none: 'wrong_one' made no page for 404: out of "
		"memory\n");
}
END_TEST

START_TEST(the_status_is_that_of_the_error)
{
	cruet_app *app;

	*kind_of_wrong = 's';
	cruet_client *t = start(&cruet_plugin_wrong_one, NULL, &app);
	assert_get(t, "/none", 404);
	assert_body(t, "all is well");
	done(app, t);
}
END_TEST

START_TEST(two_of_them_must_be_told_apart)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_page_a, NULL);
	cruet_use_static(app, &cruet_plugin_page_b, NULL);
	assert_no_start(
		app,
		"both 'page_a' and 'page_b' provide service \"error_page/1\", of which "
		"there is one: choose with \"bind\": {\"error_page/1\": \"page_a\"}");
	app = new_app();
	cruet_set(app, "bind.error_page/1", "page_b");
	cruet_use_static(app, &cruet_plugin_page_a, NULL);
	cruet_use_static(app, &cruet_plugin_page_b, NULL);
	cruet_client *t = client_of(app);
	assert_get(t, "/none", 404);
	assert_contains(t, "404|Not Found|");
	done(app, t);
}
END_TEST

SUITE("elements_error_page", problem_details_for_everybody,
      headers_of_the_failure_are_sent_too, it_is_told_what_the_client_may_know,
      of_a_request_that_was_refused_it_sees_nothing, error_handlers_go_first,
      where_it_makes_none_the_usual_one_is_sent, the_status_is_that_of_the_error,
      two_of_them_must_be_told_apart)
