/* The body of a request: from the buffer if it came in one piece with its head, else as
 * it arrives. */
#include "event.h"

#include <poll.h>
#include <string.h>

static int body_fails(struct work *w, int err)
{
	w->keep = false;
	return w->body_err = err;
}

/* How long the next bytes may take: until the deadline, or until the body comes too
 * slowly; not positive: it is too late. */
static int64_t patience(const struct work *w)
{
	const cruet_listen_opts *o = &w->server->opts;
	int64_t spent = now_ms() - w->body_since;
	int64_t left = (int64_t)o->body_timeout_ms - spent;

	if (!o->body_rate)
		return left;
	int64_t earned = BODY_GRACE_MS + (int64_t)(w->body_got * 1000 / o->body_rate) - spent;
	return earned < left ? earned : left;
}

static int continue_body(struct work *w)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

	w->continues = false;
	if (w->begun)
		return CRUET_OK;
	if (w->out_len > OUT_MAX - sizeof line)
		work_flush(w);
	memcpy(w->out + w->out_len, line, sizeof line - 1);
	w->out_len += sizeof line - 1;
	work_flush(w);
	return w->broken;
}

/* Bytes of the connection, however long they take. */
static ptrdiff_t receive(struct work *w, void *p, size_t n)
{
	struct conn *c = w->conn;
	ptrdiff_t got;

	if (!w->body_since)
		w->body_since = now_ms();
	while ((got = io_read(c, p, n)) == CRUET_EAGAIN) {
		int64_t ms = patience(w);
		loop_give(w->thread);
		if (ms <= 0) {
			cruet_tally(&w->thread->counted.timeouts_body, 1);
			return CRUET_ETIMEOUT;
		}
		int err = io_wait(c, POLLIN, ms);
		if (err == CRUET_EIO)
			return CRUET_EPARSE;
	}
	if (got > 0)
		w->body_got += (uint64_t)got;
	return got > 0 ? got : CRUET_EPARSE;
}

static ptrdiff_t read_sized(struct work *w, void *buf, size_t cap)
{
	size_t here = w->in_len - w->at;
	ptrdiff_t n;

	if (cap > w->unread)
		cap = (size_t)w->unread;
	if (here) {
		n = (ptrdiff_t)(here < cap ? here : cap);
		memcpy(buf, w->in + w->at, (size_t)n);
		w->at += (size_t)n;
	} else {
		n = receive(w, buf, cap);
		if (n < 0)
			return n;
	}
	w->unread -= (uint64_t)n;
	return n;
}

static ptrdiff_t read_chunked(struct work *w, void *buf, size_t cap)
{
	for (;;) {
		size_t used;
		ptrdiff_t n = chunk_read(&w->chunks, w->in + w->at, w->in_len - w->at, &used, buf,
					 cap);
		if (n < 0)
			return n;
		w->at += used;
		w->unread = !chunk_over(&w->chunks);
		if (n || !w->unread)
			return n;
		w->at = w->in_len = w->body_base;
		n = receive(w, w->in + w->at, w->in_cap - w->at);
		if (n < 0)
			return n;
		w->in_len += (size_t)n;
	}
}

ptrdiff_t body_read(cruet_exchange *x, void *buf, size_t cap)
{
	struct work *w = (struct work *)x;

	if (w->body_err)
		return w->body_err;
	if (!w->unread || !cap)
		return 0;
	if (w->continues && continue_body(w))
		return body_fails(w, CRUET_EPARSE);
	ptrdiff_t n = w->chunked_in ? read_chunked(w, buf, cap) : read_sized(w, buf, cap);
	return n < 0 ? body_fails(w, (int)n) : n;
}
