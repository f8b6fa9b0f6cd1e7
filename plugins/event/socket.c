/* A connection that has become a WebSocket: the loop's side of ws_session.h. */
#include "event.h"

enum { PIECES = 16, CLOSE_MS = 5000 };

static void wake(void *conn)
{
	conn_wake(conn);
}

int socket_upgrade(cruet_exchange *x, const cruet_upgrade *how, cruet_link *link)
{
	struct work *w = (struct work *)x;
	struct ws_session_opts o = {.deflate = &w->server->deflate,
				    .close_ms = CLOSE_MS,
				    .wake = wake,
				    .arg = w->conn};

	int err = ws_session_new(&w->conn->ws, &w->head, how, &o, now_ms(), link);
	if (err)
		return err;
	atomic_fetch_add(&w->server->sockets, 1);
	cruet_tally(&w->thread->counted.replies[1], 1);
	return CRUET_OK;
}

void socket_free(struct server *s, struct conn *c, uint32_t worker)
{
	if (!c->ws)
		return;
	ws_session_free(c->ws, worker);
	c->ws = NULL;
	atomic_fetch_sub(&s->sockets, 1);
	server_note(s);
}

/* False: the client takes no more now. */
static bool write_all(struct conn *c)
{
	struct iovec v[PIECES];
	size_t n;

	while ((n = ws_session_out(c->ws, v, PIECES, now_ms()))) {
		ptrdiff_t sent = io_write(c, (cruet_piece *)v, n);
		ws_session_wrote(c->ws, sent > 0 ? (size_t)sent : 0, now_ms());
		if (sent == CRUET_EAGAIN)
			return false;
		if (sent < 0) {
			ws_session_lost(c->ws);
			break;
		}
	}
	return true;
}

/* Runs what the bytes bring about, which may block. */
static void feed(struct thread *t, struct conn *c, char *p, size_t n)
{
	loop_leave(t);
	ws_session_feed(c->ws, t->work->base.worker, (unsigned char *)p, n, now_ms());
	loop_return(t);
}

/* False: nothing more is to be read now. */
static bool read_some(struct thread *t, struct conn *c)
{
	struct work *w = t->work;
	ptrdiff_t n = c->more ? io_read(c, w->in, w->in_cap) : CRUET_EAGAIN;

	if (n > 0)
		feed(t, c, w->in, (size_t)n);
	else if (n != CRUET_EAGAIN)
		ws_session_lost(c->ws);
	return n > 0;
}

/* It is over: the application learns of it, and the last bytes arrive. */
static bool finish(struct thread *t, struct conn *c)
{
	loop_leave(t);
	socket_free(t->server, c, t->work->base.worker);
	loop_return(t);
	c->unread = true;
	return conn_end(t, c);
}

bool socket_run(struct thread *t, struct conn *c)
{
	struct work *w = t->work;

	work_flush(w);
	if (atomic_load_explicit(&w->server->draining, memory_order_relaxed))
		ws_session_close(c->ws, 1001, "the server stops");
	else if (atomic_load_explicit(&w->server->leaving, memory_order_relaxed))
		ws_session_close(c->ws, 1001, "the server restarts");
	if (w->in_len > w->at)
		feed(t, c, w->in + w->at, w->in_len - w->at);
	w->at = w->in_len = 0;
	for (unsigned n = 0; n < BATCH; n++)
		if (!write_all(c) || !t->loop || ws_session_ended(c->ws) || !read_some(t, c))
			break;
	write_all(c);
	c->tick = ws_session_tick(c->ws, now_ms());
	write_all(c);
	if (ws_session_ended(c->ws))
		return finish(t, c);
	if (!t->loop) { /* its loop goes on with it */
		loop_push(c->loop, c);
		return false;
	}
	w->conn = NULL;
	conn_park(t->loop, c, WAITS_MESSAGE);
	if (c->more)
		conn_wake(c);
	return true;
}
