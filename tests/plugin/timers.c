/* Timers of plugins. No test sleeps: they wait for what they are about. */
#include "worker.h"

static void tick(cruet_ctx *c, void *arg)
{
	struct shared *s = arg;

	ck_assert_ptr_eq(cruet_scope(c), s->app);
	ck_assert_ptr_nonnull(cruet_alloc(c, 16));
	atomic_fetch_add(&s->count, 1);
	sem_post(&s->sem);
}

static void slow(cruet_ctx *c, void *arg)
{
	ck_assert(cruet_wait(cruet_scope(c), 2) || cruet_stopping(cruet_scope(c)));
	atomic_fetch_add(&((struct shared *)arg)->ended, 1);
}

static int every(cruet_app *app, struct shared *s)
{
	int err = cruet_every(app, 1, tick, s);
	if (!err)
		err = cruet_every(app, HOUR, slow, s);
	return err ? err : cruet_every(app, UINT64_MAX, slow, s);
}

static void ended(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	atomic_fetch_add(&shared.ended, 1);
}

START_TEST(timers_of_init_run_once_it_has_started)
{
	cruet_app *app = app_of(every, NULL);
	cruet_teardown(app, ended);
	ck_assert_int_eq(shared.count, 0);
	cruet_client_free(cruet_client_new(app));
	for (int i = 0; i < 5; i++)
		sem_wait(&shared.sem);
	cruet_free(app);
	int count = shared.count;
	ck_assert_int_ge(count, 5);
	ck_assert_int_eq(shared.ended, count); /* each has a ctx that is torn down */
}
END_TEST

START_TEST(timers_of_start_run_too)
{
	cruet_app *app = app_of(NULL, every);
	cruet_client_free(cruet_client_new(app));
	for (int i = 0; i < 5; i++)
		sem_wait(&shared.sem);
	cruet_free(app);
	ck_assert_int_ge(shared.count, 5);
}
END_TEST

static void failing(cruet_ctx *c, void *arg)
{
	struct shared *s = arg;

	if (!atomic_fetch_add(&s->count, 1) && cruet_fail(c, 503, "the disk is full") == 503)
		sem_post(&s->sem);
}

static int every_failing(cruet_app *app, struct shared *s)
{
	return cruet_every(app, 1, failing, s);
}

START_TEST(a_failing_timer_is_logged)
{
	cruet_app *app = app_of(every_failing, NULL);
	cruet_client_free(cruet_client_new(app));
	sem_wait(&shared.sem);
	cruet_free(app);
	assert_trace("worker: a timer failed: the disk is full\nworker: stop\n");
}
END_TEST

static int slow_timer(cruet_app *app, struct shared *s)
{
	int err = cruet_every(app, 1, slow, s);
	return err ? err : cruet_every(app, 1, tick, s);
}

/* One thread for all: a slow one makes the others wait, but not starve. */
START_TEST(timers_share_a_thread)
{
	cruet_app *app = app_of(slow_timer, NULL);
	cruet_client_free(cruet_client_new(app));
	for (int i = 0; i < 3; i++)
		sem_wait(&shared.sem);
	cruet_free(app);
	ck_assert_int_ge(shared.count, 3);
	ck_assert_int_ge(shared.ended, 1);
}
END_TEST

START_TEST(a_timer_needs_an_owner_and_a_period)
{
	static const char why[] = "cruet_every: a timer needs a plugin or an application made with "
				  "CRUET_APP, a period and a function";
	cruet_app *app = cruet_new("test");
	ck_assert_int_eq(cruet_every(app, 1, tick, NULL), CRUET_EINVAL);
	assert_problem(app, why);
	cruet_free(app);
	app = app_of(NULL, NULL);
	ck_assert_int_eq(cruet_every(shared.app, 0, tick, NULL), CRUET_EINVAL);
	assert_problem(app, "plugin 'worker': %s", why);
	cruet_free(app);
	ck_assert_int_eq(cruet_every(NULL, 1, tick, NULL), CRUET_EINVAL);
}
END_TEST

HOST_SUITE("timers", timers_of_init_run_once_it_has_started, timers_of_start_run_too,
	   a_failing_timer_is_logged, timers_share_a_thread, a_timer_needs_an_owner_and_a_period)
