/* Threads that have no loop, and the monitor, which gives them those that are stuck. */
#include "event.h"

#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	TICK_MS = 3,        /* a loop that stays so long in one request is stuck; */
	CALM_TICKS = 100,   /* after so many without one */
	CALM_TICK_MS = 12,  /* it is looked at more rarely, for each look interrupts a loop */
	QUIET_TICKS = 20,   /* after these the monitor sleeps */
	COMPUTE_TICKS = 10, /* so long may a request compute before its loop is taken */
	LOOK_MS = 1000,     /* how often threads without a loop are looked at */
	REPORT_MS = 10000,  /* a request that runs so long is reported */
	STACK_SIZE = 1 << 20
};

/* --- threads ---------------------------------------------------------------------------- */

/* A thread is free: for requests that wait for one. */
static void wake_those_that_wait(struct server *s)
{
	if (!atomic_load(&s->waiting))
		return;
	for (unsigned i = 0; i < s->nloops; i++)
		loop_wake(&s->loops[i]);
}

/* Until there is a loop for it; NULL: the server ends. */
static struct loop *wait_for_loop(struct thread *t)
{
	struct server *s = t->server;

	pthread_mutex_lock(&s->lock);
	if (t->away) {
		t->away = 0;
		t->reported = false;
		s->away--;
		pthread_cond_broadcast(&s->calm);
		wake_those_that_wait(s);
	}
	if (!t->take && !t->idle) {
		t->idle = true;
		t->next = s->spare;
		s->spare = t;
		s->nspare++;
	}
	while (!t->take && !atomic_load(&s->quits))
		pthread_cond_wait(&t->go, &s->lock);
	struct loop *l = t->take;
	t->take = NULL;
	pthread_mutex_unlock(&s->lock);
	return l;
}

static void *run(void *arg)
{
	struct thread *t = arg;
	struct loop *l;

	t->tid = (pid_t)syscall(SYS_gettid);
	while ((l = wait_for_loop(t)))
		loop_own(t, l);
	return NULL;
}

static void thread_free(struct thread *t)
{
	pthread_cond_destroy(&t->go);
	pthread_mutex_destroy(&t->cut);
	work_free(t->work);
	work_free(t->fresh);
	free(t);
}

/* Starts one, for that loop or as a spare one. The caller holds the lock. */
static struct thread *thread_new(struct server *s, struct loop *l)
{
	struct thread *t = calloc(1, sizeof *t);
	pthread_attr_t attr;

	if (!t)
		return NULL;
	t->server = s;
	t->take = l;
	t->counted.size = sizeof t->counted;
	t->work = work_new(s);
	pthread_cond_init(&t->go, NULL);
	pthread_mutex_init(&t->cut, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	bool started = t->work && !pthread_create(&t->id, &attr, run, t);
	pthread_attr_destroy(&attr);
	if (!started) {
		thread_free(t);
		return NULL;
	}
	t->work->thread = t;
	t->work->base.worker = s->nthreads++;
	t->all = s->threads;
	s->threads = t;
	if (l)
		l->owner = t;
	return t;
}

/* One that has nothing to do, taken from the list, or a new one. */
static struct thread *find_spare(struct server *s, bool last_ones)
{
	unsigned left = s->nspare + s->threads_max - s->nthreads;
	struct thread *t = s->spare;

	if (!left || (!last_ones && left <= s->nloops) || atomic_load(&s->quits))
		return NULL;
	if (!t)
		return thread_new(s, NULL);
	s->spare = t->next;
	s->nspare--;
	t->idle = false;
	return t;
}

static void put_back(struct server *s, struct thread *t)
{
	t->idle = true;
	t->next = s->spare;
	s->spare = t;
	s->nspare++;
}

bool spare_take(struct server *s, struct loop *l, uint64_t seen, bool last_ones)
{
	pthread_mutex_lock(&s->lock);
	struct thread *was = l->owner, *t = find_spare(s, last_ones);
	if (t && loop_take(l, seen)) {
		was->away = now_ms();
		s->away++;
		l->owner = t;
		t->take = l;
		pthread_cond_signal(&t->go);
	} else if (t) {
		put_back(s, t);
	}
	pthread_mutex_unlock(&s->lock);
	return t != NULL;
}

/* --- the monitor ------------------------------------------------------------------------ */

/* R: it computes, or would if it were let; anything else: it waits. */
static bool is_asleep(pid_t tid)
{
	char path[64], line[256];

	snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
	FILE *f = fopen(path, "re");
	if (!f)
		return true;
	size_t n = fread(line, 1, sizeof line - 1, f);
	fclose(f);
	line[n] = '\0';
	const char *end = strrchr(line, ')'); /* of the name, which may hold anything */
	return !end || strlen(end) < 3 || end[2] != 'R';
}

static void mark_slow(struct server *s, struct thread *owner)
{
	unsigned hash = atomic_load(&owner->route);

	if (hash)
		atomic_store(&s->routes[hash % ROUTES].slow, SLOW_CALLS);
}

/* True if it is in one request still, or in another one. */
static bool look_at_loop(struct server *s, struct loop *l)
{
	uint64_t state = atomic_load_explicit(&l->state, memory_order_acquire);

	if (state != l->last_state) {
		l->last_state = state;
		l->stuck = 0;
		return true;
	}
	if (!(state & 1))
		return false;
	pthread_mutex_lock(&s->lock);
	struct thread *owner = l->owner;
	pthread_mutex_unlock(&s->lock);
	if (++l->stuck >= COMPUTE_TICKS || is_asleep(owner->tid)) {
		mark_slow(s, owner); /* now: at its end would be too late for others */
		spare_take(s, l, state, true);
	}
	return true;
}

const char *route_name(const struct server *s, unsigned hash)
{
	const struct route *r = &s->routes[hash % ROUTES];
	return hash && atomic_load(&r->named) == 2 ? r->name : "no route";
}

/* The caller holds the lock. */
static void report_long_ones(struct server *s, int64_t now)
{
	for (struct thread *t = s->threads; t; t = t->all) {
		if (!t->away || t->reported || now - t->away < REPORT_MS)
			continue;
		t->reported = true;
		cruet_log(s->app, CRUET_WARN,
			  "a request to %s has been running for %d s and still is: it keeps one "
			  "of %u threads",
			  route_name(s, atomic_load(&t->route)), REPORT_MS / 1000,
			  s->opts.threads);
	}
}

static void wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	ts.tv_sec += (time_t)(ms / 1000) + ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	pthread_cond_timedwait(cond, lock, &ts);
}

/* A loop that leaves for a request stores its state and then looks whether the monitor
 * watches; the monitor does it the other way round. The barrier, on all threads at once,
 * spares them one of their own. */
static bool everyone_sees(struct server *s)
{
	for (unsigned i = 0; i < s->nloops; i++)
		if (atomic_load(&s->loops[i].state) != s->loops[i].last_state)
			return false;
	return true;
}

static void sleep_until_watched(struct server *s)
{
	atomic_store(&s->watches, false);
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) ||
	    !everyone_sees(s)) {
		atomic_store(&s->watches, true);
		return;
	}
	while (!atomic_load(&s->watches) && !atomic_load(&s->quits)) {
		if (!s->away) {
			pthread_cond_wait(&s->watch, &s->lock);
			continue;
		}
		wait_ms(&s->watch, &s->lock, s->opts.handler_timeout_ms ? LIMIT_LOOK_MS : LOOK_MS);
		report_long_ones(s, now_ms());
		pthread_mutex_unlock(&s->lock);
		limit_look(s);
		pthread_mutex_lock(&s->lock);
	}
}

static void *monitor(void *arg)
{
	struct server *s = arg;
	unsigned quiet = 0, calm = 0;
	int64_t reported = 0;

	pthread_mutex_lock(&s->lock);
	while (!atomic_load(&s->quits)) {
		wait_ms(&s->watch, &s->lock, calm < CALM_TICKS ? TICK_MS : CALM_TICK_MS);
		if (quiet >= QUIET_TICKS) {
			sleep_until_watched(s);
			quiet = 0;
		}
		if (s->away && now_ms() - reported >= LOOK_MS)
			report_long_ones(s, reported = now_ms());
		pthread_mutex_unlock(&s->lock);
		limit_look(s);
		bool active = false, stuck = false;
		int64_t now = unix_ms();
		for (unsigned i = 0; i < s->nloops; i++) {
			atomic_store_explicit(&s->loops[i].unix_ms, now, memory_order_relaxed);
			active |= look_at_loop(s, &s->loops[i]);
			stuck |= s->loops[i].stuck;
		}
		quiet = active ? 0 : quiet + 1;
		calm = stuck ? 0 : calm + 1;
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

void monitor_wake(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->watches, true);
	pthread_cond_signal(&s->watch);
	pthread_mutex_unlock(&s->lock);
}

/* --- all of them ------------------------------------------------------------------------ */

static void cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

void threads_init(struct server *s)
{
	pthread_mutex_init(&s->lock, NULL);
	cond_init(&s->calm);
	cond_init(&s->watch);
}

int threads_start(struct server *s)
{
	bool ok = true;

	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	atomic_store(&s->watches, true);
	/* as many as may block, one for each loop, and one for each that goes on when a
	 * route blocks of which that was not known */
	s->threads_max = s->opts.threads + 2 * s->nloops;
	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; ok && i < s->nloops; i++)
		ok = thread_new(s, &s->loops[i]);
	pthread_mutex_unlock(&s->lock);
	s->monitored = ok && !pthread_create(&s->monitor, NULL, monitor, s);
	return s->monitored ? CRUET_OK : CRUET_ENOMEM;
}

void threads_stop(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->draining, true);
	atomic_store(&s->quits, true);
	pthread_cond_signal(&s->watch);
	for (struct thread *t = s->threads; t; t = t->all)
		pthread_cond_signal(&t->go);
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < s->nloops; i++)
		loop_wake(&s->loops[i]);
	if (s->monitored)
		pthread_join(s->monitor, NULL);
	for (struct thread *t = s->threads, *next; t; t = next) {
		next = t->all;
		pthread_join(t->id, NULL);
		thread_free(t);
	}
}

void threads_fini(struct server *s)
{
	for (struct work *w = s->works, *next; w; w = next) {
		next = w->next;
		work_free(w);
	}
	pthread_cond_destroy(&s->watch);
	pthread_cond_destroy(&s->calm);
	pthread_mutex_destroy(&s->lock);
}

void server_note(struct server *s)
{
	if (!atomic_load_explicit(&s->draining, memory_order_relaxed))
		return;
	pthread_mutex_lock(&s->lock);
	pthread_cond_broadcast(&s->calm);
	pthread_mutex_unlock(&s->lock);
}

/* Requests that a thread serves now. The caller holds the lock. */
static size_t running(const struct server *s)
{
	size_t n = s->away;

	for (unsigned i = 0; i < s->nloops; i++)
		n += atomic_load(&s->loops[i].state) & 1;
	return n;
}

/* The caller holds the lock. */
static size_t served(struct server *s)
{
	if (atomic_load(&s->leaving) && !atomic_load(&s->draining))
		return atomic_load(&s->accepting) + atomic_load(&s->conns);
	return running(s) + atomic_load(&s->unsent) + atomic_load(&s->parked);
}

void threads_stats(struct server *s, cruet_counters *out)
{
	pthread_mutex_lock(&s->lock);
	out->threads = s->nthreads;
	out->requests_running = running(s);
	for (const struct thread *t = s->threads; t; t = t->all)
		cruet_counters_add(out, &t->counted);
	pthread_mutex_unlock(&s->lock);
}

/* WebSockets are told that the server stops; what is waited for is that their clients say
 * goodbye too. They are not counted as cut off if they do not. */
static bool says_goodbye(struct server *s, int64_t since)
{
	return atomic_load(&s->draining) && atomic_load(&s->sockets) &&
	       now_ms() - since < FAREWELL_MS;
}

size_t threads_drain(struct server *s, uint64_t ms)
{
	int64_t now = now_ms(), end = now + (int64_t)ms;
	size_t n;

	pthread_mutex_lock(&s->lock);
	while (((n = served(s)) || says_goodbye(s, now)) && now_ms() < end)
		wait_ms(&s->calm, &s->lock, 20);
	pthread_mutex_unlock(&s->lock);
	return n;
}
