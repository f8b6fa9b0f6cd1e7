/* main() for a program that holds one Check suite:
 *
 *   SUITE("router", static_before_converter, redirects_to_slash)
 *
 * names the tests in the order they run. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>
#include "folder.h"

/* setup and teardown, where they are not NULL, run around each test. */
static inline int suite_run_with(const char *name, const TTest *const *tests, size_t n,
				 double timeout, SFun setup, SFun teardown)
{
	char folder[FOLDER_MAX];
	if (!folder_begin(folder)) {
		perror("a folder for temporary files");
		return EXIT_FAILURE;
	}
	Suite *s = suite_create(name);
	TCase *tc = tcase_create(name);
	tcase_set_timeout(tc, timeout);
	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	if (!folder_remove(folder)) {
		perror(folder);
		return EXIT_FAILURE;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int suite_run(const char *name, const TTest *const *tests, size_t n,
			    double timeout)
{
	return suite_run_with(name, tests, n, timeout, NULL, NULL);
}

#define SUITE_TIMEOUT(name, seconds, ...)                                                \
	int main(void)                                                                   \
	{                                                                                \
		const TTest *const tests[] = {__VA_ARGS__};                              \
		return suite_run(name, tests, sizeof tests / sizeof *tests, seconds);    \
	}
#define SUITE(name, ...) SUITE_TIMEOUT(name, 60, __VA_ARGS__)

/* The same with a function before and one after each test. */
#define SUITE_WITH(name, setup, teardown, ...)                                           \
	int main(void)                                                                   \
	{                                                                                \
		const TTest *const tests[] = {__VA_ARGS__};                              \
		return suite_run_with(name, tests, sizeof tests / sizeof *tests, 60,     \
				      setup, teardown);                                  \
	}

#endif
