/* Small things about text. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cruet/error.h"
#include "fail_alloc.h"
#include "suite.h"

static struct arena a;
static struct buf b;

static void setup(void)
{
	arena_init(&a, 1024);
	buf_init(&b, &a, 0);
}

static void teardown(void)
{
	arena_fini(&a);
}

/* --- ASCII --- */

START_TEST(hex_digits_have_values)
{
	for (int ch = -128; ch < 256; ch++) {
		const char *digits = "0123456789abcdef", *p = NULL;
		if (ch > 0 && ch < 128)
			p = strchr(digits, ch >= 'A' && ch <= 'F' ? ch + 32 : ch);
		ck_assert_msg(hex_value(ch) == (p ? p - digits : -1), "%d", ch);
	}
}
END_TEST

START_TEST(token_characters_are_those_of_the_standard)
{
	for (int ch = -128; ch < 256; ch++) {
		bool token = is_alnum(ch) || (ch > 0 && ch < 128 && strchr("!#$%&'*+-.^_`|~", ch));
		ck_assert_msg(is_token(ch) == token, "%d", ch);
	}
}
END_TEST

/* The table beside the words of the standards. */
START_TEST(classes_of_bytes_are_what_they_are_said_to_be)
{
	for (int ch = 0; ch < 256; ch++) {
		bool visible = ch > ' ' && ch < 0x7f;
		ck_assert_msg(text_is(ch, TEXT_VALUE) == (ch == '\t' || (ch >= ' ' && ch != 0x7f)),
			      "value %d", ch);
		ck_assert_msg(text_is(ch, TEXT_TARGET) == (visible && ch != '#'), "target %d", ch);
		ck_assert_msg(text_is(ch, TEXT_HOST) ==
				      (is_alnum(ch) || (ch && ch < 128 && strchr("-._~!$&'()*+,;=", ch))),
			      "host %d", ch);
		ck_assert_msg(text_is(ch, TEXT_PATH) ==
				      (text_is(ch, TEXT_TARGET) && ch != '%' && ch != '?'),
			      "path %d", ch);
		ck_assert_msg(text_is(ch, TEXT_LOWER) == (text_is(ch, TEXT_HOST) && !is_upper(ch)),
			      "lower %d", ch);
		ck_assert_msg(text_is(ch, TEXT_JSON) ==
				      (ch >= ' ' && ch < 128 && ch != '"' && ch != '\\'),
			      "json %d", ch);
	}
}
END_TEST

START_TEST(a_span_ends_where_the_class_ends)
{
	ck_assert_uint_eq(text_span("", TEXT_VALUE), 0);
	ck_assert_uint_eq(text_span("abc", TEXT_TOKEN), 3);
	ck_assert_uint_eq(text_span("a:b", TEXT_TOKEN), 1);
	ck_assert_uint_eq(text_span("a\xC5\xBC\t \n", TEXT_VALUE), 5);
	ck_assert_uint_eq(text_span("/a?b#c", TEXT_TARGET), 4);
	ck_assert_uint_eq(text_span("a%41", TEXT_HOST), 1);
}
END_TEST

START_TEST(case_of_letters_alone_is_ignored)
{
	ck_assert(text_ieq("", ""));
	ck_assert(text_ieq("aZ-9", "Az-9"));
	ck_assert(!text_ieq("a", "ab"));
	ck_assert(!text_ieq("ab", "a"));
	ck_assert(!text_ieq("@", "`")); /* as far apart as a letter's cases */
	ck_assert(!text_ieq("[", "{"));
	ck_assert(!text_ieq("\xC4", "\xE4"));
	ck_assert(text_eq("", "") && text_eq("aZ", "aZ"));
	ck_assert(!text_eq("a", "A") && !text_eq("a", "ab") && !text_eq("ab", "a"));
	ck_assert(text_ieqn("abX", "ABy", 2));
	ck_assert(!text_ieqn("abX", "ABy", 3));
	ck_assert(text_ieqn("ab", "AB", 100)); /* both end */
	ck_assert(!text_ieqn("ab", "abc", 100));
	ck_assert(text_ieqn("x", "y", 0));
}
END_TEST

START_TEST(beginnings_and_ends)
{
	ck_assert(text_starts("abc", ""));
	ck_assert(text_starts("abc", "abc"));
	ck_assert(!text_starts("ab", "abc"));
	ck_assert(text_ends("abc", ""));
	ck_assert(text_ends("abc", "bc"));
	ck_assert(text_ends("abc", "abc"));
	ck_assert(!text_ends("bc", "abc"));
	ck_assert(!text_ends("abcx", "abc"));
}
END_TEST

START_TEST(a_hash_depends_on_the_bytes_alone)
{
	char places[2][48];

	for (size_t len = 0; len <= 32; len++)
		for (size_t at = 0; at < 16; at++) {
			memset(places[0], 'a', sizeof places[0]);
			memset(places[1], 'b', sizeof places[1]); /* what follows differs */
			memcpy(places[1] + at, places[0], len);
			ck_assert_uint_eq(text_hash(places[1] + at, len), text_hash(places[0], len));
		}
}
END_TEST

/* In tables of few places too: hence in the lowest bits. */
START_TEST(each_byte_changes_the_hash)
{
	char text[32];

	for (size_t len = 1; len <= sizeof text; len++)
		for (size_t at = 0; at < len; at++) {
			unsigned seen = 0;
			for (int v = 0; v < 256; v++) {
				memset(text, 'a', sizeof text);
				text[at] = (char)v;
				seen |= 1u << (text_hash(text, len) & 31);
			}
			ck_assert_msg(__builtin_popcount(seen) >= 24, "%zu of %zu", at, len);
		}
}
END_TEST

START_TEST(texts_of_zero_bytes_differ_by_their_length)
{
	const char zeros[40] = "";

	for (size_t n = 0; n < sizeof zeros; n++)
		for (size_t less = 0; less < n; less++)
			ck_assert_uint_ne(text_hash(zeros, n), text_hash(zeros, less));
}
END_TEST

/* --- UTF-8 --- */

START_TEST(every_code_point_goes_there_and_back)
{
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		char s[4];
		uint32_t got = 1;
		size_t n = utf8_put(s, cp);
		bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;
		if (utf8_next(s, n, &got) != (surrogate ? 0 : n) || (!surrogate && got != cp))
			ck_abort_msg("U+%04X", cp);
	}
}
END_TEST

/* What is taken must be the spelling that utf8_put() gives: so no overlong one. */
static void check_bytes(const unsigned char *s, size_t len)
{
	uint32_t cp = 0;
	char again[4];
	size_t n = utf8_next((const char *)s, len, &cp);

	if (n && (n > len || utf8_put(again, cp) != n || memcmp(again, s, n) != 0))
		ck_abort_msg("%02x %02x %02x %02x as U+%04X", s[0], s[1], s[2], s[3], cp);
}

START_TEST(no_other_bytes_are_taken)
{
	static const unsigned char edge[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
					     0xA0, 0xBF, 0xC0, 0xFF};
	unsigned char s[4];

	for (unsigned i = 0; i < 0x10000; i++) {
		s[0] = (unsigned char)(i >> 8);
		s[1] = (unsigned char)i;
		for (size_t k = 0; k < sizeof edge * sizeof edge; k++) {
			s[2] = edge[k / sizeof edge];
			s[3] = edge[k % sizeof edge];
			check_bytes(s, 4);
		}
	}
}
END_TEST

START_TEST(malformed_text_is_not_valid)
{
	static const char *const bad[] = {
		"\x80",		    /* a byte of the middle alone */
		"\xC3",		    /* cut short */
		"\xE2\x82",
		"\xF0\x9F\x98",
		"\xC0\x80",	    /* overlong NUL */
		"\xC1\xBF",
		"\xE0\x80\x80",	    /* overlong */
		"\xE0\x9F\xBF",
		"\xF0\x80\x80\x80",
		"\xF0\x8F\xBF\xBF",
		"\xED\xA0\x80",	    /* surrogates */
		"\xED\xBF\xBF",
		"\xF4\x90\x80\x80", /* above U+10FFFF */
		"\xF5\x80\x80\x80",
		"\xF8\x88\x80\x80\x80",
		"\xFE",
		"\xFF",
		"\xC3(",
		"a\xE2\x28\xA1z",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!utf8_valid(bad[i], strlen(bad[i])), "case %zu", i);
	ck_assert(utf8_valid("", 0));
	ck_assert(utf8_valid("a\0b", 3));
	ck_assert(utf8_valid("\xEF\xBB\xBFz\xC5\xBC\xE2\x82\xAC\xF0\x9F\x98\x80", 13));
	ck_assert(utf8_valid("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF", 10));
	ck_assert(!utf8_valid("\xE2\x82\xAC", 2)); /* its length counts, not its NUL */
}
END_TEST

START_TEST(each_malformed_byte_becomes_a_mark)
{
	static const struct {
		const char *in, *out;
	} cases[] = {{"", ""},
		     {"plain \xC5\xBC", "plain \xC5\xBC"},
		     {"\xFF", "\xEF\xBF\xBD"},
		     {"a\xE2\x82z", "a\xEF\xBF\xBD\xEF\xBF\xBDz"},
		     {"\xC3", "\xEF\xBF\xBD"},
		     {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&b);
		utf8_clean(&b, cases[i].in, strlen(cases[i].in));
		ck_assert_str_eq(b.p, cases[i].out);
		ck_assert(utf8_valid(b.p, b.len));
	}
}
END_TEST

/* --- percent-encoding and HTML --- */

static const char *decoded(const char *s, bool plus)
{
	size_t n = 99;
	char *out = percent_decode(&a, s, strlen(s), plus, &n);

	ck_assert_uint_eq(strlen(out), n);
	return out;
}

START_TEST(escapes_are_decoded_once_and_broken_ones_stay)
{
	static const struct {
		const char *in, *out;
	} cases[] = {{"", ""},	       {"a%20b", "a b"}, {"%2f%2F", "//"}, {"%2541", "%41"},
		     {"%", "%"},       {"%4", "%4"},     {"%zz", "%zz"},   {"%4z%41", "%4zA"},
		     {"%%41", "%A"},   {"a+b", "a+b"},   {"%c5%BC", "\xC5\xBC"},
		     {"%ff", "\xff"},  {"100%", "100%"}, {"%-1", "%-1"},   {"% 41", "% 41"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(decoded(cases[i].in, false), cases[i].out);
	ck_assert_str_eq(decoded("a+b%2B+", true), "a b+ ");
}
END_TEST

START_TEST(a_decoded_nul_is_told_by_the_length)
{
	size_t n;
	char *out = percent_decode(&a, "a%00b", 5, false, &n);

	ck_assert_uint_eq(n, 3);
	ck_assert_mem_eq(out, "a\0b", 4);
	ck_assert_str_eq(percent_decode(&a, "a%20bcd", 5, false, NULL), "a b");
	ck_assert_str_eq(percent_decode(&a, "a%20bcd", 3, false, NULL), "a%2"); /* cut */
}
END_TEST

START_TEST(escapes_are_valid_or_not)
{
	static const char *const good[] = {"", "a", "%41", "%41%ff%FF", "a%20b"};
	static const char *const bad[] = {"%", "a%", "%4", "%4z", "%z4", "%%41", "%41%", "%4%41"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(percent_valid(good[i], strlen(good[i])), "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!percent_valid(bad[i], strlen(bad[i])), "%s", bad[i]);
	ck_assert(!percent_valid("%41", 2));
}
END_TEST

/* The unreserved characters of RFC 3986 2.3 and those that are said to be safe. */
START_TEST(what_is_not_safe_is_escaped)
{
	char all[256], want[8];

	for (int ch = 0; ch < 256; ch++)
		all[ch] = (char)ch;
	for (int ch = 0; ch < 256; ch++) {
		bool safe = is_alnum(ch) || (ch && strchr("-._~/:", ch));
		if (safe)
			snprintf(want, sizeof want, "%c", ch);
		else
			snprintf(want, sizeof want, "%%%02X", (unsigned)ch);
		buf_clear(&b);
		percent_encode(&b, all + ch, 1, "/:", false);
		ck_assert_str_eq(b.p, want);
	}
	buf_clear(&b);
	percent_encode(&b, all, sizeof all, "", false);
	size_t n;
	char *back = percent_decode(&a, b.p, b.len, false, &n);
	ck_assert_uint_eq(n, sizeof all);
	ck_assert_mem_eq(back, all, sizeof all);
	buf_clear(&b);
	percent_encode(&b, "a b+c", 5, "", true);
	ck_assert_str_eq(b.p, "a+b%2Bc");
	buf_clear(&b);
	percent_encode(&b, "a b", 3, " ", true); /* safe as it is */
	ck_assert_str_eq(b.p, "a b");
}
END_TEST

START_TEST(html_is_harmless)
{
	html_escape(&b, "", 0);
	ck_assert_str_eq(b.p, "");
	html_escape(&b, "<a href=\"x\">'&amp;'</a>\xC5\xBC", 25);
	ck_assert_str_eq(b.p, "&lt;a href=&#34;x&#34;&gt;&#39;&amp;amp;&#39;&lt;/a&gt;\xC5\xBC");
}
END_TEST

START_TEST(want_of_memory_is_told)
{
	char text[4000];

	memset(text, '<', sizeof text);
	fail_alloc_from(1);
	char *out = percent_decode(&a, text, sizeof text, false, NULL);
	html_escape(&b, text, sizeof text);
	fail_alloc_off();
	ck_assert_ptr_null(out);
	ck_assert_int_eq(buf_err(&b), CRUET_ENOMEM);
}
END_TEST

/* --- numbers --- */

START_TEST(integers_fit_or_are_none)
{
	static const struct {
		const char *s;
		int64_t v;
	} good[] = {{"0", 0},
		    {"-0", 0},
		    {"7", 7},
		    {"007", 7},
		    {"-42", -42},
		    {"9223372036854775807", INT64_MAX},
		    {"-9223372036854775808", INT64_MIN},
		    {"00000000000000000000000001", 1}};
	static const char *const bad[] = {
		"",	"-",	"--1",	"+1",	" 1",	"1 ",	"1.0",	"1e3",	"0x10",
		"abc",	"1a",	"-",	"1-",	"٣",	"9223372036854775808",
		"-9223372036854775809", "18446744073709551616", "99999999999999999999999"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int64_t v = 99;
		ck_assert_msg(text_int(good[i].s, &v), "%s", good[i].s);
		ck_assert_int_eq(v, good[i].v);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int64_t v = 99;
		ck_assert_msg(!text_int(bad[i], &v), "%s", bad[i]);
		ck_assert_int_eq(v, 99);
	}
	int64_t v;
	ck_assert(text_intn("123456", 3, &v));
	ck_assert_int_eq(v, 123);
	ck_assert(!text_intn("123", 0, &v));
	ck_assert(!text_intn("-1", 1, &v));
	ck_assert(!text_intn("1\0002", 3, &v));
}
END_TEST

/* Reals have a suite of their own: real.c. */

/* --- names --- */

START_TEST(secrets_are_the_same_or_not)
{
	ck_assert(text_same_secret("", "", 0));
	ck_assert(text_same_secret("abcd", "abcd", 4));
	ck_assert(text_same_secret("abcX", "abcY", 3));
	for (size_t i = 0; i < 4; i++)
		for (int bit = 0; bit < 8; bit++) {
			char other[] = "abcd";
			other[i] = (char)(other[i] ^ 1 << bit);
			ck_assert(!text_same_secret("abcd", other, 4));
		}
}
END_TEST

SUITE_WITH("text", setup, teardown, hex_digits_have_values,
	   token_characters_are_those_of_the_standard,
	   classes_of_bytes_are_what_they_are_said_to_be, a_span_ends_where_the_class_ends,
	   case_of_letters_alone_is_ignored,
	   beginnings_and_ends, a_hash_depends_on_the_bytes_alone, each_byte_changes_the_hash,
	   texts_of_zero_bytes_differ_by_their_length, every_code_point_goes_there_and_back,
	   no_other_bytes_are_taken, malformed_text_is_not_valid,
	   each_malformed_byte_becomes_a_mark, escapes_are_decoded_once_and_broken_ones_stay,
	   a_decoded_nul_is_told_by_the_length, escapes_are_valid_or_not,
	   what_is_not_safe_is_escaped, html_is_harmless, want_of_memory_is_told,
	   integers_fit_or_are_none, secrets_are_the_same_or_not)
