/* Connections come and go, and no more of them than may be: in all, and of one client. */
#include "event.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- how many ------------------------------------------------------------------ */

static void too_many(struct loop *l)
{
	struct server *s = l->server;
	unsigned more;
	char and[32];

	if (trouble_note(&s->crowds, l->now, &more))
		loop_say(
			l, CRUET_WARN,
			"%u connections are open, as many as there may be: one that came "
			"was closed%s",
			s->conns_max, trouble_more(more, and));
}

static void too_many_of(struct loop *l, const struct address *from)
{
	struct server *s = l->server;
	unsigned more;
	char and[32], peer[46];

	if (!trouble_note(&s->greedy, l->now, &more))
		return;
	address_peer(&from->at, peer, sizeof peer);
	loop_say(l, CRUET_WARN,
		 "%s has %u connections open, as many as one client may: one more was "
		 "closed%s",
		 peer, s->per_client, trouble_more(more, and));
}

static void leave(struct server *s, uint64_t client)
{
	if (client)
		clients_leave(s->clients, client);
	atomic_fetch_sub(&s->conns, 1);
}

static bool enter(struct loop *l, const struct address *from, uint64_t client)
{
	struct server *s = l->server;

	if (atomic_fetch_add(&s->conns, 1) >= s->conns_max) {
		too_many(l);
		leave(s, 0);
		return false;
	}
	if (client && !clients_enter(s->clients, client)) {
		too_many_of(l, from);
		leave(s, 0);
		return false;
	}
	return true;
}

/* --- a connection -------------------------------------------------------------- */

static bool register_at(struct loop *l, struct conn *c)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				.data.ptr = c};
	return !epoll_ctl(l->ep, EPOLL_CTL_ADD, c->fd, &e);
}

static struct conn *conn_new(struct loop *l, int fd, enum speaks speaks)
{
	struct conn *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->fd = fd;
	c->loop = l;
	c->since = l->now;
	c->need = 1;
	c->redirects = speaks == SPEAKS_REDIRECT;
	c->greets = speaks == SPEAKS_TLS;
	c->tls = c->greets ? tls_conn_new(l->server->tls, fd) : NULL;
	if ((c->tls || !c->greets) && register_at(l, c))
		return c;
	tls_conn_free(c->tls);
	free(c);
	return NULL;
}

void conn_accept(struct loop *l, int fd, const struct address *from, enum speaks speaks)
{
	struct server *s = l->server;
	uint64_t client = s->clients ? client_of(&from->at) : 0;
	int on = 1;

	if (!enter(l, from, client)) {
		close(fd);
		return;
	}
	struct conn *c = conn_new(l, fd, speaks);
	if (!c) {
		close(fd);
		leave(s, client);
		return;
	}
	c->client = client;
	address_peer(&from->at, c->peer, sizeof c->peer);
	if (!address_is_unix(from))
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	loop_timer(l, c);
}

void conn_close(struct loop *l, struct conn *c)
{
	struct server *s = l->server;

	pending_free(s, c);
	free(c->in);
	c->in = NULL;
	socket_free(s, c, 0);
	tls_conn_free(c->tls);
	wheel_del(&l->wheel, &c->timer);
	close(c->fd);
	leave(s, c->client);
	atomic_store_explicit(&c->st, CONN_DEAD, memory_order_release);
	c->next = l->grave;
	l->grave = c;
}
