/* One handler whose reply is looked at whole. */
#ifndef TESTS_APP_REPLY_H
#define TESTS_APP_REPLY_H

#include "fixture.h"

static cruet_app *app;
static cruet_client *t;

static inline void serve(cruet_fn *fn)
{
	app = cruet_new("test");
	log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_clock_set(app, 1000000000000);
	cruet_add(app, "*", "/", fn, "page", CRUET_HERE);
	t = client_of(app);
}

static inline void done(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* All headers but those that every reply has, one below the other. */
static inline const char *head(void)
{
	static char all[2048];
	const char *name, *value;
	all[0] = '\0';
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		if (strcmp(name, "Date") != 0 && strcmp(name, "X-Content-Type-Options") != 0)
			snprintf(all + strlen(all), sizeof all - strlen(all), "%s: %s\n", name,
				 value);
	return all;
}

/* What fn replies, whole. */
#define assert_reply(fn, status, headers, body)                                          \
	do {                                                                             \
		serve(fn);                                                               \
		assert_get(t, "/", status);                                              \
		ck_assert_str_eq(head(), headers);                                       \
		assert_body(t, body);                                                    \
		assert_lines("");                                                        \
		done();                                                                  \
	} while (0)

/* What fn tries is a mistake of the application. */
static inline void assert_mistake(cruet_fn *fn, const char *sentence)
{
	char line[512];
	serve(fn);
	assert_get(t, "/", 500);
	snprintf(line, sizeof line, "ERROR test: [id] GET page: 500: %s\n", sentence);
	assert_lines(line);
	done();
}

#define HANDLER(name) static int name(cruet_ctx *c)
#define TEXT          "Content-Type: text/plain; charset=utf-8\n"
#define HTML          "Content-Type: text/html; charset=utf-8\n"

#endif
