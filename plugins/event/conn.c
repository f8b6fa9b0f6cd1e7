/* A connection: from bytes to requests, one after the other, and its end. */
#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* --- how long it may take ----------------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Of a connection that owes nothing: soon, where others accept in our place, because the
 * client can have a new one at any time. */
static int64_t idle_deadline(const struct conn *c, uint64_t ms)
{
	int64_t left = c->loop->left_at;
	int64_t end = c->since + (int64_t)ms;

	if (!left || c->in_len)
		return end;
	return least(end, (c->since > left ? c->since : left) + LEAVE_MS);
}

int64_t conn_deadline(const struct conn *c)
{
	const cruet_listen_opts *o = &c->loop->server->opts;
	int64_t body = (int64_t)o->body_timeout_ms;

	switch ((enum waits)c->waits) {
	case WAITS_HEAD:
		return idle_deadline(c, o->head_timeout_ms);
	case WAITS_BODY:
		if (o->body_rate)
			body = least(body, BODY_GRACE_MS +
						   (int64_t)(c->in_len * 1000 / o->body_rate));
		return c->since + body;
	case WAITS_WRITE:
		return c->since + (int64_t)o->write_timeout_ms;
	case WAITS_LINGER:
		return c->since + LINGER_MS;
	case WAITS_WAKE:
		return c->work->until;
	case WAITS_MESSAGE:
		return c->tick;
	default:
		return idle_deadline(c, o->idle_timeout_ms);
	}
}

/* --- resting ---------------------------------------------------------------------------- */

static void waits_for(struct work *w, struct conn *c, enum waits waits)
{
	struct loop *l = w->thread->loop;

	if (c->waits != waits || waits == WAITS_IDLE) {
		c->waits = (uint8_t)waits;
		c->since = l ? l->now : now_ms();
		if (waits == WAITS_WRITE)
			c->queued = io_queued(c);
	}
	if (l)
		loop_timer(l, c);
}

/* What was read and is not served goes to the connection. */
static bool stash(struct work *w, struct conn *c)
{
	size_t len = w->in_len - w->at;

	if (!len)
		return true;
	c->in = malloc(len);
	if (!c->in)
		return false;
	memcpy(c->in, w->in + w->at, len);
	c->in_len = c->in_cap = (uint32_t)len;
	w->at = w->in_len = 0;
	return true;
}

/* Lets go of the connection: it is at rest, or its loop is to look at it again. */
static bool let_go(struct work *w, struct conn *c, bool again)
{
	unsigned run = CONN_RUN;

	w->conn = NULL;
	if (w->thread->loop && again) { /* it stays RUN: events are not to reach it meanwhile */
		c->next = c->loop->todo;
		c->loop->todo = c;
		return true;
	}
	if (w->thread->loop) {
		atomic_store_explicit(&c->st, 0, memory_order_relaxed);
		return true;
	}
	if (again || !atomic_compare_exchange_strong_explicit(
			     &c->st, &run, 0, memory_order_acq_rel, memory_order_acquire))
		loop_push(c->loop, c);
	server_note(w->server);
	return false;
}

static bool rest(struct work *w, struct conn *c, enum waits waits)
{
	waits_for(w, c, waits);
	return let_go(w, c, false);
}

/* --- the end ---------------------------------------------------------------------------- */

/* What the client still sends would make the system throw away what it has not read of
 * the reply: so it is read for a while, and thrown away. */
static bool linger(struct work *w, struct conn *c)
{
	for (;;) {
		ptrdiff_t n = io_read(c, w->in, w->in_cap);
		if (n == CRUET_EAGAIN)
			return rest(w, c, WAITS_LINGER);
		if (n <= 0)
			break;
		c->discarded += (uint32_t)n;
		if (c->discarded > DISCARD_MAX)
			break;
	}
	conn_close(c->loop, c);
	return true;
}

static bool end(struct work *w, struct conn *c)
{
	c->closing = true;
	greet_fault(w, c);
	if (!w->thread->loop)
		return let_go(w, c, true);
	if (c->tls && !c->greets && !c->broken)
		tls_shutdown(c->tls); /* if there is room for it */
	if (c->broken || !c->unread) {
		conn_close(c->loop, c);
		return true;
	}
	if (c->waits != WAITS_LINGER)
		shutdown(c->fd, SHUT_WR);
	return linger(w, c);
}

bool conn_end(struct thread *t, struct conn *c)
{
	return end(t->work, c);
}

/* --- requests --------------------------------------------------------------------------- */

static void count_request(struct work *w, struct conn *c)
{
	cruet_counters *n = &w->thread->counted;

	cruet_tally(&n->requests, 1);
	if (c->used)
		cruet_tally(&n->requests_reused, 1);
	c->used = true;
}

static void begin(struct work *w, struct conn *c)
{
	const struct head *h = &w->read;
	struct loop *l = w->thread->loop;

	count_request(w, c);

	w->head = (cruet_head){
		.size = sizeof w->head,
		.minor = h->minor,
		.method = h->method,
		.target = h->target,
		.fields = h->fields,
		.nfields = h->nfields,
		.peer = c->peer,
		.scheme = c->tls ? "https" : "http",
		.now_ms = l ? atomic_load_explicit(&l->unix_ms, memory_order_relaxed) : 0,
		.checked = 1,
	};
	w->at = w->body_base;
	w->keep = h->length != -2 && !h->close && (h->minor || h->keep);
	if (atomic_load_explicit(&w->server->leaving, memory_order_relaxed) &&
	    (w->waited || w->in_len == w->behind))
		w->keep = false; /* nothing has come after it */
	w->chunked_in = h->length < 0;
	w->unread = h->length < 0 ? 1 : (uint64_t)h->length;
	w->chunks = (struct chunk){0};
	w->continues = w->waited && h->expects;
	w->begun = w->chunked = false;
	w->body_err = w->broken = CRUET_OK;
	w->body_since = 0;
	w->body_got = 0;
	w->offloaded = false;
	w->route = 0;
	atomic_store_explicit(&w->thread->route, 0, memory_order_relaxed);
	c->need = 1;
	c->seen = c->chunked = 0;
	c->chunks = (struct chunk){0};
}

/* To the same by https; where a client names no host, there is none to send it to. */
static void redirect(struct work *w)
{
	const cruet_head *h = &w->head;
	const char *host = NULL;
	char url[2048];

	for (size_t i = 0; i < h->nfields; i++)
		if (!strcasecmp(h->fields[i].name, "Host"))
			host = host ? "" : h->fields[i].value;
	size_t n = host ? strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789.-_")
			: 0;
	int len = n && (!host[n] || host[n] == ':') && h->target[0] == '/'
			  ? snprintf(url, sizeof url, "https://%.*s%s%s", (int)n, host,
				     w->server->tls_port, h->target)
			  : 0;
	if (len <= 0 || (size_t)len >= sizeof url) {
		count_refused(w, 400);
		cruet_refuse(w->server->app, &w->base, h, 400,
			     "This address only sends to https, and the request names no host for it.");
		return;
	}
	const cruet_field fields[] = {{"Location", url}};
	event_ops.send(&w->base, &(cruet_reply){.size = sizeof(cruet_reply),
						.status = 308,
						.fields = fields,
						.nfields = 1});
}

static void run(struct work *w, bool is_new)
{
	if (is_new)
		cruet_serve(w->server->app, &w->base, &w->head);
	else
		cruet_continue(&w->base);
}

/* Runs a request that is new, or goes on with one. */
static void call(struct work *w, bool is_new)
{
	if (w->base.ops != &limit_ops) {
		run(w, is_new);
		return;
	}
	limit_begin(w);
	run(w, is_new);
	limit_end(w);
}

static CRUET_COLD void refuse_late(struct work *w)
{
	count_refused(w, 503);
	cruet_refuse(w->server->app, &w->base, &w->head, 503, "The server is stopping.");
}

static void serve(struct work *w, struct conn *c)
{
	begin(w, c);
	loop_leave(w->thread);
	if (atomic_load_explicit(&w->server->draining, memory_order_relaxed))
		refuse_late(w);
	else if (c->redirects)
		redirect(w);
	else
		call(w, true);
	loop_return(w->thread);
}

/* After a request that is over. */
static void served(struct work *w, struct conn *c)
{
	if (w->offloaded)
		wait_learn(w);
	if (!w->waited)
		w->at = w->behind;
	if (w->broken)
		c->broken = true;
	if (!w->keep) {
		c->closing = true;
		c->unread = (w->waited && w->unread) || w->in_len > w->at;
	}
	c->waits = WAITS_IDLE;
}

/* After what could be served now. */
static bool settle(struct work *w, struct conn *c, enum next next)
{
	work_flush(w);
	if (c->broken || next == NEXT_END || (c->closing && !c->out))
		return end(w, c);
	if (!c->in && !stash(w, c)) {
		c->broken = true;
		return end(w, c);
	}
	if (c->out)
		return rest(w, c, WAITS_WRITE);
	if (next != NEXT_MORE) { /* there may be another request */
		waits_for(w, c, WAITS_IDLE);
		return let_go(w, c, true);
	}
	if (!c->in_len)
		return rest(w, c, c->waits == WAITS_HEAD ? WAITS_HEAD : WAITS_IDLE);
	return rest(w, c, c->need > c->in_len + 1 || c->chunked ? WAITS_BODY : WAITS_HEAD);
}

/* Serves requests, beginning with one that has just been served if so. */
static bool go_through(struct thread *t, struct conn *c, bool over)
{
	enum next next = NEXT_SERVE;

	for (unsigned n = 0; n < BATCH; n++) {
		struct work *w = t->work;
		if (!over) {
			next = request_next(w, c);
			if (next != NEXT_SERVE)
				break;
			serve(w, c);
		}
		over = false;
		if (w->parked)
			return wait_begin(t, c);
		served(w, c);
		if (c->ws)
			return socket_run(t, c);
		if (!t->loop || c->closing || c->out || c->broken)
			break;
	}
	return settle(t->work, c, next);
}

bool conn_run(struct thread *t, struct conn *c)
{
	struct work *w = t->work;

	atomic_store_explicit(&c->st, CONN_RUN, memory_order_relaxed);
	c->by = t;
	w->conn = c;
	w->at = w->in_len = w->out_len = 0;
	if (c->ws)
		return socket_run(t, c);
	if (c->greets) {
		int err = greet(w, c);
		if (err)
			return err == CRUET_EAGAIN ? rest(w, c, WAITS_HEAD)
						   : settle(w, c, NEXT_REFUSED);
	}
	if (c->out) {
		int err = pending_send(w->server, c);
		if (err == CRUET_EAGAIN)
			return rest(w, c, WAITS_WRITE);
		if (err || c->closing)
			return end(w, c);
		waits_for(w, c, WAITS_IDLE);
	}
	if (c->closing)
		return end(w, c);
	return go_through(t, c, false);
}

bool conn_continue(struct thread *t, struct conn *c)
{
	struct work *w = c->work;

	c->by = t;
	if (!w) {
		c->more = c->ends = true;
		return conn_run(t, c);
	}
	if (c->out && pending_send(w->server, c) == CRUET_EAGAIN && w->for_write) {
		wait_again(t->loop, c, w);
		return true;
	}
	if (c->broken && !w->broken)
		w->broken = CRUET_EIO;
	c->more = c->ends = true; /* an event may have come for it */
	wait_end(t, c);
	atomic_store_explicit(&t->route, w->route, memory_order_relaxed);
	loop_leave(t);
	call(w, false);
	loop_return(t);
	return go_through(t, c, true);
}

bool conn_place(struct thread *t, struct conn *c)
{
	struct work *w = c->work;

	loop_leave(t);
	if (!loop_give(t))
		loop_return(t);
	if (t->loop)
		return false;
	atomic_fetch_sub(&t->server->waiting, 1);
	c->by = t;
	wait_end(t, c);
	atomic_store_explicit(&t->route, w->route, memory_order_relaxed);
	w->until = now_ms();
	call(w, false);
	go_through(t, c, true);
	return true;
}

/* The client takes nothing any more. */
static bool is_stuck(struct conn *c, int64_t now)
{
	int queued = io_queued(c);

	if (queued >= c->queued)
		return true;
	c->queued = queued;
	c->since = now;
	return false;
}

static bool late_parked(struct thread *t, struct conn *c)
{
	struct work *w = c->work;

	if (!w)
		return conn_run(t, c);
	if (w->for_write && !is_stuck(c, t->loop->now)) {
		wait_again(t->loop, c, w);
		return true;
	}
	if (w->for_write) {
		cruet_tally(&t->counted.timeouts_write, 1);
		w->broken = CRUET_ETIMEOUT;
		pending_free(w->server, c);
		c->broken = true;
	}
	return conn_continue(t, c);
}

static void count_late(struct thread *t, const struct conn *c)
{
	cruet_counters *n = &t->counted;

	if (c->waits == WAITS_HEAD)
		cruet_tally(&n->timeouts_head, 1);
	else if (c->waits == WAITS_BODY)
		cruet_tally(&n->timeouts_body, 1);
	else if (c->waits == WAITS_WRITE)
		cruet_tally(&n->timeouts_write, 1);
	else if (c->waits == WAITS_IDLE && !c->loop->left_at)
		cruet_tally(&n->timeouts_idle, 1);
}

bool conn_late(struct thread *t, struct conn *c)
{
	static const char head[] = "The head did not arrive in time.";
	static const char body[] = "the body did not arrive in time";
	struct work *w = t->work;
	unsigned parked = CONN_PARKED;

	if (c->work || c->ws) {
		if (atomic_compare_exchange_strong_explicit(&c->st, &parked, CONN_RUN,
							    memory_order_acq_rel,
							    memory_order_acquire))
			return late_parked(t, c);
		return true; /* it was woken */
	}
	if (c->waits == WAITS_WRITE && !is_stuck(c, t->loop->now)) {
		loop_timer(t->loop, c);
		return true;
	}
	count_late(t, c);
	if (!c->in_len || c->closing || c->waits == WAITS_WRITE) {
		conn_close(c->loop, c);
		return true;
	}
	atomic_store_explicit(&c->st, CONN_RUN, memory_order_relaxed);
	c->by = t;
	w->conn = c;
	w->at = w->in_len = w->out_len = 0;
	request_refuse(w, c, 408, c->waits == WAITS_BODY ? body : head);
	return settle(w, c, NEXT_REFUSED);
}
