/* The contract tests see what is broken, say it, and see nothing where nothing is. FAULTY
 * and FAULTY_SITE are the programs made of faulty.c and faulty_site.c. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "../suite.h"

static char out[16384];

static int run_command(const char *command)
{
	FILE *p = popen(command, "r");
	ck_assert_ptr_nonnull(p);
	size_t n = fread(out, 1, sizeof out - 1, p);
	out[n] = '\0';
	int status = pclose(p);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Runs it; its exit status. What it printed is in out. */
static int run(const char *fault, const char *more)
{
	char command[2048];

	snprintf(command, sizeof command, "FAULT=%s %s '%s' %s 2>&1", fault,
		 strchr(more, '=') ? more : "", FAULTY, strchr(more, '=') ? "" : more);
	return run_command(command);
}

/* The same for one promise of a login or of forms. */
static int run_site(const char *service, const char *fault, const char *promise)
{
	char command[2048];

	snprintf(command, sizeof command, "SERVICE=%s FAULT=%s '%s' %s 2>/dev/null", service,
		 fault, FAULTY_SITE, promise);
	return run_command(command);
}

#define assert_printed(text) \
	ck_assert_msg(strstr(out, text) != NULL, "no \"%s\" in: %s", text, out)

START_TEST(a_provider_that_keeps_them_all)
{
	ck_assert_int_eq(run("none", ""), 0);
	ck_assert_str_eq(out, "cache/1: 29 promises, 0 broken\n");
}
END_TEST

START_TEST(a_broken_promise_is_named)
{
	ck_assert_int_eq(run("count", ""), 1);
	assert_printed("cache/1: counts_begin_at_0: cache.c:");
	assert_printed("now gave 2: expected 1\n");
	assert_printed("incr(t, \"top\", 1, 0, &now) gave 0: expected -8 (over a size "
		       "limit)\n");
	assert_printed("cache/1: no_count_is_lost: ");
	assert_printed("29 promises, 5 broken\n");
	ck_assert_int_eq(run("nul", ""), 1);
	assert_printed("cache/1: a_nul_stands_behind_the_value: ");
	assert_printed("29 promises, 1 broken\n");
	ck_assert_int_eq(run("case", ""), 1);
	assert_printed("cache/1: keys_are_compared_whole: ");
}
END_TEST

START_TEST(a_crash_breaks_one_promise_and_not_the_rest)
{
	ck_assert_int_eq(run("crash", ""), 1);
	assert_printed("cache/1: clear_knows_no_patterns: ended by signal 6 (Aborted)\n");
	assert_printed("29 promises, 2 broken\n");
}
END_TEST

START_TEST(a_provider_that_cannot_be_tried)
{
	ck_assert_int_eq(run("attach", ""), 1);
	assert_printed(
		"the provider cannot be attached: plugin 'cache' is attached already");
	assert_printed("29 promises, 29 broken\n");
	ck_assert_int_eq(run("old", ""), 1);
	assert_printed("is too old: ");
}
END_TEST

START_TEST(one_promise_by_its_name)
{
	ck_assert_int_eq(run("count", "counts_begin_at_0"), 1);
	assert_printed("cache/1: counts_begin_at_0: cache.c:");
	ck_assert_int_eq(run("count", "keys_are_compared_whole"), 0);
	ck_assert_str_eq(out, "");
	ck_assert_int_eq(run("none", "no_such_promise"), 2);
	ck_assert_str_eq(out, "cache/1 has no promise named 'no_such_promise'\n");
}
END_TEST

START_TEST(a_service_that_has_no_contract)
{
	ck_assert_int_eq(run("none", "SERVICE=cash/1"), 2);
	assert_printed("there is no contract for service \"cash/1\": expected cache/1");
}
END_TEST

START_TEST(logins_and_forms_that_break_promises)
{
	static const char *const faults[][3] = {
		{"login/1", "plain", "a_hash_is_salted_and_tells_nothing"},
		{"login/1", "plain", "what_is_no_password_is_refused"},
		{"login/1", "plain", "tries_of_an_account_have_an_end"},
		{"login/1", "leave", "who_logged_in_is_there_until_logging_out"},
		{"login/1", "leave", "what_somebody_left_is_nobody_elses"},
		{"login/1", "require", "pages_for_users_are_closed_to_others"},
		{"login/1", "next", "one_comes_back_to_this_site_alone"},
		{"forms/1", "guard", "what_is_made_by_hand_is_guarded"},
		{"forms/1", "token", "each_character_of_a_token_counts"}};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		const char *const *f = faults[i];
		char said[128];
		ck_assert_int_eq(run_site(f[0], "none", f[2]), 0);
		ck_assert_int_eq(run_site(f[0], f[1], f[2]), 1);
		snprintf(said, sizeof said, "%s: %s: ", f[0], f[2]);
		assert_printed(said);
	}
}
END_TEST

SUITE("contract", a_provider_that_keeps_them_all, a_broken_promise_is_named,
      a_crash_breaks_one_promise_and_not_the_rest, a_provider_that_cannot_be_tried,
      one_promise_by_its_name, a_service_that_has_no_contract,
      logins_and_forms_that_break_promises)
