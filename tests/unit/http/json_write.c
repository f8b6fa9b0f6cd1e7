/* Writing JSON: exact, in order, and always JSON. */
#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "http/json_read.h"
#include "suite.h"

static struct arena a;
static struct buf b;

static void setup(void)
{
	arena_init(&a, 4096);
	buf_init(&b, &a, 0);
}

static void teardown(void)
{
	arena_fini(&a);
}

/* Takes the value. */
static const char *written(cJSON *j)
{
	buf_clear(&b);
	ck_assert_int_eq(json_write(&b, j, 0), CRUET_OK);
	cJSON_Delete(j);
	return b.p;
}

START_TEST(numbers_are_exact_and_short)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {{0, "0"},
		     {-1, "-1"},
		     {0.1, "0.1"},
		     {1e15, "1000000000000000"},
		     {9007199254740991.0, "9007199254740991"},
		     {-9007199254740991.0, "-9007199254740991"},
		     {9007199254740992.0, "9007199254740992.0"}, /* beyond what is counted exactly */
		     {1e22, "1e+22"},
		     {DBL_MAX, "1.7976931348623157e+308"},
		     {5e-324, "5e-324"},
		     {1.0 / 3, "0.3333333333333333"},
		     {NAN, "null"},
		     {INFINITY, "null"},
		     {-INFINITY, "null"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(written(cJSON_CreateNumber(cases[i].v)), cases[i].text);
}
END_TEST

START_TEST(texts_are_escaped_where_they_must_be)
{
	static const struct {
		const char *s, *text;
	} cases[] = {{"", "\"\""},
		     {"a/b", "\"a/b\""},
		     {"\"\\", "\"\\\"\\\\\""},
		     {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
		     {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
		     {"\xC5\xBC\xF0\x9F\x98\x80", "\"\xC5\xBC\xF0\x9F\x98\x80\""},
		     {"\xE2\x80\xA8", "\"\xE2\x80\xA8\""},
		     {"a\xFFz", "\"a\xEF\xBF\xBDz\""}, /* stays JSON */
		     {"\xC5", "\"\xEF\xBF\xBD\""},
		     {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_str_eq(written(cJSON_CreateString(cases[i].s)), cases[i].text);
		buf_clear(&b);
		json_write_text(&b, cases[i].s);
		ck_assert_str_eq(b.p, cases[i].text);
	}
	buf_clear(&b);
	json_write_text(&b, NULL);
	ck_assert_str_eq(b.p, "\"\"");
}
END_TEST

static cJSON *sample(void)
{
	cJSON *j = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(j, "b");

	cJSON_AddItemToArray(list, cJSON_CreateNumber(1));
	cJSON_AddItemToArray(list, cJSON_CreateObject());
	cJSON_AddItemToArray(list, cJSON_CreateArray());
	cJSON_AddNullToObject(j, "a\"");
	cJSON_AddTrueToObject(j, "");
	cJSON_AddRawToObject(j, "raw", "[1, 2]");
	return j;
}

START_TEST(members_stand_in_order)
{
	ck_assert_str_eq(written(sample()),
			 "{\"b\":[1,{},[]],\"a\\\"\":null,\"\":true,\"raw\":[1, 2]}");
}
END_TEST

START_TEST(indented_it_is_the_same)
{
	cJSON *j = sample();

	ck_assert_int_eq(json_write(&b, j, 2), CRUET_OK);
	ck_assert_str_eq(b.p, "{\n"
			      "  \"b\": [\n"
			      "    1,\n"
			      "    {},\n"
			      "    []\n"
			      "  ],\n"
			      "  \"a\\\"\": null,\n"
			      "  \"\": true,\n"
			      "  \"raw\": [1, 2]\n"
			      "}");
	cJSON_Delete(j);
}
END_TEST

START_TEST(what_cannot_be_written_is_an_error)
{
	cJSON *broken = cJSON_CreateArray(), *misused = cJSON_CreateObject(),
	      *invalid = cJSON_CreateNull(), *list = cJSON_CreateArray();

	broken->type |= JSON_BROKEN;
	misused->type |= JSON_MISUSED;
	invalid->type = 0;
	ck_assert_int_eq(json_write(&b, broken, 0), CRUET_ENOMEM);
	ck_assert_int_eq(json_write(&b, misused, 0), CRUET_EINVAL);
	ck_assert_int_eq(json_write(&b, invalid, 0), CRUET_EINVAL);
	cJSON_AddItemToArray(list, broken);
	ck_assert_int_eq(json_write(&b, list, 0), CRUET_ENOMEM);
	cJSON_Delete(list);
	cJSON_Delete(misused);
	cJSON_Delete(invalid);
}
END_TEST

/* The tree of so many arrays in each other. */
static cJSON *nested(int depth)
{
	cJSON *j = cJSON_CreateArray();

	while (--depth > 0) {
		cJSON *outer = cJSON_CreateArray();
		cJSON_AddItemToArray(outer, j);
		j = outer;
	}
	return j;
}

START_TEST(depth_has_a_limit)
{
	cJSON *deep = nested(1000), *deeper = nested(1100);

	ck_assert_int_eq(json_write(&b, deep, 0), CRUET_OK);
	ck_assert_uint_eq(b.len, 2000);
	buf_clear(&b);
	ck_assert_int_eq(json_write(&b, deeper, 0), CRUET_ELIMIT);
	cJSON_Delete(deep);
	cJSON_Delete(deeper);
}
END_TEST

START_TEST(want_of_memory_and_of_room_are_told)
{
	cJSON *j = sample();
	struct buf small;

	buf_init(&small, NULL, 10);
	ck_assert_int_eq(json_write(&small, j, 0), CRUET_ELIMIT);
	buf_fini(&small);
	buf_init(&small, NULL, 0);
	fail_alloc_at(1);
	int err = json_write(&small, j, 0);
	fail_alloc_off();
	ck_assert_int_eq(err, CRUET_ENOMEM);
	buf_fini(&small);
	cJSON_Delete(j);
}
END_TEST

SUITE_WITH("json_write", setup, teardown, numbers_are_exact_and_short,
	   texts_are_escaped_where_they_must_be, members_stand_in_order, indented_it_is_the_same,
	   what_cannot_be_written_is_an_error, depth_has_a_limit,
	   want_of_memory_and_of_room_are_told)
