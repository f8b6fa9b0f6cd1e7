/* JSON values: reading that chains, building that remembers, printing that is exact. */
#include "fixture.h"

#include <math.h>

static cruet_app *app;
static cruet_ctx *c;

static void setup(void)
{
	app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	c = cruet_open(app);
}
static void teardown(void)
{
	cruet_close(c);
	cruet_free(app);
}

static const cruet_json *parse(const char *text)
{
	const cruet_json *j = cruet_json_parse(c, text, strlen(text));
	ck_assert_msg(j != NULL, "%s", cruet_err_text(c));
	return j;
}
static void assert_text(const cruet_json *j, const char *text)
{
	size_t len;
	ck_assert_pstr_eq(cruet_json_text(c, j, &len), text);
	ck_assert_uint_eq(len, strlen(text));
}
static void assert_same(const char *text)
{
	assert_text(parse(text), text);
}

/* --- reading ----------------------------------------------------------------------------------- */

START_TEST(readers_take_nothing_and_give_the_default)
{
	setup();
	ck_assert_int_eq(cruet_json_kind(NULL), 0);
	ck_assert_ptr_null(cruet_json_get(NULL, "a"));
	ck_assert_ptr_null(cruet_json_first(NULL));
	ck_assert_ptr_null(cruet_json_next(NULL));
	ck_assert_ptr_null(cruet_json_name(NULL));
	ck_assert_uint_eq(cruet_json_len(NULL), 0);
	ck_assert_str_eq(cruet_json_str(NULL, "def"), "def");
	ck_assert_int_eq(cruet_json_int(NULL, -1), -1);
	ck_assert_double_eq(cruet_json_real(NULL, 0.5), 0.5);
	ck_assert(cruet_json_bool(NULL, true));
	assert_text(NULL, "");
	teardown();
}
END_TEST

START_TEST(look_ups_chain)
{
	setup();
	const cruet_json *j = parse("{\"a\":{\"b\":[{\"c\":7}]},\"A\":1,\"\":2}");
	ck_assert_int_eq(cruet_json_int(
				 cruet_json_get(cruet_json_first(cruet_json_get(
							cruet_json_get(j, "a"), "b")),
						"c"),
				 0),
			 7);
	ck_assert_int_eq(cruet_json_int(cruet_json_get(cruet_json_get(j, "x"), "y"), -1), -1);
	ck_assert_int_eq(cruet_json_int(cruet_json_get(j, "A"), 0), 1);
	ck_assert_int_eq(cruet_json_int(cruet_json_get(j, ""), 0), 2);
	ck_assert_ptr_null(cruet_json_get(j, NULL));
	ck_assert_ptr_null(cruet_json_get(cruet_json_get(j, "A"), "a"));
	teardown();
}
END_TEST

START_TEST(each_kind_is_read_as_what_it_is)
{
	static const int kinds[] = {CRUET_JSON_NULL,   CRUET_JSON_BOOL,	 CRUET_JSON_BOOL,
				    CRUET_JSON_NUMBER, CRUET_JSON_NUMBER, CRUET_JSON_TEXT,
				    CRUET_JSON_ARRAY,  CRUET_JSON_OBJECT};
	setup();
	const cruet_json *j = parse("[null,true,false,7,7.5,\"x\",[],{}]");
	ck_assert_int_eq(cruet_json_kind(j), CRUET_JSON_ARRAY);
	ck_assert_uint_eq(cruet_json_len(j), 8);
	size_t i = 0;
	for (const cruet_json *v = cruet_json_first(j); v; v = cruet_json_next(v), i++) {
		ck_assert_int_eq(cruet_json_kind(v), kinds[i]);
		ck_assert_ptr_null(cruet_json_name(v));
		ck_assert(cruet_json_bool(v, true) == (i != 2));
		ck_assert(cruet_json_bool(v, false) == (i == 1));
		ck_assert_int_eq(cruet_json_int(v, -1), i == 3 ? 7 : -1);
		ck_assert_double_eq(cruet_json_real(v, -1), i == 3 ? 7 : i == 4 ? 7.5 : -1);
		ck_assert_str_eq(cruet_json_str(v, "def"), i == 5 ? "x" : "def");
		ck_assert_uint_eq(cruet_json_len(v), 0);
	}
	ck_assert_uint_eq(i, 8);
	teardown();
}
END_TEST

START_TEST(members_are_walked_in_order_with_their_names)
{
	setup();
	char names[16] = "";
	const cruet_json *j = parse("{\"z\":1,\"a\":2,\"m\":3}");
	for (const cruet_json *v = cruet_json_first(j); v; v = cruet_json_next(v))
		strcat(names, cruet_json_name(v));
	ck_assert_str_eq(names, "zam");
	teardown();
}
END_TEST

START_TEST(integers_are_exact_to_64_bits)
{
	setup();
	const cruet_json *j = parse("[9223372036854775807,-9223372036854775808,9007199254740993,"
				    "7.0,-0,1e3,1.5,9223372036854775807.0]");
	static const int64_t values[] = {INT64_MAX, INT64_MIN, INT64_C(9007199254740993), 7, 0,
					 1000,	    -1,	       -1};
	size_t i = 0;
	for (const cruet_json *v = cruet_json_first(j); v; v = cruet_json_next(v))
		ck_assert_int_eq(cruet_json_int(v, -1), values[i++]);
	ck_assert_ptr_null(cruet_json_parse(c, "18446744073709551616", 20));
	teardown();
}
END_TEST

START_TEST(strict_reading_says_where)
{
	setup();
	ck_assert_ptr_null(cruet_json_parse(c, "{\"a\":\n  tru}", 12));
	ck_assert_int_eq(cruet_err(c), 400);
	ck_assert_str_eq(cruet_err_text(c), "JSON, line 2, column 3: expected a value, found 't'");
	cruet_err_clear(c);
	ck_assert_ptr_null(cruet_json_parse(c, "", 0));
	ck_assert_str_eq(cruet_err_text(c),
			 "JSON, line 1, column 1: expected a value, found the end of the text");
	cruet_err_clear(c);
	ck_assert_ptr_null(cruet_json_parse(c, "1\0", 2)); /* len counts, not the NUL */
	cruet_err_clear(c);
	assert_text(cruet_json_parse(c, "123", 2), "12");
	teardown();
}
END_TEST

/* --- building ------------------------------------------------------------------------------------ */

START_TEST(a_tree_is_built_from_the_root)
{
	setup();
	cruet_json *o = cruet_object(c);
	cruet_put_str(o, "s", "a\"b");
	cruet_put_int(o, "i", -7);
	cruet_put_real(o, "r", 0.1);
	cruet_put_bool(o, "t", true);
	cruet_put_bool(o, "f", false);
	cruet_put_null(o, "n");
	cruet_put_str(o, "none", NULL);
	cruet_put_str(cruet_put_object(o, "o"), "", "");
	cruet_json *a = cruet_put_array(o, "a");
	cruet_push_str(a, "x");
	cruet_push_str(a, NULL);
	cruet_push_int(a, 1);
	cruet_push_real(a, 2.5);
	cruet_push_bool(a, true);
	cruet_push_null(a);
	cruet_put_int(cruet_push_object(a), "k", 1);
	cruet_push_int(cruet_push_array(a), 9);
	assert_text(o, "{\"s\":\"a\\\"b\",\"i\":-7,\"r\":0.1,\"t\":true,\"f\":false,\"n\":null,"
		       "\"none\":null,\"o\":{\"\":\"\"},\"a\":[\"x\",null,1,2.5,true,null,"
		       "{\"k\":1},[9]]}");
	assert_text(cruet_array(c), "[]");
	assert_text(cruet_object(c), "{}");
	teardown();
}
END_TEST

START_TEST(writers_take_nothing_and_do_nothing)
{
	setup();
	cruet_put_str(NULL, "k", "v");
	cruet_put_int(NULL, "k", 1);
	cruet_put_real(NULL, "k", 1);
	cruet_put_bool(NULL, "k", true);
	cruet_put_null(NULL, "k");
	ck_assert_ptr_null(cruet_put_object(NULL, "k"));
	ck_assert_ptr_null(cruet_put_array(NULL, "k"));
	cruet_push_str(NULL, "v");
	cruet_push_int(NULL, 1);
	cruet_push_real(NULL, 1);
	cruet_push_bool(NULL, true);
	cruet_push_null(NULL);
	ck_assert_ptr_null(cruet_push_object(NULL));
	ck_assert_ptr_null(cruet_push_array(NULL));
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	teardown();
}
END_TEST

START_TEST(numbers_are_printed_exactly)
{
	static const struct {
		double value;
		const char *text;
	} reals[] = {{0.1, "[0.1]"},
		     {1.0 / 3, "[0.3333333333333333]"},
		     {1e300, "[1e+300]"},
		     {-2.5e-10, "[-2.5e-10]"},
		     {10.0, "[10]"},
		     {-0.0, "[0]"},
		     {9007199254740993.0, "[9007199254740992.0]"},
		     {NAN, "[null]"},
		     {INFINITY, "[null]"},
		     {-INFINITY, "[null]"}};
	static const int64_t integers[] = {0,	      -1,	 INT64_MAX, INT64_MIN,
					   1LL << 53, -(1LL << 53), (1LL << 53) + 1};
	setup();
	for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
		cruet_json *a = cruet_array(c);
		cruet_push_real(a, reals[i].value);
		ck_assert_int_eq(cruet_json_kind(cruet_json_first(a)),
				 isfinite(reals[i].value) ? CRUET_JSON_NUMBER : CRUET_JSON_NULL);
		assert_text(a, reals[i].text);
	}
	for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
		cruet_json *a = cruet_array(c);
		cruet_push_int(a, integers[i]);
		assert_text(a, cruet_printf(c, "[%lld]", (long long)integers[i]));
		ck_assert_int_eq(cruet_json_int(cruet_json_first(a), 5), integers[i]);
	}
	teardown();
}
END_TEST

START_TEST(what_is_read_is_printed_the_same)
{
	setup();
	assert_same("{\"b\":[1,2.5,\"\xc3\xa4\xf0\x9f\x98\x80\"],\"a\":{\"x\":null}}");
	assert_same("[9007199254740993,-9223372036854775808]");
	assert_same("\"\"");
	assert_same("true");
	assert_same("0.1");
	assert_text(parse(" [ 1 , 2 ]\n"), "[1,2]");
	assert_text(parse("[10.0,1e2]"), "[10,100]");
	teardown();
}
END_TEST

START_TEST(texts_are_escaped_where_they_must_be)
{
	setup();
	cruet_json *a = cruet_array(c);
	cruet_push_str(a, "\b\f\n\r\t\"\\/\x01\x1f\x7f\xc2\x80");
	assert_text(a, "[\"\\b\\f\\n\\r\\t\\\"\\\\/\\u0001\\u001f\x7f\xc2\x80\"]");
	teardown();
}
END_TEST

START_TEST(what_is_no_utf8_is_replaced_so_that_it_stays_json)
{
	setup();
	cruet_json *o = cruet_object(c);
	cruet_put_str(o, "gr\xfc\xdf", "a\xff\xc3");
	cruet_put_str(o, "b", "\xed\xa0\x80\xc3\xa4\xf5");
	assert_text(o, "{\"gr\xef\xbf\xbd\xef\xbf\xbd\":\"a\xef\xbf\xbd\xef\xbf\xbd\","
		       "\"b\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\"}");
	size_t len;
	const char *text = cruet_json_text(c, o, &len);
	ck_assert_ptr_nonnull(cruet_json_parse(c, text, len));
	teardown();
}
END_TEST

/* --- mistakes -------------------------------------------------------------------------------------- */

static void assert_misused(const cruet_json *j)
{
	ck_assert_ptr_null(cruet_json_text(c, j, NULL));
	ck_assert_int_eq(cruet_err(c), CRUET_EINVAL);
	ck_assert_str_eq(cruet_err_text(c), "JSON that cannot be: cruet_put_...() takes an object "
					    "and a name, cruet_push_...() an array");
	cruet_err_clear(c);
}

START_TEST(what_cannot_be_is_remembered_by_the_root)
{
	setup();
	cruet_json *o = cruet_object(c), *a = cruet_put_array(o, "a");
	assert_text(o, "{\"a\":[]}");
	cruet_put_int(a, "k", 1); /* a member of an array */
	cruet_push_int(a, 1);
	assert_misused(o);
	assert_misused(a);
	o = cruet_object(c);
	cruet_push_int(o, 1); /* an element of an object */
	assert_misused(o);
	o = cruet_object(c);
	cruet_put_int(o, NULL, 1);
	assert_misused(o);
	o = (cruet_json *)parse("[7]");
	cruet_push_int((cruet_json *)cruet_json_first(o), 1); /* into a number */
	assert_misused(o);
	o = cruet_object(c);
	ck_assert_ptr_null(cruet_push_object(o));
	assert_misused(o);
	teardown();
}
END_TEST

START_TEST(json_has_a_bottom)
{
	setup();
	cruet_json *root = cruet_array(c), *at = root;
	for (int i = 0; i < 1000; i++)
		at = cruet_push_array(at);
	ck_assert_ptr_nonnull(cruet_json_text(c, root, NULL));
	cruet_push_array(at);
	ck_assert_ptr_null(cruet_json_text(c, root, NULL));
	ck_assert_int_eq(cruet_err(c), CRUET_EINVAL);
	ck_assert_str_eq(cruet_err_text(c), "JSON of more than 1000 levels");
	teardown();
}
END_TEST

/* --- replies ----------------------------------------------------------------------------------------- */

static int object(cruet_ctx *r)
{
	cruet_json *o = cruet_object(r);
	cruet_put_str(o, "name", "\xc3\xa4");
	return cruet_jsonify(r, o);
}
static int scalar(cruet_ctx *r)
{
	return cruet_jsonify(r, cruet_json_parse(r, "null", 4));
}
static int nothing(cruet_ctx *r)
{
	return cruet_jsonify(r, NULL);
}
static int not_sent(cruet_ctx *r)
{
	return cruet_jsonify(r, cruet_body_json(r));
}
static int misused(cruet_ctx *r)
{
	cruet_json *o = cruet_object(r);
	cruet_push_int(o, 1);
	return cruet_jsonify(r, o);
}

START_TEST(a_reply_of_json_ends_with_a_line)
{
	app = cruet_new("test");
	log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_get(app, "/object", object);
	cruet_get(app, "/scalar", scalar);
	cruet_get(app, "/nothing", nothing);
	cruet_get(app, "/not_sent", not_sent);
	cruet_get(app, "/misused", misused);
	cruet_client *t = client_of(app);
	assert_get(t, "/object", 200);
	assert_header(t, "Content-Type", "application/json");
	assert_body(t, "{\"name\":\"\xc3\xa4\"}\n");
	assert_get(t, "/scalar", 200);
	assert_body(t, "null\n");
	assert_get(t, "/nothing", 500);
	assert_lines("ERROR test: [id] GET nothing: 500: cruet_jsonify: the value is NULL\n");
	assert_get(t, "/not_sent", 415);
	assert_lines("");
	assert_get(t, "/misused", 500);
	assert_lines("ERROR test: [id] GET misused: 500: JSON that cannot be: cruet_put_...() takes "
		     "an object and a name, cruet_push_...() an array\n");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

SUITE("json", readers_take_nothing_and_give_the_default, look_ups_chain,
      each_kind_is_read_as_what_it_is, members_are_walked_in_order_with_their_names,
      integers_are_exact_to_64_bits, strict_reading_says_where, a_tree_is_built_from_the_root,
      writers_take_nothing_and_do_nothing, numbers_are_printed_exactly,
      what_is_read_is_printed_the_same, texts_are_escaped_where_they_must_be,
      what_is_no_utf8_is_replaced_so_that_it_stays_json,
      what_cannot_be_is_remembered_by_the_root, json_has_a_bottom,
      a_reply_of_json_ends_with_a_line)
