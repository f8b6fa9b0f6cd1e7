/* A program that holds the core in itself and exports it (-rdynamic): plugins that were
 * linked against libcruet.so find that core, and there is one. */
#include "host.h"

START_TEST(plugins_find_the_core_of_the_program)
{
	put("well");
	cruet_app *app = app_here();
	cruet_use(app, "well", NULL);
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	ck_assert_int_eq(cruet_client_get(t, "/well"), 200);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

HOST_SUITE("one_program", plugins_find_the_core_of_the_program)
