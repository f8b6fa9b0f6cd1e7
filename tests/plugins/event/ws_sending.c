/* What a server sends: order, lengths, bounds, and many threads at once. */
#include "ws_peer.h"

#include <pthread.h>
#include <sched.h>

START_TEST(messages_leave_unmasked_in_order_as_one_frame_each)
{
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_send(w.c, WS_TEXT, "one", 3);
	ws_conn_send(w.c, WS_BINARY, "two", 3);
	ws_conn_send(w.c, WS_TEXT, NULL, 0);
	peer_take(&w, 2);
	ck_assert_str_eq(frames(&w), "81 one|82 two|81 ");
	peer_fini(&w);
}
END_TEST

START_TEST(all_lengths_are_written_in_their_shortest_form)
{
	static const size_t lengths[] = {125, 126, 65535, 65536, 200000};
	char *p = calloc(1, 200000);
	struct frame f;
	struct peer w;

	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		size_t at = 0;
		peer_init(&w, &usual);
		ws_conn_send(w.c, WS_BINARY, p, lengths[i]);
		peer_take(&w, 4096);
		ck_assert(next_frame(&w, &at, &f)); /* which looks at the form */
		ck_assert_uint_eq(f.n, lengths[i]);
		ck_assert_mem_eq(f.p, p, f.n);
		ck_assert(!next_frame(&w, &at, &f));
		peer_fini(&w);
	}
	free(p);
}
END_TEST

START_TEST(pieces_are_in_order_and_as_many_as_fit)
{
	struct iovec v[3];
	struct peer w;

	peer_init(&w, &usual);
	for (int i = 0; i < 5; i++)
		ws_conn_send(w.c, WS_TEXT, &"abcdef"[i], 1);
	ck_assert_uint_eq(ws_conn_out(w.c, v, 3, w.now), 3);
	ck_assert_mem_eq(v[0].iov_base, "\x81\1a", 3);
	ck_assert_mem_eq(v[2].iov_base, "\x81\1c", 3);
	ws_conn_wrote(w.c, 7, w.now); /* two and the beginning of the third */
	ck_assert_uint_eq(ws_conn_out(w.c, v, 3, w.now), 3);
	ck_assert_uint_eq(v[0].iov_len, 2);
	ck_assert_mem_eq(v[0].iov_base, "\1c", 2);
	ws_conn_wrote(w.c, 2 + 3 + 3, w.now);
	ck_assert_uint_eq(ws_conn_out(w.c, v, 3, w.now), 0);
	peer_fini(&w);
}
END_TEST

START_TEST(the_reply_to_the_handshake_goes_before_all)
{
	struct peer w;

	peer_init(&w, &usual);
	ck_assert(ws_conn_begin(w.c, "HTTP/1.1 101", 12));
	ws_conn_send(w.c, WS_TEXT, "one", 3);
	w.now += usual.idle_ms / 2;
	ws_conn_tick(w.c, w.now); /* a ping is due */
	peer_take(&w, 5);
	ck_assert_mem_eq(w.got.p, "HTTP/1.1 101\x89\0\x81\3one", 12 + 2 + 5);
	ck_assert_uint_eq(w.got.n, 12 + 2 + 5);
	peer_fini(&w);
	peer_init(&w, &usual);
	ck_assert(ws_conn_begin(w.c, "HTTP/1.1 101", 12));
	peer_read(&w, (const unsigned char *)"\x83", 1);
	peer_take(&w, SIZE_MAX);
	ck_assert_mem_eq(w.got.p, "HTTP/1.1 101\x88\x13\3\xEA" "an unknown opcode", 12 + 4 + 17);
	peer_fini(&w);
}
END_TEST

START_TEST(a_pong_goes_between_messages_and_not_into_one)
{
	struct script s = {.n = 0};
	struct iovec v[4];
	struct peer w;

	peer_init(&w, &usual);
	ws_conn_send(w.c, WS_TEXT, "half written", 12);
	ws_conn_send(w.c, WS_TEXT, "next", 4);
	ck_assert_uint_eq(ws_conn_out(w.c, v, 4, w.now), 2);
	put(&w.got, v[0].iov_base, 5);
	ws_conn_wrote(w.c, 5, w.now);
	put_text(&s, FIN | WS_PING, "p");
	peer_read(&w, s.p, s.n);
	peer_take(&w, 1);
	ck_assert_str_eq(frames(&w), "81 half written|8a p|81 next");
	free(s.p);
	peer_fini(&w);
}
END_TEST

START_TEST(of_many_pings_the_last_is_answered) /* 5.5.3 */
{
	struct script s = {.n = 0};
	struct iovec v[4];
	struct peer w;

	peer_init(&w, &usual);
	put_text(&s, FIN | WS_PING, "1");
	peer_read(&w, s.p, s.n);
	ck_assert_uint_eq(ws_conn_out(w.c, v, 4, w.now), 1);
	put(&w.got, v[0].iov_base, 1); /* the first pong is on its way */
	ws_conn_wrote(w.c, 1, w.now);
	for (char ch = '2'; ch <= '9'; ch++) {
		s.n = 0;
		put_bytes(&s, FIN | WS_PING, &ch, 1);
		peer_read(&w, s.p, s.n);
	}
	peer_take(&w, 1);
	ck_assert_str_eq(frames(&w), "8a 1|8a 9");
	free(s.p);
	peer_fini(&w);
}
END_TEST

START_TEST(a_full_queue_takes_nothing_more_until_it_is_written)
{
	struct ws_conn_opts o = usual;
	char p[400] = "";
	struct peer w;

	o.max_queue = 1000;
	peer_init(&w, &o);
	ck_assert_int_eq(ws_conn_send(w.c, WS_BINARY, p, 400), WS_PUT_FIRST);
	ck_assert_int_eq(ws_conn_send(w.c, WS_BINARY, p, 400), WS_PUT);
	ck_assert_int_eq(ws_conn_send(w.c, WS_BINARY, p, 400), WS_PUT_FULL);
	/* What was taken over and not written counts on. */
	struct iovec v[4];
	ck_assert_uint_eq(ws_conn_out(w.c, v, 4, w.now), 2);
	ck_assert_int_eq(ws_conn_send(w.c, WS_BINARY, p, 400), WS_PUT_FULL);
	ws_conn_wrote(w.c, v[0].iov_len, w.now);
	ck_assert_int_eq(ws_conn_send(w.c, WS_BINARY, p, 400), WS_PUT_FIRST);
	ck_assert_int_eq(ws_conn_send(w.c, WS_BINARY, p, 400), WS_PUT_FULL);
	peer_fini(&w);
}
END_TEST

START_TEST(what_can_never_fit_is_refused_at_once)
{
	struct ws_conn_opts o = usual;
	struct peer w;

	o.max_queue = 1000;
	peer_init(&w, &o);
	ck_assert_int_eq(ws_conn_send(w.c, WS_BINARY, "", SIZE_MAX), WS_PUT_FULL);
	ck_assert_int_eq(ws_conn_send(w.c, WS_BINARY, "", 1001), WS_PUT_FULL);
	peer_fini(&w);
}
END_TEST

START_TEST(empty_messages_fill_a_queue_too)
{
	struct ws_conn_opts o = usual;
	struct peer w;
	size_t n = 0;

	o.max_queue = 10000;
	peer_init(&w, &o);
	while (ws_conn_send(w.c, WS_TEXT, "", 0) != WS_PUT_FULL)
		ck_assert(n++ < 1000);
	ck_assert(n > 50);
	peer_fini(&w);
}
END_TEST

/* --- threads ----------------------------------------------------------------- */

enum { SENDERS = 4, EACH = 2000 };

struct sender {
	pthread_t thread;
	struct ws_conn *c;
	unsigned char number;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;

	for (unsigned i = 0; i < EACH;) {
		unsigned char p[3] = {s->number, (unsigned char)(i >> 8), (unsigned char)i};
		enum ws_put r = ws_conn_send(s->c, WS_BINARY, p, sizeof p);
		if (r == WS_PUT_FULL)
			sched_yield();
		else
			i++;
	}
	return NULL;
}

START_TEST(what_threads_send_at_once_arrives_whole_and_in_order)
{
	struct ws_conn_opts o = usual;
	struct sender s[SENDERS];
	unsigned next[SENDERS] = {0};
	struct frame f;
	struct peer w;
	size_t at = 0, n = 0;

	o.max_queue = 4096;
	peer_init(&w, &o);
	for (unsigned char i = 0; i < SENDERS; i++) {
		s[i].c = w.c;
		s[i].number = i;
		ck_assert_int_eq(pthread_create(&s[i].thread, NULL, send_all, &s[i]), 0);
	}
	while (n < SENDERS * EACH) {
		peer_take(&w, 1000);
		for (; at < w.got.n && next_frame(&w, &at, &f); n++) {
			ck_assert_uint_eq(f.n, 3);
			ck_assert(f.p[0] < SENDERS);
			ck_assert_uint_eq(next[f.p[0]]++, (unsigned)f.p[1] << 8 | f.p[2]);
		}
	}
	for (size_t i = 0; i < SENDERS; i++)
		pthread_join(s[i].thread, NULL);
	peer_fini(&w);
}
END_TEST

static void *send_and_close(void *arg)
{
	struct sender *s = arg;

	for (unsigned i = 0; i < 50; i++)
		ws_conn_send(s->c, WS_BINARY, &s->number, 1);
	ws_conn_close(s->c, 4000, "done");
	return NULL;
}

START_TEST(nothing_is_written_behind_a_close_of_another_thread)
{
	for (int round = 0; round < 200; round++) {
		struct sender s = {.number = 7};
		struct frame f;
		struct peer w;
		size_t at = 0, n = 0;
		peer_init(&w, &usual);
		s.c = w.c;
		ck_assert_int_eq(pthread_create(&s.thread, NULL, send_and_close, &s), 0);
		do {
			peer_take(&w, 1000);
			for (; at < w.got.n && next_frame(&w, &at, &f); n++)
				ck_assert_uint_eq(f.first, n < 50 ? FIN | WS_BINARY
								  : FIN | WS_CLOSE);
		} while (n < 51);
		pthread_join(s.thread, NULL);
		peer_take(&w, 1000);
		ck_assert_uint_eq(at, w.got.n);
		peer_fini(&w);
	}
}
END_TEST

SUITE("ws_sending", messages_leave_unmasked_in_order_as_one_frame_each,
      all_lengths_are_written_in_their_shortest_form, pieces_are_in_order_and_as_many_as_fit,
      the_reply_to_the_handshake_goes_before_all,
      a_pong_goes_between_messages_and_not_into_one, of_many_pings_the_last_is_answered,
      a_full_queue_takes_nothing_more_until_it_is_written,
      what_can_never_fit_is_refused_at_once, empty_messages_fill_a_queue_too,
      what_threads_send_at_once_arrives_whole_and_in_order,
      nothing_is_written_behind_a_close_of_another_thread)
