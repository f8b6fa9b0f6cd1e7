/* HTTP as it goes over a socket: framing, keep-alive, pipelining, Expect, replies in
 * parts. */
#include <stdlib.h>
#include <time.h>
#include "app.h"

#define GET(path)       "GET " path " HTTP/1.1\r\nHost: x\r\n"
#define POST(path, len) "POST " path " HTTP/1.1\r\nHost: x\r\nContent-Length: " #len "\r\n"
#define CLOSE           "Connection: close\r\n"

/* /bytes/N: N times the letter x. */
static int bytes(cruet_ctx *c)
{
	size_t n = (size_t)cruet_arg_int(c, "n");
	char *p = cruet_alloc(c, n + 1);

	if (!p)
		return CRUET_ENOMEM;
	memset(p, 'x', n);
	return cruet_bytes(c, "text/plain", p, n);
}

struct counter {
	int64_t left;
	int fail_at;
};

static ptrdiff_t count_down(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct counter *n = self;

	(void)c, (void)cap;
	if (n->left == n->fail_at)
		return CRUET_EIO;
	return n->left ? sprintf(buf, "%d\n", (int)n->left--) : 0;
}

static int stream(cruet_ctx *c, int64_t length, int fail_at)
{
	struct counter *n = cruet_alloc(c, sizeof *n);
	const cruet_source source = {
		.size = sizeof source, .mime = "text/plain", .length = length, .pull = count_down};

	if (!n)
		return CRUET_ENOMEM;
	*n = (struct counter){3, fail_at};
	return cruet_stream(c, &source, n);
}

static int stream_unknown(cruet_ctx *c)
{
	return stream(c, -1, -1);
}

static int stream_known(cruet_ctx *c)
{
	return stream(c, 6, -1);
}

static int stream_broken(cruet_ctx *c)
{
	return stream(c, -1, 1);
}

static int file(cruet_ctx *c)
{
	return cruet_send_file(c, "big.txt", NULL);
}

static int closing(cruet_ctx *c)
{
	int err = cruet_set_header(c, "Connection", "close");
	return err ? err : cruet_text(c, "closing");
}

static int big_head(cruet_ctx *c)
{
	char *p = cruet_alloc(c, 20000);
	int err;

	if (!p)
		return CRUET_ENOMEM;
	memset(p, 'h', 19999);
	err = cruet_set_header(c, "X-Big", p);
	return err ? err : cruet_text(c, "never");
}

static void setup(cruet_app *a)
{
	char folder[FOLDER_MAX];
	FILE *f;

	if (!folder_make(folder) || chdir(folder) || !(f = fopen("big.txt", "w")))
		exit(EXIT_FAILURE);
	for (int i = 0; i < 200000; i++)
		fputc('f', f);
	fclose(f);
	app(a);
	cruet_get(a, "/bytes/<int:n>", bytes);
	cruet_get(a, "/stream", stream_unknown);
	cruet_get(a, "/stream/known", stream_known);
	cruet_get(a, "/stream/broken", stream_broken);
	cruet_get(a, "/file", file);
	cruet_get(a, "/closing", closing);
	cruet_get(a, "/big-head", big_head);
}

static struct server start(void)
{
	return server_start(setup, NULL);
}

static void says(const char *head, const char *name, const char *want)
{
	char value[128];
	const char *got = header(head, name, value, sizeof value);

	if (!want)
		ck_assert_msg(!got, "%s: %s", name, got);
	else
		ck_assert_msg(got && !strcmp(got, want), "%s: %s", name, got ? got : "(none)");
}

START_TEST(a_connection_stays_and_says_nothing_about_it)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	for (int i = 0; i < 3; i++) {
		put(w, GET("/") "\r\n");
		struct reply r = take_reply(w, false);
		assert_reply(r, 200, "Hello, world!\n");
		says(r.head, "Connection", NULL);
		says(r.head, "Content-Length", "14");
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

/* What a reply is dated. */
static time_t dated(struct wire *w)
{
	char value[64];
	struct tm tm = {0};

	put(w, GET("/") "\r\n");
	const char *date = header(take_reply(w, false).head, "Date", value, sizeof value);
	ck_assert_ptr_nonnull(date);
	ck_assert_ptr_nonnull(strptime(date, "%a, %d %b %Y %T GMT", &tm));
	return timegm(&tm);
}

/* RFC 9110 6.6.1; the clock's steps are some milliseconds. */
START_TEST(each_reply_is_dated_when_it_was_asked_for)
{
	struct server s = start();
	struct wire *w = dial(s.port);
	time_t before, first = dated(w), next;

	do {
		before = time(NULL);
		next = dated(w);
		ck_assert_int_ge(next, before - 1);
		ck_assert_int_le(next, time(NULL));
	} while (next == first);
	hang_up(w);
	server_stop(&s);
}
END_TEST

/* One request with this byte in a place; the status. */
static int with_byte(int port, const char *before, int byte, const char *after)
{
	char bytes[128];

	snprintf(bytes, sizeof bytes, "%s%c%s", before, byte, after);
	return ask(port, bytes, NULL).status;
}

/* RFC 9110 5.1 and 5.5: whoever reads a head, nothing else comes to the application. */
START_TEST(words_are_tokens_and_values_hold_no_control_byte)
{
	struct server s = start();

	for (int byte = 1; byte < 256; byte++) {
		bool control = byte < ' ' || byte == 0x7f;
		bool token = byte < 0x7f && !control && !strchr(" \"(),/:;<=>?@[\\]{}", byte);
		if (byte == '\n' || byte == '\t')
			continue; /* another line; and civetweb takes no TAB */
		ck_assert_msg(with_byte(s.port, GET("/") "A: b", byte, "c\r\n" CLOSE "\r\n") ==
				      (control ? 400 : 200),
			      "byte %d in a value", byte);
		if (byte != ':')
			ck_assert_msg(with_byte(s.port, GET("/") "A", byte, "b: c\r\n" CLOSE "\r\n") ==
					      (token ? 200 : 400),
				      "byte %d in a name", byte);
		if (!token && byte != ' ')
			ck_assert_msg(with_byte(s.port, "G", byte, "T / HTTP/1.1\r\nHost: x\r\n\r\n") ==
					      400,
				      "byte %d in a method", byte);
	}
	server_stop(&s);
}
END_TEST

START_TEST(who_asks_to_close_is_told_and_closed)
{
	struct server s = start();
	static const char *const ways[] = {"Connection: close\r\n", "Connection: CLOSE\r\n",
					   "Connection: keep-alive, close\r\n",
					   "Connection: keep-alive\r\nConnection: close\r\n"};
	char bytes[256];

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		bool closed;
		snprintf(bytes, sizeof bytes, GET("/") "%s\r\n" GET("/smuggled") "\r\n", ways[i]);
		struct reply r = ask(s.port, bytes, &closed);
		assert_reply(r, 200, "Hello");
		says(r.head, "Connection", "close");
		ck_assert_msg(closed, "%s", ways[i]);
	}
	nothing_was_smuggled(s.port);
	server_stop(&s);
}
END_TEST

START_TEST(http_1_0_closes_unless_it_is_asked_to_stay)
{
	struct server s = start();
	bool closed;

	struct reply r = ask(s.port, "GET / HTTP/1.0\r\n\r\n", &closed);
	assert_reply(r, 200, "Hello");
	says(r.head, "Connection", "close");
	ck_assert(closed);

	struct wire *w = dial(s.port);
	put(w, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	says(take_reply(w, false).head, "Connection", "keep-alive");
	put(w, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_reply(take_reply(w, false), 200, "Hello");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(pipelined_requests_are_answered_in_order)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, GET("/bytes/1") "\r\n" POST("/echo", 5) "\r\nhello" GET("/bytes/3") CLOSE "\r\n");
	assert_reply(take_reply(w, false), 200, "x");
	assert_reply(take_reply(w, false), 200, "len=5 body=hello");
	assert_reply(take_reply(w, false), 200, "xxx");
	ck_assert(closes(w));
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(head_has_the_length_and_no_body)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, "HEAD /bytes/70000 HTTP/1.1\r\nHost: x\r\n\r\n" GET("/") CLOSE "\r\n");
	struct reply r = take_reply(w, true);
	ck_assert_int_eq(r.status, 200);
	says(r.head, "Content-Length", "70000");
	assert_reply(take_reply(w, false), 200, "Hello");
	ck_assert(closes(w));
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(replies_of_every_size_arrive_whole)
{
	struct server s = start();
	static const int sizes[] = {0, 1, 65535, 65536, 65537, 1000000};
	struct wire *w = dial(s.port);
	char bytes[64];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		snprintf(bytes, sizeof bytes, "GET /bytes/%d HTTP/1.1\r\nHost: x\r\n\r\n", sizes[i]);
		put(w, bytes);
		struct reply r = take_reply(w, false);
		ck_assert(r.whole);
		ck_assert_uint_eq(r.body_len, (size_t)sizes[i]);
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_file_arrives_whole)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, GET("/file") "\r\n" GET("/file") "Range: bytes=199998-\r\n\r\n" GET("/") "\r\n");
	struct reply r = take_reply(w, false);
	ck_assert_int_eq(r.status, 200);
	ck_assert(r.whole);
	ck_assert_uint_eq(r.body_len, 200000);
	r = take_reply(w, false);
	ck_assert_int_eq(r.status, 206);
	ck_assert_str_eq(r.body, "ff");
	assert_reply(take_reply(w, false), 200, "Hello");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_stream_is_chunked_and_the_connection_stays)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, GET("/stream") "\r\n" GET("/stream/known") "\r\n");
	struct reply r = take_reply(w, false);
	says(r.head, "Transfer-Encoding", "chunked");
	says(r.head, "Content-Length", NULL);
	ck_assert(r.whole);
	ck_assert_str_eq(r.body, "3\n2\n1\n");
	r = take_reply(w, false);
	says(r.head, "Transfer-Encoding", NULL);
	says(r.head, "Content-Length", "6");
	ck_assert_str_eq(r.body, "3\n2\n1\n");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_stream_to_http_1_0_ends_with_the_connection)
{
	struct server s = start();
	bool closed;

	struct reply r = ask(s.port, "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &closed);
	says(r.head, "Transfer-Encoding", NULL);
	says(r.head, "Connection", "close");
	ck_assert_str_eq(r.body, "3\n2\n1\n");
	ck_assert(closed);
	server_stop(&s);
}
END_TEST

START_TEST(a_stream_that_breaks_off_can_be_told_from_a_whole_one)
{
	struct server s = start();
	int64_t since = now_ms();

	struct reply r = ask(s.port, GET("/stream/broken") "\r\n", NULL);
	ck_assert_int_eq(r.status, 200);
	ck_assert_str_eq(r.body, "3\n2\n");
	ck_assert(!r.whole);
	ck_assert_int_lt(now_ms() - since, PATIENCE_MS / 2); /* it ended, and we need not wait */
	server_stop(&s);
}
END_TEST

START_TEST(a_body_is_asked_for_before_it_is_read)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, POST("/echo", 2) "Expect: 100-continue\r\n\r\n");
	ck_assert_int_eq(take_reply(w, false).status, 100);
	put(w, "hi" GET("/") "\r\n");
	assert_reply(take_reply(w, false), 200, "len=2 body=hi");
	assert_reply(take_reply(w, false), 200, "Hello");
	hang_up(w);

	/* Nobody reads it: the reply comes at once, and it need not be sent. */
	bool closed;
	struct reply r = ask(s.port, POST("/none", 2) "Expect: 100-continue\r\n\r\n", &closed);
	assert_reply(r, 404, "");
	says(r.head, "Connection", "close");
	ck_assert(closed);
	/* HTTP/1.0 does not know it. */
	w = dial(s.port);
	put(w, "POST /echo HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi");
	assert_reply(take_reply(w, false), 200, "len=2 body=hi");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_chunked_body_is_read)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" GET("/") "\r\n");
	assert_reply(take_reply(w, false), 200, "len=5 body=abcde");
	assert_reply(take_reply(w, false), 200, "Hello");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_body_that_nobody_read_is_not_taken_for_a_request)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, POST("/none", 35) "\r\n" SMUGGLED);
	assert_reply(take_reply(w, false), 404, "");
	put(w, "POST /none HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "23\r\n" SMUGGLED "\r\n0\r\n\r\n" GET("/") "\r\n");
	assert_reply(take_reply(w, false), 404, "");
	assert_reply(take_reply(w, false), 200, "Hello");
	hang_up(w);
	nothing_was_smuggled(s.port);
	server_stop(&s);
}
END_TEST

START_TEST(a_large_body_that_nobody_reads_does_not_swallow_the_reply)
{
	struct server s = start();
	struct wire *w = dial(s.port);
	char *block = calloc(1, 200000);

	put(w, POST("/none", 100000000) "\r\n");
	put_bytes(w, block, 200000);
	struct reply r = take_reply(w, false);
	assert_reply(r, 404, "");
	says(r.head, "Connection", "close");
	ck_assert(closes(w));
	ck_assert_msg(!was_reset(w), "a reset may overtake the reply");
	hang_up(w);
	free(block);
	server_stop(&s);
}
END_TEST

START_TEST(an_unread_body_of_unknown_length_is_thrown_away_up_to_a_bound)
{
	struct server s = start();
	struct wire *w = dial(s.port);
	char *block = calloc(1, 300000);

	put(w, "POST /none HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n");
	put_bytes(w, block, 300000);
	put(w, "\r\n0\r\n\r\n" GET("/") "\r\n");
	assert_reply(take_reply(w, false), 404, "");
	ck_assert(closes(w));
	hang_up(w);
	free(block);
	server_stop(&s);
}
END_TEST

START_TEST(a_body_that_breaks_off_is_400_and_the_end)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, POST("/echo", 10) "\r\nhello");
	shutdown(w->fd, SHUT_WR);
	assert_reply(take_reply(w, false), 400, "the body was cut short");
	ck_assert(closes(w));
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(bytes_may_come_one_by_one)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	for (const char *p = POST("/echo", 2) "\r\nhi"; *p; p++)
		put_bytes(w, p, 1);
	assert_reply(take_reply(w, false), 200, "len=2 body=hi");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_reply_with_too_long_headers_is_500)
{
	struct server s = start();
	bool closed;

	ck_assert_int_eq(ask(s.port, GET("/big-head") "\r\n", &closed).status, 500);
	ck_assert(closed);
	server_stop(&s);
}
END_TEST

SUITE("http", a_connection_stays_and_says_nothing_about_it,
      each_reply_is_dated_when_it_was_asked_for,
      words_are_tokens_and_values_hold_no_control_byte, who_asks_to_close_is_told_and_closed,
      http_1_0_closes_unless_it_is_asked_to_stay, pipelined_requests_are_answered_in_order,
      head_has_the_length_and_no_body, replies_of_every_size_arrive_whole, a_file_arrives_whole,
      a_stream_is_chunked_and_the_connection_stays,
      a_stream_to_http_1_0_ends_with_the_connection,
      a_stream_that_breaks_off_can_be_told_from_a_whole_one,
      a_body_is_asked_for_before_it_is_read, a_chunked_body_is_read,
      a_body_that_nobody_read_is_not_taken_for_a_request,
      a_large_body_that_nobody_reads_does_not_swallow_the_reply,
      an_unread_body_of_unknown_length_is_thrown_away_up_to_a_bound,
      a_body_that_breaks_off_is_400_and_the_end, bytes_may_come_one_by_one,
      a_reply_with_too_long_headers_is_500)
