/* What applications do with an open WebSocket. */
#include "websockets.h"

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

SUITE_WITH("websockets", setup, teardown, messages_keep_their_kind_and_bytes,
	   a_function_may_close, a_failure_closes_and_is_logged_as_one_of_a_handler,
	   what_a_transport_refuses_never_comes,
	   a_reference_outlives_the_connection_and_the_application,
	   a_full_queue_is_busy_until_it_is_read, what_cannot_be_sent_is_refused,
	   bytes_are_kept_with_a_connection)
