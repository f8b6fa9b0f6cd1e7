/* What goes wrong while requests are served: the kind, the status, the line in the
 * log, and that nothing is lost which was acknowledged. */
#include "other.h"
#include "site.h"

/* --- locked ---------------------------------------------------------------------- */

START_TEST(another_process_writes)
{
	struct other o = other_start(file("site.db"));
	cruet_app *app = site("");
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	ck_assert_ptr_null(cruet_client_header(t, "Retry-After"));
	other_does(&o, "begin immediate");
	ck_assert_int_eq(cruet_client_get(t, "/add?a=2"), 503);
	ck_assert_str_eq(cruet_client_header(t, "Retry-After"), "1");
	ck_assert_ptr_null(strstr(cruet_client_body(t), "insert"));
	assert_logged(
		"503: insert into t(a) values(?): the database is locked: waited 20 ms");
	assert_count(t, "1"); /* who reads does not wait */
	other_does(&o, "commit");
	ck_assert_int_eq(cruet_client_get(t, "/add?a=2"), 200);
	assert_count(t, "2");
	cruet_client_free(t);
	cruet_free(app);
	other_ends(&o);
}
END_TEST

START_TEST(a_transaction_waits_for_another_process_too)
{
	struct other o = other_start(file("site.db"));
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);

	other_does(&o, "begin immediate");
	int err = cruet_db_begin(c);
	assert_failed(c, err, &cruet_db_busy_kind,
		      "begin: the database is locked: waited 20 ms");
	other_does(&o, "commit");
	assert_ok(c, cruet_db_begin(c));
	assert_ok(c, cruet_db_commit(c));
	cruet_close(c);
	cruet_free(app);
	other_ends(&o);
}
END_TEST

START_TEST(somebody_else_in_this_process_writes)
{
	cruet_app *app = site("");
	cruet_ctx *one = open_ctx(app), *two = open_ctx(app);

	assert_ok(one, cruet_db_begin(one));
	int err = cruet_db_exec(two, "insert into t values(1)");
	assert_failed(two, err, &cruet_db_busy_kind,
		      "insert into t values(1): the database is locked: waited 20 ms");
	err = cruet_db_begin(two);
	assert_failed(two, err, &cruet_db_busy_kind, NULL);
	ck_assert_int_eq(number(two, "select count(*) from t"), 0);
	assert_ok(one, cruet_db_commit(one));
	assert_exec(two, "insert into t values(1)");
	cruet_close(two);
	cruet_close(one);
	cruet_free(app);
}
END_TEST

/* Two of two are in use: by a transaction, and by the row that this is called for. */
static int find_none(cruet_ctx *c, const cruet_db_row *row, void *arg)
{
	cruet_ctx *third = arg;
	int err = cruet_db_exec(third, "select 1");

	(void)row;
	ck_assert_str_eq(
		without_folder(cruet_err_text(third)),
		"no connection to DIR/site.db was free within 20 ms: 2 are in "
		"use (option pool)");
	assert_failed(third, err, &cruet_db_busy_kind, NULL);
	return cruet_db_exec(c, "select 2"); /* has one already */
}

START_TEST(all_connections_are_in_use)
{
	cruet_app *app = site("\npool=2");
	cruet_ctx *one = open_ctx(app), *two = open_ctx(app), *three = open_ctx(app);

	assert_ok(two, cruet_db_begin(two));
	number(two, "select count(*) from t");
	assert_ok(one, cruet_db_each(one, find_none, three, "select 1"));
	ck_assert_int_eq(number(three, "select 1"), 1);
	assert_ok(three, cruet_db_each(three, find_none, one, "select 1"));
	cruet_close(two);
	cruet_close(three);
	cruet_close(one);
	cruet_free(app);
}
END_TEST

/* What waits between two statements keeps the only connection from nobody. */
START_TEST(between_statements_a_ctx_has_no_connection)
{
	cruet_app *app = site("\npool=1");
	cruet_ctx *one = open_ctx(app), *two = open_ctx(app);

	for (int i = 0; i < 2; i++) {
		assert_exec(one, "insert into t values(null)");
		ck_assert_int_eq(number(two, "select count(*) from t"), 3 * i + 1);
		assert_ok(two, cruet_db_begin(two));
		assert_exec(two, "insert into t values(null)");
		assert_ok(two, cruet_db_begin(two));
		assert_exec(two, "insert into t values(null)");
		assert_ok(two, cruet_db_commit(two)); /* of the savepoint alone */
		int err = cruet_db_exec(one, "select 1");
		assert_failed(one, err, &cruet_db_busy_kind, NULL);
		assert_ok(two, cruet_db_commit(two));
		ck_assert_int_ne(cruet_db_exec(one, "select nothing"), 0);
		cruet_err_clear(one);
	}
	cruet_close(two);
	cruet_close(one);
	cruet_free(app);
}
END_TEST

static int add_after(cruet_ctx *c)
{
	return cruet_db_exec(c, "insert into t values(null)");
}

/* The only connection is free once the reply is complete: a hook takes it again. */
START_TEST(a_connection_goes_back_before_the_reply_is_sent)
{
	cruet_app *app = site("\npool=1");

	cruet_finish(app, add_after);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	assert_count(t, "2");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* A body that asks the database as it goes. In between the only connection is free. */
struct pieces {
	cruet_app *app;
	int left;
};

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct pieces *p = self;
	int64_t n;
	int err = cruet_db_begin(c);

	if (!err)
		err = cruet_db_exec(c, "insert into t values(null)");
	if (!err)
		err = cruet_db_commit(c);
	if (!err)
		err = cruet_db_get(c, &n, "select count(*) from t");
	cruet_ctx *other = open_ctx(p->app);
	ck_assert_int_eq(number(other, "select 1"), 1);
	cruet_close(other);
	if (err || !p->left--)
		return err ? CRUET_EIO : 0;
	return snprintf(buf, cap, "%d ", (int)n);
}

static int h_stream(cruet_ctx *c)
{
	static const cruet_source s = {
		.size = sizeof s, .mime = "text/plain", .length = -1, .pull = pull};
	struct pieces *p = cruet_alloc(c, sizeof *p);

	*p = (struct pieces){cruet_scope(c), 3};
	return cruet_stream(c, &s, p);
}

START_TEST(a_stream_holds_no_connection_between_its_pieces)
{
	cruet_app *app = site("\npool=1");

	cruet_get(app, "/stream", h_stream);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/stream"), 200);
	ck_assert_str_eq(cruet_client_body(t), "1 2 3 ");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* --- what an application may do about it ----------------------------------------- */

static int on_db_error(cruet_ctx *c)
{
	return cruet_textf(c, "handled %s", cruet_err_kind(c)->name);
}

static int on_unique(cruet_ctx *c)
{
	return cruet_text(c, "taken");
}

START_TEST(handlers_by_kind)
{
	struct other o = other_start(file("site.db"));
	cruet_app *app = site("");

	cruet_on_kind(app, &cruet_db_error_kind, on_db_error);
	cruet_on_kind(app, &cruet_db_unique_kind, on_unique);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/add?a=1"), 409);
	ck_assert_str_eq(cruet_client_body(t), "taken");
	other_does(&o, "begin immediate");
	ck_assert_int_eq(cruet_client_get(t, "/add?a=2"), 503);
	ck_assert_str_eq(cruet_client_body(t), "handled db.busy");
	ck_assert_str_eq(cruet_client_header(t, "Retry-After"), "1");
	cruet_client_free(t);
	cruet_free(app);
	other_ends(&o);
}
END_TEST

static int h_add_or_say(cruet_ctx *c)
{
	int err = cruet_db_exec(c, "insert into t(a) values(?)", "x");

	if (err && cruet_err_kind(c) == &cruet_db_unique_kind) {
		cruet_err_clear(c);
		return cruet_text(c, "is there already");
	}
	return err ? err : cruet_text(c, "added");
}

START_TEST(a_handler_that_deals_with_it)
{
	cruet_app *app = site("");
	cruet_get(app, "/say", h_add_or_say);
	cruet_client *t = client_of(app);

	ck_assert_int_eq(cruet_client_get(t, "/say"), 200);
	ck_assert_str_eq(cruet_client_body(t), "added");
	ck_assert_int_eq(cruet_client_get(t, "/say"), 200);
	ck_assert_str_eq(cruet_client_body(t), "is there already");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(texts_of_the_constraints)
{
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	int err;

	assert_exec(c, "create table u(a integer primary key, b not null check (b > 0), "
		       "c references t(a))");
	assert_exec(c, "insert into u(a, b) values(1, 1)");
	err = cruet_db_exec(c, "insert into u(a, b) values(1, 1)");
	assert_failed(c, err, &cruet_db_unique_kind,
		      "insert into u(a, b) values(1, 1): UNIQUE constraint failed: u.a");
	err = cruet_db_exec(c, "insert into u(b) values(?)", cruet_db_null());
	assert_failed(c, err, &cruet_db_not_null_kind,
		      "insert into u(b) values(?): NOT NULL constraint failed: u.b");
	err = cruet_db_exec(c, "insert into u(b) values(?)", -1);
	assert_failed(c, err, &cruet_db_check_kind,
		      "insert into u(b) values(?): CHECK constraint failed: b > 0");
	err = cruet_db_exec(c, "insert into u(b, c) values(1, 'nobody')");
	assert_failed(c, err, &cruet_db_foreign_key_kind,
		      "insert into u(b, c) values(1, 'nobody'): FOREIGN KEY constraint "
		      "failed");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(types_and_triggers_are_checks)
{
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	int err;

	assert_exec(c, "create table s(n integer) strict");
	err = cruet_db_exec(c, "insert into s values('x')");
	assert_failed(
		c, err, &cruet_db_check_kind,
		"insert into s values('x'): cannot store TEXT value in INTEGER column "
		"s.n");
	assert_exec(c, "create trigger no before delete on t begin select raise(abort, "
		       "'never'); end");
	assert_exec(c, "insert into t values(1)");
	err = cruet_db_exec(c, "delete from t");
	assert_failed(c, err, &cruet_db_check_kind, "delete from t: never");
	assert_exec(c, "create table k(id integer primary key)");
	err = cruet_db_exec(c, "insert into k values('x')");
	assert_failed(c, err, &cruet_db_check_kind,
		      "insert into k values('x'): datatype mismatch");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

static int h_limit(cruet_ctx *c)
{
	return cruet_db_exec(c, "select a from t limit ?", cruet_query(c, "n"));
}

/* A client that sends a text there found a mistake in the handler, and is told nothing.
 */
START_TEST(a_limit_that_is_no_number_is_a_statement_that_cannot_be_run)
{
	cruet_app *app = site("");
	cruet_get(app, "/limit", h_limit);
	cruet_client *t = client_of(app);
	cruet_ctx *c = open_ctx(app);

	int err = cruet_db_exec(c, "select a from t limit ?", "x");
	assert_failed(c, err, &cruet_db_syntax_kind,
		      "select a from t limit ?: datatype mismatch");
	err = cruet_db_exec(c, "select a from t limit 1 offset ?", "x");
	assert_failed(c, err, &cruet_db_syntax_kind, NULL);
	cruet_close(c);
	ck_assert_int_eq(cruet_client_get(t, "/limit?n=x"), 500);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "mismatch"));
	assert_logged("500: select a from t limit ?: datatype mismatch");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(other_files_are_not_attached)
{
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	int err = cruet_db_exec(c, "attach 'other.db' as other");

	assert_failed(
		c, err, &cruet_db_syntax_kind,
		"attach 'other.db' as other: transactions are made with "
		"cruet_db_begin(), cruet_db_commit() and cruet_db_rollback(), and other "
		"files are opened as instances of the plugin");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

/* --- a transaction that SQLite has ended ----------------------------------------- */

START_TEST(nothing_runs_after_a_lost_transaction)
{
	cruet_app *app = site("");
	cruet_ctx *c = open_ctx(app);
	static const char lost[] =
		"SQLite rolled the transaction back when a statement in it "
		"failed";

	assert_exec(c, "insert into t values(1)");
	assert_ok(c, cruet_db_begin(c));
	assert_ok(c, cruet_db_begin(c));
	assert_exec(c, "insert into t values(2)");
	/* A conflict clause that ends the whole transaction. */
	int err = cruet_db_exec(c, "insert or rollback into t values(1)");
	assert_failed(c, err, &cruet_db_unique_kind, NULL);
	err = cruet_db_exec(c, "insert into t values(3)");
	assert_failed(c, err, &cruet_db_error_kind,
		      textf("insert into t values(3): not run: %s", lost));
	err = cruet_db_begin(c);
	assert_failed(c, err, &cruet_db_error_kind,
		      textf("begin: %s: call cruet_db_rollback(), or return", lost));
	err = cruet_db_commit(c);
	assert_failed(c, err, &cruet_db_error_kind,
		      textf("commit: %s: call cruet_db_rollback(), or return", lost));
	assert_ok(c, cruet_db_rollback(c));
	assert_exec(c, "insert into t values(4)");
	ck_assert_int_eq(number(c, "select sum(a) from t"), 5);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

SUITE_WITH("sqlite_faults", NULL, teardown, another_process_writes,
	   a_transaction_waits_for_another_process_too,
	   somebody_else_in_this_process_writes, all_connections_are_in_use,
	   between_statements_a_ctx_has_no_connection,
	   a_connection_goes_back_before_the_reply_is_sent,
	   a_stream_holds_no_connection_between_its_pieces, handlers_by_kind,
	   a_handler_that_deals_with_it, texts_of_the_constraints,
	   types_and_triggers_are_checks,
	   a_limit_that_is_no_number_is_a_statement_that_cannot_be_run,
	   other_files_are_not_attached, nothing_runs_after_a_lost_transaction)
