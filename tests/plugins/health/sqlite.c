/* The check of a real plugin: the database. */
#include <cruet/db.h>
#include "fixture.h"

extern const cruet_plugin cruet_plugin_sqlite;

static char file[FOLDER_MAX + 16];

static void setup(void)
{
	char folder[FOLDER_MAX], options[FOLDER_MAX + 64];

	ck_assert(folder_make(folder));
	snprintf(file, sizeof file, "%s/site.db", folder);
	snprintf(options, sizeof options, "path=%s\nwait=1ms\npool=1", file);
	prepare("keep=0\ndetail=true");
	cruet_use_static(app, &cruet_plugin_sqlite, options);
	start();
}

START_TEST(a_database_that_answers_is_well)
{
	setup();
	for (int i = 0; i < 20; i++) { /* connections go back */
		assert_get(t, "/ready", 200);
		assert_contains(t, "\"sqlite\":{\"status\":\"ok\"");
	}
	teardown();
}
END_TEST

START_TEST(one_whose_connections_are_all_taken_is_not)
{
	setup();
	cruet_ctx *c = cruet_open(app);
	ck_assert_int_eq(cruet_db_begin(c), CRUET_OK);
	assert_get(t, "/ready", 503);
	assert_contains(t, "\"sqlite\":{\"status\":\"failed\"");
	cruet_db_rollback(c);
	cruet_close(c);
	assert_get(t, "/ready", 200);
	teardown();
}
END_TEST

SUITE("health_sqlite", a_database_that_answers_is_well,
      one_whose_connections_are_all_taken_is_not)
