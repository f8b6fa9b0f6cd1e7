/* An application with the cache, a ctx, and its log. */
#ifndef TESTS_CACHE_FIXTURE_H
#define TESTS_CACHE_FIXTURE_H

#include <cruet.h>
#include <cruet/cache.h>
#include <cruet/svc/cache.h>
#include <cruet/testing.h>
#include <stdio.h>
#include <string.h>
#include "../../suite.h"

extern const cruet_plugin cruet_plugin_cache;

#define NOON INT64_C(1795435200000) /* 2026-11-23 12:00:00, in milliseconds */

static char logged[4096];

static inline void keep_log(void *arg, int level, const char *who, const char *line)
{
	size_t n = strlen(logged);

	(void)arg;
	if (level >= CRUET_WARN)
		snprintf(logged + n, sizeof logged - n, "%s: %s\n", who, line);
}

static inline cruet_app *new_app(void)
{
	cruet_app *app = cruet_new("test");

	logged[0] = '\0';
	cruet_log_to(app, keep_log, NULL);
	return app;
}

static inline cruet_app *app_with(const char *options)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_cache, options);
	return app;
}

static inline cruet_ctx *open_ctx(cruet_app *app)
{
	cruet_ctx *c = cruet_open(app);

	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
	return c;
}

static inline cruet_cache_stats stats_of(cruet_ctx *c)
{
	cruet_cache_stats st = {.size = sizeof st};

	ck_assert_int_eq(cruet_cache_stats_get(c, &st), CRUET_OK);
	return st;
}

static inline void assert_value(cruet_ctx *c, const char *key, const char *text)
{
	size_t len = 0;
	const char *p = cruet_cache_get(c, key, &len);

	ck_assert_msg(p != NULL, "\"%s\" is not there: %s", key, cruet_err_text(c));
	ck_assert_str_eq(p, text);
	ck_assert_uint_eq(len, strlen(text));
}

static inline void put(cruet_ctx *c, const char *key, const char *text, uint64_t ttl_ms)
{
	ck_assert_int_eq(cruet_cache_set(c, key, text, strlen(text), ttl_ms), CRUET_OK);
}

/* The failure that stands in c, which is forgotten. */
static inline void assert_failed(cruet_ctx *c, const cruet_errtype *kind,
				 const char *text)
{
	ck_assert_ptr_nonnull(cruet_err_kind(c));
	ck_assert_str_eq(cruet_err_kind(c)->name, kind->name);
	ck_assert_int_eq(cruet_err(c), kind->http);
	ck_assert_str_eq(cruet_err_text(c), text);
	cruet_err_clear(c);
}

#endif
