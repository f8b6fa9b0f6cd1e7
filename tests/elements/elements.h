/* Plugins that provide an element wrongly, or beside another; and what is said of it. */
#ifndef TESTS_ELEMENTS_H
#define TESTS_ELEMENTS_H

#include "plugins/edge.h"

#define GIVER(plugin, id, vt, self)                                  \
	static int init_##plugin(cruet_app *app_)                    \
	{                                                            \
		return cruet_provide(app_, id, vt, self);            \
	}                                                            \
	CRUET_PLUGIN(plugin, .version = "1", .summary = "gives " id, \
		     .provides = (const char *const[]){id, NULL}, .init = init_##plugin)

/* It does not start, and says why. Frees the application. */
static inline void assert_no_start(cruet_app *app, const char *sentence)
{
	cruet_client *t = cruet_client_new(app);

	ck_assert_msg(cruet_problem(app) != NULL, "no problem, expected: %s", sentence);
	ck_assert_str_eq(cruet_problem(app), sentence);
	ck_assert_int_eq(cruet_client_get(t, "/"), 0);
	done(app, t);
}

/* With both of them it does not start; with a choice it does, and the page at / says
 * what the second one makes of it. */
static inline void assert_conflict(const cruet_plugin *a, const cruet_plugin *b,
				   const char *id, cruet_fn *page, const char *body)
{
	char sentence[512], key[64];

	snprintf(sentence, sizeof sentence,
		 "both '%s' and '%s' provide service \"%s\", of which there is one: "
		 "choose "
		 "with \"bind\": {\"%s\": \"%s\"}",
		 a->name, b->name, id, id, a->name);
	cruet_app *app = new_app();
	cruet_use_static(app, a, NULL);
	cruet_use_static(app, b, NULL);
	assert_no_start(app, sentence);

	app = new_app();
	snprintf(key, sizeof key, "bind.%s", id);
	cruet_set(app, key, b->name);
	cruet_use_static(app, a, NULL);
	cruet_use_static(app, b, NULL);
	cruet_get(app, "/", page);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, body);
	done(app, t);
}

#endif
