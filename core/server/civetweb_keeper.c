/* The keeper: a thread that looks at the workers from time to time, so that they need
 * no clock and no system call for what hardly ever happens. It ends what takes too
 * long (civetweb_watch.c says what); it counts the connections that wait for a worker,
 * so that others make room for them; and at the end it ends them all. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "server/civetweb_priv.h"
#include "server/clock.h"
#include "server/sockets.h"

enum {
	TICK_MS = 100,
	FULL_MS = 20, /* while every worker has a connection */
	ENDING_MS = 5,
	COUNT_MS = 250 /* how often all sockets are counted then */
};

/* How the keeper sleeps, as workers see it. */
enum sleep { SLEEP_SHORT, SLEEP_LONG, SLEEP_PARKED };

struct keeper {
	struct server *server;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake;  /* for the keeper */
	pthread_cond_t calm;  /* for keeper_drain() and keeper_end_all() */
	int ending;           /* what is shut of every connection: SHUT_...; -1: nothing */
	bool quit;
	atomic_int sleep;     /* enum sleep */
	int64_t tick;
	int64_t looked_at, counted_at; /* from here on the thread's own */
	struct watch *watches;
};

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

static struct watch *longest_idle(const struct keeper *k, int64_t now)
{
	struct watch *found = NULL;

	for (unsigned i = 0; i < k->server->nworkers; i++) {
		struct watch *at = &k->watches[i];
		if (watch_is_idle(at, now) && (!found || at->since < found->since))
			found = at;
	}
	return found;
}

/* Ends idle connections, one for each that waits; how many then still wait is what
 * workers see, which end theirs after a reply. */
static void make_room(struct keeper *k, unsigned waiters, int64_t now)
{
	struct watch *at;

	while (waiters && (at = longest_idle(k, now)))
		waiters -= watch_end(at, &k->server->workers[at - k->watches], now);
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
			watch_look(&k->watches[i], &s->workers[i], now);
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

size_t keeper_answering(const struct server *s)
{
	size_t n = 0;
	for (unsigned i = 0; i < s->nworkers; i++)
		n += phase_answers(atomic_load(&s->workers[i].phase));
	return n;
}

size_t keeper_drain(struct keeper *k, uint64_t ms)
{
	struct timespec end = in_ms(ms);
	size_t n;

	pthread_mutex_lock(&k->lock);
	while ((n = keeper_answering(k->server)) &&
	       pthread_cond_timedwait(&k->calm, &k->lock, &end) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&k->lock);
	return n;
}
