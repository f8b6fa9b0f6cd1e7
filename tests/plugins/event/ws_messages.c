/* What a client may send and what not (RFC 6455, 5.1 to 5.6, 5.8, 8.1), whole and cut
 * at every byte. */
#include "ws_peer.h"

START_TEST(the_examples_of_the_rfc) /* 5.7 */
{
	struct script s = {.n = 0};

	put(&s, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
	expect(&s, "text 'Hello'\n");
	put(&s, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
	expect(&s, "pong 'Hello'\n");
}
END_TEST

START_TEST(a_message_is_text_or_binary) /* 5.6 */
{
	struct script s = {.n = 0};

	put_text(&s, FIN | WS_TEXT, "hello");
	put_bytes(&s, FIN | WS_BINARY, "\0\xFF\xFE", 3);
	expect(&s, "text 'hello'\nbinary '...'\n");
}
END_TEST

START_TEST(a_message_may_be_empty)
{
	struct script s = {.n = 0};

	put_text(&s, FIN | WS_TEXT, "");
	put_text(&s, FIN | WS_BINARY, "");
	put_text(&s, WS_TEXT, "");
	put_text(&s, WS_CONTINUATION, "");
	put_text(&s, FIN | WS_CONTINUATION, "");
	expect(&s, "text ''\nbinary ''\ntext ''\n");
}
END_TEST

START_TEST(all_three_lengths_are_read)
{
	static const size_t lengths[] = {125, 126, 127, 65535, 65536, 100000};
	struct script s = {.n = 0};
	char *p = calloc(1, 100000), want[32];

	ck_assert_ptr_nonnull(p);
	memset(p, 'x', 100000);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		put_bytes(&s, FIN | WS_TEXT, p, lengths[i]);
		snprintf(want, sizeof want, "text of %zu\n", lengths[i]);
		expect(&s, want);
	}
	free(p);
}
END_TEST

START_TEST(fragments_become_one_message) /* 5.4 */
{
	struct script s = {.n = 0};

	put_text(&s, WS_TEXT, "one ");
	put_text(&s, WS_CONTINUATION, "");
	put_text(&s, WS_CONTINUATION, "two ");
	put_text(&s, FIN | WS_CONTINUATION, "three");
	put_text(&s, FIN | WS_TEXT, "next");
	expect(&s, "text 'one two three'\ntext 'next'\n");
}
END_TEST

START_TEST(control_frames_come_between_fragments) /* 5.4, 5.5 */
{
	struct script s = {.n = 0};

	put_text(&s, WS_BINARY, "one ");
	put_text(&s, FIN | WS_PING, "are you there?");
	put_text(&s, FIN | WS_PONG, "");
	put_text(&s, FIN | WS_CONTINUATION, "two");
	expect(&s, "ping 'are you there?'\npong ''\nbinary 'one two'\n");
	put_text(&s, WS_BINARY, "one ");
	put_close(&s, 1001, "bye");
	put_text(&s, FIN | WS_CONTINUATION, "two");
	expect(&s, "closed 1001 'bye'\n");
}
END_TEST

START_TEST(other_messages_do_not) /* 5.4 */
{
	struct script s = {.n = 0};

	put_text(&s, WS_TEXT, "one ");
	put_text(&s, FIN | WS_TEXT, "two");
	put_text(&s, FIN | WS_TEXT, "unread");
	expect(&s, "failed 1002 'a new message before the last one has ended'\n");
	put_text(&s, WS_TEXT, "one ");
	put_text(&s, WS_BINARY, "two");
	expect(&s, "failed 1002 'a new message before the last one has ended'\n");
}
END_TEST

START_TEST(a_continuation_continues_something) /* 5.4 */
{
	struct script s = {.n = 0};

	put_text(&s, FIN | WS_CONTINUATION, "two");
	expect(&s, "failed 1002 'a continuation without a message'\n");
	put_text(&s, FIN | WS_TEXT, "one");
	put_text(&s, WS_CONTINUATION, "two");
	expect(&s, "text 'one'\nfailed 1002 'a continuation without a message'\n");
}
END_TEST

START_TEST(reserved_bits_are_not_set) /* 5.2 */
{
	struct script s = {.n = 0};

	put_text(&s, FIN | RSV1 | WS_TEXT, "one");
	expect(&s, "failed 1002 'compression was not agreed on'\n");
	put_text(&s, FIN | RSV2 | WS_TEXT, "one");
	expect(&s, "failed 1002 'a reserved bit is set'\n");
	put_text(&s, FIN | RSV3 | WS_PING, "one");
	expect(&s, "failed 1002 'a reserved bit is set'\n");
	put_text(&s, FIN | RSV1 | WS_CLOSE, "");
	expect(&s, "failed 1002 'a control frame cannot be compressed'\n");
}
END_TEST

START_TEST(unknown_opcodes_fail) /* 5.2 */
{
	struct script s = {.n = 0};

	for (unsigned opcode = 0; opcode < 16; opcode++) {
		if (opcode <= WS_BINARY || (opcode >= WS_CLOSE && opcode <= WS_PONG))
			continue;
		put_text(&s, FIN | opcode, "");
		expect(&s, "failed 1002 'an unknown opcode'\n");
	}
}
END_TEST

START_TEST(a_client_masks) /* 5.1 */
{
	struct script s = {.n = 0};

	put(&s, "\x81\x05Hello", 7);
	expect(&s, "failed 1002 'a client must mask its frames'\n");
}
END_TEST

START_TEST(control_frames_are_short_and_whole) /* 5.5 */
{
	struct script s = {.n = 0};
	char p[127] = "";

	memset(p, 'x', 126);
	put_bytes(&s, FIN | WS_PING, p, 125);
	expect(&s, "ping of 125\n");
	put_text(&s, FIN | WS_PING, p);
	expect(&s, "failed 1002 'a control frame holds 125 bytes at most'\n");
	put_text(&s, WS_PING, "a");
	put_text(&s, FIN | WS_CONTINUATION, "b");
	expect(&s, "failed 1002 'a control frame cannot be fragmented'\n");
}
END_TEST

START_TEST(text_is_utf8_even_if_a_frame_ends_within_a_character) /* 5.6, 8.1 */
{
	struct script s = {.n = 0};

	put_text(&s, WS_TEXT, "\xCE\xBA\xE1");
	put_text(&s, WS_CONTINUATION, "\xBD");
	put_text(&s, FIN | WS_CONTINUATION, "\xB9");
	expect(&s, "text '.....'\n");
	put_text(&s, WS_TEXT, "\xCE\xBA\xE1");
	put_text(&s, FIN | WS_CONTINUATION, "\xBD");
	put_text(&s, FIN | WS_TEXT, "unread");
	expect(&s, "failed 1007 'the text ends within a character'\n");
	put_text(&s, FIN | WS_TEXT, "a\xED\xA0\x80z");
	expect(&s, "failed 1007 'the text is not UTF-8'\n");
	put_text(&s, FIN | WS_BINARY, "a\xED\xA0\x80z");
	expect(&s, "binary 'a...z'\n");
}
END_TEST

START_TEST(text_that_is_not_utf8_fails_before_it_has_ended) /* 8.1 */
{
	struct script s = {.n = 0};

	put_part(&s, WS_TEXT, 1000, "abc\xF4\x90", 5);
	expect(&s, "failed 1007 'the text is not UTF-8'\n");
}
END_TEST

START_TEST(a_limit_counts_what_is_announced)
{
	struct ws_conn_opts o = usual;
	struct script s = {.n = 0};

	o.max_message = 10;
	put_text(&s, FIN | WS_TEXT, "0123456789");
	expect_with(&o, &s, "text '0123456789'\n");
	put_part(&s, FIN | WS_TEXT, 11, "", 0);
	expect_with(&o, &s, "failed 1009 'the message is too large'\n");
	put_part(&s, FIN | WS_TEXT, INT64_MAX, "", 0);
	expect_with(&o, &s, "failed 1009 'the message is too large'\n");
	put_text(&s, WS_TEXT, "012345");
	put_text(&s, WS_CONTINUATION, "6789");
	put_text(&s, FIN | WS_CONTINUATION, "");
	expect_with(&o, &s, "text '0123456789'\n");
	put_text(&s, WS_TEXT, "012345");
	put_part(&s, FIN | WS_CONTINUATION, 5, "", 0);
	expect_with(&o, &s, "failed 1009 'the message is too large'\n");
	put_text(&s, WS_TEXT, "012345");
	put_part(&s, FIN | WS_CONTINUATION, INT64_MAX, "", 0);
	expect_with(&o, &s, "failed 1009 'the message is too large'\n");
}
END_TEST

START_TEST(nothing_is_read_after_a_failure)
{
	struct script s = {.n = 0};

	put(&s, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
	put_text(&s, FIN | WS_TEXT, "unread");
	put_close(&s, 1000, "");
	expect(&s, "failed 1002 'an unknown opcode'\n");
}
END_TEST

SUITE("ws_messages", the_examples_of_the_rfc, a_message_is_text_or_binary,
      a_message_may_be_empty, all_three_lengths_are_read, fragments_become_one_message,
      control_frames_come_between_fragments, other_messages_do_not,
      a_continuation_continues_something, reserved_bits_are_not_set, unknown_opcodes_fail,
      a_client_masks, control_frames_are_short_and_whole,
      text_is_utf8_even_if_a_frame_ends_within_a_character,
      text_that_is_not_utf8_fails_before_it_has_ended, a_limit_counts_what_is_announced,
      nothing_is_read_after_a_failure)
