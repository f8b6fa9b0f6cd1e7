/* The client's side for the tests of a WebSocket connection: what it sends is put
 * together in a script, and what happens is told in words, the same whether the bytes
 * come one by one or all at once. */
#ifndef TESTS_EVENT_PEER_H
#define TESTS_EVENT_PEER_H

#include "../../suite.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ws_conn.h"

enum { FIN = 0x80, RSV1 = 0x40, RSV2 = 0x20, RSV3 = 0x10, MASKED = 0x80 };

struct script {
	unsigned char *p;
	size_t n;
};

static const unsigned char key[4] = {0x37, 0xFA, 0x21, 0x3D};

static inline void put(struct script *s, const void *p, size_t n)
{
	s->p = realloc(s->p, s->n + n + 1);
	ck_assert_ptr_nonnull(s->p);
	if (n)
		memcpy(s->p + s->n, p, n);
	s->n += n;
}

/* A frame whose head announces len bytes, and n bytes of its payload. */
static inline void put_part(struct script *s, unsigned first, uint64_t len, const void *p,
			    size_t n)
{
	unsigned char head[WS_HEAD_MAX];
	struct ws_head h = {.fin = first & FIN,
			    .rsv1 = first & RSV1,
			    .opcode = first & 0x0F,
			    .masked = true,
			    .len = len};

	memcpy(h.mask, key, sizeof key);
	size_t size = ws_head_write(head, &h);
	head[0] = (unsigned char)first; /* RSV2 and RSV3 too */
	put(s, head, size);
	put(s, p, n);
	ws_mask(s->p + s->n - n, n, key, 0);
}

static inline void put_bytes(struct script *s, unsigned first, const void *p, size_t n)
{
	put_part(s, first, n, p, n);
}

static inline void put_text(struct script *s, unsigned first, const char *text)
{
	put_bytes(s, first, text, strlen(text));
}

static inline void put_close(struct script *s, unsigned code, const char *why)
{
	unsigned char p[WS_CONTROL_MAX] = {(unsigned char)(code >> 8), (unsigned char)code};

	memcpy(p + 2, why, strlen(why));
	put_bytes(s, FIN | WS_CLOSE, p, 2 + strlen(why));
}

/* --- a connection ------------------------------------------------------------ */

struct peer {
	struct ws_conn *c;
	int64_t now;
	char *said;      /* the events, a line each */
	size_t nsaid;
	struct script got; /* bytes that it wrote */
};

static const struct ws_conn_opts usual = {
	.max_message = 1 << 20, .max_queue = 1 << 20, .idle_ms = 60000, .close_ms = 5000};

static inline void peer_init(struct peer *w, const struct ws_conn_opts *o)
{
	*w = (struct peer){.now = 1000};
	w->c = ws_conn_new(o, w->now);
	w->said = calloc(1, 1);
	ck_assert(w->c && w->said);
}

static inline void peer_fini(struct peer *w)
{
	ws_conn_free(w->c);
	free(w->said);
	free(w->got.p);
}

static inline void say(struct peer *w, const char *what, unsigned code,
		       const struct ws_event *e)
{
	char head[64], shown[81];
	size_t n = e->len < sizeof shown ? e->len : sizeof shown - 1;

	for (size_t i = 0; i < n; i++)
		shown[i] = e->p[i] >= ' ' && e->p[i] < 0x7F ? (char)e->p[i] : '.';
	shown[n] = 0;
	if (code)
		snprintf(head, sizeof head, "%s %u", what, code);
	else
		snprintf(head, sizeof head, "%s", what);
	size_t room = strlen(head) + n + 32;
	w->said = realloc(w->said, w->nsaid + room);
	ck_assert_ptr_nonnull(w->said);
	if (e->len < sizeof shown)
		w->nsaid += (size_t)snprintf(w->said + w->nsaid, room, "%s '%s'\n", head, shown);
	else
		w->nsaid += (size_t)snprintf(w->said + w->nsaid, room, "%s of %zu\n", head,
					     e->len);
}

static inline void tell(struct peer *w, const struct ws_event *e)
{
	switch (e->kind) {
	case WS_NOTHING:
		break;
	case WS_MESSAGE:
		say(w, e->opcode == WS_TEXT ? "text" : "binary", 0, e);
		break;
	case WS_PINGED:
		say(w, "ping", 0, e);
		break;
	case WS_PONGED:
		say(w, "pong", 0, e);
		break;
	case WS_CLOSED:
		say(w, "closed", e->code, e);
		break;
	case WS_FAILED:
		say(w, "failed", e->code, e);
		break;
	}
}

/* Reads an exact copy, so that a step beyond it is seen. */
static inline void peer_read(struct peer *w, const unsigned char *p, size_t n)
{
	unsigned char *copy = malloc(n ? n : 1), *at = copy;
	struct ws_event e;

	ck_assert_ptr_nonnull(copy);
	if (n)
		memcpy(copy, p, n);
	do {
		size_t used = ws_conn_read(w->c, at, n, w->now, &e);
		ck_assert(used <= n);
		ck_assert(e.kind || used == n);
		tell(w, &e);
		at += used;
		n -= used;
	} while (e.kind);
	free(copy);
}

/* Takes what it writes, in pieces of at most step bytes. */
static inline void peer_take(struct peer *w, size_t step)
{
	struct iovec v[4];

	while (ws_conn_out(w->c, v, 4, w->now)) {
		size_t n = v[0].iov_len < step ? v[0].iov_len : step;
		ck_assert(n);
		put(&w->got, v[0].iov_base, n);
		ws_conn_wrote(w->c, n, w->now);
	}
}

/* The next frame that it wrote, taken off; false: there is none. */
struct frame {
	unsigned first;
	size_t n;
	const unsigned char *p;
};

static inline bool next_frame(struct peer *w, size_t *at, struct frame *f)
{
	size_t left = w->got.n - *at, head = 2;

	if (!left)
		return false;
	const unsigned char *p = w->got.p + *at;
	ck_assert(left >= 2);
	ck_assert_msg(!(p[1] & MASKED), "a server does not mask");
	f->first = p[0];
	f->n = p[1];
	if (f->n >= 126) {
		size_t bytes = f->n == 126 ? 2 : 8;
		ck_assert(left >= 2 + bytes);
		f->n = 0;
		for (size_t i = 0; i < bytes; i++)
			f->n = f->n << 8 | p[2 + i];
		ck_assert_msg(f->n > (bytes == 2 ? 125u : 65535u), "the shortest length");
		head += bytes;
	}
	ck_assert(left - head >= f->n);
	f->p = p + head;
	*at += head + f->n;
	return true;
}

/* What it wrote: the frames as "81 Hello|89 |88 1000 bye". */
static inline const char *frames(struct peer *w)
{
	static char out[4096];
	struct frame f;
	size_t at = 0, n = 0;

	*out = 0;
	while (next_frame(w, &at, &f)) {
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%02x ", n ? "|" : "", f.first);
		if (f.first == (FIN | WS_CLOSE) && f.n >= 2) {
			n += (size_t)snprintf(out + n, sizeof out - n, "%u ", f.p[0] << 8 | f.p[1]);
			f.p += 2;
			f.n -= 2;
		}
		ck_assert(f.n < sizeof out - n);
		n += (size_t)snprintf(out + n, sizeof out - n, "%.*s", (int)f.n,
				      (const char *)f.p);
	}
	return out;
}

/* The length of the next piece of a script: its ends are read in small steps, the midst of a long
 * one in steps a hundred times as large, which cut at other places each time. */
static inline size_t next_piece(const struct script *s, size_t at, size_t step)
{
	enum { ENDS = 1000 };
	size_t left = s->n - at;

	if (at > ENDS && left > ENDS && step < ENDS)
		step *= 101;
	return left < step ? left : step;
}

/* That a script makes these events, byte by byte as well as at once, and in steps that
 * cut where neither does. */
static inline void expect_with(const struct ws_conn_opts *o, struct script *s,
			       const char *events)
{
	static const size_t steps[] = {SIZE_MAX, 1, 2, 3, 7, 13};
	struct peer w;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		peer_init(&w, o);
		for (size_t at = 0; at < s->n;) {
			size_t n = next_piece(s, at, steps[i]);
			peer_read(&w, s->p + at, n);
			at += n;
		}
		ck_assert_str_eq(w.said, events);
		peer_fini(&w);
	}
	free(s->p);
	*s = (struct script){.n = 0};
}

static inline void expect(struct script *s, const char *events)
{
	expect_with(&usual, s, events);
}

#endif
