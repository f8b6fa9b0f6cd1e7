/* A plugin whose init and start a test gives, for what runs on threads of its own. */
#ifndef TESTS_PLUGIN_WORKER_H
#define TESTS_PLUGIN_WORKER_H

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

#include "host.h"

enum { HOUR = 3600 * 1000 };

/* What the plugin under test shares with its test. */
static struct shared {
	int (*init)(cruet_app *app, struct shared *s);
	int (*start)(cruet_app *app, struct shared *s);
	cruet_app *app;
	sem_t sem, done;
	atomic_int ended, count, stopped_with, finished_with;
} shared;

struct state {
	struct shared *shared;
};

static struct shared *of(const cruet_app *app)
{
	struct state *s = cruet_state(app);
	return s->shared;
}

static int init(cruet_app *app)
{
	struct state *s = cruet_state(app);

	s->shared = &shared;
	shared.app = app;
	return shared.init ? shared.init(app, &shared) : CRUET_OK;
}

static int start(cruet_app *app)
{
	return shared.start ? shared.start(app, of(app)) : CRUET_OK;
}

static void stop(cruet_app *app)
{
	atomic_store(&of(app)->stopped_with, atomic_load(&of(app)->ended));
	cruet_log(app, CRUET_INFO, "stop");
}

static void fini(cruet_app *app)
{
	atomic_store(&of(app)->finished_with, atomic_load(&of(app)->ended));
}

CRUET_PLUGIN(worker, .init = init, .start = start, .stop = stop, .fini = fini,
	     .state_size = sizeof(struct state));

static inline cruet_app *app_of(int (*in_init)(cruet_app *, struct shared *),
			 int (*in_start)(cruet_app *, struct shared *))
{
	cruet_app *app = cruet_new("test");

	memset(&shared, 0, sizeof shared);
	shared.init = in_init;
	shared.start = in_start;
	sem_init(&shared.sem, 0, 0);
	sem_init(&shared.done, 0, 0);
	cruet_log_to(app, keep_line, NULL);
	cruet_use_static(app, &cruet_plugin_worker, NULL);
	assert_fine(app);
	return app;
}

static inline void start_and_end(cruet_app *app)
{
	cruet_client_free(cruet_client_new(app));
	assert_fine(app);
	cruet_free(app);
}

#endif
