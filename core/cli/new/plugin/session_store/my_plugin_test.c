/* Drives the plugin in this process: no server runs, no file is loaded. What every
 * provider of "session_store/1" promises is tried by my_plugin_contract.c. */
#include <check.h>
#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/svc/session_store.h>
#include <cruet/testing.h>
#include <stdlib.h>
#include <string.h>

extern const cruet_plugin cruet_plugin_my_plugin;

static const char id_a[] = "Vt3_0bYw-9xKq2mZ7LrD4pHs1CfJ8uEa";
static const char id_b[] = "Vt3_0bYw-9xKq2mZ7LrD4pHs1CfJ8uEb";

enum { LARGE = 1 << 20, MINUTE = 60000 };
static const char large[LARGE];

/* An application with the plugin and these options, one "name=value" a line. */
static cruet_app *make(const char *options, cruet_service *store)
{
	cruet_app *app = cruet_new("test");

	cruet_use_static(app, &cruet_plugin_my_plugin, options);
	cruet_bind(app, CRUET_SESSION_STORE, NULL, sizeof(cruet_session_store), store);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	return app;
}

START_TEST(a_session_ends_by_the_clock)
{
	cruet_service store;
	cruet_app *app = make(NULL, &store);
	const cruet_session_store *vt = store.vt;
	const void *p;
	size_t n;

	cruet_clock_set(app, 1000000);
	cruet_ctx *c = cruet_open(app);
	ck_assert_int_eq(vt->save(store.self, c, id_a, "ada", 3, MINUTE), CRUET_OK);
	cruet_clock_set(app, 1000000 + MINUTE - 1);
	ck_assert_int_eq(vt->load(store.self, c, id_a, &p, &n), CRUET_OK);
	ck_assert_int_eq(memcmp(p, "ada", 3), 0);
	cruet_clock_set(app, 1000000 + MINUTE);
	ck_assert_int_eq(vt->load(store.self, c, id_a, &p, &n), CRUET_ENOENT);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(what_has_ended_makes_room)
{
	cruet_service store;
	cruet_app *app = make("memory=2m", &store);
	const cruet_session_store *vt = store.vt;

	cruet_clock_set(app, 1000000);
	cruet_ctx *c = cruet_open(app);
	ck_assert_int_eq(vt->save(store.self, c, id_a, large, LARGE, MINUTE), CRUET_OK);
	ck_assert_int_eq(vt->save(store.self, c, id_b, large, LARGE, MINUTE),
			 CRUET_EBUSY);
	cruet_clock_set(app, 1000000 + MINUTE);
	ck_assert_int_eq(vt->save(store.self, c, id_b, large, LARGE, MINUTE), CRUET_OK);
	cruet_close(c);
	cruet_free(app);
}
END_TEST

START_TEST(says_what_an_option_should_be)
{
	cruet_app *app = cruet_new("test");

	cruet_use_static(app, &cruet_plugin_my_plugin, "memory=1k");
	ck_assert_str_eq(cruet_problem(app),
			 "plugin 'my_plugin': option memory = \"1k\": "
			 "expected a size from 2m to 1024g");
	cruet_free(app);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("my_plugin");
	TCase *c = tcase_create("my_plugin");
	tcase_add_test(c, a_session_ends_by_the_clock);
	tcase_add_test(c, what_has_ended_makes_room);
	tcase_add_test(c, says_what_an_option_should_be);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
