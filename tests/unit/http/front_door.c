/* The front door: what a request head must be before anything of a user runs. */
#include "http/front_door.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "fail_alloc.h"
#include "suite.h"

enum { FIELDS_MAX = 16, BODY_MAX = 1000 };

static struct arena a;
static struct door door;
static cruet_field fields[FIELDS_MAX];
static cruet_head head;
static const char *why;

/* GET / HTTP/1.1 without any field. */
static void setup(void)
{
	arena_init(&a, 1024);
	head = (cruet_head){.size = sizeof head, .minor = 1, .method = "GET", .target = "/",
			    .fields = fields, .peer = "127.0.0.1", .scheme = "http"};
}

static void teardown(void)
{
	arena_fini(&a);
}

static void field(const char *name, const char *value)
{
	fields[head.nfields++] = (cruet_field){name, value};
}

/* "200", or the status and why. */
static const char *asked(void)
{
	why = NULL;
	int status = front_door(&a, &head, BODY_MAX, NULL, &door, &why);

	ck_assert(!status == !why);
	return status ? arena_printf(&a, "%d %s", status, why) : "200";
}

/* With a good Host. */
static const char *target(const char *method, const char *text)
{
	head.nfields = 0;
	head.method = method;
	head.target = text;
	field("Host", "h");
	return asked();
}

static const char *host(const char *value)
{
	head.nfields = 0;
	field("Host", value);
	return asked();
}

/* A POST with a good Host and up to two fields of framing. */
static const char *framed(const char *name, const char *value, const char *name2,
			  const char *value2)
{
	head.method = "POST";
	head.nfields = 0;
	field("Host", "h");
	field(name, value);
	if (name2)
		field(name2, value2);
	return asked();
}

START_TEST(a_plain_request_passes)
{
	ck_assert_str_eq(target("GET", "/a/b%20c?d=e%20f?g"), "200");
	ck_assert_str_eq(door.path, "/a/b c");
	ck_assert_str_eq(door.raw_path, "/a/b%20c");
	ck_assert_str_eq(door.query, "d=e%20f?g");
	ck_assert_str_eq(door.host, "h");
	ck_assert_str_eq(door.authority, "h");
	ck_assert_int_eq(door.length, 0);
	ck_assert_int_eq(door.expect_continue, 0);
	ck_assert_str_eq(target("GET", "/?"), "200");
	ck_assert_str_eq(door.query, "");
}
END_TEST

START_TEST(methods_are_words)
{
	static const char *const good[] = {"GET", "PURGE", "get", "M-SEARCH", "a!#$%&'*+.^_`|~9"};
	static const char *const bad[] = {"", "GE T", "GET\r", "G(T", "\xC5\xBC", "G\x01T", "G/T", "{}"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_str_eq(target(good[i], "/"), "200");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_str_eq(target(bad[i], "/"), "400 The method is no word.");
}
END_TEST

/* --- the target --- */

#define RAW "400 The request target holds a character that must be percent-encoded."

START_TEST(targets_hold_visible_ascii)
{
	char text[] = "/a?b";

	for (int place = 1; place < 4; place += 2)
		for (int ch = 1; ch < 256; ch++) {
			text[1] = 'a';
			text[3] = 'b';
			text[place] = (char)ch;
			if (ch == '%' && place == 1) /* an escape cut short */
				continue;
			bool good = ch > ' ' && ch < 0x7f && ch != '#';
			ck_assert_msg(!strcmp(target("GET", text), good ? "200" : RAW), "0x%02x: %s",
				      (unsigned)ch, target("GET", text));
		}
}
END_TEST

START_TEST(escapes_of_the_path_are_whole_text)
{
	static const struct {
		const char *target, *want, *path;
	} cases[] = {
		{"/%41%2f%C5%BC", "200", "/A/\xC5\xBC"},
		{"/%0A", "200", "/\n"},
		{"/a%2Fb", "200", "/a/b"},
		{"/%", "400 A '%' in the path is not followed by two hex digits.", NULL},
		{"/%4", "400 A '%' in the path is not followed by two hex digits.", NULL},
		{"/%zz", "400 A '%' in the path is not followed by two hex digits.", NULL},
		{"/%4%41", "400 A '%' in the path is not followed by two hex digits.", NULL},
		{"/a%00b", "400 The path holds an encoded NUL.", NULL},
		{"/%FF", "400 The path is not UTF-8.", NULL},
		{"/%C0%AE%C0%AE/", "400 The path is not UTF-8.", NULL}, /* overlong dots */
		{"/%ED%A0%80", "400 The path is not UTF-8.", NULL},
		{"/a?%zz%FF%00", "200", "/a"}, /* in a query they are text */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_str_eq(target("GET", cases[i].target), cases[i].want);
		if (cases[i].path)
			ck_assert_str_eq(door.path, cases[i].path);
	}
}
END_TEST

START_TEST(slashes_in_front_are_one)
{
	ck_assert_str_eq(target("GET", "//evil.example/x"), "200");
	ck_assert_str_eq(door.path, "/evil.example/x");
	ck_assert_str_eq(target("GET", "///%41"), "200");
	ck_assert_str_eq(door.path, "/A");
	ck_assert_str_eq(target("GET", "/a//b"), "200");
	ck_assert_str_eq(door.path, "/a//b");
}
END_TEST

START_TEST(an_absolute_target_names_the_host)
{
	static const struct {
		const char *target, *want, *raw_path, *query, *host;
	} cases[] = {
		{"http://Example.com/a?b", "200", "/a", "b", "example.com"},
		{"HTTP://x:8080/", "200", "/", "", "x:8080"},
		{"https://x:80/", "200", "/", "", "x"}, /* the scheme of the connection counts */
		{"http://x", "200", "/", "", "x"},
		{"http://x?q", "200", "/", "q", "x"},
		{"http:///a", "400 The host of the request target is malformed.", 0, 0, 0},
		{"http://user@x/", "400 The host of the request target is malformed.", 0, 0, 0},
		{"http://x:99999/", "400 The host of the request target is malformed.", 0, 0, 0},
		{"ftp://x/", "400 The request target is no path.", 0, 0, 0},
		{"x:80", "400 The request target is no path.", 0, 0, 0},
		{"", "400 The request target is no path.", 0, 0, 0},
		{"a/b", "400 The request target is no path.", 0, 0, 0},
		{"?a", "400 The request target is no path.", 0, 0, 0},
		{"*", "400 The request target is no path.", 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_str_eq(target("GET", cases[i].target), cases[i].want);
		if (cases[i].host) {
			ck_assert_str_eq(door.raw_path, cases[i].raw_path);
			ck_assert_str_eq(door.query, cases[i].query);
			ck_assert_str_eq(door.host, cases[i].host);
		}
	}
	ck_assert_str_eq(target("OPTIONS", "*"), "200");
	ck_assert_str_eq(door.path, "*");
	ck_assert_str_eq(target("OPTIONS", "**"), "400 The request target is no path.");
}
END_TEST

/* --- Host --- */

START_TEST(hosts_are_names_or_addresses)
{
	static const struct {
		const char *value, *host;
	} good[] = {
		{"example.com", "example.com"},
		{"Example.COM", "example.com"},
		{"a-b_c.example", "a-b_c.example"},
		{"127.0.0.1:8000", "127.0.0.1:8000"},
		{"x:80", "x"},
		{"X:80", "x"},
		{"x:", "x"},
		{"x:0", "x:0"},
		{"x:65535", "x:65535"},
		{"x:443", "x:443"},
		{"[::1]", "[::1]"},
		{"[2001:DB8::1]:8000", "[2001:db8::1]:8000"},
		{"[::ffff:1.2.3.4]:80", "[::ffff:1.2.3.4]"},
		{"%41.example", "%41.example"},
		{"!$&'()*+,;=~", "!$&'()*+,;=~"},
	};
	static const char *const bad[] = {
		"", " ", "a b", "a/b", "a?b", "a#b", "a@b", "a\\b", "a\"b", "a<b>", "a%", "a%4",
		"a%zz", "\xC5\xBC", "a:b", "a:80x", "a:-1", "a:+80", "a:65536", "a:000080", "a:80:80",
		":80", "[", "[]", "[x]", "[::1", "[::1]x", "[::1]:x", "::1", "[::1]]", "a^b",
		"a|b", "a`b", "a{b}", ",x y"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(!strcmp(host(good[i].value), "200"), "%s: %s", good[i].value, why);
		ck_assert_str_eq(door.host, good[i].host);
		ck_assert_str_eq(door.authority, good[i].value);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!strcmp(host(bad[i]), "400 Host is malformed."), "%s passed", bad[i]);
	head.scheme = "https";
	ck_assert_str_eq(host("x:443"), "200");
	ck_assert_str_eq(door.host, "x");
	ck_assert_str_eq(host("x:80"), "200");
	ck_assert_str_eq(door.host, "x:80");
}
END_TEST

START_TEST(there_is_one_host)
{
	ck_assert_str_eq(asked(), "400 Host is missing.");
	field("Host", "a");
	field("hOST", "a"); /* not even the same twice */
	ck_assert_str_eq(asked(), "400 Host stands twice.");
	head.minor = 0;
	ck_assert_str_eq(asked(), "400 Host stands twice.");
	head.nfields = 0;
	ck_assert_str_eq(asked(), "200");
	ck_assert_str_eq(door.host, "");
	ck_assert_str_eq(door.authority, "");
	/* a bad one is not healed by an absolute target */
	head.minor = 1;
	head.target = "http://good/";
	ck_assert_str_eq(host("b@d"), "400 Host is malformed.");
}
END_TEST

/* --- fields --- */

START_TEST(fields_are_words_and_text)
{
	static const char *const names[] = {"", "a b", "a:", "\xC5\xBC", "a\t", "(a)", "a\x7f"};
	static const char *const values[] = {"a\nb", "a\rb", "\x01", "\x7f", "a\x1b[m"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_str_eq(framed(names[i], "x", NULL, NULL),
				 "400 A header name holds a character that may not stand there.");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		ck_assert_str_eq(framed("X", values[i], NULL, NULL),
				 "400 A header value holds a control character.");
	ck_assert_str_eq(framed("X", "a\tb \xC5\xBC\xFF", "X", ""), "200");
}
END_TEST

/* --- the body --- */

START_TEST(lengths_are_digits_and_stand_once)
{
	static const struct {
		const char *value;
		int64_t length;
	} good[] = {{"0", 0}, {"5", 5}, {"005", 5}, {"1000", 1000}};
	static const struct {
		const char *value, *want;
	} bad[] = {
		{"", "400 Content-Length is no number."},
		{" 5", "400 Content-Length is no number."},
		{"5 ", "400 Content-Length is no number."},
		{"+5", "400 Content-Length is no number."},
		{"-5", "400 Content-Length is no number."},
		{"5abc", "400 Content-Length is no number."},
		{"0x5", "400 Content-Length is no number."},
		{"1e3", "400 Content-Length is no number."},
		{"5,5", "400 Content-Length is no number."},
		{"5, 5", "400 Content-Length is no number."},
		{"\xD9\xA5", "400 Content-Length is no number."},
		{"1001", "413 The body is larger than is accepted here."},
		{"9223372036854775807", "413 The body is larger than is accepted here."},
		{"9223372036854775808", "413 Content-Length is beyond all limits."},
		{"99999999999999999999999999", "413 Content-Length is beyond all limits."},
		{"99999999999999999999999999x", "400 Content-Length is no number."},
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_str_eq(framed("Content-Length", good[i].value, NULL, NULL), "200");
		ck_assert_int_eq(door.length, good[i].length);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_str_eq(framed("Content-Length", bad[i].value, NULL, NULL), bad[i].want);
	ck_assert_str_eq(framed("Content-Length", "5", "content-length", "5"),
			 "400 Content-Length stands twice.");
}
END_TEST

START_TEST(what_the_transport_has_checked_is_not_looked_at_again)
{
	head.method = "B D";
	field("Host", "h");
	field("A b", "c");
	ck_assert_str_eq(asked(), "400 The method is no word.");
	head.checked = 1;
	ck_assert_str_eq(asked(), "200");
	field("Host", "h");
	ck_assert_str_eq(asked(), "400 Host stands twice.");
	head.size = offsetof(cruet_head, checked); /* of an older transport */
	ck_assert_str_eq(asked(), "400 The method is no word.");
}
END_TEST

static const char *host_again(struct host_seen *seen, const char *scheme, const char *value)
{
	head.nfields = 0;
	head.scheme = scheme;
	field("Host", value);
	if (front_door(&a, &head, BODY_MAX, seen, &door, &why))
		return "refused";
	return door.host;
}

START_TEST(a_host_that_was_seen_is_read_as_before)
{
	struct host_seen seen = {""};
	char longer[2 * HOST_SEEN_MAX] = "";

	memset(longer, 'a', sizeof longer - 1);
	for (int i = 0; i < 2; i++) {
		ck_assert_str_eq(host_again(&seen, "http", "example.com:81"), "example.com:81");
		ck_assert_str_eq(host_again(&seen, "https", "example.com:81"), "example.com:81");
		ck_assert_str_eq(host_again(&seen, "http", "example.com:443"), "example.com:443");
		ck_assert_str_eq(host_again(&seen, "https", "example.com:443"), "example.com");
		ck_assert_str_eq(host_again(&seen, "https", "example.com:80"), "example.com:80");
		ck_assert_str_eq(host_again(&seen, "http", "example.com:80"), "example.com");
		ck_assert_str_eq(host_again(&seen, "http", "Example.com"), "example.com");
		ck_assert_str_eq(host_again(&seen, "http", "8080"), "8080");
		ck_assert_str_eq(host_again(&seen, "http", longer), longer);
		ck_assert_str_eq(host_again(&seen, "http", "a b"), "refused");
		ck_assert_str_eq(host_again(&seen, "http", ""), "refused");
	}
	head.scheme = "http";
}
END_TEST

START_TEST(without_a_limit_any_length_passes)
{
	field("Host", "h");
	field("Content-Length", "9223372036854775807");
	ck_assert_int_eq(front_door(&a, &head, 0, NULL, &door, &why), 0);
	ck_assert_int_eq(door.length, INT64_MAX);
}
END_TEST

START_TEST(codings_are_chunked_or_refused)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
		{"chunked", "200"},
		{"CHUNKED", "200"},
		{"gzip", "501 Only the transfer coding chunked is understood."},
		{"gzip, chunked", "501 Only the transfer coding chunked is understood."},
		{"chunked, chunked", "501 Only the transfer coding chunked is understood."},
		{"chunked;x=y", "501 Only the transfer coding chunked is understood."},
		{" chunked", "501 Only the transfer coding chunked is understood."},
		{"xchunked", "501 Only the transfer coding chunked is understood."},
		{"identity", "501 Only the transfer coding chunked is understood."},
		{"", "501 Only the transfer coding chunked is understood."},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(framed("Transfer-Encoding", cases[i].value, NULL, NULL),
				 cases[i].want);
	ck_assert_str_eq(framed("Transfer-Encoding", "chunked", NULL, NULL), "200");
	ck_assert_int_eq(door.length, -1);
	ck_assert_str_eq(framed("Transfer-Encoding", "chunked", "transfer-encoding", "chunked"),
			 "400 Transfer-Encoding stands twice.");
	ck_assert_str_eq(framed("Content-Length", "5", "Transfer-Encoding", "chunked"),
			 "400 Content-Length and Transfer-Encoding stand together.");
	ck_assert_str_eq(framed("Transfer-Encoding", "chunked", "Content-Length", "0"),
			 "400 Content-Length and Transfer-Encoding stand together.");
	head.minor = 0;
	ck_assert_str_eq(framed("Transfer-Encoding", "chunked", NULL, NULL),
			 "400 Transfer-Encoding does not exist in HTTP/1.0.");
}
END_TEST

START_TEST(one_expectation_is_understood)
{
	ck_assert_str_eq(framed("Expect", "100-continue", "Content-Length", "5"), "200");
	ck_assert_int_eq(door.expect_continue, 1);
	ck_assert_str_eq(framed("expect", "100-Continue", NULL, NULL), "200");
	ck_assert_str_eq(framed("Expect", "200-ok", NULL, NULL),
			 "417 Only the expectation 100-continue is understood.");
	ck_assert_str_eq(framed("Expect", "", NULL, NULL),
			 "417 Only the expectation 100-continue is understood.");
	head.minor = 0;
	ck_assert_str_eq(framed("Expect", "200-ok", NULL, NULL), "200"); /* unknown there */
	ck_assert_int_eq(door.expect_continue, 0);
}
END_TEST

START_TEST(want_of_memory_is_503)
{
	static const char *const targets[] = {"/a%20b?c", "http://Example.com?q", "/plain"};

	for (size_t i = 0; i < sizeof targets / sizeof *targets * 16; i++) {
		for (size_t n = 1, failed = 1; failed; n++) {
			struct arena small;
			arena_init(&small, 256);
			if (i % 16)
				ck_assert_ptr_nonnull(arena_alloc(&small, i % 16 * 16));
			head.nfields = 0;
			field("Host", "EXAMPLE.com:80");
			head.target = targets[i / 16];
			fail_alloc_at(n);
			int status = front_door(&small, &head, 0, NULL, &door, &why);
			failed = fail_alloc_off();
			ck_assert_int_eq(status, failed ? 503 : 0);
			if (failed)
				ck_assert_str_eq(why, "Out of memory.");
			arena_fini(&small);
		}
	}
}
END_TEST

SUITE_WITH("front_door", setup, teardown, a_plain_request_passes, methods_are_words,
	   targets_hold_visible_ascii, escapes_of_the_path_are_whole_text, slashes_in_front_are_one,
	   an_absolute_target_names_the_host, hosts_are_names_or_addresses,
	   a_host_that_was_seen_is_read_as_before, there_is_one_host,
	   fields_are_words_and_text,
	   what_the_transport_has_checked_is_not_looked_at_again, lengths_are_digits_and_stand_once,
	   without_a_limit_any_length_passes, codings_are_chunked_or_refused,
	   one_expectation_is_understood, want_of_memory_is_503)
