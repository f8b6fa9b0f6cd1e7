#include "event.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PIECES = 16 };

_Static_assert(sizeof(cruet_piece) == sizeof(struct iovec) &&
		      offsetof(cruet_piece, len) == offsetof(struct iovec, iov_len),
	      "pieces are handed to the system as they are");

static int failed(struct conn *c)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return CRUET_EAGAIN;
	c->broken = true;
	return CRUET_EIO;
}

static ptrdiff_t came(struct conn *c, ptrdiff_t n)
{
	if (n > 0)
		cruet_tally(&c->by->counted.bytes_in, (uint64_t)n);
	return n;
}

static ptrdiff_t went(struct conn *c, ptrdiff_t n)
{
	if (n > 0)
		cruet_tally(&c->by->counted.bytes_out, (uint64_t)n);
	return n;
}

/* --- TLS -------------------------------------------------------------------------------- */

static ptrdiff_t tls_failed(struct conn *c, ptrdiff_t n)
{
	if (n < 0 && n != CRUET_EAGAIN)
		c->broken = true;
	return n;
}

/* A record at a time: only CRUET_EAGAIN says that there is no more. */
static ptrdiff_t read_tls(struct conn *c, void *p, size_t n)
{
	ptrdiff_t got = tls_read(c->tls, p, n);

	c->more = got > 0;
	return tls_failed(c, got);
}

static ptrdiff_t write_tls(struct conn *c, const cruet_piece *pieces, size_t n)
{
	ptrdiff_t sent = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t at = 0; at < pieces[i].len;) {
			ptrdiff_t k = tls_write(c->tls, (const char *)pieces[i].p + at,
						pieces[i].len - at);
			if (k == CRUET_EAGAIN && sent)
				return sent;
			if (k < 0)
				return tls_failed(c, k);
			at += (size_t)k;
			sent += k;
		}
	}
	return sent;
}

/* --- reading and writing ---------------------------------------------------------------- */

/* recv() and send() are points where a thread may be cancelled, which costs them two locked
 * operations each where there are several threads. Nobody cancels these: the system is
 * called without. */
static ssize_t receive(int fd, void *p, size_t n)
{
	return syscall(SYS_recvfrom, fd, p, n, 0, NULL, NULL);
}

static ssize_t deliver(int fd, const void *p, size_t n, int flags)
{
	return syscall(SYS_sendto, fd, p, n, flags, NULL, 0);
}

ptrdiff_t io_read(struct conn *c, void *p, size_t n)
{
	ssize_t got;

	if (c->tls)
		return came(c, read_tls(c, p, n));
	do
		got = receive(c->fd, p, n);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		c->ends = false;
	c->more = got > 0 && ((size_t)got == n || c->ends);
	return got < 0 ? failed(c) : came(c, got);
}

ptrdiff_t io_write(struct conn *c, const cruet_piece *pieces, size_t n)
{
	struct msghdr m = {.msg_iov = (struct iovec *)pieces,
			   .msg_iovlen = n < PIECES ? n : PIECES};
	int flags = MSG_NOSIGNAL | (c->follows ? MSG_MORE : 0);
	ssize_t sent;

	if (c->tls)
		return went(c, write_tls(c, pieces, n));
	do
		sent = m.msg_iovlen == 1 ? deliver(c->fd, pieces->p, pieces->len, flags)
					 : sendmsg(c->fd, &m, flags);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? failed(c) : went(c, sent);
}

bool io_takes_files(const struct conn *c)
{
	return !c->tls || tls_can_sendfile(c->tls);
}

ptrdiff_t io_file(struct conn *c, int fd, uint64_t offset, uint64_t n)
{
	enum { AT_ONCE = 1 << 20 };
	size_t len = n < AT_ONCE ? (size_t)n : AT_ONCE;
	off_t at = (off_t)offset;
	ssize_t sent;

	if (c->tls)
		return tls_failed(c, went(c, tls_sendfile(c->tls, fd, at, len)));
	do
		sent = sendfile(c->fd, fd, &at, len);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? failed(c) : went(c, sent);
}

int io_wait(struct conn *c, short events, int64_t ms)
{
	bool other = c->tls && tls_wants(c->tls) == TLS_WANTS_WRITE;
	struct pollfd p = {.fd = c->fd, .events = other ? POLLOUT : events};
	int64_t end = now_ms() + ms;
	int n;

	do
		n = poll(&p, 1, ms > INT32_MAX ? INT32_MAX : (int)ms);
	while (n < 0 && errno == EINTR && (ms = end - now_ms()) > 0);
	if (n > 0)
		return CRUET_OK;
	c->broken |= n < 0 && errno != EINTR;
	return c->broken ? CRUET_EIO : CRUET_ETIMEOUT;
}

int io_queued(struct conn *c)
{
	int n;
	return ioctl(c->fd, SIOCOUTQ, &n) ? 0 : n;
}

bool io_gone(struct conn *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};
	return c->broken || poll(&p, 1, 0) > 0;
}

/* --- what was not taken yet -------------------------------------------------------------- */

static struct pending *pending_of(struct server *s, struct conn *c)
{
	if (c->out)
		return c->out;
	c->out = calloc(1, sizeof *c->out);
	if (!c->out)
		return NULL;
	c->out->fd = -1;
	atomic_fetch_add(&s->unsent, 1);
	return c->out;
}

void pending_free(struct server *s, struct conn *c)
{
	struct pending *o = c->out;

	if (!o)
		return;
	c->out = NULL;
	atomic_fetch_sub(&s->unsent, 1);
	if (o->fd >= 0)
		close(o->fd);
	free(o->p);
	free(o);
	server_note(s);
}

static bool pending_grow(struct pending *o, size_t n)
{
	if (o->at) {
		memmove(o->p, o->p + o->at, o->len - o->at);
		o->len -= o->at;
		o->at = 0;
	}
	if (n <= o->cap - o->len)
		return true;
	if (n > SIZE_MAX / 2 - o->len)
		return false;
	size_t cap = o->len + n;
	char *p = realloc(o->p, cap);
	if (!p)
		return false;
	o->p = p;
	o->cap = cap;
	return true;
}

int pending_bytes(struct server *s, struct conn *c, const cruet_piece *pieces, size_t n,
		  size_t skip)
{
	struct pending *o = pending_of(s, c);
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += pieces[i].len;
	if (!o || !pending_grow(o, len - skip)) {
		c->broken = true;
		return CRUET_ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		size_t past = skip < pieces[i].len ? skip : pieces[i].len;
		skip -= past;
		if (pieces[i].len > past)
			memcpy(o->p + o->len, (const char *)pieces[i].p + past,
			       pieces[i].len - past);
		o->len += pieces[i].len - past;
	}
	return CRUET_OK;
}

int pending_borrow(struct server *s, struct conn *c, cruet_piece piece)
{
	struct pending *o = pending_of(s, c);

	if (!o) {
		c->broken = true;
		return CRUET_ENOMEM;
	}
	o->borrowed = piece;
	return CRUET_OK;
}

int pending_file(struct server *s, struct conn *c, int fd, uint64_t offset, uint64_t left)
{
	struct pending *o = pending_of(s, c);

	if (o)
		o->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (!o || o->fd < 0) {
		c->broken = true;
		return o ? CRUET_EIO : CRUET_ENOMEM;
	}
	o->offset = offset;
	o->left = left;
	return CRUET_OK;
}

static int send_bytes(struct conn *c)
{
	struct pending *o = c->out;

	while (o->at < o->len || o->borrowed.len) {
		bool first = o->at < o->len;
		cruet_piece both[] = {{first ? o->p + o->at : NULL, o->len - o->at}, o->borrowed};
		ptrdiff_t n = first ? io_write(c, both, o->borrowed.len ? 2 : 1)
					     : io_write(c, &o->borrowed, 1);
		if (n < 0)
			return (int)n;
		size_t own = (size_t)n < o->len - o->at ? (size_t)n : o->len - o->at;
		o->at += own;
		if (o->borrowed.len) {
			o->borrowed.p = (const char *)o->borrowed.p + ((size_t)n - own);
			o->borrowed.len -= (size_t)n - own;
		}
	}
	return CRUET_OK;
}

/* Where the system cannot send from the file: bytes of it. 0: it ends before. */
static ptrdiff_t read_file(struct pending *o)
{
	enum { AT_ONCE = 65536 };

	if (!pending_grow(o, AT_ONCE))
		return CRUET_ENOMEM;
	ssize_t n = pread(o->fd, o->p + o->len, o->left < AT_ONCE ? (size_t)o->left : AT_ONCE,
			  (off_t)o->offset);
	if (n > 0)
		o->len += (size_t)n;
	return n < 0 ? CRUET_EIO : n;
}

static int send_file(struct conn *c)
{
	struct pending *o = c->out;

	while (o->left) {
		ptrdiff_t n = io_takes_files(c) ? io_file(c, o->fd, o->offset, o->left)
						: read_file(o);
		if (n == 0) { /* it has become shorter: the client must see that */
			c->broken = true;
			return CRUET_EIO;
		}
		if (n < 0)
			return (int)n;
		o->offset += (uint64_t)n;
		o->left -= (uint64_t)n;
		int err = send_bytes(c);
		if (err)
			return err;
	}
	return CRUET_OK;
}

int pending_send(struct server *s, struct conn *c)
{
	int err = c->out ? send_bytes(c) : CRUET_OK;

	if (!err && c->out)
		err = send_file(c);
	if (err != CRUET_EAGAIN)
		pending_free(s, c);
	return err;
}
