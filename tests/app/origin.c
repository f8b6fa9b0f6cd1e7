/* Requests that change something and come from another site's page: refused, unless
 * a scope or a rule says otherwise. */
#include "fixture.h"

static int done(cruet_ctx *c)
{
	return cruet_text(c, "done");
}
static bool hook_ran;
static int hook(cruet_ctx *c)
{
	(void)c;
	hook_ran = true;
	return CRUET_OK;
}
static int stamp(cruet_ctx *c)
{
	return cruet_set_header(c, "X-Seen", "yes");
}
static int own_words(cruet_ctx *c)
{
	return cruet_textf(c, "no: %s", cruet_err_text(c));
}

static cruet_app *app;
static cruet_client *t;

static void setup(void)
{
	app = cruet_new("test");
	cruet_add(app, "*", "/", done, "page", CRUET_HERE);
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .methods = "POST",
				       .path = "/hook", .name = "webhook", .fn = done,
				       .flags = CRUET_ANY_ORIGIN});
	cruet_app *api = cruet_blueprint(app, "api", "/api");
	cruet_allow_origin(api, "https://friend.example");
	cruet_add(api, "*", "/", done, "page", CRUET_HERE);
	cruet_app *v1 = cruet_blueprint(api, "v1", "/v1");
	cruet_allow_origin(v1, "http://old.example:8080");
	cruet_add(v1, "*", "/", done, "page", CRUET_HERE);
	cruet_before(app, hook);
	cruet_after(app, stamp);
	t = client_of(app);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* host, site and origin: headers, or NULL. */
static int ask(const char *method, const char *path, const char *host, const char *site,
	       const char *origin)
{
	if (host)
		cruet_client_set_header(t, "Host", host);
	if (site)
		cruet_client_set_header(t, "Sec-Fetch-Site", site);
	if (origin)
		cruet_client_set_header(t, "Origin", origin);
	return cruet_client_send(t, method, path, NULL, NULL, 0);
}

#define from(site, origin) ask("POST", "/", NULL, site, origin)

START_TEST(who_is_no_browser_may_post)
{
	setup();
	ck_assert_int_eq(from(NULL, NULL), 200);
	teardown();
}
END_TEST

START_TEST(the_browser_says_whose_page_it_is)
{
	setup();
	ck_assert_int_eq(from("same-origin", NULL), 200);
	ck_assert_int_eq(from("none", NULL), 200); /* typed, a bookmark */
	ck_assert_int_eq(from("Same-Origin", NULL), 200);
	ck_assert_int_eq(from("same-site", NULL), 403);
	ck_assert_int_eq(from("cross-site", NULL), 403);
	ck_assert_int_eq(from("", NULL), 403);
	ck_assert_int_eq(from("something-new", NULL), 403);
	teardown();
}
END_TEST

START_TEST(what_the_browser_says_of_the_site_counts_before_the_origin)
{
	setup();
	ck_assert_int_eq(from("cross-site", "http://localhost"), 403);
	ck_assert_int_eq(from("same-origin", "http://evil.example"), 200);
	teardown();
}
END_TEST

START_TEST(an_older_browser_says_the_origin)
{
	setup();
	ck_assert_int_eq(from(NULL, "http://localhost"), 200);
	ck_assert_int_eq(from(NULL, "http://localhost:80"), 200);
	ck_assert_int_eq(from(NULL, "HTTP://LOCALHOST"), 200);
	ck_assert_int_eq(from(NULL, "http://evil.example"), 403);
	ck_assert_int_eq(from(NULL, "http://localhost.evil.example"), 403);
	ck_assert_int_eq(from(NULL, "http://evil-localhost"), 403);
	ck_assert_int_eq(from(NULL, "http://localhost:8080"), 403);
	ck_assert_int_eq(from(NULL, "null"), 403);
	ck_assert_int_eq(from(NULL, ""), 403);
	ck_assert_int_eq(from(NULL, "localhost"), 403);
	ck_assert_int_eq(from(NULL, "http://"), 403);
	ck_assert_int_eq(from(NULL, "http://localhost http://evil.example"), 403);
	teardown();
}
END_TEST

START_TEST(the_port_is_part_of_the_host)
{
	setup();
	ck_assert_int_eq(ask("POST", "/", "a.example:8080", NULL, "http://a.example:8080"), 200);
	ck_assert_int_eq(ask("POST", "/", "a.example:8080", NULL, "http://a.example"), 403);
	ck_assert_int_eq(ask("POST", "/", "a.example:80", NULL, "http://a.example"), 200);
	ck_assert_int_eq(ask("POST", "/", "[::1]:8080", NULL, "http://[::1]:8080"), 200);
	ck_assert_int_eq(ask("POST", "/", "a.example:8443", NULL, "https://a.example:443"), 403);
	teardown();
}
END_TEST

START_TEST(reading_is_free_for_all)
{
	static const char *const free_for_all[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
	static const char *const changing[] = {"POST", "PUT", "PATCH", "DELETE", "PURGE", "get"};
	setup();
	for (size_t i = 0; i < sizeof free_for_all / sizeof *free_for_all; i++)
		ck_assert_int_eq(ask(free_for_all[i], "/", NULL, "cross-site", "http://x"), 200);
	for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
		ck_assert_int_eq(ask(changing[i], "/", NULL, "cross-site", "http://x"), 403);
	teardown();
}
END_TEST

START_TEST(a_rule_may_take_posts_from_anywhere)
{
	setup();
	ck_assert_int_eq(ask("POST", "/hook", NULL, "cross-site", "https://payments.example"), 200);
	ck_assert_int_eq(ask("POST", "/hook", NULL, NULL, "null"), 200);
	teardown();
}
END_TEST

START_TEST(a_scope_may_let_an_origin_in)
{
	static const char friend[] = "https://friend.example", old[] = "http://old.example:8080";
	setup();
	ck_assert_int_eq(ask("POST", "/api/", NULL, "cross-site", friend), 200);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, friend), 200);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, "https://Friend.Example"), 200);
	ck_assert_int_eq(ask("POST", "/api/", NULL, "cross-site", NULL), 403);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, "http://friend.example"), 403);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, "https://friend.example:444"), 403);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, "https://sub.friend.example"), 403);
	/* inwards, but not outwards nor beside */
	ck_assert_int_eq(ask("POST", "/api/v1/", NULL, NULL, friend), 200);
	ck_assert_int_eq(ask("POST", "/api/v1/", NULL, NULL, old), 200);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, old), 403);
	ck_assert_int_eq(ask("POST", "/", NULL, NULL, friend), 403);
	teardown();
}
END_TEST

START_TEST(a_refusal_is_a_page_like_any_other)
{
	setup();
	hook_ran = false;
	ck_assert_int_eq(from("cross-site", NULL), 403);
	assert_body(t, "<!doctype html>\n<html lang=en>\n<title>403 Forbidden</title>\n"
		       "<h1>Forbidden</h1>\n<p>The request comes from a page of another site, which "
		       "may not change anything here.</p>\n");
	ck_assert(!hook_ran);
	assert_header(t, "X-Seen", "yes");
	ck_assert_int_eq(ask("POST", "/none", NULL, "cross-site", NULL), 403);
	ck_assert_int_eq(ask("POST", "/none", NULL, NULL, NULL), 404);
	teardown();
}
END_TEST

START_TEST(a_refusal_may_be_put_in_other_words)
{
	app = cruet_new("test");
	cruet_post(app, "/", done);
	cruet_on_error(app, 403, own_words);
	t = client_of(app);
	ck_assert_int_eq(from("cross-site", NULL), 403);
	assert_body(t, "no: The request comes from a page of another site, which may not change "
		       "anything here.");
	teardown();
}
END_TEST

START_TEST(a_repeated_header_does_not_help)
{
	setup();
	cruet_client_set_header(t, "Sec-Fetch-Site", "cross-site");
	ck_assert_int_eq(from("same-origin", NULL), 403);
	teardown();
}
END_TEST

START_TEST(a_trusted_proxy_says_the_host)
{
	app = cruet_new("test");
	cruet_set(app, "server.proxy_host", "1");
	cruet_set(app, "server.proxy_proto", "1");
	cruet_post(app, "/", done);
	t = client_of(app);
	cruet_client_set_header(t, "X-Forwarded-Host", "shop.example");
	cruet_client_set_header(t, "X-Forwarded-Proto", "https");
	ck_assert_int_eq(from(NULL, "https://shop.example"), 200);
	cruet_client_set_header(t, "X-Forwarded-Host", "shop.example");
	cruet_client_set_header(t, "X-Forwarded-Proto", "https");
	ck_assert_int_eq(from(NULL, "http://localhost"), 403);
	teardown();
}
END_TEST

static bool is_long(cruet_ctx *c, const char *origin)
{
	ck_assert(cruet_scope(c) != app);
	return strlen(origin) > 20 || !strcmp(origin, "null");
}

START_TEST(a_function_may_let_origins_in)
{
	app = cruet_new("test");
	cruet_add(app, "*", "/", done, "page", CRUET_HERE);
	cruet_app *api = cruet_blueprint(app, "api", "/api");
	cruet_allow_origins(api, is_long);
	cruet_allow_origin(api, "https://short.example");
	cruet_add(api, "*", "/", done, "page", CRUET_HERE);
	t = client_of(app);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, "https://quite-long.example"), 200);
	ck_assert_int_eq(ask("POST", "/api/", NULL, "cross-site", "null"), 200);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, "https://x.example"), 403);
	ck_assert_int_eq(ask("POST", "/api/", NULL, NULL, "https://short.example"), 200);
	ck_assert_int_eq(ask("POST", "/api/", NULL, "cross-site", NULL), 403);
	ck_assert_int_eq(ask("POST", "/", NULL, NULL, "https://quite-long.example"), 403);
	teardown();
}
END_TEST

START_TEST(no_function_is_a_mistake)
{
	app = cruet_new("test");
	ck_assert_int_eq(cruet_allow_origins(NULL, is_long), CRUET_EINVAL);
	cruet_allow_origins(app, NULL);
	assert_refused(app, "cruet_allow_origins: the function is NULL");
}
END_TEST

SUITE("origin", who_is_no_browser_may_post, the_browser_says_whose_page_it_is,
      what_the_browser_says_of_the_site_counts_before_the_origin, an_older_browser_says_the_origin,
      the_port_is_part_of_the_host, reading_is_free_for_all, a_rule_may_take_posts_from_anywhere,
      a_scope_may_let_an_origin_in, a_refusal_is_a_page_like_any_other,
      a_refusal_may_be_put_in_other_words, a_repeated_header_does_not_help,
      a_trusted_proxy_says_the_host, a_function_may_let_origins_in, no_function_is_a_mistake)
