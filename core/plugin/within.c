#include "plugin/within.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "app/scope.h"
#include "app/where.h"

bool thread_launch(pthread_t *id, void *(*run)(void *), void *arg)
{
	sigset_t blocked, was;

	where_mask(&blocked);
	pthread_sigmask(SIG_SETMASK, &blocked, &was);
	bool ok = !pthread_create(id, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return ok;
}

struct call { /* held by both threads; the last one frees it */
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t change;
	cruet_app *app;
	const char *step;
	void (*fn)(cruet_app *app);
	bool returned, left;
};

static struct call *call_new(cruet_app *app, const char *step, void (*fn)(cruet_app *))
{
	struct call *c = calloc(1, sizeof *c);
	pthread_condattr_t attr;

	if (!c)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->change, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&c->lock, NULL);
	c->app = app;
	c->step = step;
	c->fn = fn;
	return c;
}

static void call_free(struct call *c)
{
	pthread_cond_destroy(&c->change);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static void climb_down(const struct call *c)
{
	struct where_step was = where_climb(c->app->owner, c->step);

	c->fn(c->app);
	where_climbed(was);
}

static void *run(void *arg)
{
	struct call *c = arg;

	where_prepare();
	climb_down(c);
	pthread_mutex_lock(&c->lock);
	c->returned = true;
	bool left = c->left;
	pthread_cond_signal(&c->change);
	pthread_mutex_unlock(&c->lock);
	if (left)
		call_free(c);
	return NULL;
}

static struct timespec in(uint64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ms = ms > INT32_MAX ? INT32_MAX : ms;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	t.tv_sec += (time_t)(ms / 1000) + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static bool await(struct call *c, uint64_t ms)
{
	struct timespec until = in(ms);
	bool in_time = true;

	pthread_mutex_lock(&c->lock);
	while (!c->returned && in_time)
		in_time = !pthread_cond_timedwait(&c->change, &c->lock, &until);
	bool returned = c->returned;
	c->left = !returned;
	pthread_mutex_unlock(&c->lock);
	return returned;
}

/* Without a thread it is called here: better late than not at all. */
bool call_within(cruet_app *app, const char *step, void (*fn)(cruet_app *), uint64_t ms)
{
	struct call *c = call_new(app, step, fn);
	pthread_t id;

	if (!c || !thread_launch(&id, run, c)) {
		climb_down(c ? c : &(struct call){.app = app, .step = step, .fn = fn});
		if (c)
			call_free(c);
		return true;
	}
	if (!await(c, ms)) {
		pthread_detach(id);
		return false;
	}
	pthread_join(id, NULL);
	call_free(c);
	return true;
}
