/* What civetweb does wrong, or leaves to whoever builds on it, and what stands in
 * front of that here. One thread, so that every client meets the buffer of the one
 * before it. */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include "app.h"

static struct server one_thread(void)
{
	return server_start(app, "server.threads=1");
}

struct refused {
	const char *bytes;
	int status;
	const char *why;
};

/* Each is answered with a page that says why, and the connection ends. */
static void all_are_refused(int port, const struct refused *r, size_t n)
{
	char sink[64];

	for (size_t i = 0; i < n; i++) {
		bool closed;
		struct reply got = ask(port, r[i].bytes, &closed);
		ck_assert_msg(got.status == r[i].status, "%s: %d", r[i].bytes, got.status);
		ck_assert_msg(strstr(got.body, r[i].why), "%s: %s", r[i].bytes, got.body);
		ck_assert_ptr_nonnull(header(got.head, "Date", sink, sizeof sink));
		ck_assert_str_eq(header(got.head, "Connection", sink, sizeof sink), "close");
		ck_assert_msg(closed, "%s: stays open", r[i].bytes);
	}
	nothing_was_smuggled(port);
}
#define ALL_ARE_REFUSED(port, r) all_are_refused(port, r, sizeof(r) / sizeof *(r))

START_TEST(white_space_before_a_request_runs_nothing_of_an_earlier_client)
{
	/* The body begins at byte 64, and 64 bytes of white space reach up to it. */
	static const char body_at_64[] = "POST /echo HTTP/1.1\r\nHost: x\r\nX-Pad: 567\r\n"
					 "Content-Length: 35\r\n\r\n" SMUGGLED;
	ck_assert_int_eq(strstr(body_at_64, "GET") - body_at_64, 64);
	struct server s = one_thread();
	char blank[65] = "";

	for (int length = 2; length <= 64; length += 2) {
		ask(s.port, body_at_64, NULL);
		for (int i = 0; i < length; i++)
			blank[i] = "\r\n"[i % 2];
		blank[length] = '\0';
		struct wire *w = dial(s.port);
		put(w, blank);
		shutdown(w->fd, SHUT_WR);
		struct reply r = take_reply(w, false);
		ck_assert_msg(r.status == 400 || (r.status == 0 && w->ended), "%d bytes: %d",
			      length, r.status);
		hang_up(w);
	}
	nothing_was_smuggled(s.port);
	server_stop(&s);
}
END_TEST

START_TEST(not_even_the_first_client_may_begin_with_white_space)
{
	for (int length = 1; length < 16; length++) {
		struct server s = one_thread();
		char bytes[64] = "               ";
		strcpy(bytes + length, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_reply(ask(s.port, bytes, NULL), 400, "white space before the request");
		server_stop(&s);
	}
}
END_TEST

START_TEST(a_head_ends_in_cr_lf_cr_lf_whatever_follows)
{
	static const char bytes[] = "GET / HTTP/1.1\r\nHost: x\r\n\n\0\0";
	struct server s = one_thread();
	struct wire *w = dial(s.port);

	put_bytes(w, bytes, sizeof bytes);
	assert_reply(take_reply(w, false), 400, "A line of the head is no header field.");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(one_empty_line_before_a_request_is_allowed)
{
	struct server s = one_thread();
	assert_reply(ask(s.port, "\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", NULL),
		     200, "Hello");
	const struct refused r[] = {
		{" GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "white space before the request"},
		{"\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "white space before"},
	};
	ALL_ARE_REFUSED(s.port, r);
	server_stop(&s);
}
END_TEST

#define POST   "POST /echo HTTP/1.1\r\nHost: x\r\n"
#define HIDDEN "Content-Length: 35\r\n\r\n" SMUGGLED

START_TEST(a_header_list_that_civetweb_cuts_short_hides_no_length)
{
	struct server s = one_thread();
	const struct refused r[] = {
		{POST "X: a\r\n b\r\n" HIDDEN, 400, "A line of the head is no header field."},
		{POST "\tx\r\n" HIDDEN, 400, "malformed"},
		{POST "X: a\r\n\rY: b\r\n" HIDDEN, 400, "A line of the head is no header field."},
		{POST ":x\r\n" HIDDEN, 400, "A line of the head is no header field."},
		{POST "\xc3\xa9: x\r\n" HIDDEN, 400, "A line of the head is no header field."},
		{"POST /echo HTTP/1.1\r\n Host: x\r\n" HIDDEN, 400,
		 "A line of the head does not end in CR LF."},
		{"POST /echo HTTP/1.1\r\n:x\r\nHost: x\r\n" HIDDEN, 400,
		 "A line of the head is no header field."},
	};
	ALL_ARE_REFUSED(s.port, r);
	server_stop(&s);
}
END_TEST

static char *many_fields(int n, const char *end)
{
	char *s = malloc(65536), *at = s;

	at += sprintf(at, "POST /echo HTTP/1.1\r\nHost: x\r\n");
	for (int i = 1; i < n; i++)
		at += sprintf(at, "X-%d: v\r\n", i);
	sprintf(at, "%s", end);
	return s;
}

START_TEST(a_head_holds_63_fields)
{
	struct server s = one_thread();
	char *fits = many_fields(61, "Connection: close\r\nContent-Length: 2\r\n\r\nhi");
	char *more_than_63 = many_fields(63, HIDDEN), *more_than_64 = many_fields(65, HIDDEN);
	const struct refused r[] = {{more_than_63, 431, "more header fields than"},
				    {more_than_64, 431, "more header fields than"}};

	assert_reply(ask(s.port, fits, NULL), 200, "len=2");
	ALL_ARE_REFUSED(s.port, r);
	free(fits);
	free(more_than_63);
	free(more_than_64);
	server_stop(&s);
}
END_TEST

START_TEST(what_two_servers_could_read_differently_is_refused)
{
	struct server s = one_thread();
	const struct refused r[] = {
		{POST "X: a\nContent-Length: 35\r\n\r\n" SMUGGLED, 400, "does not end in CR LF"},
		{POST "X: a\n\r\n" SMUGGLED, 400, "is no header field"},
		{"GET / HTTP/1.1\nHost: x\n\n", 400, "does not end in CR LF"},
		{POST "Content-Length : 35\r\n\r\n" SMUGGLED, 400, "blank before the colon"},
		{POST "Transfer-Encoding  : chunked\r\n\r\n0\r\n\r\n", 400, "blank before the colon"},
		{"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "one blank apart"},
		{"GET /  HTTP/1.1\r\nHost: x\r\n\r\n", 400, "one blank apart"},
		{"GET /?a  HTTP/1.1\r\nHost: x\r\n\r\n", 400, "one blank apart"},
		{POST "Content-Length: 0\r\nContent-Length: 35\r\n\r\n" SMUGGLED, 400, "stands twice"},
		{POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
		 "stand together"},
		{POST "Transfer-Encoding: identity\r\nContent-Length: 35\r\n\r\n" SMUGGLED, 400,
		 "stand together"},
		{POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400,
		 "Only the transfer coding chunked"},
		{POST "Content-Length: 5abc\r\n\r\nhello", 400, "no number"},
		{POST "Content-Length: -5\r\n\r\nhello", 400, "no number"},
		{POST "Content-Length:\r\n\r\nhello", 400, "no number"},
		{"GET / HTTP/1.1\r\n\r\n", 400, "Host is missing"},
		{"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "Host stands twice"},
		{POST "Expect: pizza\r\nContent-Length: 2\r\n\r\nhi", 417, "100-continue"},
	};
	ALL_ARE_REFUSED(s.port, r);
	server_stop(&s);
}
END_TEST

START_TEST(blanks_around_a_value_do_not_count)
{
	struct server s = one_thread();
	assert_reply(ask(s.port, POST "Content-Length:   2  \r\nConnection:close \r\n\r\nhi", NULL),
		     200, "len=2 body=hi");
	server_stop(&s);
}
END_TEST

START_TEST(what_civetweb_refuses_is_answered_in_our_words)
{
	struct server s = one_thread();
	const struct refused r[] = {
		{"GARBAGE\r\n\r\n", 400, "The request is malformed."},
		{"get / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "The request is malformed."},
		{"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "The request is malformed."},
		{"GET / HTTP/1.1\r\nX\x01: y\r\n\r\n", 400, "The request is malformed."},
		{"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed"},
		{"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505, "Only HTTP/1.0 and HTTP/1.1"},
		{"\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n\r\n", 400, "malformed"},
	};
	ALL_ARE_REFUSED(s.port, r);

	/* civetweb's own page would put this into the status line. */
	struct reply got = ask(s.port, "GET / HTTP/<script>\r\nHost: x\r\n\r\n", NULL);
	ck_assert_int_eq(got.status, 505);
	ck_assert_ptr_null(strstr(got.head, "script"));
	ck_assert_ptr_null(strstr(got.body, "script"));
	server_stop(&s);
}
END_TEST

START_TEST(what_civetweb_would_drop_without_a_word_is_answered)
{
	struct server s = one_thread();
	char absolute[128];
	bool closed;

	assert_reply(ask(s.port, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", &closed), 204, "");
	ck_assert(closed);
	assert_reply(ask(s.port, "GET http://x:1/ HTTP/1.1\r\nHost: x\r\n\r\n", &closed), 200, "Hello");
	ck_assert(closed);
	assert_reply(ask(s.port, "GET http://x HTTP/1.1\r\nHost: y\r\n\r\n", &closed), 200, "Hello");
	ck_assert(closed);
	snprintf(absolute, sizeof absolute,
		 "POST http://127.0.0.1:%d/echo?q HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
		 "Connection: close\r\n\r\nhi",
		 s.port);
	assert_reply(ask(s.port, absolute, NULL), 200, "len=2 body=hi");
	/* After requests that were answered, too; and each is answered once. */
	struct wire *w = dial(s.port);
	put(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert_int_eq(take_reply(w, false).status, 200);
	ck_assert_int_eq(take_reply(w, false).status, 204);
	ck_assert(closes(w));
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_websocket_handshake_is_refused_and_tells_nothing_of_others)
{
	struct server s = one_thread();
	static const char handshake[] =
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	bool closed;

	ask(s.port, POST "Content-Length: 6\r\n\r\nsekrit", NULL);
	struct reply r = ask(s.port, handshake, &closed);
	ck_assert_int_eq(r.status, 501);
	ck_assert_ptr_nonnull(strstr(r.body,
				     "This server speaks no WebSocket: the event transport does, or "
				     "a server behind the proxy that these requests are sent to."));
	ck_assert_ptr_null(strstr(r.body, "sekrit"));
	ck_assert_ptr_null(strstr(r.head, "sekrit"));
	ck_assert(closed);
	/* Another protocol may be ignored (RFC 9110 7.8). */
	assert_reply(ask(s.port,
			 "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: foo/9\r\n\r\n",
			 &closed),
		     200, "Hello");
	ck_assert(closed);
	server_stop(&s);
}
END_TEST

static void beside_a_password_file(cruet_app *a)
{
	char folder[FOLDER_MAX];

	if (!folder_make(folder) || chdir(folder))
		exit(EXIT_FAILURE);
	close(open(".htpasswd", O_CREAT | O_WRONLY, 0600));
	app(a);
}

START_TEST(a_password_file_beside_the_server_changes_nothing)
{
	struct server s = server_start(beside_a_password_file, NULL);
	assert_reply(ask(s.port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", NULL), 200,
		     "Hello");
	server_stop(&s);
}
END_TEST

START_TEST(lengths_near_the_end_of_numbers_are_refused)
{
	struct server s = one_thread();
	const struct refused r[] = {
		{POST "Content-Length: 9223372036854775807\r\n\r\nx", 413, "larger than"},
		{POST "Content-Length: 9223372036854775806\r\n\r\nx", 413, "larger than"},
		{POST "Content-Length: 99999999999999999999\r\n\r\nx", 413, "beyond all limits"},
		{POST "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nx\r\n0\r\n\r\n", 400,
		 "cut short or is not framed"},
		{POST "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n", 400,
		 "cut short or is not framed"},
		{POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", 400,
		 "cut short or is not framed"},
	};
	ALL_ARE_REFUSED(s.port, r);
	server_stop(&s);
}
END_TEST

START_TEST(a_head_that_is_too_large_is_431)
{
	struct server s = server_start(app, "server.threads=1\nserver.head_max=2k");
	static char head[40000];
	int n = sprintf(head, "GET / HTTP/1.1\r\nHost: x\r\nX: ");

	memset(head + n, 'a', 3000);
	strcpy(head + n + 3000, "\r\n\r\n");
	const struct refused beyond_ours[] = {{head, 431, "The head is larger than"}};
	ALL_ARE_REFUSED(s.port, beyond_ours);
	memset(head + n, 'a', 20000);
	strcpy(head + n + 20000, "\r\n\r\n");
	const struct refused beyond_civetwebs[] = {{head, 431, "The head is larger than"}};
	ALL_ARE_REFUSED(s.port, beyond_civetwebs);
	server_stop(&s);
}
END_TEST

SUITE("faults", white_space_before_a_request_runs_nothing_of_an_earlier_client,
      not_even_the_first_client_may_begin_with_white_space,
      a_head_ends_in_cr_lf_cr_lf_whatever_follows, one_empty_line_before_a_request_is_allowed,
      a_header_list_that_civetweb_cuts_short_hides_no_length, a_head_holds_63_fields,
      what_two_servers_could_read_differently_is_refused, blanks_around_a_value_do_not_count,
      what_civetweb_refuses_is_answered_in_our_words,
      what_civetweb_would_drop_without_a_word_is_answered,
      a_websocket_handshake_is_refused_and_tells_nothing_of_others,
      a_password_file_beside_the_server_changes_nothing,
      lengths_near_the_end_of_numbers_are_refused, a_head_that_is_too_large_is_431)
