/* A folder of plugin files, an app that looks there, and what its log says. */
#ifndef TESTS_PLUGIN_HOST_H
#define TESTS_PLUGIN_HOST_H

#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/testing.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

enum { FILE_CAP = 8 << 20, TEXT_CAP = 4096 };

static char folder[FOLDER_MAX];
static char trace[TEXT_CAP]; /* "who: line\n" for each line of the log */

/* Texts that live as long as the test. */
static struct kept {
	struct kept *next;
	char text[TEXT_CAP];
} *texts;

__attribute__((format(printf, 1, 2))) static inline const char *text(const char *fmt, ...)
{
	struct kept *k = malloc(sizeof *k);
	va_list ap;

	ck_assert_ptr_nonnull(k);
	k->next = texts;
	texts = k;
	va_start(ap, fmt);
	ck_assert_int_lt(vsnprintf(k->text, sizeof k->text, fmt, ap), (int)sizeof k->text);
	va_end(ap);
	return k->text;
}

static inline void free_texts(void)
{
	for (struct kept *next; texts; texts = next) {
		next = texts->next;
		free(texts);
	}
}

static inline const char *at(const char *name)
{
	return text("%s/%s", folder, name);
}

static inline const char *fixture(const char *name)
{
	return text("%s/tests/plugin/fixtures/%s.so", getenv("CRUET_BUILD"), name);
}

static inline size_t read_bytes(const char *path, char *out)
{
	FILE *f = fopen(path, "rb");
	ck_assert_msg(f != NULL, "%s", path);
	size_t n = fread(out, 1, FILE_CAP, f);
	fclose(f);
	ck_assert_uint_lt(n, FILE_CAP);
	return n;
}

static inline void write_bytes(const char *path, const char *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	ck_assert_msg(f != NULL, "%s", path);
	ck_assert_uint_eq(fwrite(p, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
}

/* Puts a fixture into the folder, as NAME.so. */
static inline const char *put_as(const char *name, const char *from)
{
	char *bytes = malloc(FILE_CAP);
	const char *path = at(text("%s.so", name));

	write_bytes(path, bytes, read_bytes(fixture(from), bytes));
	free(bytes);
	return path;
}

static inline const char *put(const char *name)
{
	return put_as(name, name);
}

/* What sha256sum says of a file. */
static inline const char *hash_of_file(const char *path)
{
	char line[128] = "";
	FILE *p = popen(text("sha256sum <%s", path), "r");

	ck_assert_ptr_nonnull(p);
	ck_assert_msg(fgets(line, sizeof line, p) != NULL, "sha256sum says nothing of %s", path);
	ck_assert_int_eq(pclose(p), 0);
	line[64] = '\0';
	return text("%s", line);
}

static inline void write_text(const char *name, const char *s)
{
	write_bytes(at(name), s, strlen(s));
}

static inline void keep_line(void *arg, int level, const char *who, const char *line)
{
	size_t n = strlen(trace);

	(void)arg, (void)level;
	snprintf(trace + n, sizeof trace - n, "%s: %s\n", who, line);
}

/* An app whose plugins lie in the folder. */
static inline cruet_app *app_here(void)
{
	cruet_app *app = cruet_new("test");

	cruet_log_to(app, keep_line, NULL);
	cruet_set(app, "server.plugin_path", folder);
	ck_assert_ptr_null(cruet_problem(app));
	return app;
}

/* The same with a cruet.json there. */
static inline cruet_app *app_from(const char *json)
{
	cruet_app *app = app_here();

	write_text("cruet.json", json);
	cruet_load(app, at("cruet.json"));
	return app;
}

/* True if a single instruction of that fixture has run in this process. */
static inline bool ran(const char *name)
{
	return getenv(text("RAN_%s", name)) != NULL;
}

#define assert_problem(app, ...)                                                         \
	do {                                                                             \
		const char *got_ = cruet_problem(app);                                   \
		ck_assert_msg(got_ != NULL, "no problem");                               \
		ck_assert_str_eq(got_, text(__VA_ARGS__));                               \
	} while (0)
#define assert_fine(app) ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app))
#define assert_trace(want) ck_assert_str_eq(trace, want)

static inline void make_folder(void)
{
	ck_assert(folder_make(folder));
	ck_assert_int_eq(setenv("TMPDIR", folder, 1), 0); /* private copies too */
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("CRUET_PLUGIN_PATH");
}

/* The private copies there; the path of the first file is kept, if asked for. */
static inline size_t copies(char *first, size_t cap)
{
	glob_t g;
	size_t n = 0;

	if (glob(at("cruet-plugins-*/*"), 0, NULL, &g) == 0) {
		n = g.gl_pathc;
		if (first)
			snprintf(first, cap, "%s", g.gl_pathv[0]);
	}
	globfree(&g);
	return n;
}

/* Whatever happened, no private copy is left once the app is gone. */
static inline void remove_folder(void)
{
	glob_t g;

	ck_assert_int_eq(glob(at("cruet-plugins-*"), 0, NULL, &g), GLOB_NOMATCH);
	ck_assert(folder_remove(folder));
	free_texts();
}

/* main() of a suite whose tests each have such a folder. */
#define HOST_SUITE(name, ...) SUITE_WITH(name, make_folder, remove_folder, __VA_ARGS__)

#endif
