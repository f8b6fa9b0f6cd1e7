/* Tests of an application, with Check: what `cruet test` builds and runs. Each test has an
 * application and an empty database of its own, in a process of its own.
 *
 *	#include <cruet_test.h>
 *
 *	CRUET_TEST(a_name_is_remembered, t)
 *	{
 *		cruet_client *ada = cruet_test_client(t);
 *
 *		cruet_client_add_field(ada, "name", "Ada");
 *		ck_assert_int_eq(cruet_client_submit(ada, "/login"), 303);
 *		ck_assert_int_eq(cruet_client_follow(ada), 200);
 *		cruet_test_snapshot(t, ada, "greeting");
 *	}
 *
 * Built with `pkg-config --cflags --libs cruet-test`, which has main() too, and the sources
 * of the application (CRUET_APP). What goes wrong in a call ends the test with a sentence.
 * No part of libcruet and not of cruet.h. */
#ifndef CRUET_TEST_H
#define CRUET_TEST_H

#include "cruet/types.h"

struct cruet_client;

typedef struct cruet_test cruet_test;

typedef struct cruet_test_case {
	uint32_t size;
	int32_t line;
	const char *name, *file;
	const void *check; /* the TTest that Check runs */
} cruet_test_case;

CRUET_BEGIN

/* The application of this test: cruet.json of the site with its profile "test", if there
 * is one; its database is a file in cruet_test_folder(). It can be set up further until
 * the first client is made. */
CRUET_API cruet_app *cruet_test_app(cruet_test *t);

/* Another visitor, with cookies of its own. The first one starts the application, or ends
 * the test with what is wrong with it. Freed with the test. */
CRUET_API struct cruet_client *cruet_test_client(cruet_test *t);

/* An empty folder that goes with the test. */
CRUET_API const char *cruet_test_folder(const cruet_test *t);

/* Stops the application's clock at a moment, "2026-11-24 21:31:50" or the same with T and
 * Z, which is UTC; and lets so many seconds pass on a clock that was stopped. */
CRUET_API void cruet_test_clock(cruet_test *t, const char *moment);
CRUET_API void cruet_test_pass(cruet_test *t, int64_t seconds);

/* What was logged so far, a line "level who: text" each; "" if nothing. Nothing of it goes to
 * standard error; of a test that fails it is shown. Until the next call. */
CRUET_API const char *cruet_test_log(cruet_test *t);

/* How often an event was told so far. Counted are those of the core (cruet/hook.h), and
 * from the call of cruet_test_count on, before the first client, any other. */
CRUET_API size_t cruet_test_told(cruet_test *t, const char *event);
CRUET_API void cruet_test_count(cruet_test *t, const char *event);

/* Compares the last reply of a client with the one that is kept in
 * tests/snapshots/NAME.txt: status, headers that do not change by themselves, body. Where
 * they differ the test ends with the difference; `cruet test --update` keeps the new
 * one. name: letters, digits, "-" and "_". */
#define cruet_test_snapshot(t, client, name) \
	cruet_test_compare(t, client, name, __FILE__, __LINE__)
CRUET_API void cruet_test_compare(cruet_test *t, const struct cruet_client *client,
				  const char *name, const char *file, int line);

/* What CRUET_TEST is made of. */
CRUET_API cruet_test *cruet_test_open(const cruet_plugin *app, const char *file, int line);
CRUET_API void cruet_test_close(cruet_test *t);
extern const cruet_plugin cruet_plugin_app; /* what CRUET_APP makes */

CRUET_END

/* One test. It is run by its name, in the order in which tests stand. */
#define CRUET_TEST(id, t)                                                                    \
	static void cruet__test_##id(cruet_test *t);                                         \
	START_TEST(id)                                                                       \
	{                                                                                    \
		cruet_test *cruet__t = cruet_test_open(&cruet_plugin_app, __FILE__, __LINE__); \
		(void)id;                                                                    \
		cruet__test_##id(cruet__t);                                                  \
		cruet_test_close(cruet__t);                                                  \
	}                                                                                    \
	END_TEST                                                                             \
	static const cruet_test_case cruet__case_##id = {                                    \
		sizeof(cruet_test_case), __LINE__, #id, __FILE__, &id##_ttest};              \
	static const cruet_test_case *const cruet__listed_##id                               \
		__attribute__((section("cruet_tests"), used)) = &cruet__case_##id;           \
	static void cruet__test_##id(cruet_test *t)

#endif
