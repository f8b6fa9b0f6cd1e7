/* Whose ids are taken, what is made otherwise, and where it is found again. */
#include "../edge.h"

extern const cruet_plugin cruet_plugin_request_id;

enum { NOON = 1795435200 };

static cruet_app *app;
static cruet_client *t;

static int page(cruet_ctx *c)
{
	cruet_note(c, CRUET_WARN, "seen");
	return cruet_text(c, cruet_request_id(c));
}
static int breaks(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}
static int has_its_own(cruet_ctx *c)
{
	cruet_set_header(c, "X-Request-Id", "own");
	return cruet_text(c, "x");
}

static void setup(const char *options, const char *proxies)
{
	app = new_app();
	cruet_clock_set(app, (int64_t)NOON * 1000 + 7);
	cruet_set(app, "server.proxy_for", proxies);
	cruet_use_static(app, &cruet_plugin_request_id, options);
	cruet_add(app, "GET,POST", "/", page, "page", CRUET_HERE);
	cruet_get(app, "/breaks", breaks);
	cruet_get(app, "/own", has_its_own);
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
}

static const char *id_of(void)
{
	const char *id = cruet_client_header(t, "X-Request-Id");
	ck_assert_msg(id != NULL, "there is no id");
	return id;
}

#define HEX "0123456789abcdef"

static void assert_uuid7(const char *id)
{
	char time[16];

	ck_assert_uint_eq(strlen(id), 36);
	ck_assert_uint_eq(strspn(id, HEX "-"), 36);
	for (size_t i = 0; i < 36; i++)
		ck_assert((id[i] == '-') == (i == 8 || i == 13 || i == 18 || i == 23));
	ck_assert_int_eq(id[14], '7');
	ck_assert(strchr("89ab", id[19]) != NULL);
	snprintf(time, sizeof time, "%012llx", (unsigned long long)NOON * 1000 + 7);
	ck_assert(!strncmp(id, time, 8) && !strncmp(id + 9, time + 8, 4));
}

START_TEST(each_request_gets_a_uuid)
{
	char first[64];

	setup(NULL, "0");
	assert_get(t, "/", 200);
	assert_uuid7(id_of());
	assert_body(t, id_of());
	snprintf(first, sizeof first, "%s", id_of());
	assert_get(t, "/", 200);
	ck_assert_str_ne(id_of(), first);
	teardown();
}
END_TEST

START_TEST(it_stands_in_log_lines_and_on_error_pages)
{
	char want[128];

	setup(NULL, "0");
	assert_get(t, "/", 200);
	snprintf(want, sizeof want, "test: [%s] GET page: seen\n", id_of());
	ck_assert_str_eq(logged, want);
	logged[0] = '\0';
	assert_get(t, "/breaks", 500);
	snprintf(want, sizeof want, "Request ID: <code>%s</code>", id_of());
	assert_contains(t, want);
	ck_assert_ptr_nonnull(strstr(logged, id_of()));
	teardown();
}
END_TEST

START_TEST(what_is_refused_before_hooks_run_has_one_too)
{
	setup(NULL, "0");
	cruet_client_set_header(t, "Sec-Fetch-Site", "cross-site");
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "x"), 403);
	assert_uuid7(id_of());
	assert_get(t, "/none", 404);
	assert_uuid7(id_of());
	teardown();
}
END_TEST

START_TEST(it_may_be_128_random_bits)
{
	setup("format=random", "0");
	assert_get(t, "/", 200);
	ck_assert_uint_eq(strlen(id_of()), 32);
	ck_assert_uint_eq(strspn(id_of(), HEX), 32);
	teardown();
}
END_TEST

static void send(const char *id, bool by_proxy)
{
	cruet_client_set_header(t, "X-Request-Id", id);
	if (by_proxy)
		cruet_client_set_header(t, "X-Forwarded-For", "192.0.2.1");
	assert_get(t, "/", 200);
}

START_TEST(a_trusted_proxy_names_requests)
{
	setup(NULL, "1");
	send("a-B_1.:+/=@", true);
	ck_assert_str_eq(id_of(), "a-B_1.:+/=@");
	assert_body(t, "a-B_1.:+/=@");
	send("abc", false); /* it did not come through the proxy */
	assert_uuid7(id_of());
	teardown();
	setup(NULL, "0");
	send("abc", true);
	assert_uuid7(id_of());
	teardown();
}
END_TEST

START_TEST(others_may_be_trusted_or_nobody)
{
	setup("trust=always", "0");
	send("abc", false);
	ck_assert_str_eq(id_of(), "abc");
	teardown();
	setup("trust=never", "1");
	send("abc", true);
	assert_uuid7(id_of());
	teardown();
}
END_TEST

START_TEST(what_is_malformed_is_not_taken)
{
	static const char *const bad[] = {"",	 "a b",	 "a\"b",     "a,b",
					  "<b>", "a%0a", "\xc3\xa4", "a\\n"};
	char large[256];

	setup("trust=always", "0");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		send(bad[i], false);
		assert_uuid7(id_of());
	}
	memset(large, 'x', sizeof large);
	large[128] = '\0';
	send(large, false);
	ck_assert_str_eq(id_of(), large);
	large[128] = 'x';
	large[129] = '\0';
	send(large, false);
	assert_uuid7(id_of());
	cruet_client_set_header(t, "X-Request-Id", "first"); /* twice */
	send("second", false);
	assert_uuid7(id_of());
	teardown();
}
END_TEST

START_TEST(the_header_has_another_name_or_is_left_out)
{
	setup("header=X-Trace\ntrust=always", "0");
	cruet_client_set_header(t, "X-Trace", "abc");
	assert_get(t, "/", 200);
	assert_header(t, "X-Trace", "abc");
	assert_header(t, "X-Request-Id", "");
	teardown();
	setup("reply=false", "0");
	assert_get(t, "/", 200);
	assert_header(t, "X-Request-Id", "");
	assert_uuid7(cruet_client_body(t));
	teardown();
}
END_TEST

START_TEST(a_handlers_own_header_stays)
{
	setup(NULL, "0");
	assert_get(t, "/own", 200);
	assert_header(t, "X-Request-Id", "own");
	teardown();
}
END_TEST

START_TEST(mistakes_are_sentences)
{
	assert_refused(
		&cruet_plugin_request_id, "header=X Id",
		"plugin 'request_id': option header = \"X Id\": expected a name such as "
		"X-Request-Id");
	assert_refused(
		&cruet_plugin_request_id, "header=",
		"plugin 'request_id': option header = \"\": expected a name such as "
		"X-Request-Id");
}
END_TEST

SUITE("request_id", each_request_gets_a_uuid, it_stands_in_log_lines_and_on_error_pages,
      what_is_refused_before_hooks_run_has_one_too, it_may_be_128_random_bits,
      a_trusted_proxy_names_requests, others_may_be_trusted_or_nobody,
      what_is_malformed_is_not_taken, the_header_has_another_name_or_is_left_out,
      a_handlers_own_header_stays, mistakes_are_sentences)
