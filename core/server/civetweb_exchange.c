/* The ops of an exchange on civetweb. A reply up to 64 KiB is put together in the
 * worker's own buffer and leaves in one write; of a larger one the head leaves first
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
static bool only_waited(struct worker *w, int64_t since_ms)
{
	int64_t limit = (int64_t)w->server->opts.head_timeout_ms;
	int64_t grain = limit / 2 < CLOCK_GRAIN_MS ? limit / 2 : CLOCK_GRAIN_MS;

	return clock_ms() - since_ms >= limit - grain && !phase_was_cut(w);
}

static int write_all(struct worker *w, const char *p, size_t len);

static int body_fails(struct worker *w, int err)
{
	bool cut = phase_enter(w, PHASE_BUSY);
	w->keep = false;
	if (err == CRUET_ETIMEOUT && !cut) /* else the keeper has counted it */
		cruet_tally(&w->counted.timeouts_body, 1);
	return w->body_err = cut ? CRUET_ETIMEOUT : err;
}

static int continue_body(struct worker *w)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

	w->continues = false;
	return w->begun ? CRUET_OK : write_all(w, line, sizeof line - 1);
}

static int pull(struct worker *w, void *buf, size_t cap)
{
	int n;
	int64_t since;

	do {
		since = clock_ms();
		n = mg_read(w->conn, buf, cap);
	} while (n == 0 && w->unread > 0 && only_waited(w, since));
	if (n > 0 || (n == 0 && w->unread < 0))
		return n;
	return only_waited(w, since) ? CRUET_ETIMEOUT : CRUET_EPARSE;
}

static ptrdiff_t read_body(cruet_exchange *x, void *buf, size_t cap)
{
	struct worker *w = (struct worker *)x;

	if (w->body_err)
		return w->body_err;
	if (!w->unread || !cap)
		return 0;
	if (w->continues && continue_body(w))
		return body_fails(w, CRUET_EPARSE);
	if ((atomic_load_explicit(&w->phase, memory_order_relaxed) & PHASE_MASK) != PHASE_READ)
		phase_enter(w, PHASE_READ);
	if (cap > INT_MAX)
		cap = INT_MAX;
	if (w->unread > 0 && cap > (uint64_t)w->unread)
		cap = (size_t)w->unread;
	int n = pull(w, buf, cap);
	if (n < 0)
		return body_fails(w, n);
	cruet_tally(&w->counted.bytes_in, (uint64_t)n);
	w->unread = w->unread > 0 ? w->unread - n : n ? -1 : 0;
	if (!w->unread && phase_enter(w, PHASE_BUSY))
		w->keep = false;
	return n;
}

/* --- writing -------------------------------------------------------------------------- */

static int write_all(struct worker *w, const char *p, size_t len)
{
	if (w->broken)
		return w->broken;
	phase_enter(w, PHASE_WRITE);
	while (len) {
		int want = len < WRITE_MAX ? (int)len : WRITE_MAX;
		int64_t since = clock_ms();
		int n = mg_write(w->conn, p, (size_t)want);
		if (n > 0) {
			cruet_tally(&w->counted.bytes_out, (uint64_t)n);
			p += n;
			len -= (size_t)n;
		}
		if (n < want && !only_waited(w, since))
			break;
	}
	bool cut = phase_enter(w, PHASE_BUSY);
	if (len) {
		w->keep = false;
		w->broken = cut ? CRUET_ETIMEOUT : CRUET_EIO;
	}
	return w->broken;
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

static int write_pieces(struct worker *w, const cruet_piece *pieces, size_t n)
{
	int err = CRUET_OK;
	for (size_t i = 0; !err && i < n; i++)
		err = write_all(w, pieces[i].p, pieces[i].len);
	return err;
}

/* Whether the connection can go on after this reply. A body that nobody read must be
 * over before the next request; one that waits for "100 Continue" may never come. */
static bool stays(struct worker *w, const cruet_reply *r)
{
	if (!w->keep || w->cut || r->close || w->unread > DISCARD_MAX || (w->continues && w->unread))
		return false;
	return !atomic_load_explicit(&w->server->draining, memory_order_relaxed) &&
	       !worker_makes_room(w);
}

static const char *connection(const struct worker *w)
{
	if (!w->keep)
		return "close";
	return w->head.minor ? NULL : "keep-alive";
}

/* Puts the head into w->out and returns its length; 0: it is too long, and a reply
 * that says so has left instead. */
static size_t put_head(struct worker *w, const cruet_reply *r)
{
	static const cruet_reply too_long = {.size = sizeof too_long, .status = 500};

	if ((uint32_t)r->status / 100 < 6)
		cruet_tally(&w->counted.replies[r->status / 100], 1);
	w->begun = true;
	w->keep = stays(w, r) && (w->chunked || w->left >= 0);
	size_t n = cruet_http1_head(w->out, REPLY_HEAD, r, w->chunked, connection(w));
	if (n)
		return n;
	cruet_log(w->server->app, CRUET_ERROR,
		  "a reply cannot be sent: its headers have more than %d bytes", REPLY_HEAD);
	w->keep = false;
	n = cruet_http1_head(w->out, REPLY_HEAD, &too_long, 0, "close");
	write_all(w, w->out, n);
	w->broken = CRUET_ELIMIT;
	return 0;
}

static int send_whole(cruet_exchange *x, const cruet_reply *r)
{
	struct worker *w = (struct worker *)x;
	size_t len = sum(r->pieces, r->npieces);

	w->left = 0;
	size_t n = put_head(w, r);
	if (!n)
		return w->broken;
	if (len <= REPLY_WHOLE)
		return write_all(w, w->out, n + copy(w->out + n, r->pieces, r->npieces));
	int err = write_all(w, w->out, n);
	return err ? err : write_pieces(w, r->pieces, r->npieces);
}

/* --- replies in parts ------------------------------------------------------------------- */

/* What is framed by its length must keep to it: bytes beyond it would be read as the
 * next reply. */
static int count(struct worker *w, size_t len)
{
	if (w->left < 0)
		return CRUET_OK;
	if ((uint64_t)w->left < len) {
		w->keep = false;
		return w->broken = CRUET_ELIMIT;
	}
	w->left -= (int64_t)len;
	return CRUET_OK;
}

/* The n bytes that stand in w->out, then the pieces as one chunk (or as they are). */
static int put_pieces(struct worker *w, size_t n, const cruet_piece *pieces, size_t npieces)
{
	size_t len = sum(pieces, npieces);
	bool framed = w->chunked && len;

	if (framed)
		n += (size_t)snprintf(w->out + n, 24, "%zx\r\n", len);
	if (len <= REPLY_WHOLE - 64) {
		n += copy(w->out + n, pieces, npieces);
		if (framed)
			n += copy(w->out + n, &(cruet_piece){"\r\n", 2}, 1);
		return write_all(w, w->out, n);
	}
	int err = write_all(w, w->out, n);
	if (!err)
		err = write_pieces(w, pieces, npieces);
	return err || !framed ? err : write_all(w, "\r\n", 2);
}

static int begin_reply(cruet_exchange *x, const cruet_reply *r)
{
	struct worker *w = (struct worker *)x;

	w->left = r->length;
	w->chunked = r->length < 0 && w->head.minor > 0;
	size_t n = put_head(w, r);
	if (!n)
		return w->broken;
	int err = count(w, sum(r->pieces, r->npieces));
	return err ? err : put_pieces(w, n, r->pieces, r->npieces);
}

static int write_reply(cruet_exchange *x, const cruet_piece *pieces, size_t n)
{
	struct worker *w = (struct worker *)x;
	int err = w->broken ? w->broken : count(w, sum(pieces, n));

	return err ? err : put_pieces(w, 0, pieces, n);
}

static int end_reply(cruet_exchange *x, int err)
{
	struct worker *w = (struct worker *)x;

	if (err || w->left > 0)
		w->keep = false;
	if (err || w->broken || !w->chunked)
		return w->broken;
	return write_all(w, "0\r\n\r\n", 5);
}

static int send_file(cruet_exchange *x, const cruet_reply *r, int fd, uint64_t offset,
		     uint64_t len)
{
	struct worker *w = (struct worker *)x;

	w->left = 0;
	size_t n = put_head(w, r);
	if (!n)
		return w->broken;
	do {
		size_t want = len < REPLY_WHOLE ? (size_t)len : REPLY_WHOLE;
		ssize_t got = want ? pread(fd, w->out + n, want, (off_t)offset) : 0;
		if (got < 0 || (want && !got)) {
			w->keep = false;
			if (n)
				write_all(w, w->out, n);
			return w->broken = CRUET_EIO;
		}
		if (write_all(w, w->out, n + (size_t)got))
			return w->broken;
		n = 0;
		offset += (uint64_t)got;
		len -= (uint64_t)got;
	} while (len);
	return CRUET_OK;
}

static int send_interim(cruet_exchange *x, int status, const cruet_field *fields, size_t n)
{
	struct worker *w = (struct worker *)x;
	cruet_reply r = {.size = sizeof r, .status = status, .fields = fields, .nfields = n};

	if (!w->head.minor || w->begun)
		return CRUET_OK;
	size_t len = cruet_http1_head(w->out, REPLY_HEAD, &r, 0, NULL);
	return len ? write_all(w, w->out, len) : CRUET_ELIMIT;
}

static int client_gone(cruet_exchange *x)
{
	struct worker *w = (struct worker *)x;
	int fd = worker_socket(w);

	return w->broken || (fd >= 0 && socket_gone(fd));
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
	struct worker *w = (struct worker *)x;
	int fd = w->broken ? -1 : worker_socket(w);
	bool sent = fd >= 0 &&
		    (w->begun || send_last(fd, bytes, len));
	char sink[1024];

	if (fd >= 0)
		shutdown(fd, SHUT_WR);
	/* what nobody has read would make the system throw the reply away */
	for (int n = 0; fd >= 0 && n < DISCARD_MAX / (int)sizeof sink; n++)
		if (recv(fd, sink, sizeof sink, MSG_DONTWAIT) <= 0)
			break;
	return !sent ? CRUET_EIO : w->begun ? CRUET_ESTATE : CRUET_OK;
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

static bool discard(struct worker *w)
{
	size_t max = DISCARD_MAX;

	phase_enter(w, PHASE_LINGER);
	while (w->unread && max) {
		size_t cap = sizeof w->out < max ? sizeof w->out : max;
		if (w->unread > 0 && cap > (uint64_t)w->unread)
			cap = (size_t)w->unread;
		int n = mg_read(w->conn, w->out, cap);
		if (n < 0 || (n == 0 && w->unread > 0))
			break;
		w->unread = w->unread > 0 ? w->unread - n : n ? -1 : 0;
		max -= (size_t)n;
	}
	return !phase_enter(w, PHASE_BUSY) && !w->unread;
}

bool exchange_finish(struct worker *w)
{
	if (w->keep && w->unread)
		w->keep = discard(w);
	if (w->keep)
		return true;
	int fd = w->unread && !w->broken ? worker_socket(w) : -1;
	if (fd >= 0) {
		phase_enter(w, PHASE_LINGER);
		socket_linger(fd, DISCARD_MAX, LINGER_MS);
		phase_enter(w, PHASE_BUSY);
	}
	return false;
}
