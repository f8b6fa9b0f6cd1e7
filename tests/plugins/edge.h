/* What the tests of the plugins around a site share: an application with one of them,
 * and short words. */
#ifndef TESTS_PLUGINS_EDGE_H
#define TESTS_PLUGINS_EDGE_H

#include <cruet.h>
#include <cruet/testing.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "suite.h"

/* Warnings and errors of the application, one below the other. */
static char logged[4096];
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static inline void keep_log(void *arg, int level, const char *who, const char *line)
{
	(void)arg;
	pthread_mutex_lock(&log_lock);
	size_t n = strlen(logged);
	if (level >= CRUET_WARN)
		snprintf(logged + n, sizeof logged - n, "%s: %s\n", who, line);
	pthread_mutex_unlock(&log_lock);
}

/* For tests in which other threads write lines meanwhile. */
static inline bool log_says(const char *text)
{
	pthread_mutex_lock(&log_lock);
	bool yes = strstr(logged, text) != NULL;
	pthread_mutex_unlock(&log_lock);
	return yes;
}

static inline cruet_app *new_app(void)
{
	cruet_app *app = cruet_new("test");

	ck_assert_ptr_nonnull(app);
	logged[0] = '\0';
	cruet_log_to(app, keep_log, NULL);
	return app;
}

static inline cruet_client *client_of(cruet_app *app)
{
	cruet_client *t = cruet_client_new(app);

	ck_assert_ptr_nonnull(t);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	return t;
}

static inline void done(cruet_app *app, cruet_client *t)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* An application with this configuration. */
static inline cruet_app *app_of(const char *json)
{
	char file[FOLDER_MAX + 16];
	cruet_app *app = new_app();

	snprintf(file, sizeof file, "%s/edge-XXXXXX", getenv("TMPDIR"));
	int fd = mkstemp(file);

	ck_assert_int_ge(fd, 0);
	dprintf(fd, "%s\n", json);
	close(fd);
	ck_assert_msg(!cruet_load(app, file), "%s", cruet_problem(app));
	unlink(file);
	return app;
}

/* With these options the application does not start, and says why. */
static inline void assert_refused(const cruet_plugin *p, const char *options,
				  const char *sentence)
{
	cruet_app *app = new_app();

	cruet_use_static(app, p, options);
	ck_assert_msg(cruet_problem(app) != NULL, "no problem, expected: %s", sentence);
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
}

/* All values of a header, "; " between them; "" if there is none. Until the next call. */
static inline const char *values(const cruet_client *t, const char *name)
{
	static char all[4096];
	const char *n, *v;

	all[0] = '\0';
	for (size_t i = 0; cruet_client_header_at(t, i, &n, &v); i++)
		if (!strcasecmp(n, name))
			snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s",
				 all[0] ? "; " : "", v);
	return all;
}

#define assert_get(t, path, status)                                              \
	do {                                                                     \
		int got_ = cruet_client_get(t, path);                            \
		ck_assert_msg(got_ == (status), "%s gave %d: %s %s", path, got_, \
			      cruet_client_body(t), logged);                     \
	} while (0)
#define assert_body(t, text)	     ck_assert_str_eq(cruet_client_body(t), text)
#define assert_header(t, name, text) ck_assert_str_eq(values(t, name), text)
#define assert_contains(t, text)                                                      \
	ck_assert_msg(strstr(cruet_client_body(t), text) != NULL, "no \"%s\" in: %s", \
		      text, cruet_client_body(t))

#endif
