/* A script in somebody else's page, and whether it may stand there. */
#include "debug/inject.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

/* "yes", "no", or "nonce N". */
static const char *ask(const char *policies)
{
	static char said[64];
	struct leave l = {.refused = false};

	leave_ask(&l, policies, "http");
	if (l.refused)
		return "no";
	if (!l.nonce)
		return "yes";
	snprintf(said, sizeof said, "nonce %.*s", (int)l.nonce_len, l.nonce);
	return said;
}

START_TEST(policies_are_kept_to)
{
	static const char *const cases[][2] = {
		{"", "yes"},
		{"img-src 'none'", "yes"},
		{"default-src 'self'", "yes"},
		{"default-src *", "yes"},
		{"default-src http:", "yes"},
		{"default-src https:", "no"},
		{"default-src 'none'", "no"},
		{"default-src other.example", "no"},
		{"DEFAULT-SRC  'SELF'", "yes"},
		{"script-src 'none'", "no"},
		{"script-src-elem 'self'; script-src 'none'", "yes"},
		{"script-src 'self'; script-src 'none'", "yes"}, /* the first one counts */
		{"default-src 'none'; script-src 'self'", "no"}, /* it may not ask the site */
		{"default-src 'none'; script-src 'self'; connect-src 'self'", "yes"},
		{"connect-src api.example", "no"},
		{"script-src 'nonce-abc'", "nonce abc"},
		{"script-src 'self' 'nonce-abc' 'strict-dynamic'", "nonce abc"},
		{"script-src 'self' 'strict-dynamic'", "no"},
		{"script-src 'nonce-'", "no"},
		{"default-src 'self', script-src 'none'", "no"}, /* both hold */
		{"script-src 'nonce-abc', script-src 'nonce-abc'", "nonce abc"},
		{"script-src 'nonce-abc', script-src 'nonce-def'", "no"},
		{";;, ;", "yes"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(!strcmp(ask(cases[i][0]), cases[i][1]), "\"%s\": %s", cases[i][0],
			      ask(cases[i][0]));
}
END_TEST

START_TEST(it_stands_before_the_last_end_of_the_body)
{
	static const struct {
		const char *html;
		size_t at;
	} cases[] = {{"", 0},
		     {"<p>text", 7},
		     {"<body></body></html>", 6},
		     {"<BODY></Body >", 6},
		     {"</body></body>", 7},
		     {"</bod", 5}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_uint_eq(inject_place(cases[i].html, strlen(cases[i].html)), cases[i].at);
}
END_TEST

SUITE("inject", policies_are_kept_to, it_stands_before_the_last_end_of_the_body)
