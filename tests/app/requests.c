/* Reading a request: what the calls of cruet/request.h give, also of odd input. What
 * is too large or malformed is in limits.c, forms and JSON are in bodies.c. */
#include "seen.h"

/* --- what the head says --------------------------------------------------------------- */

SEEN(a_request_says_where_it_goes, "/notes/7/a%20%C3%A4?x=%41&y")
{
	ck_assert_str_eq(cruet_method(c), "GET");
	ck_assert_str_eq(cruet_path(c), "/notes/7/a \xc3\xa4");
	ck_assert_str_eq(cruet_raw_path(c), "/notes/7/a%20%C3%A4");
	ck_assert_str_eq(cruet_query_string(c), "x=%41&y");
	ck_assert_str_eq(cruet_scheme(c), "http");
	ck_assert_str_eq(cruet_host(c), "localhost");
	ck_assert_str_eq(cruet_peer(c), "127.0.0.1");
	ck_assert_str_eq(cruet_root(c), "");
	ck_assert_str_eq(cruet_endpoint(c), "notes.show");
	ck_assert_str_eq(cruet_pattern(c), "/notes/<int:id>/<name>");
	ck_assert_ptr_eq(cruet_data(c), &here);
	ck_assert_str_eq(cruet_full_url(c), "http://localhost/notes/7/a%20\xc3\xa4?x=%41&y");
	ck_assert_str_eq(cruet_base_url(c), "http://localhost/notes/7/a%20\xc3\xa4");
	ck_assert_str_eq(cruet_root_url(c), "http://localhost/");
	return CRUET_OK;
}

SEEN(a_rule_without_data_has_none, "/")
{
	ck_assert_ptr_null(cruet_data(c));
	ck_assert_str_eq(cruet_query_string(c), "");
	return CRUET_OK;
}

static int no_rule(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_endpoint(c));
	ck_assert_ptr_null(cruet_pattern(c));
	ck_assert_ptr_null(cruet_data(c));
	ck_assert_str_eq(cruet_path(c), "/none");
	assert_no_pair(CRUET_FROM_ARGS, 0);
	return cruet_text(c, "seen");
}

START_TEST(without_a_rule_there_is_no_endpoint)
{
	app = cruet_new("test");
	cruet_on_error(app, 404, no_rule);
	t = client_of(app);
	assert_get(t, "/none", 404);
	assert_body(t, "seen");
	teardown();
}
END_TEST

START_TEST(without_a_request_there_is_nothing_to_read)
{
	size_t len = 1;
	setup();
	cruet_ctx *c = cruet_open(app);
	ck_assert_str_eq(cruet_method(c), "");
	ck_assert_str_eq(cruet_path(c), "");
	ck_assert_str_eq(cruet_raw_path(c), "");
	ck_assert_str_eq(cruet_host(c), "");
	ck_assert_str_eq(cruet_peer(c), "");
	ck_assert_str_eq(cruet_query_string(c), "");
	ck_assert_str_eq(cruet_scheme(c), "http");
	ck_assert_ptr_null(cruet_endpoint(c));
	ck_assert_ptr_null(cruet_pattern(c));
	ck_assert_ptr_null(cruet_data(c));
	ck_assert_ptr_null(cruet_header(c, "Host"));
	ck_assert_ptr_null(cruet_query(c, "x"));
	ck_assert_int_eq(cruet_query_int(c, "x", 5), 5);
	ck_assert_ptr_null(cruet_form(c, "x"));
	ck_assert_ptr_null(cruet_cookie(c, "x"));
	for (int from = CRUET_FROM_QUERY; from <= CRUET_FROM_ARGS; from++)
		assert_no_pair(from, 0);
	ck_assert_str_eq(cruet_body(c, &len), "");
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq(cruet_mime(c), "");
	ck_assert(!cruet_is_json(c));
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	ck_assert_ptr_null(cruet_body_json(c));
	ck_assert_int_eq(cruet_err(c), 415);
	cruet_close(c);
	teardown();
}
END_TEST

/* --- headers -------------------------------------------------------------------------- */

static int sees_headers(cruet_ctx *c)
{
	ck_assert_str_eq(cruet_header(c, "x-ONE"), "1");
	ck_assert_str_eq(cruet_header(c, "X-Many"), "a,b,,c");
	ck_assert_str_eq(cruet_header(c, "Cookie"), "a=1; b=2");
	ck_assert_str_eq(cruet_header(c, "User-Agent"), "first");
	ck_assert_str_eq(cruet_header(c, "referer"), "http://a/");
	ck_assert_str_eq(cruet_header(c, "X-Empty"), "");
	ck_assert_ptr_null(cruet_header(c, "X-None"));
	ck_assert_ptr_null(cruet_header(c, ""));
	assert_pair(CRUET_FROM_HEADERS, 0, "X-One", "1");
	assert_pair(CRUET_FROM_HEADERS, 1, "X-Many", "a");
	assert_pair(CRUET_FROM_HEADERS, 2, "x-many", "b");
	assert_no_pair(CRUET_FROM_HEADERS, 100);
	return CRUET_OK;
}

START_TEST(headers_are_read_in_any_case_and_joined)
{
	setup();
	cruet_client_set_header(t, "X-One", "1");
	cruet_client_set_header(t, "X-Many", "a");
	cruet_client_set_header(t, "x-many", "b");
	cruet_client_set_header(t, "X-MANY", "");
	cruet_client_set_header(t, "X-Many", "c");
	cruet_client_set_header(t, "Cookie", "a=1");
	cruet_client_set_header(t, "Cookie", "b=2");
	cruet_client_set_header(t, "User-Agent", "first");
	cruet_client_set_header(t, "User-Agent", "second");
	cruet_client_set_header(t, "Referer", "http://a/");
	cruet_client_set_header(t, "Referer", "http://b/");
	cruet_client_set_header(t, "X-Empty", "");
	look(sees_headers, "/");
	teardown();
}
END_TEST

static int sees_type(cruet_ctx *c)
{
	ck_assert_str_eq(cruet_mime(c), "text/csv");
	ck_assert_str_eq(cruet_mime_param(c, "charset"), "utf-8");
	ck_assert_str_eq(cruet_mime_param(c, "Header"), "a;b");
	ck_assert_ptr_null(cruet_mime_param(c, "none"));
	return CRUET_OK;
}

START_TEST(a_type_has_parameters)
{
	setup();
	cruet_client_set_header(t, "Content-Type", "Text/CSV ; charset=utf-8; header=\"a;b\"");
	look(sees_type, "/");
	teardown();
}
END_TEST

static bool json_expected;
static int sees_json_type(cruet_ctx *c)
{
	ck_assert_msg(cruet_is_json(c) == json_expected, "%s", cruet_header(c, "Content-Type"));
	return CRUET_OK;
}

START_TEST(json_is_application_json_or_what_is_built_on_it)
{
	static const char *const yes[] = {"application/json", "Application/JSON; charset=x",
					  "application/problem+json", "application/a+JSON ;b"};
	static const char *const no[] = {"text/json", "application/jsonp", "json", "",
					 "text/plain+json", "application/x; y=+json"};
	setup();
	json_expected = true;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		cruet_client_set_header(t, "Content-Type", yes[i]);
		look(sees_json_type, "/");
	}
	json_expected = false;
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		cruet_client_set_header(t, "Content-Type", no[i]);
		look(sees_json_type, "/");
	}
	teardown();
}
END_TEST

static int sees_preferences(cruet_ctx *c)
{
	static const char *const types[] = {"text/html", "application/json", NULL};
	static const char *const languages[] = {"en", "de", NULL};
	ck_assert_str_eq(cruet_accept(c, "Accept", types), "application/json");
	ck_assert_str_eq(cruet_accept(c, "Accept-Language", languages), "de");
	ck_assert_ptr_null(cruet_accept(c, "Accept-Charset", languages));
	ck_assert_str_eq(cruet_accept(c, "Accept-Encoding", languages), "en");
	return CRUET_OK;
}

START_TEST(the_best_of_what_is_offered)
{
	setup();
	cruet_client_set_header(t, "Accept", "text/html;q=0.4, application/*;q=0.5");
	cruet_client_set_header(t, "Accept-Language", "de-AT, fr;q=0.9");
	cruet_client_set_header(t, "Accept-Charset", "utf-8");
	look(sees_preferences, "/");
	teardown();
}
END_TEST

static const char *user, *password, *token, *auth_type;
static int sees_credentials(cruet_ctx *c)
{
	cruet_auth a = {.size = sizeof a, .user = "stale"};
	bool some = cruet_authorization(c, &a);
	ck_assert_uint_eq(a.size, sizeof a);
	ck_assert(some == (auth_type != NULL));
	ck_assert_pstr_eq(a.type, auth_type);
	ck_assert_pstr_eq(a.user, user);
	ck_assert_pstr_eq(a.password, password);
	ck_assert_pstr_eq(a.token, token);
	return CRUET_OK;
}

static void credentials(const char *header, const char *type, const char *u, const char *p,
			const char *tok)
{
	auth_type = type, user = u, password = p, token = tok;
	if (header)
		cruet_client_set_header(t, "Authorization", header);
	look(sees_credentials, "/");
}

static const char *right;
static bool is_right;
static int sees_a_token(cruet_ctx *c)
{
	ck_assert(cruet_bearer(c, right) == is_right);
	return CRUET_OK;
}

static void bears(const char *header, const char *want, bool yes)
{
	right = want, is_right = yes;
	if (header)
		cruet_client_set_header(t, "Authorization", header);
	look(sees_a_token, "/");
}

START_TEST(a_token_is_right_or_not)
{
	setup();
	bears("Bearer sesame", "sesame", true);
	bears("bearer  sesame", "sesame", true);
	bears("Bearer sesame ", "sesame", false);
	bears("Bearer Sesame", "sesame", false);
	bears("Bearer sesam", "sesame", false);
	bears("Bearer sesame2", "sesame", false);
	bears("Bearer", "sesame", false);
	bears("Basic sesame", "sesame", false);
	bears(NULL, "sesame", false);
	bears("Bearer x", "", false);
	bears("Bearer ", "", false);
	bears("Bearer x", NULL, false);
	teardown();
}
END_TEST

static bool by_proxy;
static int sees_a_proxy(cruet_ctx *c)
{
	ck_assert(cruet_proxied(c) == by_proxy);
	return CRUET_OK;
}

START_TEST(a_proxy_counts_if_it_is_trusted_and_says_something)
{
	static const char *const names[] = {"For", "Proto", "Host", "Port", "Prefix"};
	static const char *const said[] = {"192.0.2.1", "https", "a.example", "80", "/x"};
	static char setting[32], header[32];

	for (size_t i = 0; i < 5; i++) {
		snprintf(header, sizeof header, "X-Forwarded-%s", names[i]);
		snprintf(setting, sizeof setting, "server.proxy_%c%s", names[i][0] | 0x20,
			 names[i] + 1);
		setup();
		cruet_client_set_header(t, header, said[i]);
		by_proxy = false;
		look(sees_a_proxy, "/");
		teardown();
		app = cruet_new("test");
		cruet_set(app, setting, "1");
		cruet_add(app, "*", "/", page, "page", CRUET_HERE);
		t = client_of(app);
		cruet_client_set_header(t, header, said[i]);
		by_proxy = true;
		look(sees_a_proxy, "/");
		by_proxy = false;
		look(sees_a_proxy, "/");
		teardown();
	}
}
END_TEST

static const char *peer_seen;
static int sees_a_peer(cruet_ctx *c)
{
	ck_assert_str_eq(cruet_peer(c), peer_seen);
	return CRUET_OK;
}

static int warnings;
static char warning[256];
static void keep_warning(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)who;
	if (level == CRUET_WARN)
		snprintf(warning, sizeof warning, "%s", line), warnings++;
}

/* With a port it would be another client at each connection. */
START_TEST(a_client_behind_a_proxy_is_an_address)
{
	static const struct {
		const char *said, *peer;
	} all[] = {{"192.0.2.1", "192.0.2.1"},
		   {"192.0.2.1:5000", "192.0.2.1"},
		   {"198.51.100.9, 192.0.2.1:65535", "192.0.2.1"},
		   {"2001:db8::1", "2001:db8::1"},
		   {"[2001:db8::1]", "2001:db8::1"},
		   {"[2001:db8::1]:443", "2001:db8::1"},
		   {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
		   {"::1", "::1"},
		   /* not one of them tells an address */
		   {"unknown", "127.0.0.1"},
		   {"_hidden", "127.0.0.1"},
		   {"a.example:80", "127.0.0.1"},
		   {"192.0.2.1:", "127.0.0.1"},
		   {"192.0.2.1:x", "127.0.0.1"},
		   {"192.0.2.1:123456", "127.0.0.1"},
		   {"192.0.2", "127.0.0.1"},
		   {"192.0.2.256", "127.0.0.1"},
		   {"[192.0.2.1]", "127.0.0.1"},
		   {"[2001:db8::1", "127.0.0.1"},
		   {"[2001:db8::1]443", "127.0.0.1"},
		   {"[2001:db8::1]:", "127.0.0.1"},
		   {"[]:443", "127.0.0.1"},
		   {":443", "127.0.0.1"},
		   {"\"192.0.2.1\"", "127.0.0.1"}};

	app = cruet_new("test");
	cruet_set(app, "server.proxy_for", "1");
	cruet_log_to(app, keep_warning, NULL);
	cruet_add(app, "*", "/", page, "page", CRUET_HERE);
	t = client_of(app);
	warnings = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		cruet_client_set_header(t, "X-Forwarded-For", all[i].said);
		peer_seen = all[i].peer;
		look(sees_a_peer, "/");
	}
	ck_assert_int_eq(warnings, 1);
	ck_assert_ptr_nonnull(
		strstr(warning, "X-Forwarded-For names the client \"unknown\": expected an IP "
				"address: such clients count as the proxy, 127.0.0.1 (this is told "
				"once)"));
	teardown();
}
END_TEST

START_TEST(credentials_are_taken_apart)
{
	setup();
	credentials(NULL, NULL, NULL, NULL, NULL);
	credentials("Basic YW5uOnM6ZWNyZXQ=", "basic", "ann", "s:ecret", NULL);
	credentials("BASIC Og==", "basic", "", "", NULL);
	credentials("Bearer  a.b.c", "bearer", NULL, NULL, "a.b.c");
	credentials("Digest a=\"b\"", "digest", NULL, NULL, "a=\"b\"");
	credentials("Basic", NULL, NULL, NULL, NULL);
	credentials("Basic ", NULL, NULL, NULL, NULL);
	credentials("Basic !!!!", NULL, NULL, NULL, NULL);
	credentials("Basic YW5u", NULL, NULL, NULL, NULL); /* no colon */
	credentials("", NULL, NULL, NULL, NULL);
	teardown();
}
END_TEST

/* --- query ---------------------------------------------------------------------------- */

SEEN(a_query_is_read_as_it_was_meant,
     "/?a=1&b=2;c=3&d&=x&e=%zz&f=%FF&g=a+b%2B&a=2&h[]=%C3%A4&i=1=2&&j=")
{
	ck_assert_str_eq(cruet_query(c, "a"), "1");
	ck_assert_str_eq(cruet_query(c, "b"), "2;c=3");
	ck_assert_str_eq(cruet_query(c, "d"), "");
	ck_assert_str_eq(cruet_query(c, ""), "x");
	ck_assert_str_eq(cruet_query(c, "e"), "%zz");
	ck_assert_str_eq(cruet_query(c, "f"), "%FF");
	ck_assert_str_eq(cruet_query(c, "g"), "a b+");
	ck_assert_str_eq(cruet_query(c, "h[]"), "\xc3\xa4");
	ck_assert_str_eq(cruet_query(c, "i"), "1=2");
	ck_assert_str_eq(cruet_query(c, "j"), "");
	ck_assert_ptr_null(cruet_query(c, "c"));
	ck_assert_ptr_null(cruet_query(c, "A"));
	assert_pair(CRUET_FROM_QUERY, 0, "a", "1");
	assert_pair(CRUET_FROM_QUERY, 3, "", "x");
	assert_pair(CRUET_FROM_QUERY, 7, "a", "2");
	assert_pair(CRUET_FROM_QUERY, 10, "j", "");
	assert_no_pair(CRUET_FROM_QUERY, 11);
	assert_no_pair(CRUET_FROM_QUERY, SIZE_MAX);
	return CRUET_OK;
}

SEEN(an_encoded_nul_does_not_cut_a_value, "/?a=b%00c&%00=d")
{
	ck_assert_str_eq(cruet_query(c, "a"), "b%00c");
	ck_assert_str_eq(cruet_query(c, "%00"), "d");
	return CRUET_OK;
}

SEEN(a_number_in_a_query_is_the_whole_value,
     "/?a=7&b=-3&c=+3&d=7x&e=&f=9223372036854775807&g=9223372036854775808&h=%207&i=0x7")
{
	ck_assert_int_eq(cruet_query_int(c, "a", 1), 7);
	ck_assert_int_eq(cruet_query_int(c, "b", 1), -3);
	ck_assert_int_eq(cruet_query_int(c, "f", 1), INT64_MAX);
	ck_assert_int_eq(cruet_query_int(c, "none", -5), -5);
	for (const char *p = "cdeghi"; *p; p++) {
		char name[2] = {*p, '\0'};
		ck_assert_msg(cruet_query_int(c, name, 1) == 1, "%s", name);
	}
	return CRUET_OK;
}

static int walks_nothing(cruet_ctx *c)
{
	const char *name, *value;
	ck_assert(!cruet_pair(c, 99, 0, &name, &value));
	return CRUET_OK;
}

START_TEST(pairs_of_nothing_are_a_mistake)
{
	setup();
	probe = walks_nothing;
	assert_get(t, "/", 500);
	assert_lines("ERROR test: [id] GET page: 500: cruet_pair: from is none of "
		     "CRUET_FROM_...\n");
	teardown();
}
END_TEST

/* --- cookies -------------------------------------------------------------------------- */

static int sees_cookies(cruet_ctx *c)
{
	ck_assert_str_eq(cruet_cookie(c, "a"), "1");
	ck_assert_str_eq(cruet_cookie(c, "c"), "");
	ck_assert_str_eq(cruet_cookie(c, "q"), "x\"y,z");
	ck_assert_str_eq(cruet_cookie(c, "d"), "a=b");
	ck_assert_str_eq(cruet_cookie(c, "last"), "1");
	ck_assert_ptr_null(cruet_cookie(c, "A"));
	ck_assert_ptr_null(cruet_cookie(c, ""));
	assert_pair(CRUET_FROM_COOKIES, 1, "a", "2");
	assert_no_pair(CRUET_FROM_COOKIES, 6);
	return CRUET_OK;
}

START_TEST(cookies_are_read_as_browsers_send_them)
{
	setup();
	cruet_client_set_header(t, "Cookie", "a=1; a=2;c; =none; q=\"x\\\"y\\054z\" ;;d=a=b");
	cruet_client_set_header(t, "Cookie", "last=1");
	look(sees_cookies, "/");
	teardown();
}
END_TEST

/* --- path arguments ------------------------------------------------------------------- */

SEEN(arguments_are_read_by_name, "/notes/0042/a%2Fb%20c+%C3%A4")
{
	ck_assert_str_eq(cruet_arg(c, "id"), "42");
	ck_assert_int_eq(cruet_arg_int(c, "id"), 42);
	ck_assert_str_eq(cruet_arg(c, "name"), "a/b c+\xc3\xa4");
	ck_assert_str_eq(cruet_arg(c, "page"), "1");
	ck_assert_int_eq(cruet_arg_int(c, "page"), 1);
	assert_pair(CRUET_FROM_ARGS, 0, "id", "42");
	assert_pair(CRUET_FROM_ARGS, 1, "name", "a/b c+\xc3\xa4");
	assert_pair(CRUET_FROM_ARGS, 2, "page", "1");
	assert_no_pair(CRUET_FROM_ARGS, 3);
	return CRUET_OK;
}

SEEN(an_integer_may_be_written_as_text, "/notes/1/-17")
{
	ck_assert_int_eq(cruet_arg_int(c, "name"), -17);
	return CRUET_OK;
}

static int asks_for_none(cruet_ctx *c)
{
	ck_assert_str_eq(cruet_arg(c, "nme"), "");
	ck_assert_int_eq(cruet_arg_int(c, "other"), 0);
	return CRUET_OK;
}
static int asks_for_number(cruet_ctx *c)
{
	ck_assert_int_eq(cruet_arg_int(c, "name"), 0);
	return CRUET_OK;
}

START_TEST(asking_for_what_the_rule_lacks_is_a_500)
{
	setup();
	probe = asks_for_none;
	assert_get(t, "/notes/1/x", 500);
	assert_lines("ERROR test: [id] GET notes.show: 500: the rule /notes/<int:id>/<name> has no "
		     "argument 'nme'\n");
	probe = asks_for_number;
	assert_get(t, "/notes/1/x", 500);
	assert_lines("ERROR test: [id] GET notes.show: 500: the argument 'name' of "
		     "/notes/<int:id>/<name> is no integer: write <int:name>\n");
	teardown();
}
END_TEST

static int takes_argument(cruet_ctx *c)
{
	const char *id = cruet_take_arg(c, "id");
	ck_assert_str_eq(id, "7");
	ck_assert_ptr_null(cruet_take_arg(c, "id"));
	ck_assert_ptr_null(cruet_take_arg(c, "none"));
	return cruet_set_header(c, "X-Id", id);
}
static int has_one_less(cruet_ctx *c)
{
	assert_pair(CRUET_FROM_ARGS, 0, "name", "x");
	assert_no_pair(CRUET_FROM_ARGS, 1);
	return cruet_text(c, "seen");
}

START_TEST(an_argument_may_be_taken_before_the_handler)
{
	app = cruet_new("test");
	cruet_on_match(app, takes_argument);
	cruet_get(app, "/<int:id>/<name>", has_one_less);
	t = client_of(app);
	assert_get(t, "/7/x", 200);
	assert_header(t, "X-Id", "7");
	teardown();
}
END_TEST

SUITE("requests", a_request_says_where_it_goes, a_rule_without_data_has_none,
      without_a_rule_there_is_no_endpoint, without_a_request_there_is_nothing_to_read,
      headers_are_read_in_any_case_and_joined, a_type_has_parameters,
      json_is_application_json_or_what_is_built_on_it, the_best_of_what_is_offered,
      credentials_are_taken_apart, a_token_is_right_or_not,
      a_proxy_counts_if_it_is_trusted_and_says_something,
	   a_client_behind_a_proxy_is_an_address, a_query_is_read_as_it_was_meant,
      an_encoded_nul_does_not_cut_a_value, a_number_in_a_query_is_the_whole_value,
      pairs_of_nothing_are_a_mistake, cookies_are_read_as_browsers_send_them,
      arguments_are_read_by_name, an_integer_may_be_written_as_text,
      asking_for_what_the_rule_lacks_is_a_500, an_argument_may_be_taken_before_the_handler)
