/* The contract tests see what is broken, say it, and see nothing where nothing is. FAULTY
 * is the program made of faulty.c. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "../suite.h"

static char out[16384];

/* Runs it; its exit status. What it printed is in out. */
static int run(const char *fault, const char *more)
{
	char command[2048];

	snprintf(command, sizeof command, "FAULT=%s %s '%s' %s 2>&1", fault,
		 strchr(more, '=') ? more : "", FAULTY, strchr(more, '=') ? "" : more);
	FILE *p = popen(command, "r");
	ck_assert_ptr_nonnull(p);
	size_t n = fread(out, 1, sizeof out - 1, p);
	out[n] = '\0';
	int status = pclose(p);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
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

SUITE("contract", a_provider_that_keeps_them_all, a_broken_promise_is_named,
      a_crash_breaks_one_promise_and_not_the_rest, a_provider_that_cannot_be_tried,
      one_promise_by_its_name, a_service_that_has_no_contract)
