/* Cookies: reading what comes, writing what goes (RFC 6265bis, Flask's quoting). */
#include "http/cookie.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fields.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

static struct arena a;
static const char *why;

static void setup(void)
{
	arena_init(&a, 1024);
}

static void teardown(void)
{
	arena_fini(&a);
}

/* The pairs as [name|value][name|value]. */
static const char *pairs(const char *header)
{
	struct fields f;
	struct buf b;

	fields_init(&f, &a);
	ck_assert_int_eq(cookie_parse(&f, header, 1000), CRUET_OK);
	buf_init(&b, &a, 0);
	for (size_t i = 0; i < f.n; i++)
		buf_printf(&b, "[%s|%s]", f.items[i].name, f.items[i].value);
	return b.p;
}

START_TEST(pairs_are_read_in_order)
{
	static const struct {
		const char *header, *pairs;
	} cases[] = {
		{"", ""},
		{"a=1", "[a|1]"},
		{"a=1; b=2", "[a|1][b|2]"},
		{"a=1;b=2;a=3", "[a|1][b|2][a|3]"},
		{"SID=31d4d96e407aad42; lang=en-US", "[SID|31d4d96e407aad42][lang|en-US]"},
		{" a = 1 \t;\t b = 2 ", "[a|1][b|2]"},
		{"c", "[c|]"},
		{"c=", "[c|]"},
		{"d=a=b", "[d|a=b]"},
		{"=x; a=1", "[a|1]"}, /* no name, no cookie */
		{";;; ; a=1;;", "[a|1]"},
		{"a=\xC5\xBC\xFF", "[a|\xC5\xBC\xFF]"},
		{"a=1, b=2", "[a|1, b=2]"}, /* a comma is a character */
		{"a b=1", "[a b|1]"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(pairs(cases[i].header), cases[i].pairs);
}
END_TEST

START_TEST(quoted_values_are_unescaped)
{
	static const struct {
		const char *header, *pairs;
	} cases[] = {
		{"a=\"x\"", "[a|x]"},
		{"a=\"\"", "[a|]"},
		{"a=\"x y\"", "[a|x y]"},
		{"a=\"x\\073y\\054z\"", "[a|x;y,z]"},
		{"a=\"\\\"q\\\"\"", "[a|\"q\"]"},
		{"a=\"b\\\\s\"", "[a|b\\s]"},
		{"a=\"\\305\\274\"", "[a|\xC5\xBC]"},
		{"a=\"\\x\"", "[a|x]"},
		{"a=\"\\400\"", "[a|400]"},   /* no byte */
		{"a=\"\\38\"", "[a|38]"},     /* no octal number */
		{"a=\"\\000x\"", "[a|?x]"},   /* a NUL would cut the value */
		{"a=\"x\\\"", "[a|x\\]"},     /* cut short: the last backslash stands for itself */
		{"a=\"x", "[a|\"x]"},	      /* quotes that do not close are characters */
		{"a=x\"", "[a|x\"]"},
		{"a=\"", "[a|\"]"},
		{"a=\"x\"y", "[a|\"x\"y]"},
		{"a=\"x;y\"", "[a|\"x][y\"|]"}, /* a raw semicolon always separates */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(pairs(cases[i].header), cases[i].pairs);
}
END_TEST

START_TEST(more_pairs_than_allowed_are_refused)
{
	struct fields f;

	fields_init(&f, &a);
	ck_assert_int_eq(cookie_parse(&f, "a=1; b=2; c=3", 3), CRUET_OK);
	fields_init(&f, &a);
	ck_assert_int_eq(cookie_parse(&f, "a=1; b=2; c=3; ; =x;", 3), CRUET_OK);
	fields_init(&f, &a);
	ck_assert_int_eq(cookie_parse(&f, "a=1; b=2; c=3; d=4", 3), CRUET_ELIMIT);
	ck_assert_uint_eq(f.n, 3);
	fields_init(&f, &a);
	ck_assert_int_eq(cookie_parse(&f, "a=1", 0), CRUET_ELIMIT);
}
END_TEST

/* --- writing --- */

#define WITH(...) (&(cruet_cookie_opts){.size = sizeof(cruet_cookie_opts), __VA_ARGS__})

static const char *written(const char *name, const char *value, const cruet_cookie_opts *o)
{
	const char *s = cookie_write(&a, name, value, o, 1700000000, &why);

	ck_assert(!s != !why);
	return s ? s : why;
}

START_TEST(the_usual_cookie_is_out_of_reach_of_scripts_and_other_sites)
{
	ck_assert_str_eq(written("a", "1", WITH(0)), "a=1; HttpOnly; Path=/; SameSite=Lax");
	ck_assert_str_eq(written("a", NULL, WITH(0)), "a=; HttpOnly; Path=/; SameSite=Lax");
}
END_TEST

START_TEST(attributes_stand_in_flasks_order)
{
	ck_assert_str_eq(
		written("a", "1",
			WITH(.max_age = 3600, .path = "/x", .domain = ".example.com",
			     .same_site = "Strict",
			     .flags = CRUET_COOKIE_SECURE | CRUET_COOKIE_PARTITIONED)),
		"a=1; Domain=example.com; Expires=Tue, 14 Nov 2023 23:13:20 GMT; Max-Age=3600; "
		"Secure; HttpOnly; Path=/x; SameSite=Strict; Partitioned");
	ck_assert_str_eq(written("a", "1", WITH(.flags = CRUET_COOKIE_SCRIPTS, .path = "",
						.same_site = "")),
			 "a=1");
	ck_assert_str_eq(written("a", "1", WITH(.expires = 784111777, .path = "", .same_site = "")),
			 "a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT; HttpOnly");
	ck_assert_str_eq(written("a", "1", WITH(.same_site = "none", .path = "")),
			 "a=1; HttpOnly; SameSite=None");
	ck_assert_str_eq(written("a", "1", WITH(.flags = CRUET_COOKIE_PARTITIONED, .path = "",
						.same_site = "lax")),
			 "a=1; Secure; HttpOnly; SameSite=Lax; Partitioned");
}
END_TEST

START_TEST(deleting_is_in_the_past)
{
	ck_assert_str_eq(written("a", "secret", WITH(.max_age = -1, .path = "/x")),
			 "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/x; "
			 "SameSite=Lax");
}
END_TEST

START_TEST(what_is_not_plain_is_quoted)
{
	static const struct {
		const char *value, *sent;
	} cases[] = {
		{"", ""},
		{"plain-1.0~x", "plain-1.0~x"},
		{"!#$%&'()*+-./:<=>?@[]^_`{|}~", "!#$%&'()*+-./:<=>?@[]^_`{|}~"},
		{"a b", "\"a b\""},
		{"a,b;c", "\"a\\054b\\073c\""},
		{"\"q\"", "\"\\\"q\\\"\""},
		{"b\\s", "\"b\\\\s\""},
		{"\xC5\xBC", "\"\\305\\274\""},
		{"\r\n\t\x7f", "\"\\015\\012\\011\\177\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *line = written("n", cases[i].value, WITH(.path = "", .same_site = "",
								     .flags = CRUET_COOKIE_SCRIPTS));
		ck_assert_str_eq(line, arena_printf(&a, "n=%s", cases[i].sent));
		ck_assert_str_eq(pairs(line), arena_printf(&a, "[n|%s]", cases[i].value));
	}
}
END_TEST

START_TEST(every_byte_survives_the_way_there_and_back)
{
	char value[256];

	for (int i = 1; i < 256; i++)
		value[i - 1] = (char)i;
	value[255] = '\0';
	const char *line = written("n", value, WITH(.path = "", .same_site = ""));
	for (const char *p = line; *p; p++)
		ck_assert(*p >= ' ' && *p < 0x7f);
	struct fields f;
	fields_init(&f, &a);
	ck_assert_int_eq(cookie_parse(&f, line, 10), CRUET_OK);
	ck_assert_str_eq(f.items[0].value, value);
}
END_TEST

START_TEST(what_cannot_be_sent_says_why)
{
	static const char names[] = "expected letters, digits and !#$%&'*+-.^_`|~";

	ck_assert_str_eq(written("", "1", WITH(0)), arena_printf(&a, "cookie name '': %s", names));
	ck_assert_str_eq(written(NULL, "1", WITH(0)), arena_printf(&a, "cookie name '': %s", names));
	ck_assert_str_eq(written("a b", "1", WITH(0)),
			 arena_printf(&a, "cookie name 'a b': %s", names));
	ck_assert_str_eq(written("a=", "1", WITH(0)),
			 arena_printf(&a, "cookie name 'a=': %s", names));
	ck_assert_str_eq(written("a\n", "1", WITH(0)),
			 arena_printf(&a, "cookie name 'a\n': %s", names));
	ck_assert_str_eq(written("a", "1", WITH(.path = "/;x")),
			 "cookie a: a path with ';' or a control character");
	ck_assert_str_eq(written("a", "1", WITH(.path = "/\r\nSet-Cookie: b")),
			 "cookie a: a path with ';' or a control character");
	ck_assert_str_eq(written("a", "1", WITH(.domain = "a;b")),
			 "cookie a: domain 'a;b': expected a host name such as example.com");
	ck_assert_str_eq(written("a", "1", WITH(.domain = "\xC5\xBC.pl")),
			 "cookie a: domain '\xC5\xBC.pl': expected a host name such as example.com");
	ck_assert_str_eq(written("a", "1", WITH(.same_site = "Sometimes")),
			 "cookie a: same_site 'Sometimes': expected Strict, Lax or None");
}
END_TEST

START_TEST(a_path_is_escaped)
{
	ck_assert_str_eq(written("a", "1", WITH(.path = "/a b/\xC5\xBC%20", .same_site = "")),
			 "a=1; HttpOnly; Path=/a%20b/%C5%BC%20");
}
END_TEST

START_TEST(want_of_memory_is_told)
{
	for (size_t fill = 0; fill < 1024; fill += 16)
		for (size_t n = 1, failed = 1; failed; n++) {
			struct arena small;
			struct fields f;
			arena_init(&small, 1024);
			if (fill)
				ck_assert_ptr_nonnull(arena_alloc(&small, fill));
			fields_init(&f, &small);
			fail_alloc_at(n);
			int err = cookie_parse(&f, "a=1; b=\"x\\073\"; c", 10);
			why = "x";
			const char *s = err ? NULL
					    : cookie_write(&small, "name", "a b", WITH(0), 0, &why);
			failed = fail_alloc_off();
			ck_assert(err == (failed && err ? CRUET_ENOMEM : CRUET_OK));
			ck_assert(err || s || (failed && !why));
			arena_fini(&small);
		}
}
END_TEST

SUITE_WITH("cookie", setup, teardown, pairs_are_read_in_order, quoted_values_are_unescaped,
	   more_pairs_than_allowed_are_refused,
	   the_usual_cookie_is_out_of_reach_of_scripts_and_other_sites,
	   attributes_stand_in_flasks_order, deleting_is_in_the_past, what_is_not_plain_is_quoted,
	   every_byte_survives_the_way_there_and_back, what_cannot_be_sent_says_why,
	   a_path_is_escaped, want_of_memory_is_told)
