/* Loops, and how they pass from thread to thread.
 *
 * A handler runs in the thread whose loop read the request, with no hand-over. If it
 * blocks, another thread takes the loop and goes on with it, and the blocked one
 * finishes its one request without a loop. What holds:
 *
 *  1. loop.state is even while its owner is in code of its own, or nobody owns the loop;
 *     odd while the owner is in code that may block: a request. It only grows. The owner
 *     makes it odd; it becomes even only by compare-and-swap. Whoever wins that owns the
 *     loop, and who loses it owns nothing of it from then on.
 *  2. All that a loop goes on with lies in struct loop, never on the stack of its owner:
 *     events and how many of them are done, the lists, the wheel. A list or a cursor is
 *     moved on before what it showed is served. So whoever takes a loop just continues.
 *  3. Buffers belong to a thread, by its struct work, and neither to loops nor to
 *     connections. What is not read or not sent is copied to the connection when a thread
 *     lets go of it.
 *  4. conn.st is 0 while the connection is at rest: then it is the loop's owner's. RUN:
 *     it is the one thread's that serves it, and all of it but its timer. The owner of
 *     the loop adds EDGE when something happened meanwhile. Only the thread that serves
 *     takes RUN away; where it finds EDGE it hands the connection to loop.returned.
 *  5. epoll tells each change once (EPOLLET), and a connection is registered once, for
 *     all kinds. So a loop changes hands without a system call.
 *  6. Only a loop's owner closes descriptors, changes the wheel, frees connections. A
 *     thread without a loop may push to loop.returned, and wakes the loop.
 *  7. A closed connection is freed after the batch of events in which it was closed: an
 *     event for it may still stand there, and DEAD makes it harmless.
 *  8. A timer of a connection is not moved when something happens, only looked at again
 *     when it goes off; it is set anew where the new time is an earlier one.
 *  9. Nothing blocks while the state is even, and no lock is held while a request is
 *     served. */
#include "event.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static int64_t in_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t now_ms(void)
{
	return in_ms(CLOCK_MONOTONIC_COARSE);
}

int64_t unix_ms(void)
{
	return in_ms(CLOCK_REALTIME_COARSE);
}

/* --- hand-over -------------------------------------------------------------------------- */

void loop_leave(struct thread *t)
{
	struct loop *l = t->loop;

	if (!l)
		return;
	t->odd = l->seq + 1;
	atomic_store_explicit(&l->state, t->odd, memory_order_release);
	if (!atomic_load_explicit(&t->server->watches, memory_order_relaxed))
		monitor_wake(t->server);
}

bool loop_take(struct loop *l, uint64_t seen)
{
	uint64_t odd = seen;

	if (!atomic_compare_exchange_strong_explicit(&l->state, &odd, seen + 1,
						     memory_order_acq_rel, memory_order_acquire))
		return false;
	l->seq = seen + 1;
	return true;
}

void loop_return(struct thread *t)
{
	if (t->loop && !loop_take(t->loop, t->odd))
		t->loop = NULL;
}

bool loop_give(struct thread *t)
{
	if (!t->loop)
		return true;
	if (!spare_take(t->server, t->loop, t->odd, false))
		return false;
	t->loop = NULL;
	return true;
}

void loop_wake(struct loop *l)
{
	uint64_t one = 1;
	ssize_t n = write(l->wake, &one, sizeof one);
	(void)n; /* full: it is awake */
}

void loop_push(struct loop *l, struct conn *c)
{
	struct conn *head = atomic_load_explicit(&l->returned, memory_order_relaxed);

	do
		c->next = head;
	while (!atomic_compare_exchange_weak_explicit(&l->returned, &head, c,
						      memory_order_acq_rel,
						      memory_order_relaxed));
	if (!head)
		loop_wake(l);
}

/* --- the log ---------------------------------------------------------------------------- */

void loop_say(struct loop *l, int level, const char *fmt, ...)
{
	va_list ap;

	if (l->nlines == LINES)
		return;
	struct line *line = &l->lines[l->nlines++];
	line->level = level;
	va_start(ap, fmt);
	vsnprintf(line->text, sizeof line->text, fmt, ap);
	va_end(ap);
}

static bool say_lines(struct thread *t, struct loop *l)
{
	while (l->nlines) {
		struct line line = l->lines[0];
		memmove(l->lines, l->lines + 1, --l->nlines * sizeof *l->lines);
		loop_leave(t);
		cruet_log(l->server->app, line.level, "%s", line.text);
		loop_return(t);
		if (!t->loop)
			return false;
	}
	return true;
}

/* --- the wheel -------------------------------------------------------------------------- */

void loop_timer(struct loop *l, struct conn *c)
{
	int64_t at = conn_deadline(c);

	if (!c->timer.link || at < c->timer.at)
		wheel_set(&l->wheel, &c->timer, at);
}

static bool turn_wheel(struct thread *t, struct loop *l)
{
	struct wheel_entry *e;

	while ((e = wheel_due(&l->wheel, l->now))) {
		struct conn *c = (struct conn *)e;
		unsigned st = atomic_load_explicit(&c->st, memory_order_acquire);
		int64_t at = st && st != CONN_PARKED ? l->now + 1000 : conn_deadline(c);
		wheel_set(&l->wheel, e, at > l->now ? at : l->now + 1000);
		if (at <= l->now && !conn_late(t, c))
			return false;
	}
	return true;
}

/* --- events ----------------------------------------------------------------------------- */

static void bury(struct loop *l)
{
	while (l->grave) {
		struct conn *c = l->grave;
		l->grave = c->next;
		free(c);
	}
}

/* Something happened to c. False: the thread has lost the loop. */
static bool happened(struct thread *t, struct conn *c, uint32_t events)
{
	unsigned st = atomic_load_explicit(&c->st, memory_order_acquire);

	while (st) {
		if (st & CONN_DEAD)
			return true;
		if (st == CONN_PARKED &&
		    atomic_compare_exchange_weak_explicit(&c->st, &st, CONN_RUN,
							  memory_order_acq_rel,
							  memory_order_acquire))
			return conn_continue(t, c);
		if (st == CONN_PARKED || !st)
			continue;
		if (atomic_compare_exchange_weak_explicit(&c->st, &st, st | CONN_EDGE,
							  memory_order_acq_rel,
							  memory_order_acquire))
			return true;
	}
	c->more = true;
	c->ends |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	return conn_run(t, c);
}

/* What came back from threads, in the order in which it came. */
static void fetch_returned(struct loop *l)
{
	struct conn *c = atomic_exchange_explicit(&l->returned, NULL, memory_order_acquire);
	struct conn *first = NULL;

	while (c) {
		struct conn *next = c->next;
		c->next = first;
		first = c;
		c = next;
	}
	struct conn **end = &l->todo;
	while (*end)
		end = &(*end)->next;
	*end = first;
}

static bool run_returned(struct thread *t, struct loop *l)
{
	fetch_returned(l);
	for (unsigned n = 0; l->todo && n < BATCH; n++) {
		struct conn *c = l->todo;
		l->todo = c->next;
		atomic_store_explicit(&c->st, CONN_RUN, memory_order_relaxed);
		if (!conn_continue(t, c))
			return false;
	}
	return true;
}

/* Requests that wait for a thread, as far as there are any. */
static bool run_waiting(struct thread *t, struct loop *l)
{
	while (l->waiting) {
		struct conn *c = l->waiting;
		l->waiting = c->next;
		if (conn_place(t, c))
			return false; /* somebody else has the loop now */
		c->next = l->waiting;
		l->waiting = c;
		break;
	}
	return true;
}

/* The listener tells once that there are connections, however many: those that are left
 * for later are remembered. Where the process dies, others are told of all but the one of
 * which it was told itself. */
static void accept_some(struct loop *l, const struct listener *at)
{
	bool dies = atomic_load_explicit(&l->server->dying, memory_order_relaxed);
	unsigned most = dies ? 1 : BATCH;

	for (unsigned n = 0;; n++) {
		struct address from = {.len = sizeof from.at};
		if (n == most) {
			l->accept_at = dies ? 0 : l->now;
			return;
		}
		int fd = accept4(at->fd, (struct sockaddr *)&from.at, &from.len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			conn_accept(l, fd, &from, at->place);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			l->accept_at = l->now + 100;
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

/* The connection of the next event comes into the cache while this one is served: that of
 * many is in none. */
static void fetch(const struct epoll_event *e)
{
	enum { CACHE_LINE = 64, USED = 4 * CACHE_LINE };

	for (size_t i = 0; e->data.u64 > LISTENERS && i < USED; i += CACHE_LINE)
		__builtin_prefetch((const char *)e->data.ptr + i);
}

static bool run_event(struct thread *t, struct loop *l, const struct epoll_event *e)
{
	uint64_t id = e->data.u64;

	if (id < LISTENERS) {
		if (id < l->nlisteners) /* else it has stopped to accept */
			accept_some(l, &l->listeners[id]);
		return true;
	}
	if (id == LISTENERS) /* woken */
		return true;
	return happened(t, e->data.ptr, e->events);
}

static int how_long(struct loop *l)
{
	int ms = wheel_wait(&l->wheel, l->now);

	if (l->todo || l->nlines || l->ends || (l->accept_at && l->accept_at <= l->now))
		return 0;
	if (l->accept_at && (ms < 0 || ms > 100))
		return 100;
	return ms;
}

static void wait_for_events(struct loop *l)
{
	if (l->accept_at && l->now >= l->accept_at) {
		l->accept_at = 0;
		for (unsigned i = 0; i < l->nlisteners; i++)
			accept_some(l, &l->listeners[i]);
	}
	int n = epoll_wait(l->ep, l->events, BATCH, how_long(l));
	l->now = now_ms();
	atomic_store_explicit(&l->unix_ms, unix_ms(), memory_order_relaxed);
	l->cursor = 0;
	l->nevents = n > 0 ? n : 0;
}

/* Requests that wait see that the server drains. */
static void wake_parked(struct loop *l)
{
	for (unsigned i = 0; i < WHEEL_SLOTS; i++) {
		for (struct wheel_entry *e = l->wheel.slots[i]; e; e = e->next) {
			struct conn *c = (struct conn *)e;
			unsigned parked = CONN_PARKED;
			/* until this has succeeded, nothing of c is the loop's to look at */
			if (!atomic_compare_exchange_strong(&c->st, &parked, CONN_RUN))
				continue;
			c->next = l->todo;
			l->todo = c;
		}
	}
}

void loop_deafen(struct loop *l)
{
	for (unsigned i = 0; i < l->nlisteners; i++)
		epoll_ctl(l->ep, EPOLL_CTL_DEL, l->listeners[i].fd, NULL);
}

static void close_listeners(struct loop *l)
{
	for (unsigned i = 0; i < l->nlisteners; i++)
		close(l->listeners[i].fd);
	l->nlisteners = 0;
	l->accept_at = 0;
}

/* Stops to accept from a socket that others have too. Of connections that it was told
 * of, nobody else is told: so it takes them. */
static void retire(struct loop *l, const struct listener *at)
{
	epoll_ctl(l->ep, EPOLL_CTL_DEL, at->fd, NULL);
	do {
		l->accept_at = 0;
		accept_some(l, at);
	} while (l->accept_at && l->accept_at <= l->now);
}

/* Others accept from now on. What is idle here may not be so for as long as before. */
static void leave(struct loop *l)
{
	for (unsigned i = 0; i < l->nlisteners; i++)
		retire(l, &l->listeners[i]);
	close_listeners(l);
	atomic_fetch_sub(&l->server->accepting, 1);
	l->left_at = l->now;
	for (unsigned i = 0; i < WHEEL_SLOTS; i++) {
		for (struct wheel_entry *e = l->wheel.slots[i], *next; e; e = next) {
			struct conn *c = (struct conn *)e;
			next = e->next;
			unsigned st = atomic_load_explicit(&c->st, memory_order_acquire);
			if (!st)
				loop_timer(l, c);
			else if (!(st & CONN_RUN) && c->ws) /* else socket_run() does it */
				ws_session_close(c->ws, 1001, "the server restarts");
		}
	}
}

static void look_at_server(struct loop *l)
{
	struct server *s = l->server;

	if (!l->left_at && atomic_load_explicit(&s->leaving, memory_order_relaxed))
		leave(l);
	if (!atomic_load_explicit(&s->draining, memory_order_relaxed))
		return;
	if (!l->drains)
		wake_parked(l);
	l->drains = true;
	l->ends = atomic_load(&s->quits);
}

void loop_own(struct thread *t, struct loop *l)
{
	t->loop = l;
	for (;;) {
		if (!run_returned(t, l) || !run_waiting(t, l))
			return;
		while (l->cursor < l->nevents) {
			const struct epoll_event *e = &l->events[l->cursor++];
			if (l->cursor < l->nevents)
				fetch(&e[1]);
			if (!run_event(t, l, e))
				return;
		}
		bury(l);
		if (!turn_wheel(t, l) || !say_lines(t, l))
			return;
		look_at_server(l);
		if (l->ends && !atomic_load(&l->returned) && !l->todo)
			break;
		wait_for_events(l);
	}
	t->loop = NULL;
}

/* --- the beginning and the end ---------------------------------------------------------- */

static int add(struct loop *l, int fd, uint64_t id, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.u64 = id};
	return epoll_ctl(l->ep, EPOLL_CTL_ADD, fd, &e) ? CRUET_EIO : CRUET_OK;
}

int loop_init(struct loop *l, struct server *s, unsigned number)
{
	l->server = s;
	l->number = number;
	l->counted.size = sizeof l->counted;
	l->now = now_ms();
	wheel_init(&l->wheel, l->now);
	l->ep = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->ep < 0 || l->wake < 0 || add(l, l->wake, LISTENERS, EPOLLIN | EPOLLET))
		return CRUET_EIO;
	/* A socket may be one for several loops, and several processes: a connection is
	 * to wake but one of them. */
	for (unsigned i = 0; i < l->nlisteners; i++)
		if (add(l, l->listeners[i].fd, i, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE))
			return CRUET_EIO;
	return CRUET_OK;
}

void loop_fini(struct loop *l)
{
	close_listeners(l);
	free(l->listeners);
	for (unsigned i = 0; i < WHEEL_SLOTS; i++)
		while (l->wheel.slots[i])
			conn_close(l, (struct conn *)l->wheel.slots[i]);
	bury(l);
	if (l->wake >= 0)
		close(l->wake);
	if (l->ep >= 0)
		close(l->ep);
}
