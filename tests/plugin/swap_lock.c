/* cruet.lock, while an application serves: what comes then is held to it as it is then. */
#include "swapping.h"

static void lock(const char *entries)
{
	write_text("cruet.lock", text("{\"format\": 1, \"plugins\": {%s}}\n", entries));
}

static void lock_shift(void)
{
	lock(text("\"shift\": {\"abi\": 1, \"sha256\": \"%s\"}", hash_of_file(at("shift.so"))));
}

static void serve_locked(void)
{
	put_as("shift", "shift_1");
	lock_shift();
	serve(PLAIN_SHIFT);
	assert_page("/shift", "1.0.0");
}

START_TEST(another_file_is_not_taken)
{
	serve_locked();
	const char *listed = hash_of_file(at("shift.so"));
	put_as("shift", "shift_2");
	const char *found = hash_of_file(at("shift.so"));
	assert_not_reloaded("shift", CRUET_EDENIED,
			    "%s is not the file that %s lists: expected shift with SHA-256 %s, "
			    "found shift 2.0.0 with SHA-256 %s: put the listed one back or, if this "
			    "one is to be trusted, run `cruet plugins lock`",
			    at("shift.so"), at("cruet.lock"), listed, found);
	assert_page("/shift", "1.0.0");
	lock_shift(); /* it is trusted */
	reload("shift");
	assert_page("/shift", "2.0.0");
	ck_assert_uint_eq(copies(NULL, 0), 1);
	serve_no_more();
}
END_TEST

START_TEST(one_more_is_not_taken)
{
	serve_locked();
	put("well");
	assert_refused(cruet_plugin_load(app, "well", &why_), CRUET_EDENIED,
		       "%s is not listed in %s: its SHA-256 is %s: if it is to be trusted, run "
		       "`cruet plugins lock well`",
		       at("well.so"), at("cruet.lock"), hash_of_file(at("well.so")));
	ck_assert(!ran("well"));
	assert_page("/well", "404");
	serve_no_more();
}
END_TEST

START_TEST(a_lock_that_is_damaged_meanwhile)
{
	serve_locked();
	put_as("shift", "shift_2");
	write_text("cruet.lock", "{\"format\": 1, \"plugins\": 1}");
	assert_not_reloaded("shift", CRUET_EPARSE, "%s:1:26: plugins: expected an object",
			    at("cruet.lock"));
	assert_page("/shift", "1.0.0");
	lock_shift();
	reload("shift");
	assert_page("/shift", "2.0.0");
	serve_no_more();
}
END_TEST

HOST_SUITE("swap_lock", another_file_is_not_taken, one_more_is_not_taken,
	   a_lock_that_is_damaged_meanwhile)
