/* The promises of "db/1": what is read from rows, and rows as JSON. */
#include "db.h"

#include <math.h>

static void rows_are_walked_one_by_one(struct trial *t)
{
	three(t);
	cruet_db_rows *rows =
		cruet_db_query(t->c, "select id, n from things order by id");
	const cruet_db_row *row;
	int64_t sum = 0;

	expect_int(cruet_db_count(rows), 3);
	while ((row = cruet_db_next(rows)))
		sum += cruet_db_int(row, "n");
	expect_int(sum, 60);
	expect_null(cruet_db_next(rows));
}

static void no_rows_are_no_failure(struct trial *t)
{
	things(t);
	cruet_db_rows *rows = cruet_db_query(t->c, "select * from things");
	expect(rows);
	expect_int(cruet_db_count(rows), 0);
	expect_null(cruet_db_next(rows));
	expect_null(cruet_db_next(NULL));
	expect_int(cruet_db_count(NULL), 0);
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void a_row_outlives_its_table(struct trial *t)
{
	three(t);
	const cruet_db_row *row =
		cruet_db_one(t->c, "select name from things where id = ?", 2);
	exec_ok(t, "drop table things");
	expect_text(cruet_db_str(row, "name"), "two");
}

static void one_row_there_must_be(struct trial *t)
{
	three(t);
	expect_int(cruet_db_int(cruet_db_one(t->c, "select n from things where name = ?",
					     "two"),
				"n"),
		   20);
	expect_null(cruet_db_one(t->c, "select n from things where id = ?", 99));
	expect_failed(t, 404, &cruet_db_none_kind,
		      "select n from things where id = ?: there is no such row");
}

static void one_row_of_an_endless_result(struct trial *t)
{
	const cruet_db_row *row = cruet_db_one(
		t->c, "with recursive n(i) as (select 1 union all select i + 1 from "
		      "n) select i from n");
	expect_int(cruet_db_int(row, "i"), 1);
}

static void one_value_of_each_type(struct trial *t)
{
	int64_t n = 7;
	double r;
	bool yes;
	const char *name;

	three(t);
	expect_ok(t,
		  cruet_db_get(t->c, &n, "select count(*) from things where n > ?", 10));
	expect_int(n, 2);
	expect_ok(t, cruet_db_get(t->c, &r, "select r from things where id = 1"));
	expect_same(r, 0);
	expect_ok(t,
		  cruet_db_get(t->c, &name, "select name from things where id = ?", 2));
	expect_text(name, "two");
	expect_ok(t, cruet_db_get(t->c, &yes, "select count(*) > 2 from things"));
	expect(yes);
	int err = cruet_db_get(t->c, &n, "select n from things where id = 99");
	expect_int(n, 0);
	expect_failed(t, err, &cruet_db_none_kind, NULL);
}

static void columns_by_place(struct trial *t)
{
	three(t);
	const cruet_db_row *row =
		cruet_db_one(t->c, "select id, name, r from things where id = 2");
	expect_int(cruet_db_columns(row), 3);
	expect_text(cruet_db_column(row, 1), "name");
	expect_null(cruet_db_column(row, 3));
	expect_int(cruet_db_int_at(row, 0), 2);
	expect_text(cruet_db_str_at(row, 1), "two");
	expect_same(cruet_db_real_at(row, 2), 0);
	expect(cruet_db_bool_at(row, 0));
	expect_int(cruet_db_at(row, 2)->kind, CRUET_DB_NULL);
	expect_int(cruet_db_columns(NULL), 0);
}

static void a_column_that_is_not_there_is_a_sentence(struct trial *t)
{
	three(t);
	const cruet_db_row *row =
		cruet_db_one(t->c, "select id, name from things where id = 2");
	expect_null(cruet_db_str(row, "nmae"));
	expect_int(cruet_err(t->c), CRUET_EINVAL);
	expect_text(cruet_err_text(t->c),
		    "there is no column \"nmae\": the statement gives id, name");
	cruet_err_clear(t->c);
	expect_int(cruet_db_int_at(row, 2), 0);
	expect_text(cruet_err_text(t->c),
		    "there is no column 2: the statement gives 2, counted from 0");
	cruet_err_clear(t->c);
	expect_null(cruet_db_str(NULL, "name"));
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void numbers_as_text_and_text_as_numbers(struct trial *t)
{
	things(t);
	exec_ok(t, "insert into things(name, n, r) values(?, ?, ?)", "-12", 42, 0.1);
	expect_text(cruet_db_str(last(t), "n"), "42");
	expect_text(cruet_db_str(last(t), "r"), "0.1");
	expect_int(cruet_db_int(last(t), "name"), -12);
	expect_same(cruet_db_real(last(t), "name"), -12);
	expect_same(cruet_db_real(last(t), "n"), 42);
	exec_ok(t, "update things set r = 3");
	expect_int(cruet_db_int(last(t), "r"), 3);
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void misfits(struct trial *t, const char *sentence)
{
	expect_int(cruet_err(t->c), CRUET_EINVAL);
	expect_text(cruet_err_text(t->c), sentence);
	cruet_err_clear(t->c);
}

static void what_does_not_fit_is_a_sentence(struct trial *t)
{
	size_t len;

	things(t);
	exec_ok(t, "insert into things(name, r, b) values(?, ?, ?)", "Ada", 1.5,
		cruet_db_blob("a\0b", 3));
	const cruet_db_row *row = last(t);
	expect_int(cruet_db_int(row, "name"), 0);
	misfits(t, "column \"name\" holds text that is no 64-bit integer");
	expect_same(cruet_db_real(row, "name"), 0);
	misfits(t, "column \"name\" holds text that is no number");
	expect_int(cruet_db_int(row, "r"), 0);
	misfits(t, "column \"r\" holds a real that is no 64-bit integer");
	expect_null(cruet_db_str(row, "b"));
	misfits(t, "column \"b\" holds bytes: read it with cruet_db_bytes()");
	expect_int(cruet_db_int(row, "b"), 0);
	misfits(t, "column \"b\" holds bytes: read it with cruet_db_bytes()");
	const void *ada = cruet_db_bytes(row, "name", &len);
	expect_bytes(ada, len, "Ada", 3);
	exec_ok(t, "update things set r = ?", 0x1p63);
	expect_int(cruet_db_int(last(t), "r"), 0);
	misfits(t, "column \"r\" holds a real that is no 64-bit integer");
}

struct walked {
	int seen, stop_at, result;
	int64_t sum;
};

static int add_up(cruet_ctx *ctx, const cruet_db_row *row, void *arg)
{
	struct walked *w = arg;

	w->sum += cruet_db_int(row, "n");
	w->seen++;
	int err = cruet_db_exec(ctx, "update things set r = ? where id = ?", 0.5,
				cruet_db_int(row, "id"));
	if (err)
		return err;
	return w->seen == w->stop_at ? w->result : CRUET_OK;
}

static void each_row_is_handed_out_and_may_be_worked_on(struct trial *t)
{
	struct walked w = {0};

	three(t);
	expect_ok(t, cruet_db_each(t->c, add_up, &w,
				   "select id, n from things where n > ?", 5));
	expect_int(w.seen, 3);
	expect_int(w.sum, 60);
	expect_int(number(t, "select count(*) from things where r = 0.5"), 3);
}

static void a_walk_ends_when_its_function_says_so(struct trial *t)
{
	struct walked w = {.stop_at = 2, .result = 404};

	three(t);
	expect_int(cruet_db_each(t->c, add_up, &w, "select id, n from things"), 404);
	expect_int(w.seen, 2);
	expect_int(cruet_err(t->c), CRUET_OK);
	w = (struct walked){.stop_at = 1, .result = CRUET_DONE};
	expect_int(cruet_db_each(t->c, add_up, &w, "select id, n from things"),
		   CRUET_DONE);
	expect_int(w.seen, 1);
}

static int ask_again(cruet_ctx *ctx, const cruet_db_row *row, void *arg)
{
	struct walked *w = arg;

	if (w->stop_at-- > 0)
		return cruet_db_each(ctx, ask_again, arg,
				     "select n from things where n > ?",
				     cruet_db_int(row, "n"));
	w->seen++;
	return CRUET_OK;
}

static void one_statement_may_run_inside_itself(struct trial *t)
{
	struct walked w = {.stop_at = 1};

	three(t); /* inside the first row: two more; then the other two */
	expect_ok(t, cruet_db_each(t->c, ask_again, &w,
				   "select n from things where n > ?", 0));
	expect_int(w.seen, 4);
}

/* --- JSON ------------------------------------------------------------------------ */

static void rows_as_json(struct trial *t)
{
	things(t);
	exec_ok(t, "insert into things(name, n, r, b, yes) values(?, ?, ?, ?, ?)",
		"say \"hi\"\n", INT64_MAX, 0.1, cruet_db_blob("\0\xff\x10z", 4), true);
	exec_ok(t, "insert into things(n, yes) values(?, ?)", INT64_MIN, false);
	expect_json(t, cruet_db_json(t->c, "select * from things order by id"),
		    "[{\"id\":1,\"name\":\"say \\\"hi\\\"\\n\",\"n\":9223372036854775807,"
		    "\"r\":0.1,\"b\":\"AP8Qeg==\",\"yes\":true},"
		    "{\"id\":2,\"name\":null,\"n\":-9223372036854775808,\"r\":null,\"b\":"
		    "null,"
		    "\"yes\":false}]");
	expect_json(t, cruet_db_json(t->c, "select id from things where id > ?", 7),
		    "[]");
	expect_json(t,
		    cruet_db_json_one(t->c, "select n, id from things where id = ?", 2),
		    "{\"n\":-9223372036854775808,\"id\":2}");
	expect_null(cruet_db_json_one(t->c, "select n from things where id = ?", 7));
	expect_failed(t, 404, &cruet_db_none_kind, NULL);
}

static void bytes_of_every_length_are_base64(struct trial *t)
{
	static const char *const expected[] = {"\"\"", "\"TQ==\"", "\"TWE=\"", "\"TWFu\"",
					       "\"TWFuTQ==\""};
	things(t);
	for (size_t i = 0; i < 5; i++) {
		exec_ok(t, "insert into things(b) values(?)", cruet_db_blob("ManM", i));
		expect_json(
			t,
			cruet_db_json_one(t->c, "select b from things order by id desc"),
			cruet_printf(t->c, "{\"b\":%s}", expected[i]));
	}
}

static void json_has_no_infinity(struct trial *t)
{
	things(t);
	exec_ok(t, "insert into things(r) values(?)", INFINITY);
	expect_json(t, cruet_db_json_one(t->c, "select r from things"), "{\"r\":null}");
}

static void two_columns_of_one_name_are_no_object(struct trial *t)
{
	three(t);
	expect_null(cruet_db_json(t->c, "select id, n as id from things"));
	expect_failed(t, 500, &cruet_db_syntax_kind,
		      "the statement gives two columns named \"id\": name one of them "
		      "with \"as\"");
	expect_null(cruet_db_json_one(t->c, "select id, n as id from things"));
	expect_failed(t, 500, &cruet_db_syntax_kind, NULL);
}

const struct promise db_rows[] = {PROMISE(rows_are_walked_one_by_one),
				  PROMISE(no_rows_are_no_failure),
				  PROMISE(a_row_outlives_its_table),
				  PROMISE(one_row_there_must_be),
				  PROMISE(one_row_of_an_endless_result),
				  PROMISE(one_value_of_each_type),
				  PROMISE(columns_by_place),
				  PROMISE(a_column_that_is_not_there_is_a_sentence),
				  PROMISE(numbers_as_text_and_text_as_numbers),
				  PROMISE(what_does_not_fit_is_a_sentence),
				  PROMISE(each_row_is_handed_out_and_may_be_worked_on),
				  PROMISE(a_walk_ends_when_its_function_says_so),
				  PROMISE(one_statement_may_run_inside_itself),
				  PROMISE(rows_as_json),
				  PROMISE(bytes_of_every_length_are_base64),
				  PROMISE(json_has_no_infinity),
				  PROMISE(two_columns_of_one_name_are_no_object),
				  {NULL, NULL}};
