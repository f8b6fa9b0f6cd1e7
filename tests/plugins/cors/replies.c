/* What the plugin adds to replies, and which requests it lets through. */
#include "../edge.h"

extern const cruet_plugin cruet_plugin_cors;

#define FRIEND "https://friend.example"
#define EVIL   "https://evil.example"

static cruet_app *app;
static cruet_client *t;

static int page(cruet_ctx *c)
{
	return cruet_text(c, "page");
}
static int changes(cruet_ctx *c)
{
	return cruet_text(c, "changed");
}
static int breaks(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}
static int speaks_for_itself(cruet_ctx *c)
{
	cruet_set_header(c, "Access-Control-Allow-Origin", "https://own.example");
	cruet_vary(c, "Origin");
	return cruet_text(c, "own");
}
static int unchanged(cruet_ctx *c)
{
	return cruet_empty(c, 304);
}
static int members_only(cruet_ctx *c)
{
	return cruet_header(c, "Authorization") ? CRUET_OK : 401;
}

static void setup(const char *options)
{
	app = new_app();
	cruet_use_static(app, &cruet_plugin_cors, options);
	cruet_get(app, "/", page);
	cruet_put(app, "/", changes);
	cruet_post(app, "/", changes);
	cruet_get(app, "/folder/", page);
	cruet_get(app, "/breaks", breaks);
	cruet_get(app, "/own", speaks_for_itself);
	cruet_get(app, "/unchanged", unchanged);
	cruet_app *members = cruet_blueprint(app, "members", "/members");
	cruet_before(members, members_only);
	cruet_get(members, "/", page);
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
}

static int ask(const char *method, const char *path, const char *origin)
{
	if (origin)
		cruet_client_set_header(t, "Origin", origin);
	return cruet_client_send(t, method, path, NULL, NULL, 0);
}

static int preflight(const char *path, const char *origin, const char *method,
		     const char *headers)
{
	cruet_client_set_header(t, "Access-Control-Request-Method", method);
	if (headers)
		cruet_client_set_header(t, "Access-Control-Request-Headers", headers);
	return ask("OPTIONS", path, origin);
}

#define assert_allows(origin) assert_header(t, "Access-Control-Allow-Origin", origin)
#define assert_varies(names)  assert_header(t, "Vary", names)
#define PREFLIGHT_VARY \
	"Origin; Access-Control-Request-Method; Access-Control-Request-Headers"

START_TEST(a_listed_origin_may_read)
{
	setup("origins=" FRIEND ",https://*.example.com");
	ck_assert_int_eq(ask("GET", "/", FRIEND), 200);
	assert_allows(FRIEND);
	assert_varies("Origin");
	assert_header(t, "Access-Control-Allow-Credentials", "");
	assert_header(t, "Access-Control-Expose-Headers", "");
	ck_assert_int_eq(ask("GET", "/", "https://a.example.com"), 200);
	assert_allows("https://a.example.com");
	teardown();
}
END_TEST

START_TEST(others_may_not_and_caches_know)
{
	setup("origins=" FRIEND);
	ck_assert_int_eq(ask("GET", "/", EVIL), 200);
	assert_allows("");
	assert_varies("Origin");
	ck_assert_int_eq(ask("GET", "/", NULL), 200);
	assert_allows("");
	assert_varies("Origin");
	ck_assert_int_eq(ask("GET", "/", "null"), 200);
	assert_allows("");
	cruet_client_set_header(t, "Origin", FRIEND); /* twice: the first counts */
	ck_assert_int_eq(ask("GET", "/", EVIL), 200);
	assert_allows(FRIEND);
	ck_assert_int_eq(ask("GET", "/", FRIEND " " EVIL), 200);
	assert_allows("");
	teardown();
}
END_TEST

START_TEST(a_star_is_the_same_for_all)
{
	setup("origins=*");
	ck_assert_int_eq(ask("GET", "/", EVIL), 200);
	assert_allows("*");
	assert_varies("");
	ck_assert_int_eq(ask("GET", "/", NULL), 200);
	assert_allows("*");
	teardown();
}
END_TEST

START_TEST(null_is_an_origin_if_it_is_named)
{
	setup("origins=null");
	ck_assert_int_eq(ask("GET", "/", "null"), 200);
	assert_allows("null");
	assert_varies("Origin");
	teardown();
}
END_TEST

START_TEST(credentials_and_headers_are_said)
{
	setup("origins=" FRIEND "\ncredentials=true\nexpose=X-Total,Link");
	ck_assert_int_eq(ask("GET", "/", FRIEND), 200);
	assert_header(t, "Access-Control-Allow-Credentials", "true");
	assert_header(t, "Access-Control-Expose-Headers", "X-Total, Link");
	ck_assert_int_eq(ask("GET", "/", EVIL), 200);
	assert_header(t, "Access-Control-Allow-Credentials", "");
	assert_header(t, "Access-Control-Expose-Headers", "");
	teardown();
}
END_TEST

START_TEST(errors_can_be_read_too)
{
	setup("origins=" FRIEND);
	ck_assert_int_eq(ask("GET", "/none", FRIEND), 404);
	assert_allows(FRIEND);
	ck_assert_int_eq(ask("DELETE", "/", FRIEND), 405);
	assert_allows(FRIEND);
	ck_assert_int_eq(ask("GET", "/breaks", FRIEND), 500);
	assert_allows(FRIEND);
	assert_varies("Origin");
	ck_assert_int_eq(ask("GET", "/members/", FRIEND), 401);
	assert_allows(FRIEND);
	ck_assert_int_eq(ask("GET", "/folder", FRIEND), 308);
	assert_allows(FRIEND);
	ck_assert_int_eq(ask("GET", "/unchanged", FRIEND), 304);
	assert_allows(FRIEND);
	assert_varies("Origin");
	ck_assert_int_eq(ask("HEAD", "/", FRIEND), 200);
	assert_allows(FRIEND);
	teardown();
}
END_TEST

START_TEST(a_handler_may_speak_for_itself)
{
	setup("origins=" FRIEND "\ncredentials=true\nexpose=X-Total");
	ck_assert_int_eq(ask("GET", "/own", FRIEND), 200);
	assert_allows("https://own.example");
	assert_header(t, "Access-Control-Allow-Credentials", "");
	assert_header(t, "Access-Control-Expose-Headers", "");
	assert_varies("Origin");
	teardown();
}
END_TEST

/* --- preflights ------------------------------------------------------------------- */

START_TEST(a_preflight_is_answered)
{
	setup("origins=" FRIEND
	      "\nmethods=GET,PUT\nheaders=Content-Type,X-Token\nmax_age=2h");
	ck_assert_int_eq(preflight("/", FRIEND, "PUT", "content-type,x-token"), 204);
	assert_body(t, "");
	assert_allows(FRIEND);
	assert_header(t, "Access-Control-Allow-Methods", "GET, PUT");
	assert_header(t, "Access-Control-Allow-Headers", "Content-Type, X-Token");
	assert_header(t, "Access-Control-Max-Age", "7200");
	assert_header(t, "Access-Control-Allow-Credentials", "");
	assert_header(t, "Access-Control-Allow-Private-Network", "");
	assert_header(t, "Allow", "");
	assert_varies(PREFLIGHT_VARY);
	teardown();
}
END_TEST

START_TEST(it_says_the_usual_by_default)
{
	setup("origins=" FRIEND);
	ck_assert_int_eq(preflight("/", FRIEND, "PUT", NULL), 204);
	assert_header(t, "Access-Control-Allow-Methods",
		      "GET, HEAD, POST, PUT, PATCH, DELETE");
	assert_header(t, "Access-Control-Allow-Headers", "Content-Type");
	assert_header(t, "Access-Control-Max-Age", "600");
	teardown();
}
END_TEST

START_TEST(it_comes_before_404_405_redirects_and_hooks)
{
	setup("origins=" FRIEND "\ncredentials=true");
	ck_assert_int_eq(preflight("/none", FRIEND, "PUT", NULL), 204);
	ck_assert_int_eq(preflight("/folder", FRIEND, "GET", NULL), 204);
	ck_assert_int_eq(preflight("/members/", FRIEND, "GET", "authorization"), 204);
	assert_header(t, "Access-Control-Allow-Credentials", "true");
	teardown();
	app = new_app();
	cruet_set(app, "server.auto_options", "false");
	cruet_use_static(app, &cruet_plugin_cors, "origins=" FRIEND);
	cruet_get(app, "/", page);
	t = client_of(app);
	ck_assert_int_eq(ask("OPTIONS", "/", FRIEND), 405);
	assert_allows(FRIEND);
	ck_assert_int_eq(preflight("/", FRIEND, "GET", NULL), 204);
	teardown();
}
END_TEST

START_TEST(what_is_no_preflight_of_a_friend_takes_its_usual_way)
{
	setup("origins=" FRIEND);
	ck_assert_int_eq(preflight("/", EVIL, "PUT", NULL), 200);
	assert_allows("");
	assert_header(t, "Access-Control-Allow-Methods", "");
	assert_header(t, "Allow", "GET, HEAD, OPTIONS, POST, PUT");
	assert_varies(PREFLIGHT_VARY);
	ck_assert_int_eq(preflight("/members/", EVIL, "GET", NULL), 401);
	ck_assert_int_eq(preflight("/", NULL, "PUT", NULL), 200);
	ck_assert_int_eq(ask("OPTIONS", "/", FRIEND), 200);
	assert_header(t, "Allow", "GET, HEAD, OPTIONS, POST, PUT");
	assert_allows(FRIEND);
	assert_header(t, "Access-Control-Allow-Methods", "");
	cruet_client_set_header(t, "Access-Control-Request-Method", "PUT");
	ck_assert_int_eq(ask("GET", "/", FRIEND), 200);
	assert_body(t, "page");
	teardown();
}
END_TEST

START_TEST(a_star_takes_what_is_asked_for)
{
	char large[2048];

	setup("origins=*\nmethods=*\nheaders=*");
	ck_assert_int_eq(preflight("/", EVIL, "PURGE", "x-a,x-b"), 204);
	assert_allows("*");
	assert_header(t, "Access-Control-Allow-Methods", "PURGE");
	assert_header(t, "Access-Control-Allow-Headers", "x-a,x-b");
	assert_varies("Access-Control-Request-Method; Access-Control-Request-Headers");
	ck_assert_int_eq(preflight("/", EVIL, "P(T", "x-a;b"), 204);
	assert_header(t, "Access-Control-Allow-Methods", "");
	assert_header(t, "Access-Control-Allow-Headers", "");
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	ck_assert_int_eq(preflight("/", EVIL, "PUT", large), 204);
	assert_header(t, "Access-Control-Allow-Headers", "");
	teardown();
}
END_TEST

START_TEST(the_private_network_is_opened_if_it_is_asked_for)
{
	setup("origins=" FRIEND "\nprivate_network=true");
	cruet_client_set_header(t, "Access-Control-Request-Private-Network", "true");
	ck_assert_int_eq(preflight("/", FRIEND, "PUT", NULL), 204);
	assert_header(t, "Access-Control-Allow-Private-Network", "true");
	ck_assert_int_eq(preflight("/", FRIEND, "PUT", NULL), 204);
	assert_header(t, "Access-Control-Allow-Private-Network", "");
	teardown();
	setup("origins=" FRIEND);
	cruet_client_set_header(t, "Access-Control-Request-Private-Network", "true");
	ck_assert_int_eq(preflight("/", FRIEND, "PUT", NULL), 204);
	assert_header(t, "Access-Control-Allow-Private-Network", "");
	teardown();
}
END_TEST

/* --- requests that change something ----------------------------------------------- */

static int post_with(const char *origin, const char *name, const char *value)
{
	cruet_client_set_header(t, "Sec-Fetch-Site", "cross-site");
	if (name)
		cruet_client_set_header(t, name, value);
	return ask("POST", "/", origin);
}

START_TEST(a_listed_origin_may_change_things)
{
	setup("origins=" FRIEND);
	ck_assert_int_eq(post_with(FRIEND, NULL, NULL), 200);
	assert_body(t, "changed");
	assert_allows(FRIEND);
	ck_assert_int_eq(post_with(FRIEND, "Cookie", "a=b"), 200);
	ck_assert_int_eq(post_with(EVIL, NULL, NULL), 403);
	assert_allows("");
	assert_varies("Origin");
	ck_assert_int_eq(post_with(NULL, NULL, NULL), 403);
	ck_assert_int_eq(post_with("null", NULL, NULL), 403);
	teardown();
}
END_TEST

static void without_the_visitor(const char *origin)
{
	ck_assert_int_eq(post_with(origin, NULL, NULL), 200);
	ck_assert_int_eq(post_with(origin, "Authorization", "Bearer x"), 200);
	ck_assert_int_eq(post_with(origin, "Cookie", "a=b"), 403);
	ck_assert_int_eq(post_with(origin, "Authorization", "Basic YW5uOng="), 403);
	ck_assert_int_eq(post_with(origin, "Authorization", "Negotiate x"), 403);
	ck_assert_int_eq(post_with(origin, "Authorization", "NTLM x"), 403);
	ck_assert_int_eq(post_with(origin, "Authorization", "Digest username=\"a\""),
			 403);
	ck_assert_int_eq(post_with(origin, "Authorization", "Basic"), 403);
}

START_TEST(who_is_not_named_may_if_nothing_of_the_visitor_comes_along)
{
	setup("origins=*");
	without_the_visitor(EVIL);
	teardown();
	setup("origins=null");
	without_the_visitor("null");
	ck_assert_int_eq(post_with(EVIL, NULL, NULL), 403);
	teardown();
}
END_TEST

/* --- several ---------------------------------------------------------------------- */

START_TEST(it_reaches_as_far_as_its_scope)
{
	app = new_app();
	cruet_app *api = cruet_blueprint(app, "api", "/api");
	cruet_use_static(api, &cruet_plugin_cors, "origins=" FRIEND);
	cruet_add(app, "GET,POST", "/", page, "page", CRUET_HERE);
	cruet_add(api, "GET,POST", "/", page, "page", CRUET_HERE);
	t = client_of(app);
	ck_assert_int_eq(ask("GET", "/api/", FRIEND), 200);
	assert_allows(FRIEND);
	ck_assert_int_eq(ask("POST", "/api/", FRIEND), 200);
	ck_assert_int_eq(preflight("/api/", FRIEND, "POST", NULL), 204);
	ck_assert_int_eq(ask("GET", "/", FRIEND), 200);
	assert_allows("");
	assert_varies("");
	ck_assert_int_eq(ask("POST", "/", FRIEND), 403);
	teardown();
}
END_TEST

START_TEST(the_innermost_that_lets_an_origin_in_speaks)
{
	app = app_of(
		"{\"plugins\": {\"wide\": {\"plugin\": \"cors\", \"origins\": \"*\"}}}");
	cruet_app *api = cruet_blueprint(app, "api", "/api");
	cruet_use_static(api, &cruet_plugin_cors, "origins=" FRIEND "\ncredentials=true");
	cruet_add(api, "GET,POST", "/", page, "page", CRUET_HERE);
	t = client_of(app);
	ck_assert_int_eq(ask("GET", "/api/", FRIEND), 200);
	assert_allows(FRIEND);
	assert_header(t, "Access-Control-Allow-Credentials", "true");
	ck_assert_int_eq(ask("GET", "/api/", EVIL), 200);
	assert_allows("*");
	assert_varies("Origin");
	teardown();
}
END_TEST

/* --- options ---------------------------------------------------------------------- */

#define REFUSED(options, sentence) \
	assert_refused(&cruet_plugin_cors, options, "plugin 'cors': option " sentence)

START_TEST(mistakes_are_sentences)
{
	REFUSED("", "origins is missing: expected origins such as https://a.example or "
		    "https://*.a.example, or *");
	REFUSED("origins=", "origins: 0 origins: expected 1 to 256");
	REFUSED("origins=https://a.example/", "origins: \"https://a.example/\": expected "
					      "a host of small letters, digits, '-' "
					      "and '.', and no path");
	REFUSED("origins=*,https://a.example",
		"origins: \"*\" is every origin: leave out the "
		"others");
	REFUSED("origins=*\ncredentials=true", "credentials: with origins = \"*\" every "
					       "site could act as its visitors do here: "
					       "name the origins");
	REFUSED("origins=null,https://a.example\ncredentials=true",
		"credentials: the origin \"null\" is every sandboxed page of every site: "
		"leave it "
		"out");
	REFUSED("origins=*\nmethods=GET,P T",
		"methods: \"P T\": expected names such as PUT, or * alone");
	REFUSED("origins=*\nheaders=X-A,*",
		"headers: \"*\": expected names such as X-Total, or * alone");
	REFUSED("origins=https://a.example\nexpose=*\ncredentials=true",
		"expose: with credentials browsers take \"*\" for the name of a header: "
		"name the "
		"headers");
}
END_TEST

SUITE("cors", a_listed_origin_may_read, others_may_not_and_caches_know,
      a_star_is_the_same_for_all, null_is_an_origin_if_it_is_named,
      credentials_and_headers_are_said, errors_can_be_read_too,
      a_handler_may_speak_for_itself, a_preflight_is_answered,
      it_says_the_usual_by_default, it_comes_before_404_405_redirects_and_hooks,
      what_is_no_preflight_of_a_friend_takes_its_usual_way,
      a_star_takes_what_is_asked_for, the_private_network_is_opened_if_it_is_asked_for,
      a_listed_origin_may_change_things,
      who_is_not_named_may_if_nothing_of_the_visitor_comes_along,
      it_reaches_as_far_as_its_scope, the_innermost_that_lets_an_origin_in_speaks,
      mistakes_are_sentences)
