/* An application with the plugin validate, a ctx to check values in, and what is asked
 * of a check again and again. */
#ifndef TESTS_VALIDATE_FIXTURE_H
#define TESTS_VALIDATE_FIXTURE_H

#include <cruet.h>
#include <cruet/testing.h>
#include <cruet/validate.h>
#include <stdio.h>
#include <string.h>
#include "../../suite.h"

#define NOON INT64_C(1795435200) /* 2026-11-23 12:00:00 UTC */

extern const cruet_plugin cruet_plugin_validate;

/* Warnings and errors of the application that was made last. */
static char logged[4096];

static inline void keep_log(void *arg, int level, const char *who, const char *line)
{
	size_t n = strlen(logged);

	(void)arg;
	if (level >= CRUET_WARN)
		snprintf(logged + n, sizeof logged - n, "%s: %s\n", who, line);
}

/* The clock stands at NOON. */
static inline cruet_app *app_with(const char *options)
{
	cruet_app *app = cruet_new("test");

	logged[0] = '\0';
	cruet_log_to(app, keep_log, NULL);
	cruet_clock_set(app, NOON * 1000);
	cruet_use_static(app, &cruet_plugin_validate, options);
	return app;
}

static inline cruet_client *client_of(cruet_app *app)
{
	cruet_client *t = cruet_client_new(app);

	ck_assert_ptr_nonnull(t);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	return t;
}

static inline void done(cruet_app *app, cruet_client *t)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* --- checks without a request ----------------------------------------------------- */

static cruet_app *app;
static cruet_ctx *c;

static inline void open_ctx(void)
{
	app = app_with(NULL);
	c = cruet_open(app);
	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
}

static inline void close_ctx(void)
{
	cruet_close(c);
	cruet_free(app);
}

/* In a ctx of their own: tests with thousands of cases keep no memory. */
static inline void fresh_ctx(void)
{
	cruet_close(c);
	c = cruet_open(app);
	ck_assert_ptr_nonnull(c);
}

static inline const cruet_json *json_of(const char *text)
{
	const cruet_json *j = cruet_json_parse(c, text, strlen(text));

	ck_assert_msg(j != NULL, "%s: %s", text, cruet_err_text(c));
	return j;
}

static inline cruet_valid *check_json(const char *input, const cruet_field_rule *table)
{
	cruet_valid *v = cruet_check_json(c, json_of(input), 0, table);

	ck_assert_msg(v != NULL, "%s: %s", input, cruet_err_text(c));
	ck_assert_msg(!cruet_err(c), "%s: %s", input, cruet_err_text(c));
	return v;
}

static inline const char *text_of_json(const cruet_json *j)
{
	return j ? cruet_json_text(c, j, NULL) : "";
}

/* {"f": value} with these rules for f: the errors of f, with a bar between them; ""
 * if it fits. value NULL: nothing is sent. */
static inline const char *errors_of(const char *rules, const char *value)
{
	static char text[1024];
	const cruet_field_rule table[] = {{"f", rules}, {NULL, NULL}};
	const char *input = value ? cruet_printf(c, "{\"f\": %s}", value) : "{}";
	const cruet_valid *v = check_json(input, table);
	const cruet_json *list = cruet_json_get(cruet_valid_errors(v), "f");
	size_t n = 0;

	text[0] = '\0';
	for (list = cruet_json_first(list); list; list = cruet_json_next(list))
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? " | " : "",
				      cruet_json_str(list, "?"));
	ck_assert_int_eq(cruet_invalid(v), text[0] != '\0');
	return text;
}

struct value_case {
	const char *rules, *value;
	const char *errors; /* "": it fits */
};

static inline void try_cases(const struct value_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = errors_of(cases[i].rules, cases[i].value);
		ck_assert_msg(!strcmp(got, cases[i].errors),
			      "%s with %s\n gave: %s\n want: %s", cases[i].rules,
			      cases[i].value ? cases[i].value : "nothing", got,
			      cases[i].errors);
		fresh_ctx();
	}
}

#define TRY(cases) try_cases(cases, sizeof(cases) / sizeof *(cases))

/* Each of the values, which end with NULL, fits; or gives this one error. */
static inline void all_give(const char *rules, const char *error,
			    const char *const *values)
{
	for (; *values; values++) {
		const char *got = errors_of(rules, *values);
		ck_assert_msg(!strcmp(got, error), "%s with %s\n gave: %s\n want: %s",
			      rules, *values, got, error);
		fresh_ctx();
	}
}

#define FITS(rules, ...) all_give(rules, "", (const char *const[]){__VA_ARGS__, NULL})
#define GIVES(rules, error, ...) \
	all_give(rules, error, (const char *const[]){__VA_ARGS__, NULL})

/* Whole inputs against whole tables: the errors and the values as JSON. */
static inline void gives(const cruet_field_rule *table, const char *input,
			 const char *errors, const char *values)
{
	const cruet_valid *v = check_json(input, table);
	const char *got = text_of_json(cruet_valid_errors(v));

	ck_assert_msg(!strcmp(got, errors), "%s\n gave: %s\n want: %s", input, got,
		      errors);
	if (values) {
		got = text_of_json(cruet_valid_json(v));
		ck_assert_msg(!strcmp(got, values), "%s\n came out: %s\n want: %s", input,
			      got, values);
	}
	fresh_ctx();
}

#define TABLE(...) ((const cruet_field_rule[]){__VA_ARGS__, {NULL, NULL}})

/* SUITE() with a ctx for each test. */
#define CTX_SUITE(name, ...) SUITE_WITH(name, open_ctx, close_ctx, __VA_ARGS__)

#endif
