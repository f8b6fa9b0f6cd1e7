/* Threads and timers that the host knows of: they belong to an instance and end
 * before its stop() is called. All timers of an instance share one thread. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plugin/registry.h"

struct plugin_thread {
	struct plugin_thread *next;
	pthread_t id;
	cruet_app *app;
	cruet_thread_fn *fn;
	void *arg;
};

struct timer {
	struct timer *next;
	uint64_t period_ms, due_ms;
	cruet_app *app;
	cruet_timer_fn *fn;
	void *arg;
};

struct threads {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t change;
	bool stopping;
	struct plugin_thread *list;
	struct timer *timers;
	bool timing; /* the thread of the timers runs */
};

static uint64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static struct threads *threads_of(cruet_app *app)
{
	struct instance *in = instance_of(app);

	if (!in)
		return NULL;
	if (in->threads)
		return in->threads;
	struct threads *t = calloc(1, sizeof *t);
	pthread_condattr_t attr;
	if (!t)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->change, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&t->lock, NULL);
	in->threads = t;
	return t;
}

/* Sleeps until that moment or a change; with the lock held. */
static void sleep_until(struct threads *t, uint64_t ms)
{
	struct timespec ts = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
	pthread_cond_timedwait(&t->change, &t->lock, &ts);
}

bool cruet_stopping(const cruet_app *app)
{
	struct instance *in = instance_of(app);
	struct threads *t = in ? in->threads : NULL;

	if (!t)
		return atomic_load(&app->host->stop_asked);
	pthread_mutex_lock(&t->lock);
	bool stopping = t->stopping;
	pthread_mutex_unlock(&t->lock);
	return stopping;
}

bool cruet_wait(cruet_app *app, uint64_t ms)
{
	struct threads *t = threads_of(app);
	uint64_t until = now_ms() + ms;

	if (!t)
		return false;
	pthread_mutex_lock(&t->lock);
	while (!t->stopping && now_ms() < until)
		sleep_until(t, until);
	bool go_on = !t->stopping;
	pthread_mutex_unlock(&t->lock);
	return go_on;
}

static void *run(void *arg)
{
	struct plugin_thread *th = arg;
	th->fn(th->app, th->arg);
	return NULL;
}

int cruet_thread_start(cruet_app *app, const char *name, cruet_thread_fn *fn, void *arg)
{
	if (!app)
		return CRUET_EINVAL;
	struct threads *t = threads_of(app);
	if (!t)
		return scope_problem(app, CRUET_ESTATE,
				     "cruet_thread_start: threads belong to plugins and to "
				     "applications made with CRUET_APP");
	struct plugin_thread *th = calloc(1, sizeof *th);
	if (!th)
		return CRUET_ENOMEM;
	*th = (struct plugin_thread){.app = app, .fn = fn, .arg = arg};
	pthread_mutex_lock(&t->lock);
	int err = t->stopping ? CRUET_ESTATE
			      : pthread_create(&th->id, NULL, run, th) ? CRUET_EAGAIN : CRUET_OK;
	if (!err) {
		char short_name[16];
		strncpy(short_name, name ? name : app->owner->name, sizeof short_name - 1);
		short_name[sizeof short_name - 1] = '\0';
		pthread_setname_np(th->id, short_name);
		th->next = t->list;
		t->list = th;
	}
	pthread_mutex_unlock(&t->lock);
	if (err)
		free(th);
	return err;
}

/* --- timers -------------------------------------------------------------------------------- */

static struct timer *next_due(struct threads *t)
{
	struct timer *first = t->timers;
	for (struct timer *x = first; x; x = x->next)
		if (x->due_ms < first->due_ms)
			first = x;
	return first;
}

static void run_timers(cruet_app *app, void *arg)
{
	struct threads *t = arg;

	(void)app;
	pthread_mutex_lock(&t->lock);
	while (!t->stopping) {
		struct timer *x = next_due(t);
		if (!x)
			break;
		if (now_ms() < x->due_ms) {
			sleep_until(t, x->due_ms);
			continue;
		}
		x->due_ms = now_ms() + x->period_ms;
		pthread_mutex_unlock(&t->lock);
		cruet_ctx *c = atomic_load(&x->app->host->current) ? cruet_open(x->app) : NULL;
		if (c)
			x->fn(c, x->arg);
		cruet_close(c);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
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
	*x = (struct timer){NULL, period_ms, now_ms() + period_ms, app, fn, arg};
	pthread_mutex_lock(&t->lock);
	x->next = t->timers;
	t->timers = x;
	bool first = !t->timing;
	t->timing = true;
	pthread_cond_broadcast(&t->change);
	pthread_mutex_unlock(&t->lock);
	return first ? cruet_thread_start(app, "cruet-timers", run_timers, t) : CRUET_OK;
}

/* --- the end ---------------------------------------------------------------------------------- */

void threads_stop(struct instance *in)
{
	struct threads *t = in->threads;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stopping = true;
	pthread_cond_broadcast(&t->change);
	struct plugin_thread *list = t->list;
	t->list = NULL;
	pthread_mutex_unlock(&t->lock);
	for (struct plugin_thread *th = list, *next; th; th = next) {
		next = th->next;
		pthread_join(th->id, NULL);
		free(th);
	}
}

void threads_free(struct instance *in)
{
	struct threads *t = in->threads;

	threads_stop(in);
	if (!t)
		return;
	for (struct timer *x = t->timers, *next; x; x = next) {
		next = x->next;
		free(x);
	}
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->change);
	free(t);
	in->threads = NULL;
}
