/* Many at once, and a process that is killed. */
#include "fixture.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include "sqlite.h" /* to see who waits */

enum { THREADS = 8, EACH = 100 };

static void teardown(void)
{
	folder_done();
}

static int h_sign(cruet_ctx *c)
{
	int err = cruet_db_exec(c, "insert into entries(name) values(?)",
				cruet_query(c, "name"));
	return err ? err : cruet_text(c, "signed");
}

/* Reads, then writes what depends on it: only a transaction keeps that exact. */
static int h_count_up(cruet_ctx *c)
{
	int64_t n;
	int err = cruet_db_begin(c);

	if (!err)
		err = cruet_db_get(c, &n, "select n from counter");
	if (!err)
		err = cruet_db_exec(c, "update counter set n = ?", n + 1);
	if (!err)
		err = cruet_db_commit(c);
	return err ? err : cruet_text(c, "counted");
}

static int h_read(cruet_ctx *c)
{
	return cruet_jsonify(
		c, cruet_db_json(
			   c, "select id, name from entries order by id desc limit 5"));
}

static cruet_app *site(const char *more)
{
	cruet_app *app = app_with(more);

	cruet_db_schema(app, "1",
			"create table entries(id integer primary key, name text);"
			"create table counter(n integer);"
			"insert into counter values(0);");
	cruet_get(app, "/sign", h_sign);
	cruet_get(app, "/count", h_count_up);
	cruet_get(app, "/read", h_read);
	return app;
}

struct visitor {
	pthread_t thread;
	cruet_app *app;
	int failed;
};

static void *visit(void *arg)
{
	static const char *const paths[] = {"/sign?name=Ada", "/count", "/read"};
	struct visitor *v = arg;
	cruet_client *t = cruet_client_new(v->app);

	for (int i = 0; i < EACH; i++)
		for (size_t k = 0; k < 3; k++)
			v->failed += cruet_client_get(t, paths[k]) != 200;
	cruet_client_free(t);
	return NULL;
}

static void crowd(const char *options)
{
	struct visitor all[THREADS] = {0};
	cruet_app *app = site(options);
	cruet_ctx *c = open_ctx(app);

	cruet_close(c);
	for (int i = 0; i < THREADS; i++) {
		all[i].app = app;
		ck_assert_int_eq(pthread_create(&all[i].thread, NULL, visit, &all[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(all[i].thread, NULL);
		ck_assert_msg(!all[i].failed, "%d failed: %s", all[i].failed, logged);
	}
	c = open_ctx(app);
	ck_assert_int_eq(number(c, "select count(*) from entries"), THREADS * EACH);
	ck_assert_int_eq(number(c, "select n from counter"), THREADS * EACH);
	cruet_close(c);
	cruet_free(app);
}

/* On a disk the times are those of its fsync; here the order is what matters. */
START_TEST(nothing_is_lost_and_nobody_fails)
{
	crowd("\nsynchronous=normal\nwait=10m\nbusy_timeout=10m");
}
END_TEST

START_TEST(more_threads_than_connections)
{
	crowd("\nsynchronous=normal\nwait=10m\nbusy_timeout=10m\npool=2\nstatements=1");
}
END_TEST

START_TEST(one_connection_for_all)
{
	crowd("\nsynchronous=normal\nwait=10m\npool=1\nstatements=0");
}
END_TEST

/* --- writers in a row ------------------------------------------------------------ */

struct writer {
	pthread_t thread;
	cruet_app *app;
	const char *name;
};

static void *write_once(void *arg)
{
	struct writer *w = arg;
	cruet_ctx *c = open_ctx(w->app);

	assert_exec(c, "insert into entries(name) values(?)", w->name);
	cruet_close(c);
	return NULL;
}

/* Returns once it waits for the pen. */
static void send_writer(struct writer *w, struct gate *pen)
{
	pthread_mutex_lock(&pen->lock);
	struct gate_waiter **end = pen->last;
	pthread_mutex_unlock(&pen->lock);

	ck_assert_int_eq(pthread_create(&w->thread, NULL, write_once, w), 0);
	for (bool queued = false; !queued; sched_yield()) {
		pthread_mutex_lock(&pen->lock);
		queued = pen->last != end;
		pthread_mutex_unlock(&pen->lock);
	}
}

START_TEST(who_waits_to_write_is_served_in_order)
{
	cruet_app *app = site("\nbusy_timeout=10m");
	struct writer all[] = {{.app = app, .name = "a"},
			       {.app = app, .name = "b"},
			       {.app = app, .name = "c"}};
	cruet_service s;
	const char *names;

	ck_assert_int_eq(cruet_bind(app, CRUET_DB, NULL, sizeof(cruet_db), &s), 0);
	struct state *state = s.self;
	cruet_ctx *c = open_ctx(app);
	assert_ok(c, cruet_db_begin(c));
	for (size_t i = 0; i < 3; i++)
		send_writer(&all[i], &state->pen);
	assert_ok(c, cruet_db_commit(c));
	for (size_t i = 0; i < 3; i++)
		pthread_join(all[i].thread, NULL);
	assert_ok(c, cruet_db_get(c, &names,
				  "select group_concat(name, '') from (select name from "
				  "entries order by id)"));
	ck_assert_str_eq(names, "abc");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

/* --- kill -9 --------------------------------------------------------------------- */

/* Writes, and says after each reply that it was acknowledged. */
static void sign_for_ever(int out)
{
	cruet_app *app = site("");
	cruet_client *t = cruet_client_new(app);
	char yes = 'y';

	while (cruet_client_get(t, "/sign?name=x") == 200)
		if (write(out, &yes, 1) != 1)
			break;
	_exit(1);
}

START_TEST(what_was_acknowledged_survives_a_kill)
{
	int acknowledged = 0;

	folder();
	for (int round = 0; round < 5; round++) {
		int p[2];
		char buf[256];
		ck_assert_int_eq(pipe(p), 0);
		pid_t pid = fork();
		ck_assert_int_ge(pid, 0);
		if (!pid) {
			close(p[0]);
			sign_for_ever(p[1]);
		}
		close(p[1]);
		for (int seen = 0; seen < 20 + round; seen++, acknowledged++)
			ck_assert_int_eq(read(p[0], buf, 1), 1);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		for (ssize_t n; (n = read(p[0], buf, sizeof buf)) > 0;)
			acknowledged += (int)n;
		close(p[0]);
	}
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	int64_t there = number(c, "select count(*) from entries");
	/* Each round may have written one more than it could say. */
	ck_assert_int_ge(there, acknowledged);
	ck_assert_int_le(there, acknowledged + 5);
	ck_assert_str_eq(cruet_db_str_at(cruet_db_one(c, "pragma integrity_check"), 0),
			 "ok");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

SUITE_WITH("sqlite_crowd", NULL, teardown, nothing_is_lost_and_nobody_fails,
	   more_threads_than_connections, one_connection_for_all,
	   who_waits_to_write_is_served_in_order, what_was_acknowledged_survives_a_kill)
