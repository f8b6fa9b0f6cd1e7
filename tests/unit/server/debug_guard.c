/* Which addresses only this machine reaches. */
#include "server/debugger.h"

#include <string.h>

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

START_TEST(pins_differ)
{
	char a[DEBUG_PIN + 1], b[DEBUG_PIN + 1];

	ck_assert(debugger_make_pin(a) && debugger_make_pin(b));
	ck_assert_uint_eq(strlen(a), DEBUG_PIN);
	ck_assert_uint_eq(strspn(a, "0123456789-"), DEBUG_PIN);
	ck_assert_str_ne(a, b);
}
END_TEST

SUITE("debug_guard", addresses_of_this_machine, addresses_that_others_reach, pins_differ)
