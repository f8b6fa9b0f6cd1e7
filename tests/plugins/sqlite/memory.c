/* Memory that runs out, at each allocation in turn: the call fails, nothing is left
 * behind, and the connection works afterwards. */
#include "fixture.h"

#include "../../fail_alloc.h"

static cruet_app *app;

static void setup(void)
{
	app = app_with("\nstatements=2\npool=2");
	cruet_db_schema(app, "1",
			"create table t(id integer primary key, a text, b real)");
	cruet_ctx *c = open_ctx(app);
	assert_exec(c, "insert into t(a, b) values('one', 1.5), ('two', 2.5)");
	cruet_close(c);
}

static void teardown(void)
{
	cruet_free(app);
	folder_done();
}

typedef int work_fn(cruet_ctx *c);

/* Runs fn with the n-th allocation failing, for each n, until none is left to fail.
 * What fn did must be all there or not at all. */
static void each_allocation(work_fn *fn, int64_t adds)
{
	bool more = true;
	int64_t rows = 2;

	for (size_t n = 1; more; n++) {
		cruet_ctx *c = open_ctx(app);
		fail_alloc_at(n);
		int err = fn(c);
		more = fail_alloc_off();
		int recorded = cruet_err(c);
		cruet_err_clear(c);
		cruet_close(c);
		ck_assert_msg(!err || recorded, "allocation %zu: %d is not recorded", n,
			      err);
		ck_assert_msg(more || !err, "allocation %zu: %d", n, err);
		c = open_ctx(app);
		int64_t now = number(c, "select count(*) from t");
		if (!err)
			ck_assert_int_eq(now, rows + adds);
		else
			ck_assert_msg(now == rows || now == rows + adds, "%d rows",
				      (int)now);
		rows = now;
		cruet_close(c);
	}
}

static int w_insert(cruet_ctx *c)
{
	return cruet_db_exec(c, "insert into t(a, b) values(?, ?)", "three", 3.5);
}

static int w_query(cruet_ctx *c)
{
	cruet_db_rows *rows = cruet_db_query(c, "select * from t where id < ?", 3);
	const cruet_db_row *row;
	int seen = 0;

	if (!rows)
		return cruet_err(c) ? cruet_err(c) : -99;
	while ((row = cruet_db_next(rows)))
		seen += cruet_db_str(row, "b") != NULL && cruet_db_int(row, "id") > 0;
	return cruet_err(c) ? cruet_err(c) : seen == 2 ? CRUET_OK : -98;
}

static int w_json(cruet_ctx *c)
{
	cruet_json *j = cruet_db_json(c, "select id, a from t where id < ?", 3);
	const char *text = j ? cruet_json_text(c, j, NULL) : NULL;

	if (!text)
		return cruet_err(c) ? cruet_err(c) : -99;
	return strcmp(text, "[{\"id\":1,\"a\":\"one\"},{\"id\":2,\"a\":\"two\"}]") ? -98
										   : 0;
}

static int w_transaction(cruet_ctx *c)
{
	int err = cruet_db_begin(c);

	if (!err)
		err = cruet_db_exec(c, "insert into t(a) values('x')");
	if (!err)
		err = cruet_db_begin(c);
	if (!err)
		err = cruet_db_exec(c, "insert into t(a) values('y')");
	if (!err)
		err = cruet_db_commit(c);
	return err ? err : cruet_db_commit(c);
}

START_TEST(inserting)
{
	each_allocation(w_insert, 1);
}
END_TEST

START_TEST(reading)
{
	each_allocation(w_query, 0);
}
END_TEST

START_TEST(making_json)
{
	each_allocation(w_json, 0);
}
END_TEST

START_TEST(transactions)
{
	each_allocation(w_transaction, 2);
}
END_TEST

START_TEST(starting)
{
	bool more = true;

	cruet_free(app);
	for (size_t n = 1; more; n++) {
		app = app_with("");
		cruet_db_schema(app, "2", "create table if not exists u(a)");
		ck_assert_ptr_null(cruet_problem(app));
		fail_alloc_at(n);
		cruet_ctx *c = cruet_open(app);
		more = fail_alloc_off();
		ck_assert(more || c);
		cruet_close(c);
		if (more)
			cruet_free(app);
	}
}
END_TEST

SUITE_WITH("sqlite_memory", setup, teardown, inserting, reading, making_json,
	   transactions, starting)
