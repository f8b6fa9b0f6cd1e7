/* A folder for database files, applications with the sqlite plugin, and the log. */
#ifndef TESTS_SQLITE_FIXTURE_H
#define TESTS_SQLITE_FIXTURE_H

#include <cruet.h>
#include <cruet/db.h>
#include <cruet/testing.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../suite.h"

extern const cruet_plugin cruet_plugin_sqlite;

/* --- files ----------------------------------------------------------------------- */

static char folder_name[FOLDER_MAX];

/* A folder of this test alone. */
static inline const char *folder(void)
{
	if (!folder_name[0])
		ck_assert(folder_make(folder_name));
	return folder_name;
}

/* Not all of it where the test has become somebody else: then the suite does it. */
static inline void folder_done(void)
{
	if (folder_name[0])
		folder_remove(folder_name);
	folder_name[0] = '\0';
}

/* A text in static memory; four live at once. */
static inline const char *textf(const char *fmt, ...) CRUET_PRINTF(1, 2);
static inline const char *textf(const char *fmt, ...)
{
	static char all[4][1024];
	static unsigned turn;
	char *text = all[turn++ % 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof all[0], fmt, ap);
	va_end(ap);
	return text;
}

/* FOLDER/name */
static inline const char *file(const char *name)
{
	return textf("%s/%s", folder(), name);
}

static inline void write_file(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(file(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	fclose(f);
}

/* --- applications ---------------------------------------------------------------- */

static char logged[4096];

static inline void keep_log(void *arg, int level, const char *who, const char *line)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	size_t n = strlen(logged);

	(void)arg;
	snprintf(logged + n, sizeof logged - n, "%s %s: %s\n", names[level], who, line);
}

static inline cruet_app *new_app(void)
{
	cruet_app *app = cruet_new("test");

	logged[0] = '\0';
	cruet_log_to(app, keep_log, NULL);
	return app;
}

/* With FOLDER/site.db and further options, lines that begin with a newline. */
static inline cruet_app *app_with(const char *more)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_sqlite,
			 textf("path=%s%s", file("site.db"), more));
	return app;
}

static inline cruet_ctx *open_ctx(cruet_app *app)
{
	cruet_ctx *c = cruet_open(app);

	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
	return c;
}

static inline cruet_client *client_of(cruet_app *app)
{
	cruet_client *t = cruet_client_new(app);

	ck_assert_ptr_nonnull(t);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	return t;
}

/* --- what is asked again and again ----------------------------------------------- */

#define assert_ok(c, call)                                                              \
	do {                                                                            \
		int err_ = (call);                                                      \
		ck_assert_msg(!err_, "%s gave %d: %s", #call, err_, cruet_err_text(c)); \
	} while (0)

#define assert_exec(...) assert_ok(CTX(__VA_ARGS__, 0), cruet_db_exec(__VA_ARGS__))
#define CTX(c, ...)	 c

/* The one number that a statement gives. */
static inline int64_t number(cruet_ctx *c, const char *sql)
{
	int64_t n;

	assert_ok(c, cruet_db_get(c, &n, sql));
	return n;
}

/* The failure that stands in c, which is forgotten. */
static inline void assert_failed(cruet_ctx *c, int err, const cruet_errtype *kind,
				 const char *text)
{
	ck_assert_int_eq(err, kind->http);
	ck_assert_int_eq(cruet_err(c), kind->http);
	ck_assert_ptr_nonnull(cruet_err_kind(c));
	ck_assert_str_eq(cruet_err_kind(c)->name, kind->name);
	if (text)
		ck_assert_str_eq(cruet_err_text(c), text);
	cruet_err_clear(c);
}

static inline void assert_json(cruet_ctx *c, const cruet_json *j, const char *text)
{
	ck_assert_msg(j != NULL, "%s", cruet_err_text(c));
	ck_assert_str_eq(cruet_json_text(c, j, NULL), text);
}

/* A file text that names FOLDER reads "DIR" instead, so that it can be compared. */
static inline const char *without_folder(const char *text)
{
	static char out[4096];
	size_t n = 0, len = strlen(folder());

	while (*text && n + 4 < sizeof out) {
		if (!strncmp(text, folder(), len)) {
			memcpy(out + n, "DIR", 3);
			n += 3;
			text += len;
		} else {
			out[n++] = *text++;
		}
	}
	out[n] = '\0';
	return out;
}

#endif
