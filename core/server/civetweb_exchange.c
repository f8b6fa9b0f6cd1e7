/* The ops of an exchange on civetweb. A reply up to 64 KiB is put together in its own
 * buffer and leaves in one write; of a larger one the head leaves first
 * and then the pieces from where they lie. */
#include <civetweb.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cruet/error.h"
#include "cruet/log.h"
#include "server/civetweb_priv.h"
#include "server/clock.h"
#include "server/sockets.h"

enum { WRITE_MAX = 1 << 20, LAST_WORDS_MS = 500 };

/* --- reading -------------------------------------------------------------------------- */

/* civetweb gave up: true if it has only waited as long as it ever does, and met no
 * error. Which limit counts then is the keeper's to say. */
static bool only_waited(struct exchange *e, int64_t since_ms)
{
	int64_t limit = (int64_t)e->worker->server->opts.head_timeout_ms;
	int64_t grain = limit / 2 < CLOCK_GRAIN_MS ? limit / 2 : CLOCK_GRAIN_MS;

	return clock_ms() - since_ms >= limit - grain && !phase_was_cut(e->worker);
}

static int write_all(struct exchange *e, const char *p, size_t len);

static int body_fails(struct exchange *e, int err)
{
	bool cut = phase_enter(e->worker, PHASE_BUSY);
	e->keep = false;
	if (err == CRUET_ETIMEOUT && !cut) /* else the keeper has counted it */
		cruet_tally(&e->counted.timeouts_body, 1);
	return e->body_err = cut ? CRUET_ETIMEOUT : err;
}

static int continue_body(struct exchange *e)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

	e->continues = false;
	return e->begun ? CRUET_OK : write_all(e, line, sizeof line - 1);
}

static int pull(struct exchange *e, void *buf, size_t cap)
{
	int n;
	int64_t since;

	do {
		since = clock_ms();
		n = mg_read(e->worker->conn, buf, cap);
	} while (n == 0 && e->unread > 0 && only_waited(e, since));
	if (n > 0 || (n == 0 && e->unread < 0))
		return n;
	return only_waited(e, since) ? CRUET_ETIMEOUT : CRUET_EPARSE;
}

static ptrdiff_t read_body(cruet_exchange *x, void *buf, size_t cap)
{
	struct exchange *e = (struct exchange *)x;

	if (e->body_err)
		return e->body_err;
	if (!e->unread || !cap)
		return 0;
	if (e->continues && continue_body(e))
		return body_fails(e, CRUET_EPARSE);
	if ((atomic_load_explicit(&e->worker->phase, memory_order_relaxed) & PHASE_MASK) != PHASE_READ)
		phase_enter(e->worker, PHASE_READ);
	if (cap > INT_MAX)
		cap = INT_MAX;
	if (e->unread > 0 && cap > (uint64_t)e->unread)
		cap = (size_t)e->unread;
	int n = pull(e, buf, cap);
	if (n < 0)
		return body_fails(e, n);
	cruet_tally(&e->counted.bytes_in, (uint64_t)n);
	e->unread = e->unread > 0 ? e->unread - n : n ? -1 : 0;
	if (!e->unread && phase_enter(e->worker, PHASE_BUSY))
		e->keep = false;
	return n;
}

/* --- writing -------------------------------------------------------------------------- */

static int write_all(struct exchange *e, const char *p, size_t len)
{
	if (e->broken)
		return e->broken;
	phase_enter(e->worker, PHASE_WRITE);
	while (len) {
		int want = len < WRITE_MAX ? (int)len : WRITE_MAX;
		int64_t since = clock_ms();
		int n = mg_write(e->worker->conn, p, (size_t)want);
		if (n > 0) {
			cruet_tally(&e->counted.bytes_out, (uint64_t)n);
			p += n;
			len -= (size_t)n;
		}
		if (n < want && !only_waited(e, since))
			break;
	}
	bool cut = phase_enter(e->worker, PHASE_BUSY);
	if (len) {
		e->keep = false;
		e->broken = cut ? CRUET_ETIMEOUT : CRUET_EIO;
	}
	return e->broken;
}

static size_t sum(const cruet_piece *pieces, size_t n)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len += pieces[i].len;
	return len;
}

static size_t copy(char *to, const cruet_piece *pieces, size_t n)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].len)
			memcpy(to + len, pieces[i].p, pieces[i].len);
		len += pieces[i].len;
	}
	return len;
}

static int write_pieces(struct exchange *e, const cruet_piece *pieces, size_t n)
{
	int err = CRUET_OK;
	for (size_t i = 0; !err && i < n; i++)
		err = write_all(e, pieces[i].p, pieces[i].len);
	return err;
}

/* Whether the connection can go on after this reply. A body that nobody read must be
 * over before the next request; one that waits for "100 Continue" may never come. */
static bool stays(struct exchange *e, const cruet_reply *r)
{
	if (!e->keep || e->cut || r->close || e->unread > DISCARD_MAX || (e->continues && e->unread))
		return false;
	return !atomic_load_explicit(&e->worker->server->draining, memory_order_relaxed) &&
	       !worker_makes_room(e->worker);
}

static const char *connection(const struct exchange *e)
{
	if (!e->keep)
		return "close";
	return e->head.minor ? NULL : "keep-alive";
}

/* Puts the head into e->out and returns its length; 0: it is too long, and a reply
 * that says so has left instead. */
static size_t put_head(struct exchange *e, const cruet_reply *r)
{
	static const cruet_reply too_long = {.size = sizeof too_long, .status = 500};

	if ((uint32_t)r->status / 100 < 6)
		cruet_tally(&e->counted.replies[r->status / 100], 1);
	e->begun = true;
	e->keep = stays(e, r) && (e->chunked || e->left >= 0);
	size_t n = cruet_http1_head(e->out, REPLY_HEAD, r, e->chunked, connection(e));
	if (n)
		return n;
	cruet_log(e->worker->server->app, CRUET_ERROR,
		  "a reply cannot be sent: its headers have more than %d bytes", REPLY_HEAD);
	e->keep = false;
	n = cruet_http1_head(e->out, REPLY_HEAD, &too_long, 0, "close");
	write_all(e, e->out, n);
	e->broken = CRUET_ELIMIT;
	return 0;
}

static int send_whole(cruet_exchange *x, const cruet_reply *r)
{
	struct exchange *e = (struct exchange *)x;
	size_t len = sum(r->pieces, r->npieces);

	e->left = 0;
	size_t n = put_head(e, r);
	if (!n)
		return e->broken;
	if (len <= REPLY_WHOLE)
		return write_all(e, e->out, n + copy(e->out + n, r->pieces, r->npieces));
	int err = write_all(e, e->out, n);
	return err ? err : write_pieces(e, r->pieces, r->npieces);
}

/* --- replies in parts ------------------------------------------------------------------- */

/* What is framed by its length must keep to it: bytes beyond it would be read as the
 * next reply. */
static int count(struct exchange *e, size_t len)
{
	if (e->left < 0)
		return CRUET_OK;
	if ((uint64_t)e->left < len) {
		e->keep = false;
		return e->broken = CRUET_ELIMIT;
	}
	e->left -= (int64_t)len;
	return CRUET_OK;
}

/* The n bytes that stand in e->out, then the pieces as one chunk (or as they are). */
static int put_pieces(struct exchange *e, size_t n, const cruet_piece *pieces, size_t npieces)
{
	size_t len = sum(pieces, npieces);
	bool framed = e->chunked && len;

	if (framed)
		n += (size_t)snprintf(e->out + n, 24, "%zx\r\n", len);
	if (len <= REPLY_WHOLE - 64) {
		n += copy(e->out + n, pieces, npieces);
		if (framed)
			n += copy(e->out + n, &(cruet_piece){"\r\n", 2}, 1);
		return write_all(e, e->out, n);
	}
	int err = write_all(e, e->out, n);
	if (!err)
		err = write_pieces(e, pieces, npieces);
	return err || !framed ? err : write_all(e, "\r\n", 2);
}

static int begin_reply(cruet_exchange *x, const cruet_reply *r)
{
	struct exchange *e = (struct exchange *)x;

	e->left = r->length;
	e->chunked = r->length < 0 && e->head.minor > 0;
	size_t n = put_head(e, r);
	if (!n)
		return e->broken;
	int err = count(e, sum(r->pieces, r->npieces));
	return err ? err : put_pieces(e, n, r->pieces, r->npieces);
}

static int write_reply(cruet_exchange *x, const cruet_piece *pieces, size_t n)
{
	struct exchange *e = (struct exchange *)x;
	int err = e->broken ? e->broken : count(e, sum(pieces, n));

	return err ? err : put_pieces(e, 0, pieces, n);
}

static int end_reply(cruet_exchange *x, int err)
{
	struct exchange *e = (struct exchange *)x;

	if (err || e->left > 0)
		e->keep = false;
	if (err || e->broken || !e->chunked)
		return e->broken;
	return write_all(e, "0\r\n\r\n", 5);
}

static int send_file(cruet_exchange *x, const cruet_reply *r, int fd, uint64_t offset,
		     uint64_t len)
{
	struct exchange *e = (struct exchange *)x;

	e->left = 0;
	size_t n = put_head(e, r);
	if (!n)
		return e->broken;
	do {
		size_t want = len < REPLY_WHOLE ? (size_t)len : REPLY_WHOLE;
		ssize_t got = want ? pread(fd, e->out + n, want, (off_t)offset) : 0;
		if (got < 0 || (want && !got)) {
			e->keep = false;
			if (n)
				write_all(e, e->out, n);
			return e->broken = CRUET_EIO;
		}
		if (write_all(e, e->out, n + (size_t)got))
			return e->broken;
		n = 0;
		offset += (uint64_t)got;
		len -= (uint64_t)got;
	} while (len);
	return CRUET_OK;
}

static int send_interim(cruet_exchange *x, int status, const cruet_field *fields, size_t n)
{
	struct exchange *e = (struct exchange *)x;
	cruet_reply r = {.size = sizeof r, .status = status, .fields = fields, .nfields = n};

	if (!e->head.minor || e->begun)
		return CRUET_OK;
	size_t len = cruet_http1_head(e->out, REPLY_HEAD, &r, 0, NULL);
	return len ? write_all(e, e->out, len) : CRUET_ELIMIT;
}

static int client_gone(cruet_exchange *x)
{
	struct exchange *e = (struct exchange *)x;
	int fd = worker_socket(e->worker);

	return e->broken || (fd >= 0 && socket_gone(fd));
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

/* In a signal handler: reading and system calls, nothing else. */
static int last_words(cruet_exchange *x, const void *bytes, size_t len)
{
	struct exchange *e = (struct exchange *)x;
	int fd = e->broken ? -1 : worker_socket(e->worker);
	bool sent = fd >= 0 &&
		    (e->begun || send_last(fd, bytes, len));
	char sink[1024];

	if (fd >= 0)
		shutdown(fd, SHUT_WR);
	/* what nobody has read would make the system throw the reply away */
	for (int n = 0; fd >= 0 && n < DISCARD_MAX / (int)sizeof sink; n++)
		if (recv(fd, sink, sizeof sink, MSG_DONTWAIT) <= 0)
			break;
	return !sent ? CRUET_EIO : e->begun ? CRUET_ESTATE : CRUET_OK;
}

const cruet_exchange_ops civetweb_ops = {
	.size = sizeof civetweb_ops,
	.read = read_body,
	.send = send_whole,
	.begin = begin_reply,
	.write = write_reply,
	.end = end_reply,
	.file = send_file,
	.interim = send_interim,
	.gone = client_gone,
	.last_words = last_words,
};

/* --- the end ---------------------------------------------------------------------------- */

static bool discard(struct exchange *e)
{
	size_t max = DISCARD_MAX;

	phase_enter(e->worker, PHASE_LINGER);
	while (e->unread && max) {
		size_t cap = sizeof e->out < max ? sizeof e->out : max;
		if (e->unread > 0 && cap > (uint64_t)e->unread)
			cap = (size_t)e->unread;
		int n = mg_read(e->worker->conn, e->out, cap);
		if (n < 0 || (n == 0 && e->unread > 0))
			break;
		e->unread = e->unread > 0 ? e->unread - n : n ? -1 : 0;
		max -= (size_t)n;
	}
	return !phase_enter(e->worker, PHASE_BUSY) && !e->unread;
}

bool exchange_finish(struct exchange *e)
{
	if (e->keep && e->unread)
		e->keep = discard(e);
	if (e->keep)
		return true;
	int fd = e->unread && !e->broken ? worker_socket(e->worker) : -1;
	if (fd >= 0) {
		phase_enter(e->worker, PHASE_LINGER);
		socket_linger(fd, DISCARD_MAX, LINGER_MS);
		phase_enter(e->worker, PHASE_BUSY);
	}
	return false;
}
