/* A guestbook of its own for each test, as cruet.json deploys it, but with a database
 * of its own, and visitors. */
#ifndef GUESTBOOK_TEST_FIXTURE_H
#define GUESTBOOK_TEST_FIXTURE_H

#include <cruet.h>
#include <cruet/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"

extern const cruet_plugin cruet_plugin_app; /* CRUET_APP in app.c */

static cruet_app *app;
static cruet_client *ada, *bob; /* two browsers */
static char folder[FOLDER_MAX];

/* GUESTBOOK is where the sample is: relative paths in cruet.json start there. */
static inline void open_book(void)
{
	char database[FOLDER_MAX + 16];

	ck_assert(folder_make(folder));
	snprintf(database, sizeof database, "%s/book.db", folder);
	setenv("CRUET_PLUGINS__SQLITE__PATH", database, 1);
	setenv("CRUET_PLUGINS__SQLITE__SYNCHRONOUS", "normal", 1);
	setenv("GUESTBOOK_SECRET", "not a secret at all, but long enough for tests", 1);
	ck_assert_int_eq(chdir(GUESTBOOK), 0);

	app = cruet_new("guestbook");
	cruet_load(app, "cruet.json");
	cruet_use_static(app, &cruet_plugin_app, NULL);
	ada = cruet_client_new(app);
	bob = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
}

static inline void close_book(void)
{
	cruet_client_free(ada);
	cruet_client_free(bob);
	cruet_free(app);
	ck_assert(folder_remove(folder));
}

/* Looks at the book, and sends the form that stands there. */
static inline int sign_as(cruet_client *t, const char *name, const char *message)
{
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert(cruet_client_add_hidden(t, "sign_form"));
	cruet_client_add_field(t, "name", name);
	cruet_client_add_field(t, "message", message);
	return cruet_client_submit(t, "/");
}

static inline int take_back(cruet_client *t, const char *path)
{
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert(cruet_client_add_hidden(t, NULL));
	return cruet_client_submit(t, path);
}

static inline size_t times(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

#define assert_shows(t, text)                                                         \
	ck_assert_msg(strstr(cruet_client_body(t), text) != NULL, "no \"%s\" in: %s", \
		      text, cruet_client_body(t))
#define assert_hides(t, text)                                                         \
	ck_assert_msg(strstr(cruet_client_body(t), text) == NULL, "\"%s\" is in: %s", \
		      text, cruet_client_body(t))
#define assert_times(t, word, n) ck_assert_uint_eq(times(cruet_client_body(t), word), n)

/* A member of the JSON reply, as a number or as text. */
static inline const cruet_json *member(cruet_client *t, const char *name)
{
	return cruet_json_get(cruet_client_body_json(t), name);
}
#define assert_text(t, name, text) \
	ck_assert_str_eq(cruet_json_str(member(t, name), "?"), text)

#endif
