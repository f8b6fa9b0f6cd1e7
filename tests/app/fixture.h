/* An app, a client for it, and short words for what tests ask again and again. */
#ifndef TESTS_APP_FIXTURE_H
#define TESTS_APP_FIXTURE_H

#include <cruet.h>
#include <cruet/testing.h>
#include <stdio.h>
#include <string.h>
#include "suite.h"

static inline cruet_client *client_of(cruet_app *app)
{
	cruet_client *t = cruet_client_new(app);
	ck_assert_ptr_nonnull(t);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	return t;
}

static inline void quiet(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)level, (void)who, (void)line;
}

/* Log lines as "ERROR app: [id] GET show: 500: it broke", one below the other. */
static char log_lines[4096];

static inline void keep_lines(void *arg, int level, const char *who, const char *line)
{
	static const char *const names[] = {"DEBUG", "INFO", "WARN", "ERROR"};
	size_t n = strlen(log_lines);
	const char *rest = *line == '[' ? strchr(line, ']') : NULL;

	(void)arg;
	snprintf(log_lines + n, sizeof log_lines - n, "%s %s: %s%s\n", names[level], who,
		 rest ? "[id" : "", rest ? rest : line);
}

/* Compares what was logged since the last time, and forgets it. */
#define assert_lines(text)                                                              \
	do {                                                                             \
		ck_assert_str_eq(log_lines, text);                                          \
		log_lines[0] = '\0';                                                        \
	} while (0)

/* The problem is there, and with it the app does not start. Frees the app. */
static inline void assert_refused(cruet_app *app, const char *sentence)
{
	cruet_client *t = cruet_client_new(app);
	const char *problem = cruet_problem(app);
	ck_assert_msg(problem != NULL, "no problem, expected: %s", sentence);
	ck_assert_str_eq(problem, sentence);
	ck_assert_int_eq(cruet_client_get(t, "/"), 0);
	ck_assert_ptr_null(cruet_open(app));
	cruet_client_free(t);
	cruet_free(app);
}

#define assert_get(t, path, status) ck_assert_int_eq(cruet_client_get(t, path), status)
#define assert_body(t, text)        ck_assert_str_eq(cruet_client_body(t), text)
#define assert_header(t, name, text)                                                     \
	do {                                                                             \
		const char *got_ = cruet_client_header(t, name);                         \
		ck_assert_msg(got_ != NULL, "no header %s", name);                       \
		ck_assert_str_eq(got_, text);                                            \
	} while (0)
#define assert_no_header(t, name) ck_assert_ptr_null(cruet_client_header(t, name))
#define assert_contains(t, text)                                                         \
	ck_assert_msg(strstr(cruet_client_body(t), text) != NULL, "no \"%s\" in: %s",    \
		      text, cruet_client_body(t))

#endif
