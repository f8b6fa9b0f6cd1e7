/* Both coders, alone: what comes out is what went in, however it is cut. */
#include "coder.h"

#include <cruet.h>

#include "decode.h"
#include "fail_alloc.h"

enum { MAX = 1 << 18 };

static const char *const codings[] = {"gzip", "br"};
static char text[MAX], back[MAX + 1];
static uint8_t out[2 * MAX];

/* Words of a few letters: it compresses as pages do. */
static void fill(size_t len)
{
	unsigned x = 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1103515245 + 12345;
		text[i] = i % 7 ? (char)('a' + (x >> 16) % 5) : ' ';
	}
}

/* Codes len bytes in pieces, with so much room at once; returns the bytes of it. */
static size_t code(const char *coding, int level, size_t len, int64_t announced, size_t piece,
		   size_t room)
{
	struct coder k;
	struct coder_bytes b = {.in_left = 0};
	size_t taken = 0, got = 0;
	bool ended = false;

	ck_assert(coder_begin(&k, coding, level, announced));
	while (!ended) {
		size_t n = len - taken < piece ? len - taken : piece;
		enum coder_step step = n ? taken % 2 ? CODER_FLUSH : CODER_TAKE : CODER_FINISH;
		b.in = (const uint8_t *)text + taken;
		b.in_left = n;
		taken += n;
		for (int r = CRUET_OK; r != CRUET_DONE;) {
			b.out = out + got;
			b.out_left = room;
			r = coder_run(&k, step, &b);
			ck_assert_int_ge(r, 0);
			got += room - b.out_left;
			ck_assert_uint_le(got, sizeof out - room);
		}
		ended = step == CODER_FINISH;
	}
	coder_end(&k);
	return got;
}

static void assert_decodes(const char *coding, size_t len, size_t got)
{
	bool whole;
	size_t n = decode(coding, out, got, back, MAX + 1, &whole);

	ck_assert_msg(whole, "%s of %zu bytes has no end", coding, len);
	ck_assert_uint_eq(n, len);
	ck_assert(!memcmp(back, text, len));
}

START_TEST(all_sizes_and_levels_come_back)
{
	static const size_t sizes[] = {0, 1, 2, 255, 511, 512, 513, 4096, 32769, MAX};

	fill(MAX);
	for (int i = 0; i < 2; i++)
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
			for (int level = 1; level <= 9; level += 4) {
				size_t len = sizes[s];
				assert_decodes(codings[i], len,
					       code(codings[i], level, len, (int64_t)len, MAX, MAX));
			}
}
END_TEST

START_TEST(pieces_and_little_room_change_nothing)
{
	fill(10007);
	for (int i = 0; i < 2; i++)
		for (size_t piece = 7; piece < 9000; piece *= 13)
			for (size_t room = CODER_ROOM; room < 9000; room *= 17)
				assert_decodes(codings[i], 10007,
					       code(codings[i], 5, 10007, -1, piece, room));
}
END_TEST

START_TEST(what_was_flushed_can_be_read)
{
	static const char *const words[] = {"one,", "two,", "three,"};

	for (int i = 0; i < 2; i++) {
		char so_far[32] = "";
		struct coder k;
		size_t got = 0;
		ck_assert(coder_begin(&k, codings[i], 5, -1));
		for (int w = 0; w < 3; w++) {
			struct coder_bytes b = {(const uint8_t *)words[w], out + got,
						strlen(words[w]), MAX};
			bool whole;
			ck_assert_int_eq(coder_run(&k, CODER_FLUSH, &b), CRUET_DONE);
			got += MAX - b.out_left;
			strcat(so_far, words[w]);
			back[decode(codings[i], out, got, back, MAX, &whole)] = '\0';
			ck_assert_str_eq(back, so_far);
			ck_assert(!whole);
		}
		coder_end(&k);
	}
}
END_TEST

START_TEST(it_gets_smaller)
{
	fill(20000);
	for (int i = 0; i < 2; i++)
		ck_assert_uint_lt(code(codings[i], 5, 20000, 20000, MAX, MAX), 12000);
}
END_TEST

START_TEST(without_memory_it_does_not_begin)
{
	for (int i = 0; i < 2; i++) {
		bool more = true;
		for (size_t n = 1; more; n++) {
			struct coder k;
			fail_alloc_at(n);
			bool begun = coder_begin(&k, codings[i], 5, 5000);
			more = fail_alloc_off();
			ck_assert(begun == !more);
			if (begun)
				coder_end(&k);
		}
	}
}
END_TEST

SUITE("compress_coder", all_sizes_and_levels_come_back, pieces_and_little_room_change_nothing,
      what_was_flushed_can_be_read, it_gets_smaller, without_memory_it_does_not_begin)
