/* A blog for each test, as cruet.json deploys it, but with a database of its own, in
 * which two users are and a post of the first. */
#ifndef FLASKR_TEST_FIXTURE_H
#define FLASKR_TEST_FIXTURE_H

#include <cruet.h>
#include <cruet/db.h>
#include <cruet/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"

extern const cruet_plugin cruet_plugin_app; /* CRUET_APP in app.c */

static cruet_app *app;
static cruet_client *t;
static char folder[FOLDER_MAX];

/* The hash of "test", made by Werkzeug: with few rounds, so that tests are fast. */
#define HASH                                               \
	"pbkdf2:sha256:1000$tHHIfvBL910vt1jY$76d138c4a948" \
	"289a49856e05d3360cbc10652386c01f650357e55b47f86a985c"

static inline void fill(void)
{
	cruet_ctx *c = cruet_open(app);

	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(cruet_db_exec(c,
				       "insert into user(username, password)"
				       " values('test', ?), ('other', ?)",
				       HASH, HASH),
			 0);
	ck_assert_int_eq(
		cruet_db_exec(c,
			      "insert into post(title, body, author_id, created)"
			      " values('test title', ?, 1, '2026-01-01 00:00:00')",
			      "test\nbody"),
		0);
	cruet_close(c);
}

/* FLASKR is where the sample is: relative paths in cruet.json start there. */
static inline void open_blog(void)
{
	char database[FOLDER_MAX + 16];

	ck_assert(folder_make(folder));
	snprintf(database, sizeof database, "%s/blog.db", folder);
	setenv("CRUET_PLUGINS__SQLITE__PATH", database, 1);
	setenv("CRUET_PLUGINS__SQLITE__SYNCHRONOUS", "normal", 1);
	setenv("CRUET_PLUGINS__LOGIN__MEMORY", "1m", 1);
	setenv("CRUET_PLUGINS__LOGIN__ROUNDS", "1", 1);
	setenv("FLASKR_SECRET", "not a secret at all, but long enough for tests", 1);
	ck_assert_int_eq(chdir(FLASKR), 0);

	app = cruet_new("flaskr");
	cruet_load(app, "cruet.json");
	cruet_use_static(app, &cruet_plugin_app, NULL);
	t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	fill();
}

static inline void close_blog(void)
{
	cruet_client_free(t);
	cruet_free(app);
	ck_assert(folder_remove(folder));
}

/* As browsers ask for pages. */
static inline int get(const char *path)
{
	cruet_client_set_header(t, "Accept", "text/html,*/*;q=0.8");
	return cruet_client_get(t, path);
}

static inline int post(const char *path)
{
	cruet_client_set_header(t, "Accept", "text/html,*/*;q=0.8");
	return cruet_client_submit(t, path);
}

static inline int send_credentials(const char *path, const char *form, const char *name,
				   const char *password)
{
	ck_assert_int_eq(get(path), 200);
	ck_assert(cruet_client_add_hidden(t, form));
	cruet_client_add_field(t, "username", name);
	cruet_client_add_field(t, "password", password);
	return post(path);
}

static inline int log_in_as(const char *name, const char *password)
{
	return send_credentials("/auth/login", "login_form", name, password);
}

static inline void log_in(void)
{
	ck_assert_int_eq(log_in_as("test", "test"), 303);
}

static inline const char *location(void)
{
	const char *to = cruet_client_header(t, "Location");

	return to ? to : "none";
}

/* What the database says, as a number or as text, in memory of the test. */
static inline int64_t number(const char *sql)
{
	cruet_ctx *c = cruet_open(app);
	int64_t n = -1;

	ck_assert_msg(!cruet_db_get(c, &n, sql), "%s", cruet_err_text(c));
	cruet_close(c);
	return n;
}

static inline const char *text(const char *sql)
{
	static char kept[512];
	cruet_ctx *c = cruet_open(app);
	const char *s = NULL;

	ck_assert_msg(!cruet_db_get(c, &s, sql), "%s", cruet_err_text(c));
	snprintf(kept, sizeof kept, "%s", s);
	cruet_close(c);
	return kept;
}

#define assert_shows(text)                                                            \
	ck_assert_msg(strstr(cruet_client_body(t), text) != NULL, "no \"%s\" in: %s", \
		      text, cruet_client_body(t))
#define assert_hides(text)                                                            \
	ck_assert_msg(strstr(cruet_client_body(t), text) == NULL, "\"%s\" is in: %s", \
		      text, cruet_client_body(t))

#endif
