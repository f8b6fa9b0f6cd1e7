/* Compressed messages (RFC 7692, 6 and 7.2), both ways, against zlib as the client. */
#include "ws_peer.h"

#define ZLIB_CONST
#include <zlib.h>

static struct ws_conn_opts with(bool keeps, unsigned bits)
{
	struct ws_conn_opts o = usual;

	o.deflate = (struct ws_deflate){.on = true,
					.server_keeps = keeps,
					.client_keeps = keeps,
					.server_bits = (uint8_t)bits,
					.client_bits = (uint8_t)bits};
	return o;
}

/* --- what comes -------------------------------------------------------------- */

static void put_hex(struct script *s, unsigned first, const char *hex)
{
	unsigned char p[64];
	size_t n = 0;
	unsigned byte;

	for (; sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		p[n] = (unsigned char)byte;
	put_bytes(s, first, p, n);
}

START_TEST(the_examples_of_the_rfc) /* 7.2.3 */
{
	struct ws_conn_opts o = with(true, 15);
	struct script s = {.n = 0};

	put_hex(&s, FIN | RSV1 | WS_TEXT, "f248cdc9c90700");
	expect_with(&o, &s, "text 'Hello'\n");
	/* in two frames */
	put_hex(&s, RSV1 | WS_TEXT, "f248cd");
	put_hex(&s, FIN | WS_CONTINUATION, "c9c90700");
	expect_with(&o, &s, "text 'Hello'\n");
	/* with the window of the message before */
	put_hex(&s, FIN | RSV1 | WS_TEXT, "f248cdc9c90700");
	put_hex(&s, FIN | RSV1 | WS_TEXT, "f200110000");
	expect_with(&o, &s, "text 'Hello'\ntext 'Hello'\n");
	/* not compressed */
	put_hex(&s, FIN | RSV1 | WS_TEXT, "000500faff48656c6c6f00");
	expect_with(&o, &s, "text 'Hello'\n");
	/* with a last block, after which the window goes on */
	put_hex(&s, FIN | RSV1 | WS_TEXT, "f348cdc9c9070000");
	put_hex(&s, FIN | RSV1 | WS_TEXT, "f200110000");
	expect_with(&o, &s, "text 'Hello'\ntext 'Hello'\n");
	/* in two blocks */
	put_hex(&s, FIN | RSV1 | WS_TEXT, "f24805000000ffffcac9c90700");
	expect_with(&o, &s, "text 'Hello'\n");
	/* empty */
	put_hex(&s, FIN | RSV1 | WS_TEXT, "00");
	expect_with(&o, &s, "text ''\n");
}
END_TEST

START_TEST(each_message_says_whether_it_is_compressed) /* 6 */
{
	struct ws_conn_opts o = with(true, 15);
	struct script s = {.n = 0};

	put_text(&s, FIN | WS_TEXT, "plain");
	put_hex(&s, FIN | RSV1 | WS_BINARY, "f248cdc9c90700");
	put_text(&s, FIN | WS_PING, "plain too");
	put_text(&s, FIN | WS_TEXT, "plain");
	expect_with(&o, &s, "text 'plain'\nbinary 'Hello'\nping 'plain too'\ntext 'plain'\n");
}
END_TEST

START_TEST(only_its_first_frame_does) /* 6.1 */
{
	struct ws_conn_opts o = with(true, 15);
	struct script s = {.n = 0};

	put_hex(&s, RSV1 | WS_TEXT, "f248cd");
	put_hex(&s, FIN | RSV1 | WS_CONTINUATION, "c9c90700");
	expect_with(&o, &s,
		    "failed 1002 'only a message's first frame says that it is compressed'\n");
	put_text(&s, FIN | RSV1 | WS_PING, "");
	expect_with(&o, &s, "failed 1002 'a control frame cannot be compressed'\n");
}
END_TEST

START_TEST(control_frames_come_between_compressed_fragments)
{
	struct ws_conn_opts o = with(false, 15);
	struct script s = {.n = 0};

	put_hex(&s, RSV1 | WS_TEXT, "f248cd");
	put_text(&s, FIN | WS_PING, "p");
	put_hex(&s, WS_CONTINUATION, "");
	put_hex(&s, FIN | WS_CONTINUATION, "c9c90700");
	expect_with(&o, &s, "ping 'p'\ntext 'Hello'\n");
}
END_TEST

START_TEST(broken_data_fails)
{
	struct ws_conn_opts o = with(false, 15);
	struct script s = {.n = 0};

	put_hex(&s, FIN | RSV1 | WS_TEXT, "ff");
	expect_with(&o, &s, "failed 1007 'the compressed data is broken'\n");
	put_hex(&s, FIN | RSV1 | WS_BINARY, "f248cdc9"); /* cut short */
	expect_with(&o, &s, "failed 1007 'the compressed data is broken'\n");
	put_hex(&s, FIN | RSV1 | WS_BINARY, "000500faff4865"); /* a stored block, cut short */
	expect_with(&o, &s, "failed 1007 'the compressed data is broken'\n");
	/* The window of the message before is gone. */
	put_hex(&s, FIN | RSV1 | WS_TEXT, "f248cdc9c90700");
	put_hex(&s, FIN | RSV1 | WS_TEXT, "f200110000");
	expect_with(&o, &s, "text 'Hello'\nfailed 1007 'the compressed data is broken'\n");
}
END_TEST

/* A message as a client's zlib makes it. */
static void put_deflated(struct script *s, unsigned first, const void *p, size_t n, int bits)
{
	z_stream z = {.next_in = p, .avail_in = (uInt)n};
	unsigned char *out = malloc(n + 1024);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = out;
	z.avail_out = (uInt)(n + 1024);
	ck_assert_int_eq(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	ck_assert_uint_eq(z.avail_in, 0);
	put_bytes(s, first | RSV1, out, n + 1024 - z.avail_out - 4);
	deflateEnd(&z);
	free(out);
}

START_TEST(text_is_utf8_after_decompression)
{
	struct ws_conn_opts o = with(false, 15);
	struct script s = {.n = 0};

	put_deflated(&s, FIN | WS_TEXT, "\xCE\xBA", 2, 15);
	put_deflated(&s, FIN | WS_TEXT, "\xCE\xBA\xE1\xBD", 4, 15);
	expect_with(&o, &s, "text '..'\nfailed 1007 'the text ends within a character'\n");
	put_deflated(&s, FIN | WS_TEXT, "abc\xFFxyz", 7, 15);
	expect_with(&o, &s, "failed 1007 'the text is not UTF-8'\n");
	put_deflated(&s, FIN | WS_BINARY, "abc\xFFxyz", 7, 15);
	expect_with(&o, &s, "binary 'abc.xyz'\n");
}
END_TEST

START_TEST(a_bomb_is_refused)
{
	enum { SIZE = 1 << 20 };
	struct ws_conn_opts o = with(false, 15);
	struct script s = {.n = 0};
	char *zeros = calloc(1, SIZE);

	ck_assert_ptr_nonnull(zeros);
	o.max_message = 1000;
	put_deflated(&s, FIN | WS_BINARY, zeros, 1000, 15);
	expect_with(&o, &s, "binary of 1000\n");
	put_deflated(&s, FIN | WS_BINARY, zeros, 1001, 15);
	expect_with(&o, &s, "failed 1009 'the message is too large'\n");
	o.max_message = 100000;
	put_deflated(&s, FIN | WS_BINARY, zeros, SIZE, 15);
	ck_assert(s.n < 1200);
	expect_with(&o, &s, "failed 1009 'the message is too large'\n");
	free(zeros);
}
END_TEST

START_TEST(what_cannot_be_compressed_still_fits_its_limit)
{
	enum { SIZE = 100000 };
	struct ws_conn_opts o = with(false, 15);
	struct script s = {.n = 0};
	unsigned char *p = malloc(SIZE);
	uint32_t v = 1;

	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < SIZE; i++) {
		v = v * 1664525 + 1013904223;
		p[i] = (unsigned char)(v >> 24);
	}
	o.max_message = SIZE;
	put_deflated(&s, FIN | WS_BINARY, p, SIZE, 9);
	ck_assert(s.n > SIZE);
	expect_with(&o, &s, "binary of 100000\n");
	free(p);
}
END_TEST

START_TEST(announced_lengths_of_compressed_messages_have_a_limit_too)
{
	struct ws_conn_opts o = with(false, 15);
	struct script s = {.n = 0};

	o.max_message = 1000;
	put_part(&s, FIN | RSV1 | WS_BINARY, 2000, "", 0);
	expect_with(&o, &s, "failed 1009 'the message is too large'\n");
}
END_TEST

/* --- what leaves ------------------------------------------------------------- */

struct client { /* zlib as the client has it */
	z_stream z;
	bool keeps;
};

static void client_init(struct client *k, bool keeps, int bits)
{
	*k = (struct client){.keeps = keeps};
	ck_assert_int_eq(inflateInit2(&k->z, -bits), Z_OK);
}

/* The message of a frame that must be compressed. */
static size_t client_reads(struct client *k, const struct frame *f, char *out, size_t cap)
{
	static const unsigned char tail[] = {0, 0, 0xFF, 0xFF};

	ck_assert_uint_eq(f->first, FIN | RSV1 | WS_TEXT);
	k->z.next_out = (unsigned char *)out;
	k->z.avail_out = (uInt)cap;
	k->z.next_in = f->p;
	k->z.avail_in = (uInt)f->n;
	ck_assert_int_eq(inflate(&k->z, Z_SYNC_FLUSH), Z_OK);
	k->z.next_in = tail;
	k->z.avail_in = sizeof tail;
	ck_assert_int_eq(inflate(&k->z, Z_SYNC_FLUSH), Z_OK);
	ck_assert_uint_eq(k->z.avail_in, 0);
	if (!k->keeps)
		ck_assert_int_eq(inflateReset(&k->z), Z_OK);
	return cap - k->z.avail_out;
}

/* n messages much alike; returns the bytes they took. */
static size_t sends(const struct ws_conn_opts *o, bool keeps, int bits, size_t n)
{
	char text[512], got[1024];
	struct client k;
	struct frame f;
	struct peer w;
	size_t at = 0;

	client_init(&k, keeps, bits);
	peer_init(&w, o);
	for (size_t i = 0; i < n; i++) {
		int len = snprintf(text, sizeof text, "{\"number\":%zu,\"name\":\"somebody\","
						      "\"text\":\"something to say %zu\"}",
				   i, i * i);
		ck_assert_int_le(ws_conn_send(w.c, WS_TEXT, text, (size_t)len), WS_PUT_FIRST);
		peer_take(&w, 100);
		ck_assert(next_frame(&w, &at, &f));
		ck_assert_uint_eq(client_reads(&k, &f, got, sizeof got), (size_t)len);
		ck_assert_mem_eq(got, text, (size_t)len);
	}
	size_t bytes = w.got.n;
	inflateEnd(&k.z);
	peer_fini(&w);
	return bytes;
}

START_TEST(messages_leave_compressed_with_or_without_a_window)
{
	struct ws_conn_opts keeps = with(true, 15), small = with(true, 9);
	size_t kept = sends(&keeps, true, 15, 50);

	sends(&small, true, 9, 50);
	ck_assert_msg(kept < 50 * 40, "%zu", kept);
}
END_TEST

START_TEST(what_does_not_become_shorter_leaves_as_it_is)
{
	struct ws_conn_opts o = with(false, 12);
	struct peer w;

	peer_init(&w, &o);
	ws_conn_send(w.c, WS_TEXT, "abc", 3);
	ws_conn_send(w.c, WS_TEXT, "", 0);
	peer_take(&w, 100);
	ck_assert_str_eq(frames(&w), "81 abc|81 ");
	peer_fini(&w);
}
END_TEST

START_TEST(a_forgotten_window_is_not_referred_to)
{
	struct ws_conn_opts o = with(false, 12);
	char text[300];
	struct client k;
	struct frame f;
	struct peer w;
	char got[400];
	size_t at = 0;

	memset(text, 'x', sizeof text);
	client_init(&k, false, 12);
	peer_init(&w, &o);
	for (int i = 0; i < 3; i++) {
		ws_conn_send(w.c, WS_TEXT, text, sizeof text);
		peer_take(&w, 100);
		ck_assert(next_frame(&w, &at, &f));
		ck_assert_uint_lt(f.n, 20);
		ck_assert_uint_eq(client_reads(&k, &f, got, sizeof got), sizeof text);
	}
	inflateEnd(&k.z);
	peer_fini(&w);
}
END_TEST

START_TEST(short_messages_are_not_compressed)
{
	struct ws_conn_opts o = with(false, 12);
	char text[100];
	struct frame f;
	struct peer w;
	size_t at = 0;

	memset(text, 'x', sizeof text);
	o.deflate.min_size = 64;
	peer_init(&w, &o);
	ws_conn_send(w.c, WS_TEXT, text, 63);
	ws_conn_send(w.c, WS_TEXT, text, 64);
	peer_take(&w, 100);
	ck_assert(next_frame(&w, &at, &f));
	ck_assert_uint_eq(f.first, FIN | WS_TEXT);
	ck_assert(next_frame(&w, &at, &f));
	ck_assert_uint_eq(f.first, FIN | RSV1 | WS_TEXT);
	peer_fini(&w);
}
END_TEST

START_TEST(compressed_messages_keep_their_place_in_the_queue)
{
	struct ws_conn_opts o = with(false, 12);
	char text[100];
	struct frame f;
	struct peer w;
	size_t at = 0;
	struct iovec v[2];

	memset(text, 'x', sizeof text);
	peer_init(&w, &o);
	ws_conn_send(w.c, WS_TEXT, text, sizeof text);
	ck_assert_uint_eq(ws_conn_out(w.c, v, 2, w.now), 1); /* compresses the only one */
	ws_conn_send(w.c, WS_BINARY, "next", 4);
	peer_take(&w, 1);
	ck_assert(next_frame(&w, &at, &f) && f.first == (FIN | RSV1 | WS_TEXT));
	ck_assert(next_frame(&w, &at, &f) && f.first == (FIN | WS_BINARY));
	ck_assert_mem_eq(f.p, "next", 4);
	peer_fini(&w);
}
END_TEST

SUITE("ws_deflate", the_examples_of_the_rfc, each_message_says_whether_it_is_compressed,
      only_its_first_frame_does, control_frames_come_between_compressed_fragments,
      broken_data_fails, text_is_utf8_after_decompression, a_bomb_is_refused,
      what_cannot_be_compressed_still_fits_its_limit,
      announced_lengths_of_compressed_messages_have_a_limit_too,
      messages_leave_compressed_with_or_without_a_window,
      what_does_not_become_shorter_leaves_as_it_is, a_forgotten_window_is_not_referred_to,
      short_messages_are_not_compressed, compressed_messages_keep_their_place_in_the_queue)
