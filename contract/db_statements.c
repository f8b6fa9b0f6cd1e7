/* The promises of "db/1": what a statement did, and kinds of failures. */
#include "db.h"

static void changes_and_last_id_are_of_the_last_statement(struct trial *t)
{
	expect_int(cruet_db_last_id(t->c), 0);
	expect_int(cruet_db_changes(t->c), 0);
	three(t);
	expect_int(cruet_db_last_id(t->c), 3);
	expect_int(cruet_db_changes(t->c), 1);
	exec_ok(t, "update things set n = 0 where id > ?", 1);
	expect_int(cruet_db_changes(t->c), 2);
	expect_int(cruet_db_last_id(t->c), 0);
	exec_ok(t, "update things set n = 1 where id > ?", 100);
	expect_int(cruet_db_changes(t->c), 0);
	exec_ok(t, "delete from things");
	expect_int(cruet_db_changes(t->c), 3);
	exec_ok(t, cruet_printf(t->c, "create table other (id %s)", sql_of(t)->auto_id));
	expect_int(cruet_db_changes(t->c), 0);
	number(t, "select count(*) from things");
	expect_int(cruet_db_changes(t->c), 0);
	expect_int(cruet_db_last_id(t->c), 0);
}

static void another_ctx_knows_nothing_of_it(struct trial *t)
{
	three(t);
	reopen(t);
	expect_int(cruet_db_last_id(t->c), 0);
	exec_ok(t, "update things set n = 5 where id = 1");
	expect_int(cruet_db_last_id(t->c), 0);
}

static void returning_gives_rows_of_what_is_written(struct trial *t)
{
	int64_t id;

	things(t);
	expect_ok(t,
		  cruet_db_get(t->c, &id,
			       "insert into things(name) values(?) returning id", "Ada"));
	expect_int(id, 1);
	expect_int(cruet_db_changes(t->c), 1);
	cruet_db_rows *rows =
		cruet_db_query(t->c, "insert into things(name) values('a'), ('b'), ('c') "
				     "returning id, name");
	expect_int(cruet_db_count(rows), 3);
	exec_ok(t, "insert into things(name) values('d') returning id");
	reopen(t);
	expect_int(number(t, "select count(*) from things"), 5);
}

static void what_one_row_was_asked_of_is_written_whole(struct trial *t)
{
	things(t);
	expect(cruet_db_one(t->c,
			    "insert into things(name) values('a'), ('b') returning id"));
	reopen(t);
	expect_int(number(t, "select count(*) from things"), 2);
}

/* --- kinds of failures ----------------------------------------------------------- */

static void people(struct trial *t)
{
	const cruet_contract_sql *w = sql_of(t);

	exec_ok(t,
		cruet_printf(
			t->c,
			"create table people (id %s, name text not null unique, age %s "
			"check (age >= 0))",
			w->auto_id, w->int64));
	exec_ok(t, cruet_printf(t->c,
				"create table pets (id %s, owner %s not null references "
				"people(id))",
				w->auto_id, w->int64));
	exec_ok(t, "insert into people(name, age) values('Ada', 36)");
	exec_ok(t, "insert into pets(owner) values(1)");
}

static void each_constraint_has_a_kind(struct trial *t)
{
	people(t);
	expect_failed(t, cruet_db_exec(t->c, "insert into people(name) values(?)", "Ada"),
		      &cruet_db_unique_kind, NULL);
	expect_failed(
		t, cruet_db_exec(t->c, "insert into people(id, name) values(1, 'Bob')"),
		&cruet_db_unique_kind, NULL);
	expect_failed(t, cruet_db_exec(t->c, "insert into pets(owner) values(?)", 99),
		      &cruet_db_foreign_key_kind, NULL);
	expect_failed(t, cruet_db_exec(t->c, "delete from people where id = 1"),
		      &cruet_db_foreign_key_kind, NULL);
	expect_failed(t,
		      cruet_db_exec(t->c, "insert into people(name) values(?)",
				    cruet_db_null()),
		      &cruet_db_not_null_kind, NULL);
	expect_failed(
		t,
		cruet_db_exec(t->c, "insert into people(name, age) values('Bob', ?)", -1),
		&cruet_db_check_kind, NULL);
	expect_int(number(t, "select count(*) from people"), 1);
	expect_int(number(t, "select count(*) from pets"), 1);
}

static void refused(struct trial *t, const char *sql, int err)
{
	if (strncmp(cruet_err_text(t->c), sql, strlen(sql)) != 0)
		broken("%s: %s: expected a text that begins with the statement", sql,
		       cruet_err_text(t->c));
	expect_failed(t, err, &cruet_db_syntax_kind, NULL);
}

/* Its text begins with the statement, so that the log has it. */
static void a_statement_that_cannot_be_run(struct trial *t)
{
	static const char *const all[] = {"selec 1",
					  "select * from nowhere",
					  "",
					  " -- nothing\n",
					  "select 1; select 2",
					  "select 1; drop table things",
					  "select ?, ?",
					  "begin",
					  "commit",
					  "rollback",
					  "savepoint a"};

	things(t);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		refused(t, all[i], cruet_db_exec(t->c, all[i]));
	refused(t, "select ?, ?", cruet_db_exec(t->c, "select ?, ?", 1));
	refused(t, "select 1", cruet_db_exec(t->c, "select 1", 1));
	expect_null(cruet_db_query(t->c, "select nowhere from things"));
	refused(t, "select nowhere from things", 500);
	expect_null(cruet_db_json(t->c, "select nowhere from things"));
	refused(t, "select nowhere from things", 500);
	exec_ok(t, "select 1 ; -- fine\n");
	expect_int(number(t, "select count(*) from things"), 0);
}

static void a_failed_statement_does_nothing(struct trial *t)
{
	people(t);
	expect_failed(
		t,
		cruet_db_exec(t->c, "insert into people(name) values('x'), ('y'), ('x')"),
		&cruet_db_unique_kind, NULL);
	expect_int(number(t, "select count(*) from people"), 1);
}

static void a_result_that_is_too_large_is_refused(struct trial *t)
{
	static const char query[] =
		"with recursive n(i) as (select 1 union all select i + 1 from n "
		"where i < 2000000) select i from n";

	expect_null(cruet_db_query(t->c, query));
	expect_failed(t, 500, &cruet_db_error_kind,
		      "with recursive n(i) as (select 1 union all select i + 1 from n "
		      "where i < "
		      "2000000) select i from n: the result has more than 64 MiB: ask "
		      "for fewer rows, "
		      "or walk them with cruet_db_each()");
	expect_null(cruet_db_json(t->c, query));
	expect_failed(t, 500, &cruet_db_error_kind, NULL);
}

static void the_schema_may_change_under_a_known_statement(struct trial *t)
{
	three(t);
	const cruet_db_row *row = last(t);
	expect_int(cruet_db_columns(row), 6);
	exec_ok(t, "alter table things add column extra text default 'new'");
	row = last(t);
	expect_int(cruet_db_columns(row), 7);
	expect_text(cruet_db_str(row, "extra"), "new");
	expect_int(cruet_db_int(row, "n"), 30);
}

const struct promise db_statements[] = {
	PROMISE(changes_and_last_id_are_of_the_last_statement),
	PROMISE(another_ctx_knows_nothing_of_it),
	PROMISE(returning_gives_rows_of_what_is_written),
	PROMISE(what_one_row_was_asked_of_is_written_whole),
	PROMISE(each_constraint_has_a_kind),
	PROMISE(a_statement_that_cannot_be_run),
	PROMISE(a_failed_statement_does_nothing),
	PROMISE(a_result_that_is_too_large_is_refused),
	PROMISE(the_schema_may_change_under_a_known_statement),
	{NULL, NULL}};
