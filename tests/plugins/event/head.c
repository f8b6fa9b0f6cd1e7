/* Heads of requests: what is one, where it ends, what it says. */
#include <stdio.h>
#include <string.h>
#include "head.h"
#include "suite.h"

enum { BYTES = 512, FIELDS = 6 };

static const struct head_limits limits = {.bytes = BYTES, .fields = FIELDS};

struct found {
	ptrdiff_t head; /* or a status below 0 */
	const char *why;
};

/* Looks for a head as its bytes come, so many at a time. Each time in memory of its exact
 * size, so that a look too far is seen. */
static struct found find(const char *p, size_t n, size_t step)
{
	struct found f = {0, NULL};
	size_t seen = 0;

	for (size_t here = 0; !f.head && here < n;) {
		here = n - here < step ? n : here + step;
		char *copy = malloc(here);
		memcpy(copy, p, here);
		f.head = head_find(copy, here, &limits, &seen, &f.why);
		free(copy);
	}
	return f;
}

static struct found find_anyhow(const char *p, size_t n)
{
	struct found at_once = find(p, n, n);

	for (size_t step = 1; step < n; step += 1 + step / 8) {
		struct found f = find(p, n, step);
		ck_assert_msg(f.head == at_once.head,
			      "%d instead of %d in steps of %zu: %.60s", (int)f.head,
			      (int)at_once.head, step, p);
		if (f.head < 0)
			ck_assert_str_eq(f.why, at_once.why);
	}
	return at_once;
}

struct read { /* a head, with the memory that it lies in */
	char *copy, *before;
	size_t n;
	int status;
	const char *why;
	cruet_field fields[FIELDS];
	struct head h;
};

static struct read *read_bytes(const char *p, size_t n)
{
	struct found f = find_anyhow(p, n);
	struct read *r = calloc(1, sizeof *r);

	r->h.fields = r->fields;
	if (f.head <= 0) {
		r->status = f.head ? (int)-f.head : -1;
		r->why = f.why;
		return r;
	}
	r->n = (size_t)f.head;
	r->copy = malloc(r->n);
	r->before = malloc(r->n);
	memcpy(r->copy, p, r->n);
	memcpy(r->before, p, r->n);
	r->status = head_read(r->copy, r->n, &limits, &r->h, &r->why);
	return r;
}

static void done(struct read *r)
{
	if (!r->status) { /* it can be read again */
		head_restore(&r->h);
		ck_assert_mem_eq(r->copy, r->before, r->n);
	}
	free(r->copy);
	free(r->before);
	free(r);
}

static struct read *read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

/* A status, and what is said of it; 0 and NULL: it is a head. */
static void judge_bytes(const char *p, size_t n, int status, const char *why)
{
	struct read *r = read_bytes(p, n);

	ck_assert_msg(r->status == status, "%d (%s) instead of %d: %s", r->status,
		      r->why ? r->why : "", status, p);
	if (status > 0)
		ck_assert_str_eq(r->why, why);
	done(r);
}

static void judge(const char *text, int status, const char *why)
{
	judge_bytes(text, strlen(text), status, why);
}

#define JUDGE_BYTES(text, status, why) judge_bytes(text, sizeof(text) - 1, status, why)

START_TEST(its_parts)
{
	struct read *r =
		read_text("GET /a?b=c HTTP/1.1\r\nHost: x\r\nEmpty:\r\nBlank:  \r\n"
			  "Much: \t a b  \r\n!#$%&'*+-.^_`|~09AZaz: \xff\r\n\r\nmore");

	ck_assert_int_eq(r->status, 0);
	ck_assert_str_eq(r->h.method, "GET");
	ck_assert_str_eq(r->h.target, "/a?b=c");
	ck_assert_uint_eq(r->h.minor, 1);
	ck_assert_uint_eq(r->h.nfields, 5);
	ck_assert_str_eq(r->fields[0].name, "Host");
	ck_assert_str_eq(r->fields[0].value, "x");
	ck_assert_str_eq(r->fields[1].value, "");
	ck_assert_str_eq(r->fields[2].value, "");
	ck_assert_str_eq(r->fields[3].value, "a b");
	ck_assert_str_eq(r->fields[4].name, "!#$%&'*+-.^_`|~09AZaz");
	ck_assert_str_eq(r->fields[4].value, "\xff");
	ck_assert_int_eq(r->h.length, 0);
	ck_assert(!r->h.close && !r->h.keep && !r->h.expects && !r->h.upgrade);
	done(r);
}
END_TEST

START_TEST(it_ends_with_an_empty_line)
{
	ck_assert_int_eq(find_anyhow("GET / HTTP/1.1\r\n\r\nGET", 21).head, 18);
	ck_assert_int_eq(find_anyhow("\r\nGET / HTTP/1.1\r\n\r\n", 20).head, 20);
	ck_assert_int_eq(find_anyhow("GET / HTTP/1.1\r\nA: b\r\n", 22).head, 0);
	ck_assert_int_eq(find_anyhow("GET / HTTP/1.1\r\n\r", 17).head, 0);
	ck_assert_int_eq(find_anyhow("\r", 1).head, 0);
	ck_assert_int_eq(find_anyhow("\r\n", 2).head, 0);
	judge("GET / HTTP/1.1\r\n\r\n", 0, NULL);
}
END_TEST

START_TEST(one_empty_line_may_come_before_it)
{
	static const char why[] = "The request does not begin with a method.";

	judge("\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n", 0, NULL);
	judge("\r\n\r\nGET / HTTP/1.1\r\n\r\n", 400, why);
	judge("\nGET / HTTP/1.1\r\n\r\n", 400, why);
	judge("\rGET / HTTP/1.1\r\n\r\n", 400, why);
	judge(" GET / HTTP/1.1\r\n\r\n", 400, why);
	judge("\x16\x03\x01\x02", 400, why);
	judge("(", 400, why);
	JUDGE_BYTES("\0GET / HTTP/1.1\r\n\r\n", 400, why);
}
END_TEST

START_TEST(lines_end_in_cr_lf_and_nothing_else)
{
	static const char why[] = "A line of the head does not end in CR LF.";

	judge("GET / HTTP/1.1\n\n", 400, why);
	judge("GET / HTTP/1.1\nHost: x\r\n\r\n", 400, why);
	judge("GET / HTTP/1.1\r\nHost: x\n\r\n", 400, why);
	judge("GET / HTTP/1.1\r\nHost: x\r\n\n", 400, why);
	judge("GET / HTTP/1.1\r\n\nHost: x\r\n\r\n", 400, why);
	judge("GET / HTTP/1.1\rHost: x\r\n\r\n", 400,
	      "The parts of the request line are not one blank apart.");
	judge("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400,
	      "A header value holds a control character.");
}
END_TEST

/* Texts are looked through in words of eight bytes: so each byte stands at each place of two
 * of them, and in one that is shorter. */
enum { PLACES = 20 };

START_TEST(each_byte_of_a_value_at_each_place)
{
	for (size_t n = 1; n <= PLACES; n++)
		for (size_t at = 0; at < n; at++)
			for (int byte = 0; byte < 256; byte++) {
				char text[64] = "GET / HTTP/1.1\r\nA: ";
				size_t head = strlen(text);
				bool edge = at == 0 || at == n - 1;
				memset(text + head, 'v', n);
				text[head + at] = (char)byte;
				memcpy(text + head + n, "\r\n\r\n", 4);
				struct read *r = read_bytes(text, head + n + 4);
				bool fine = byte == '\t' || (byte >= ' ' && byte != 0x7f);
				ck_assert_msg((r->status == 0) == fine,
					      "byte %d at %zu of %zu: %d", byte, at, n, r->status);
				if (fine && !(edge && (byte == ' ' || byte == '\t')))
					ck_assert_int_eq((unsigned char)r->fields[0].value[at], byte);
				if (byte == '\t' && at == n - 1)
					r->status = -1; /* it may come back as a blank */
				done(r);
			}
}
END_TEST

START_TEST(each_byte_of_a_target_at_each_place)
{
	for (size_t n = 1; n <= PLACES; n++)
		for (size_t at = 0; at < n; at++)
			for (int byte = 0; byte < 256; byte++) {
				char text[64] = "GET ";
				memset(text + 4, '/', n);
				text[4 + at] = (char)byte;
				memcpy(text + 4 + n, " HTTP/1.1\r\n\r\n", 13);
				struct read *r = read_bytes(text, 4 + n + 13);
				ck_assert_msg((r->status == 0) == (byte > ' '),
					      "byte %d at %zu of %zu: %d", byte, at, n, r->status);
				done(r);
			}
}
END_TEST

START_TEST(the_request_line_has_three_parts_one_blank_apart)
{
	static const char odd[] =
		"The parts of the request line are not one blank apart.";
	static const char version[] = "The request line names no version of HTTP.";
	static const char word[] = "The method is no word.";

	judge("GET  / HTTP/1.1\r\n\r\n", 400, odd);
	judge("GET /  HTTP/1.1\r\n\r\n", 400, odd);
	judge("GET / HTTP/1.1 \r\n\r\n", 400, odd);
	judge("GET / a HTTP/1.1\r\n\r\n", 400, odd);
	judge("GET /\r\n\r\n", 400, odd);
	judge("GET \r\n\r\n", 400, odd);
	judge("GET / \r\n\r\n", 400, version);
	judge("GET\r\n\r\n", 400, word);
	judge("GET\t/ HTTP/1.1\r\n\r\n", 400, word);
	judge("G(T / HTTP/1.1\r\n\r\n", 400, word);
	judge("G\xc3\xa9T / HTTP/1.1\r\n\r\n", 400, word);
	JUDGE_BYTES("GE\0T / HTTP/1.1\r\n\r\n", 400, word);
}
END_TEST

START_TEST(methods_are_tokens_in_capitals)
{
	static const char why[] = "Methods are written in capital letters.";

	judge("get / HTTP/1.1\r\n\r\n", 501, why);
	judge("GEt / HTTP/1.1\r\n\r\n", 501, why);
	judge("M-SEARCH / HTTP/1.1\r\n\r\n", 0, NULL);
	judge("!#$%&'*+-.^_`|~09 / HTTP/1.1\r\n\r\n", 0, NULL);
}
END_TEST

/* RFC 9110 5.6.2, one byte after the other. */
START_TEST(token_characters)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (unsigned c = 1; c < 256; c++) {
		bool is = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			  (c >= 'a' && c <= 'z') || strchr(marks, (int)c);
		char text[64];
		if (c == '\n' || c == ':')
			continue;
		snprintf(text, sizeof text, "GET / HTTP/1.1\r\na%cb: c\r\n\r\n", (int)c);
		struct read *r = read_text(text);
		ck_assert_msg(r->status == (is ? 0 : 400), "%d for %#x", r->status, c);
		done(r);
	}
}
END_TEST

START_TEST(versions)
{
	static const char none[] = "The request line names no version of HTTP.";
	static const char other[] = "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
	static const struct {
		const char *version;
		int status;
		const char *why;
	} cases[] = {
		{"HTTP/1.1", 0, NULL},
		{"HTTP/1.0", 0, NULL},
		{"HTTP/1.2", 0, NULL},
		{"HTTP/1.9", 0, NULL},
		{"HTTP/2.0", 505, other},
		{"HTTP/0.9", 505, other},
		{"HTTP/9.9", 505, other},
		{"HTTP/1.11", 400, none},
		{"HTTP/1.", 400, none},
		{"HTTP/1", 400, none},
		{"HTTP/a.1", 400, none},
		{"HTTP/1.a", 400, none},
		{"HTTP/1,1", 400, none},
		{"http/1.1", 400, none},
		{"HTTP 1.1", 400,
		 "The parts of the request line are not one blank apart."},
		{"HTTP/11.1", 400, none},
		{"HTTPS/1.1", 400, none},
		{"PRI", 400, none},
		{"HTTP/1.1\t", 400, none},
		{"HTTP/-1.1", 400, none},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[64];
		snprintf(text, sizeof text, "GET / %s\r\n\r\n", cases[i].version);
		judge(text, cases[i].status, cases[i].why);
	}
	struct read *r = read_text("GET / HTTP/1.0\r\n\r\n");
	ck_assert_uint_eq(r->h.minor, 0);
	done(r);
	r = read_text("GET / HTTP/1.7\r\n\r\n");
	ck_assert_uint_eq(r->h.minor, 1);
	done(r);
}
END_TEST

START_TEST(header_fields)
{
#define FIELD(line) "GET / HTTP/1.1\r\n" line "\r\n\r\n"
	static const char none[] = "A line of the head is no header field.";
	static const char blank[] =
		"There is a blank before the colon of a header field.";
	static const char fold[] = "A header field goes on in a second line.";

	judge(FIELD("A b"), 400, blank);
	judge(FIELD("A : b"), 400, blank);
	judge(FIELD("A\t: b"), 400, blank);
	judge(FIELD(": b"), 400, none);
	judge(FIELD("A"), 400, none);
	judge(FIELD("A=b"), 400, none);
	judge(FIELD("A\xc3\xa4: b"), 400, none);
	judge(FIELD("A: b\r\n c"), 400, fold);
	judge(FIELD("A: b\r\n\tc"), 400, fold);
	judge(FIELD(" A: b"), 400, fold);
	judge(FIELD("A:b"), 0, NULL);
	judge(FIELD("A::b"), 0, NULL);
}
END_TEST

START_TEST(there_is_no_nul_in_it)
{
	JUDGE_BYTES("GET /a\0b HTTP/1.1\r\n\r\n", 400, "The request target holds a NUL.");
	JUDGE_BYTES("GET \0 HTTP/1.1\r\n\r\n", 400, "The request target holds a NUL.");
	JUDGE_BYTES("GET / HTTP/1.1\0\r\n\r\n", 400,
		    "The request line names no version of HTTP.");
	JUDGE_BYTES("GET / HTTP/1.1\r\nA\0: b\r\n\r\n", 400,
		    "A line of the head is no header field.");
	JUDGE_BYTES("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 400,
		    "A header value holds a NUL.");
	JUDGE_BYTES("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 400,
		    "A header value holds a NUL.");
	JUDGE_BYTES("GET / HTTP/1.1\r\nA: b \0\r\n\r\n", 400,
		    "A header value holds a NUL.");
}
END_TEST

/* A head of exactly n bytes: a target, or a value, of a length that makes it so. */
static char *sized(size_t n, bool in_target, const char *before)
{
	char *text = malloc(n + 1), *fill = malloc(n + 1);
	size_t frame =
		strlen(before) + strlen(in_target ? "GET / HTTP/1.1\r\n\r\n"
						  : "GET / HTTP/1.1\r\nA: \r\n\r\n");

	memset(fill, 'a', n);
	fill[n - frame] = '\0';
	snprintf(text, n + 1,
		 in_target ? "%sGET /%s HTTP/1.1\r\n\r\n"
			   : "%sGET / HTTP/1.1\r\nA: %s\r\n\r\n",
		 before, fill);
	ck_assert_uint_eq(strlen(text), n);
	free(fill);
	return text;
}

START_TEST(what_is_too_long_is_414_or_431)
{
	static const char line[] = "The request line is longer than is accepted here.";
	static const char head[] = "The head is larger than is accepted here.";
	static const char *const befores[] = {"", "\r\n"};

	for (size_t i = 0; i < 2; i++) {
		for (size_t n = BYTES - 6; n <= BYTES + 40; n++) {
			char *text = sized(n, true, befores[i]);
			/* the line alone ends 2 bytes before */
			judge(text,
			      n <= BYTES       ? 0
			      : n - 2 <= BYTES ? 431
					       : 414,
			      n - 2 <= BYTES ? head : line);
			free(text);
			text = sized(n, false, befores[i]);
			judge(text, n <= BYTES ? 0 : 431, head);
			free(text);
		}
	}
	char endless[2 * BYTES];
	memset(endless, 'A', sizeof endless);
	judge_bytes(endless, BYTES, -1, NULL);
	judge_bytes(endless, sizeof endless, 414, line);
	endless[2 * BYTES - 1] = '\n'; /* its line end comes too late to matter */
	judge_bytes(endless, sizeof endless, 414, line);
}
END_TEST

START_TEST(too_many_fields_are_431)
{
	judge("GET / HTTP/1.1\r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\n\r\n", 0,
	      NULL);
	judge("GET / HTTP/1.1\r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\nA: \r\n\r\n",
	      431, "There are more header fields than are accepted here.");
}
END_TEST

START_TEST(what_connection_says)
{
	static const struct {
		const char *fields;
		bool close, keep, upgrade;
	} cases[] = {
		{"Connection: close", true, false, false},
		{"connection: CLOSE", true, false, false},
		{"Connection: keep-alive", false, true, false},
		{"Connection: foo, close", true, false, false},
		{"Connection: foo ,\tClose,", true, false, false},
		{"Connection: ,,keep-alive , close", true, true, false},
		{"Connection: foo\r\nConnection: close", true, false, false},
		{"Connection: closed", false, false, false},
		{"Connection: not-close", false, false, false},
		{"Connection:", false, false, false},
		{"X-Connection: close", false, false, false},
		{"Connection: Upgrade\r\nUpgrade: websocket", false, false, true},
		{"Upgrade: foo, WebSocket\r\nConnection: keep-alive, upgrade", false,
		 true, true},
		{"Upgrade: websocket", false, false, false},
		{"Connection: upgrade\r\nUpgrade: h2c", false, false, false},
		{"Connection: upgrade", false, false, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[128];
		snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%s\r\n\r\n",
			 cases[i].fields);
		struct read *r = read_text(text);
		ck_assert_int_eq(r->status, 0);
		ck_assert_msg(r->h.close == cases[i].close &&
				      r->h.keep == cases[i].keep &&
				      r->h.upgrade == cases[i].upgrade,
			      "%s", cases[i].fields);
		done(r);
	}
}
END_TEST

START_TEST(what_expect_says)
{
	static const struct {
		const char *text;
		bool expects;
	} cases[] = {
		{"GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nEXPECT: 100-Continue\r\n\r\n", true},
		{"GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nExpect: 200-ok\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nExpect:\r\n\r\n", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct read *r = read_text(cases[i].text);
		ck_assert_msg(r->h.expects == cases[i].expects, "%s", cases[i].text);
		done(r);
	}
}
END_TEST

/* -2: not to be known. Whoever finds another end than we do could hide a request. */
START_TEST(how_long_the_body_is)
{
	static const struct {
		int minor;
		const char *fields;
		int64_t length;
	} cases[] = {
		{1, "A: b", 0},
		{1, "Content-Length: 0", 0},
		{1, "content-length: 17", 17},
		{1, "Content-Length:  00017 ", 17},
		{1, "Content-Length: 9223372036854775807", INT64_MAX},
		{1, "Content-Length: 9223372036854775808", -2},
		{1, "Content-Length: 99999999999999999999999", -2},
		{1, "Content-Length:", -2},
		{1, "Content-Length: -1", -2},
		{1, "Content-Length: +1", -2},
		{1, "Content-Length: 1 1", -2},
		{1, "Content-Length: 0x1", -2},
		{1, "Content-Length: 1,1", -2},
		{1, "Content-Length: 5\r\nContent-Length: 5", -2},
		{1, "Content-Length: 0\r\nContent-Length: 5", -2},
		{1, "Content-Length: 5\r\nContent-Length: 0", -2},
		{1, "Content-Length: 5\r\nContent-Length: 0\r\nContent-Length: 5", -2},
		{1, "Transfer-Encoding: chunked", -1},
		{1, "transfer-encoding: CHUNKED", -1},
		{0, "Transfer-Encoding: chunked", -2},
		{1, "Transfer-Encoding: gzip", -2},
		{1, "Transfer-Encoding: gzip, chunked", -2},
		{1, "Transfer-Encoding: chunked, chunked", -2},
		{1, "Transfer-Encoding: xchunked", -2},
		{1, "Transfer-Encoding:", -2},
		{1, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", -2},
		{1, "Transfer-Encoding: chunked\r\nContent-Length: 5", -2},
		{1, "Content-Length: 5\r\nTransfer-Encoding: chunked", -2},
		{1, "Content-Length: 0\r\nTransfer-Encoding: chunked", -2},
		{1, "Transfer-Encoding: gzip\r\nContent-Length: 0", -2},
		{1, "X-Content-Length: 5", 0},
		{0, "Content-Length: 5", 5},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[160];
		snprintf(text, sizeof text, "POST / HTTP/1.%d\r\n%s\r\n\r\n",
			 cases[i].minor, cases[i].fields);
		struct read *r = read_text(text);
		ck_assert_int_eq(r->status, 0);
		ck_assert_msg(r->h.length == cases[i].length, "%lld instead of %lld: %s",
			      (long long)r->h.length, (long long)cases[i].length,
			      cases[i].fields);
		done(r);
	}
}
END_TEST

SUITE("event_head", its_parts, it_ends_with_an_empty_line,
      one_empty_line_may_come_before_it, lines_end_in_cr_lf_and_nothing_else,
      each_byte_of_a_value_at_each_place, each_byte_of_a_target_at_each_place,
      the_request_line_has_three_parts_one_blank_apart, methods_are_tokens_in_capitals,
      token_characters, versions, header_fields, there_is_no_nul_in_it,
      what_is_too_long_is_414_or_431, too_many_fields_are_431, what_connection_says,
      what_expect_says, how_long_the_body_is)
