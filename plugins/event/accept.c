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

static void too_many_of(struct loop *l, const struct sockaddr_storage *from)
{
	struct server *s = l->server;
	unsigned more;
	char and[32], peer[46];

	if (!trouble_note(&s->greedy, l->now, &more))
		return;
	address_peer(from, peer, sizeof peer);
	loop_say(l, CRUET_WARN,
		 "%s has %u connections open, as many as one client may: one more was "
		 "closed%s",
		 peer, s->per_client, trouble_more(more, and));
}

static bool count(struct loop *l)
{
	struct server *s = l->server;

	if (atomic_fetch_add(&s->conns, 1) < s->conns_max)
		return true;
	atomic_fetch_sub(&s->conns, 1);
	too_many(l);
	return false;
}

bool conn_count(struct loop *l, const struct sockaddr_storage *from, uint64_t *client)
{
	struct server *s = l->server;

	*client = s->clients ? client_of(from) : 0;
	if (!*client || clients_enter(s->clients, *client))
		return true;
	*client = 0;
	too_many_of(l, from);
	return false;
}

static void uncount(struct server *s, uint64_t client)
{
	if (client)
		clients_leave(s->clients, client);
	atomic_fetch_sub(&s->conns, 1);
}

/* --- a connection -------------------------------------------------------------- */

static bool register_at(struct loop *l, struct conn *c)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				.data.ptr = c};
	return !epoll_ctl(l->ep, EPOLL_CTL_ADD, c->fd, &e);
}

static struct conn *conn_new(struct loop *l, int fd, unsigned place)
{
	const struct places *on = &l->server->on;
	bool tls = on->speaks[place] == SPEAKS_TLS;
	struct conn *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->fd = fd;
	c->loop = l;
	c->since = l->now;
	c->need = 1;
	c->redirects = on->speaks[place] == SPEAKS_REDIRECT;
	c->proxied = on->proxied[place];
	c->greets = tls || c->proxied;
	c->tls = tls ? tls_conn_new(l->server->tls, fd) : NULL;
	if ((c->tls || !tls) && register_at(l, c))
		return c;
	tls_conn_free(c->tls);
	free(c);
	return NULL;
}

/* NULL: there are too many already, or there is no memory. */
static struct conn *enter(struct loop *l, int fd, const struct address *from,
			  unsigned place)
{
	struct server *s = l->server;
	uint64_t client = 0;

	if (!count(l))
		return NULL;
	/* Of one that a proxy brings it is not known yet whose it is. */
	bool may = s->on.proxied[place] || conn_count(l, &from->at, &client);
	struct conn *c = may ? conn_new(l, fd, place) : NULL;
	if (c)
		c->client = client;
	else
		uncount(s, client);
	return c;
}

void conn_accept(struct loop *l, int fd, const struct address *from, unsigned place)
{
	struct conn *c = enter(l, fd, from, place);
	int on = 1;

	if (!c) {
		close(fd);
		return;
	}
	cruet_tally(&l->counted.connections, 1);
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
	uncount(s, c->client);
	atomic_store_explicit(&c->st, CONN_DEAD, memory_order_release);
	c->next = l->grave;
	l->grave = c;
}
