#include <cruet.h>
#include <cruet/testing.h>
#include "suite.h"

extern const cruet_plugin cruet_plugin_app; /* CRUET_APP in hello.c */

START_TEST(says_hello)
{
	cruet_app *app = cruet_new("hello");
	cruet_use_static(app, &cruet_plugin_app, NULL);
	cruet_client *t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));

	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_str_eq(cruet_client_body(t), "Hello, world!\n");
	ck_assert_str_eq(cruet_client_header(t, "Content-Type"),
			 "text/plain; charset=utf-8");
	ck_assert_int_eq(cruet_client_get(t, "/nobody"), 404);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

SUITE("hello", says_hello)
