/* Which addresses only this machine reaches, and who sees pages that show what is inside. */
#include "server/debugger.h"

#include <stdio.h>
#include <string.h>

#include "app/scope.h"

#include "suite.h"

START_TEST(addresses_of_this_machine)
{
	static const char *const local[] = {"127.0.0.1:8000", "127.0.0.1", "127.9.9.9:1", ":8000", "8000",
					    "localhost:8000", "localhost", "http://127.0.0.1:8000",
					    "https://localhost", "unix:/run/site.sock", "[::1]:8000",
					    "site.localhost:80"};

	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		ck_assert_msg(debug_guard_is_local(local[i]), "%s", local[i]);
}
END_TEST

START_TEST(addresses_that_others_reach)
{
	static const char *const remote[] = {"0.0.0.0:8000", "*:80", "0.0.0.0", "[::]:80", "10.0.0.1:80",
					     "example.com:80", "http://0.0.0.0:80", "128.0.0.1:80",
					     "127.0.0.1.example.com:80", "localhost.example.com",
					     "notlocalhost:80", "[::ffff:10.0.0.1]:80"};

	for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
		ck_assert_msg(!debug_guard_is_local(remote[i]), "%s", remote[i]);
}
END_TEST

static cruet_app *app;
static struct debug_pin pin;

static void begin(void)
{
	pin = (struct debug_pin){.text = "123-456-789"};
	app = cruet_new("shop");
	ck_assert_ptr_nonnull(app);
}

static void end(void)
{
	cruet_free(app);
}

static enum debug_guard see(struct debug_client who)
{
	who.host = who.host ? who.host : "localhost:8000";
	return debug_guard(app->host, &who);
}

START_TEST(pages_of_other_sites_see_nothing)
{
	static const struct debug_client hidden[] = {
		{.origin = "http://evil.example"},
		{.origin = "null"},
		{.origin = "http://localhost:3000"},
		{.origin = "http://localhost:8000.evil.example"},
		{.origin = "http://evil.example", .mode = "navigate"},
		{.site = "cross-site", .mode = "cors"},
		{.site = "cross-site", .mode = "no-cors"},
		{.site = "same-site", .origin = "http://localhost:8000"},
		{.site = "cross-site"},
	};
	static const struct debug_client shown[] = {
		{.origin = NULL},
		{.origin = "http://localhost:8000"},
		{.origin = "http://LOCALHOST:8000", .mode = "cors"},
		{.origin = "http://localhost", .host = "localhost:80"},
		{.origin = "https://localhost:443", .host = "localhost"},
		{.site = "same-origin", .mode = "cors", .origin = "null"},
		{.site = "none", .mode = "navigate"},
		{.site = "cross-site", .mode = "navigate", .origin = "http://evil.example"},
	};

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		ck_assert_msg(see(hidden[i]) == DEBUG_HIDE, "%zu", i);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		ck_assert_msg(see(shown[i]) == DEBUG_SHOW, "%zu", i);
	app->host->pin = &pin;
	ck_assert_int_eq(see((struct debug_client){.origin = "http://evil.example",
						   .cookies = "cruet-pin=123-456-789"}),
			 DEBUG_HIDE);
}
END_TEST

/* Somebody on another machine, with these cookies. */
static enum debug_guard try(const char *cookies)
{
	app->host->pin = &pin;
	return see((struct debug_client){.host = "10.0.0.1:8000", .peer = "10.0.0.2", .cookies = cookies});
}

START_TEST(who_knows_the_pin_sees_them)
{
	ck_assert_int_eq(try(NULL), DEBUG_ASK_PIN);
	ck_assert_int_eq(try("a=b; cruet-pin=123-456-789"), DEBUG_SHOW);
	ck_assert_int_eq(try("cruet-pin="), DEBUG_ASK_PIN);
	ck_assert_int_eq(try("cruet-pin=123-456-7890"), DEBUG_ASK_PIN);
	ck_assert_int_eq(try("cruet-pin=123456789"), DEBUG_ASK_PIN);
	ck_assert_uint_eq(pin.wrong, 0); /* that was none */
}
END_TEST

START_TEST(a_request_is_one_try)
{
	ck_assert_int_eq(try("cruet-pin=000-000-001; cruet-pin=000-000-002; cruet-pin=123-456-789"),
			 DEBUG_ASK_PIN);
	ck_assert_uint_eq(pin.wrong, 1);
}
END_TEST

START_TEST(what_is_sent_again_is_the_same_try)
{
	for (unsigned i = 0; i < 30; i++)
		ck_assert_int_eq(try("cruet-pin=000-000-000"), DEBUG_ASK_PIN);
	ck_assert_uint_eq(pin.wrong, 1);
	ck_assert_int_eq(try("cruet-pin=123-456-789"), DEBUG_SHOW);
}
END_TEST

START_TEST(after_so_many_tries_no_pin_is_right)
{
	char cookies[64];

	for (unsigned i = 0; i < 20; i++) {
		ck_assert_int_eq(try("cruet-pin=123-456-789"), DEBUG_SHOW);
		snprintf(cookies, sizeof cookies, "cruet-pin=000-000-%03u", i);
		ck_assert_int_eq(try(cookies), DEBUG_ASK_PIN);
	}
	ck_assert_int_eq(try("cruet-pin=123-456-789"), DEBUG_ASK_PIN);
	ck_assert_int_eq(see((struct debug_client){.host = NULL}), DEBUG_SHOW);
}
END_TEST

START_TEST(pins_differ)
{
	char a[DEBUG_PIN + 1], b[DEBUG_PIN + 1];

	ck_assert(debugger_make_pin(a) && debugger_make_pin(b));
	ck_assert_uint_eq(strlen(a), DEBUG_PIN);
	ck_assert_uint_eq(strspn(a, "0123456789-"), DEBUG_PIN);
	ck_assert_str_ne(a, b);
}
END_TEST

SUITE_WITH("debug_guard", begin, end, addresses_of_this_machine, addresses_that_others_reach,
	   pages_of_other_sites_see_nothing, who_knows_the_pin_sees_them, a_request_is_one_try,
	   what_is_sent_again_is_the_same_try, after_so_many_tries_no_pin_is_right, pins_differ)
