/* The contract of "db/1": values in and out. */
#include "contract.h"

START_TEST(each_type_comes_back_as_it_went)
{
	const unsigned char bytes[] = {0, 1, 0xff, 0};
	size_t len;

	things();
	assert_exec(c, "insert into things(name, n, r, b, yes) values(?, ?, ?, ?, ?)",
		    "Ada", 42, 1.5, cruet_db_blob(bytes, sizeof bytes), true);
	const cruet_db_row *row = last();
	ck_assert_str_eq(cruet_db_str(row, "name"), "Ada");
	ck_assert_int_eq(cruet_db_int(row, "n"), 42);
	ck_assert_double_eq(cruet_db_real(row, "r"), 1.5);
	const void *p = cruet_db_bytes(row, "b", &len);
	ck_assert_uint_eq(len, sizeof bytes);
	ck_assert_mem_eq(p, bytes, sizeof bytes);
	ck_assert(cruet_db_bool(row, "yes"));
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
}
END_TEST

START_TEST(integers_are_exact_to_64_bits)
{
	const int64_t all[] = {INT64_MIN, -9007199254740993, -1,
			       0,	  9007199254740993,  INT64_MAX};

	things();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		assert_exec(c, "insert into things(n) values(?)", all[i]);
		ck_assert_int_eq(cruet_db_int(last(), "n"), all[i]);
	}
}
END_TEST

START_TEST(every_c_type_of_a_number_can_be_given)
{
	const char small = 1;
	const unsigned char byte = 2;
	const short s = 3;
	const unsigned u = 4;
	const size_t z = 5;
	const long long ll = 6;
	const float f = 0.5f;
	int64_t sum;

	things();
	assert_exec(c, "insert into things(n) values(?), (?), (?), (?), (?), (?)", small,
		    byte, s, u, z, ll);
	assert_ok(c, cruet_db_get(c, &sum, "select sum(n) from things"));
	ck_assert_int_eq(sum, 21);
	assert_exec(c, "insert into things(r, yes) values(?, ?)", f, z == 5);
	ck_assert_double_eq(cruet_db_real(last(), "r"), 0.5);
}
END_TEST

START_TEST(an_integer_that_is_too_large_is_refused)
{
	things();
	int err = cruet_db_exec(c, "insert into things(n) values(?)", UINT64_MAX);
	ck_assert_int_eq(err, CRUET_EINVAL);
	ck_assert_str_eq(
		cruet_err_text(c),
		"insert into things(n) values(?): value 1 is no value of a database: an "
		"integer may be at most 9223372036854775807");
	cruet_err_clear(c);
	assert_exec(c, "insert into things(n) values(?)", (uint64_t)INT64_MAX);
	ck_assert_int_eq(number(c, "select count(*) from things"), 1);
}
END_TEST

START_TEST(null_is_null)
{
	const char *nothing = NULL;
	size_t len = 7;

	things();
	assert_exec(c, "insert into things(name, n, b) values(?, ?, ?)", nothing,
		    cruet_db_null(), cruet_db_blob(NULL, 3));
	const cruet_db_row *row = last();
	ck_assert_ptr_null(cruet_db_str(row, "name"));
	ck_assert_int_eq(cruet_db_int(row, "n"), 0);
	ck_assert_double_eq(cruet_db_real(row, "r"), 0);
	ck_assert(!cruet_db_bool(row, "yes"));
	ck_assert_ptr_null(cruet_db_bytes(row, "b", &len));
	ck_assert_uint_eq(len, 0);
	ck_assert(cruet_db_is_null(row, "name"));
	ck_assert(!cruet_db_is_null(row, "id"));
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
}
END_TEST

START_TEST(empty_is_not_null)
{
	size_t len = 7;

	things();
	assert_exec(c, "insert into things(name, b) values(?, ?)", "",
		    cruet_db_blob("", 0));
	const cruet_db_row *row = last();
	ck_assert_str_eq(cruet_db_str(row, "name"), "");
	ck_assert_ptr_nonnull(cruet_db_bytes(row, "b", &len));
	ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(a_value_is_never_sql)
{
	const char *evil = "'); drop table things; --";

	things();
	assert_exec(c, "insert into things(name) values(?)", evil);
	ck_assert_str_eq(cruet_db_str(last(), "name"), evil);
	ck_assert_int_eq(number(c, "select count(*) from things"), 1);
}
END_TEST

START_TEST(text_of_any_language_and_length)
{
	char *large = malloc(1 << 20);

	things();
	ck_assert_ptr_nonnull(large);
	memset(large, 'x', 1 << 20);
	assert_exec(c, "insert into things(name) values(?)",
		    "\xf0\x9f\x8d\x87 \xc3\xa4\xe8\x91\xa1");
	ck_assert_str_eq(cruet_db_str(last(), "name"),
			 "\xf0\x9f\x8d\x87 \xc3\xa4\xe8\x91\xa1");
	assert_exec(c, "insert into things(name) values(?)",
		    cruet_db_text(large, 1 << 20));
	ck_assert_uint_eq(strlen(cruet_db_str(last(), "name")), 1 << 20);
	free(large);
}
END_TEST

START_TEST(sixteen_values_and_more_by_array)
{
	cruet_db_value many[20];
	int64_t sum;

	assert_ok(c, cruet_db_get(c, &sum, "select ?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?", 1, 2,
				  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
	ck_assert_int_eq(sum, 136);
	for (int i = 0; i < 20; i++)
		many[i] = (cruet_db_value){.kind = CRUET_DB_INT, .as.i = 1};
	assert_ok(c, cruet_db_get_int_v(c, &sum,
					"select ?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?",
					20, many));
	ck_assert_int_eq(sum, 20);
}
END_TEST

CONTRACT("db_values", each_type_comes_back_as_it_went, integers_are_exact_to_64_bits,
	 every_c_type_of_a_number_can_be_given, an_integer_that_is_too_large_is_refused,
	 null_is_null, empty_is_not_null, a_value_is_never_sql,
	 text_of_any_language_and_length, sixteen_values_and_more_by_array)
