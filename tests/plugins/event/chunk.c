/* The chunked coding: what it carries, where it ends, and what is none, whatever the
 * pieces are in which it comes and is taken. */
#include <stdio.h>
#include <string.h>
#include <cruet/error.h>
#include "chunk.h"
#include "suite.h"

enum { BODY_MAX = 4096 };

struct decoded {
	int err;
	bool over;
	size_t used, len;
	char body[BODY_MAX];
};

/* Reads n bytes, in at a time, and takes out bytes of the body at a time. */
static struct decoded decode(const char *p, size_t n, size_t in, size_t out)
{
	struct decoded d = {.err = 0};
	struct chunk k = {0};

	for (size_t here = 0; here < n && !d.err && !chunk_over(&k);) {
		here = n - here < in ? n : here + in;
		for (;;) {
			size_t used,
				room = BODY_MAX - d.len < out ? BODY_MAX - d.len : out;
			ptrdiff_t got = chunk_read(&k, p + d.used, here - d.used, &used,
						   d.body + d.len, room);
			if (got < 0) {
				d.err = (int)got;
				break;
			}
			ck_assert_uint_le((size_t)got, room);
			d.len += (size_t)got;
			d.used += used;
			if (!got)
				break;
		}
		if (!d.err && !chunk_over(&k))
			ck_assert_uint_eq(d.used, here);
	}
	d.over = !d.err && chunk_over(&k);
	return d;
}

/* The same in any pieces. */
static struct decoded decode_anyhow(const char *p, size_t n)
{
	static const size_t sizes[] = {1, 2, 3, 7, BODY_MAX};
	struct decoded first = decode(p, n, 1, 1);

	for (size_t i = 0; i < 5; i++) {
		for (size_t o = 0; o < 5; o++) {
			struct decoded d = decode(p, n, sizes[i], sizes[o]);
			ck_assert_msg(d.err == first.err && d.over == first.over,
				      "in %zu, out %zu: %s", sizes[i], sizes[o], p);
			if (d.err)
				continue;
			ck_assert_uint_eq(d.used, first.used);
			ck_assert_uint_eq(d.len, first.len);
			ck_assert_mem_eq(d.body, first.body, d.len);
		}
	}
	return first;
}

static void carries(const char *text, const char *body)
{
	struct decoded d = decode_anyhow(text, strlen(text));

	ck_assert_msg(d.over && d.len == strlen(body) && !memcmp(d.body, body, d.len),
		      "%.*s instead of %s", (int)d.len, d.body, body);
}

static void is_none(const char *text)
{
	struct decoded d = decode_anyhow(text, strlen(text));
	ck_assert_msg(d.err == CRUET_EPARSE, "%d for %s", d.err, text);
}

static void goes_on(const char *text)
{
	struct decoded d = decode_anyhow(text, strlen(text));
	ck_assert_msg(!d.err && !d.over, "%d %d for %s", d.err, d.over, text);
}

START_TEST(chunks_are_put_together)
{
	carries("0\r\n\r\n", "");
	carries("5\r\nhello\r\n0\r\n\r\n", "hello");
	carries("1\r\na\r\n2\r\nbc\r\n000\r\n\r\n", "abc");
	carries("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
		"01234567890123456789");
	carries("00000000000000f\r\n0123456789abcde\r\n0\r\n\r\n", "0123456789abcde");
	carries("2\r\n\r\n\r\n0\r\n\r\n", "\r\n");
	carries("5 \t\r\nhello\r\n0 \r\n\r\n", "hello");
}
END_TEST

START_TEST(what_follows_is_left_alone)
{
	static const char text[] = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
	struct decoded d = decode_anyhow(text, sizeof text - 1);

	ck_assert(d.over);
	ck_assert_uint_eq(d.used, strlen("1\r\na\r\n0\r\n\r\n"));
}
END_TEST

START_TEST(extensions_and_trailers_are_passed_over)
{
	carries("1;a\r\nx\r\n0;b=c;d=\"e\"\r\n\r\n", "x");
	carries("1 ;a\tb\r\nx\r\n0\r\n\r\n", "x");
	carries("1;\xc3\xa4\r\nx\r\n0\r\n\r\n", "x");
	carries("1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n", "x");
	carries("0\r\nContent-Length: 5\r\n\r\n", "");
}
END_TEST

START_TEST(what_is_no_chunk)
{
	is_none("\r\n");
	is_none("g\r\n");
	is_none(" 1\r\na\r\n");
	is_none("-1\r\na\r\n");
	is_none("+1\r\na\r\n");
	is_none("0x1\r\na\r\n");
	is_none("1 1\r\na\r\n");
	is_none("1\na\n0\n\n");
	is_none("1\ra\r\n");
	is_none("1\r\r\na");
	is_none(";a\r\n");
	is_none("1\r\nab\r\n");
	is_none("1\r\na\n");
	is_none("1\r\na\rb");
	is_none("1\r\na0\r\n\r\n");
	is_none("2\r\nab\r\n\r\n");
	is_none("1;a\nb\r\nx\r\n");
	is_none("1;a\x01\r\n");
	is_none("1;a\x7f\r\n");
	is_none("1;a\rb\r\n");
}
END_TEST

START_TEST(what_is_no_trailer)
{
	is_none("0\r\n: b\r\n\r\n");
	is_none("0\r\n b\r\n\r\n");
	is_none("0\r\nA: b\r\n c\r\n\r\n");
	is_none("0\r\nA: b\n\r\n");
	is_none("0\r\nA: b\r\n\n");
	is_none("0\r\n\n");
	is_none("0\r\n\rA");
	is_none("0\r\nA: \x01\r\n\r\n");
	is_none("0\n\r\n");
}
END_TEST

START_TEST(what_is_cut_short_goes_on)
{
	static const char text[] = "5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n";

	for (size_t n = 1; n < sizeof text - 1; n++) {
		char cut[sizeof text];
		snprintf(cut, sizeof cut, "%.*s", (int)n, text);
		goes_on(cut);
	}
	carries(text, "hello");
}
END_TEST

START_TEST(sizes_up_to_2_to_the_63)
{
	static const char largest[] = "7fffffffffffffff\r\n";
	struct chunk k = {0};
	size_t used;

	ck_assert_int_eq(chunk_read(&k, largest, strlen(largest), &used, NULL, SIZE_MAX),
			 0);
	ck_assert_uint_eq(k.left, UINT64_C(0x7fffffffffffffff));
	ck_assert_int_eq(chunk_read(&k, "abc", 3, &used, NULL, 2), 2);
	ck_assert_uint_eq(used, 2);
	ck_assert_uint_eq(k.left, UINT64_C(0x7ffffffffffffffd));
	goes_on("0fffffffffffffff\r\n");
	is_none("8000000000000000\r\n");
	is_none("ffffffffffffffff\r\n");
	is_none("10000000000000000\r\n");
	is_none("00000000000000001\r\n"); /* 17 digits */
}
END_TEST

/* before, so many bytes of fill, after. */
static struct decoded filled(const char *before, size_t n, const char *after)
{
	size_t lead = strlen(before), rest = strlen(after);
	char *text = malloc(lead + n + rest);

	memcpy(text, before, lead);
	memset(text + lead, 'a', n);
	memcpy(text + lead + n, after, rest);
	struct decoded at_once = decode(text, lead + n + rest, SIZE_MAX / 2, 1);
	struct decoded bytewise = decode(text, lead + n + rest, 1, 1);
	ck_assert_int_eq(at_once.err, bytewise.err);
	ck_assert_int_eq(at_once.over, bytewise.over);
	free(text);
	return at_once;
}

START_TEST(what_nobody_looks_at_is_bounded)
{
	ck_assert(filled("1;", CHUNK_LINE_MAX - 1, "\r\na\r\n0\r\n\r\n").over);
	ck_assert_int_eq(filled("1;", CHUNK_LINE_MAX, "\r\na\r\n0\r\n\r\n").err,
			 CRUET_EPARSE);
	ck_assert_int_eq(filled("1;", 1 << 20, "").err, CRUET_EPARSE);
	/* of each line by itself */
	ck_assert(filled("1;b\r\na\r\n0;", CHUNK_LINE_MAX - 1, "\r\n\r\n").over);
	ck_assert(filled("0\r\n", CHUNK_TRAILERS_MAX, "\r\n\r\n").over);
	ck_assert_int_eq(filled("0\r\n", CHUNK_TRAILERS_MAX + 1, "\r\n\r\n").err,
			 CRUET_EPARSE);
	/* and of all trailers together */
	ck_assert(filled("0\r\nb\r\n", CHUNK_TRAILERS_MAX - 1, "\r\n\r\n").over);
	ck_assert_int_eq(filled("0\r\nb\r\n", CHUNK_TRAILERS_MAX, "\r\n\r\n").err,
			 CRUET_EPARSE);
}
END_TEST

START_TEST(blanks_behind_a_size_are_bounded_too)
{
	char text[CHUNK_LINE_MAX + 8] = "1";

	memset(text + 1, ' ', CHUNK_LINE_MAX + 2);
	ck_assert_int_eq(decode(text, CHUNK_LINE_MAX + 2, 1, 1).err, CRUET_EPARSE);
}
END_TEST

START_TEST(after_the_end_there_is_nothing)
{
	struct chunk k = {0};
	size_t used;

	ck_assert_int_eq(chunk_read(&k, "0\r\n\r\n", 5, &used, NULL, 0), 0);
	ck_assert(chunk_over(&k));
	ck_assert_int_eq(chunk_read(&k, "1\r\n", 3, &used, NULL, 0), 0);
	ck_assert_uint_eq(used, 0);
	ck_assert_int_eq(chunk_read(&k, NULL, 0, &used, NULL, 0), 0);
}
END_TEST

SUITE("event_chunk", chunks_are_put_together, what_follows_is_left_alone,
      extensions_and_trailers_are_passed_over, what_is_no_chunk, what_is_no_trailer,
      what_is_cut_short_goes_on, sizes_up_to_2_to_the_63, what_nobody_looks_at_is_bounded,
      blanks_behind_a_size_are_bounded_too, after_the_end_there_is_nothing)
