/* Sites whose sessions are in a table or in a cache, and what is asked of them. */
#ifndef TESTS_SESSION_STORE_FIXTURE_H
#define TESTS_SESSION_STORE_FIXTURE_H

#include <cruet.h>
#include <cruet/cache.h>
#include <cruet/db.h>
#include <cruet/session.h>
#include <cruet/svc/cache.h>
#include <cruet/svc/session_store.h>
#include <cruet/testing.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../../suite.h"

extern const cruet_plugin cruet_plugin_session_store;

#define NOON INT64_C(1795435200000) /* 2026-11-23 12:00:00, in milliseconds */

enum { ID_LEN = CRUET_SESSION_ID_LEN };

static char folder[FOLDER_MAX];
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER; /* timers log too */
static char logged[8192];

static inline void keep_log(void *arg, int level, const char *who, const char *line)
{
	(void)arg;
	pthread_mutex_lock(&log_lock);
	size_t n = strlen(logged);
	if (level >= CRUET_WARN)
		snprintf(logged + n, sizeof logged - n, "%s: %s\n", who, line);
	pthread_mutex_unlock(&log_lock);
}

static inline bool has_logged(const char *text)
{
	pthread_mutex_lock(&log_lock);
	bool has = strstr(logged, text) != NULL;
	pthread_mutex_unlock(&log_lock);
	return has;
}

static inline cruet_app *new_app(void)
{
	cruet_app *app = cruet_new("test");

	logged[0] = '\0';
	cruet_log_to(app, keep_log, NULL);
	cruet_set(app, "secret_key", "correct horse battery staple");
	cruet_clock_set(app, NOON);
	return app;
}

/* Adds sqlite, with a file of this test, and the store; more: further options. */
static inline void use_db(cruet_app *app, const char *more)
{
	char options[FOLDER_MAX + 64];

	if (!folder[0])
		ck_assert(folder_make(folder));
	snprintf(options, sizeof options, "path=%s/site.db\nwait=1s\nbusy_timeout=1s",
		 folder);
	cruet_use(app, "sqlite", options);
	cruet_use_static(app, &cruet_plugin_session_store, more);
}

static inline void use_cache(cruet_app *app, const char *options)
{
	cruet_use(app, "cache", options);
	cruet_use_static(app, &cruet_plugin_session_store, "on=cache");
}

static inline void folder_done(void)
{
	if (folder[0])
		folder_remove(folder);
	folder[0] = '\0';
}

static inline cruet_ctx *open_ctx(cruet_app *app)
{
	cruet_ctx *c = cruet_open(app);

	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
	return c;
}

static inline int64_t number(cruet_ctx *c, const char *sql)
{
	int64_t n = -1;

	ck_assert_msg(!cruet_db_get(c, &n, sql), "%s", cruet_err_text(c));
	return n;
}

static inline int64_t rows(cruet_app *app)
{
	cruet_ctx *c = open_ctx(app);
	int64_t n = number(c, "select count(*) from session_store");
	cruet_close(c);
	return n;
}

#define assert_get(t, path, status)                                              \
	do {                                                                     \
		int got_ = cruet_client_get(t, path);                            \
		ck_assert_msg(got_ == (status), "%s gave %d: %s %s", path, got_, \
			      cruet_client_body(t), logged);                     \
	} while (0)
#define assert_says(t, path, text)                            \
	do {                                                  \
		assert_get(t, path, 200);                     \
		ck_assert_str_eq(cruet_client_body(t), text); \
	} while (0)
#define assert_logged(text) ck_assert_msg(has_logged(text), "logged: %s", logged)

#endif
