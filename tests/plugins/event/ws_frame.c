/* Heads of frames, masks and UTF-8 (RFC 6455, 5.2, 5.3; RFC 3629). */
#include "ws_peer.h"

#include "ws_utf8.h"

static const char *reads(const void *p, size_t n, enum ws_head_state state, struct ws_head *h)
{
	struct ws_head_reader r = {.n = 0};
	size_t taken;
	const char *why = NULL;

	ck_assert_int_eq(ws_head_read(&r, p, n, &taken, h, &why), state);
	return why;
}

static void refuses(const char *hex, const char *sentence)
{
	unsigned char p[WS_HEAD_MAX];
	struct ws_head h;
	size_t n = 0;
	unsigned byte;

	for (; sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		p[n] = (unsigned char)byte;
	/* As early as it shows: without its last byte nothing is wrong. */
	if (n > 1)
		ck_assert_ptr_null(reads(p, n - 1, WS_HEAD_MORE, &h));
	ck_assert_str_eq(reads(p, n, WS_HEAD_BAD, &h), sentence);
}

START_TEST(refuses_what_breaks_a_rule_at_the_byte_that_does)
{
	refuses("a1", "a reserved bit is set");
	refuses("91", "a reserved bit is set");
	refuses("83", "an unknown opcode");
	refuses("87", "an unknown opcode");
	refuses("8b", "an unknown opcode");
	refuses("8f", "an unknown opcode");
	refuses("09", "a control frame cannot be fragmented");
	refuses("08", "a control frame cannot be fragmented");
	refuses("c9", "a control frame cannot be compressed");
	refuses("8105", "a client must mask its frames");
	refuses("8900", "a client must mask its frames");
	refuses("89fe", "a control frame holds 125 bytes at most");
	refuses("88ff", "a control frame holds 125 bytes at most");
	refuses("82fe007d", "a length that is not written in its shortest form");
	refuses("82fe0000", "a length that is not written in its shortest form");
	refuses("82ff000000000000ffff", "a length that is not written in its shortest form");
	refuses("82ff000000000000007d", "a length that is not written in its shortest form");
	refuses("82ff8000000000000000", "a length beyond 63 bits");
}
END_TEST

START_TEST(reads_what_was_written_in_the_shortest_form)
{
	static const struct {
		uint64_t len;
		size_t size;
	} lengths[] = {{0, 6},      {125, 6},    {126, 8},
		       {127, 8},    {65535, 8},  {65536, 14},
		       {1ull << 32, 14}, {INT64_MAX, 14}};
	unsigned char p[WS_HEAD_MAX];

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct ws_head was = {.fin = i & 1,
				      .rsv1 = i & 2,
				      .opcode = i & 4 ? WS_TEXT : WS_BINARY,
				      .masked = true,
				      .mask = {1, 2, 3, 4},
				      .len = lengths[i].len};
		struct ws_head h;
		size_t n = ws_head_write(p, &was);
		ck_assert_uint_eq(n, lengths[i].size);
		for (size_t cut = 0; cut < n; cut++)
			reads(p, cut, WS_HEAD_MORE, &h);
		reads(p, n, WS_HEAD_READY, &h);
		ck_assert_uint_eq(h.len, was.len);
		ck_assert(h.fin == was.fin && h.rsv1 == was.rsv1 && h.opcode == was.opcode);
		ck_assert_mem_eq(h.mask, was.mask, 4);
	}
}
END_TEST

START_TEST(a_reader_begins_anew_after_each_head)
{
	static const unsigned char two[] = {0x81, 0x80, 1, 2, 3, 4, 0x82, 0x85, 5, 6, 7, 8};
	struct ws_head_reader r = {.n = 0};
	struct ws_head h;
	size_t taken;
	const char *why;

	ck_assert_int_eq(ws_head_read(&r, two, sizeof two, &taken, &h, &why), WS_HEAD_READY);
	ck_assert_uint_eq(taken, 6);
	ck_assert_int_eq(ws_head_read(&r, two + 6, 6, &taken, &h, &why), WS_HEAD_READY);
	ck_assert_uint_eq(h.len, 5);
	ck_assert_uint_eq(h.opcode, WS_BINARY);
}
END_TEST

START_TEST(masks_like_byte_by_byte_wherever_it_begins)
{
	unsigned char p[64], want[64];

	for (size_t at = 0; at < 9; at++)
		for (size_t n = 0; n < sizeof p; n++) {
			for (size_t i = 0; i < sizeof p; i++)
				p[i] = want[i] = (unsigned char)(i * 7);
			for (size_t i = 0; i < n; i++)
				want[i] ^= key[(at + i) % 4];
			ws_mask(p, n, key, at);
			ck_assert_mem_eq(p, want, sizeof p);
			ws_mask(p, n, key, at + (1ull << 40));
			ck_assert_uint_eq(p[10], 70);
		}
}
END_TEST

START_TEST(masks_the_example_of_the_rfc) /* 5.7 */
{
	unsigned char p[] = {0x7F, 0x9F, 0x4D, 0x51, 0x58};

	ws_mask(p, sizeof p, key, 0);
	ck_assert_mem_eq(p, "Hello", 5);
}
END_TEST

/* By the definition: decoded, and encoded again. */
static bool is_utf8(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = p[i] < 0x80 ? 1 : p[i] >> 5 == 6 ? 2 : p[i] >> 4 == 14 ? 3
			     : p[i] >> 3 == 30 ? 4 : 0;
		if (!len || len > n - i)
			return false;
		uint32_t ch = len == 1 ? p[i] : p[i] & (0x7Fu >> len);
		for (size_t k = 1; k < len; k++) {
			if (p[i + k] >> 6 != 2)
				return false;
			ch = ch << 6 | (p[i + k] & 0x3F);
		}
		static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
		if (ch < least[len] || ch > 0x10FFFF || (ch >= 0xD800 && ch <= 0xDFFF))
			return false;
		i += len;
	}
	return true;
}

static bool in_pieces(const unsigned char *p, size_t n, size_t step)
{
	struct ws_utf8 u = {0};

	for (size_t at = 0; at < n; at += step)
		if (!ws_utf8_take(&u, p + at, n - at < step ? n - at : step))
			return false;
	return ws_utf8_whole(&u);
}

START_TEST(knows_all_sequences_of_three_bytes)
{
	unsigned char p[3];

	for (uint32_t v = 0; v < 1u << 24; v += v % 3 ? 1 : 5) {
		p[0] = (unsigned char)(v >> 16);
		p[1] = (unsigned char)(v >> 8);
		p[2] = (unsigned char)v;
		bool want = is_utf8(p, 3);
		if (in_pieces(p, 3, 3) != want || in_pieces(p, 3, 1) != want)
			ck_abort_msg("%06x is %s", v, want ? "well-formed" : "malformed");
	}
}
END_TEST

START_TEST(knows_characters_of_four_bytes_behind_ascii)
{
	unsigned char p[24] = "eight by";

	for (uint32_t v = 0xF000; v <= 0xF5FF; v++)
		for (unsigned last = 0x7F; last <= 0xC0; last += 0x41) {
			p[8] = (unsigned char)(v >> 8);
			p[9] = (unsigned char)v;
			p[10] = 0x80;
			p[11] = (unsigned char)last;
			for (size_t n = 8; n <= 12; n++)
				for (size_t step = 1; step <= n; step++)
					ck_assert(in_pieces(p, n, step) == is_utf8(p, n));
			p[11] = 0xBF;
			ck_assert(in_pieces(p, 12, 5) == is_utf8(p, 12));
		}
}
END_TEST

START_TEST(says_no_at_the_first_byte_that_cannot_go_on)
{
	struct ws_utf8 u = {0};

	ck_assert(ws_utf8_take(&u, (const unsigned char *)"\xCE\xBA\xE1\xBD", 4));
	ck_assert(!ws_utf8_whole(&u));
	ck_assert(ws_utf8_take(&u, (const unsigned char *)"\xB9", 1));
	ck_assert(ws_utf8_whole(&u));
	ck_assert(ws_utf8_take(&u, (const unsigned char *)"\xED", 1));
	ck_assert(!ws_utf8_take(&u, (const unsigned char *)"\xA0", 1));
}
END_TEST

START_TEST(close_codes_that_may_be_sent)
{
	static const unsigned ok[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009,
				      1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999};
	static const unsigned bad[] = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000,
				       2999, 5000, 65535};

	for (size_t i = 0; i < sizeof ok / sizeof *ok; i++)
		ck_assert_msg(ws_code_ok(ok[i]), "%u", ok[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!ws_code_ok(bad[i]), "%u", bad[i]);
}
END_TEST

SUITE("ws_frame", refuses_what_breaks_a_rule_at_the_byte_that_does,
      reads_what_was_written_in_the_shortest_form, a_reader_begins_anew_after_each_head,
      masks_like_byte_by_byte_wherever_it_begins, masks_the_example_of_the_rfc,
      knows_all_sequences_of_three_bytes, knows_characters_of_four_bytes_behind_ascii,
      says_no_at_the_first_byte_that_cannot_go_on, close_codes_that_may_be_sent)
