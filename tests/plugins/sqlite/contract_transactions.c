/* The contract of "db/1": transactions, and what a request leaves behind. */
#include "contract.h"

static int64_t count(void)
{
	return number(c, "select count(*) from things");
}

static void add(int n)
{
	assert_exec(c, "insert into things(n) values(?)", n);
}

START_TEST(what_is_committed_stays)
{
	things();
	assert_ok(c, cruet_db_begin(c));
	add(1);
	add(2);
	assert_ok(c, cruet_db_commit(c));
	cruet_close(c);
	c = open_ctx(app);
	ck_assert_int_eq(count(), 2);
}
END_TEST

START_TEST(what_is_rolled_back_never_was)
{
	things();
	add(1);
	assert_ok(c, cruet_db_begin(c));
	add(2);
	ck_assert_int_eq(count(), 2);
	assert_ok(c, cruet_db_rollback(c));
	ck_assert_int_eq(count(), 1);
	add(3);
	ck_assert_int_eq(count(), 2);
}
END_TEST

START_TEST(nobody_sees_what_is_not_committed)
{
	things();
	assert_ok(c, cruet_db_begin(c));
	add(1);
	cruet_ctx *other = open_ctx(app);
	ck_assert_int_eq(number(other, "select count(*) from things"), 0);
	assert_ok(c, cruet_db_commit(c));
	ck_assert_int_eq(number(other, "select count(*) from things"), 1);
	cruet_close(other);
}
END_TEST

START_TEST(an_inner_rollback_undoes_its_own_part)
{
	things();
	assert_ok(c, cruet_db_begin(c));
	add(1);
	assert_ok(c, cruet_db_begin(c));
	add(2);
	assert_ok(c, cruet_db_begin(c));
	add(3);
	assert_ok(c, cruet_db_commit(c)); /* kept in what is undone next */
	assert_ok(c, cruet_db_rollback(c));
	ck_assert_int_eq(count(), 1);
	assert_ok(c, cruet_db_begin(c));
	add(4);
	assert_ok(c, cruet_db_commit(c));
	assert_ok(c, cruet_db_commit(c));
	ck_assert_int_eq(number(c, "select sum(n) from things"), 5);
}
END_TEST

START_TEST(an_outer_rollback_undoes_inner_commits)
{
	things();
	assert_ok(c, cruet_db_begin(c));
	assert_ok(c, cruet_db_begin(c));
	add(1);
	assert_ok(c, cruet_db_commit(c));
	assert_ok(c, cruet_db_rollback(c));
	ck_assert_int_eq(count(), 0);
}
END_TEST

START_TEST(without_begin_there_is_nothing_to_end)
{
	int err = cruet_db_commit(c);
	assert_failed(c, err, &cruet_db_error_kind,
		      "commit without begin: call cruet_db_begin() first");
	err = cruet_db_rollback(c);
	assert_failed(c, err, &cruet_db_error_kind,
		      "rollback without begin: call cruet_db_begin() first");
	assert_ok(c, cruet_db_begin(c));
	assert_ok(c, cruet_db_rollback(c));
	err = cruet_db_rollback(c);
	assert_failed(c, err, &cruet_db_error_kind, NULL);
}
END_TEST

START_TEST(a_ctx_that_closes_rolls_back)
{
	things();
	assert_ok(c, cruet_db_begin(c));
	assert_ok(c, cruet_db_begin(c));
	add(1);
	cruet_close(c);
	c = open_ctx(app);
	ck_assert_int_eq(count(), 0);
	add(2); /* nothing is locked */
	ck_assert_int_eq(count(), 1);
}
END_TEST

START_TEST(a_savepoint_saves_from_a_failed_statement)
{
	assert_exec(c, "create table names (name text unique)");
	assert_ok(c, cruet_db_begin(c));
	assert_exec(c, "insert into names values('a')");
	assert_ok(c, cruet_db_begin(c));
	int err = cruet_db_exec(c, "insert into names values('a')");
	assert_failed(c, err, &cruet_db_unique_kind, NULL);
	assert_ok(c, cruet_db_rollback(c));
	assert_exec(c, "insert into names values('b')");
	assert_ok(c, cruet_db_commit(c));
	ck_assert_int_eq(number(c, "select count(*) from names"), 2);
}
END_TEST

START_TEST(a_commit_that_fails_has_rolled_back)
{
	assert_exec(c, "create table a (id " SQL_AUTO_ID ")");
	assert_exec(c, "create table b (a " SQL_INT64
		       " references a(id) deferrable initially deferred)");
	assert_ok(c, cruet_db_begin(c));
	assert_exec(c, "insert into b values(7)");
	int err = cruet_db_commit(c);
	assert_failed(c, err, &cruet_db_foreign_key_kind, NULL);
	ck_assert_int_eq(number(c, "select count(*) from b"), 0);
	err = cruet_db_rollback(c);
	assert_failed(c, err, &cruet_db_error_kind, NULL);
}
END_TEST

/* --- requests -------------------------------------------------------------------- */

static int h_forgets(cruet_ctx *r)
{
	int err = cruet_db_begin(r);
	if (!err)
		err = cruet_db_exec(r, "insert into things(n) values(1)");
	return err ? err : cruet_text(r, "saved");
}

static int h_fails(cruet_ctx *r)
{
	int err = cruet_db_begin(r);
	if (!err)
		err = cruet_db_exec(r, "insert into things(n) values(1)");
	return err ? err : cruet_fail(r, 409, "no");
}

static int h_saves(cruet_ctx *r)
{
	int err = cruet_db_begin(r);
	if (!err)
		err = cruet_db_exec(r, "insert into things(n) values(1)");
	if (!err)
		err = cruet_db_commit(r);
	return err ? err : cruet_text(r, "saved");
}

static int h_list(cruet_ctx *r)
{
	return cruet_jsonify(r, cruet_db_json(r, "select n from things"));
}

static int h_one(cruet_ctx *r)
{
	const cruet_db_row *row = cruet_db_one(r, "select n from things where id = ?",
					       cruet_arg_int(r, "id"));
	if (!row)
		return cruet_err(r);
	return cruet_textf(r, "%lld", (long long)cruet_db_int(row, "n"));
}

static int h_secret(cruet_ctx *r)
{
	return cruet_jsonify(r, cruet_db_json(r, "select secret_column from things"));
}

static void forgetful_teardown(cruet_ctx *r, int err)
{
	(void)err;
	if (!cruet_db_begin(r))
		(void)!cruet_db_exec(r, "insert into things(n) values(99)");
}

static cruet_client *site(void)
{
	cruet_close(c);
	c = NULL;
	cruet_free(app);
	app = new_app();
	provider_use(app, 1);
	cruet_get(app, "/forgets", h_forgets);
	cruet_get(app, "/fails", h_fails);
	cruet_get(app, "/saves", h_saves);
	cruet_get(app, "/list", h_list);
	cruet_get(app, "/one/<int:id>", h_one);
	cruet_get(app, "/secret", h_secret);
	cruet_client *t = client_of(app);
	c = open_ctx(app);
	things();
	cruet_close(c);
	c = NULL;
	return t;
}

static void assert_list(cruet_client *t, const char *json)
{
	ck_assert_int_eq(cruet_client_get(t, "/list"), 200);
	ck_assert_str_eq(cruet_client_body(t), json);
}

START_TEST(a_request_that_fails_has_done_nothing)
{
	cruet_client *t = site();

	ck_assert_int_eq(cruet_client_get(t, "/saves"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/fails"), 409);
	assert_list(t, "[{\"n\":1}]\n");
	ck_assert_ptr_null(strstr(logged, "error"));
	cruet_client_free(t);
}
END_TEST

START_TEST(a_forgotten_commit_is_no_success)
{
	cruet_client *t = site();

	ck_assert_int_eq(cruet_client_get(t, "/forgets"), 500);
	ck_assert_ptr_nonnull(strstr(
		logged, "a transaction was left open, and is rolled back: call "
			"cruet_db_commit() or cruet_db_rollback() before the reply"));
	assert_list(t, "[]\n");
	ck_assert_int_eq(cruet_client_get(t, "/saves"), 200);
	assert_list(t, "[{\"n\":1}]\n");
	cruet_client_free(t);
}
END_TEST

START_TEST(what_a_teardown_hook_leaves_open_is_rolled_back_too)
{
	cruet_client *t = site();
	cruet_client_free(t);
	cruet_free(app);
	app = new_app();
	provider_use(app, 1);
	cruet_get(app, "/list", h_list);
	cruet_teardown(app, forgetful_teardown);
	t = client_of(app);
	assert_list(t, "[]\n");
	assert_list(t, "[]\n"); /* the only connection came back, with nothing on it */
	cruet_client_free(t);
}
END_TEST

START_TEST(no_such_row_is_a_404)
{
	cruet_client *t = site();

	ck_assert_int_eq(cruet_client_get(t, "/one/7"), 404);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "select"));
	ck_assert_int_eq(cruet_client_get(t, "/saves"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/one/1"), 200);
	ck_assert_str_eq(cruet_client_body(t), "1");
	cruet_client_free(t);
}
END_TEST

START_TEST(the_statement_is_in_the_log_and_not_on_the_page)
{
	cruet_client *t = site();

	ck_assert_int_eq(cruet_client_get(t, "/secret"), 500);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "secret_column"));
	ck_assert_ptr_nonnull(strstr(logged, "select secret_column from things: "));
	cruet_client_free(t);
}
END_TEST

/* --- commands, and no provider at all -------------------------------------------- */

static int count_them(cruet_ctx *r, int argc, char **argv)
{
	int64_t n;

	(void)argc;
	(void)argv;
	return cruet_db_get(r, &n, "select count(*) from things") ? 1 : (int)n + 40;
}

START_TEST(commands_have_the_database_too)
{
	things();
	add(1);
	add(2);
	cruet_close(c);
	c = NULL;
	cruet_free(app);
	app = new_app();
	provider_use(app, 1);
	cruet_command(app, "count", "Counts things.", count_them);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_command(t, "count", 0, NULL), 42);
	cruet_client_free(t);
}
END_TEST

START_TEST(without_a_provider_there_is_a_sentence)
{
	cruet_app *bare = new_app();
	cruet_ctx *r = open_ctx(bare);
	static const char sentence[] =
		"no plugin provides \"db/1\": add one to cruet.json, such as \"sqlite\"";

	ck_assert_int_ne(cruet_db_exec(r, "select 1"), 0);
	ck_assert_str_eq(cruet_err_text(r), sentence);
	ck_assert_int_eq(cruet_err_status(r), 500);
	ck_assert_ptr_null(cruet_db_query(r, "select 1"));
	ck_assert_ptr_null(cruet_db_json(r, "select 1"));
	ck_assert_int_ne(cruet_db_begin(r), 0);
	ck_assert_int_ne(cruet_db_commit(r), 0);
	ck_assert_int_ne(cruet_db_rollback(r), 0);
	cruet_close(r);
	cruet_free(bare);
}
END_TEST

CONTRACT("db_transactions", what_is_committed_stays, what_is_rolled_back_never_was,
	 nobody_sees_what_is_not_committed, an_inner_rollback_undoes_its_own_part,
	 an_outer_rollback_undoes_inner_commits, without_begin_there_is_nothing_to_end,
	 a_ctx_that_closes_rolls_back, a_savepoint_saves_from_a_failed_statement,
	 a_commit_that_fails_has_rolled_back, a_request_that_fails_has_done_nothing,
	 a_forgotten_commit_is_no_success,
	 what_a_teardown_hook_leaves_open_is_rolled_back_too, no_such_row_is_a_404,
	 the_statement_is_in_the_log_and_not_on_the_page, commands_have_the_database_too,
	 without_a_provider_there_is_a_sentence)
