/* An app whose handler is a function of the test: it looks at its request from within. */
#ifndef TESTS_APP_SEEN_H
#define TESTS_APP_SEEN_H

#include "fixture.h"

static cruet_app *app;
static cruet_client *t;
static cruet_fn *probe;

static inline int page(cruet_ctx *c)
{
	int r = probe(c);
	return r ? r : cruet_text(c, "seen");
}

static int here;

static inline void setup(void)
{
	app = cruet_new("test");
	log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_add(app, "*", "/", page, "page", CRUET_HERE);
	cruet_app *notes = cruet_blueprint(app, "notes", "/notes");
	cruet_route(notes, &(cruet_rule){.size = sizeof(cruet_rule),
					 .path = "/<int:id>/<name>",
					 .name = "show",
					 .fn = page,
					 .data = &here,
					 .defaults = "page=1"});
	t = client_of(app);
}

static inline void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* Asks, and has the request looked at by fn. */
static inline void look(cruet_fn *fn, const char *path)
{
	probe = fn;
	assert_get(t, path, 200);
	assert_body(t, "seen");
}

/* A test that asks for path and looks at the request with its body. */
#define SEEN(name, path)                                                                 \
	static int name##_probe(cruet_ctx *c);                                           \
	START_TEST(name)                                                                 \
	{                                                                                \
		setup();                                                                 \
		look(name##_probe, path);                                                \
		teardown();                                                              \
	}                                                                                \
	END_TEST                                                                         \
	static int name##_probe(cruet_ctx *c)

#define assert_pair(from, i, n, v)                                                       \
	do {                                                                             \
		const char *name_ = NULL, *value_ = NULL;                                \
		ck_assert(cruet_pair(c, from, i, &name_, &value_));                      \
		ck_assert_str_eq(name_, n);                                              \
		ck_assert_str_eq(value_, v);                                             \
	} while (0)
#define assert_no_pair(from, i)                                                          \
	do {                                                                             \
		const char *name_ = "", *value_ = "";                                    \
		ck_assert(!cruet_pair(c, from, i, &name_, &value_));                     \
	} while (0)

#endif
