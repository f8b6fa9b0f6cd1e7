/* What a WebSocket client may send. The first byte chooses compression, a limit and
 * the size of pieces; the rest is sent. The same happens whatever the pieces are, what is
 * handed out keeps to its limit and, if it is text, is UTF-8, and every connection
 * comes to an end. */
#include "fuzz.h"

#include "base/text.h"
#include "ws_conn.h"

enum { SMALL = 64, USUAL = 65536, QUEUE = 4096 };

struct story { /* what happened, as far as two of them can be compared */
	uint64_t hash;
	unsigned events, code;
};

static void mix(struct story *s, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i++)
		s->hash = (s->hash ^ b[i]) * UINT64_C(0x100000001B3);
}

static void note(struct story *s, const struct ws_event *e)
{
	unsigned head[] = {e->kind, e->opcode, e->code};

	mix(s, head, sizeof head);
	mix(s, &e->len, sizeof e->len);
	mix(s, e->p, e->len);
	s->events++;
}

static void check(struct ws_conn *c, const struct ws_conn_opts *o, const struct ws_event *e)
{
	switch (e->kind) {
	case WS_NOTHING:
		break;
	case WS_MESSAGE:
		CHECK(e->len <= o->max_message);
		CHECK(e->opcode == WS_BINARY || e->opcode == WS_TEXT);
		if (e->opcode == WS_TEXT)
			CHECK(utf8_valid((const char *)e->p, e->len));
		ws_conn_send(c, e->opcode, e->p, e->len);
		break;
	case WS_PINGED:
	case WS_PONGED:
		CHECK(e->len <= WS_CONTROL_MAX);
		break;
	case WS_CLOSED:
		CHECK(e->code == WS_NO_CODE || ws_code_ok(e->code));
		CHECK(e->len <= WS_REASON_MAX && utf8_valid((const char *)e->p, e->len));
		break;
	case WS_FAILED:
		CHECK(e->code == WS_PROTOCOL || e->code == WS_BAD_DATA ||
		      e->code == WS_TOO_LARGE);
		break;
	}
}

static void write_some(struct ws_conn *c, size_t most)
{
	struct iovec v[3];
	size_t n = ws_conn_out(c, v, 3, 0), left = most;

	for (size_t i = 0; i < n && left; i++) {
		volatile unsigned char sum = 0;
		size_t part = v[i].iov_len < left ? v[i].iov_len : left;
		for (size_t k = 0; k < part; k++)
			sum ^= ((unsigned char *)v[i].iov_base)[k];
		(void)sum; /* it was read: that is all */
		left -= part;
	}
	ws_conn_wrote(c, most - left, 0);
}

static void send_piece(struct ws_conn *c, const struct ws_conn_opts *o, const uint8_t *data,
		       size_t n, struct story *s)
{
	unsigned char *copy = malloc(n ? n : 1), *at = copy;
	struct ws_event e;

	CHECK(copy);
	if (n)
		memcpy(copy, data, n);
	do {
		size_t used = ws_conn_read(c, at, n, 0, &e);
		CHECK(used <= n && (e.kind || used == n));
		check(c, o, &e);
		if (e.kind)
			note(s, &e);
		at += used;
		n -= used;
	} while (e.kind);
	free(copy);
}

static struct story run(const struct ws_conn_opts *o, const uint8_t *data, size_t size,
			size_t step)
{
	struct story s = {.hash = UINT64_C(0xCBF29CE484222325)};
	struct ws_conn *c = ws_conn_new(o, 0);

	CHECK(c);
	for (size_t at = 0; at < size; at += step) {
		send_piece(c, o, data + at, size - at < step ? size - at : step, &s);
		write_some(c, step);
	}
	s.code = ws_conn_code(c);
	ws_conn_close(c, 1000, "the end");
	write_some(c, SIZE_MAX);
	CHECK(ws_conn_tick(c, o->idle_ms) == INT64_MAX);
	CHECK(ws_conn_ended(c) && ws_conn_code(c));
	ws_conn_free(c);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned how = size ? data[0] : 0;
	struct ws_conn_opts o = {.max_message = how & 4 ? SMALL : USUAL,
				 .max_queue = QUEUE,
				 .idle_ms = 1000,
				 .close_ms = 100,
				 .deflate = {.on = how & 1,
					     .server_keeps = how & 2,
					     .client_keeps = how & 2,
					     .server_bits = 9,
					     .client_bits = how & 64 ? 9 : 15}};

	if (!size)
		return 0;
	struct story whole = run(&o, data + 1, size - 1, SIZE_MAX / 2);
	struct story pieces = run(&o, data + 1, size - 1, 1 + (how >> 3 & 7));
	/* zlib lets a client reach behind the small window that it agreed on, as long as
	 * the bytes there are still in the output: with those, pieces may matter. */
	if (o.deflate.client_bits == 15 || !o.deflate.on)
		CHECK(whole.hash == pieces.hash && whole.events == pieces.events &&
		      whole.code == pieces.code);
	return 0;
}
