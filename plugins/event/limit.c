/* The time that a handler may take. A thread that runs code of an application cannot be
 * ended; but its client need not wait for it: the monitor answers in its place.
 *
 * Connection, exchange and thread stay together all the while. What changes hands is only
 * the right to use them, by the gate of the thread:
 *
 *  - OPEN: the thread runs code of the application, and has not begun to reply. It
 * touches neither the connection nor the buffers of the exchange.
 *  - BUSY: it is in an op of the exchange, which uses both.
 *  - SHUT: it is not to be cut: no request runs, or a reply has begun, or the request
 * waits.
 *  - CUT: the monitor has answered, or is about to. All ops fail from then on.
 *
 * The thread opens and shuts its gate; the monitor may only go from OPEN to CUT, and uses
 * what it gained while it holds the lock cut of the thread. Before the thread leaves the
 * request it looks at the gate, and at CUT waits for that lock. The number of the request
 * stands in the gate too: so what the monitor found late is what it cuts. */
#include "event.h"

#include <sys/socket.h>

enum { SHUT, OPEN, BUSY, CUT, GATE = 3, NEXT = 4 };

/* --- the side of the thread ---------------------------------------------------- */

static void set_gate(struct thread *t, uint64_t gate)
{
	atomic_store_explicit(&t->gate, gate, memory_order_release);
}

void limit_begin(struct work *w)
{
	struct thread *t = w->thread;
	uint64_t last = atomic_load_explicit(&t->gate, memory_order_relaxed);

	if (w->begun)
		return;
	atomic_store_explicit(&t->since, now_ms(), memory_order_relaxed);
	set_gate(t, (last & ~(uint64_t)GATE) + NEXT + OPEN);
}

void limit_end(struct work *w)
{
	struct thread *t = w->thread;
	uint64_t gate = atomic_fetch_and_explicit(&t->gate, ~(uint64_t)GATE,
						  memory_order_acq_rel);

	if ((gate & GATE) != CUT)
		return;
	pthread_mutex_lock(&t->cut); /* until it was answered */
	pthread_mutex_unlock(&t->cut);
	w->keep = false;
}

/* --- the ops ------------------------------------------------------------------- */

/* Before an op. False: the request was cut off. */
static bool enter(cruet_exchange *x)
{
	struct thread *t = ((struct work *)x)->thread;
	uint64_t gate = atomic_load_explicit(&t->gate, memory_order_relaxed);

	return (gate & GATE) == SHUT ||
	       ((gate & GATE) == OPEN &&
		atomic_compare_exchange_strong_explicit(
			&t->gate, &gate, gate - OPEN + BUSY, memory_order_acquire,
			memory_order_relaxed));
}

/* After it, or where it was not entered. */
static int left(cruet_exchange *x, int result)
{
	struct work *w = (struct work *)x;
	uint64_t gate = atomic_load_explicit(&w->thread->gate, memory_order_relaxed);

	if ((gate & GATE) != BUSY)
		return result;
	bool shut = w->begun || w->parked || w->conn->ws;
	set_gate(w->thread, gate - BUSY + (shut ? SHUT : OPEN));
	return result;
}

/* What arrives of a body takes no time of the handler's. */
static ptrdiff_t read_body(cruet_exchange *x, void *buf, size_t cap)
{
	ptrdiff_t n = enter(x) ? event_ops.read(x, buf, cap) : CRUET_EPARSE;

	if (n > 0)
		atomic_store_explicit(&((struct work *)x)->thread->since, now_ms(),
				      memory_order_relaxed);
	left(x, 0);
	return n;
}

static int send_whole(cruet_exchange *x, const cruet_reply *r)
{
	return left(x, enter(x) ? event_ops.send(x, r) : CRUET_EIO);
}

static int begin_reply(cruet_exchange *x, const cruet_reply *r)
{
	return left(x, enter(x) ? event_ops.begin(x, r) : CRUET_EIO);
}

static int write_reply(cruet_exchange *x, const cruet_piece *pieces, size_t n)
{
	return left(x, enter(x) ? event_ops.write(x, pieces, n) : CRUET_EIO);
}

static int end_reply(cruet_exchange *x, int err)
{
	return left(x, enter(x) ? event_ops.end(x, err) : CRUET_EIO);
}

static int send_file(cruet_exchange *x, const cruet_reply *r, int fd, uint64_t offset,
		     uint64_t len)
{
	return left(x, enter(x) ? event_ops.file(x, r, fd, offset, len) : CRUET_EIO);
}

static int send_interim(cruet_exchange *x, int status, const cruet_field *fields,
			size_t n)
{
	return left(x, enter(x) ? event_ops.interim(x, status, fields, n) : CRUET_EIO);
}

static int client_gone(cruet_exchange *x)
{
	return left(x, enter(x) ? event_ops.gone(x) : 1);
}

static int route(cruet_exchange *x, uint32_t hash, const char *name)
{
	return left(x, enter(x) ? event_ops.route(x, hash, name) : CRUET_OK);
}

static int park(cruet_exchange *x, int64_t ms, uint32_t what)
{
	return left(x, enter(x) ? event_ops.park(x, ms, what) : CRUET_EIO);
}

static int upgrade(cruet_exchange *x, const cruet_upgrade *how, cruet_link *link)
{
	return left(x, enter(x) ? event_ops.upgrade(x, how, link) : CRUET_EIO);
}

/* In a signal handler, perhaps in the middle of an op. */
static int last_words(cruet_exchange *x, const void *bytes, size_t len)
{
	const struct thread *t = ((struct work *)x)->thread;

	if (!enter(x) &&
	    (atomic_load_explicit(&t->gate, memory_order_relaxed) & GATE) == CUT)
		return CRUET_ESTATE;
	return event_ops.last_words(x, bytes, len);
}

const cruet_exchange_ops limit_ops = {
	.size = sizeof limit_ops,
	.read = read_body,
	.send = send_whole,
	.begin = begin_reply,
	.write = write_reply,
	.end = end_reply,
	.file = send_file,
	.interim = send_interim,
	.gone = client_gone,
	.route = route,
	.park = park,
	.wake = wait_wake, /* by anybody, of one that waits: it is not to be cut */
	.upgrade = upgrade,
	.last_words = last_words,
};

/* --- the side of the monitor --------------------------------------------------- */

/* In place of the handler. The monitor has the right to use w and its connection. */
static void answer(struct server *s, struct work *w)
{
	struct conn *c = w->conn;
	struct work *own = work_get(s);

	work_flush(w); /* the replies that come before it */
	if (own) {
		own->base.ops = &event_ops;
		own->base.worker = s->threads_max; /* nobody else's */
		own->thread = w->thread; /* counts there */
		own->conn = c;
		own->head = w->head;
		own->keep = own->begun = own->chunked = own->waited = false;
		own->broken = w->broken;
		own->out_len = 0;
		cruet_refuse(s->app, &own->base, &w->head, 503,
			     "The server did not answer in time.");
		work_flush(own);
		own->base.ops = &limit_ops;
		work_put(s, own);
	}
	if (c->out) /* the client is slow; the rest is sent when the handler has returned
		     */
		return;
	if (c->tls)
		tls_shutdown(c->tls);
	shutdown(c->fd, SHUT_WR);
}

static void tell(struct server *s, const struct thread *t)
{
	unsigned more;
	char and[32];

	if (trouble_note(&s->late, now_ms(), &more))
		cruet_log(s->app, CRUET_WARN,
			  "a request to %s was answered with 503 after %llu ms: its "
			  "handler "
			  "still runs, and keeps one of %u threads%s",
			  route_name(s, atomic_load(&t->route)),
			  (unsigned long long)s->opts.handler_timeout_ms, s->opts.threads,
			  trouble_more(more, and));
}

static void look_at(struct server *s, struct thread *t, int64_t now)
{
	uint64_t gate = atomic_load_explicit(&t->gate, memory_order_acquire);
	int64_t since = atomic_load_explicit(&t->since, memory_order_relaxed);

	if ((gate & GATE) != OPEN || now - since < (int64_t)s->opts.handler_timeout_ms)
		return;
	pthread_mutex_lock(&t->cut);
	bool won = atomic_compare_exchange_strong_explicit(
		&t->gate, &gate, gate - OPEN + CUT, memory_order_acq_rel,
		memory_order_relaxed);
	if (won)
		answer(s, t->work);
	pthread_mutex_unlock(&t->cut);
	if (won)
		tell(s, t);
}

void limit_look(struct server *s)
{
	int64_t now = now_ms();

	if (!s->opts.handler_timeout_ms || now - s->looked < LIMIT_LOOK_MS)
		return;
	s->looked = now;
	pthread_mutex_lock(&s->lock);
	struct thread *t = s->threads; /* more are put in front of these, and none goes */
	pthread_mutex_unlock(&s->lock);
	for (; t; t = t->all)
		look_at(s, t, now);
}
