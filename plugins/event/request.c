/* From the bytes of a connection to whole requests. */
#include "event.h"

#include <stdlib.h>
#include <string.h>

enum next request_refuse(struct work *w, struct conn *c, int status, const char *why)
{
	if (status != 408) /* that is counted as what was too late */
		count_refused(w, status);
	loop_leave(w->thread);
	work_refuse(w, status, why);
	loop_return(w->thread);
	c->closing = c->unread = true;
	return NEXT_REFUSED;
}

static enum next needs(struct work *w, struct conn *c, size_t bytes)
{
	head_restore(&w->read);
	c->need = (uint32_t)bytes;
	return NEXT_MORE;
}

/* Whether a body of known length is here, or enough of it to begin. */
static enum next sized_body(struct work *w, struct conn *c, size_t head, size_t len)
{
	uint64_t body = (uint64_t)w->read.length;

	if (len - head >= body) {
		w->behind = w->at + head + (size_t)body;
		return NEXT_SERVE;
	}
	w->waited = true;
	if (w->read.expects || body > w->server->opts.body_max || len - head >= BODY_HELD)
		return NEXT_SERVE;
	return needs(w, c, head + (body < BODY_HELD ? (size_t)body : BODY_HELD));
}

static enum next chunked_body(struct work *w, struct conn *c, size_t head, size_t len)
{
	size_t used;
	ptrdiff_t n = chunk_read(&c->chunks, w->in + w->at + head + c->chunked,
				 len - head - c->chunked, &used, NULL, SIZE_MAX);

	if (n >= 0) {
		c->chunked += (uint32_t)used;
		w->behind = w->at + head + c->chunked;
	}
	w->waited = n < 0 || !chunk_over(&c->chunks);
	if (!w->waited || n < 0 || w->read.expects || len - head >= BODY_HELD)
		return NEXT_SERVE; /* what is malformed shows when it is read */
	return needs(w, c, len + 1);
}

/* Looks at what was read. */
static enum next examine(struct work *w, struct conn *c)
{
	size_t len = w->in_len - w->at;
	const char *why;

	ptrdiff_t head = head_find(w->in + w->at, len, &w->server->limits, &c->seen, &why);
	if (head < 0)
		return request_refuse(w, c, (int)-head, why);
	if (!head) {
		c->need = (uint32_t)len + 1;
		return NEXT_MORE;
	}
	w->read.fields = w->fields;
	int status = head_read(w->in + w->at, (size_t)head, &w->server->limits, &w->read, &why);
	if (status)
		return request_refuse(w, c, status, why);
	w->waited = false;
	w->body_base = w->behind = w->at + (size_t)head;
	if (w->read.length > 0)
		return sized_body(w, c, (size_t)head, len);
	if (w->read.length == -1)
		return chunked_body(w, c, (size_t)head, len);
	w->waited = w->read.length < 0; /* the front door refuses it */
	return NEXT_SERVE;
}

/* Reads what has come: behind what is stashed, or into the buffer of the thread. */
static ptrdiff_t read_more(struct work *w, struct conn *c)
{
	ptrdiff_t n;

	if (!c->in) {
		n = io_read(c, w->in + w->in_len, w->in_cap - w->in_len);
		w->in_len += n > 0 ? (size_t)n : 0;
		return n;
	}
	if (c->in_len == c->in_cap) {
		size_t cap = c->need > c->in_cap * 2 ? c->need : c->in_cap * 2;
		cap = cap < w->in_cap ? cap : w->in_cap;
		char *p = realloc(c->in, cap);
		if (!p)
			return CRUET_ENOMEM;
		c->in = p;
		c->in_cap = (uint32_t)cap;
	}
	n = io_read(c, c->in + c->in_len, c->in_cap - c->in_len);
	c->in_len += n > 0 ? (uint32_t)n : 0;
	return n;
}

static void unstash(struct work *w, struct conn *c)
{
	memcpy(w->in, c->in, c->in_len);
	w->at = 0;
	w->in_len = c->in_len;
	free(c->in);
	c->in = NULL;
	c->in_len = c->in_cap = 0;
}

/* The client sends no more. Of a body that is not whole whoever reads it shall know. */
static enum next cut_short(struct work *w, struct conn *c)
{
	const struct head_limits *max = &w->server->limits;
	char *p = w->in + w->at;
	size_t len = w->in_len - w->at;
	const char *why;

	if (!len || c->broken)
		return NEXT_END;
	enum next next = examine(w, c);
	if (next != NEXT_MORE)
		return next;
	ptrdiff_t head = head_find(p, len, max, &c->seen, &why);
	if (head <= 0)
		return request_refuse(w, c, 400, "The request was cut short.");
	head_read(p, (size_t)head, max, &w->read, &why);
	return NEXT_SERVE;
}

enum next request_next(struct work *w, struct conn *c)
{
	for (;;) {
		size_t len = c->in ? c->in_len : w->in_len - w->at;
		if (len >= c->need) {
			if (c->in)
				unstash(w, c);
			enum next next = examine(w, c);
			if (next != NEXT_MORE)
				return next;
			if (w->at) { /* room for the rest */
				memmove(w->in, w->in + w->at, w->in_len - w->at);
				w->in_len -= w->at;
				w->at = 0;
			}
		}
		if (!c->more)
			return NEXT_MORE;
		ptrdiff_t n = read_more(w, c);
		if (n > 0)
			continue;
		if (n == CRUET_EAGAIN)
			return NEXT_MORE;
		c->broken |= n < 0;
		if (c->in)
			unstash(w, c);
		return cut_short(w, c);
	}
}

