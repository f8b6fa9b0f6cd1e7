/* The default error pages, compared whole: HTML, problem details, text. */
#include "fixture.h"

static const char *message;
static int status;

static int fails(cruet_ctx *c)
{
	return cruet_fail(c, status, "%s", message);
}
static int bare(cruet_ctx *c)
{
	(void)c;
	return status;
}
static int varies(cruet_ctx *c)
{
	cruet_add_header(c, "Vary", "Cookie");
	return 404;
}
static int varies_by_accept(cruet_ctx *c)
{
	cruet_add_header(c, "Vary", "accept");
	return 404;
}

static cruet_app *app;
static cruet_client *t;

static void setup(void)
{
	app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	cruet_get(app, "/fails", fails);
	cruet_get(app, "/bare", bare);
	cruet_get(app, "/varies", varies);
	cruet_get(app, "/varies_by_accept", varies_by_accept);
	t = client_of(app);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* A failure of 418 with that message, asked for as accept. */
static void fail_with(const char *text, const char *accept)
{
	status = 418;
	message = text;
	if (accept)
		cruet_client_set_header(t, "Accept", accept);
	assert_get(t, "/fails", 418);
}

#define HTML(text)                                                                       \
	"<!doctype html>\n<html lang=en>\n<title>418 I'm a Teapot</title>\n"                \
	"<h1>I'm a Teapot</h1>\n<p>" text "</p>\n"
#define PROBLEM(text)                                                                    \
	"{\"type\":\"about:blank\",\"title\":\"I'm a Teapot\",\"status\":418,\"detail\":\"" text \
	"\"}\n"
#define PLAIN(text) "418 I'm a Teapot\n" text "\n"
#define USUAL       "The request could not be completed."

START_TEST(html_is_escaped_and_keeps_its_lines)
{
	setup();
	fail_with("no <b>\"tea\" & 'cake'\nat all\n", NULL);
	assert_header(t, "Content-Type", "text/html; charset=utf-8");
	assert_body(t, HTML("no &lt;b&gt;&#34;tea&#34; &amp; &#39;cake&#39;<br>at all<br>"));
	fail_with("", NULL);
	assert_body(t, HTML(""));
	teardown();
}
END_TEST

START_TEST(problem_details_are_json_whatever_was_said)
{
	setup();
	fail_with("\"\\\b\f\n\r\t\x01\x7f\xc3\xa4</script>", "application/problem+json");
	assert_header(t, "Content-Type", "application/problem+json");
	assert_body(t, PROBLEM("\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f\xc3\xa4"
			       "</script>"));
	ck_assert_str_eq(cruet_json_str(cruet_json_get(cruet_client_body_json(t), "detail"), ""),
			 message);
	teardown();
}
END_TEST

START_TEST(text_is_text)
{
	setup();
	fail_with("no <tea>\nat all", "text/plain");
	assert_header(t, "Content-Type", "text/plain; charset=utf-8");
	assert_body(t, PLAIN("no <tea>\nat all"));
	teardown();
}
END_TEST

START_TEST(what_is_no_utf8_is_not_shown)
{
	static const char latin[] = "gr\xfc\xdf gott";
	setup();
	fail_with(latin, NULL);
	assert_body(t, HTML(USUAL));
	fail_with(latin, "application/json");
	assert_body(t, PROBLEM(USUAL));
	fail_with(latin, "text/plain");
	assert_body(t, PLAIN(USUAL));
	fail_with("cut short \xc3", NULL);
	assert_body(t, HTML(USUAL));
	teardown();
}
END_TEST

START_TEST(accept_decides_and_the_page_says_so)
{
	static const struct {
		const char *accept, *type;
		bool vary;
	} cases[] = {
		{NULL, "text/html; charset=utf-8", false},
		{"*/*", "text/html; charset=utf-8", false},
		{"text/html", "text/html; charset=utf-8", true},
		{"text/*", "text/html; charset=utf-8", true},
		{"image/png", "text/html; charset=utf-8", true},
		{"", "text/html; charset=utf-8", true},
		{",;q", "text/html; charset=utf-8", true},
		{"application/json", "application/problem+json", true},
		{"application/problem+json", "application/problem+json", true},
		{"APPLICATION/JSON", "application/problem+json", true},
		{"application/*", "application/problem+json", true},
		{"text/plain", "text/plain; charset=utf-8", true},
		{"text/plain, */*;q=0.1", "text/plain; charset=utf-8", true},
		{"text/html;q=0.5, application/json", "application/problem+json", true},
		{"text/html, application/json", "text/html; charset=utf-8", true},
		{"text/html;q=0, application/json;q=0.1", "application/problem+json", true},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		 "text/html; charset=utf-8", true},
	};
	setup();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fail_with("no", cases[i].accept);
		assert_header(t, "Content-Type", cases[i].type);
		const char *vary = cruet_client_header(t, "Vary");
		ck_assert_msg(cases[i].vary ? vary && !strcmp(vary, "Accept") : !vary,
			      "Accept: %s: Vary is %s", cases[i].accept, vary ? vary : "missing");
	}
	teardown();
}
END_TEST

static size_t count(const char *name, const char *all[8])
{
	const char *n, *value;
	size_t found = 0;
	for (size_t i = 0; cruet_client_header_at(t, i, &n, &value); i++)
		if (!strcmp(n, name) && found < 8)
			all[found++] = value;
	return found;
}

START_TEST(vary_joins_what_was_said_before)
{
	const char *all[8];
	setup();
	cruet_client_set_header(t, "Accept", "text/plain");
	assert_get(t, "/varies", 404);
	ck_assert_uint_eq(count("Vary", all), 2);
	ck_assert_str_eq(all[0], "Cookie");
	ck_assert_str_eq(all[1], "Accept");
	cruet_client_set_header(t, "Accept", "text/plain");
	assert_get(t, "/varies_by_accept", 404);
	ck_assert_uint_eq(count("Vary", all), 1);
	teardown();
}
END_TEST

START_TEST(each_status_has_words_of_its_own)
{
	static const struct {
		int status;
		const char *page;
	} pages[] = {
		{400, "400 Bad Request\nThe server could not understand the request.\n"},
		{401, "401 Unauthorized\nThe server could not verify that you may see this page: log "
		      "in, or send the right credentials.\n"},
		{402, "402 Payment Required\n" USUAL "\n"},
		{403, "403 Forbidden\nYou don't have the permission to access the requested "
		      "resource.\n"},
		{404, "404 Not Found\nThe requested URL was not found on the server. If you entered "
		      "the URL manually please check your spelling and try again.\n"},
		{405, "405 Method Not Allowed\nThe method is not allowed for the requested URL.\n"},
		{408, "408 Request Timeout\nThe request did not arrive in time.\n"},
		{409, "409 Conflict\nThe request conflicts with what is there already.\n"},
		{410, "410 Gone\nThe requested URL is gone for good.\n"},
		{413, "413 Content Too Large\nThe data transmitted exceeds the limit.\n"},
		{415, "415 Unsupported Media Type\nThe server does not support the type of the data "
		      "transmitted.\n"},
		{422, "422 Unprocessable Content\nThe request was well-formed, but what it says does "
		      "not make sense.\n"},
		{429, "429 Too Many Requests\nToo many requests: try again later.\n"},
		{500, "500 Internal Server Error\nThe server met an unexpected error and could not "
		      "complete the request.\n"},
		{501, "501 Not Implemented\nThe server does not support what the request asks for.\n"},
		{503, "503 Service Unavailable\nThe server is temporarily unable to answer: try again "
		      "later.\n"},
		{504, "504 Gateway Timeout\nThe server waited too long for something that it "
		      "needs.\n"},
		{599, "599 Unknown\n" USUAL "\n"},
		{499, "499 Unknown\n" USUAL "\n"},
	};
	setup();
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		status = pages[i].status;
		cruet_client_set_header(t, "Accept", "text/plain");
		assert_get(t, "/bare", status);
		assert_body(t, pages[i].page);
	}
	teardown();
}
END_TEST

START_TEST(a_page_is_complete)
{
	const char *name, *value;
	char all[512] = "";
	setup();
	cruet_clock_set(app, 1000000000000);
	fail_with("no", NULL);
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s: %s\n", name, value);
	ck_assert_str_eq(all, "Content-Type: text/html; charset=utf-8\n"
			      "Content-Length: 95\n"
			      "X-Content-Type-Options: nosniff\n"
			      "Date: Sun, 09 Sep 2001 01:46:40 GMT\n");
	ck_assert_uint_eq(cruet_client_body_len(t), 95);
	teardown();
}
END_TEST

SUITE("pages", html_is_escaped_and_keeps_its_lines,
      problem_details_are_json_whatever_was_said, text_is_text, what_is_no_utf8_is_not_shown,
      accept_decides_and_the_page_says_so, vary_joins_what_was_said_before,
      each_status_has_words_of_its_own, a_page_is_complete)
