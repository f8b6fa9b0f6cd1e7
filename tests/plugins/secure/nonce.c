/* The nonce of the policy: made when it is asked for, the same within a request. */
#include "fixture.h"

static int scripts(cruet_ctx *c)
{
	const char *nonce = cruet_csp_nonce(c), *again = cruet_csp_nonce(c);

	if (!nonce)
		return cruet_err(c);
	ck_assert_ptr_eq(nonce, again);
	return cruet_text(c, nonce);
}

static int unchanged(cruet_ctx *c)
{
	return cruet_csp_nonce(c) ? cruet_empty(c, 304) : cruet_err(c);
}

static void nonced(const char *options)
{
	prepare(options);
	cruet_get(app, "/scripts", scripts);
	cruet_get(app, "/unchanged", unchanged);
	t = client_of(app);
}

START_TEST(a_page_and_its_policy_have_the_same)
{
	char want[256];

	nonced("csp=script-src {nonce} 'self'; style-src {nonce}");
	assert_get(t, "/scripts", 200);
	ck_assert_uint_eq(cruet_client_body_len(t), 22);
	ck_assert_uint_eq(strspn(cruet_client_body(t),
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				 "nopqrstuvwxyz0123456789-_"),
			  22);
	snprintf(want, sizeof want, "script-src 'nonce-%s' 'self'; style-src 'nonce-%s'",
		 cruet_client_body(t), cruet_client_body(t));
	assert_header(t, POLICY, want);
	teardown();
}
END_TEST

START_TEST(each_request_has_another)
{
	char seen[50][32];

	nonced(NULL);
	for (int i = 0; i < 50; i++) {
		assert_get(t, "/scripts", 200);
		snprintf(seen[i], sizeof seen[i], "%s", cruet_client_body(t));
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(seen[i], seen[k]);
	}
	teardown();
}
END_TEST

START_TEST(a_page_that_asks_for_none_has_none)
{
	nonced("csp=script-src {nonce} 'self'; style-src 'self' {nonce}");
	assert_get(t, "/", 200);
	assert_header(t, POLICY, "script-src 'self'; style-src 'self'");
	teardown();
}
END_TEST

START_TEST(a_page_in_a_cache_keeps_its_own)
{
	nonced(NULL);
	assert_get(t, "/unchanged", 304);
	assert_header(t, POLICY, "");
	assert_header(t, "X-Frame-Options", "SAMEORIGIN");
	teardown();
}
END_TEST

START_TEST(without_the_plugin_the_log_says_so)
{
	app = new_app();
	cruet_get(app, "/scripts", scripts);
	t = client_of(app);
	assert_get(t, "/scripts", 500);
	ck_assert_msg(
		strstr(logged,
		       "no plugin provides \"secure/1\": add one to cruet.json, such "
		       "as \"secure\""),
		"%s", logged);
	teardown();
}
END_TEST

SUITE("secure_nonce", a_page_and_its_policy_have_the_same, each_request_has_another,
      a_page_that_asks_for_none_has_none, a_page_in_a_cache_keeps_its_own,
      without_the_plugin_the_log_says_so)
