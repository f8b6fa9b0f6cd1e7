/* A site whose handlers show and take one form, and a visitor. */
#ifndef TESTS_FORMS_FIXTURE_H
#define TESTS_FORMS_FIXTURE_H

#include "../edge.h"

#include <cruet/forms.h>
#include <cruet/session.h>
#include <cruet/template.h>
#include <cruet/upload.h>
#include <cruet/validate.h>

extern const cruet_plugin cruet_plugin_forms;

static cruet_app *app;
static cruet_client *t;

static int log_out(cruet_ctx *c)
{
	cruet_session_clear(c);
	return cruet_empty(c, 204);
}

static int renew(cruet_ctx *c)
{
	cruet_session_renew(c);
	return cruet_empty(c, 204);
}

/* Secret key, session, rules and forms. */
static inline cruet_app *forms_app(void)
{
	cruet_app *a = new_app();

	cruet_set(a, "secret_key", "0123456789abcdef0123456789abcdef");
	cruet_use(a, "session", NULL);
	cruet_use(a, "validate", NULL);
	cruet_use_static(a, &cruet_plugin_forms, NULL);
	cruet_post(a, "/log-out", log_out);
	cruet_post(a, "/renew", renew);
	return a;
}

static inline const char *body_of(cruet_client *client)
{
	return cruet_client_body(client);
}

#define assert_shows(text) assert_contains(t, text)
#define assert_hides(text)                                                            \
	ck_assert_msg(strstr(cruet_client_body(t), text) == NULL, "\"%s\" is in: %s", \
		      text, cruet_client_body(t))

static inline size_t times(const char *word)
{
	size_t n = 0;

	for (const char *p = body_of(t); (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}

/* Shows the form and takes its token for what is sent next. */
static inline void visit(const char *path)
{
	ck_assert_int_eq(cruet_client_get(t, path), 200);
	ck_assert(cruet_client_add_hidden(t, NULL));
}

static inline int send_field(const char *path, const char *name, const char *value)
{
	visit(path);
	cruet_client_add_field(t, name, value);
	return cruet_client_submit(t, path);
}

static inline void assert_status(int got, int want)
{
	ck_assert_msg(got == want, "gave %d, expected %d: %s %s", got, want, body_of(t), logged);
}

#endif
