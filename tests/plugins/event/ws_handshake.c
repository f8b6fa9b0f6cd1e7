/* The answer to an opening handshake (RFC 6455, 4.2.2; RFC 7692, 7.1). */
#include "ws_peer.h"

#include <cruet/error.h>

#include "ws_handshake.h"

static const struct ws_deflate_policy keeps = {
	.on = true, .keep = true, .server_bits = 15, .client_bits = 15};
static const struct ws_deflate_policy forgets = {
	.on = true, .server_bits = 12, .client_bits = 12};

START_TEST(accepts_the_key_of_the_rfc) /* 1.3 */
{
	char out[WS_ACCEPT_SIZE];

	ck_assert(ws_accept(out, "dGhlIHNhbXBsZSBub25jZQ=="));
	ck_assert_str_eq(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}
END_TEST

static int shake(struct ws_handshake *h, const cruet_field *fields, size_t n)
{
	return ws_handshake_answer(h, &(cruet_head){.fields = fields, .nfields = n}, &forgets);
}

START_TEST(answers_with_what_was_chosen)
{
	static const cruet_field fields[] = {
		{"Sec-WebSocket-Extensions", "x-unknown"},
		{"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
		{"sec-websocket-extensions", "permessage-deflate; client_max_window_bits"}};
	struct ws_handshake h;

	ck_assert_int_eq(shake(&h, fields, 2), CRUET_OK);
	ck_assert_uint_eq(h.nfields, 1);
	ck_assert_str_eq(h.fields[0].value, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	ck_assert(!h.deflate.on);
	ck_assert_int_eq(shake(&h, fields, 3), CRUET_OK);
	ck_assert_uint_eq(h.nfields, 2);
	ck_assert_str_eq(h.fields[1].name, "Sec-WebSocket-Extensions");
	ck_assert_str_eq(h.fields[1].value, "permessage-deflate; server_no_context_takeover; "
					    "client_no_context_takeover; "
					    "client_max_window_bits=12");
	ck_assert(h.deflate.on);
}
END_TEST

START_TEST(refuses_what_it_cannot_answer)
{
	static const cruet_field two[] = {{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
					  {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
	static const cruet_field malformed[] = {
		{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
		{"Sec-WebSocket-Extensions", "permessage-deflate; ="}};
	static const cruet_field too_long[] = {
		{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ=="}};
	struct ws_handshake h;

	ck_assert_int_eq(shake(&h, NULL, 0), CRUET_EPARSE);
	ck_assert_int_eq(shake(&h, two, 2), CRUET_EPARSE);
	ck_assert_int_eq(shake(&h, malformed, 2), CRUET_EPARSE);
	ck_assert_int_eq(shake(&h, too_long, 1), CRUET_EPARSE);
}
END_TEST

/* --- offers ------------------------------------------------------------------ */

static const char *choice(const struct ws_deflate_policy *policy, const char *offers)
{
	static char reply[WS_EXTENSION_MAX];
	struct ws_deflate d;

	if (!ws_deflate_choose(offers, policy, &d, reply))
		return "malformed";
	ck_assert(d.on == !!*reply);
	return reply;
}

#define PMD "permessage-deflate"
#define BOTH "; server_no_context_takeover; client_no_context_takeover"

START_TEST(nothing_is_chosen_where_nothing_fits)
{
	static const struct ws_deflate_policy off = {.on = false};

	ck_assert_str_eq(choice(&keeps, NULL), "");
	ck_assert_str_eq(choice(&keeps, ""), "");
	ck_assert_str_eq(choice(&keeps, " , ,"), "");
	ck_assert_str_eq(choice(&keeps, "x-webkit-deflate-frame, bbf-usp-protocol"), "");
	ck_assert_str_eq(choice(&off, PMD), "");
}
END_TEST

START_TEST(windows_are_kept_only_where_both_want_it) /* 7.1.1 */
{
	ck_assert_str_eq(choice(&keeps, PMD), PMD);
	ck_assert_str_eq(choice(&keeps, PMD "; server_no_context_takeover"),
			 PMD "; server_no_context_takeover");
	ck_assert_str_eq(choice(&keeps, PMD "; client_no_context_takeover"),
			 PMD "; client_no_context_takeover");
	ck_assert_str_eq(choice(&forgets, PMD), PMD BOTH);
	ck_assert_str_eq(choice(&forgets, PMD BOTH), PMD BOTH);
}
END_TEST

START_TEST(the_servers_window_is_what_the_client_allows_at_most) /* 7.1.2.1 */
{
	ck_assert_str_eq(choice(&keeps, PMD "; server_max_window_bits=10"),
			 PMD "; server_max_window_bits=10");
	ck_assert_str_eq(choice(&forgets, PMD "; server_max_window_bits=15"),
			 PMD BOTH "; server_max_window_bits=12");
	/* zlib cannot keep such a small one. */
	ck_assert_str_eq(choice(&keeps, PMD "; server_max_window_bits=8"), "");
	ck_assert_str_eq(choice(&keeps, PMD "; server_max_window_bits=8, " PMD), PMD);
}
END_TEST

START_TEST(the_clients_window_is_limited_only_where_it_offers_that) /* 7.1.2.2 */
{
	ck_assert_str_eq(choice(&keeps, PMD "; client_max_window_bits"), PMD);
	ck_assert_str_eq(choice(&keeps, PMD "; client_max_window_bits=9"),
			 PMD "; client_max_window_bits=9");
	ck_assert_str_eq(choice(&keeps, PMD "; client_max_window_bits=8"),
			 PMD "; client_max_window_bits=8");
	ck_assert_str_eq(choice(&forgets, PMD "; client_max_window_bits"),
			 PMD BOTH "; client_max_window_bits=12");
	ck_assert_str_eq(choice(&forgets, PMD), PMD BOTH);
}
END_TEST

START_TEST(the_first_offer_that_fits_is_taken) /* 5, 7.1 */
{
	ck_assert_str_eq(choice(&keeps, "x, " PMD "; unknown, " PMD
					"; server_max_window_bits=10 , " PMD),
			 PMD "; server_max_window_bits=10");
}
END_TEST

START_TEST(an_offer_with_a_wrong_parameter_is_passed_over) /* 7.1 */
{
	static const char *const wrong[] = {
		"unknown",
		"server_no_context_takeover=1",
		"client_no_context_takeover=true",
		"server_no_context_takeover; server_no_context_takeover",
		"server_max_window_bits",
		"server_max_window_bits=7",
		"server_max_window_bits=16",
		"server_max_window_bits=010",
		"server_max_window_bits=1000000000000000000000010",
		"server_max_window_bits=10; server_max_window_bits=10",
		"client_max_window_bits=0",
		"client_max_window_bits=16",
		"client_max_window_bits; client_max_window_bits"};
	char offers[128];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(offers, sizeof offers, PMD "; %s", wrong[i]);
		ck_assert_msg(!*choice(&keeps, offers), "%s", offers);
	}
}
END_TEST

START_TEST(blanks_quotes_and_case_are_read) /* RFC 6455, 9.1 */
{
	ck_assert_str_eq(choice(&keeps, "\t" PMD " ;server_max_window_bits = \"10\" ,x"),
			 PMD "; server_max_window_bits=10");
	ck_assert_str_eq(choice(&keeps, "x; y=\"z\"; w, PerMessage-Deflate"), PMD);
}
END_TEST

START_TEST(a_malformed_list_is_none) /* RFC 6455, 9.1 */
{
	static const char *const bad[] = {";",
					  "a;",
					  "a; =b",
					  "a; b=",
					  "a; b=\"c",
					  "a; b=\"c d\"",
					  "a; b=\"\"",
					  "a b",
					  "a; b c",
					  "a; b=c d",
					  "(a)",
					  PMD "; x=\"\\\"\"",
					  PMD ", a;",
					  "\x80"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!strcmp(choice(&keeps, bad[i]), "malformed"), "%s", bad[i]);
}
END_TEST

SUITE("ws_handshake", accepts_the_key_of_the_rfc, answers_with_what_was_chosen,
      refuses_what_it_cannot_answer, nothing_is_chosen_where_nothing_fits,
      windows_are_kept_only_where_both_want_it,
      the_servers_window_is_what_the_client_allows_at_most,
      the_clients_window_is_limited_only_where_it_offers_that,
      the_first_offer_that_fits_is_taken, an_offer_with_a_wrong_parameter_is_passed_over,
      blanks_quotes_and_case_are_read, a_malformed_list_is_none)
