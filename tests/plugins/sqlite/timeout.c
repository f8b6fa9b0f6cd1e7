/* A statement that does not end is ended, and what else there is goes on. */
#include "site.h"

#include <time.h>

#define ENDLESS	  "with recursive n(x) as (select 1 union all select x + 1 from n) "
#define COUNT_ALL ENDLESS "select count(*) from n"

static const char stopped[] =
	COUNT_ALL ": stopped: it took longer than query_timeout, 50 ms";

static int h_endless(cruet_ctx *c)
{
	int64_t n;
	int err = cruet_db_get(c, &n, COUNT_ALL);
	return err ? err : cruet_text(c, "it ended");
}

START_TEST(an_endless_statement_is_504)
{
	cruet_app *app = site("\npool=1\nquery_timeout=50ms");
	cruet_get(app, "/endless", h_endless);
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/endless"), 504);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "select"));
	ck_assert_ptr_null(cruet_client_header(t, "Retry-After"));
	assert_logged(textf("504: %s", stopped));
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200); /* on that connection */
	assert_count(t, "1");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(its_kind_is_told)
{
	cruet_app *app = site("\nquery_timeout=50ms");
	cruet_ctx *c = open_ctx(app);
	int64_t n;

	for (int i = 0; i < 2; i++) { /* prepared, and kept */
		int err = cruet_db_get(c, &n, COUNT_ALL);
		ck_assert_ptr_eq(cruet_err_kind(c)->parent, &cruet_db_error_kind);
		assert_failed(c, err, &cruet_db_timeout_kind, stopped);
	}
	ck_assert_int_eq(number(c, "select 7"), 7);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

/* SQLite undoes all of a transaction whose statement it stops. */
START_TEST(one_that_writes_has_written_nothing)
{
	cruet_app *app = site("\nquery_timeout=50ms");
	cruet_ctx *c = open_ctx(app);
	static const char sql[] =
		"insert into t select -x from (" ENDLESS "select x from n) where x < 3";

	int err = cruet_db_exec(c, sql);
	assert_failed(c, err, &cruet_db_timeout_kind, NULL);
	assert_ok(c, cruet_db_begin(c));
	assert_exec(c, "insert into t values(1)");
	err = cruet_db_exec(c, sql);
	assert_failed(c, err, &cruet_db_timeout_kind, NULL);
	err = cruet_db_commit(c);
	assert_failed(c, err, &cruet_db_error_kind,
		      "commit: SQLite rolled the transaction back when a statement in it "
		      "failed: call cruet_db_rollback(), or return");
	ck_assert_int_eq(number(c, "select count(*) from t"), 0);
	assert_exec(c, "insert into t values(2)"); /* nobody holds the right to write */
	cruet_close(c);
	cruet_free(app);
}
END_TEST

static int count_row(cruet_ctx *c, const cruet_db_row *row, void *arg)
{
	(void)c, (void)row;
	++*(int64_t *)arg;
	return CRUET_OK;
}

START_TEST(the_steps_of_a_long_walk_add_up)
{
	cruet_app *app = site("\nquery_timeout=50ms");
	cruet_ctx *c = open_ctx(app);
	int64_t rows = 0;

	int err = cruet_db_each(c, count_row, &rows, ENDLESS "select x from n");
	assert_failed(c, err, &cruet_db_timeout_kind, NULL);
	ck_assert_int_gt(rows, 1);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

/* Takes its time, and asks for more in between. */
static int slow_row(cruet_ctx *c, const cruet_db_row *row, void *arg)
{
	clock_t end = clock() + CLOCKS_PER_SEC / 10;

	while (clock() < end)
		;
	ck_assert_int_eq(number(c, "select 7"), 7);
	return count_row(c, row, arg);
}

START_TEST(what_is_done_with_a_row_does_not_count)
{
	cruet_app *app = site("\nquery_timeout=100ms");
	cruet_ctx *c = open_ctx(app);
	int64_t rows = 0;

	assert_ok(c,
		  cruet_db_each(c, slow_row, &rows,
				"with recursive n(x) as (select 1 union all select x + 1 "
				"from n where x < 3) select x from n"));
	ck_assert_int_eq(rows, 3);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

/* A million rows take longer than the millisecond that is allowed elsewhere. */
START_TEST(nothing_ends_it_where_there_is_no_limit)
{
	static const char million[] =
		"with recursive n(x) as (select 1 union all select x + 1 from n "
		"where x < 1000000) select count(*) from n";
	cruet_app *app = site("\nquery_timeout=1ms");
	cruet_ctx *c = open_ctx(app);
	int64_t n;
	int err = cruet_db_get(c, &n, million);

	assert_failed(c, err, &cruet_db_timeout_kind, NULL);
	cruet_close(c);
	cruet_free(app);
	app = site("\nquery_timeout=0");
	c = open_ctx(app);
	ck_assert_int_eq(number(c, million), 1000000);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(more_than_an_hour_is_refused)
{
	cruet_app *app = app_with("\nquery_timeout=2h");

	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_str_eq(
		cruet_problem(app),
		"plugin 'sqlite': option query_timeout = \"2h\": expected the time "
		"that a statement may take, at most 1h; 0: any");
	cruet_free(app);
}
END_TEST

SUITE_WITH("sqlite_timeout", NULL, teardown, an_endless_statement_is_504,
	   its_kind_is_told, one_that_writes_has_written_nothing,
	   the_steps_of_a_long_walk_add_up, what_is_done_with_a_row_does_not_count,
	   nothing_ends_it_where_there_is_no_limit, more_than_an_hour_is_refused)
