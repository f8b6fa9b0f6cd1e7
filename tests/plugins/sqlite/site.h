/* A small site whose requests write, read and fill the database. */
#ifndef TESTS_SQLITE_SITE_H
#define TESTS_SQLITE_SITE_H

#include "fixture.h"

static inline void teardown(void)
{
	folder_done();
}

/* --- handlers -------------------------------------------------------------------- */

static inline int h_add(cruet_ctx *c)
{
	int err = cruet_db_exec(c, "insert into t(a) values(?)", cruet_query(c, "a"));
	return err ? err : cruet_text(c, "added");
}

static inline int h_count(cruet_ctx *c)
{
	int64_t n;
	int err = cruet_db_get(c, &n, "select count(*) from t");
	return err ? err : cruet_textf(c, "%lld", (long long)n);
}

static inline int h_fill(cruet_ctx *c)
{
	int err = cruet_db_exec(c, "insert into big values(zeroblob(1048576))");
	return err ? err : cruet_text(c, "filled");
}

static inline void routes(cruet_app *app)
{
	cruet_get(app, "/add", h_add);
	cruet_get(app, "/count", h_count);
	cruet_get(app, "/fill", h_fill);
}

/* With a table t, and short times. */
static inline cruet_app *site(const char *more)
{
	cruet_app *app = app_with(textf("\nbusy_timeout=20ms\nwait=20ms%s", more));

	cruet_db_schema(app, "t", "create table t(a unique); create table big(b)");
	routes(app);
	return app;
}

static inline void assert_count(cruet_client *t, const char *n)
{
	ck_assert_int_eq(cruet_client_get(t, "/count"), 200);
	ck_assert_str_eq(cruet_client_body(t), n);
}

static inline void assert_logged(const char *line)
{
	ck_assert_msg(strstr(without_folder(logged), line) != NULL, "logged: %s", logged);
}

#endif
