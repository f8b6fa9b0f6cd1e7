/* How long a worker has been at what, and what is done about it.
 *
 * A worker changes its phase with one atomic step. Another thread may only touch its
 * connection after it has set PHASE_HELD in the very word that it judged; a worker that
 * finds it set waits until it is gone. So what is cut off is what was judged, and its
 * socket cannot be closed, and its number given to another, meanwhile. The word changes
 * with every step of a worker: one that stays the same has been at the same thing. */
#include <arpa/inet.h>
#include <civetweb.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "server/civetweb_priv.h"
#include "server/clock.h"
#include "server/sockets.h"

enum {
	IDLE_MIN_MS = 200,    /* nobody loses a connection that was idle for less, */
	SILENT_MIN_MS = 1000, /* or one on which nothing was asked yet */
	RATE_GRACE_MS = 10000,
	DISCARD_LIMIT_MS = 2000
};

/* --- phases -------------------------------------------------------------------------- */

bool phase_enter(struct worker *w, enum phase next)
{
	unsigned was = atomic_load_explicit(&w->phase, memory_order_relaxed), now;

	do {
		while (was & PHASE_HELD) {
			sched_yield();
			was = atomic_load_explicit(&w->phase, memory_order_acquire);
		}
		now = ((was & ~(PHASE_STEP - 1u)) + PHASE_STEP) | next;
	} while (!atomic_compare_exchange_weak(&w->phase, &was, now));
	return was & PHASE_CUT;
}

static bool hold(struct worker *w, unsigned word)
{
	return atomic_compare_exchange_strong(&w->phase, &word, word | PHASE_HELD);
}

static void let_go(struct worker *w, unsigned word)
{
	atomic_store_explicit(&w->phase, word, memory_order_release);
}

/* --- sockets -------------------------------------------------------------------------- */

static int find(const struct worker *w, int near)
{
	struct sockaddr_in peer = {.sin_family = AF_INET};

	if (!w->info || inet_pton(AF_INET, w->info->remote_addr, &peer.sin_addr) != 1)
		return -1;
	peer.sin_port = htons((uint16_t)w->info->remote_port);
	return socket_of_client(&peer, (uint16_t)w->info->server_port, near);
}

int worker_socket(struct worker *w)
{
	return w->fd = find(w, w->fd);
}

/* --- one worker ------------------------------------------------------------------------ */

/* Too little has come for too long, and that is the client's doing: nothing of it is
 * left to read. */
static bool too_slow(const struct server *s, struct watch *at, int fd, int64_t now)
{
	int queued = 0;
	uint64_t bytes = socket_received(fd);

	if (!at->counted) {
		at->counted = true;
		at->from = bytes;
	}
	if (!s->opts.body_rate || now - at->since < RATE_GRACE_MS ||
	    ioctl(fd, FIONREAD, &queued) || queued)
		return false;
	return (bytes - at->from) * 1000 / (uint64_t)(now - at->since) < s->opts.body_rate;
}

static bool takes_nothing(const struct server *s, struct watch *at, int fd, int64_t now)
{
	uint64_t bytes = socket_acked(fd);

	if (!at->counted || bytes != at->to) {
		at->counted = true;
		at->to = bytes;
		at->progress = now;
	}
	return now - at->progress >= (int64_t)s->opts.write_timeout_ms;
}

/* What is to be shut of a connection that has been at the same thing: SHUT_..., or -1. */
static int verdict(const struct server *s, struct watch *at, int fd, int64_t now)
{
	switch (at->word & PHASE_MASK) {
	case PHASE_READ:
		return now - at->since >= (int64_t)s->opts.body_timeout_ms ||
				       too_slow(s, at, fd, now)
			       ? SHUT_RD
			       : -1;
	case PHASE_LINGER:
		return now - at->since >= DISCARD_LIMIT_MS ? SHUT_RD : -1;
	case PHASE_WRITE:
		return takes_nothing(s, at, fd, now) ? SHUT_RDWR : -1;
	default:
		return -1;
	}
}

static void count_cut(cruet_counters *n, unsigned phase)
{
	if (phase == PHASE_READ)
		cruet_tally(&n->timeouts_body, 1);
	else if (phase == PHASE_WRITE)
		cruet_tally(&n->timeouts_write, 1);
}

static void judge(struct watch *at, struct worker *w, int64_t now)
{
	unsigned word = at->word;

	if (!hold(w, word))
		return;
	int fd = at->fd = find(w, at->fd);
	int how = fd >= 0 ? verdict(w->server, at, fd, now) : -1;
	if (how >= 0) {
		count_cut(&w->server->cut, word & PHASE_MASK);
		shutdown(fd, how);
		word = at->word |= PHASE_CUT;
	}
	let_go(w, word);
}

void watch_look(struct watch *at, struct worker *w, int64_t now)
{
	unsigned word = atomic_load_explicit(&w->phase, memory_order_acquire);
	unsigned phase = word & PHASE_MASK;

	if (word != at->word) {
		at->word = word;
		at->since = at->progress = now;
		at->counted = false;
		return;
	}
	if (phase >= PHASE_READ && !(word & PHASE_CUT))
		judge(at, w, now);
}

/* --- idle connections ------------------------------------------------------------------- */

bool watch_is_idle(const struct watch *at, int64_t now)
{
	int64_t idle = now - at->since;

	switch (at->word & (PHASE_MASK | PHASE_CUT)) {
	case PHASE_IDLE:
		return idle >= IDLE_MIN_MS;
	case PHASE_HEAD:
		return idle >= SILENT_MIN_MS;
	default:
		return false;
	}
}

/* True if the client has not begun to ask since the connection is idle. */
static bool silent(const struct watch *at, int fd, int64_t now)
{
	int queued = 0;

	if ((at->word & PHASE_MASK) == PHASE_HEAD)
		return socket_received(fd) == 0;
	return !ioctl(fd, FIONREAD, &queued) && !queued &&
	       socket_quiet_ms(fd) + CLOCK_GRAIN_MS >= now - at->since;
}

bool watch_end(struct watch *at, struct worker *w, int64_t now)
{
	unsigned word = at->word;
	bool ended = false;

	if (hold(w, word)) {
		int fd = at->fd = find(w, at->fd);
		ended = fd >= 0 && silent(at, fd, now) && !shutdown(fd, SHUT_RD);
		let_go(w, ended ? word | PHASE_CUT : word);
	}
	at->word = PHASE_NONE; /* it is looked at anew */
	return ended;
}

bool worker_makes_room(struct worker *w)
{
	struct server *s = w->server;

	if (atomic_load_explicit(&s->open, memory_order_relaxed) < s->nworkers)
		return false;
	unsigned n = atomic_load(&s->waiters);
	while (n && !atomic_compare_exchange_weak(&s->waiters, &n, n - 1))
		;
	return n;
}
