/* The beginning of a connection, before its first request: the header of the PROXY
 * protocol, the handshake of TLS. And what is told of TLS that has failed. */
#include "event.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "proxy.h"

/* --- TLS ----------------------------------------------------------------------- */

/* Who hangs up or breaks off is the daily bread of a server. */
static bool is_usual(enum tls_fault fault)
{
	return fault == TLS_FAULT_CLOSED || fault == TLS_FAULT_IO;
}

static int level_of(enum tls_fault fault)
{
	if (fault == TLS_FAULT_MEMORY)
		return CRUET_ERROR;
	return is_usual(fault) ? CRUET_DEBUG : CRUET_INFO;
}

static void tell(struct work *w, const struct conn *c, enum tls_fault fault,
		 unsigned more)
{
	char and[32];

	loop_leave(w->thread);
	cruet_log(w->server->app, level_of(fault), "TLS with %s failed: %s: %s%s",
		  c->peer, tls_fault_name(fault), tls_fault_text(c->tls),
		  trouble_more(more, and));
	loop_return(w->thread);
}

void greet_fault(struct work *w, struct conn *c)
{
	enum tls_fault fault = c->tls ? tls_fault(c->tls) : TLS_FAULT_NONE;
	unsigned more;

	if (!fault || c->faulted)
		return;
	c->faulted = true;
	if ((c->greets || !is_usual(fault)) &&
	    trouble_note(&w->server->tls_faults[fault], now_ms(), &more))
		tell(w, c, fault, more);
}

/* Nothing was read of it, and it can be answered in its own language. */
static void answer_plain(struct work *w, struct conn *c)
{
	tls_conn_free(c->tls);
	c->tls = NULL;
	request_refuse(w, c, 400,
		       "A plain request came to a port that speaks TLS: use https.");
}

static int handshake(struct work *w, struct conn *c)
{
	int err = tls_handshake(c->tls);

	if (!err || err == CRUET_EAGAIN)
		return err;
	greet_fault(w, c);
	if (tls_fault(c->tls) == TLS_FAULT_HTTP)
		answer_plain(w, c);
	else
		c->broken = true;
	return err;
}

/* --- the PROXY protocol -------------------------------------------------------- */

static int no_header(struct loop *l, struct conn *c, const char *why)
{
	unsigned more;
	char and[32];

	c->broken = true;
	if (trouble_note(&l->server->headless, l->now, &more))
		loop_say(l, CRUET_WARN,
			 "%s sends no good header of the PROXY protocol: %s: its "
			 "connection was closed%s",
			 c->peer, why, trouble_more(more, and));
	return CRUET_EPARSE;
}

/* Nothing to do until more has come than those bytes; if the proxy has ended its side, it
 * never will. Some only look whether somebody listens here. */
static int wait_for_more(struct loop *l, struct conn *c, ssize_t bytes)
{
	if (!io_gone(c))
		return CRUET_EAGAIN;
	c->broken = true;
	return bytes > 0 ? no_header(l, c, "it is cut short") : CRUET_EIO;
}

/* The header stays in the socket until all of it is there: half of one costs no memory.
 * Its size, or an error. */
static ptrdiff_t look_for_header(struct loop *l, struct conn *c)
{
	unsigned char head[PROXY_HEAD];
	const char *why;
	ssize_t n;
	int there;

	do
		n = recv(c->fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return wait_for_more(l, c, n);
	ptrdiff_t size = proxy_size(head, (size_t)n, &why);
	if (size < 0)
		return no_header(l, c, why);
	if (!size || ioctl(c->fd, FIONREAD, &there) || there < size)
		return wait_for_more(l, c, n);
	return size;
}

/* From now on the connection is the client's. */
static int is_of(struct loop *l, struct conn *c, const struct sockaddr_storage *from)
{
	c->proxied = false;
	if (from->ss_family == AF_UNSPEC)
		return CRUET_OK;
	address_peer(from, c->peer, sizeof c->peer);
	c->broken = !conn_count(l, from, &c->client);
	return c->broken ? CRUET_ELIMIT : CRUET_OK;
}

static int read_header(struct loop *l, struct work *w, struct conn *c)
{
	ptrdiff_t size = look_for_header(l, c);
	struct sockaddr_storage from;
	const char *why;

	if (size < 0)
		return (int)size;
	if (recv(c->fd, w->in, (size_t)size, MSG_DONTWAIT) != size) {
		c->broken = true;
		return CRUET_EIO;
	}
	if (proxy_read((const unsigned char *)w->in, (size_t)size, &from, &why))
		return no_header(l, c, why);
	return is_of(l, c, &from);
}

int greet(struct work *w, struct conn *c)
{
	int err = c->proxied ? read_header(c->loop, w, c) : CRUET_OK;

	if (!err && c->tls)
		err = handshake(w, c);
	c->greets = err == CRUET_EAGAIN;
	return err;
}
