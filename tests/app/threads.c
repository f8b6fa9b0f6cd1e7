/* One app, many threads: each with a client of its own, all at once. Meant for TSan
 * as much as for what is asserted here: in threads mistakes are counted, and the
 * counters are looked at when all of them have ended. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 8, ROUNDS = 150 };

static cruet_app *app;
static pthread_barrier_t gate;
static atomic_int mistakes, started, stopping, lines, began, ended, freed, ticks, opened;

#define check(ok) atomic_fetch_add(&mistakes, (ok) ? 0 : 1)

static void count_line(void *arg, int level, const char *who, const char *line)
{
	(void)arg;
	check(level == CRUET_WARN && !strcmp(who, "test") && strstr(line, "GET noted: n="));
	atomic_fetch_add(&lines, 1);
}
static void count_start(cruet_ctx *c, const void *what, void *counter)
{
	(void)c, (void)what;
	atomic_fetch_add((atomic_int *)counter, 1);
}
static void count_end(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	atomic_fetch_add(&ended, 1);
}
static void count_free(void *p)
{
	(void)p;
	atomic_fetch_add(&freed, 1);
}

/* --- what is asked ------------------------------------------------------------------------ */

static const cruet_key mine = {"test.mine"};

static int before(cruet_ctx *c)
{
	check(!cruet_g_get(c, &mine));
	return cruet_g_set(c, &mine, cruet_printf(c, "%s", cruet_path(c)), NULL);
}
static int after(cruet_ctx *c)
{
	const char *kept = cruet_g_get(c, &mine);
	check(kept && !strcmp(kept, cruet_path(c)));
	return cruet_set_header(c, "X-Path", kept ? kept : "");
}

static int said(cruet_ctx *c)
{
	int err = cruet_defer(c, count_free, NULL);
	return err ? err : cruet_textf(c, "%lld", (long long)cruet_arg_int(c, "n"));
}
static int as_json(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c), *list = cruet_put_array(o, "list");
	for (int64_t i = 0; i < 20; i++)
		cruet_push_int(list, cruet_arg_int(c, "n") + i);
	cruet_put_str(o, "url", cruet_url(c, "said", "n", cruet_arg(c, "n"), (char *)0));
	return cruet_jsonify(c, o);
}
static int noted(cruet_ctx *c)
{
	cruet_note(c, CRUET_WARN, "n=%s", cruet_arg(c, "n"));
	return cruet_fail(c, 409, "n=%s", cruet_arg(c, "n"));
}
static int posted(cruet_ctx *c)
{
	const char *v = cruet_form(c, "v");
	return cruet_text(c, v ? v : "none");
}
static int counted(cruet_ctx *c)
{
	int64_t n = 0;
	const char *kept = cruet_cookie(c, "n");
	if (kept)
		n = strtoll(kept, NULL, 10);
	int err = cruet_set_cookie(c, "n", cruet_printf(c, "%lld", (long long)n + 1), NULL);
	return err ? err : cruet_textf(c, "%lld", (long long)n);
}
/* A ctx inside a ctx, of the same worker. */
static int inside(cruet_ctx *c)
{
	cruet_ctx *in = cruet_open(cruet_scope(c));
	if (!in)
		return CRUET_ESTATE;
	check(in != c && !cruet_g_get(in, &mine));
	char *text = cruet_printf(in, "%s", cruet_arg(c, "n"));
	int r = cruet_text(c, text);
	cruet_close(in);
	return r;
}

static int command(cruet_ctx *c, int argc, char **argv)
{
	check(argc == 2 && cruet_strdup(c, argv[1]));
	return atoi(argv[1]);
}

static void make_app(void)
{
	atomic_int *const counters[] = {&mistakes, &started, &stopping, &lines, &began, &ended,
					&freed,	   &ticks,   &opened};
	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
		atomic_store(counters[i], 0);
	app = cruet_new("test");
	cruet_log_to(app, count_line, NULL);
	cruet_listen(app, "app_started", count_start, &started);
	cruet_listen(app, "app_stopping", count_start, &stopping);
	cruet_listen(app, "request_started", count_start, &began);
	cruet_before(app, before);
	cruet_after(app, after);
	cruet_teardown(app, count_end);
	cruet_get(app, "/said/<int:n>", said);
	cruet_get(app, "/json/<int:n>", as_json);
	cruet_get(app, "/noted/<int:n>", noted);
	cruet_post(app, "/posted", posted);
	cruet_get(app, "/counted", counted);
	cruet_get(app, "/inside/<int:n>", inside);
	cruet_command(app, "echo", "", command);
}

/* --- who asks --------------------------------------------------------------------------------- */

static void ask_once(cruet_client *t, int n)
{
	char path[64], text[64];

	snprintf(text, sizeof text, "%d", n);
	snprintf(path, sizeof path, "/said/%d", n);
	check(cruet_client_get(t, path) == 200 && !strcmp(cruet_client_body(t), text));
	const char *header = cruet_client_header(t, "X-Path");
	check(header && !strcmp(header, path));

	snprintf(path, sizeof path, "/json/%d", n);
	check(cruet_client_get(t, path) == 200);
	const cruet_json *j = cruet_client_body_json(t);
	check(cruet_json_int(cruet_json_first(cruet_json_get(j, "list")), -1) == n);
	snprintf(path, sizeof path, "/said/%d", n);
	check(!strcmp(cruet_json_str(cruet_json_get(j, "url"), ""), path));

	snprintf(path, sizeof path, "/noted/%d", n);
	check(cruet_client_get(t, path) == 409);
	snprintf(text, sizeof text, "<p>n=%d</p>", n);
	check(strstr(cruet_client_body(t), text));

	snprintf(text, sizeof text, "%d & more", n);
	cruet_client_add_field(t, "v", text);
	check(cruet_client_submit(t, "/posted") == 200 && !strcmp(cruet_client_body(t), text));

	snprintf(path, sizeof path, "/inside/%d", n);
	snprintf(text, sizeof text, "%d", n);
	check(cruet_client_get(t, path) == 200 && !strcmp(cruet_client_body(t), text));

	char *argv[] = {text};
	check(cruet_client_command(t, "echo", 1, argv) == n);
	check(cruet_client_get(t, "/none") == 404);
}

/* The first to come starts the app. */
static void *run_client(void *arg)
{
	int from = *(int *)arg;

	pthread_barrier_wait(&gate);
	cruet_client *t = cruet_client_new(app);
	for (int i = 0; i < ROUNDS; i++) {
		char text[16];
		ask_once(t, from + i);
		snprintf(text, sizeof text, "%d", i);
		check(cruet_client_get(t, "/counted") == 200 &&
		      !strcmp(cruet_client_body(t), text));
	}
	cruet_client_free(t);
	return NULL;
}

/* Jobs, the clock and the readers that may be called from anywhere. */
static void *run_job(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&gate);
	for (int i = 0; i < ROUNDS; i++) {
		cruet_ctx *c = cruet_open(app);
		check(c && cruet_alloc(c, 100000));
		cruet_clock_set(app, 1000 + i);
		int64_t now = cruet_now(app);
		check(now >= 1000 && now < 1000 + ROUNDS);
		check(!cruet_problem(app) && !cruet_secret(app) && !cruet_setting(app, "none"));
		cruet_close(c);
	}
	return NULL;
}

START_TEST(many_clients_drive_one_app)
{
	pthread_t ids[THREADS + 1];
	int from[THREADS];

	make_app();
	cruet_clock_set(app, 1000);
	pthread_barrier_init(&gate, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++) {
		from[i] = i;
		ck_assert_int_eq(pthread_create(&ids[i], NULL, run_client, &from[i]), 0);
	}
	ck_assert_int_eq(pthread_create(&ids[THREADS], NULL, run_job, NULL), 0);
	for (int i = 0; i <= THREADS; i++)
		pthread_join(ids[i], NULL);
	pthread_barrier_destroy(&gate);
	cruet_free(app);

	int rounds = THREADS * ROUNDS;
	ck_assert_int_eq(atomic_load(&mistakes), 0);
	ck_assert_int_eq(atomic_load(&started), 1);
	ck_assert_int_eq(atomic_load(&stopping), 1);
	ck_assert_int_eq(atomic_load(&lines), rounds);
	ck_assert_int_eq(atomic_load(&freed), rounds);
	ck_assert_int_eq(atomic_load(&began), rounds * 7);
	/* the requests, the ctx inside one of them, the command, the jobs, and the two
	 * that told the start and the end */
	ck_assert_int_eq(atomic_load(&ended), rounds * 9 + ROUNDS + 2);
}
END_TEST

/* --- the start ------------------------------------------------------------------------------- */

static cruet_client *clients[THREADS];

static void *only_start(void *arg)
{
	int i = *(int *)arg;
	pthread_barrier_wait(&gate);
	clients[i] = cruet_client_new(app);
	check(cruet_client_get(clients[i], "/said/1") == 200);
	return NULL;
}

START_TEST(an_app_is_started_once_however_many_ask)
{
	pthread_t ids[THREADS];
	int from[THREADS];

	make_app();
	pthread_barrier_init(&gate, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		from[i] = i;
		ck_assert_int_eq(pthread_create(&ids[i], NULL, only_start, &from[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(ids[i], NULL);
	pthread_barrier_destroy(&gate);
	ck_assert_int_eq(atomic_load(&mistakes), 0);
	ck_assert_int_eq(atomic_load(&started), 1);
	for (int i = 0; i < THREADS; i++)
		cruet_client_free(clients[i]);
	cruet_free(app);
}
END_TEST

/* --- a plugin that is busy from the first moment ---------------------------------------------- */

static void tick(cruet_ctx *c, void *arg)
{
	(void)arg;
	check(cruet_alloc(c, 10) != NULL);
	atomic_fetch_add(&ticks, 1);
}
static int busy_init(cruet_app *a)
{
	return cruet_every(a, 1, tick, NULL);
}
/* Opens a ctx of the app that is being started, and lets the timer fire meanwhile. */
static int busy_start(cruet_app *a)
{
	cruet_ctx *c = cruet_open(a);
	if (!c)
		return CRUET_ESTATE;
	check(cruet_scope(c) == a);
	cruet_close(c);
	atomic_fetch_add(&opened, 1);
	return cruet_wait(a, 20) ? CRUET_OK : CRUET_ESTATE;
}
CRUET_PLUGIN(busy, .init = busy_init, .start = busy_start);

START_TEST(a_timer_that_fires_during_the_start_does_not_start_again)
{
	make_app();
	ck_assert_int_eq(cruet_use_static(app, &cruet_plugin_busy, NULL), CRUET_OK);
	cruet_client *t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	assert_get(t, "/said/1", 200);
	cruet_client_free(t);
	cruet_free(app);
	ck_assert_int_eq(atomic_load(&mistakes), 0);
	ck_assert_int_eq(atomic_load(&opened), 1);
	ck_assert_int_eq(atomic_load(&started), 1);
}
END_TEST

static int broken_start(cruet_app *a)
{
	cruet_wait(a, 10);
	return cruet_reject(a, "no pump");
}
CRUET_PLUGIN(broken, .start = broken_start);

START_TEST(a_start_that_fails_ends_what_had_begun)
{
	make_app();
	cruet_use_static(app, &cruet_plugin_busy, NULL);
	cruet_use_static(app, &cruet_plugin_broken, NULL);
	cruet_client *t = cruet_client_new(app);
	ck_assert_str_eq(cruet_problem(app), "plugin 'broken': no pump");
	ck_assert_int_eq(cruet_client_get(t, "/said/1"), 0);
	int before_that = atomic_load(&ticks);
	ck_assert_ptr_null(cruet_open(app));
	ck_assert_int_eq(atomic_load(&ticks), before_that);
	ck_assert_int_eq(atomic_load(&started), 0);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

SUITE("threads", many_clients_drive_one_app, an_app_is_started_once_however_many_ask,
      a_timer_that_fires_during_the_start_does_not_start_again,
      a_start_that_fails_ends_what_had_begun)
