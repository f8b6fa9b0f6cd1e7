/* The cache of prepared statements: what it keeps, and how much. */
#include "stmt.h"

#include <stdio.h>
#include "../../suite.h"

static sqlite3 *db;
static struct stmts all;

static void setup(void)
{
	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	all = (struct stmts){.max = 2};
}

static void teardown(void)
{
	stmts_free(&all);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK); /* nothing was left behind */
}

/* Statements that SQLite knows of. */
static int alive(void)
{
	int n = 0;

	for (sqlite3_stmt *st = sqlite3_next_stmt(db, NULL); st;
	     st = sqlite3_next_stmt(db, st))
		n++;
	return n;
}

static struct stmt *take(const char *sql)
{
	struct stmt *s;

	ck_assert_int_eq(stmt_take(db, &all, sql, &s), SQLITE_OK);
	return s;
}

static sqlite3_stmt *use(const char *sql)
{
	struct stmt *s = take(sql);
	sqlite3_stmt *st = s->st;

	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	ck_assert_int_eq(stmt_end(s), SQLITE_OK);
	stmt_give(s);
	return st;
}

START_TEST(the_same_text_is_prepared_once)
{
	sqlite3_stmt *a = use("select 1");

	ck_assert_ptr_eq(use("select 1"), a);
	ck_assert_ptr_ne(use("select 2"), a);
	ck_assert_int_eq(alive(), 2);
}
END_TEST

START_TEST(the_bound_holds)
{
	char sql[32];

	for (int i = 0; i < 100; i++) {
		snprintf(sql, sizeof sql, "select %d", i);
		use(sql);
		ck_assert_int_le(alive(), 2);
	}
}
END_TEST

START_TEST(what_was_used_longest_ago_goes_first)
{
	sqlite3_stmt *a = use("select 'a'");

	use("select 'b'");
	use("select 'a'");
	use("select 'c'");
	ck_assert_str_eq(all.first->sql, "select 'c'");
	ck_assert_ptr_eq(use("select 'a'"), a);
	ck_assert_ptr_eq(all.first->st, a);
	ck_assert_str_eq(all.first->next->sql, "select 'c'");
	ck_assert_int_eq(alive(), 2);
}
END_TEST

START_TEST(what_is_in_use_stays)
{
	struct stmt *a = take("select 'a'"), *b = take("select 'b'");
	struct stmt *extra = take("select 'c'");

	ck_assert_int_eq(alive(), 3);
	ck_assert(a->kept && b->kept && !extra->kept);
	stmt_give(extra);
	ck_assert_int_eq(alive(), 2);
	stmt_give(a);
	use("select 'd'");
	ck_assert_int_eq(alive(), 2);
	stmt_give(b);
	use("select 'b'");
	ck_assert_int_eq(alive(), 2);
}
END_TEST

START_TEST(one_text_may_be_out_twice)
{
	struct stmt *outer = take("select 1"), *inner = take("select 1");

	ck_assert_ptr_ne(outer->st, inner->st);
	stmt_give(inner);
	stmt_give(outer);
	ck_assert_int_le(alive(), 2);
}
END_TEST

START_TEST(none_need_be_kept)
{
	all.max = 0;
	use("select 1");
	use("select 1");
	ck_assert_int_eq(alive(), 0);
}
END_TEST

START_TEST(values_of_the_last_use_are_gone)
{
	struct stmt *s = take("select ?");

	sqlite3_bind_int(s->st, 1, 7);
	ck_assert_int_eq(sqlite3_step(s->st), SQLITE_ROW);
	stmt_end(s);
	stmt_give(s);
	s = take("select ?");
	ck_assert_int_eq(sqlite3_step(s->st), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_column_type(s->st, 0), SQLITE_NULL);
	stmt_end(s);
	stmt_give(s);
}
END_TEST

START_TEST(what_is_no_single_statement_is_not_kept)
{
	struct stmt *s;

	ck_assert_int_eq(stmt_take(db, &all, "", &s), STMT_EMPTY);
	ck_assert_int_eq(stmt_take(db, &all, " ;; /* x */ -- y", &s), STMT_EMPTY);
	ck_assert_int_eq(stmt_take(db, &all, "select 1; select 2", &s),
			 STMT_MORE_THAN_ONE);
	ck_assert_int_eq(stmt_take(db, &all, "select 1; nonsense", &s),
			 STMT_MORE_THAN_ONE);
	ck_assert_int_eq(stmt_take(db, &all, "nonsense", &s), SQLITE_ERROR);
	ck_assert_int_eq(alive(), 0);
	ck_assert_ptr_null(all.first);
	use("select 1;; /* x */ -- y");
}
END_TEST

START_TEST(what_is_still_running_can_be_ended)
{
	struct stmt *s = take("select 1 union select 2");

	ck_assert_int_eq(sqlite3_step(s->st), SQLITE_ROW);
	stmts_end(&all);
	ck_assert(!sqlite3_stmt_busy(s->st));
	ck_assert_ptr_eq(take("select 1 union select 2"), s);
	stmt_give(s);
}
END_TEST

SUITE_WITH("sqlite_stmt", setup, teardown, the_same_text_is_prepared_once,
	   the_bound_holds, what_was_used_longest_ago_goes_first, what_is_in_use_stays,
	   one_text_may_be_out_twice, none_need_be_kept, values_of_the_last_use_are_gone,
	   what_is_no_single_statement_is_not_kept, what_is_still_running_can_be_ended)
