/* A WebSocket of an application over a transport that is this test: bytes in, bytes out,
 * the core behind it. */
#include "ws_peer.h"

#include <cruet.h>

#include "fail_alloc.h"
#include "ws_session.h"

/* --- an application ---------------------------------------------------------- */

static int ended_with;

static int opened(cruet_ws *w, cruet_ctx *c)
{
	(void)c;
	int err = cruet_ws_join(w, "all");
	return err ? err : cruet_ws_send(w, CRUET_WS_TEXT, "welcome", 7);
}

static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	if (len && *(const char *)p == '!')
		return cruet_ws_publish(c, "all", kind, p, len) < 0 ? CRUET_EINVAL : CRUET_OK;
	if (len == 4 && !memcmp(p, "quit", 4))
		return cruet_ws_close(w, 4000, "bye");
	return cruet_ws_send(w, kind, p, len);
}

static void closed(cruet_ws *w, cruet_ctx *c, int code)
{
	(void)w, (void)c;
	ended_with = code;
}

/* --- a transport ------------------------------------------------------------- */

struct wire {
	cruet_exchange base; /* first */
	const cruet_head *head;
	struct ws_session *s;
	int status, woken;
	struct script got;
};

static cruet_app *app;
static bool compresses;

static void wake(void *arg)
{
	((struct wire *)arg)->woken++;
}

static int keep(cruet_exchange *x, const cruet_reply *r)
{
	((struct wire *)x)->status = r->status;
	return CRUET_OK;
}

static int upgrade(cruet_exchange *x, const cruet_upgrade *how, cruet_link *link)
{
	static const struct ws_deflate_policy policy = {
		.on = true, .server_bits = 12, .client_bits = 12};
	static const struct ws_deflate_policy none = {.on = false};
	struct wire *w = (struct wire *)x;

	return ws_session_new(&w->s, w->head, how,
			      &(struct ws_session_opts){.deflate = compresses ? &policy : &none,
							.close_ms = 5000,
							.wake = wake,
							.arg = w},
			      1000, link);
}

static ptrdiff_t nothing(cruet_exchange *x, void *p, size_t n)
{
	(void)x, (void)p, (void)n;
	return 0;
}

static int never(cruet_exchange *x)
{
	(void)x;
	return 0;
}

static const cruet_exchange_ops ops = {
	.size = sizeof ops, .read = nothing, .send = keep, .gone = never, .upgrade = upgrade};

static void dial_with(struct wire *w, const char *extensions)
{
	const cruet_field fields[] = {{"Host", "x"},
				      {"Connection", "Upgrade"},
				      {"Upgrade", "websocket"},
				      {"Sec-WebSocket-Version", "13"},
				      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
				      {"Sec-WebSocket-Extensions", extensions}};
	cruet_head head = {.size = sizeof head,
			   .minor = 1,
			   .method = "GET",
			   .target = "/ws",
			   .fields = fields,
			   .nfields = extensions ? 6 : 5,
			   .peer = "127.0.0.1",
			   .scheme = "http"};

	*w = (struct wire){.base = {.ops = &ops}, .head = &head};
	cruet_serve(app, &w->base, &head);
	w->head = NULL;
}

/* What it writes, as far as it goes. */
static void drain(struct wire *w)
{
	struct iovec v[4];
	size_t n;

	while ((n = ws_session_out(w->s, v, 4, 1000))) {
		size_t sum = 0;
		for (size_t i = 0; i < n; i++) {
			put(&w->got, v[i].iov_base, v[i].iov_len);
			sum += v[i].iov_len;
		}
		ws_session_wrote(w->s, sum, 1000);
	}
	put(&w->got, "", 1);
	w->got.n--;
}

/* The frames since the last time, as in ws_peer.h. */
static const char *took(struct wire *w)
{
	struct peer p = {.now = 0};

	drain(w);
	p.got = w->got;
	const char *all = frames(&p);
	w->got.n = 0;
	return all;
}

static void dial(struct wire *w)
{
	dial_with(w, NULL);
	ck_assert_ptr_nonnull(w->s);
	drain(w);
	const char *end = strstr((char *)w->got.p, "\r\n\r\n");
	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end + 4, "\x81\7welcome");
	w->got.n = 0;
}

static void hang_up(struct wire *w)
{
	ws_session_free(w->s, 0);
	free(w->got.p);
}

static void tells(struct wire *w, unsigned first, const char *text)
{
	struct script s = {.n = 0};

	put_text(&s, first, text);
	ws_session_feed(w->s, 0, s.p, s.n, 1000);
	free(s.p);
}

static void setup(void)
{
	app = cruet_new("test");
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					      .path = "/ws",
					      .name = "ws",
					      .open = opened,
					      .message = said,
					      .close = closed,
					      .max_queue = 400,
					      .here = CRUET_HERE});
	cruet_close(cruet_open(app)); /* starts it */
	ck_assert_ptr_null(cruet_problem(app));
	ended_with = 0;
	compresses = false;
}

static void teardown(void)
{
	cruet_free(app);
}

/* --- tests ------------------------------------------------------------------- */

START_TEST(the_reply_comes_first_then_what_open_has_sent)
{
	struct wire w;

	dial_with(&w, NULL);
	ck_assert_int_eq(w.woken, 0);
	drain(&w);
	char *text = (char *)w.got.p;
	ck_assert_ptr_eq(strstr(text, "HTTP/1.1 101 Switching Protocols\r\n"), text);
	ck_assert_ptr_nonnull(strstr(text, "\r\nUpgrade: websocket\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nConnection: Upgrade\r\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	ck_assert_ptr_null(strstr(text, "Sec-WebSocket-Extensions"));
	ck_assert_str_eq(strstr(text, "\r\n\r\n") + 4, "\x81\7welcome");
	hang_up(&w);
	ck_assert_int_eq(ended_with, 1006);
}
END_TEST

START_TEST(messages_go_there_and_back)
{
	struct wire w;

	dial(&w);
	tells(&w, FIN | WS_TEXT, "one");
	tells(&w, FIN | WS_BINARY, "two");
	tells(&w, FIN | WS_PING, "p");
	ck_assert_int_eq(w.woken, 0); /* who feeds knows */
	ck_assert_str_eq(took(&w), "8a p|81 one|82 two");
	hang_up(&w);
}
END_TEST

START_TEST(others_wake_once_until_something_was_taken)
{
	struct wire a, b;

	dial(&a);
	dial(&b);
	tells(&a, FIN | WS_TEXT, "!x");
	ck_assert_int_eq(a.woken, 0);
	ck_assert_int_eq(b.woken, 1);
	tells(&a, FIN | WS_TEXT, "!y");
	ck_assert_int_eq(b.woken, 1);
	ck_assert_str_eq(took(&b), "81 !x|81 !y");
	tells(&a, FIN | WS_TEXT, "!z");
	ck_assert_int_eq(b.woken, 2);
	ws_session_close(b.s, 1001, "stopping");
	ck_assert_int_eq(b.woken, 2);
	ck_assert_str_eq(took(&b), "81 !z|88 1001 stopping");
	ck_assert_str_eq(took(&a), "81 !x|81 !y|81 !z");
	hang_up(&a);
	hang_up(&b);
	ck_assert_int_eq(ended_with, 1001);
}
END_TEST

START_TEST(who_takes_nothing_is_closed_and_the_others_are_not)
{
	struct wire slow, quick;
	char text[101] = "!";

	memset(text + 1, 'x', 99);
	dial(&slow);
	dial(&quick);
	for (int i = 0; i < 5; i++) {
		tells(&quick, FIN | WS_TEXT, text);
		took(&quick);
	}
	const char *end = took(&slow);
	ck_assert_ptr_nonnull(strstr(end, "|88 1013 too slow"));
	ck_assert_str_eq(took(&quick), "");
	ck_assert(!ws_session_ended(quick.s));
	hang_up(&slow);
	hang_up(&quick);
}
END_TEST

START_TEST(a_close_of_either_side_ends_it_with_its_code)
{
	struct script s = {.n = 0};
	struct wire w;

	dial(&w);
	tells(&w, FIN | WS_TEXT, "quit");
	ck_assert_str_eq(took(&w), "88 4000 bye");
	ck_assert(!ws_session_ended(w.s));
	put_close(&s, 4000, "");
	ws_session_feed(w.s, 0, s.p, s.n, 1000);
	ck_assert(ws_session_ended(w.s));
	hang_up(&w);
	ck_assert_int_eq(ended_with, 4000);
	dial(&w);
	s.n = 0;
	put_close(&s, 1001, "");
	ws_session_feed(w.s, 0, s.p, s.n, 1000);
	ck_assert_str_eq(took(&w), "88 1001 ");
	ck_assert(ws_session_ended(w.s));
	hang_up(&w);
	ck_assert_int_eq(ended_with, 1001);
	free(s.p);
}
END_TEST

START_TEST(a_broken_rule_and_a_lost_client_are_told)
{
	struct wire w;

	dial(&w);
	tells(&w, FIN | WS_CONTINUATION, "");
	ck_assert_str_eq(took(&w), "88 1002 a continuation without a message");
	ck_assert(ws_session_ended(w.s));
	hang_up(&w);
	ck_assert_int_eq(ended_with, 1002);
	dial(&w);
	ck_assert_int_eq(ws_session_tick(w.s, 1000), 31000);
	ws_session_lost(w.s);
	ck_assert(ws_session_ended(w.s));
	hang_up(&w);
	ck_assert_int_eq(ended_with, 1006);
	ws_session_free(NULL, 0);
}
END_TEST

START_TEST(compression_is_agreed_on)
{
	struct wire w;

	compresses = true;
	dial_with(&w, "permessage-deflate; client_max_window_bits");
	drain(&w);
	ck_assert_ptr_nonnull(strstr((char *)w.got.p,
				     "Sec-WebSocket-Extensions: permessage-deflate; "
				     "server_no_context_takeover; client_no_context_takeover; "
				     "client_max_window_bits=12\r\n"));
	w.got.n = 0;
	struct script s = {.n = 0};
	put_bytes(&s, FIN | RSV1 | WS_TEXT, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
	ws_session_feed(w.s, 0, s.p, s.n, 1000);
	ck_assert_str_eq(took(&w), "81 Hello");
	free(s.p);
	hang_up(&w);
}
END_TEST

START_TEST(a_malformed_extension_is_400_and_no_connection)
{
	struct wire w;

	dial_with(&w, "permessage-deflate; =");
	ck_assert_int_eq(w.status, 400);
	ck_assert_ptr_null(w.s);
	ck_assert_int_eq(ended_with, 0);
}
END_TEST

START_TEST(no_memory_is_an_error_and_no_connection)
{
	bool failed = true;
	struct wire w;

	dial_with(&w, NULL); /* libcrypto sets itself up once, and never again if it fails */
	hang_up(&w);
	for (size_t n = 1; failed; n++) {
		fail_alloc_at(n);
		dial_with(&w, NULL);
		failed = fail_alloc_off();
		if (w.s)
			hang_up(&w);
		else
			ck_assert_msg(failed && w.status >= 500, "%zu: %d", n, w.status);
		ck_assert_uint_lt(n, 100);
	}
}
END_TEST

SUITE_WITH("ws_session", setup, teardown, the_reply_comes_first_then_what_open_has_sent,
	   messages_go_there_and_back, others_wake_once_until_something_was_taken,
	   who_takes_nothing_is_closed_and_the_others_are_not,
	   a_close_of_either_side_ends_it_with_its_code,
	   a_broken_rule_and_a_lost_client_are_told, compression_is_agreed_on,
	   a_malformed_extension_is_400_and_no_connection,
	   no_memory_is_an_error_and_no_connection)
