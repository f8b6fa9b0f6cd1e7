/* An application that serves while its plugins are changed. */
#ifndef TESTS_PLUGIN_SWAPPING_H
#define TESTS_PLUGIN_SWAPPING_H

#include <cruet/manage.h>

#include "host.h"

static cruet_app *app;
static cruet_client *t;

static inline void serve(const char *json)
{
	app = app_from(json);
	t = cruet_client_new(app);
	assert_fine(app);
	*trace = '\0';
}

static inline void serve_no_more(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* What a page says, or its status. */
static inline const char *get(const char *path)
{
	int status = cruet_client_get(t, path);
	return status == 200 ? cruet_client_body(t) : text("%d", status);
}
#define assert_page(path, want) ck_assert_str_eq(get(path), want)

static inline void reload(const char *name)
{
	char *why;
	int err = cruet_plugin_reload(app, name, &why);

	ck_assert_msg(!err && !why, "%s", why ? why : cruet_strerror(err));
	assert_fine(app);
}

/* It does not work, and the application has no problem for that. */
#define assert_refused(call, code, ...)                                                  \
	do {                                                                             \
		char *why_ = NULL;                                                       \
		int err_ = call;                                                         \
		ck_assert_msg(why_ != NULL, "no reason");                                \
		ck_assert_str_eq(why_, text(__VA_ARGS__));                               \
		ck_assert_int_eq(err_, code);                                            \
		free(why_);                                                              \
		assert_fine(app);                                                        \
	} while (0)
#define assert_not_reloaded(name, code, ...)                                             \
	assert_refused(cruet_plugin_reload(app, name, &why_), code, __VA_ARGS__)

/* How many private copies of a plugin are mapped. */
static inline size_t mapped(const char *name)
{
	static char line[4096];
	FILE *f = fopen("/proc/self/maps", "r");
	const char *what = text("-%s.so", name);
	size_t n = 0;

	while (fgets(line, sizeof line, f)) /* the part at offset 0 */
		n += strstr(line, what) && strstr(line, " 00000000 ");
	fclose(f);
	return n;
}

/* --- a plugin in two versions, which serves ---------------------------------------------- */

#define PLAIN_SHIFT "{\"plugins\": {\"shift\": {}}}"

static inline void serve_shift(void)
{
	put_as("shift", "shift_1");
	serve(PLAIN_SHIFT);
	assert_page("/shift", "1.0.0");
}

/* Also the next change is none the worse for it. */
static inline void assert_unharmed(void)
{
	assert_page("/shift", "1.0.0");
	put_as("shift", "shift_2");
	write_text("cruet.json", PLAIN_SHIFT);
	reload("shift");
	assert_page("/shift", "2.0.0");
	ck_assert_uint_eq(mapped("shift"), 1);
	ck_assert_uint_eq(copies(NULL, 0), 1);
	serve_no_more();
}

#endif
