/* WebSockets as applications see them: the handshake, what runs when, what is sent. */
#include "fixture.h"

#include <stdarg.h>

static char seen[1024]; /* what ran, in order */

static void note(const char *fmt, ...)
{
	size_t n = strlen(seen);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(seen + n, sizeof seen - n, fmt, ap);
	va_end(ap);
}

#define assert_seen(text)                                                                \
	do {                                                                             \
		ck_assert_str_eq(seen, text);                                            \
		seen[0] = '\0';                                                          \
	} while (0)

static int say(cruet_ws *w, const char *text)
{
	return cruet_ws_send(w, CRUET_WS_TEXT, text, strlen(text));
}

/* --- an application that tells what happens ------------------------------------- */

static int accept_it(cruet_ctx *c)
{
	note("accept ");
	const char *how = cruet_query(c, "how");
	if (!how)
		return CRUET_OK;
	if (!strcmp(how, "forbid"))
		return cruet_fail(c, 403, "not for you");
	if (!strcmp(how, "elsewhere"))
		return cruet_redirect(c, 302, "/login");
	if (!strcmp(how, "later"))
		return CRUET_LATER;
	return cruet_set_header(c, "Sec-WebSocket-Protocol", how);
}

static int opened(cruet_ws *w, cruet_ctx *c)
{
	const char *name = cruet_arg(c, "name");
	const char *protocol = cruet_ws_protocol(w);

	note("open:%s ", protocol ? protocol : "-");
	if (!strcmp(name, "nobody"))
		return 404;
	int err = cruet_ws_set(w, name, strlen(name));
	return err ? err : say(w, cruet_printf(c, "hello %s", name));
}

static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	const char *text = p, *name = cruet_ws_get(w, NULL);

	note("message:%s ", text);
	ck_assert_uint_eq(strlen(text), len);
	ck_assert_str_eq(cruet_data(c), "the data");
	ck_assert_str_eq(cruet_endpoint(c), "talk");
	ck_assert_ptr_null(cruet_header(c, "Host"));
	if (!strcmp(text, "leave"))
		return cruet_ws_close(w, 4000, "as you like");
	if (!strcmp(text, "forbidden"))
		return cruet_fail(c, 403, "you may not");
	if (!strcmp(text, "broken"))
		return cruet_fail(c, 500, "it broke");
	if (!strcmp(text, "io"))
		return CRUET_EIO;
	if (!strcmp(text, "number"))
		return 77;
	text = cruet_printf(c, "%s said %s", name, text);
	return text ? cruet_ws_send(w, kind, text, strlen(text)) : CRUET_ENOMEM;
}

static void closed(cruet_ws *w, cruet_ctx *c, int code)
{
	(void)c;
	note("close:%d ", code);
	ck_assert_int_eq(say(w, "too late"), CRUET_ESTATE);
	ck_assert_int_eq(cruet_ws_close(w, 1000, NULL), CRUET_ESTATE);
	ck_assert_int_eq(cruet_ws_join(w, "group"), CRUET_ESTATE);
}

static int before(cruet_ctx *c)
{
	note("before ");
	return cruet_query(c, "stop") ? cruet_fail(c, 401, "who are you?") : CRUET_OK;
}

static int after(cruet_ctx *c)
{
	note("after:%d ", cruet_reply_status(c));
	if (cruet_query(c, "other"))
		return cruet_text(c, "something else");
	return cruet_set_header(c, "X-After", "yes");
}

static void torn_down(cruet_ctx *c, int err)
{
	(void)c;
	note("teardown:%d ", err);
}

static int page(cruet_ctx *c)
{
	return cruet_text(c, "a page");
}

static char data[] = "the data";
static cruet_ws_rule talk = {.size = sizeof talk,
			     .path = "/talk/<name>",
			     .name = "talk",
			     .protocols = "chat, json",
			     .accept = accept_it,
			     .open = opened,
			     .message = said,
			     .close = closed,
			     .data = data,
			     .here = "websockets.c:1"};

static cruet_app *app;
static cruet_client *t;

static void setup(void)
{
	app = cruet_new("test");
	cruet_log_to(app, keep_lines, NULL);
	cruet_before(app, before);
	cruet_after(app, after);
	cruet_teardown(app, torn_down);
	cruet_get(app, "/page", page);
	cruet_get(app, "/both", page);
	cruet_websocket(app, &talk);
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					      .path = "/both",
					      .name = "other",
					      .here = CRUET_HERE});
	t = client_of(app);
	seen[0] = log_lines[0] = '\0';
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

static cruet_client_ws *open_it(const char *path)
{
	cruet_client_ws *s = cruet_client_ws_open(t, path);
	ck_assert_msg(s != NULL, "%d %s", cruet_client_status(t), cruet_client_body(t));
	return s;
}

static void refuses(const char *path, int status, const char *text)
{
	ck_assert_ptr_null(cruet_client_ws_open(t, path));
	ck_assert_int_eq(cruet_client_status(t), status);
	assert_contains(t, text);
}

#define assert_read(s, text) ck_assert_str_eq(cruet_client_ws_read(s, NULL, NULL), text)
#define assert_silent(s)     ck_assert_ptr_null(cruet_client_ws_read(s, NULL, NULL))

/* --- the handshake --------------------------------------------------------------- */

START_TEST(a_connection_from_its_handshake_to_its_end)
{
	cruet_client_ws *s = open_it("/talk/Ada");

	ck_assert_int_eq(cruet_client_status(t), 101);
	assert_header(t, "Upgrade", "websocket");
	assert_header(t, "X-After", "yes");
	assert_no_header(t, "Content-Length");
	assert_seen("before accept after:101 open:- teardown:0 ");
	assert_read(s, "hello Ada");
	assert_silent(s);
	ck_assert_int_eq(cruet_client_ws_text(s, "hi"), CRUET_OK);
	assert_seen("message:hi teardown:0 ");
	assert_read(s, "Ada said hi");
	ck_assert_int_eq(cruet_client_ws_close(s, 1000), CRUET_OK);
	assert_seen("close:1000 teardown:0 ");
	ck_assert_int_eq(cruet_client_ws_text(s, "hi"), CRUET_ESTATE);
	ck_assert_int_eq(cruet_client_ws_close(s, 1000), CRUET_ESTATE);
	cruet_client_ws_free(s);
	assert_seen("");
	assert_lines("");
}
END_TEST

START_TEST(a_hook_or_accept_may_refuse)
{
	refuses("/talk/Ada?stop=1", 401, "who are you?");
	assert_seen("before after:401 teardown:0 ");
	refuses("/talk/Ada?how=forbid", 403, "not for you");
	assert_seen("before accept after:403 teardown:0 ");
	ck_assert_ptr_null(cruet_client_ws_open(t, "/talk/Ada?how=elsewhere"));
	ck_assert_int_eq(cruet_client_status(t), 302);
	assert_header(t, "Location", "/login");
}
END_TEST

START_TEST(an_after_hook_may_put_another_reply_in_its_place)
{
	refuses("/talk/Ada?other=1", 200, "something else");
	assert_no_header(t, "Upgrade");
	assert_seen("before accept after:101 teardown:0 ");
}
END_TEST

START_TEST(accept_answers_at_once)
{
	refuses("/talk/Ada?how=later", 500, "");
	assert_lines("ERROR test: [id] GET talk: 500: the accept of a WebSocket returned "
		     "CRUET_LATER: it must answer at once\n");
}
END_TEST

START_TEST(what_is_no_handshake_is_told_what_is_missing)
{
	assert_get(t, "/talk/Ada", 426);
	assert_contains(t, "This address speaks WebSocket only.");
	assert_header(t, "Upgrade", "websocket");
	assert_header(t, "Sec-WebSocket-Version", "13");
	cruet_client_set_header(t, "Upgrade", NULL);
	refuses("/talk/Ada", 426, "This address speaks WebSocket only.");
	cruet_client_set_header(t, "Connection", "close");
	refuses("/talk/Ada", 426, "This address speaks WebSocket only.");
	cruet_client_set_header(t, "Sec-WebSocket-Version", "8");
	refuses("/talk/Ada", 426, "Version 13 of the WebSocket protocol is spoken here.");
	assert_header(t, "Sec-WebSocket-Version", "13");
	cruet_client_set_header(t, "Sec-WebSocket-Version", NULL);
	refuses("/talk/Ada", 426, "Version 13 of the WebSocket protocol is spoken here.");
}
END_TEST

START_TEST(a_key_is_16_bytes_in_base64)
{
	static const char *const bad[] = {"",
					  "dGhlIHNhbXBsZSBub25jZQ=",
					  "dGhlIHNhbXBsZSBub25jZQ",
					  "dGhlIHNhbXBsZSBub25jZQ===",
					  "dGhlIHNhbXBsZSBub25jZR==",
					  "dGhlIHNhbXBsZSBub25j*A==",
					  "dGhlIHNhbXBsZSBub25jZXNz"};
	static const char text[] = "A WebSocket handshake needs one Sec-WebSocket-Key of 16 bytes "
				   "in Base64.";

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cruet_client_set_header(t, "Sec-WebSocket-Key", bad[i]);
		refuses("/talk/Ada", 400, text);
	}
	cruet_client_set_header(t, "Sec-WebSocket-Key", NULL);
	refuses("/talk/Ada", 400, text);
	cruet_client_set_header(t, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
	cruet_client_set_header(t, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
	refuses("/talk/Ada", 400, text);
	cruet_client_set_header(t, "Content-Length", "5");
	refuses("/talk/Ada", 400, "A WebSocket handshake has no body.");
}
END_TEST

START_TEST(headers_are_lists_in_any_case)
{
	cruet_client_set_header(t, "Connection", "keep-alive , UPGRADE");
	cruet_client_set_header(t, "Upgrade", "h2c,WebSocket");
	cruet_client_ws_free(open_it("/talk/Ada"));
}
END_TEST

START_TEST(a_page_and_a_websocket_share_a_path)
{
	assert_get(t, "/both", 200);
	assert_body(t, "a page");
	cruet_client_ws_free(open_it("/both"));
}
END_TEST

START_TEST(where_there_is_no_websocket_there_is_none)
{
	refuses("/page", 400, "There is no WebSocket at this address.");
	refuses("/nothing", 404, "");
	ck_assert_int_eq(cruet_client_post(t, "/talk/Ada", NULL, ""), 405);
}
END_TEST

START_TEST(a_transport_that_cannot_says_so)
{
	cruet_client_set_header(t, "Connection", "Upgrade");
	cruet_client_set_header(t, "Upgrade", "websocket");
	cruet_client_set_header(t, "Sec-WebSocket-Version", "13");
	cruet_client_set_header(t, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
	assert_get(t, "/talk/Ada", 501);
	assert_contains(t, "This server speaks no WebSocket: the event transport does, or a server "
			   "behind the proxy that these requests are sent to.");
}
END_TEST

START_TEST(a_page_of_another_site_opens_none)
{
	cruet_client_set_header(t, "Origin", "http://evil.example");
	refuses("/talk/Ada", 403, "another site");
	cruet_client_set_header(t, "Origin", "null");
	refuses("/talk/Ada", 403, "another site");
	cruet_client_set_header(t, "Sec-Fetch-Site", "cross-site");
	refuses("/talk/Ada", 403, "another site");
	cruet_client_set_header(t, "Origin", "http://localhost");
	cruet_client_ws_free(open_it("/talk/Ada"));
}
END_TEST

START_TEST(any_origin_may_where_the_rule_says_so)
{
	cruet_app *free_app = cruet_new("free");
	cruet_ws_rule rule = {.size = sizeof rule,
			      .path = "/free",
			      .name = "free",
			      .flags = CRUET_ANY_ORIGIN};
	cruet_websocket(free_app, &rule);
	cruet_client *k = client_of(free_app);
	cruet_client_set_header(k, "Origin", "http://evil.example");
	cruet_client_ws *s = cruet_client_ws_open(k, "/free");
	ck_assert_ptr_nonnull(s);
	cruet_client_ws_free(s);
	cruet_client_free(k);
	cruet_free(free_app);
}
END_TEST

static void chooses(const char *offered, const char *chosen)
{
	cruet_client_set_header(t, "Sec-WebSocket-Protocol", offered);
	cruet_client_ws *s = open_it("/talk/Ada");
	if (chosen)
		assert_header(t, "Sec-WebSocket-Protocol", chosen);
	else
		assert_no_header(t, "Sec-WebSocket-Protocol");
	ck_assert_ptr_nonnull(strstr(seen, chosen ? chosen : "open:- "));
	seen[0] = '\0';
	cruet_client_ws_free(s);
}

START_TEST(the_first_protocol_of_the_client_that_is_spoken)
{
	chooses("json", "json");
	chooses("xml, json, chat", "json");
	chooses("chat,json", "chat");
	chooses("xml", NULL);
	chooses(",", NULL);
	cruet_client_set_header(t, "Sec-WebSocket-Protocol", "a");
	cruet_client_set_header(t, "Sec-WebSocket-Protocol", "chat");
	cruet_client_ws_free(open_it("/talk/Ada"));
	assert_header(t, "Sec-WebSocket-Protocol", "chat");
	cruet_client_set_header(t, "Sec-WebSocket-Protocol", "chat, own");
	cruet_client_ws_free(open_it("/talk/Ada?how=own"));
	assert_header(t, "Sec-WebSocket-Protocol", "own");
}
END_TEST

/* --- messages ---------------------------------------------------------------------- */

START_TEST(messages_keep_their_kind_and_bytes)
{
	cruet_client_ws *s = open_it("/talk/Ada");
	size_t len;
	int kind;

	assert_read(s, "hello Ada");
	cruet_client_ws_send(s, CRUET_WS_BINARY, "\xFF", 1);
	const char *got = cruet_client_ws_read(s, &kind, &len);
	ck_assert_int_eq(kind, CRUET_WS_BINARY);
	ck_assert_uint_eq(len, 10);
	ck_assert_str_eq(got, "Ada said \xFF");
	cruet_client_ws_text(s, "");
	ck_assert_str_eq(cruet_client_ws_read(s, &kind, &len), "Ada said ");
	ck_assert_int_eq(kind, CRUET_WS_TEXT);
	ck_assert_ptr_null(cruet_client_ws_read(s, &kind, &len));
	ck_assert(!kind && !len);
	cruet_client_ws_free(s);
}
END_TEST

START_TEST(a_function_may_close)
{
	cruet_client_ws *s = open_it("/talk/Ada");

	cruet_client_ws_text(s, "leave");
	ck_assert_int_eq(cruet_client_ws_code(s), 4000);
	ck_assert_str_eq(cruet_client_ws_reason(s), "as you like");
	assert_seen("before accept after:101 open:- teardown:0 message:leave teardown:0 "
		    "close:4000 teardown:0 ");
	assert_read(s, "hello Ada"); /* what was sent before */
	cruet_client_ws_free(s);
	assert_seen("");
}
END_TEST

static void closes(const char *text, int code, const char *reason, const char *lines)
{
	cruet_client_ws *s = open_it("/talk/Ada");

	ck_assert_int_eq(cruet_client_ws_code(s), 0);
	ck_assert_str_eq(cruet_client_ws_reason(s), "");
	cruet_client_ws_text(s, text);
	ck_assert_int_eq(cruet_client_ws_code(s), code);
	ck_assert_str_eq(cruet_client_ws_reason(s), reason);
	assert_lines(lines);
	cruet_client_ws_free(s);
}

START_TEST(a_failure_closes_and_is_logged_as_one_of_a_handler)
{
	closes("forbidden", 4403, "you may not", "");
	closes("broken", 4500, "it broke", "ERROR test: [id] talk: 500: it broke\n");
	closes("io", 1011, "", "ERROR test: [id] talk: 500: input or output failed\n");
	closes("number", 1011, "",
	       "ERROR test: [id] talk: 500: message of talk returned 77: expected CRUET_OK, "
	       "CRUET_DONE, a status from 400 to 599 or a CRUET_E code\n");
	cruet_client_ws *s = open_it("/talk/nobody");
	ck_assert_int_eq(cruet_client_ws_code(s), 4404);
	cruet_client_ws_free(s);
}
END_TEST

START_TEST(what_a_transport_refuses_never_comes)
{
	cruet_client_ws *s = open_it("/both");
	char *p = calloc(1, (1 << 20) + 1);

	ck_assert_ptr_nonnull(p);
	cruet_client_ws_send(s, CRUET_WS_BINARY, p, 1 << 20);
	ck_assert_int_eq(cruet_client_ws_code(s), 0);
	cruet_client_ws_send(s, CRUET_WS_BINARY, p, (1 << 20) + 1);
	ck_assert_int_eq(cruet_client_ws_code(s), 1009);
	cruet_client_ws_free(s);
	s = open_it("/both");
	cruet_client_ws_text(s, "\xFF");
	ck_assert_int_eq(cruet_client_ws_code(s), 1007);
	cruet_client_ws_free(s);
	free(p);
}
END_TEST

static cruet_ws *kept;

static int keep(cruet_ws *w, cruet_ctx *c)
{
	(void)c;
	kept = cruet_ws_ref(w);
	return CRUET_OK;
}

static cruet_client_ws *open_kept(cruet_client **k, cruet_app **own, uint64_t max_queue)
{
	*own = cruet_new("kept");
	cruet_websocket(*own, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					       .path = "/kept",
					       .name = "kept",
					       .open = keep,
					       .max_queue = max_queue,
					       .here = CRUET_HERE});
	*k = client_of(*own);
	cruet_client_ws *s = cruet_client_ws_open(*k, "/kept");
	ck_assert_ptr_nonnull(s);
	return s;
}

START_TEST(a_reference_outlives_the_connection_and_the_application)
{
	cruet_client *k;
	cruet_app *own;
	cruet_client_ws *s = open_kept(&k, &own, 0);

	ck_assert_int_eq(say(kept, "from outside"), CRUET_OK);
	assert_read(s, "from outside");
	ck_assert_int_eq(cruet_ws_close(kept, 1001, NULL), CRUET_OK);
	ck_assert_int_eq(say(kept, "late"), CRUET_ESTATE);
	ck_assert_int_eq(cruet_client_ws_code(s), 1001);
	cruet_client_ws_free(s);
	cruet_client_free(k);
	cruet_free(own);
	ck_assert_int_eq(say(kept, "late"), CRUET_ESTATE);
	cruet_ws_unref(kept);
}
END_TEST

START_TEST(a_full_queue_is_busy_until_it_is_read)
{
	cruet_client *k;
	cruet_app *own;
	cruet_client_ws *s = open_kept(&k, &own, 10);

	ck_assert_int_eq(say(kept, "123456"), CRUET_OK);
	ck_assert_int_eq(say(kept, "123456"), CRUET_EBUSY);
	ck_assert_int_eq(say(kept, "1234"), CRUET_OK);
	ck_assert_int_eq(say(kept, "1"), CRUET_EBUSY);
	ck_assert_int_eq(say(kept, "12345678901"), CRUET_EBUSY);
	assert_read(s, "123456");
	ck_assert_int_eq(say(kept, "123456"), CRUET_OK);
	cruet_client_ws_free(s);
	cruet_client_free(k);
	cruet_free(own);
	cruet_ws_unref(kept);
}
END_TEST

START_TEST(what_cannot_be_sent_is_refused)
{
	static const int codes[] = {0, 999, 1002, 1004, 1005, 1006, 1015, 2999, 5000, -1};
	cruet_client *k;
	cruet_app *own;
	cruet_client_ws *s = open_kept(&k, &own, 0);

	ck_assert_int_eq(say(kept, "\xFF"), CRUET_EINVAL);
	ck_assert_int_eq(cruet_ws_send(kept, 3, "x", 1), CRUET_EINVAL);
	ck_assert_int_eq(cruet_ws_send(kept, CRUET_WS_TEXT, NULL, 1), CRUET_EINVAL);
	ck_assert_int_eq(cruet_ws_send(NULL, CRUET_WS_TEXT, "x", 1), CRUET_EINVAL);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		ck_assert_int_eq(cruet_ws_close(kept, codes[i], NULL), CRUET_EINVAL);
	ck_assert_int_eq(cruet_ws_close(kept, 1000, "\xFF"), CRUET_EINVAL);
	assert_silent(s);
	ck_assert_int_eq(cruet_client_ws_code(s), 0);
	cruet_client_ws_free(s);
	cruet_client_free(k);
	cruet_free(own);
	cruet_ws_unref(kept);
}
END_TEST

START_TEST(bytes_are_kept_with_a_connection)
{
	cruet_client *k;
	cruet_app *own;
	cruet_client_ws *s = open_kept(&k, &own, 0);
	size_t len = 7;

	ck_assert_ptr_null(cruet_ws_get(kept, &len));
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(cruet_ws_set(kept, "a\0b", 3), CRUET_OK);
	ck_assert_mem_eq(cruet_ws_get(kept, &len), "a\0b", 4);
	ck_assert_uint_eq(len, 3);
	ck_assert_int_eq(cruet_ws_set(kept, "", 0), CRUET_OK);
	ck_assert_str_eq(cruet_ws_get(kept, NULL), "");
	ck_assert_int_eq(cruet_ws_set(kept, NULL, 0), CRUET_OK);
	ck_assert_ptr_null(cruet_ws_get(kept, NULL));
	cruet_ws_set(kept, "freed with it", 13);
	cruet_client_ws_free(s);
	cruet_client_free(k);
	cruet_free(own);
	cruet_ws_unref(kept);
}
END_TEST

/* --- setup -------------------------------------------------------------------------- */

static void setup_refused(const cruet_ws_rule *rule, const char *sentence)
{
	cruet_app *bad = cruet_new("bad");

	cruet_websocket(bad, rule);
	assert_refused(bad, sentence);
}

START_TEST(rules_are_checked)
{
	cruet_ws_rule r = {.size = 4};

	ck_assert_int_eq(cruet_websocket(NULL, &r), CRUET_EINVAL);
	setup_refused(NULL, "cruet_websocket: set .size = sizeof(cruet_ws_rule)");
	setup_refused(&r, "cruet_websocket: set .size = sizeof(cruet_ws_rule)");
	r = (cruet_ws_rule){.size = sizeof r, .name = "x", .here = "x.c:1"};
	setup_refused(&r, "x.c:1: a rule needs a path and a function");
	r = (cruet_ws_rule){.size = sizeof r, .path = "/x", .here = "x.c:1"};
	setup_refused(&r, "x.c:1: endpoint '': expected letters, digits, '_' and '-'");
	r = (cruet_ws_rule){.size = sizeof r, .path = "/x", .name = "x",
			    .flags = CRUET_STREAM_BODY};
	setup_refused(&r, "cruet_websocket: '/x': expected no flags but CRUET_ANY_ORIGIN, "
			  "CRUET_LOOSE_SLASH and CRUET_KEEP_SLASHES");
}
END_TEST

START_TEST(an_endpoint_is_one_websocket)
{
	cruet_app *bad = cruet_new("bad");
	cruet_ws_rule r = {.size = sizeof r, .path = "/x", .name = "x", .here = "x.c:1"};

	cruet_websocket(bad, &r);
	r.path = "/y";
	r.here = "x.c:2";
	cruet_websocket(bad, &r);
	assert_refused(bad, "x.c:2: the endpoint 'x' belongs to another function already, at "
			    "x.c:1: give one of them another name");
}
END_TEST

SUITE_WITH("websockets", setup, teardown, a_connection_from_its_handshake_to_its_end,
	   a_hook_or_accept_may_refuse, an_after_hook_may_put_another_reply_in_its_place,
	   accept_answers_at_once, what_is_no_handshake_is_told_what_is_missing,
	   a_key_is_16_bytes_in_base64, headers_are_lists_in_any_case,
	   a_page_and_a_websocket_share_a_path, where_there_is_no_websocket_there_is_none,
	   a_transport_that_cannot_says_so, a_page_of_another_site_opens_none,
	   any_origin_may_where_the_rule_says_so,
	   the_first_protocol_of_the_client_that_is_spoken, messages_keep_their_kind_and_bytes,
	   a_function_may_close, a_failure_closes_and_is_logged_as_one_of_a_handler,
	   what_a_transport_refuses_never_comes,
	   a_reference_outlives_the_connection_and_the_application,
	   a_full_queue_is_busy_until_it_is_read, what_cannot_be_sent_is_refused,
	   bytes_are_kept_with_a_connection, rules_are_checked, an_endpoint_is_one_websocket)
