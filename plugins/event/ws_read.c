/* From bytes to events. Whatever breaks a rule is a failure, as soon as it shows; a
 * limit is checked when a length is announced, before any memory is taken for it. */
#include "ws_conn_priv.h"

#include <string.h>

static const unsigned char nothing[1];

static void fail(struct ws_conn *c, unsigned code, const char *why, int64_t now,
		 struct ws_event *e)
{
	c->in.over = true;
	ws_queue_close(&c->queue, code, why); /* unless we have closed already */
	ws_begin_closing(c, code, now);
	*e = (struct ws_event){.kind = WS_FAILED,
			       .code = code,
			       .p = (const unsigned char *)why,
			       .len = strlen(why)};
}

struct wrong { /* what a step found; why NULL: nothing */
	unsigned code;
	const char *why;
};

static struct wrong protocol(const char *why)
{
	return (struct wrong){WS_PROTOCOL, why};
}

static const struct wrong fine = {0, NULL};
static const struct wrong too_large = {WS_TOO_LARGE, "the message is too large"};
static const struct wrong no_memory = {WS_INTERNAL, "out of memory"};
static const struct wrong not_utf8 = {WS_BAD_DATA, "the text is not UTF-8"};

/* --- messages ---------------------------------------------------------------- */

/* What an honest sender needs at most: what cannot be compressed is stored in blocks
 * with five bytes each, and these may be as short as 128 bytes. */
static uint64_t raw_max(const struct ws_conn *c)
{
	uint64_t max = c->opts.max_message;

	return c->in.compressed ? max + max / 16 + 64 : max;
}

static struct wrong begin_data(struct ws_conn *c)
{
	struct ws_reading *in = &c->in;
	const struct ws_head *h = &in->head;

	if (h->opcode == WS_CONTINUATION) {
		if (!in->opcode)
			return protocol("a continuation without a message");
		if (h->rsv1)
			return protocol("only a message's first frame says that it is "
					"compressed");
	} else {
		if (in->opcode)
			return protocol("a new message before the last one has ended");
		if (h->rsv1 && !c->opts.deflate.on)
			return protocol("compression was not agreed on");
		in->opcode = h->opcode;
		in->compressed = h->rsv1;
		in->raw = 0;
		in->utf8 = (struct ws_utf8){0};
	}
	uint64_t max = raw_max(c);
	if (h->len > max || in->raw > max - h->len)
		return too_large;
	in->raw += h->len;
	return fine;
}

/* Checks what was added to the message since. */
static struct wrong check_text(struct ws_conn *c, const unsigned char *p, size_t n)
{
	bool ok = c->in.opcode != WS_TEXT || ws_utf8_take(&c->in.utf8, p, n);

	return ok ? fine : not_utf8;
}

/* What became of compressed bytes. The text that they gave comes first, so that it does not
 * matter how they were cut. */
static struct wrong inflated(struct ws_conn *c, int code, size_t before)
{
	const struct ws_bytes *m = &c->in.message;
	struct wrong w = fine;

	if (m->len > before)
		w = check_text(c, m->p + before, m->len - before);
	if (w.why)
		return w;
	switch (code) {
	case 0:
		return fine;
	case WS_TOO_LARGE:
		return too_large;
	case WS_INTERNAL:
		return no_memory;
	default:
		return (struct wrong){WS_BAD_DATA, "the compressed data is broken"};
	}
}

static struct wrong add_compressed(struct ws_conn *c, const unsigned char *p, size_t n)
{
	struct ws_reading *in = &c->in;
	size_t before = in->message.len;

	if (!in->inflater)
		in->inflater = ws_inflater_new(&c->opts.deflate);
	if (!in->inflater)
		return no_memory;
	int code = ws_inflate(in->inflater, p, n, &in->message, c->opts.max_message);
	return inflated(c, code, before);
}

/* The next bytes of a message, unmasked; whole: they are all of it. */
static struct wrong add_data(struct ws_conn *c, const unsigned char *p, size_t n, bool whole)
{
	struct ws_reading *in = &c->in;

	if (in->compressed)
		return add_compressed(c, p, n);
	if (whole) {
		in->whole = p;
		in->whole_len = n;
	} else if (n) {
		unsigned char *to = ws_bytes_room(&in->message, n, c->opts.max_message);
		if (!to)
			return no_memory;
		memcpy(to, p, n);
		in->message.len += n;
	}
	return check_text(c, p, n);
}

static struct wrong end_message(struct ws_conn *c, struct ws_event *e)
{
	struct ws_reading *in = &c->in;

	if (in->compressed) {
		size_t before = in->message.len;
		struct wrong w = add_compressed(c, nothing, 0); /* of an empty frame */
		if (w.why)
			return w;
		w = inflated(c, ws_inflate_end(in->inflater, &in->message, c->opts.max_message),
			     before);
		if (w.why)
			return w;
	}
	if (in->opcode == WS_TEXT && !ws_utf8_whole(&in->utf8))
		return (struct wrong){WS_BAD_DATA, "the text ends within a character"};
	if (!c->closing)
		*e = (struct ws_event){
			.kind = WS_MESSAGE,
			.opcode = in->opcode,
			.p = in->whole       ? in->whole
			     : in->message.p ? in->message.p
					     : nothing,
			.len = in->whole ? in->whole_len : in->message.len};
	in->lent = true;
	in->opcode = 0;
	in->whole = NULL;
	return fine;
}

/* --- control frames ---------------------------------------------------------- */

static struct wrong end_close(struct ws_conn *c, int64_t now, struct ws_event *e)
{
	const unsigned char *p = c->in.control;
	size_t n = c->in.ncontrol;
	unsigned code = n >= 2 ? (unsigned)p[0] << 8 | p[1] : WS_NO_CODE;
	struct ws_utf8 utf8 = {0};

	if (n == 1)
		return protocol("a close code has two bytes");
	if (n && !ws_code_ok(code))
		return protocol("this close code cannot be sent");
	if (n && (!ws_utf8_take(&utf8, p + 2, n - 2) || !ws_utf8_whole(&utf8)))
		return (struct wrong){WS_BAD_DATA, "the close reason is not UTF-8"};
	c->in.over = true;
	ws_queue_close(&c->queue, code, NULL); /* unless we have closed already */
	ws_begin_closing(c, code, now);
	*e = (struct ws_event){.kind = WS_CLOSED,
			       .code = code,
			       .p = n ? p + 2 : nothing,
			       .len = n ? n - 2 : 0};
	return fine;
}

static struct wrong end_control(struct ws_conn *c, int64_t now, struct ws_event *e)
{
	struct ws_reading *in = &c->in;

	if (in->head.opcode == WS_CLOSE)
		return end_close(c, now, e);
	if (in->head.opcode == WS_PING)
		ws_write_pong(c, in->control, in->ncontrol);
	*e = (struct ws_event){.kind = in->head.opcode == WS_PING ? WS_PINGED : WS_PONGED,
			       .p = in->control,
			       .len = in->ncontrol};
	return fine;
}

/* --- frames ------------------------------------------------------------------ */

/* The next bytes of the frame's payload, all of which there may be none. */
static struct wrong take_payload(struct ws_conn *c, unsigned char *p, size_t n, int64_t now,
				 struct ws_event *e)
{
	struct ws_reading *in = &c->in;
	const struct ws_head *h = &in->head;
	bool begins = !in->at, control = ws_is_control(h->opcode);
	struct wrong w = fine;

	if (n)
		ws_mask(p, n, h->mask, in->at);
	in->at += n;
	bool ends = in->at == h->len;
	if (control) {
		memcpy(in->control + in->ncontrol, p, n);
		in->ncontrol = (unsigned char)(in->ncontrol + n);
	} else {
		bool whole = begins && ends && h->fin && h->opcode != WS_CONTINUATION;
		w = add_data(c, p, n, whole);
	}
	if (w.why || !ends)
		return w;
	in->in_frame = false;
	if (control)
		return end_control(c, now, e);
	return h->fin ? end_message(c, e) : fine;
}

static struct wrong take_head(struct ws_conn *c, unsigned char *p, size_t n, size_t *taken,
			      int64_t now, struct ws_event *e)
{
	struct ws_reading *in = &c->in;
	const char *why;
	struct wrong w = fine;

	switch (ws_head_read(&in->reader, p, n, taken, &in->head, &why)) {
	case WS_HEAD_MORE:
		return fine;
	case WS_HEAD_BAD:
		return protocol(why);
	case WS_HEAD_READY:
		break;
	}
	in->in_frame = true;
	in->at = 0;
	in->ncontrol = 0;
	if (!ws_is_control(in->head.opcode))
		w = begin_data(c);
	if (w.why || in->head.len)
		return w;
	return take_payload(c, p + *taken, 0, now, e);
}

/* What the last event lent out. */
static void take_back(struct ws_reading *in)
{
	if (in->lent)
		ws_bytes_free(&in->message);
	in->lent = false;
}

size_t ws_conn_read(struct ws_conn *c, unsigned char *p, size_t n, int64_t now,
		    struct ws_event *e)
{
	struct ws_reading *in = &c->in;
	size_t used = 0;

	*e = (struct ws_event){.kind = WS_NOTHING};
	take_back(in);
	if (n) {
		c->heard = now;
		c->pinged = false;
	}
	while (used < n && !in->over && !e->kind) {
		struct wrong w;
		size_t part = n - used;
		if (in->in_frame) {
			if (part > in->head.len - in->at)
				part = (size_t)(in->head.len - in->at);
			w = take_payload(c, p + used, part, now, e);
		} else {
			w = take_head(c, p + used, part, &part, now, e);
		}
		used += part;
		if (w.why)
			fail(c, w.code, w.why, now, e);
	}
	return in->over && !e->kind ? n : used;
}
