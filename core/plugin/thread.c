#include "plugin/thread.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/ctx.h"
#include "app/where.h"
#include "plugin/registry.h"
#include "plugin/within.h"

struct plugin_thread {
	struct plugin_thread *next;
	pthread_t id;
	struct threads *of;
	cruet_app *app;
	cruet_thread_fn *fn;
	void *arg;
	pid_t number; /* guarded by the lock, as what follows: the kernel's; 0: not yet */
	bool young; /* who starts it still looks at it */
	bool done; /* may be joined without waiting */
	bool left; /* nobody will join it, so it frees this itself */
	char name[16];
};

struct timer {
	struct timer *next;
	uint64_t period_ms, due_ms;
	bool kept; /* made in init: goes on after a new start */
	cruet_app *app;
	cruet_timer_fn *fn;
	void *arg;
};

static uint64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* A moment so far away that it never comes, rather than one in the past. */
static uint64_t after(uint64_t from, uint64_t ms)
{
	return ms > INT64_MAX / 2 ? INT64_MAX / 2 : from + ms;
}

static struct timespec moment(uint64_t ms)
{
	return (struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
}

int threads_init(struct threads *t)
{
	pthread_condattr_t attr;

	*t = (struct threads){.list = NULL};
	if (pthread_condattr_init(&attr))
		return CRUET_ENOMEM;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	int err = pthread_cond_init(&t->change, &attr);
	pthread_condattr_destroy(&attr);
	if (err)
		return CRUET_ENOMEM;
	if (!pthread_mutex_init(&t->lock, NULL))
		return CRUET_OK;
	pthread_cond_destroy(&t->change);
	return CRUET_ENOMEM;
}

static struct threads *threads_of(const cruet_app *app)
{
	struct instance *in = instance_of(app);
	return in ? &in->threads : NULL;
}

/* Sleeps until that moment or a change; with the lock held. */
static void sleep_until(struct threads *t, uint64_t ms)
{
	struct timespec ts = moment(ms);
	pthread_cond_timedwait(&t->change, &t->lock, &ts);
}

/* --- stopping and waiting ------------------------------------------------------------ */

bool cruet_stopping(const cruet_app *app)
{
	struct threads *t = threads_of(app);

	if (!t)
		return !app || atomic_load(&app->host->stop_asked);
	pthread_mutex_lock(&t->lock);
	bool stopping = t->stopping;
	pthread_mutex_unlock(&t->lock);
	return stopping;
}

/* The program itself has no threads of its own here: it waits for cruet_stop(). */
static bool wait_program(cruet_app *app, uint64_t ms)
{
	uint64_t until = after(now_ms(), ms);
	struct pollfd p = {.fd = app->host->stop_fd, .events = POLLIN};

	while (!atomic_load(&app->host->stop_asked)) {
		uint64_t now = now_ms();
		if (now >= until)
			return true;
		uint64_t left = until - now;
		poll(&p, 1, left > 60000 ? 60000 : (int)left);
	}
	return false;
}

bool cruet_wait(cruet_app *app, uint64_t ms)
{
	struct threads *t = threads_of(app);

	if (!app)
		return false;
	if (!t)
		return wait_program(app, ms);
	uint64_t until = after(now_ms(), ms);
	pthread_mutex_lock(&t->lock);
	while (!t->stopping && now_ms() < until)
		sleep_until(t, until);
	bool go_on = !t->stopping;
	pthread_mutex_unlock(&t->lock);
	return go_on;
}

/* --- threads -------------------------------------------------------------------------- */

static void *run(void *arg)
{
	struct plugin_thread *th = arg;
	struct threads *t = th->of;

	pthread_setname_np(pthread_self(), th->name);
	pthread_mutex_lock(&t->lock);
	th->number = gettid();
	pthread_cond_broadcast(&t->change);
	pthread_mutex_unlock(&t->lock);
	where_prepare();
	where.of_plugin = true;
	th->fn(th->app, th->arg);
	pthread_mutex_lock(&t->lock);
	bool left = th->left;
	th->done = true;
	pthread_cond_broadcast(&t->change);
	pthread_mutex_unlock(&t->lock);
	if (left)
		free(th);
	return NULL;
}

/* Threads that have ended hold memory until they are joined; with the lock held. */
static void reap(struct threads *t)
{
	for (struct plugin_thread **at = &t->list; *at;) {
		struct plugin_thread *th = *at;
		if (!th->done || th->young) {
			at = &th->next;
			continue;
		}
		*at = th->next;
		pthread_join(th->id, NULL);
		free(th);
	}
}

/* Without it the thread would be counted as a stranger; with the lock held. */
static void await_number(struct threads *t, struct plugin_thread *th)
{
	th->young = true;
	while (!th->number)
		pthread_cond_wait(&t->change, &t->lock);
	th->young = false;
	pthread_cond_broadcast(&t->change);
}

static int start(struct threads *t, cruet_app *app, const char *name, cruet_thread_fn *fn,
		 void *arg)
{
	struct plugin_thread *th = calloc(1, sizeof *th);

	if (!th)
		return CRUET_ENOMEM;
	*th = (struct plugin_thread){.of = t, .app = app, .fn = fn, .arg = arg};
	snprintf(th->name, sizeof th->name, "%s", name);
	pthread_mutex_lock(&t->lock);
	if (!t->stopping)
		reap(t);
	int err = t->stopping			      ? CRUET_ESTATE
		  : thread_launch(&th->id, run, th) ? CRUET_OK
						    : CRUET_EAGAIN;
	if (!err) {
		th->next = t->list;
		t->list = th;
	}
	if (!err)
		await_number(t, th);
	pthread_mutex_unlock(&t->lock);
	if (err)
		free(th);
	return err;
}

int cruet_thread_start(cruet_app *app, const char *name, cruet_thread_fn *fn, void *arg)
{
	if (!app)
		return CRUET_EINVAL;
	struct threads *t = threads_of(app);
	if (!t || !fn)
		return scope_problem(app, CRUET_ESTATE,
				     "cruet_thread_start: a thread needs a function, and a plugin or "
				     "an application made with CRUET_APP that it belongs to");
	return start(t, app, name ? name : app->owner->name, fn, arg);
}

/* --- timers --------------------------------------------------------------------------- */

static struct timer *next_due(struct threads *t)
{
	struct timer *first = t->timers;
	for (struct timer *x = first; x; x = x->next)
		if (x->due_ms < first->due_ms)
			first = x;
	return first;
}

static void call(const struct timer *x)
{
	cruet_ctx *c = cruet_open(x->app);

	if (!c) {
		cruet_log(x->app, CRUET_ERROR, "a timer was left out: out of memory");
		return;
	}
	x->fn(c, x->arg);
	if (cruet_err(c))
		cruet_note(c, CRUET_ERROR, "a timer failed: %s", cruet_err_text(c));
	cruet_close(c);
}

static void run_timers(cruet_app *app, void *arg)
{
	struct threads *t = arg;
	struct timer *x;

	(void)app;
	pthread_mutex_lock(&t->lock);
	while (!t->stopping && !t->silent && (x = next_due(t))) {
		if (now_ms() < x->due_ms) {
			sleep_until(t, x->due_ms);
			continue;
		}
		pthread_mutex_unlock(&t->lock);
		call(x); /* timers are freed only when this thread has ended */
		pthread_mutex_lock(&t->lock);
		x->due_ms = after(now_ms(), x->period_ms);
	}
	pthread_mutex_unlock(&t->lock);
}

/* Starts the thread of the timers if there is something for it to do. */
static int time_them(struct threads *t, cruet_app *app)
{
	pthread_mutex_lock(&t->lock);
	bool go = t->timers && t->running && !t->timing;
	t->timing |= go;
	pthread_mutex_unlock(&t->lock);
	int err = go ? start(t, app, "cruet-timers", run_timers, t) : CRUET_OK;
	if (err) {
		pthread_mutex_lock(&t->lock);
		t->timing = false;
		pthread_mutex_unlock(&t->lock);
	}
	return err;
}

int cruet_every(cruet_app *app, uint64_t period_ms, cruet_timer_fn *fn, void *arg)
{
	if (!app)
		return CRUET_EINVAL;
	struct threads *t = threads_of(app);
	if (!t || !period_ms || !fn)
		return scope_problem(app, CRUET_EINVAL,
				     "cruet_every: a timer needs a plugin or an application made with "
				     "CRUET_APP, a period and a function");
	struct timer *x = calloc(1, sizeof *x);
	if (!x)
		return CRUET_ENOMEM;
	*x = (struct timer){.period_ms = period_ms,
			    .due_ms = after(now_ms(), period_ms),
			    .app = app,
			    .fn = fn,
			    .arg = arg};
	pthread_mutex_lock(&t->lock);
	x->kept = !t->open;
	x->next = t->timers;
	t->timers = x;
	pthread_cond_broadcast(&t->change);
	pthread_mutex_unlock(&t->lock);
	return time_them(t, app);
}

static void forget_timers(struct threads *t, bool kept_too)
{
	for (struct timer **at = &t->timers; *at;) {
		struct timer *x = *at;
		if (x->kept && !kept_too) {
			at = &x->next;
			continue;
		}
		*at = x->next;
		free(x);
	}
}

bool threads_know(const struct threads *t, pid_t id)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)&t->lock;
	const struct plugin_thread *th;

	pthread_mutex_lock(lock);
	for (th = t->list; th && th->number != id; th = th->next)
		;
	pthread_mutex_unlock(lock);
	return th;
}

/* --- begin and end -------------------------------------------------------------------- */

void threads_open(struct threads *t)
{
	pthread_mutex_lock(&t->lock);
	t->stopping = t->silent = false;
	t->open = true;
	pthread_mutex_unlock(&t->lock);
}

int threads_run(struct instance *in)
{
	struct threads *t = &in->threads;

	pthread_mutex_lock(&t->lock);
	t->running = true;
	for (struct timer *x = t->timers; x; x = x->next)
		x->due_ms = after(now_ms(), x->period_ms);
	pthread_mutex_unlock(&t->lock);
	return time_them(t, in->scope);
}

/* Waits until all have ended; with the lock held. The first that is late, or NULL. */
static const struct plugin_thread *await(struct threads *t, uint64_t ms)
{
	uint64_t until = after(now_ms(), ms);

	for (;;) {
		reap(t);
		if (!t->list || now_ms() >= until)
			return t->list;
		sleep_until(t, until);
	}
}

/* Those that are still there go on by themselves; with the lock held. */
static void leave(struct threads *t)
{
	while (t->list) {
		struct plugin_thread *th = t->list;
		if (th->young) {
			pthread_cond_wait(&t->change, &t->lock);
			continue;
		}
		t->list = th->next;
		th->left = true;
		pthread_detach(th->id);
	}
}

bool threads_stop(struct instance *in)
{
	struct threads *t = &in->threads;
	uint64_t ms = in->scope->host->settings.plugin_stop;

	pthread_mutex_lock(&t->lock);
	t->stopping = true;
	t->open = t->running = t->timing = false;
	pthread_cond_broadcast(&t->change);
	const struct plugin_thread *late = await(t, ms);
	char name[sizeof late->name] = "";
	if (late)
		memcpy(name, late->name, sizeof name);
	else
		forget_timers(t, false);
	leave(t);
	pthread_mutex_unlock(&t->lock);
	if (late)
		cruet_log(in->scope->root, CRUET_ERROR,
			  "plugin '%s': thread '%s' has not ended %llu ms after it was asked to: the "
			  "plugin is left as it is, its code and memory stay",
			  in->owner.name, name, (unsigned long long)ms);
	return !late;
}

void timers_stop(struct threads *t)
{
	pthread_mutex_lock(&t->lock);
	t->silent = true;
	pthread_cond_broadcast(&t->change);
	pthread_mutex_unlock(&t->lock);
}

void threads_fini(struct threads *t)
{
	forget_timers(t, true);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->change);
}
