/* Who comes by http is sent to https. */
#include "fixture.h"

static bool ran;

static int runs(cruet_ctx *c)
{
	(void)c;
	ran = true;
	return CRUET_OK;
}

START_TEST(http_is_sent_to_https)
{
	prepare("https=true");
	cruet_before(app, runs);
	t = client_of(app);
	ran = false;
	assert_get(t, "/a%2Fb%25?x=%20y&z", 308);
	assert_header(t, "Location", "https://localhost/a%2Fb%25?x=%20y&z");
	ck_assert(!ran);
	assert_header(t, "X-Frame-Options", "SAMEORIGIN");
	assert_header(t, "Strict-Transport-Security", "");
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 308);
	assert_header(t, "Location", "https://localhost/");
	ck_assert_int_eq(get_https("/"), 200);
	ck_assert(ran);
	assert_header(t, "Strict-Transport-Security", "max-age=15552000");
	teardown();
}
END_TEST

static void leads(const char *host, const char *to)
{
	cruet_client_set_header(t, "Host", host);
	assert_get(t, "/x", 308);
	assert_header(t, "Location", to);
}

START_TEST(host_and_port_can_be_chosen)
{
	setup("https=true");
	leads("a.example:8080", "https://a.example/x");
	leads("[::1]:8080", "https://[::1]/x");
	leads("[::1]", "https://[::1]/x");
	teardown();
	setup("https=true\nhttps_port=8443");
	leads("a.example:8080", "https://a.example:8443/x");
	teardown();
	setup("https=true\nhttps_host=www.a.example");
	leads("a.example:8080", "https://www.a.example/x");
	teardown();
}
END_TEST

START_TEST(some_paths_stay_on_http)
{
	setup("https=true");
	assert_get(t, "/.well-known/acme-challenge/abc", 404);
	teardown();
	prepare("https=true\nhttps_except=/live/,/x");
	cruet_add(app, "GET", "/live", page, "live", CRUET_HERE);
	t = client_of(app);
	assert_get(t, "/live", 200);
	assert_get(t, "/x/y", 404);
	assert_get(t, "/xy", 308);
	assert_get(t, "/.well-known/acme-challenge/abc", 308);
	teardown();
}
END_TEST

START_TEST(it_is_off_unless_asked_for)
{
	setup(NULL);
	assert_get(t, "/", 200);
	teardown();
}
END_TEST

START_TEST(the_server_itself_stays_where_it_is)
{
	setup("https=true");
	ck_assert_int_eq(cruet_client_send(t, "OPTIONS", "*", NULL, NULL, 0), 204);
	teardown();
}
END_TEST

SUITE("secure_https", http_is_sent_to_https, host_and_port_can_be_chosen,
      some_paths_stay_on_http, it_is_off_unless_asked_for,
      the_server_itself_stays_where_it_is)
