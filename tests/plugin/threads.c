/* Threads that the host knows. No test sleeps: they wait for what they are about. */
#include "worker.h"

/* --- threads -------------------------------------------------------------------------- */

static void wait_for_the_end(cruet_app *app, void *arg)
{
	struct shared *s = arg;

	sem_post(&s->sem);
	while (cruet_wait(app, HOUR))
		;
	ck_assert(cruet_stopping(app));
	ck_assert(!cruet_wait(app, HOUR)); /* at once */
	atomic_fetch_add(&s->ended, 1);
}

static int start_two(cruet_app *app, struct shared *s)
{
	int err = cruet_thread_start(app, "first", wait_for_the_end, s);
	return err ? err : cruet_thread_start(app, NULL, wait_for_the_end, s);
}

START_TEST(threads_end_before_stop)
{
	start_and_end(app_of(NULL, start_two));
	ck_assert_int_eq(shared.stopped_with, 2);
	assert_trace("worker: stop\n");
}
END_TEST

START_TEST(threads_of_init_end_before_fini)
{
	cruet_app *app = app_of(start_two, NULL);
	sem_wait(&shared.sem);
	cruet_free(app);
	ck_assert_int_eq(shared.finished_with, 2);
	assert_trace("");
}
END_TEST

static int start_and_fail(cruet_app *app, struct shared *s)
{
	start_two(app, s);
	return cruet_reject(app, "no more paper");
}

START_TEST(threads_of_a_failing_start_end)
{
	cruet_app *app = app_of(NULL, start_and_fail);
	cruet_client_free(cruet_client_new(app));
	assert_problem(app, "plugin 'worker': no more paper");
	ck_assert_int_eq(shared.ended, 2);
	cruet_free(app);
	assert_trace("");
}
END_TEST

static void add_one(cruet_app *app, void *arg)
{
	struct shared *s = arg;

	(void)app;
	atomic_fetch_add(&s->count, 1);
	sem_post(&s->sem);
}

static void start_many(cruet_app *app, void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < 200; i++) {
		while (cruet_thread_start(app, "short", add_one, s) == CRUET_EAGAIN)
			;
		sem_wait(&s->sem);
	}
	sem_post(&s->done);
}

static int start_one_that_starts(cruet_app *app, struct shared *s)
{
	return cruet_thread_start(app, "starter", start_many, s);
}

/* --- threads that the host does not know --------------------------------------------------- */

static pthread_t stranger;

static void *wait_for_done(void *arg)
{
	struct shared *s = arg;

	sem_wait(&s->done);
	return NULL;
}

static int start_stranger(cruet_app *app, struct shared *s)
{
	(void)app;
	return pthread_create(&stranger, NULL, wait_for_done, s) ? CRUET_EAGAIN : CRUET_OK;
}

static int start_one_of_each(cruet_app *app, struct shared *s)
{
	int err = cruet_thread_start(app, "first", wait_for_the_end, s);
	return err ? err : start_stranger(app, s);
}

static void end_stranger(struct shared *s)
{
	sem_post(&s->done);
	pthread_join(stranger, NULL);
}

#define STARTED_ITSELF(step)                                                             \
	"test: plugin 'worker': " step " has started 1 thread by itself, which nobody "     \
	"ends before its stop: use cruet_thread_start()\n"

START_TEST(a_thread_that_nobody_knows_is_told_of)
{
	cruet_app *app = app_of(start_stranger, NULL);
	assert_trace(STARTED_ITSELF("init"));
	end_stranger(&shared);
	cruet_free(app);
	assert_trace(STARTED_ITSELF("init"));

	*trace = '\0';
	shared.ended = 0;
	app = app_of(NULL, start_one_of_each);
	cruet_client *t = cruet_client_new(app);
	assert_trace(STARTED_ITSELF("start"));
	end_stranger(&shared);
	cruet_client_free(t);
	cruet_free(app);
	assert_trace(STARTED_ITSELF("start") "worker: stop\n");
}
END_TEST

START_TEST(threads_may_start_threads)
{
	cruet_app *app = app_of(NULL, start_one_that_starts);
	cruet_client_free(cruet_client_new(app));
	sem_wait(&shared.done);
	ck_assert_int_eq(shared.count, 200);
	cruet_free(app);
}
END_TEST

static void start_when_stopping(cruet_app *app, void *arg)
{
	struct shared *s = arg;

	while (cruet_wait(app, HOUR))
		;
	ck_assert_int_eq(cruet_thread_start(app, "late", add_one, s), CRUET_ESTATE);
	atomic_fetch_add(&s->ended, 1);
}

static int start_one_that_comes_late(cruet_app *app, struct shared *s)
{
	return cruet_thread_start(app, "starter", start_when_stopping, s);
}

START_TEST(no_thread_starts_while_it_stops)
{
	start_and_end(app_of(NULL, start_one_that_comes_late));
	ck_assert_int_eq(shared.ended, 1);
	ck_assert_int_eq(shared.count, 0);
}
END_TEST

static void look_at_signals(cruet_app *app, void *arg)
{
	struct shared *s = arg;
	sigset_t blocked;

	(void)app;
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	atomic_store(&s->count, sigismember(&blocked, SIGTERM) + 2 * sigismember(&blocked, SIGINT));
}

static int start_one_that_looks(cruet_app *app, struct shared *s)
{
	return cruet_thread_start(app, "a name longer than fifteen", look_at_signals, s);
}

START_TEST(signals_are_not_for_threads_of_plugins)
{
	sigset_t blocked;

	start_and_end(app_of(NULL, start_one_that_looks));
	ck_assert_int_eq(shared.count, 3);
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	ck_assert_int_eq(sigismember(&blocked, SIGTERM), 0);
}
END_TEST

START_TEST(threads_belong_to_plugins)
{
	cruet_app *app = cruet_new("test");
	ck_assert_int_eq(cruet_thread_start(app, "mine", add_one, &shared), CRUET_ESTATE);
	assert_problem(app, "cruet_thread_start: a thread needs a function, and a plugin or an "
			    "application made with CRUET_APP that it belongs to");
	cruet_free(app);
	ck_assert_int_eq(cruet_thread_start(NULL, "mine", add_one, &shared), CRUET_EINVAL);
	ck_assert(cruet_stopping(NULL));
	ck_assert(!cruet_wait(NULL, HOUR));
}
END_TEST

/* --- the program waits too --------------------------------------------------------------- */

static void *stop_it(void *arg)
{
	cruet_stop(arg);
	return NULL;
}

START_TEST(the_program_waits_for_cruet_stop)
{
	pthread_t id;
	cruet_app *app = cruet_new("test");

	ck_assert(cruet_wait(app, 1));
	ck_assert(!cruet_stopping(app));
	ck_assert_int_eq(pthread_create(&id, NULL, stop_it, app), 0);
	ck_assert(!cruet_wait(app, HOUR));
	ck_assert(cruet_stopping(app));
	pthread_join(id, NULL);
	cruet_free(app);
}
END_TEST

/* --- a ctx on a thread ------------------------------------------------------------------- */

static int page(cruet_ctx *c)
{
	return cruet_text(c, "page");
}

static void open_many(cruet_app *app, void *arg)
{
	struct shared *s = arg;

	for (int i = 0; i < 500 && !cruet_stopping(app); i++) {
		cruet_ctx *c = cruet_open(app);
		ck_assert_ptr_nonnull(c);
		ck_assert_ptr_eq(cruet_scope(c), app);
		ck_assert_str_eq(cruet_printf(c, "%d", 12), "12");
		cruet_close(c);
		atomic_fetch_add(&s->count, 1);
	}
	sem_post(&s->sem);
}

static int start_openers(cruet_app *app, struct shared *s)
{
	int err = cruet_thread_start(app, "opener", open_many, s);
	if (!err)
		err = cruet_thread_start(app, "opener", open_many, s);
	cruet_ctx *c = cruet_open(app); /* start() itself may do so */
	ck_assert_ptr_nonnull(c);
	cruet_close(c);
	return err;
}

START_TEST(threads_open_what_requests_stand_on)
{
	cruet_app *app = app_of(NULL, start_openers);
	cruet_get(app, "/", page);
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	sem_wait(&shared.sem);
	sem_wait(&shared.sem);
	ck_assert_int_eq(shared.count, 1000);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

static int open_too_early(cruet_app *app, struct shared *s)
{
	atomic_store(&s->count, cruet_open(app) != NULL);
	return CRUET_OK;
}

START_TEST(a_plugin_does_not_start_the_application)
{
	cruet_app *app = app_of(open_too_early, NULL);
	ck_assert_int_eq(shared.count, 0);
	ck_assert_ptr_null(cruet_open(shared.app));
	cruet_ctx *c = cruet_open(app); /* the program does */
	ck_assert_ptr_nonnull(c);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

HOST_SUITE("threads", threads_end_before_stop, threads_of_init_end_before_fini,
	   threads_of_a_failing_start_end, a_thread_that_nobody_knows_is_told_of,
	   threads_may_start_threads, no_thread_starts_while_it_stops,
	   signals_are_not_for_threads_of_plugins, threads_belong_to_plugins,
	   the_program_waits_for_cruet_stop, threads_open_what_requests_stand_on,
	   a_plugin_does_not_start_the_application)
