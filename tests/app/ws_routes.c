/* How a WebSocket begins: what is a handshake, and who may refuse it. */
#include "websockets.h"

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

SUITE_WITH("ws_routes", setup, teardown, a_connection_from_its_handshake_to_its_end,
	   a_hook_or_accept_may_refuse, an_after_hook_may_put_another_reply_in_its_place,
	   accept_answers_at_once, what_is_no_handshake_is_told_what_is_missing,
	   a_key_is_16_bytes_in_base64, headers_are_lists_in_any_case,
	   a_page_and_a_websocket_share_a_path, where_there_is_no_websocket_there_is_none,
	   a_transport_that_cannot_says_so, a_page_of_another_site_opens_none,
	   any_origin_may_where_the_rule_says_so,
	   the_first_protocol_of_the_client_that_is_spoken, rules_are_checked,
	   an_endpoint_is_one_websocket)
