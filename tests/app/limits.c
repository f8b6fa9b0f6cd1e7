/* What is too large or malformed gets its status and its sentence, and costs no more
 * than it should. */
#include "fixture.h"

#include <time.h>

static cruet_app *app;
static cruet_client *t;

static int reads_query(cruet_ctx *c)
{
	const char *v = cruet_query(c, "last");
	return v ? cruet_text(c, v) : cruet_text(c, "none");
}
static int reads_form(cruet_ctx *c)
{
	const char *v = cruet_form(c, "last");
	return cruet_text(c, v ? v : "none");
}
static int reads_cookie(cruet_ctx *c)
{
	const char *first = cruet_cookie(c, "c0"), *last = cruet_cookie(c, "last");
	return cruet_textf(c, "%s %s", first ? first : "none", last ? last : "none");
}
static int reads_json(cruet_ctx *c)
{
	const cruet_json *j = cruet_body_json(c);
	return j ? cruet_textf(c, "%zu", cruet_json_len(j)) : cruet_err(c);
}
static int reads_body(cruet_ctx *c)
{
	size_t len;
	return cruet_body(c, &len) ? cruet_textf(c, "%zu", len) : cruet_err(c);
}
static int reads_nothing(cruet_ctx *c)
{
	return cruet_text(c, "unread");
}
static int reads_little(cruet_ctx *c)
{
	size_t len;
	cruet_limit_body(c, 10);
	return cruet_body(c, &len) ? cruet_textf(c, "%zu", len) : cruet_err(c);
}

static void setup(void)
{
	app = cruet_new("test");
	log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_get(app, "/query", reads_query);
	cruet_post(app, "/form", reads_form);
	cruet_get(app, "/cookie", reads_cookie);
	cruet_post(app, "/json", reads_json);
	cruet_post(app, "/body", reads_body);
	cruet_post(app, "/unread", reads_nothing);
	cruet_post(app, "/little", reads_little);
	cruet_add(app, "GET", "/<path:rest>", reads_nothing, "rest", CRUET_HERE);
	t = client_of(app);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* n times text, then last; to be freed. */
static char *many(const char *text, size_t n, const char *last)
{
	size_t len = strlen(text);
	char *all = malloc(n * len + strlen(last) + 1);
	for (size_t i = 0; i < n; i++)
		memcpy(all + i * len, text, len);
	strcpy(all + n * len, last);
	return all;
}

static void post(const char *path, const char *type, char *body, int status, const char *has)
{
	cruet_client_set_header(t, "Accept", "text/plain");
	ck_assert_int_eq(cruet_client_post(t, path, type, body), status);
	assert_contains(t, has);
	free(body);
}

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

/* --- forms ----------------------------------------------------------------------------------- */

START_TEST(a_form_may_be_half_a_megabyte)
{
	setup();
	post("/form", FORM, many("a", 500000 - 7, "&last=1"), 200, "1");
	post("/form", FORM, many("a", 500001 - 7, "&last=1"), 413,
	     "413 Content Too Large\nthe form is larger than 500000 bytes\n");
	teardown();
}
END_TEST

START_TEST(a_field_of_ten_megabytes_is_refused)
{
	setup();
	post("/form", FORM, many("0123456789", 1000000, "&last=1"), 413,
	     "the form is larger than 500000 bytes\n");
	teardown();
}
END_TEST

START_TEST(a_form_has_a_thousand_fields)
{
	setup();
	post("/form", FORM, many("a=1&", 999, "last=1"), 200, "1");
	post("/form", FORM, many("a=1&", 1000, "last=1"), 413,
	     "413 Content Too Large\nmore than 1000 form fields\n");
	post("/form", FORM, many("a&", 10000, "last=1"), 413, "more than 1000 form fields\n");
	post("/form", FORM, many("&", 10000, "last=1"), 200, "1"); /* nothing is no field */
	teardown();
}
END_TEST

START_TEST(limits_are_settings)
{
	app = cruet_new("test");
	cruet_set(app, "server.field_max", "10");
	cruet_set(app, "server.fields_max", "2");
	cruet_set(app, "server.cookies_max", "1");
	cruet_set(app, "server.json_depth", "2");
	cruet_set(app, "server.json_members", "3");
	cruet_set(app, "server.body_max", "20");
	cruet_post(app, "/form", reads_form);
	cruet_post(app, "/json", reads_json);
	cruet_post(app, "/body", reads_body);
	t = client_of(app);
	post("/form", FORM, many("a", 3, "&last=1"), 200, "1");
	post("/form", FORM, many("a", 4, "&last=1"), 413, "the form is larger than 10 bytes\n");
	post("/form", FORM, many("a&", 2, "b=1"), 413, "more than 2 form fields\n");
	post("/json", JSON, many("[[1,2]]", 1, ""), 200, "1");
	post("/json", JSON, many("[[[]]]", 1, ""), 413, "JSON, line 1, column 3: ");
	post("/json", JSON, many("[1,2,3,4]", 1, ""), 413, "JSON, line 1, column ");
	post("/json", JSON, many("[[1}]", 1, ""), 400, "JSON, line 1, column 4: ");
	post("/body", "a/b", many("0123456789", 2, ""), 200, "20");
	post("/body", "a/b", many("0123456789", 2, "x"), 413, "the body is larger than 20 bytes\n");
	teardown();
}
END_TEST

/* --- query and cookies --------------------------------------------------------------------------- */

START_TEST(a_query_has_a_thousand_parameters)
{
	setup();
	char *path = many("a&", 999, "last=1"), *full = many("/query?", 1, path);
	assert_get(t, full, 200);
	assert_body(t, "1");
	free(path), free(full);
	path = many("a&", 1000, "last=1"), full = many("/query?", 1, path);
	cruet_client_set_header(t, "Accept", "text/plain");
	assert_get(t, full, 413);
	assert_body(t, "413 Content Too Large\nmore than 1000 query parameters\n");
	free(path), free(full);
	teardown();
}
END_TEST

START_TEST(of_a_thousand_cookies_a_hundred_are_read)
{
	setup();
	char *line = many("c0=x; ", 99, "last=1");
	cruet_client_set_header(t, "Cookie", line);
	assert_get(t, "/cookie", 200);
	assert_body(t, "x 1");
	assert_lines("");
	free(line);
	line = many("c0=x; ", 999, "last=1");
	cruet_client_set_header(t, "Cookie", line);
	assert_get(t, "/cookie", 200);
	assert_body(t, "x none");
	assert_lines("WARN test: [id] GET reads_cookie: more than 100 cookies: the rest is "
		     "ignored\n");
	free(line);
	teardown();
}
END_TEST

/* --- JSON ------------------------------------------------------------------------------------------ */

START_TEST(json_has_ten_thousand_members)
{
	setup();
	char *list = many("1,", 9999, "1]"), *text = many("[", 1, list);
	free(list);
	post("/json", JSON, text, 200, "10000");
	list = many("1,", 10000, "1]"), text = many("[", 1, list);
	free(list);
	post("/json", JSON, text, 413, "more than 10000 values");
	teardown();
}
END_TEST

START_TEST(an_object_of_sixteen_thousand_members_is_refused)
{
	setup();
	char *text = malloc(16000 * 16 + 2), *p = text;
	for (int i = 0; i < 16000; i++)
		p += sprintf(p, "%c\"m%d\":%d", i ? ',' : '{', i, i);
	strcpy(p, "}");
	post("/json", JSON, text, 413, "more than 10000 values");
	teardown();
}
END_TEST

START_TEST(json_is_sixty_four_levels_deep)
{
	setup();
	char *close = many("]", 64, ""), *text = many("[", 64, close);
	post("/json", JSON, text, 200, "1");
	free(close);
	close = many("]", 65, ""), text = many("[", 65, close);
	post("/json", JSON, text, 413, "413 Content Too Large\nJSON, line 1, column 65: ");
	free(close);
	post("/json", JSON, many("[", 1000000, ""), 413, "JSON, line 1, column 65: ");
	post("/json", JSON, many("{\"a\":", 1000000, ""), 413, "JSON, line 1, column ");
	teardown();
}
END_TEST

/* Members of equal length whose names differ late: a comparison of each with each
 * would take minutes. */
START_TEST(many_names_cost_no_more_than_many_values)
{
	struct timespec from, to;
	setup();
	char *text = malloc(10000 * 120 + 2), *p = text, *stem = many("x", 100, "");
	for (int i = 0; i < 9999; i++)
		p += sprintf(p, "%c\"%s%05d\":1", i ? ',' : '{', stem, i);
	strcpy(p, "}");
	free(stem);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	post("/json", JSON, text, 200, "9999");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	ck_assert_int_lt(to.tv_sec - from.tv_sec, 5);
	teardown();
}
END_TEST

/* --- bodies ------------------------------------------------------------------------------------------- */

START_TEST(a_body_may_be_sixteen_megabytes)
{
	setup();
	post("/body", "a/b", many("0123456789abcdef", 1 << 20, ""), 200, "16777216");
	post("/body", "a/b", many("0123456789abcdef", 1 << 20, "x"), 413,
	     "413 Content Too Large\nthe body is larger than 16777216 bytes\n");
	teardown();
}
END_TEST

START_TEST(a_chunked_body_is_counted_as_it_comes)
{
	setup();
	cruet_client_set_header(t, "Transfer-Encoding", "chunked");
	post("/body", "a/b", many("0123456789abcdef", 1 << 20, ""), 200, "16777216");
	cruet_client_set_header(t, "Transfer-Encoding", "chunked");
	post("/body", "a/b", many("0123456789abcdef", 1 << 20, "x"), 413,
	     "the body is larger than 16777216 bytes\n");
	teardown();
}
END_TEST

START_TEST(an_announced_length_costs_nothing)
{
	setup();
	cruet_client_set_header(t, "Content-Length", "9223372036854775807");
	post("/body", "a/b", many("x", 1, ""), 413, "the body is larger than 16777216 bytes\n");
	cruet_client_set_header(t, "Content-Length", "9223372036854775808");
	post("/body", "a/b", many("x", 1, ""), 413, "Content-Length is beyond all limits.\n");
	cruet_client_set_header(t, "Content-Length", "5");
	post("/body", "a/b", many("x", 3, ""), 400,
	     "the body was cut short or is not framed as announced\n");
	cruet_client_set_header(t, "Content-Length", "five");
	post("/body", "a/b", many("x", 5, ""), 400, "Content-Length is no number.\n");
	cruet_client_set_header(t, "Content-Length", "-1");
	post("/body", "a/b", many("x", 5, ""), 400, "Content-Length is no number.\n");
	teardown();
}
END_TEST

START_TEST(a_body_that_nobody_reads_is_not_checked)
{
	setup();
	post("/unread", "a/b", many("0123456789abcdef", 1 << 20, "x"), 200, "unread");
	teardown();
}
END_TEST

START_TEST(a_handler_may_set_a_limit_of_its_own)
{
	setup();
	post("/little", "a/b", many("x", 10, ""), 200, "10");
	post("/little", "a/b", many("x", 11, ""), 413, "the body is larger than 10 bytes\n");
	post("/body", "a/b", many("x", 11, ""), 200, "11");
	teardown();
}
END_TEST

/* --- the head ------------------------------------------------------------------------------------------- */

static void get(const char *path, int status, const char *has)
{
	cruet_client_set_header(t, "Accept", "text/plain");
	ck_assert_msg(cruet_client_get(t, path) == status, "%s: %d %s", path,
		      cruet_client_status(t), cruet_client_body(t));
	assert_contains(t, has);
}

START_TEST(a_path_must_be_text)
{
	setup();
	get("/a%zz", 400, "400 Bad Request\nA '%' in the path is not followed by two hex digits.\n");
	get("/a%", 400, "A '%' in the path is not followed by two hex digits.\n");
	get("/a%4", 400, "A '%' in the path is not followed by two hex digits.\n");
	get("/a%00b", 400, "The path holds an encoded NUL.\n");
	get("/a%ff", 400, "The path is not UTF-8.\n");
	get("/a%c3", 400, "The path is not UTF-8.\n");
	get("/a%ed%a0%80", 400, "The path is not UTF-8.\n");
	get("/a b", 400, "The request target holds a character that must be percent-encoded.\n");
	get("/a\xc3\xa4", 400, "The request target holds a character that must be percent-");
	get("/a#b", 400, "The request target holds a character that must be percent-encoded.\n");
	get("a", 400, "The request target is no path.\n");
	get("", 400, "The request target is no path.\n");
	get("ftp://localhost/", 400, "The request target is no path.\n");
	get("/a%c3%a4", 200, "unread");
	get("/a?%zz=%00", 200, "unread");
	teardown();
}
END_TEST

START_TEST(a_host_must_be_one)
{
	static const char *const bad[] = {"", "a b", "a/b", "a:b", "a:99999", "[::1", "[x]",
					  "a@b", "a,b"};
	setup();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		bool comma = strchr(bad[i], ',');
		cruet_client_set_header(t, "Host", bad[i]);
		get("/x", comma ? 200 : 400, comma ? "unread" : "Host is malformed.\n");
	}
	cruet_client_set_header(t, "Host", "a");
	cruet_client_set_header(t, "Host", "a");
	get("/x", 400, "Host stands twice.\n");
	teardown();
}
END_TEST

START_TEST(only_trusted_hosts_are_served)
{
	app = cruet_new("test");
	cruet_set(app, "server.trusted_hosts", "a.example,.b.example");
	cruet_add(app, "GET", "/<path:rest>", reads_nothing, "rest", CRUET_HERE);
	t = client_of(app);
	static const struct {
		const char *host;
		int status;
	} hosts[] = {{"a.example", 200},	 {"A.Example:8080", 200}, {"x.a.example", 400},
		     {"b.example", 200},	 {"x.y.b.example", 200},  {"xb.example", 400},
		     {"a.example.evil", 400},	 {"localhost", 400},	  {"[::1]:80", 400}};
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		cruet_client_set_header(t, "Host", hosts[i].host);
		get("/x", hosts[i].status,
		    hosts[i].status == 200
			    ? "unread"
			    : "400 Bad Request\nthis host is not one of those that are served here\n");
	}
	teardown();
}
END_TEST

START_TEST(methods_and_headers_must_be_words)
{
	setup();
	cruet_client_set_header(t, "Accept", "text/plain");
	ck_assert_int_eq(cruet_client_send(t, "G T", "/x", NULL, NULL, 0), 400);
	assert_contains(t, "The method is no word.\n");
	ck_assert_int_eq(cruet_client_send(t, "", "/x", NULL, NULL, 0), 400);
	ck_assert_int_eq(cruet_client_send(t, "get", "/x", NULL, NULL, 0), 405);
	cruet_client_set_header(t, "X Name", "1");
	get("/x", 400, "A header name holds a character that may not stand there.\n");
	cruet_client_set_header(t, "X-Name", "a\r\nb");
	get("/x", 400, "A header value holds a control character.\n");
	cruet_client_set_header(t, "Expect", "miracles");
	get("/x", 417, "Only the expectation 100-continue is understood.\n");
	cruet_client_set_header(t, "Transfer-Encoding", "gzip");
	get("/x", 501, "Only the transfer coding chunked is understood.\n");
	cruet_client_set_header(t, "Transfer-Encoding", "chunked");
	cruet_client_set_header(t, "Content-Length", "1");
	get("/x", 400, "Content-Length and Transfer-Encoding stand together.\n");
	teardown();
}
END_TEST

static bool hook_ran;
static int hook(cruet_ctx *c)
{
	(void)c;
	hook_ran = true;
	return CRUET_OK;
}
static void end(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	hook_ran = true;
}

START_TEST(a_refused_head_reaches_no_code_of_the_application)
{
	app = cruet_new("test");
	cruet_before(app, hook);
	cruet_after(app, hook);
	cruet_finish(app, hook);
	cruet_teardown(app, end);
	cruet_on_error(app, 400, hook);
	t = client_of(app);
	hook_ran = false;
	assert_get(t, "/%zz", 400);
	ck_assert(!hook_ran);
	teardown();
}
END_TEST

START_TEST(a_long_path_is_a_path)
{
	setup();
	char *path = many("/a", 30000, "");
	ck_assert(cruet_client_get(t, path) == 200);
	free(path);
	path = many("/../", 10000, "");
	ck_assert(cruet_client_get(t, path) == 200); /* dots are ordinary values */
	free(path);
	path = many("/%2e%2E", 10000, "");
	ck_assert(cruet_client_get(t, path) == 200);
	free(path);
	teardown();
}
END_TEST

SUITE("limits", a_form_may_be_half_a_megabyte, a_field_of_ten_megabytes_is_refused,
      a_form_has_a_thousand_fields, limits_are_settings, a_query_has_a_thousand_parameters,
      of_a_thousand_cookies_a_hundred_are_read, json_has_ten_thousand_members,
      an_object_of_sixteen_thousand_members_is_refused, json_is_sixty_four_levels_deep,
      many_names_cost_no_more_than_many_values, a_body_may_be_sixteen_megabytes,
      a_chunked_body_is_counted_as_it_comes, an_announced_length_costs_nothing,
      a_body_that_nobody_reads_is_not_checked, a_handler_may_set_a_limit_of_its_own,
      a_path_must_be_text, a_host_must_be_one, only_trusted_hosts_are_served,
      methods_and_headers_must_be_words, a_refused_head_reaches_no_code_of_the_application,
      a_long_path_is_a_path)
