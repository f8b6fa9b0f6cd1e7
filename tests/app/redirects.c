/* Redirects that a handler asks for. */
#include "reply.h"

/* --- redirects ------------------------------------------------------------------------ */

static int code;
static const char *to;
HANDLER(redirects)
{
	return cruet_redirect(c, code, to);
}

START_TEST(a_redirect_has_a_short_page)
{
	code = 0, to = "/a?b=1&c=<2>";
	assert_reply(redirects, 302,
		     "Location: /a?b=1&c=%3C2%3E\n" HTML "Content-Length: 229\n",
		     "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n"
		     "<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the "
		     "target URL: <a href=\"/a?b=1&amp;c=%3C2%3E\">/a?b=1&amp;c=&lt;2&gt;</a>. If "
		     "not, click the link.\n");
}
END_TEST

START_TEST(a_redirect_without_a_code_asks_for_a_get)
{
	code = 0, to = "/x";
	serve(redirects);
	assert_get(t, "/", 302);
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/", NULL, NULL, 0), 302);
	ck_assert_int_eq(cruet_client_post(t, "/", NULL, NULL), 303);
	ck_assert_int_eq(cruet_client_send(t, "DELETE", "/", NULL, NULL, 0), 303);
	static const int codes[] = {301, 302, 303, 307, 308};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		code = codes[i];
		ck_assert_int_eq(cruet_client_post(t, "/", NULL, NULL), code);
	}
	done();
}
END_TEST

START_TEST(a_location_is_a_uri_as_it_was_written)
{
	static const struct {
		const char *to, *location;
	} cases[] = {
		{"rel/ative", "rel/ative"},
		{"http://a.example:8080/x#f", "http://a.example:8080/x#f"},
		{"/\xc3\xa4 b", "/%C3%A4%20b"},
		{"/%20%zz", "/%20%zz"},
		{"/a\"<>\\^`{|}", "/a%22%3C%3E%5C%5E%60%7B%7C%7D"},
		{"/!$&'()*+,;=:@[]?", "/!$&'()*+,;=:@[]?"},
		{"", ""},
	};
	code = 0;
	serve(redirects);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		to = cases[i].to;
		assert_get(t, "/", 302);
		assert_header(t, "Location", cases[i].location);
	}
	done();
}
END_TEST

START_TEST(a_redirect_cannot_split_the_reply)
{
	code = 0, to = "/a\r\nSet-Cookie: x=1";
	assert_mistake(redirects, "a redirect to an address with a line break");
	to = NULL;
	assert_mistake(redirects, "cruet_redirect: the address is NULL");
	code = 200, to = "/";
	assert_mistake(redirects, "cruet_redirect: 200: expected 301, 302, 303, 307, 308, or 0 for "
				  "the usual one");
	code = 304;
	assert_mistake(redirects, "cruet_redirect: 304: expected 301, 302, 303, 307, 308, or 0 for "
				  "the usual one");
}
END_TEST

HANDLER(redirects_nowhere)
{
	return cruet_redirect(c, 0, cruet_url(c, "nowhere", (char *)0));
}

START_TEST(a_redirect_to_what_could_not_be_built_says_why)
{
	assert_mistake(redirects_nowhere,
		       "cruet_url: Could not build url for endpoint 'nowhere'.");
}
END_TEST

SUITE("redirects", a_redirect_has_a_short_page, a_redirect_without_a_code_asks_for_a_get,
      a_location_is_a_uri_as_it_was_written, a_redirect_cannot_split_the_reply,
      a_redirect_to_what_could_not_be_built_says_why)
