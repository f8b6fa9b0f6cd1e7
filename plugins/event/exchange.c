/* The ops of an exchange. Replies are put together in the buffer of the work; those that
 * a client asked for in one go leave in one go. */
#include "event.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	WORKS_KEPT = 64,
	COPIED_MAX = REPLY_WHOLE, /* of a reply that a client does not take at once */
	FILE_WHOLE = 16384,     /* a file up to this is read and leaves with its head */
	LAST_WORDS_MS = 500     /* that a client may take nothing of them */
};

/* --- works ------------------------------------------------------------------------------ */

struct work *work_new(struct server *s)
{
	struct work *w = malloc(sizeof *w);

	if (!w)
		return NULL;
	memset(w, 0, offsetof(struct work, out)); /* the buffer is as it comes */
	w->base.ops = s->opts.handler_timeout_ms ? &limit_ops : &event_ops;
	w->server = s;
	w->in_cap = s->limits.bytes + BODY_HELD + 4096;
	w->in = malloc(w->in_cap + 1);
	w->fields = calloc(s->limits.fields, sizeof *w->fields);
	if (w->in && w->fields)
		return w;
	work_free(w);
	return NULL;
}

struct work *work_get(struct server *s)
{
	struct work *w;

	pthread_mutex_lock(&s->lock);
	w = s->works;
	if (w) {
		s->works = w->next;
		s->nworks--;
	}
	pthread_mutex_unlock(&s->lock);
	return w ? w : work_new(s);
}

void work_put(struct server *s, struct work *w)
{
	pthread_mutex_lock(&s->lock);
	bool kept = s->nworks < WORKS_KEPT;
	if (kept) {
		w->next = s->works;
		s->works = w;
		s->nworks++;
	}
	pthread_mutex_unlock(&s->lock);
	if (!kept)
		work_free(w);
}

void work_free(struct work *w)
{
	if (!w)
		return;
	cruet_exchange_fini(&w->base);
	free(w->in);
	free(w->fields);
	free(w);
}

/* --- writing ---------------------------------------------------------------------------- */

static size_t sum(const cruet_piece *pieces, size_t n)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len += pieces[i].len;
	return len;
}

static void put(struct work *w, const void *p, size_t len)
{
	if (len)
		memcpy(w->out + w->out_len, p, len);
	w->out_len += len;
}

static CRUET_COLD int breaks(struct work *w, int err)
{
	w->keep = false;
	return w->broken = err;
}

/* Sends pieces. What the client does not take at once is kept for later: as a copy, or,
 * of a last piece that stays where it is, only where it lies: then CRUET_EAGAIN. */
static int write_out(struct work *w, const cruet_piece *pieces, size_t n, bool stays)
{
	struct conn *c = w->conn;
	size_t len = sum(pieces, n);
	ptrdiff_t sent = 0;
	cruet_piece rest = {NULL, 0};

	if (!len || w->broken)
		return w->broken;
	if (!c->out) {
		sent = io_write(c, pieces, n);
		if (sent == (ptrdiff_t)len)
			return CRUET_OK;
		if (sent < 0 && sent != CRUET_EAGAIN)
			return breaks(w, CRUET_EIO);
		if (sent < 0)
			sent = 0;
	}
	if (stays && pieces[n - 1].len > COPIED_MAX) {
		rest = pieces[--n];
		size_t before = len - rest.len;
		size_t past = (size_t)sent > before ? (size_t)sent - before : 0;
		rest.p = (const char *)rest.p + past;
		rest.len -= past;
		sent -= (ptrdiff_t)past;
	}
	if (pending_bytes(w->server, c, pieces, n, (size_t)sent) ||
	    (rest.len && pending_borrow(w->server, c, rest)))
		return breaks(w, CRUET_ENOMEM);
	return rest.len ? CRUET_EAGAIN : CRUET_OK;
}

static int flush(struct work *w)
{
	size_t len = w->out_len;

	w->out_len = 0;
	return len ? write_out(w, &(cruet_piece){w->out, len}, 1, false) : w->broken;
}

void work_flush(struct work *w)
{
	flush(w);
}

/* What is put together, and then the pieces from where they lie. */
static int flush_with(struct work *w, const cruet_piece *pieces, size_t n, bool stay)
{
	enum { AT_ONCE = 15 };
	cruet_piece all[1 + AT_ONCE];
	size_t k = n < AT_ONCE ? n : AT_ONCE;

	all[0] = (cruet_piece){w->out, w->out_len};
	for (size_t i = 0; i < k; i++)
		all[1 + i] = pieces[i];
	w->out_len = 0;
	int err = write_out(w, all, 1 + k, stay && k == n);
	return err || k == n ? err : flush_with(w, pieces + k, n - k, stay);
}

/* The pieces go into the buffer if they fit there. */
static int put_pieces(struct work *w, const cruet_piece *pieces, size_t n, bool stay)
{
	size_t len = sum(pieces, n);

	if (len > REPLY_WHOLE)
		return flush_with(w, pieces, n, stay);
	if (len > OUT_MAX - w->out_len) {
		int err = flush(w);
		if (err)
			return err;
	}
	for (size_t i = 0; i < n; i++)
		put(w, pieces[i].p, pieces[i].len);
	return CRUET_OK;
}

/* --- heads ------------------------------------------------------------------------------ */

/* Whether the connection can go on after this reply. A body that nobody read must be
 * over before the next request; one that waits for "100 Continue" may never come. */
static bool stays(const struct work *w, const cruet_reply *r)
{
	if (!w->keep || r->close || (w->waited && w->unread))
		return false;
	return !atomic_load_explicit(&w->server->draining, memory_order_relaxed);
}

/* RFC 9110 7.8: who says Upgrade says so in Connection too. */
static const char *connection_field(const struct work *w, int status)
{
	if (status == 426)
		return w->keep ? "Upgrade" : "Upgrade, close";
	return !w->keep ? "close" : w->head.minor ? NULL : "keep-alive";
}

/* Puts the head into the buffer; it must leave together with what comes before it. */
static int put_head(struct work *w, const cruet_reply *r)
{
	static const cruet_reply too_long = {.size = sizeof too_long, .status = 500};

	if (w->out_len > OUT_MAX - REPLY_HEAD - REPLY_WHOLE && flush(w))
		return w->broken;
	if ((uint32_t)r->status / 100 < 6)
		cruet_tally(&w->thread->counted.replies[r->status / 100], 1);
	w->begun = true;
	w->keep = stays(w, r) && (w->chunked || w->left >= 0);
	const char *connection = connection_field(w, r->status);
	size_t n = cruet_http1_head(w->out + w->out_len, REPLY_HEAD, r, w->chunked, connection);
	w->out_len += n;
	if (n)
		return CRUET_OK;
	cruet_log(w->server->app, CRUET_ERROR,
		  "a reply cannot be sent: its headers have more than %d bytes", REPLY_HEAD);
	w->out_len += cruet_http1_head(w->out + w->out_len, REPLY_HEAD, &too_long, 0, "close");
	flush(w);
	return breaks(w, CRUET_ELIMIT);
}

/* --- replies ---------------------------------------------------------------------------- */

static struct work *work_of(cruet_exchange *x)
{
	return (struct work *)x;
}

static int send_whole(cruet_exchange *x, const cruet_reply *r)
{
	struct work *w = work_of(x);

	w->left = 0;
	int err = put_head(w, r);
	return err ? err : put_pieces(w, r->pieces, r->npieces, true);
}

/* What is framed by its length must keep to it: bytes beyond it would be read as the
 * next reply. */
static int count(struct work *w, size_t len)
{
	if (w->left < 0)
		return CRUET_OK;
	if ((uint64_t)w->left < len)
		return breaks(w, CRUET_ELIMIT);
	w->left -= (int64_t)len;
	return CRUET_OK;
}

/* The pieces as one chunk, or as they are; all of it leaves at once. */
static int write_pieces(struct work *w, const cruet_piece *pieces, size_t n)
{
	size_t len = sum(pieces, n);
	bool framed = w->chunked && len;
	int err = w->broken ? w->broken : count(w, len);

	if (!err && framed)
		w->out_len += (size_t)snprintf(w->out + w->out_len, 24, "%zx\r\n", len);
	if (!err)
		err = put_pieces(w, pieces, n, false);
	if (!err && framed)
		put(w, "\r\n", 2);
	if (!err)
		err = flush(w);
	return err || !w->conn->out ? err : CRUET_EAGAIN;
}

static int begin_reply(cruet_exchange *x, const cruet_reply *r)
{
	struct work *w = work_of(x);

	w->left = r->length;
	w->chunked = r->length < 0 && w->head.minor > 0;
	int err = put_head(w, r);
	return err ? err : write_pieces(w, r->pieces, r->npieces);
}

static int write_reply(cruet_exchange *x, const cruet_piece *pieces, size_t n)
{
	return write_pieces(work_of(x), pieces, n);
}

static int end_reply(cruet_exchange *x, int err)
{
	struct work *w = work_of(x);

	if (err || w->left > 0)
		w->keep = false;
	if (err) /* what is pending may lie in the request */
		pending_free(w->server, w->conn);
	if (err || w->broken || !w->chunked)
		return w->broken;
	put(w, "0\r\n\r\n", 5);
	return CRUET_OK;
}

/* Small files are read, since that costs less than a call of its own. */
static int send_small(struct work *w, int fd, uint64_t offset, size_t len)
{
	while (len) {
		ssize_t n = pread(fd, w->out + w->out_len, len, (off_t)offset);
		if (n <= 0) {
			flush(w);
			return breaks(w, CRUET_EIO);
		}
		w->out_len += (size_t)n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return CRUET_OK;
}

static int send_file(cruet_exchange *x, const cruet_reply *r, int fd, uint64_t offset,
		     uint64_t len)
{
	struct work *w = work_of(x);
	struct conn *c = w->conn;

	w->left = 0;
	int err = put_head(w, r);
	if (!err && len <= FILE_WHOLE)
		return send_small(w, fd, offset, (size_t)len);
	c->follows = true; /* the head leaves together with what the file begins with */
	if (!err)
		err = flush(w);
	c->follows = false;
	while (!err && len && !c->out && io_takes_files(c)) {
		ptrdiff_t n = io_file(c, fd, offset, len);
		if (n == CRUET_EAGAIN)
			break;
		if (n <= 0)
			return breaks(w, CRUET_EIO);
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	if (err || !len)
		return err;
	err = pending_file(w->server, c, fd, offset, len);
	if (!err)
		err = pending_send(w->server, c);
	return err && err != CRUET_EAGAIN ? breaks(w, CRUET_EIO) : CRUET_OK;
}

static int send_interim(cruet_exchange *x, int status, const cruet_field *fields, size_t n)
{
	struct work *w = work_of(x);
	cruet_reply r = {.size = sizeof r, .status = status, .fields = fields, .nfields = n};

	if (!w->head.minor || w->begun)
		return CRUET_OK;
	if (w->out_len > OUT_MAX - REPLY_HEAD && flush(w))
		return w->broken;
	size_t len = cruet_http1_head(w->out + w->out_len, REPLY_HEAD, &r, 0, NULL);
	w->out_len += len;
	return len ? flush(w) : CRUET_ELIMIT;
}

static int client_gone(cruet_exchange *x)
{
	struct work *w = work_of(x);
	return w->broken || io_gone(w->conn);
}

/* A client that takes nothing for a while is waited for no longer. */
static bool send_last(int fd, const char *p, size_t len)
{
	while (len) {
		struct pollfd room = {.fd = fd, .events = POLLOUT};
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno != EAGAIN || poll(&room, 1, LAST_WORDS_MS) < 1))
			return false;
		p += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* In a signal handler: reading and system calls, nothing else. What stands in the buffer
 * leaves with it: of this request, or of those that were asked before it in one go. */
static int last_words(cruet_exchange *x, const void *bytes, size_t len)
{
	const struct work *w = work_of(x);
	const struct conn *c = w->conn;
	char sink[1024];

	if (w->broken || c->out || !io_takes_files(c))
		return CRUET_EIO;
	bool sent = send_last(c->fd, w->out, w->out_len) &&
		    send_last(c->fd, bytes, w->begun ? 0 : len);
	shutdown(c->fd, SHUT_WR);
	/* what nobody has read would make the system throw the reply away */
	for (int n = 0; n < DISCARD_MAX / (int)sizeof sink; n++)
		if (recv(c->fd, sink, sizeof sink, MSG_DONTWAIT) <= 0)
			break;
	return !sent ? CRUET_EIO : w->begun ? CRUET_ESTATE : CRUET_OK;
}

const cruet_exchange_ops event_ops = {
	.size = sizeof event_ops,
	.read = body_read,
	.send = send_whole,
	.begin = begin_reply,
	.write = write_reply,
	.end = end_reply,
	.file = send_file,
	.interim = send_interim,
	.gone = client_gone,
	.route = wait_route,
	.park = wait_park,
	.wake = wait_wake,
	.upgrade = socket_upgrade,
	.last_words = last_words,
};

void work_refuse(struct work *w, int status, const char *why)
{
	w->keep = false;
	w->unread = 0;
	w->head = (cruet_head){.size = sizeof w->head, .minor = 1};
	cruet_refuse(w->server->app, &w->base, NULL, status, why);
}
