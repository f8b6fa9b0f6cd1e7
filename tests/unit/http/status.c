/* Reply heads as bytes, and the words of statuses. */
#include "cruet/svc/transport.h"

#include <string.h>
#include "suite.h"

static const cruet_field fields[] = {{"Content-Type", "text/plain"}, {"X-Empty", ""}};

static cruet_reply reply(int status)
{
	return (cruet_reply){.size = sizeof(cruet_reply), .status = status, .fields = fields,
			     .nfields = 2, .length = -1};
}

static void head_is(int status, int chunked, const char *connection, const char *want)
{
	cruet_reply r = reply(status);
	char buf[256];

	memset(buf, '?', sizeof buf);
	size_t n = cruet_http1_head(buf, sizeof buf, &r, chunked, connection);
	ck_assert_uint_eq(n, strlen(want));
	ck_assert_msg(!memcmp(buf, want, n), "%.*s", (int)n, buf);
	ck_assert_int_eq(buf[n], '?');
}

START_TEST(a_head_is_status_fields_and_a_blank_line)
{
	head_is(200, 0, NULL,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Empty: \r\n\r\n");
	head_is(404, 0, "close",
		"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nX-Empty: \r\n"
		"Connection: close\r\n\r\n");
	head_is(503, 1, "keep-alive",
		"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nX-Empty: \r\n"
		"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n");
	head_is(299, 0, NULL,
		"HTTP/1.1 299 Unknown\r\nContent-Type: text/plain\r\nX-Empty: \r\n\r\n");
}
END_TEST

static void said_is(cruet_reply r, const char *want)
{
	char buf[256];

	size_t n = cruet_http1_head(buf, sizeof buf, &r, 0, NULL);
	ck_assert_uint_eq(n, strlen(want));
	ck_assert_msg(!memcmp(buf, want, n), "%.*s", (int)n, buf);
}

START_TEST(a_head_says_length_nosniff_and_date)
{
	cruet_reply r = {.size = sizeof r, .status = 200, .nosniff = 1,
			 .date = "Sun, 06 Nov 1994 08:49:37 GMT"};

	said_is(r, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
		   "X-Content-Type-Options: nosniff\r\n"
		   "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
	r.nosniff = 0;
	r.date = NULL;
	r.length = INT64_MAX;
	said_is(r, "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n");
	r.status = 204;
	said_is(r, "HTTP/1.1 204 No Content\r\n\r\n");
	r.status = 101;
	said_is(r, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
}
END_TEST

START_TEST(a_head_that_does_not_fit_is_not_cut)
{
	cruet_reply r = reply(201);

	r.length = 120;
	r.nosniff = 1;
	r.date = "Sun, 06 Nov 1994 08:49:37 GMT";
	char buf[256];
	size_t n = cruet_http1_head(buf, sizeof buf, &r, 1, "close");

	ck_assert_uint_gt(n, 0);
	for (size_t cap = 0; cap < n; cap++) {
		memset(buf, '?', sizeof buf);
		ck_assert_uint_eq(cruet_http1_head(buf, cap, &r, 1, "close"), 0);
		ck_assert_int_eq(buf[cap], '?');
	}
	ck_assert_uint_eq(cruet_http1_head(buf, n, &r, 1, "close"), n);
	ck_assert_int_eq(buf[n], '?');
}
END_TEST

START_TEST(a_reply_may_have_no_fields)
{
	cruet_reply r = {.size = sizeof r, .status = 103};
	char buf[64];

	ck_assert_uint_eq(cruet_http1_head(buf, sizeof buf, &r, 0, NULL),
			  strlen("HTTP/1.1 103 Early Hints\r\n\r\n"));
}
END_TEST

START_TEST(every_status_has_words)
{
	static const struct {
		int status;
		const char *reason;
	} cases[] = {{200, "OK"},
		     {204, "No Content"},
		     {206, "Partial Content"},
		     {304, "Not Modified"},
		     {308, "Permanent Redirect"},
		     {404, "Not Found"},
		     {413, "Content Too Large"},
		     {418, "I'm a Teapot"},
		     {422, "Unprocessable Content"},
		     {431, "Request Header Fields Too Large"},
		     {500, "Internal Server Error"},
		     {511, "Network Authentication Required"},
		     {0, "Unknown"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(cruet_reason(cases[i].status), cases[i].reason);
	for (int status = -1; status < 1000; status++) {
		const char *reason = cruet_reason(status);
		ck_assert(reason && *reason && !strpbrk(reason, "\r\n"));
	}
}
END_TEST

SUITE("status", a_head_is_status_fields_and_a_blank_line, a_head_says_length_nosniff_and_date, a_head_that_does_not_fit_is_not_cut,
      a_reply_may_have_no_fields, every_status_has_words)
