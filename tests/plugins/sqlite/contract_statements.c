/* The contract of "db/1": what a statement did, and kinds of failures. */
#include "contract.h"

START_TEST(changes_and_last_id_are_of_the_last_statement)
{
	ck_assert_int_eq(cruet_db_last_id(c), 0);
	ck_assert_int_eq(cruet_db_changes(c), 0);
	three();
	ck_assert_int_eq(cruet_db_last_id(c), 3);
	ck_assert_int_eq(cruet_db_changes(c), 1);
	assert_exec(c, "update things set n = 0 where id > ?", 1);
	ck_assert_int_eq(cruet_db_changes(c), 2);
	ck_assert_int_eq(cruet_db_last_id(c), 0);
	assert_exec(c, "update things set n = 1 where id > ?", 100);
	ck_assert_int_eq(cruet_db_changes(c), 0);
	assert_exec(c, "delete from things");
	ck_assert_int_eq(cruet_db_changes(c), 3);
	assert_exec(c, "create table other (id " SQL_AUTO_ID ")");
	ck_assert_int_eq(cruet_db_changes(c), 0);
	number(c, "select count(*) from things");
	ck_assert_int_eq(cruet_db_changes(c), 0);
	ck_assert_int_eq(cruet_db_last_id(c), 0);
}
END_TEST

START_TEST(another_ctx_knows_nothing_of_it)
{
	three();
	cruet_close(c);
	c = open_ctx(app);
	ck_assert_int_eq(cruet_db_last_id(c), 0);
	assert_exec(c, "update things set n = 5 where id = 1");
	ck_assert_int_eq(cruet_db_last_id(c), 0);
}
END_TEST

START_TEST(returning_gives_rows_of_what_is_written)
{
	int64_t id;

	things();
	assert_ok(c,
		  cruet_db_get(c, &id, "insert into things(name) values(?) returning id",
			       "Ada"));
	ck_assert_int_eq(id, 1);
	ck_assert_int_eq(cruet_db_changes(c), 1);
	cruet_db_rows *rows =
		cruet_db_query(c, "insert into things(name) values('a'), ('b'), ('c') "
				  "returning id, name");
	ck_assert_uint_eq(cruet_db_count(rows), 3);
	assert_exec(c, "insert into things(name) values('d') returning id");
	cruet_close(c);
	c = open_ctx(app);
	ck_assert_int_eq(number(c, "select count(*) from things"), 5);
}
END_TEST

START_TEST(what_one_row_was_asked_of_is_written_whole)
{
	things();
	ck_assert_ptr_nonnull(cruet_db_one(
		c, "insert into things(name) values('a'), ('b') returning id"));
	cruet_close(c);
	c = open_ctx(app);
	ck_assert_int_eq(number(c, "select count(*) from things"), 2);
}
END_TEST

/* --- kinds of failures ----------------------------------------------------------- */

static void people(void)
{
	assert_exec(c,
		    "create table people (id " SQL_AUTO_ID ", name text not null unique, "
		    "age " SQL_INT64 " check (age >= 0))");
	assert_exec(c, "create table pets (id " SQL_AUTO_ID ", owner " SQL_INT64
		       " not null references people(id))");
	assert_exec(c, "insert into people(name, age) values('Ada', 36)");
	assert_exec(c, "insert into pets(owner) values(1)");
}

static bool descends(const cruet_errtype *kind, const cruet_errtype *from)
{
	while (kind && kind != from)
		kind = kind->parent;
	return kind != NULL;
}

START_TEST(each_constraint_has_a_kind)
{
	people();
	assert_failed(c, cruet_db_exec(c, "insert into people(name) values(?)", "Ada"),
		      &cruet_db_unique_kind, NULL);
	assert_failed(c,
		      cruet_db_exec(c, "insert into people(id, name) values(1, 'Bob')"),
		      &cruet_db_unique_kind, NULL);
	assert_failed(c, cruet_db_exec(c, "insert into pets(owner) values(?)", 99),
		      &cruet_db_foreign_key_kind, NULL);
	assert_failed(c, cruet_db_exec(c, "delete from people where id = 1"),
		      &cruet_db_foreign_key_kind, NULL);
	assert_failed(
		c,
		cruet_db_exec(c, "insert into people(name) values(?)", cruet_db_null()),
		&cruet_db_not_null_kind, NULL);
	assert_failed(
		c, cruet_db_exec(c, "insert into people(name, age) values('Bob', ?)", -1),
		&cruet_db_check_kind, NULL);
	ck_assert_int_eq(number(c, "select count(*) from people"), 1);
	ck_assert_int_eq(number(c, "select count(*) from pets"), 1);
}
END_TEST

START_TEST(kinds_have_names_statuses_and_one_parent)
{
	static const struct {
		const cruet_errtype *kind;
		int status;
		const char *name;
	} all[] = {{&cruet_db_unique_kind, 409, "db.unique"},
		   {&cruet_db_foreign_key_kind, 409, "db.foreign_key"},
		   {&cruet_db_not_null_kind, 422, "db.not_null"},
		   {&cruet_db_check_kind, 422, "db.check"},
		   {&cruet_db_busy_kind, 503, "db.busy"},
		   {&cruet_db_full_kind, 503, "db.full"},
		   {&cruet_db_unavailable_kind, 503, "db.unavailable"},
		   {&cruet_db_syntax_kind, 500, "db.syntax"},
		   {&cruet_db_error_kind, 500, "db.error"}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ck_assert_int_eq(all[i].kind->http, all[i].status);
		ck_assert_str_eq(all[i].kind->name, all[i].name);
		ck_assert(descends(all[i].kind, &cruet_db_error_kind));
	}
	ck_assert_int_eq(cruet_db_none_kind.http, 404);
	ck_assert(!descends(&cruet_db_none_kind, &cruet_db_error_kind));
}
END_TEST

START_TEST(a_statement_that_cannot_be_run)
{
	things();
	assert_failed(c, cruet_db_exec(c, "selec 1"), &cruet_db_syntax_kind, NULL);
	assert_failed(c, cruet_db_exec(c, "select * from nowhere"), &cruet_db_syntax_kind,
		      NULL);
	assert_failed(c, cruet_db_exec(c, ""), &cruet_db_syntax_kind,
		      ": there is no statement in it");
	assert_failed(c, cruet_db_exec(c, " -- nothing\n"), &cruet_db_syntax_kind, NULL);
	assert_failed(
		c, cruet_db_exec(c, "select 1; select 2"), &cruet_db_syntax_kind,
		"select 1; select 2: one statement at a time: more text follows it");
	assert_failed(c, cruet_db_exec(c, "select 1; drop table things"),
		      &cruet_db_syntax_kind, NULL);
	assert_failed(c, cruet_db_exec(c, "select ?, ?", 1), &cruet_db_syntax_kind,
		      "select ?, ?: the statement takes 2 values, and 1 came");
	assert_failed(c, cruet_db_exec(c, "select 1", 1), &cruet_db_syntax_kind,
		      "select 1: the statement takes 0 values, and 1 came");
	assert_failed(c, cruet_db_exec(c, "select ?"), &cruet_db_syntax_kind,
		      "select ?: the statement takes 1 value, and 0 came");
	ck_assert_ptr_null(cruet_db_query(c, "select nowhere from things"));
	assert_failed(c, 500, &cruet_db_syntax_kind, NULL);
	ck_assert_ptr_null(cruet_db_json(c, "select nowhere from things"));
	assert_failed(c, 500, &cruet_db_syntax_kind, NULL);
	assert_exec(c, "select 1 ; -- fine\n");
	ck_assert_int_eq(cruet_db_exec(c, NULL), CRUET_EINVAL);
	ck_assert_str_eq(cruet_err_text(c), "a statement is NULL");
}
END_TEST

START_TEST(the_text_of_a_transaction_is_refused)
{
	static const char *const all[] = {"begin", "commit", "rollback", "savepoint a"};

	things();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int err = cruet_db_exec(c, all[i]);
		assert_failed(c, err, &cruet_db_syntax_kind,
			      textf("%s: transactions are made with cruet_db_begin(), "
				    "cruet_db_commit() and cruet_db_rollback(), and "
				    "other files are "
				    "opened as instances of the plugin",
				    all[i]));
	}
	assert_exec(c, "insert into things(n) values(1)");
}
END_TEST

START_TEST(a_failed_statement_does_nothing)
{
	people();
	assert_failed(
		c, cruet_db_exec(c, "insert into people(name) values('x'), ('y'), ('x')"),
		&cruet_db_unique_kind, NULL);
	ck_assert_int_eq(number(c, "select count(*) from people"), 1);
}
END_TEST

START_TEST(a_result_that_is_too_large_is_refused)
{
	static const char query[] =
		"with recursive n(i) as (select 1 union all select i + 1 from n "
		"where i < 2000000) select i from n";

	ck_assert_ptr_null(cruet_db_query(c, query));
	assert_failed(c, 500, &cruet_db_error_kind,
		      "with recursive n(i) as (select 1 union all select i + 1 from n "
		      "where i < "
		      "2000000) select i from n: the result has more than 64 MiB: ask "
		      "for fewer rows, "
		      "or walk them with cruet_db_each()");
	ck_assert_ptr_null(cruet_db_json(c, query));
	assert_failed(c, 500, &cruet_db_error_kind, NULL);
}
END_TEST

START_TEST(the_schema_may_change_under_a_known_statement)
{
	three();
	const cruet_db_row *row = last();
	ck_assert_uint_eq(cruet_db_columns(row), 6);
	assert_exec(c, "alter table things add column extra text default 'new'");
	row = last();
	ck_assert_uint_eq(cruet_db_columns(row), 7);
	ck_assert_str_eq(cruet_db_str(row, "extra"), "new");
	ck_assert_int_eq(cruet_db_int(row, "n"), 30);
}
END_TEST

CONTRACT("db_statements", changes_and_last_id_are_of_the_last_statement,
	 another_ctx_knows_nothing_of_it, returning_gives_rows_of_what_is_written,
	 what_one_row_was_asked_of_is_written_whole, each_constraint_has_a_kind,
	 kinds_have_names_statuses_and_one_parent, a_statement_that_cannot_be_run,
	 the_text_of_a_transaction_is_refused, a_failed_statement_does_nothing,
	 a_result_that_is_too_large_is_refused,
	 the_schema_may_change_under_a_known_statement)
