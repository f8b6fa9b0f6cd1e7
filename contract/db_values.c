/* The promises of "db/1": values in and out. */
#include "db.h"

static void each_type_comes_back_as_it_went(struct trial *t)
{
	const unsigned char bytes[] = {0, 1, 0xff, 0};
	size_t len;

	things(t);
	exec_ok(t, "insert into things(name, n, r, b, yes) values(?, ?, ?, ?, ?)", "Ada",
		42, 1.5, cruet_db_blob(bytes, sizeof bytes), true);
	const cruet_db_row *row = last(t);
	expect_text(cruet_db_str(row, "name"), "Ada");
	expect_int(cruet_db_int(row, "n"), 42);
	expect_same(cruet_db_real(row, "r"), 1.5);
	const void *p = cruet_db_bytes(row, "b", &len);
	expect_bytes(p, len, bytes, sizeof bytes);
	expect(cruet_db_bool(row, "yes"));
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void integers_are_exact_to_64_bits(struct trial *t)
{
	const int64_t all[] = {INT64_MIN, -9007199254740993, -1,
			       0,	  9007199254740993,  INT64_MAX};

	things(t);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		exec_ok(t, "insert into things(n) values(?)", all[i]);
		expect_int(cruet_db_int(last(t), "n"), all[i]);
	}
}

static void every_c_type_of_a_number_can_be_given(struct trial *t)
{
	const char small = 1;
	const unsigned char byte = 2;
	const short s = 3;
	const unsigned u = 4;
	const size_t z = 5;
	const long long ll = 6;
	const float f = 0.5f;
	int64_t sum;

	things(t);
	exec_ok(t, "insert into things(n) values(?), (?), (?), (?), (?), (?)", small,
		byte, s, u, z, ll);
	expect_ok(t, cruet_db_get(t->c, &sum, "select sum(n) from things"));
	expect_int(sum, 21);
	exec_ok(t, "insert into things(r, yes) values(?, ?)", f, z == 5);
	expect_same(cruet_db_real(last(t), "r"), 0.5);
}

static void an_integer_that_is_too_large_is_refused(struct trial *t)
{
	things(t);
	int err = cruet_db_exec(t->c, "insert into things(n) values(?)", UINT64_MAX);
	expect_int(err, CRUET_EINVAL);
	expect_text(
		cruet_err_text(t->c),
		"insert into things(n) values(?): value 1 is no value of a database: an "
		"integer may be at most 9223372036854775807");
	cruet_err_clear(t->c);
	exec_ok(t, "insert into things(n) values(?)", (uint64_t)INT64_MAX);
	expect_int(number(t, "select count(*) from things"), 1);
}

static void null_is_null(struct trial *t)
{
	const char *nothing = NULL;
	size_t len = 7;

	things(t);
	exec_ok(t, "insert into things(name, n, b) values(?, ?, ?)", nothing,
		cruet_db_null(), cruet_db_blob(NULL, 3));
	const cruet_db_row *row = last(t);
	expect_null(cruet_db_str(row, "name"));
	expect_int(cruet_db_int(row, "n"), 0);
	expect_same(cruet_db_real(row, "r"), 0);
	expect(!cruet_db_bool(row, "yes"));
	expect_null(cruet_db_bytes(row, "b", &len));
	expect_int(len, 0);
	expect(cruet_db_is_null(row, "name"));
	expect(!cruet_db_is_null(row, "id"));
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void empty_is_not_null(struct trial *t)
{
	size_t len = 7;

	things(t);
	exec_ok(t, "insert into things(name, b) values(?, ?)", "", cruet_db_blob("", 0));
	const cruet_db_row *row = last(t);
	expect_text(cruet_db_str(row, "name"), "");
	expect(cruet_db_bytes(row, "b", &len));
	expect_int(len, 0);
}

static void a_value_is_never_sql(struct trial *t)
{
	const char *evil = "'); drop table things; --";

	things(t);
	exec_ok(t, "insert into things(name) values(?)", evil);
	expect_text(cruet_db_str(last(t), "name"), evil);
	expect_int(number(t, "select count(*) from things"), 1);
}

static void text_of_any_language_and_length(struct trial *t)
{
	char *large = malloc(1 << 20);

	things(t);
	expect(large);
	memset(large, 'x', 1 << 20);
	exec_ok(t, "insert into things(name) values(?)",
		"\xf0\x9f\x8d\x87 \xc3\xa4\xe8\x91\xa1");
	expect_text(cruet_db_str(last(t), "name"),
		    "\xf0\x9f\x8d\x87 \xc3\xa4\xe8\x91\xa1");
	exec_ok(t, "insert into things(name) values(?)", cruet_db_text(large, 1 << 20));
	expect_int(strlen(cruet_db_str(last(t), "name")), 1 << 20);
	free(large);
}

static void sixteen_values_and_more_by_array(struct trial *t)
{
	cruet_db_value many[20];
	int64_t sum;

	expect_ok(t, cruet_db_get(t->c, &sum, "select ?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?", 1,
				  2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
	expect_int(sum, 136);
	for (int i = 0; i < 20; i++)
		many[i] = (cruet_db_value){.kind = CRUET_DB_INT, .as.i = 1};
	expect_ok(t, cruet_db_get_int_v(t->c, &sum,
					"select ?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?",
					20, many));
	expect_int(sum, 20);
}

const struct promise db_values[] = {PROMISE(each_type_comes_back_as_it_went),
				    PROMISE(integers_are_exact_to_64_bits),
				    PROMISE(every_c_type_of_a_number_can_be_given),
				    PROMISE(an_integer_that_is_too_large_is_refused),
				    PROMISE(null_is_null),
				    PROMISE(empty_is_not_null),
				    PROMISE(a_value_is_never_sql),
				    PROMISE(text_of_any_language_and_length),
				    PROMISE(sixteen_values_and_more_by_array),
				    {NULL, NULL}};
