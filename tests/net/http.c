/* HTTP as it goes over a socket: framing, keep-alive, pipelining, Expect, streams. */
#include "raw.h"

static int hello(cruet_ctx *c)
{
	return cruet_text(c, "Hello, world!\n");
}

static int echo(cruet_ctx *c)
{
	size_t len;
	const char *body = cruet_body(c, &len);

	return body ? cruet_textf(c, "len=%zu body=%.64s", len, body) : CRUET_EINVAL;
}

static void setup(cruet_app *app)
{
	cruet_get(app, "/", hello);
	cruet_post(app, "/echo", echo);
}

START_TEST(a_request_is_answered)
{
	struct server s = server_start(setup, NULL);
	struct wire *w = dial(s.port);
	char value[64];

	put(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	struct reply r = take_reply(w, false);
	ck_assert_int_eq(r.status, 200);
	ck_assert_str_eq(r.body, "Hello, world!\n");
	ck_assert_ptr_null(header(r.head, "Connection", value, sizeof value));
	hang_up(w);
	server_stop(&s);
}
END_TEST

SUITE("net", a_request_is_answered)
