/* A site with the plugin and sessions, whose passwords cost little, and two users. */
#ifndef TESTS_LOGIN_FIXTURE_H
#define TESTS_LOGIN_FIXTURE_H

#include <cruet/login.h>
#include <cruet/session.h>
#include <cruet/template.h>
#include "../edge.h"

extern const cruet_plugin cruet_plugin_login;

#define NOON   INT64_C(1795435200000) /* 2026-11-23 12:00:00, in milliseconds */
#define CHEAP  "memory=1m\nrounds=1\n"
#define PAGE   "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#define SECRET "correct horse battery staple"

static cruet_app *app;
static cruet_client *t;

/* --- a site ---------------------------------------------------------------------------
 */

static inline int load_user(cruet_ctx *c, const char *id, void *arg,
			    const cruet_json **user)
{
	cruet_json *u;

	if (arg)
		++*(int *)arg;
	if (!strcmp(id, "broken"))
		return cruet_fail(c, 503, "the users are away");
	if (strcmp(id, "7") != 0 && strcmp(id, "8") != 0)
		return CRUET_ENOENT;
	u = cruet_object(c);
	cruet_put_int(u, "id", atoi(id));
	cruet_put_str(u, "name", *id == '7' ? "Ann" : "Bob");
	*user = u;
	return CRUET_OK;
}

static inline int enter(cruet_ctx *c)
{
	int err = cruet_login_user(c, cruet_query(c, "id"),
				   cruet_query(c, "remember") != NULL);

	return err ? err : cruet_text(c, cruet_login_next(c, "/"));
}

static inline int leave(cruet_ctx *c)
{
	int err = cruet_logout_user(c);

	return err ? err : cruet_text(c, "bye");
}

static inline int who(cruet_ctx *c)
{
	const cruet_json *user = cruet_current_user(c);

	if (!user && cruet_err(c))
		return cruet_err(c);
	return cruet_text(c, user ? cruet_json_str(cruet_json_get(user, "name"), "?")
				  : "nobody");
}

static inline int secret_page(cruet_ctx *c)
{
	return cruet_text(c, "secret");
}

static inline int guarded(cruet_ctx *c)
{
	int err = cruet_login_required(c);

	return err ? err : cruet_text(c, "guarded");
}

static inline int messages(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_flashes(c, NULL));
}

static inline void add_routes(cruet_app *a)
{
	cruet_app *area = cruet_blueprint(a, "area", "/area");

	cruet_before(area, cruet_login_required);
	cruet_add(area, "GET,POST", "/", secret_page, "home", CRUET_HERE);
	cruet_add(area, "GET", "/<name>", secret_page, "page", CRUET_HERE);
	cruet_add(a, "GET,POST", "/enter", enter, "enter", CRUET_HERE);
	cruet_add(a, "POST", "/leave", leave, "leave", CRUET_HERE);
	cruet_add(a, "GET", "/who", who, "who", CRUET_HERE);
	cruet_add(a, "GET", "/guarded", guarded, "guarded", CRUET_HERE);
	cruet_add(a, "GET", "/messages", messages, "messages", CRUET_HERE);
}

/* An application with sessions; then come the options of the plugin. */
static inline void prepare(void)
{
	app = new_app();
	cruet_set(app, "secret_key", SECRET);
	cruet_clock_set(app, NOON);
	cruet_use(app, "session", NULL);
}

static inline void begin(const char *options)
{
	prepare();
	cruet_use_static(app, &cruet_plugin_login, options);
	add_routes(app);
	cruet_login_loader(app, load_user, NULL);
	t = client_of(app);
}

static inline void setup(void)
{
	begin(CHEAP);
}

static inline void teardown(void)
{
	done(app, t);
	app = NULL;
	t = NULL;
}

static inline int get_page(const char *path)
{
	cruet_client_set_header(t, "Accept", PAGE);
	return cruet_client_get(t, path);
}

#define assert_who(name)                    \
	do {                                \
		assert_get(t, "/who", 200); \
		assert_body(t, name);       \
	} while (0)

#endif
