/* From messages to bytes. What leaves, in this order: the rest of a message that is half
 * written; one control frame; further messages. A control frame is made when the one
 * before it is gone, so that few bytes are enough for all of them, however often a
 * client pings. The close frame comes after all messages and is the last. */
#include "ws_conn_priv.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void stage(struct ws_writing *out, unsigned opcode, const void *p, size_t n)
{
	unsigned char head[WS_HEAD_MAX];
	size_t len = ws_head_write(head, &(struct ws_head){.fin = true,
							   .opcode = (uint8_t)opcode,
							   .len = n});

	memcpy(out->control, head, len);
	if (n)
		memcpy(out->control + len, p, n);
	out->ncontrol = (unsigned char)(len + n);
	out->control_at = 0;
}

static void stage_close(struct ws_writing *out)
{
	unsigned char p[WS_CONTROL_MAX] = {(unsigned char)(out->close_code >> 8),
					   (unsigned char)out->close_code};
	size_t n = strlen(out->close_reason);

	memcpy(p + 2, out->close_reason, n);
	stage(out, WS_CLOSE, p, out->close_code == WS_NO_CODE ? 0 : 2 + n);
	out->close_staged = true;
}

static void stage_control(struct ws_conn *c)
{
	struct ws_writing *out = &c->out;

	if (out->ncontrol || out->close_staged)
		return;
	if (out->pong_due) {
		stage(out, WS_PONG, out->pong, out->npong);
		out->pong_due = false;
	} else if (out->ping_due) {
		stage(out, WS_PING, NULL, 0);
		out->ping_due = false;
	} else if (c->closing && !out->line) {
		stage_close(out);
	}
}

void ws_write_pong(struct ws_conn *c, const unsigned char *p, size_t n)
{
	if (n)
		memcpy(c->out.pong, p, n);
	c->out.npong = (unsigned char)n;
	c->out.pong_due = true;
}

/* The first of the line comes before a control frame. */
static bool goes_first(const struct ws_writing *out)
{
	return out->line && (out->at || out->line->alone);
}

bool ws_conn_begin(struct ws_conn *c, const void *p, size_t n)
{
	struct ws_node *first = ws_node_new(WS_CONTINUATION, p, n);

	if (!first)
		return false;
	first->charge = 0;
	first->framed = first->alone = true;
	c->out.line = first;
	c->out.end = &first->next;
	return true;
}

/* Takes over what other threads have queued. First whether they close: after that
 * nothing more is added, so nothing comes behind the close frame. */
static void collect(struct ws_conn *c, int64_t now)
{
	struct ws_writing *out = &c->out;
	unsigned code;

	if (ws_queue_close_wanted(&c->queue, &code, out->close_reason)) {
		out->close_code = code;
		ws_begin_closing(c, code, now);
	}
	*out->end = ws_queue_take(&c->queue);
	while (*out->end)
		out->end = &(*out->end)->next;
}

/* The same message compressed; NULL: it stays as it is. */
static struct ws_node *compress(struct ws_conn *c, const struct ws_node *n)
{
	const struct ws_deflate *d = &c->opts.deflate;
	struct ws_bytes b = {.p = NULL};
	size_t before = offsetof(struct ws_node, bytes) + WS_HEAD_MAX, len = n->end - n->from;

	if (!d->on || !len || len < d->min_size)
		return NULL;
	if (!c->out.deflater)
		c->out.deflater = ws_deflater_new(d);
	if (!c->out.deflater || !ws_bytes_room(&b, before, before))
		return NULL;
	b.len = before;
	if (!ws_deflate_message(c->out.deflater, n->bytes + n->from, len, &b)) {
		ws_bytes_free(&b);
		return NULL;
	}
	struct ws_node *made = (struct ws_node *)(void *)b.p;
	*made = *n;
	made->from = WS_HEAD_MAX;
	made->end = b.len - offsetof(struct ws_node, bytes);
	return made;
}

/* Writes the head of a message right before its payload. */
static void frame(struct ws_conn *c, struct ws_node **at)
{
	unsigned char head[WS_HEAD_MAX];
	struct ws_node *n = *at, *compressed = compress(c, n);

	if (compressed) {
		if (c->out.end == &n->next)
			c->out.end = &compressed->next;
		free(n);
		*at = n = compressed;
	}
	size_t len = ws_head_write(head, &(struct ws_head){.fin = true,
							   .rsv1 = compressed != NULL,
							   .opcode = n->opcode,
							   .len = n->end - n->from});
	n->from -= len;
	memcpy(n->bytes + n->from, head, len);
	n->framed = true;
}

static struct iovec rest_of(struct ws_node *n, size_t at)
{
	return (struct iovec){n->bytes + n->from + at, n->end - n->from - at};
}

size_t ws_conn_out(struct ws_conn *c, struct iovec *v, size_t max, int64_t now)
{
	struct ws_writing *out = &c->out;
	struct ws_node **at = &out->line;
	size_t n = 0;

	if (c->lost)
		return 0;
	collect(c, now);
	stage_control(c);
	if (goes_first(out)) {
		v[n++] = rest_of(*at, out->at);
		at = &(*at)->next;
	}
	if (out->ncontrol)
		v[n++] = (struct iovec){out->control + out->control_at,
					(size_t)(out->ncontrol - out->control_at)};
	for (; *at && n < max; at = &(*at)->next) {
		if (!(*at)->framed)
			frame(c, at);
		v[n++] = rest_of(*at, 0);
	}
	if (n && out->since < 0)
		out->since = now;
	return n;
}

static size_t wrote_control(struct ws_writing *out, size_t n)
{
	size_t left = (size_t)(out->ncontrol - out->control_at);
	size_t part = n < left ? n : left;

	out->control_at = (unsigned char)(out->control_at + part);
	if (out->control_at == out->ncontrol)
		out->ncontrol = out->control_at = 0;
	return part;
}

static size_t wrote_message(struct ws_conn *c, size_t n)
{
	struct ws_writing *out = &c->out;
	struct ws_node *first = out->line;
	size_t left = first->end - first->from - out->at;

	if (n < left) {
		out->at += n;
		return n;
	}
	out->line = first->next;
	out->at = 0;
	if (!out->line)
		out->end = &out->line;
	ws_queue_done(&c->queue, first->charge);
	free(first);
	return left;
}

void ws_conn_wrote(struct ws_conn *c, size_t n, int64_t now)
{
	struct ws_writing *out = &c->out;

	if (n)
		out->since = now;
	while (n) {
		bool control = out->ncontrol && !goes_first(out);
		n -= control ? wrote_control(out, n) : wrote_message(c, n);
	}
	if (!out->line && !out->ncontrol)
		out->since = -1;
}
