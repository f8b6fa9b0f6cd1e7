/* Requests cut at every byte: what comes is the same. */
#include "event.h"

static const char requests[] = "POST /echo HTTP/1.1\r\n"
			       "Host: x\r\n"
			       "Transfer-Encoding: chunked\r\n"
			       "\r\n"
			       "5;a=b\r\nhello\r\n"
			       "7\r\n, world\r\n"
			       "0\r\n"
			       "X-Trailer: c\r\n"
			       "\r\n"
			       "\r\n" /* may come before a request */
			       "GET / HTTP/1.1\r\n"
			       "Host: x\r\n"
			       "\r\n"
			       "POST /echo HTTP/1.1\r\n"
			       "Host: x\r\n"
			       "Content-Length: 3\r\n"
			       "Connection: close\r\n"
			       "\r\n"
			       "end";
enum { SIZE = sizeof requests - 1 };

static void check_replies(struct wire *w, size_t cut)
{
	struct reply a = take_reply(w, false);
	ck_assert_msg(a.status == 200 && !strcmp(a.body, "len=12 body=hello, world"),
		      "cut at %zu: %d %s", cut, a.status, a.body);
	struct reply b = take_reply(w, false);
	ck_assert_msg(b.status == 200 && !strcmp(b.body, "Hello, world!\n"),
		      "cut at %zu: %d %s", cut, b.status, b.body);
	struct reply c = take_reply(w, false);
	ck_assert_msg(c.status == 200 && !strcmp(c.body, "len=3 body=end"),
		      "cut at %zu: %d %s", cut, c.status, c.body);
	ck_assert_msg(closes(w), "cut at %zu: more comes", cut);
	hang_up(w);
}

START_TEST(in_two_pieces)
{
	struct server s = server_start(app, NULL);

	for (size_t cut = 1; cut <= SIZE; cut++) {
		struct wire *w = dial(s.port);
		put_bytes(w, requests, cut);
		wait_until_it_was_read(&s, w->fd);
		put_bytes(w, requests + cut, SIZE - cut);
		check_replies(w, cut);
	}
	server_stop(&s);
}
END_TEST

START_TEST(byte_by_byte)
{
	struct server s = server_start(app, NULL);
	struct wire *w = dial(s.port);

	for (size_t at = 0; at < SIZE; at++) {
		put_bytes(w, requests + at, 1);
		wait_until_it_was_read(&s, w->fd);
	}
	check_replies(w, 0);
	server_stop(&s);
}
END_TEST

/* The client hangs up in the midst of it: that is its right, and harmless. */
START_TEST(cut_off_at_every_byte)
{
	struct server s = server_start(app, NULL);

	for (size_t cut = 1; cut < SIZE; cut++) {
		struct wire *w = dial(s.port);
		put_bytes(w, requests, cut);
		if (cut % 2)
			shutdown(w->fd, SHUT_WR);
		hang_up(w);
	}
	assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");
	server_stop(&s);
}
END_TEST

/* A body that does not end is no body. */
START_TEST(half_closed_at_every_byte_of_a_body)
{
	struct server s = server_start(app, NULL);
	size_t head = (size_t)(strstr(requests, "\r\n\r\n") + 4 - requests);
	size_t end = (size_t)(strstr(requests, "c\r\n\r\n") + 5 - requests);

	for (size_t cut = head; cut < end; cut++) {
		struct wire *w = dial(s.port);
		put_bytes(w, requests, cut);
		shutdown(w->fd, SHUT_WR);
		struct reply r = take_reply(w, false);
		ck_assert_msg(r.status == 400 || !r.status, "cut at %zu: %d %s", cut,
			      r.status, r.body);
		ck_assert(closes(w));
		hang_up(w);
	}
	server_stop(&s);
}
END_TEST

SUITE("event_splits", in_two_pieces, byte_by_byte, cut_off_at_every_byte,
      half_closed_at_every_byte_of_a_body)
