/* How a connection ends (RFC 6455, 5.5.1 and 7), and when it is given up. */
#include "ws_peer.h"

static void peer_script(struct peer *w, struct script *s)
{
	peer_read(w, s->p, s->n);
	free(s->p);
	*s = (struct script){.n = 0};
}

START_TEST(a_close_is_answered_with_its_code_then_all_is_over)
{
	struct script s = {.n = 0};
	struct peer w;

	peer_init(&w, &usual);
	put_close(&s, 4321, "bye");
	peer_script(&w, &s);
	ck_assert_str_eq(w.said, "closed 4321 'bye'\n");
	ck_assert(!ws_conn_ended(w.c));
	peer_take(&w, 1);
	ck_assert_str_eq(frames(&w), "88 4321 ");
	ck_assert(ws_conn_ended(w.c));
	ck_assert_uint_eq(ws_conn_code(w.c), 4321);
	peer_fini(&w);
}
END_TEST

START_TEST(a_close_without_a_code_is_answered_so)
{
	struct script s = {.n = 0};
	struct peer w;

	peer_init(&w, &usual);
	put_text(&s, FIN | WS_CLOSE, "");
	peer_script(&w, &s);
	peer_take(&w, SIZE_MAX);
	ck_assert_str_eq(w.said, "closed 1005 ''\n");
	ck_assert_str_eq(frames(&w), "88 ");
	ck_assert_uint_eq(ws_conn_code(w.c), WS_NO_CODE);
	ck_assert(ws_conn_ended(w.c));
	peer_fini(&w);
}
END_TEST

START_TEST(what_waits_leaves_before_the_answer)
{
	struct script s = {.n = 0};
	struct peer w;

	peer_init(&w, &usual);
	ck_assert_int_eq(ws_conn_send(w.c, WS_TEXT, "one", 3), WS_PUT_FIRST);
	ck_assert_int_eq(ws_conn_send(w.c, WS_TEXT, "two", 3), WS_PUT);
	put_close(&s, 1000, "");
	peer_script(&w, &s);
	ck_assert_int_eq(ws_conn_send(w.c, WS_TEXT, "three", 5), WS_PUT_CLOSED);
	peer_take(&w, 2);
	ck_assert_str_eq(frames(&w), "81 one|81 two|88 1000 ");
	peer_fini(&w);
}
END_TEST

START_TEST(bad_closes_fail)
{
	static const unsigned codes[] = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000};
	struct script s = {.n = 0};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		put_close(&s, codes[i], "");
		expect(&s, "failed 1002 'this close code cannot be sent'\n");
	}
	put_text(&s, FIN | WS_CLOSE, "\3");
	expect(&s, "failed 1002 'a close code has two bytes'\n");
	put_close(&s, 1000, "\xFF");
	expect(&s, "failed 1007 'the close reason is not UTF-8'\n");
	put_close(&s, 1000, "cut \xE1\xBD");
	expect(&s, "failed 1007 'the close reason is not UTF-8'\n");
}
END_TEST

START_TEST(good_closes_do_not)
{
	static const unsigned codes[] = {1000, 1003, 1007, 1014, 3000, 4999};
	struct script s = {.n = 0};
	char want[32];

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		put_close(&s, codes[i], "");
		put_text(&s, FIN | WS_TEXT, "nobody reads this");
		snprintf(want, sizeof want, "closed %u ''\n", codes[i]);
		expect(&s, want);
	}
}
END_TEST

START_TEST(a_close_of_ours_waits_for_the_clients)
{
	struct script s = {.n = 0};
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_send(w.c, WS_TEXT, "last", 4);
	ck_assert_int_eq(ws_conn_close(w.c, 4000, "enough"), WS_PUT);
	ck_assert_int_eq(ws_conn_close(w.c, 4001, "again"), WS_PUT_CLOSED);
	ck_assert_int_eq(ws_conn_send(w.c, WS_TEXT, "late", 4), WS_PUT_CLOSED);
	peer_take(&w, 3);
	ck_assert_str_eq(frames(&w), "81 last|88 4000 enough");
	ck_assert(!ws_conn_ended(w.c));
	/* What comes until then is not handed out, and after a close nothing is sent. */
	put_text(&s, FIN | WS_TEXT, "crossed");
	put_text(&s, FIN | WS_PING, "p");
	put_close(&s, 1000, "");
	peer_script(&w, &s);
	ck_assert_str_eq(w.said, "ping 'p'\nclosed 1000 ''\n");
	peer_take(&w, SIZE_MAX);
	ck_assert_str_eq(frames(&w), "81 last|88 4000 enough");
	ck_assert(ws_conn_ended(w.c));
	ck_assert_uint_eq(ws_conn_code(w.c), 4000);
	peer_fini(&w);
}
END_TEST

START_TEST(closes_that_cross_are_one)
{
	struct script s = {.n = 0};
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_close(w.c, 1001, "");
	put_close(&s, 1000, "");
	peer_script(&w, &s); /* before ours has left */
	peer_take(&w, SIZE_MAX);
	ck_assert_str_eq(frames(&w), "88 1001 ");
	ck_assert(ws_conn_ended(w.c));
	peer_fini(&w);
}
END_TEST

START_TEST(a_close_that_is_not_answered_has_an_end)
{
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_close(w.c, 1000, NULL);
	peer_take(&w, SIZE_MAX);
	ck_assert_int_eq(ws_conn_tick(w.c, w.now), w.now + 5000);
	ck_assert_int_eq(ws_conn_tick(w.c, w.now + 4999), w.now + 5000);
	ck_assert(!ws_conn_ended(w.c));
	ck_assert_int_eq(ws_conn_tick(w.c, w.now + 5000), INT64_MAX);
	ck_assert(ws_conn_ended(w.c));
	ck_assert_uint_eq(ws_conn_code(w.c), 1000);
	peer_fini(&w);
}
END_TEST

START_TEST(a_failure_tells_why_after_what_waits)
{
	struct script s = {.n = 0};
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_send(w.c, WS_TEXT, "before", 6);
	put_text(&s, FIN | WS_PING, "p");
	put_text(&s, FIN | WS_TEXT, "\xFF");
	peer_script(&w, &s);
	peer_take(&w, 5);
	ck_assert_str_eq(frames(&w), "8a p|81 before|88 1007 the text is not UTF-8");
	ck_assert(ws_conn_ended(w.c));
	ck_assert_int_eq(ws_conn_send(w.c, WS_TEXT, "late", 4), WS_PUT_CLOSED);
	ck_assert_uint_eq(ws_conn_code(w.c), 1007);
	peer_fini(&w);
}
END_TEST

START_TEST(a_failure_cuts_no_frame_in_two)
{
	struct script s = {.n = 0};
	struct iovec v[4];
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_send(w.c, WS_TEXT, "half written", 12);
	ws_conn_send(w.c, WS_TEXT, "next", 4);
	ck_assert_uint_eq(ws_conn_out(w.c, v, 4, w.now), 2);
	put(&w.got, v[0].iov_base, 4);
	ws_conn_wrote(w.c, 4, w.now);
	put_text(&s, FIN | WS_CONTINUATION, "");
	peer_script(&w, &s);
	peer_take(&w, SIZE_MAX);
	ck_assert_str_eq(frames(&w),
			 "81 half written|81 next|88 1002 a continuation without a message");
	peer_fini(&w);
}
END_TEST

START_TEST(a_lost_connection_is_1006_and_writes_nothing)
{
	struct iovec v[4];
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_send(w.c, WS_TEXT, "dropped", 7);
	ws_conn_lost(w.c);
	ck_assert_uint_eq(ws_conn_out(w.c, v, 4, w.now), 0);
	ck_assert(ws_conn_ended(w.c));
	ck_assert_uint_eq(ws_conn_code(w.c), WS_LOST);
	ck_assert_int_eq(ws_conn_send(w.c, WS_TEXT, "late", 4), WS_PUT_CLOSED);
	peer_fini(&w);
}
END_TEST

START_TEST(a_reason_is_cut_at_a_character)
{
	char reason[160], want[160];
	struct peer w;

	memset(reason, 'r', 122);
	strcpy(reason + 122, "\xC3\xA9 and more"); /* of which 123 bytes hold half */
	peer_init(&w, &usual);
	ws_conn_close(w.c, 4000, reason);
	peer_take(&w, SIZE_MAX);
	snprintf(want, sizeof want, "88 4000 %.122s", reason);
	ck_assert_str_eq(frames(&w), want);
	peer_fini(&w);
}
END_TEST

START_TEST(silence_is_pinged_after_half_the_time_and_ended_after_all_of_it)
{
	struct peer w;

	peer_init(&w, &usual);
	ck_assert_int_eq(ws_conn_tick(w.c, 1000), 31000);
	ck_assert_int_eq(ws_conn_tick(w.c, 30999), 31000);
	peer_take(&w, SIZE_MAX);
	ck_assert_str_eq(frames(&w), "");
	ck_assert_int_eq(ws_conn_tick(w.c, 31000), 61000);
	ck_assert_int_eq(ws_conn_tick(w.c, 31001), 61000);
	w.now = 31001;
	peer_take(&w, SIZE_MAX);
	ck_assert_str_eq(frames(&w), "89 ");
	ck_assert(!ws_conn_ended(w.c));
	ck_assert_int_eq(ws_conn_tick(w.c, 61000), INT64_MAX);
	ck_assert(ws_conn_ended(w.c));
	ck_assert_uint_eq(ws_conn_code(w.c), WS_LOST);
	peer_fini(&w);
}
END_TEST

START_TEST(an_answered_ping_starts_the_time_anew)
{
	struct script s = {.n = 0};
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_tick(w.c, 31000);
	w.now = 31000;
	peer_take(&w, SIZE_MAX);
	put_text(&s, FIN | WS_PONG, "");
	peer_script(&w, &s);
	ck_assert_int_eq(ws_conn_tick(w.c, 31000), 61000);
	ck_assert_int_eq(ws_conn_tick(w.c, 61000), 91000);
	w.now = 61000;
	peer_take(&w, SIZE_MAX);
	ck_assert_str_eq(frames(&w), "89 |89 ");
	peer_fini(&w);
}
END_TEST

START_TEST(a_client_that_takes_nothing_is_given_up)
{
	struct script s = {.n = 0};
	struct iovec v[4];
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_send(w.c, WS_TEXT, "never read", 10);
	ck_assert_uint_eq(ws_conn_out(w.c, v, 4, 2000), 1);
	ws_conn_wrote(w.c, 3, 3000);
	w.now = 60000; /* it still sends */
	put_text(&s, FIN | WS_PING, "");
	peer_script(&w, &s);
	ck_assert_int_eq(ws_conn_tick(w.c, 62999), 63000);
	ck_assert_int_eq(ws_conn_tick(w.c, 63000), INT64_MAX);
	ck_assert(ws_conn_ended(w.c));
	peer_fini(&w);
}
END_TEST

START_TEST(without_a_time_nothing_is_pinged_or_given_up)
{
	struct ws_conn_opts o = usual;
	struct peer w;

	o.idle_ms = 0;
	peer_init(&w, &o);
	ck_assert_int_eq(ws_conn_tick(w.c, INT64_MAX - 1), INT64_MAX);
	ck_assert(!ws_conn_ended(w.c));
	peer_fini(&w);
}
END_TEST

SUITE("ws_closing", a_close_is_answered_with_its_code_then_all_is_over,
      a_close_without_a_code_is_answered_so, what_waits_leaves_before_the_answer,
      bad_closes_fail, good_closes_do_not, a_close_of_ours_waits_for_the_clients,
      closes_that_cross_are_one, a_close_that_is_not_answered_has_an_end,
      a_failure_tells_why_after_what_waits, a_failure_cuts_no_frame_in_two,
      a_lost_connection_is_1006_and_writes_nothing, a_reason_is_cut_at_a_character,
      silence_is_pinged_after_half_the_time_and_ended_after_all_of_it,
      an_answered_ping_starts_the_time_anew, a_client_that_takes_nothing_is_given_up,
      without_a_time_nothing_is_pinged_or_given_up)
