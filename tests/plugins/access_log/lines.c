/* What is logged of a request. */
#include "fixture.h"

static int breaks(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}

static int named(cruet_ctx *c)
{
	return cruet_set_request_id(c, "an-id");
}

#define LINE(rest) "127.0.0.1 - - [23/Nov/2026:12:00:00 +0000] " rest "\n"

START_TEST(each_request_is_a_line)
{
	char want[1024];
	size_t none, malformed;

	setup("file=log");
	assert_get(t, "/", 200);
	assert_get(t, "/?token=abc&x=y", 200);
	cruet_client_set_header(t, "Referer", "http://localhost/?password=x");
	cruet_client_set_header(t, "User-Agent", "a \"browser\"");
	assert_get(t, "/none", 404);
	none = cruet_client_body_len(t);
	assert_get(t, "/%zz", 400); /* refused at the door */
	malformed = cruet_client_body_len(t);
	teardown();
	snprintf(want, sizeof want,
		 LINE("\"GET / HTTP/1.1\" 200 4 \"-\" \"cruet-client\"") LINE(
			 "\"GET /?token=***&x=y HTTP/1.1\" 200 4 \"-\" \"cruet-client\"")
			 LINE("\"GET /none HTTP/1.1\" 404 %zu "
			      "\"http://localhost/?password=***\" "
			      "\"a \\\"browser\\\"\"") LINE("\"GET /%%zz HTTP/1.1\" 400 "
							    "%zu \"-\" \"cruet-client\""),
		 none, malformed);
	ck_assert_str_eq(read_file("log"), want);
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(a_line_may_be_json)
{
	prepare("file=log\nformat=json");
	cruet_before(app, named);
	cruet_get(app, "/breaks", breaks);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/breaks", "text/plain", "12345"), 405);
	assert_get(t, "/breaks", 500);
	teardown();
	const char *line = strchr(read_file("log"), '\n') + 1;
	static const char begin[] =
		"{\"time\":\"2026-11-23T12:00:00.000Z\",\"peer\":"
		"\"127.0.0.1\",\"method\":\"GET\",\"target\":"
		"\"/breaks\",\"version\":\"1.1\",\"status\":500,\"sent\":";
	ck_assert_msg(!strncmp(line, begin, sizeof begin - 1), "%s", line);
	ck_assert_ptr_nonnull(
		strstr(line, ",\"id\":\"an-id\",\"endpoint\":\"breaks\",\"scheme\":"
			     "\"http\",\"host\":\"localhost\",\"agent\":"
			     "\"cruet-client\"}\n"));
	ck_assert_ptr_null(strstr(line, "\"err\""));
}
END_TEST

START_TEST(a_line_may_have_time_name_and_endpoint)
{
	prepare("file=log\nformat=extended");
	cruet_before(app, named);
	t = client_of(app);
	assert_get(t, "/", 200);
	teardown();
	const char *line = read_file("log"), *end = strstr(line, " an-id page\n");
	ck_assert_msg(end != NULL, "%s", line);
	double took = strtod(strstr(line, "\"cruet-client\"") + 14, NULL);
	ck_assert(took > 0 && took < 60);
}
END_TEST

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)c, (void)self, (void)cap, (void)buf;
	return CRUET_ETIMEOUT;
}

static int cut_short(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .length = -1, .pull = pull};

	return cruet_stream(c, &source, NULL);
}

START_TEST(a_reply_that_was_cut_short_says_why)
{
	prepare("file=log\nformat=json");
	cruet_get(app, "/cut", cut_short);
	t = client_of(app);
	assert_get(t, "/cut", 200);
	teardown();
	ck_assert_ptr_nonnull(strstr(read_file("log"), ",\"err\":\"timed out\"}\n"));
}
END_TEST

START_TEST(some_paths_are_not_worth_a_line)
{
	setup("file=log\nskip=/live,/ready\nformat=common");
	assert_get(t, "/live", 404);
	assert_get(t, "/ready?x=y", 404);
	assert_get(t, "/liv", 404);
	assert_get(t, "/live/x", 404);
	assert_get(t, "/", 200);
	teardown();
	read_file("log");
	ck_assert_ptr_null(strstr(text, "/live HTTP"));
	ck_assert_ptr_null(strstr(text, "/ready"));
	ck_assert_ptr_nonnull(strstr(text, "\"GET /liv HTTP/1.1\" 404"));
	ck_assert_ptr_nonnull(strstr(text, "\"GET /live/x HTTP/1.1\" 404"));
	ck_assert_ptr_nonnull(strstr(text, "\"GET / HTTP/1.1\" 200 4\n"));
}
END_TEST

START_TEST(queries_and_masks_are_options)
{
	setup("file=log\nquery=false\nformat=common");
	assert_get(t, "/?a=b", 200);
	teardown();
	ck_assert_str_eq(read_file("log"), LINE("\"GET / HTTP/1.1\" 200 4"));
	setup("file=log2\nmask=a,b\nformat=common");
	assert_get(t, "/?a=1&b=2&token=3", 200);
	teardown();
	ck_assert_str_eq(read_file("log2"),
			 LINE("\"GET /?a=***&b=***&token=3 HTTP/1.1\" 200 4"));
}
END_TEST

SUITE("access_log_lines", each_request_is_a_line, a_line_may_be_json,
      a_line_may_have_time_name_and_endpoint, a_reply_that_was_cut_short_says_why,
      some_paths_are_not_worth_a_line, queries_and_masks_are_options)
