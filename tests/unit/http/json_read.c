/* Reading JSON: what is JSON, where and why something is not. */
#include "http/json_read.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

static const struct json_limits limits = {64, 10000};
static struct json_problem why;
static struct arena a;

static void setup(void)
{
	arena_init(&a, 4096);
}

static void teardown(void)
{
	arena_fini(&a);
}

static cJSON *read_n(const char *s, size_t len, unsigned flags)
{
	/* its exact size, so that a read past its end is seen */
	char *exact = malloc(len ? len : 1);

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, s, len);
	cJSON *j = json_read(exact, len, flags, &limits, &why);
	free(exact);
	return j;
}

/* Written again, or "line:column: what". */
static const char *answer_n(const char *s, size_t len, unsigned flags)
{
	cJSON *j = read_n(s, len, flags);
	struct buf b;

	if (!j)
		return arena_printf(&a, "%u:%u: %s", why.line, why.column, why.what);
	buf_init(&b, &a, 0);
	ck_assert_int_eq(json_write(&b, j, 0), CRUET_OK);
	cJSON_Delete(j);
	return b.p;
}

static const char *answer(const char *s)
{
	return answer_n(s, strlen(s), 0);
}

START_TEST(what_is_json_reads_and_writes_as_it_was)
{
	static const char *const texts[] = {
		"null", "true", "false", "0", "1", "-1", "0.1", "1.5e+300", "\"\"", "\"a\"",
		"[]", "{}", "[1,2,3]", "[[],{}]", "{\"a\":1,\"b\":[true,null]}",
		"{\"b\":1,\"a\":2}", "{\"\":0}",
		"\"\xC5\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\"",
		"\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"",
		"[9007199254740991,9007199254740993,-9007199254740993]",
		"[9223372036854775807,-9223372036854775808]",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_str_eq(answer(texts[i]), texts[i]);
}
END_TEST

START_TEST(other_spellings_are_read_too)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{" \t\r\n[ 1 ,\n2 ] ", "[1,2]"},
		{"{ \"a\" : { } }", "{\"a\":{}}"},
		{"\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\\/\"",
		 "\"A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80/\""},
		{"\"\\uD83D\\uDE00\"", "\"\xF0\x9F\x98\x80\""},
		{"1E2", "100"},
		{"1e-2", "0.01"},
		{"-0", "0"},
		{"-0.0", "0"}, /* as browsers write it */
		{"10.0", "10"},
		{"0.00000000000000000000000000000000000000000000000000000000001", "1e-59"},
		{"4.9e-324", "5e-324"},
		{"1e-400", "0"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(answer(cases[i].in), cases[i].out);
}
END_TEST

START_TEST(what_is_no_json_says_where_and_why)
{
	static const struct {
		const char *in, *why;
	} cases[] = {
		{"", "1:1: expected a value, found the end of the text"},
		{"  ", "1:3: expected a value, found the end of the text"},
		{"x", "1:1: expected a value, found 'x'"},
		{"nul", "1:1: expected a value, found 'n'"},
		{"True", "1:1: expected a value, found 'T'"},
		{"'a'", "1:1: expected a value, found '''"},
		{"NaN", "1:1: expected a value, found 'N'"},
		{"Infinity", "1:1: expected a value, found 'I'"},
		{"-Infinity", "1:2: expected a digit, found 'I'"},
		{"1 2", "1:3: expected the end of the text, found '2'"},
		{"[1,2", "1:5: expected ',' or ']', found the end of the text"},
		{"[1 2]", "1:4: expected ',' or ']', found '2'"},
		{"[1,]", "1:4: expected a value, found ']'"},
		{"[,1]", "1:2: expected a value, found ','"},
		{"[", "1:2: expected a value, found the end of the text"},
		{"{", "1:2: expected a string in double quotes, found the end of the text"},
		{"{a:1}", "1:2: expected a string in double quotes, found 'a'"},
		{"{\"a\" 1}", "1:6: expected ':', found '1'"},
		{"{\"a\":}", "1:6: expected a value, found '}'"},
		{"{\"a\":1,}", "1:8: expected a string in double quotes, found '}'"},
		{"{\"a\":1 \"b\":2}", "1:8: expected ',' or '}', found '\"'"},
		{"{\n\t\"a\": 1,\n\t\"b\": oops\n}", "3:7: expected a value, found 'o'"},
		{"[1]]", "1:4: expected the end of the text, found ']'"},
		{"\xEF\xBB\xBF{}", "1:1: a byte order mark: JSON begins without one"},
		{"\v1", "1:1: expected a value, found byte 0x0B"},
		{"[1\f]", "1:3: expected ',' or ']', found byte 0x0C"},
		{"// c\n1", "1:1: expected a value, found '/'"},
		/* numbers */
		{"01", "1:1: a number may not begin with 0"},
		{"[-01]", "1:2: a number may not begin with 0"},
		{"1.", "1:3: expected a digit after the point, found the end of the text"},
		{".5", "1:1: expected a value, found '.'"},
		{"1.e1", "1:3: expected a digit after the point, found 'e'"},
		{"1e", "1:3: expected a digit in the exponent, found the end of the text"},
		{"1e+", "1:4: expected a digit in the exponent, found the end of the text"},
		{"1e+-1", "1:4: expected a digit in the exponent, found '-'"},
		{"+1", "1:1: expected a value, found '+'"},
		{"-", "1:2: expected a digit, found the end of the text"},
		{"0x10", "1:2: expected the end of the text, found 'x'"},
		{"1e400", "1:1: a number out of range"},
		{"-1e400", "1:1: a number out of range"},
		{"9223372036854775808", "1:1: an integer beyond 64 bits"},
		{"-9223372036854775809", "1:1: an integer beyond 64 bits"},
		{"0.0000000000000000000000000000000000000000000000000000000000000001",
		 "1:1: a number of more than 63 characters"},
		/* strings */
		{"\"a", "1:1: this string has no end"},
		{"\"a\\\"", "1:1: this string has no end"},
		{"\"a\nb\"", "1:3: a control character in a string: write it as \\u000a"},
		{"\"\\x\"", "1:3: expected one of \"\\/bfnrtu after a backslash, found 'x'"},
		{"\"\\", "1:3: expected one of \"\\/bfnrtu after a backslash, found the end of the "
			  "text"},
		{"\"\\u12\"", "1:6: expected four hex digits after \\u, found '\"'"},
		{"\"\\u00g0\"", "1:6: expected four hex digits after \\u, found 'g'"},
		{"\"\\u0000\"", "1:2: \\u0000 is not accepted in a string"},
		{"{\"a\\u0000\":1}", "1:4: \\u0000 is not accepted in a string"},
		{"\"\\ud800\"", "1:2: half of a surrogate pair"},
		{"\"\\ude00\"", "1:2: half of a surrogate pair"},
		{"\"\\ud83d\\u0041\"", "1:2: half of a surrogate pair"},
		{"\"\\ud83dx\"", "1:2: half of a surrogate pair"},
		{"\"\xFF\"", "1:2: byte 0xFF is not UTF-8"},
		{"\"\xC0\x80\"", "1:2: byte 0xC0 is not UTF-8"},
		{"\"\xED\xA0\x80\"", "1:2: byte 0xED is not UTF-8"},
		{"\"\xC5", "1:2: byte 0xC5 is not UTF-8"},
		{"\xFF", "1:1: expected a value, found byte 0xFF"},
		/* names */
		{"{\"a\":1,\"b\":2,\"a\":3}", "1:14: the name \"a\" stands here twice"},
		{"{\"a\":1,\"\\u0061\":2}", "1:8: the name \"a\" stands here twice"},
		{"{\"\":1,\"\":2}", "1:7: the name \"\" stands here twice"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(!strcmp(answer(cases[i].in), cases[i].why), "%s: %s", cases[i].in,
			      answer(cases[i].in));
	ck_assert_str_eq(answer_n("\0", 1, 0), "1:1: expected a value, found byte 0x00");
	ck_assert_str_eq(answer_n("\"a\0b\"", 5, 0),
			 "1:3: a control character in a string: write it as \\u0000");
	ck_assert_str_eq(answer_n("1\0", 2, 0), "1:2: expected the end of the text, found byte 0x00");
	ck_assert_str_eq(answer_n("[1]", 2, 0), "1:3: expected ',' or ']', found the end of the text");
}
END_TEST

START_TEST(the_same_name_in_another_object_is_fine)
{
	ck_assert_str_eq(answer("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"b\":{\"a\":1}}"),
			 "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"b\":{\"a\":1}}");
	ck_assert_str_eq(answer("{\"a\":1,\"A\":2,\"aa\":3}"), "{\"a\":1,\"A\":2,\"aa\":3}");
	ck_assert_str_eq(answer("{\"b\":{\"x\":1},\"c\":1,\"b\":2}"),
			 "1:20: the name \"b\" stands here twice");
}
END_TEST

START_TEST(a_document_cut_short_anywhere_is_refused)
{
	static const char text[] =
		" {\"a\": [1.5e3, -0.25, \"x\\u00e9\\n\\ud83d\\ude00\", true, null], \"b\": {\"c\": false}}";

	for (size_t n = 0; n < sizeof text - 1; n++) {
		ck_assert_ptr_null(read_n(text, n, 0));
		ck_assert_uint_eq(why.line, 1);
		ck_assert(why.column >= 1 && why.column <= n + 1);
	}
	cJSON *j = read_n(text, sizeof text - 1, 0);
	ck_assert_ptr_nonnull(j);
	cJSON_Delete(j);
}
END_TEST

START_TEST(a_text_that_is_very_wrong_gets_a_short_sentence)
{
	char text[300];

	memset(text, 'n', sizeof text);
	snprintf(text, sizeof text, "{\"%0100d\":1,\"%0100d\":2}", 0, 0);
	ck_assert_ptr_null(read_n(text, strlen(text), 0));
	ck_assert_uint_lt(strlen(why.what), sizeof why.what);
	ck_assert_ptr_nonnull(strstr(why.what, "0000\" stands here twice"));
}
END_TEST

/* --- limits --- */

static const char *nested(size_t depth)
{
	char *s = arena_alloc(&a, 2 * depth + 1);

	memset(s, '[', depth);
	memset(s + depth, ']', depth);
	s[2 * depth] = '\0';
	return s;
}

START_TEST(depth_has_a_limit)
{
	ck_assert_str_eq(answer(nested(64)), nested(64));
	ck_assert_str_eq(answer(nested(65)), "1:65: nested deeper than 64");
	ck_assert_str_eq(answer(nested(100000)), "1:65: nested deeper than 64");
}
END_TEST

START_TEST(the_number_of_values_has_a_limit)
{
	struct buf b;

	buf_init(&b, &a, 0);
	buf_char(&b, '[');
	for (int i = 0; i < 9999; i++)
		buf_str(&b, "1,");
	size_t len = b.len;
	buf_str(&b, "1]");
	ck_assert_str_eq(answer(b.p), b.p);
	b.len = len;
	buf_str(&b, "1,1]");
	ck_assert_str_eq(answer(b.p), "1:20002: more than 10000 values");
	ck_assert_str_eq(answer("{\"a\":[1,2]}"), "{\"a\":[1,2]}");
}
END_TEST

/* Many members, each name another: names are sorted, not compared all with all. */
START_TEST(many_names_are_no_quadratic_matter)
{
	struct json_limits wide = {64, 1000000};
	struct buf b;

	buf_init(&b, NULL, 0);
	buf_char(&b, '{');
	for (int i = 0; i < 200000; i++)
		buf_printf(&b, "%s\"name%d\":1", i ? "," : "", i);
	buf_char(&b, '}');
	cJSON *j = json_read(b.p, b.len, 0, &wide, &why);
	ck_assert_msg(j != NULL, "%s", why.what);
	cJSON_Delete(j);
	buf_fini(&b);
}
END_TEST

/* --- comments --- */

START_TEST(comments_are_read_where_they_are_allowed)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"// a\n{\"b\": 1} // c", "{\"b\":1}"},
		{"/* a */ [1, /* b\n c */ 2]", "[1,2]"},
		{"[\"// no\", \"/* no */\", \"\\\"// no\"]", "[\"// no\",\"/* no */\",\"\\\"// no\"]"},
		{"[1/**/]", "[1]"},
		{"[1/***/]", "[1]"},
		{"1 /* // */", "1"},
		{"/*", "1:1: this comment has no end"},
		{"1 /* *", "1:3: this comment has no end"},
		{"/", "1:1: expected a value, found '/'"},
		{"[1 / 2]", "1:4: expected ',' or ']', found '/'"},
		{"// only", "1:8: expected a value, found the end of the text"},
		{"/* a\n b */ x", "2:7: expected a value, found 'x'"}, /* places stay */
		{"\"a // b", "1:1: this string has no end"},
		{"1/*/ 2 */", "1"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(!strcmp(answer_n(cases[i].in, strlen(cases[i].in), JSON_COMMENTS),
				      cases[i].out),
			      "%s: %s", cases[i].in,
			      answer_n(cases[i].in, strlen(cases[i].in), JSON_COMMENTS));
}
END_TEST

/* --- integers and places --- */

START_TEST(integers_are_exact)
{
	static const struct {
		const char *text;
		int64_t v;
	} cases[] = {{"0", 0},
		     {"9007199254740991", INT64_C(9007199254740991)},
		     {"9007199254740993", INT64_C(9007199254740993)},
		     {"-9007199254740993", INT64_C(-9007199254740993)},
		     {"9223372036854775807", INT64_MAX},
		     {"-9223372036854775808", INT64_MIN},
		     {"1e3", 1000},
		     {"1.5", 77},
		     {"1e17", 77}, /* a real, and beyond what a double counts */
		     {"\"5\"", 77},
		     {"true", 77}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cJSON *j = read_n(cases[i].text, strlen(cases[i].text), 0);
		ck_assert_ptr_nonnull(j);
		ck_assert_msg(json_int(j, 77) == cases[i].v, "%s", cases[i].text);
		cJSON_Delete(j);
	}
	ck_assert_int_eq(json_int(NULL, 77), 77);
	/* among others, each keeps its own text */
	ck_assert_str_eq(answer("[1,9007199254740993,{\"a\":2,\"b\":9007199254740995},3.5]"),
			 "[1,9007199254740993,{\"a\":2,\"b\":9007199254740995},3.5]");
}
END_TEST

START_TEST(a_value_has_a_place)
{
	static const char text[] = "// head\n{\n  \"a\": {\"b\": [1],\n\t\"c\\u0064\": 2},\n  \"e\": 3\n}";
	static const struct {
		const char *path[4];
		unsigned line, column;
	} cases[] = {{{NULL}, 2, 1},
		     {{"a", NULL}, 3, 8},
		     {{"a", "b", NULL}, 3, 14},
		     {{"a", "cd", NULL}, 4, 13},
		     {{"e", NULL}, 5, 8},
		     {{"x", NULL}, 0, 0},
		     {{"a", "x", NULL}, 0, 0},
		     {{"a", "b", "x", NULL}, 0, 0},
		     {{"e", "x", NULL}, 0, 0}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned line = 0, column = 0;
		bool found = json_place(text, sizeof text - 1, cases[i].path, &line, &column);
		ck_assert_msg(found == (cases[i].line > 0), "case %zu", i);
		ck_assert_uint_eq(line, cases[i].line);
		ck_assert_uint_eq(column, cases[i].column);
	}
}
END_TEST

START_TEST(want_of_memory_is_told)
{
	static const char text[] = "/**/{\"a\":[1,9007199254740993],\"b\":{\"c\":\"d\"},\"e\":-9007199254740995}";

	for (size_t n = 1, failed = 1; failed; n++) {
		fail_alloc_at(n);
		cJSON *j = json_read(text, sizeof text - 1, JSON_COMMENTS, &limits, &why);
		failed = fail_alloc_off();
		ck_assert((j == NULL) == (failed != 0));
		if (failed) {
			ck_assert_uint_eq(why.line, 0);
			ck_assert_str_eq(why.what, "out of memory");
		}
		cJSON_Delete(j);
	}
}
END_TEST

SUITE_WITH("json_read", setup, teardown, what_is_json_reads_and_writes_as_it_was,
	   other_spellings_are_read_too, what_is_no_json_says_where_and_why,
	   the_same_name_in_another_object_is_fine, a_document_cut_short_anywhere_is_refused,
	   a_text_that_is_very_wrong_gets_a_short_sentence, depth_has_a_limit,
	   the_number_of_values_has_a_limit, many_names_are_no_quadratic_matter,
	   comments_are_read_where_they_are_allowed, integers_are_exact, a_value_has_a_place,
	   want_of_memory_is_told)
