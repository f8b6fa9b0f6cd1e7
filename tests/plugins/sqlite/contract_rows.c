/* The contract of "db/1": what is read from rows, and rows as JSON. */
#include "contract.h"

#include <math.h>

START_TEST(rows_are_walked_one_by_one)
{
	three();
	cruet_db_rows *rows = cruet_db_query(c, "select id, n from things order by id");
	const cruet_db_row *row;
	int64_t sum = 0;

	ck_assert_uint_eq(cruet_db_count(rows), 3);
	while ((row = cruet_db_next(rows)))
		sum += cruet_db_int(row, "n");
	ck_assert_int_eq(sum, 60);
	ck_assert_ptr_null(cruet_db_next(rows));
}
END_TEST

START_TEST(no_rows_are_no_failure)
{
	things();
	cruet_db_rows *rows = cruet_db_query(c, "select * from things");
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(cruet_db_count(rows), 0);
	ck_assert_ptr_null(cruet_db_next(rows));
	ck_assert_ptr_null(cruet_db_next(NULL));
	ck_assert_uint_eq(cruet_db_count(NULL), 0);
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
}
END_TEST

START_TEST(a_row_outlives_its_table)
{
	three();
	const cruet_db_row *row =
		cruet_db_one(c, "select name from things where id = ?", 2);
	assert_exec(c, "drop table things");
	ck_assert_str_eq(cruet_db_str(row, "name"), "two");
}
END_TEST

START_TEST(one_row_there_must_be)
{
	three();
	ck_assert_int_eq(
		cruet_db_int(
			cruet_db_one(c, "select n from things where name = ?", "two"),
			"n"),
		20);
	ck_assert_ptr_null(cruet_db_one(c, "select n from things where id = ?", 99));
	assert_failed(c, 404, &cruet_db_none_kind,
		      "select n from things where id = ?: there is no such row");
}
END_TEST

START_TEST(one_row_of_an_endless_result)
{
	const cruet_db_row *row = cruet_db_one(
		c, "with recursive n(i) as (select 1 union all select i + 1 from "
		   "n) select i from n");
	ck_assert_int_eq(cruet_db_int(row, "i"), 1);
}
END_TEST

START_TEST(one_value_of_each_type)
{
	int64_t n = 7;
	double r;
	bool yes;
	const char *name;

	three();
	assert_ok(c, cruet_db_get(c, &n, "select count(*) from things where n > ?", 10));
	ck_assert_int_eq(n, 2);
	assert_ok(c, cruet_db_get(c, &r, "select r from things where id = 1"));
	ck_assert_double_eq(r, 0);
	assert_ok(c, cruet_db_get(c, &name, "select name from things where id = ?", 2));
	ck_assert_str_eq(name, "two");
	assert_ok(c, cruet_db_get(c, &yes, "select count(*) > 2 from things"));
	ck_assert(yes);
	int err = cruet_db_get(c, &n, "select n from things where id = 99");
	ck_assert_int_eq(n, 0);
	assert_failed(c, err, &cruet_db_none_kind, NULL);
}
END_TEST

START_TEST(columns_by_place)
{
	three();
	const cruet_db_row *row =
		cruet_db_one(c, "select id, name, r from things where id = 2");
	ck_assert_uint_eq(cruet_db_columns(row), 3);
	ck_assert_str_eq(cruet_db_column(row, 1), "name");
	ck_assert_ptr_null(cruet_db_column(row, 3));
	ck_assert_int_eq(cruet_db_int_at(row, 0), 2);
	ck_assert_str_eq(cruet_db_str_at(row, 1), "two");
	ck_assert_double_eq(cruet_db_real_at(row, 2), 0);
	ck_assert(cruet_db_bool_at(row, 0));
	ck_assert_int_eq(cruet_db_at(row, 2)->kind, CRUET_DB_NULL);
	ck_assert_uint_eq(cruet_db_columns(NULL), 0);
}
END_TEST

START_TEST(a_column_that_is_not_there_is_a_sentence)
{
	three();
	const cruet_db_row *row =
		cruet_db_one(c, "select id, name from things where id = 2");
	ck_assert_ptr_null(cruet_db_str(row, "nmae"));
	ck_assert_int_eq(cruet_err(c), CRUET_EINVAL);
	ck_assert_str_eq(cruet_err_text(c),
			 "there is no column \"nmae\": the statement gives id, name");
	cruet_err_clear(c);
	ck_assert_int_eq(cruet_db_int_at(row, 2), 0);
	ck_assert_str_eq(cruet_err_text(c),
			 "there is no column 2: the statement gives 2, counted from 0");
	cruet_err_clear(c);
	ck_assert_ptr_null(cruet_db_str(NULL, "name"));
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
}
END_TEST

START_TEST(numbers_as_text_and_text_as_numbers)
{
	things();
	assert_exec(c, "insert into things(name, n, r) values(?, ?, ?)", "-12", 42, 0.1);
	ck_assert_str_eq(cruet_db_str(last(), "n"), "42");
	ck_assert_str_eq(cruet_db_str(last(), "r"), "0.1");
	ck_assert_int_eq(cruet_db_int(last(), "name"), -12);
	ck_assert_double_eq(cruet_db_real(last(), "name"), -12);
	ck_assert_double_eq(cruet_db_real(last(), "n"), 42);
	assert_exec(c, "update things set r = 3");
	ck_assert_int_eq(cruet_db_int(last(), "r"), 3);
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
}
END_TEST

static void misfits(const char *sentence)
{
	ck_assert_int_eq(cruet_err(c), CRUET_EINVAL);
	ck_assert_str_eq(cruet_err_text(c), sentence);
	cruet_err_clear(c);
}

START_TEST(what_does_not_fit_is_a_sentence)
{
	size_t len;

	things();
	assert_exec(c, "insert into things(name, r, b) values(?, ?, ?)", "Ada", 1.5,
		    cruet_db_blob("a\0b", 3));
	const cruet_db_row *row = last();
	ck_assert_int_eq(cruet_db_int(row, "name"), 0);
	misfits("column \"name\" holds text that is no 64-bit integer");
	ck_assert_double_eq(cruet_db_real(row, "name"), 0);
	misfits("column \"name\" holds text that is no number");
	ck_assert_int_eq(cruet_db_int(row, "r"), 0);
	misfits("column \"r\" holds a real that is no 64-bit integer");
	ck_assert_ptr_null(cruet_db_str(row, "b"));
	misfits("column \"b\" holds bytes: read it with cruet_db_bytes()");
	ck_assert_int_eq(cruet_db_int(row, "b"), 0);
	misfits("column \"b\" holds bytes: read it with cruet_db_bytes()");
	ck_assert_mem_eq(cruet_db_bytes(row, "name", &len), "Ada", 3);
	ck_assert_uint_eq(len, 3);
	assert_exec(c, "update things set r = ?", 0x1p63);
	ck_assert_int_eq(cruet_db_int(last(), "r"), 0);
	misfits("column \"r\" holds a real that is no 64-bit integer");
}
END_TEST

struct walked {
	int seen, stop_at, result;
	int64_t sum;
};

static int add_up(cruet_ctx *ctx, const cruet_db_row *row, void *arg)
{
	struct walked *w = arg;

	w->sum += cruet_db_int(row, "n");
	w->seen++;
	assert_exec(ctx, "update things set r = ? where id = ?", 0.5,
		    cruet_db_int(row, "id"));
	return w->seen == w->stop_at ? w->result : CRUET_OK;
}

START_TEST(each_row_is_handed_out_and_may_be_worked_on)
{
	struct walked w = {0};

	three();
	assert_ok(c, cruet_db_each(c, add_up, &w, "select id, n from things where n > ?",
				   5));
	ck_assert_int_eq(w.seen, 3);
	ck_assert_int_eq(w.sum, 60);
	ck_assert_int_eq(number(c, "select count(*) from things where r = 0.5"), 3);
}
END_TEST

START_TEST(a_walk_ends_when_its_function_says_so)
{
	struct walked w = {.stop_at = 2, .result = 404};

	three();
	ck_assert_int_eq(cruet_db_each(c, add_up, &w, "select id, n from things"), 404);
	ck_assert_int_eq(w.seen, 2);
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	w = (struct walked){.stop_at = 1, .result = CRUET_DONE};
	ck_assert_int_eq(cruet_db_each(c, add_up, &w, "select id, n from things"),
			 CRUET_DONE);
	ck_assert_int_eq(w.seen, 1);
}
END_TEST

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

START_TEST(one_statement_may_run_inside_itself)
{
	struct walked w = {.stop_at = 1};

	three(); /* inside the first row: two more; then the other two */
	assert_ok(c,
		  cruet_db_each(c, ask_again, &w, "select n from things where n > ?", 0));
	ck_assert_int_eq(w.seen, 4);
}
END_TEST

/* --- JSON ------------------------------------------------------------------------ */

START_TEST(rows_as_json)
{
	things();
	assert_exec(c, "insert into things(name, n, r, b, yes) values(?, ?, ?, ?, ?)",
		    "say \"hi\"\n", INT64_MAX, 0.1, cruet_db_blob("\0\xff\x10z", 4),
		    true);
	assert_exec(c, "insert into things(n, yes) values(?, ?)", INT64_MIN, false);
	assert_json(c, cruet_db_json(c, "select * from things order by id"),
		    "[{\"id\":1,\"name\":\"say \\\"hi\\\"\\n\",\"n\":9223372036854775807,"
		    "\"r\":0.1,\"b\":\"AP8Qeg==\",\"yes\":true},"
		    "{\"id\":2,\"name\":null,\"n\":-9223372036854775808,\"r\":null,\"b\":"
		    "null,"
		    "\"yes\":false}]");
	assert_json(c, cruet_db_json(c, "select id from things where id > ?", 7), "[]");
	assert_json(c, cruet_db_json_one(c, "select n, id from things where id = ?", 2),
		    "{\"n\":-9223372036854775808,\"id\":2}");
	ck_assert_ptr_null(cruet_db_json_one(c, "select n from things where id = ?", 7));
	assert_failed(c, 404, &cruet_db_none_kind, NULL);
}
END_TEST

START_TEST(bytes_of_every_length_are_base64)
{
	static const char *const expected[] = {"\"\"", "\"TQ==\"", "\"TWE=\"", "\"TWFu\"",
					       "\"TWFuTQ==\""};
	things();
	for (size_t i = 0; i < 5; i++) {
		assert_exec(c, "insert into things(b) values(?)",
			    cruet_db_blob("ManM", i));
		assert_json(c,
			    cruet_db_json_one(c, "select b from things order by id desc"),
			    textf("{\"b\":%s}", expected[i]));
	}
}
END_TEST

START_TEST(json_has_no_infinity)
{
	things();
	assert_exec(c, "insert into things(r) values(?)", INFINITY);
	assert_json(c, cruet_db_json_one(c, "select r from things"), "{\"r\":null}");
}
END_TEST

START_TEST(two_columns_of_one_name_are_no_object)
{
	three();
	ck_assert_ptr_null(cruet_db_json(c, "select id, n as id from things"));
	assert_failed(c, 500, &cruet_db_syntax_kind,
		      "the statement gives two columns named \"id\": name one of them "
		      "with \"as\"");
	ck_assert_ptr_null(cruet_db_json_one(c, "select id, n as id from things"));
	assert_failed(c, 500, &cruet_db_syntax_kind, NULL);
}
END_TEST

CONTRACT("db_rows", rows_are_walked_one_by_one, no_rows_are_no_failure,
	 a_row_outlives_its_table, one_row_there_must_be, one_row_of_an_endless_result,
	 one_value_of_each_type, columns_by_place,
	 a_column_that_is_not_there_is_a_sentence, numbers_as_text_and_text_as_numbers,
	 what_does_not_fit_is_a_sentence, each_row_is_handed_out_and_may_be_worked_on,
	 a_walk_ends_when_its_function_says_so, one_statement_may_run_inside_itself,
	 rows_as_json, bytes_of_every_length_are_base64, json_has_no_infinity,
	 two_columns_of_one_name_are_no_object)
