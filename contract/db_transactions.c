/* The promises of "db/1": transactions. */
#include "db.h"

static int64_t count(struct trial *t)
{
	return number(t, "select count(*) from things");
}

static void add(struct trial *t, int n)
{
	exec_ok(t, "insert into things(n) values(?)", n);
}

static void what_is_committed_stays(struct trial *t)
{
	things(t);
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 1);
	add(t, 2);
	expect_ok(t, cruet_db_commit(t->c));
	reopen(t);
	expect_int(count(t), 2);
}

static void what_is_rolled_back_never_was(struct trial *t)
{
	things(t);
	add(t, 1);
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 2);
	expect_int(count(t), 2);
	expect_ok(t, cruet_db_rollback(t->c));
	expect_int(count(t), 1);
	add(t, 3);
	expect_int(count(t), 2);
}

static void nobody_sees_what_is_not_committed(struct trial *t)
{
	things(t);
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 1);
	cruet_ctx *mine = t->c;
	t->c = trial_open(t);
	expect_int(count(t), 0);
	expect_int(cruet_db_commit(mine), CRUET_OK);
	expect_int(count(t), 1);
	cruet_close(mine);
}

static void an_inner_rollback_undoes_its_own_part(struct trial *t)
{
	things(t);
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 1);
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 2);
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 3);
	expect_ok(t, cruet_db_commit(t->c)); /* kept in what is undone next */
	expect_ok(t, cruet_db_rollback(t->c));
	expect_int(count(t), 1);
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 4);
	expect_ok(t, cruet_db_commit(t->c));
	expect_ok(t, cruet_db_commit(t->c));
	expect_int(number(t, "select sum(n) from things"), 5);
}

static void an_outer_rollback_undoes_inner_commits(struct trial *t)
{
	things(t);
	expect_ok(t, cruet_db_begin(t->c));
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 1);
	expect_ok(t, cruet_db_commit(t->c));
	expect_ok(t, cruet_db_rollback(t->c));
	expect_int(count(t), 0);
}

static void without_begin_there_is_nothing_to_end(struct trial *t)
{
	expect_failed(t, cruet_db_commit(t->c), &cruet_db_error_kind, NULL);
	expect_failed(t, cruet_db_rollback(t->c), &cruet_db_error_kind, NULL);
	expect_ok(t, cruet_db_begin(t->c));
	expect_ok(t, cruet_db_rollback(t->c));
	expect_failed(t, cruet_db_rollback(t->c), &cruet_db_error_kind, NULL);
}

static void a_ctx_that_closes_rolls_back(struct trial *t)
{
	things(t);
	expect_ok(t, cruet_db_begin(t->c));
	expect_ok(t, cruet_db_begin(t->c));
	add(t, 1);
	reopen(t);
	expect_int(count(t), 0);
	add(t, 2); /* nothing is locked */
	expect_int(count(t), 1);
}

static void a_savepoint_saves_from_a_failed_statement(struct trial *t)
{
	exec_ok(t, "create table names (name text unique)");
	expect_ok(t, cruet_db_begin(t->c));
	exec_ok(t, "insert into names values('a')");
	expect_ok(t, cruet_db_begin(t->c));
	int err = cruet_db_exec(t->c, "insert into names values('a')");
	expect_failed(t, err, &cruet_db_unique_kind, NULL);
	expect_ok(t, cruet_db_rollback(t->c));
	exec_ok(t, "insert into names values('b')");
	expect_ok(t, cruet_db_commit(t->c));
	expect_int(number(t, "select count(*) from names"), 2);
}

static void a_commit_that_fails_has_rolled_back(struct trial *t)
{
	const cruet_contract_sql *w = sql_of(t);

	exec_ok(t, cruet_printf(t->c, "create table a (id %s)", w->auto_id));
	exec_ok(t,
		cruet_printf(t->c,
			     "create table b (a %s references a(id) deferrable initially "
			     "deferred)",
			     w->int64));
	expect_ok(t, cruet_db_begin(t->c));
	exec_ok(t, "insert into b values(7)");
	int err = cruet_db_commit(t->c);
	expect_failed(t, err, &cruet_db_foreign_key_kind, NULL);
	expect_int(number(t, "select count(*) from b"), 0);
	err = cruet_db_rollback(t->c);
	expect_failed(t, err, &cruet_db_error_kind, NULL);
}

const struct promise db_transactions[] = {
	PROMISE(what_is_committed_stays),
	PROMISE(what_is_rolled_back_never_was),
	PROMISE(nobody_sees_what_is_not_committed),
	PROMISE(an_inner_rollback_undoes_its_own_part),
	PROMISE(an_outer_rollback_undoes_inner_commits),
	PROMISE(without_begin_there_is_nothing_to_end),
	PROMISE(a_ctx_that_closes_rolls_back),
	PROMISE(a_savepoint_saves_from_a_failed_statement),
	PROMISE(a_commit_that_fails_has_rolled_back),
	{NULL, NULL}};
