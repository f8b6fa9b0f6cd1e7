/* Cleaning up, options, and what a store makes of a database that fails. */
#include "fixture.h"

#include <cruet/svc/db.h>

static cruet_app *app;
static cruet_service s;

static const cruet_session_store *vt(void)
{
	return s.vt;
}

static void teardown(void)
{
	cruet_free(app);
	app = NULL;
	folder_done();
}

static void on_db(const char *more)
{
	app = new_app();
	use_db(app, more);
	ck_assert_int_eq(cruet_bind(app, CRUET_SESSION_STORE, NULL,
				    sizeof(cruet_session_store), &s),
			 CRUET_OK);
	cruet_close(open_ctx(app));
}

/* That many sessions, which expire a second after NOON, and one that does not. */
static void fill(int n)
{
	cruet_ctx *c = open_ctx(app);

	ck_assert(!cruet_db_exec(
		c,
		"with recursive n(i) as (select 1 union all select i + 1 from n where i "
		"< ?) "
		"insert into session_store(id, data, expires_at) select 's' || i, 'x', ? "
		"from n",
		n, NOON + 1000));
	ck_assert_int_eq(vt()->save(s.self, c, "lives", "x", 1, 3600000), CRUET_OK);
	cruet_close(c);
}

START_TEST(sweeping_deletes_what_has_expired)
{
	on_db("sweep=1d");
	fill(1200);
	ck_assert_int_eq(vt()->sweep(s.self), 0);
	cruet_clock_set(app, NOON + 999);
	ck_assert_int_eq(vt()->sweep(s.self), 0);
	cruet_clock_set(app, NOON + 1000);
	ck_assert_int_eq(vt()->sweep(s.self), 1200);
	ck_assert_int_eq(vt()->sweep(s.self), 0);
	ck_assert_int_eq(rows(app), 1);
}
END_TEST

START_TEST(one_look_has_a_bound)
{
	on_db("sweep=1d\nsweep_max=700");
	fill(1650);
	cruet_clock_set(app, NOON + 2000);
	ck_assert_int_eq(vt()->sweep(s.self), 700);
	ck_assert_int_eq(rows(app), 951);
	ck_assert_int_eq(vt()->sweep(s.self), 700);
	ck_assert_int_eq(vt()->sweep(s.self), 250);
	ck_assert_int_eq(rows(app), 1);
}
END_TEST

/* Waits until so many are left; 30 s are enough on any machine. */
static void await_rows(int64_t n)
{
	time_t end = time(NULL) + 30;

	while (rows(app) != n && time(NULL) < end)
		sched_yield();
	ck_assert_int_eq(rows(app), n);
}

START_TEST(a_timer_sweeps)
{
	on_db("sweep=20ms\nsweep_max=100");
	fill(350);
	cruet_clock_set(app, NOON + 2000);
	await_rows(1);
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(a_sweep_that_fails_is_logged)
{
	on_db("sweep=20ms");
	cruet_ctx *c = open_ctx(app);
	ck_assert(!cruet_db_exec(c, "alter table session_store rename to away"));
	cruet_close(c);
	ck_assert_int_eq(vt()->sweep(s.self), CRUET_EIO);
	assert_logged("delete from session_store");
	time_t end = time(NULL) + 30;
	while (!has_logged("a timer failed: delete from") && time(NULL) < end)
		sched_yield();
	assert_logged("a timer failed: delete from session_store");
}
END_TEST

/* --- options ----------------------------------------------------------------------- */

static void refuses(const char *options, const char *sentence)
{
	app = new_app();
	cruet_use_static(app, &cruet_plugin_session_store, options);
	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
	app = NULL;
}

START_TEST(options_that_do_not_fit_are_sentences)
{
	refuses(NULL, "plugin 'session_store': option on = \"db\": needs service "
		      "\"db/1\", which no "
		      "attached plugin provides: add 'sqlite', or set on = \"cache\"");
	refuses("on=cache",
		"plugin 'session_store': option on = \"cache\": needs service "
		"\"cache/1\", "
		"which no attached plugin provides: add 'cache', or set on = \"db\"");
	refuses("on=redis",
		"plugin 'session_store': option on = \"redis\": expected one of "
		"db|cache");
	refuses("sweep=1ms",
		"plugin 'session_store': option sweep = \"1ms\": expected the "
		"time between two looks for expired sessions in the database, "
		"from 10ms to 1d");
	refuses("sweep_max=0",
		"plugin 'session_store': option sweep_max = \"0\": expected "
		"the most sessions that one look deletes, from 1 to 10000000");
}
END_TEST

START_TEST(only_what_is_asked_for_is_used)
{
	app = new_app();
	cruet_use(app, "cache", "memory=1m");
	use_db(app, NULL);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	ck_assert_int_eq(rows(app), 0);
	cruet_free(app);
	app = new_app();
	use_db(app, "on=db");
	cruet_clock_set(app, 0);
	ck_assert_int_eq(rows(app), 0);
}
END_TEST

/* --- a database that fails --------------------------------------------------------- */

static const cruet_errtype *kind;

static int run(void *self, cruet_ctx *c, cruet_db_call *call)
{
	(void)self, (void)call;
	return kind ? cruet_raise(c, kind, "the words of the database") : CRUET_ENOMEM;
}

static int nothing(void *self, cruet_ctx *c)
{
	(void)self, (void)c;
	return CRUET_OK;
}

static int schema(void *self, cruet_app *a, const char *owner, const char *name,
		  const char *sql)
{
	(void)self, (void)a, (void)name, (void)sql;
	ck_assert_str_eq(owner, "session_store");
	return CRUET_OK;
}

static const cruet_db bad = {.size = sizeof bad,
			     .run = run,
			     .begin = nothing,
			     .commit = nothing,
			     .rollback = nothing,
			     .schema = schema};

static int bad_init(cruet_app *a)
{
	return cruet_provide(a, CRUET_DB, &bad, NULL);
}
static const char *const gives[] = {CRUET_DB, NULL};
CRUET_PLUGIN(bad_db, .provides = gives, .init = bad_init);

START_TEST(each_failure_is_a_code_and_words_in_the_log)
{
	static const struct {
		const cruet_errtype *kind;
		int code;
	} all[] = {{&cruet_db_busy_kind, CRUET_EBUSY},
		   {&cruet_db_timeout_kind, CRUET_ETIMEOUT},
		   {&cruet_db_unavailable_kind, CRUET_EIO},
		   {&cruet_db_full_kind, CRUET_EIO},
		   {&cruet_db_syntax_kind, CRUET_EIO},
		   {NULL, CRUET_ENOMEM}};
	const void *p;
	size_t n;

	app = new_app();
	cruet_use_static(app, &cruet_plugin_bad_db, NULL);
	cruet_use_static(app, &cruet_plugin_session_store, NULL);
	ck_assert_int_eq(cruet_bind(app, CRUET_SESSION_STORE, NULL,
				    sizeof(cruet_session_store), &s),
			 CRUET_OK);
	cruet_ctx *c = open_ctx(app);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		kind = all[i].kind;
		logged[0] = '\0';
		ck_assert_int_eq(vt()->load(s.self, c, "id", &p, &n), all[i].code);
		ck_assert_int_eq(vt()->save(s.self, c, "id", "x", 1, 1), all[i].code);
		ck_assert_int_eq(vt()->update(s.self, c, "id", "x", 1, 1), all[i].code);
		ck_assert_int_eq(vt()->drop(s.self, c, "id"), all[i].code);
		ck_assert_int_eq(vt()->sweep(s.self), all[i].code);
		ck_assert_int_eq(cruet_err(c), CRUET_OK);
		ck_assert(!kind == !strstr(logged, "the words of the database"));
	}
	cruet_close(c);
}
END_TEST

START_TEST(more_than_a_mebibyte_is_refused_before_it_is_written)
{
	static const char large[(1 << 20) + 1];
	const void *p;
	size_t n;

	on_db(NULL);
	cruet_ctx *c = open_ctx(app);
	ck_assert_int_eq(vt()->save(s.self, c, "id", large, sizeof large, 60000),
			 CRUET_ELIMIT);
	ck_assert_int_eq(vt()->update(s.self, c, "id", large, sizeof large, 60000),
			 CRUET_ELIMIT);
	ck_assert_int_eq(vt()->save(s.self, c, "id", large, 1 << 20, 60000), CRUET_OK);
	ck_assert_int_eq(vt()->load(s.self, c, "id", &p, &n), CRUET_OK);
	ck_assert_uint_eq(n, 1 << 20);
	cruet_close(c);
}
END_TEST

SUITE_WITH("session_store", NULL, teardown, sweeping_deletes_what_has_expired,
	   one_look_has_a_bound, a_timer_sweeps, a_sweep_that_fails_is_logged,
	   options_that_do_not_fit_are_sentences, only_what_is_asked_for_is_used,
	   each_failure_is_a_code_and_words_in_the_log,
	   more_than_a_mebibyte_is_refused_before_it_is_written)
