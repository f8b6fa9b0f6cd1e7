/* Bodies of requests: forms, bytes, JSON. */
#include "seen.h"

/* --- forms ---------------------------------------------------------------------------- */

static int sees_form(cruet_ctx *c)
{
	size_t len;
	ck_assert_str_eq(cruet_form(c, "a"), "1 \xc3\xa4");
	ck_assert_str_eq(cruet_form(c, "b"), "");
	ck_assert_ptr_null(cruet_form(c, "q"));
	ck_assert_str_eq(cruet_query(c, "q"), "1");
	assert_pair(CRUET_FROM_FORM, 2, "a", "2");
	assert_no_pair(CRUET_FROM_FORM, 3);
	ck_assert_str_eq(cruet_body(c, &len), "a=1+%C3%A4&b&a=2");
	ck_assert_uint_eq(len, 16);
	return CRUET_OK;
}

START_TEST(a_form_is_read_with_any_method)
{
	static const char *const methods[] = {"POST", "PUT", "DELETE", "GET", "PURGE"};
	setup();
	probe = sees_form;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		ck_assert_int_eq(
			cruet_client_send(t, methods[i], "/?q=1",
					  "Application/X-WWW-form-urlencoded; charset=latin-1",
					  "a=1+%C3%A4&b&a=2", 16),
			200);
	teardown();
}
END_TEST

static int sees_no_form(cruet_ctx *c)
{
	size_t len;
	ck_assert_ptr_null(cruet_form(c, "a"));
	assert_no_pair(CRUET_FROM_FORM, 0);
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	ck_assert_str_eq(cruet_body(c, &len), "a=1");
	return CRUET_OK;
}

START_TEST(another_type_is_no_form)
{
	setup();
	probe = sees_no_form;
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "a=1"), 200);
	ck_assert_int_eq(cruet_client_post(t, "/", NULL, "a=1"), 200);
	ck_assert_int_eq(cruet_client_post(t, "/", "application/json", "a=1"), 200);
	teardown();
}
END_TEST

/* --- the body ------------------------------------------------------------------------- */

static int sees_bytes(cruet_ctx *c)
{
	size_t len;
	const char *p = cruet_body(c, &len);
	ck_assert_uint_eq(len, 5);
	ck_assert_int_eq(memcmp(p, "a\0b\xff\n", 6), 0); /* and a NUL behind it */
	ck_assert_ptr_eq(cruet_body(c, &len), p);
	return CRUET_OK;
}
static int sees_nothing(cruet_ctx *c)
{
	size_t len = 1;
	ck_assert_str_eq(cruet_body(c, &len), "");
	ck_assert_uint_eq(len, 0);
	return CRUET_OK;
}

START_TEST(a_body_is_bytes)
{
	setup();
	probe = sees_bytes;
	ck_assert_int_eq(cruet_client_send(t, "POST", "/", "a/b", "a\0b\xff\n", 5), 200);
	probe = sees_nothing;
	ck_assert_int_eq(cruet_client_post(t, "/", "a/b", ""), 200);
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	teardown();
}
END_TEST

static int sees_large_body(cruet_ctx *c)
{
	size_t len;
	const char *p = cruet_body(c, &len);
	ck_assert_uint_eq(len, 1000000);
	for (size_t i = 0; i < len; i++)
		if (p[i] != (char)(i % 251))
			ck_abort_msg("byte %zu is wrong", i);
	return CRUET_OK;
}

START_TEST(a_large_body_arrives_whole_chunked_or_not)
{
	char *large = malloc(1000000);
	setup();
	for (size_t i = 0; i < 1000000; i++)
		large[i] = (char)(i % 251);
	probe = sees_large_body;
	ck_assert_int_eq(cruet_client_send(t, "PUT", "/", "a/b", large, 1000000), 200);
	cruet_client_set_header(t, "Transfer-Encoding", "chunked");
	ck_assert_int_eq(cruet_client_send(t, "PUT", "/", "a/b", large, 1000000), 200);
	free(large);
	teardown();
}
END_TEST

/* --- JSON ----------------------------------------------------------------------------- */

static int sees_json(cruet_ctx *c)
{
	const cruet_json *j = cruet_body_json(c);
	ck_assert_int_eq(cruet_json_int(cruet_json_get(j, "id"), 0), INT64_C(9007199254740993));
	ck_assert_str_eq(cruet_json_str(cruet_json_get(j, "name"), ""), "\xc3\xa4\xf0\x9f\x98\x80");
	ck_assert_ptr_null(cruet_json_get(j, "Name"));
	ck_assert_ptr_eq(cruet_body_json(c), j);
	ck_assert_ptr_eq(cruet_body_json_any(c), j);
	return cruet_jsonify(c, j);
}

START_TEST(json_is_read_exactly_and_once)
{
	static const char text[] = " {\"id\": 9007199254740993, \"name\": \"\\u00e4\\ud83d\\ude00\"}\n";
	setup();
	probe = sees_json;
	ck_assert_int_eq(cruet_client_json(t, "POST", "/", text), 200);
	assert_body(t, "{\"id\":9007199254740993,\"name\":\"\xc3\xa4\xf0\x9f\x98\x80\"}\n");
	ck_assert_int_eq(cruet_client_post(t, "/", "application/vnd.x+json; a=b", text), 200);
	teardown();
}
END_TEST

static int hands_json_on(cruet_ctx *c)
{
	const cruet_json *j = cruet_body_json(c);
	return j ? cruet_jsonify(c, j) : cruet_err(c);
}
static int hands_any_json_on(cruet_ctx *c)
{
	const cruet_json *j = cruet_body_json_any(c);
	return j ? cruet_jsonify(c, j) : cruet_err(c);
}

START_TEST(another_type_is_415_unless_any_will_do)
{
	setup();
	probe = hands_json_on;
	ck_assert_int_eq(cruet_client_post(t, "/", "text/json", "{}"), 415);
	assert_contains(t, "<p>expected application/json, got text/json</p>");
	ck_assert_int_eq(cruet_client_post(t, "/", NULL, "{}"), 415);
	assert_contains(t, "<p>expected application/json, got no Content-Type</p>");
	probe = hands_any_json_on;
	ck_assert_int_eq(cruet_client_post(t, "/", "text/json", "{}"), 200);
	ck_assert_int_eq(cruet_client_post(t, "/", NULL, "[1]"), 200);
	assert_body(t, "[1]\n");
	teardown();
}
END_TEST

START_TEST(what_is_no_json_is_400_with_its_place)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"", "JSON, line 1, column 1: expected a value, found the end of the text"},
		{"{\n \"a\": 1,\n}", "JSON, line 3, column 1: "},
		{"[1, 2", "JSON, line 1, column 6: "},
		{"{\"a\":1,\"a\":2}", "JSON, line 1, column 8: "},
		{"[NaN]", "JSON, line 1, column 2: "},
		{"1 2", "JSON, line 1, column 3: "},
		{"\xef\xbb\xbf{}", "JSON, line 1, column 1: "},
		{"\"\\ud800\"", "JSON, line 1, column 2: "},
		{"\"a\tb\"", "JSON, line 1, column 3: "},
		{"\"\xff\"", "JSON, line 1, column 2: "},
		{"'a'", "JSON, line 1, column 1: "},
		{"[1,] // x", "JSON, line 1, column 4: "},
		{"1e999", "JSON, line 1, column 1: "},
		{"{\"a\" 1}", "JSON, line 1, column 6: "},
	};
	setup();
	probe = hands_json_on;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cruet_client_set_header(t, "Accept", "text/plain");
		ck_assert_msg(cruet_client_json(t, "POST", "/", bad[i].text) == 400, "%s: %d %s",
			      bad[i].text, cruet_client_status(t), cruet_client_body(t));
		assert_contains(t, bad[i].why);
	}
	teardown();
}
END_TEST

SUITE("bodies", a_form_is_read_with_any_method, another_type_is_no_form, a_body_is_bytes,
      a_large_body_arrives_whole_chunked_or_not, json_is_read_exactly_and_once,
      another_type_is_415_unless_any_will_do, what_is_no_json_is_400_with_its_place)
