/* text_visible(): texts of strangers on a terminal and in a log. */
#include <string.h>

#include "base/text.h"
#include "suite.h"

START_TEST(control_bytes_are_spelled_out)
{
	char out[64];

	text_visible(out, sizeof out, "a\033[2J\n\t\x7f\x01z");
	ck_assert_str_eq(out, "a\\x1b[2J\\x0a\\x09\\x7f\\x01z");
}
END_TEST

START_TEST(control_characters_of_two_bytes_too)
{
	char out[64];

	text_visible(out, sizeof out, "a\xC2\x9B" "2J\xC2\x80\xC2\xA0\xC2");
	ck_assert_str_eq(out, "a\\xc2\\x9b2J\\xc2\\x80\xC2\xA0\xC2");
}
END_TEST

START_TEST(other_text_stays)
{
	char out[64];

	text_visible(out, sizeof out, "Grüße \\x1b ~");
	ck_assert_str_eq(out, "Grüße \\x1b ~");
	text_visible(out, sizeof out, "");
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(the_promised_room_is_enough)
{
	char in[] = "\001\002\003", out[4 * 3 + 2];

	text_visible(out, sizeof out, in);
	ck_assert_str_eq(out, "\\x01\\x02\\x03");
}
END_TEST

START_TEST(what_does_not_fit_is_cut_between_characters)
{
	char out[16];

	for (size_t cap = 1; cap <= sizeof out; cap++) {
		memset(out, 'x', sizeof out);
		text_visible(out, cap, "\001\001\001\001\001\001");
		ck_assert_uint_lt(strlen(out), cap);
		ck_assert_uint_eq(strlen(out) % 4, 0);
	}
}
END_TEST

SUITE("visible", control_bytes_are_spelled_out, control_characters_of_two_bytes_too,
      other_text_stays, the_promised_room_is_enough, what_does_not_fit_is_cut_between_characters)
