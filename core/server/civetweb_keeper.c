/* The keeper: a thread that looks at the workers from time to time, so that they need
 * no clock and no system call for what hardly ever happens. It ends
 *   - bodies that take too long, or bring too little;
 *   - replies that a client does not take;
 *   - idle connections while others wait for a worker;
 * and it counts those that wait, so that workers make room for them.
 *
 * A worker changes its phase with one atomic step, and the keeper may only touch the
 * connection of a worker after it has set PHASE_HELD in the very word that it judged;
 * a worker that finds it set waits until it is gone. So what is cut off is what was
 * judged, and its socket cannot be closed, and its number given to another, meanwhile.
 * The word changes with every step of a worker: one that stays the same has been at
 * the same thing. */
#include <arpa/inet.h>
#include <civetweb.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "server/civetweb_priv.h"
#include "server/clock.h"
#include "server/sockets.h"

enum {
	TICK_MS = 100,
	FULL_MS = 10,  /* while every worker has a connection */
	ENDING_MS = 5,
	COUNT_MS = 50, /* how often all sockets are counted then */
	IDLE_MIN_MS = 200, /* nobody loses a connection that was idle for less */
	RATE_GRACE_MS = 10000,
	DISCARD_LIMIT_MS = 2000
};

/* What the keeper knows of a worker. */
struct watch {
	unsigned word;
	int64_t since;     /* when the word was first seen */
	int64_t progress;  /* when bytes were last seen to move */
	uint64_t from, to; /* bytes at first, and last */
	bool counted;
	int fd;
};

/* How the keeper sleeps, as workers see it. */
enum sleep { SLEEP_SHORT, SLEEP_LONG, SLEEP_PARKED };

struct keeper {
	struct server *server;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake;  /* for the keeper */
	pthread_cond_t calm;  /* for keeper_drain() */
	int ending;           /* what is shut of every connection: SHUT_...; -1: nothing */
	bool quit;
	atomic_int sleep;     /* enum sleep */
	int64_t tick, looked_at, counted_at;
	struct watch *watches; /* from here on the thread's own */
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

static bool answers(unsigned word)
{
	unsigned phase = word & PHASE_MASK;
	return phase == PHASE_BUSY || phase == PHASE_READ || phase == PHASE_WRITE;
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

/* The socket of a worker that is held. */
static int held_socket(struct watch *at, const struct worker *w)
{
	return at->fd = find(w, at->fd);
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

static void judge(const struct server *s, struct worker *w, struct watch *at, int64_t now)
{
	unsigned word = at->word;

	if (!hold(w, word))
		return;
	int fd = held_socket(at, w);
	int how = fd >= 0 ? verdict(s, at, fd, now) : -1;
	if (how >= 0) {
		shutdown(fd, how);
		word = at->word |= PHASE_CUT;
	}
	let_go(w, word);
}

static void look(const struct server *s, struct worker *w, struct watch *at, int64_t now)
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
		judge(s, w, at, now);
}

/* --- those that wait -------------------------------------------------------------------- */

static void count_one(void *arg, int fd)
{
	(void)fd;
	++*(unsigned *)arg;
}

/* civetweb holds up to two connections that no worker has yet: one is queued, the
 * other is in the hand of the thread that accepts. Counting all sockets shows them. */
static unsigned count_hidden(const struct server *s)
{
	unsigned n = 0, open = atomic_load(&s->open);

	for (size_t i = 0; i < s->nat; i++)
		socket_each(&s->at[i], count_one, &n);
	return n > open ? n - open : 0;
}

static unsigned count_waiters(struct keeper *k, int64_t now)
{
	const struct server *s = k->server;
	unsigned n = 0;

	for (size_t i = 0; i < s->nat; i++)
		if (s->listening[i] >= 0)
			n += socket_backlog(s->listening[i]);
	if (!n && now - k->counted_at >= COUNT_MS) {
		k->counted_at = now;
		return count_hidden(s);
	}
	return n ? n + 2 : 0;
}

/* An idle connection on which the client has not begun to ask. */
static bool end_idle(struct worker *w, struct watch *at)
{
	bool ended = false;

	if (!hold(w, at->word))
		return false;
	int fd = held_socket(at, w), queued = 0;
	if (fd >= 0 && !ioctl(fd, FIONREAD, &queued) && !queued)
		ended = !shutdown(fd, SHUT_RD);
	if (ended)
		at->word |= PHASE_CUT;
	let_go(w, at->word);
	return ended;
}

static struct watch *longest_idle(const struct keeper *k, int64_t now)
{
	struct watch *found = NULL;

	for (unsigned i = 0; i < k->server->nworkers; i++) {
		struct watch *at = &k->watches[i];
		if ((at->word & PHASE_MASK) == PHASE_IDLE && !(at->word & PHASE_CUT) &&
		    now - at->since >= IDLE_MIN_MS && (!found || at->since < found->since))
			found = at;
	}
	return found;
}

static void make_room(struct keeper *k, unsigned waiters, int64_t now)
{
	struct watch *at;

	while (waiters && (at = longest_idle(k, now))) {
		if (end_idle(&k->server->workers[at - k->watches], at))
			waiters--;
		else
			at->word = PHASE_NONE; /* has moved: not looked at again now */
	}
	atomic_store(&k->server->waiters, waiters);
}

/* --- the thread ------------------------------------------------------------------------- */

static void shut(void *how, int fd)
{
	shutdown(fd, *(int *)how);
}

static int64_t round_of(struct keeper *k, int ending)
{
	struct server *s = k->server;
	int64_t now = clock_ms();

	if (!atomic_load(&s->started))
		return k->tick;
	if (ending >= 0) {
		for (size_t i = 0; i < s->nat; i++)
			socket_each(&s->at[i], shut, &ending);
		return ENDING_MS;
	}
	if (now - k->looked_at >= k->tick - CLOCK_GRAIN_MS) {
		k->looked_at = now;
		for (unsigned i = 0; i < s->nworkers; i++)
			look(s, &s->workers[i], &k->watches[i], now);
	}
	bool full = atomic_load(&s->open) >= s->nworkers;
	make_room(k, full ? count_waiters(k, now) : 0, now);
	return full && k->tick > FULL_MS ? FULL_MS : k->tick;
}

/* The moment ms from now. */
static struct timespec in_ms(uint64_t ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	ts.tv_sec += (time_t)(ms / 1000) + ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

/* Sleeps while there is no connection. A worker that takes the first one counts it
 * first and then looks whether the keeper is parked; the keeper does it the other way
 * round: one of them sees the other. */
static void park(struct keeper *k)
{
	atomic_store(&k->sleep, SLEEP_PARKED);
	while (!k->quit && k->ending < 0 && !atomic_load(&k->server->open))
		pthread_cond_wait(&k->wake, &k->lock);
}

static void doze(struct keeper *k, int64_t ms)
{
	struct timespec next = in_ms((uint64_t)ms);

	atomic_store(&k->sleep, ms > FULL_MS ? SLEEP_LONG : SLEEP_SHORT);
	pthread_cond_timedwait(&k->wake, &k->lock, &next);
}

static void *run(void *arg)
{
	struct keeper *k = arg;

	pthread_mutex_lock(&k->lock);
	while (!k->quit) {
		int ending = k->ending;
		pthread_mutex_unlock(&k->lock);
		int64_t ms = round_of(k, ending);
		pthread_mutex_lock(&k->lock);
		if (ending >= 0)
			pthread_cond_broadcast(&k->calm);
		if (!k->quit && k->ending == ending)
			doze(k, ms);
		park(k);
		atomic_store(&k->sleep, SLEEP_SHORT);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

static int64_t least(uint64_t a, uint64_t b)
{
	return (int64_t)(a < b ? a : b);
}

struct keeper *keeper_new(struct server *s)
{
	struct keeper *k = calloc(1, sizeof *k);
	pthread_condattr_t attr;

	if (!k)
		return NULL;
	k->server = s;
	k->ending = -1;
	k->watches = calloc(s->nworkers, sizeof *k->watches);
	if (!k->watches)
		goto no_watches;
	for (unsigned i = 0; i < s->nworkers; i++)
		k->watches[i].fd = -1;
	k->tick = least(s->opts.body_timeout_ms, s->opts.write_timeout_ms) / 8;
	k->tick = k->tick < ENDING_MS ? ENDING_MS : k->tick > TICK_MS ? TICK_MS : k->tick;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&k->wake, &attr);
	pthread_cond_init(&k->calm, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&k->lock, NULL);
	if (!pthread_create(&k->thread, NULL, run, k))
		return k;

	pthread_mutex_destroy(&k->lock);
	pthread_cond_destroy(&k->calm);
	pthread_cond_destroy(&k->wake);
	free(k->watches);
no_watches:
	free(k);
	return NULL;
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	pthread_mutex_lock(&k->lock);
	k->quit = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
	pthread_mutex_destroy(&k->lock);
	pthread_cond_destroy(&k->calm);
	pthread_cond_destroy(&k->wake);
	free(k->watches);
	free(k);
}

void keeper_wake(struct keeper *k, unsigned open)
{
	int sleep = atomic_load(&k->sleep);

	if (sleep == SLEEP_SHORT || (sleep == SLEEP_LONG && open < k->server->nworkers))
		return;
	pthread_mutex_lock(&k->lock);
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

/* Connections that a request is read from or answered on end by themselves, if they
 * are not shut for writing; what is new is not accepted any more. */
void keeper_end_all(struct keeper *k, uint64_t ms)
{
	struct timespec end = in_ms(ms);

	pthread_mutex_lock(&k->lock);
	k->ending = SHUT_RD;
	pthread_cond_signal(&k->wake);
	while (atomic_load(&k->server->open) &&
	       pthread_cond_timedwait(&k->calm, &k->lock, &end) != ETIMEDOUT)
		;
	k->ending = SHUT_RDWR;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

void keeper_note(struct keeper *k)
{
	pthread_mutex_lock(&k->lock);
	pthread_cond_signal(&k->calm);
	pthread_mutex_unlock(&k->lock);
}

static size_t count_answering(const struct server *s)
{
	size_t n = 0;
	for (unsigned i = 0; i < s->nworkers; i++)
		n += answers(atomic_load(&s->workers[i].phase));
	return n;
}

size_t keeper_drain(struct keeper *k, uint64_t ms)
{
	struct timespec end = in_ms(ms);
	size_t n;

	pthread_mutex_lock(&k->lock);
	while ((n = count_answering(k->server)) &&
	       pthread_cond_timedwait(&k->calm, &k->lock, &end) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&k->lock);
	return n;
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
