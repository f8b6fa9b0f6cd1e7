/* An application with the session plugin, a client for it, and what is asked of
 * the cookie again and again. */
#ifndef TESTS_SESSION_FIXTURE_H
#define TESTS_SESSION_FIXTURE_H

#include <cruet.h>
#include <cruet/session.h>
#include <cruet/testing.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../../suite.h"

#define SECRET "correct horse battery staple"
#define NOON   INT64_C(1795435200) /* 2026-11-23 12:00:00 */
#define MONTH  (31 * 86400)

extern const cruet_plugin cruet_plugin_session;

/* Warnings and errors of the application that was made last. */
static char logged[2048];

static inline void keep_log(void *arg, int level, const char *who, const char *line)
{
	size_t n = strlen(logged);

	(void)arg;
	if (level >= CRUET_WARN)
		snprintf(logged + n, sizeof logged - n, "%s: %s\n", who, line);
}

/* With this secret_key, or none. The clock stands at NOON. */
static inline cruet_app *keyed_app(const char *secret)
{
	char file[] = "/tmp/cruet-session-XXXXXX";
	cruet_app *app = cruet_new("test");
	int fd = mkstemp(file);

	logged[0] = '\0';
	cruet_log_to(app, keep_log, NULL);
	ck_assert_int_ge(fd, 0);
	if (secret)
		dprintf(fd, "{\"secret_key\": \"%s\"}\n", secret);
	else
		dprintf(fd, "{}\n");
	close(fd);
	ck_assert_msg(!cruet_load(app, file), "%s", cruet_problem(app));
	unlink(file);
	cruet_clock_set(app, NOON * 1000);
	return app;
}

static inline cruet_app *app_with(const char *secret, const char *options)
{
	cruet_app *app = keyed_app(secret);
	cruet_use_static(app, &cruet_plugin_session, options);
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
#define assert_logged(text) \
	ck_assert_msg(strstr(logged, text) != NULL, "logged: %s", logged)

static inline const char *set_cookie(const cruet_client *t)
{
	return cruet_client_header(t, "Set-Cookie");
}

/* What follows the value: "; HttpOnly; Path=/; SameSite=Lax". */
static inline const char *attributes(const cruet_client *t)
{
	const char *line = set_cookie(t);
	ck_assert_msg(line != NULL, "no cookie was set");
	return strchr(line, ';') ? strchr(line, ';') : "";
}

static inline bool varies(const cruet_client *t)
{
	const char *name, *value;
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		if (!strcasecmp(name, "Vary") && strstr(value, "Cookie"))
			return true;
	return false;
}

/* --- handlers -------------------------------------------------------------------- */

static inline int h_none(cruet_ctx *c)
{
	return cruet_text(c, "x");
}

static inline int h_set(cruet_ctx *c)
{
	cruet_session_set_int(c, "a", 1);
	cruet_session_set_str(c, "b", "two");
	return cruet_text(c, "set");
}

static inline int h_a(cruet_ctx *c)
{
	return cruet_textf(c, "%lld", (long long)cruet_session_int(c, "a", -1));
}

static inline int h_has(cruet_ctx *c)
{
	return cruet_text(c, cruet_session_has(c, "a") ? "yes" : "no");
}

static inline int h_clear(cruet_ctx *c)
{
	cruet_session_clear(c);
	return cruet_text(c, "x");
}

static inline int h_pop(cruet_ctx *c)
{
	cruet_session_del(c, "a");
	return cruet_text(c, "x");
}

static inline int h_perm(cruet_ctx *c)
{
	cruet_session_permanent(c, true);
	return h_set(c);
}

static inline int h_renew(cruet_ctx *c)
{
	cruet_session_renew(c);
	return cruet_text(c, "x");
}

static inline int h_all(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_session_data(c));
}

static inline void usual_routes(cruet_app *app)
{
	cruet_add(app, "GET", "/none", h_none, "none", CRUET_HERE);
	cruet_add(app, "GET", "/set", h_set, "set", CRUET_HERE);
	cruet_add(app, "GET", "/a", h_a, "a", CRUET_HERE);
	cruet_add(app, "GET", "/has", h_has, "has", CRUET_HERE);
	cruet_add(app, "GET", "/clear", h_clear, "clear", CRUET_HERE);
	cruet_add(app, "GET", "/pop", h_pop, "pop", CRUET_HERE);
	cruet_add(app, "GET", "/perm", h_perm, "perm", CRUET_HERE);
	cruet_add(app, "GET", "/renew", h_renew, "renew", CRUET_HERE);
	cruet_add(app, "GET", "/all", h_all, "all", CRUET_HERE);
}

/* An application with those routes, and a client for it. */
static inline cruet_client *usual_site(cruet_app **app, const char *options)
{
	*app = app_with(SECRET, options);
	usual_routes(*app);
	return client_of(*app);
}

#endif
