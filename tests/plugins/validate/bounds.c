/* What a hostile client can cost: patterns that never end, input without end, names
 * without end. */
#include "fixture.h"

#include <stdlib.h>
#include <time.h>

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- regular expressions ---------------------------------------------------------- */

/* "aaa...a!" as JSON text */
static const char *run_of(size_t n, const char *end)
{
	char *text = cruet_alloc(c, n + strlen(end) + 3);

	ck_assert_ptr_nonnull(text);
	text[0] = '"';
	memset(text + 1, 'a', n);
	strcpy(text + 1 + n, end);
	strcat(text, "\"");
	return text;
}

static void ends_soon(const char *rules, size_t n, const char *end)
{
	double before = cpu_seconds();
	const char *got = errors_of(rules, run_of(n, end));

	ck_assert_str_eq(got, "The f field format is invalid.");
	/* Under valgrind too. */
	ck_assert_msg(cpu_seconds() - before < 20, "%s took %.1f s", rules,
		      cpu_seconds() - before);
	fresh_ctx();
}

START_TEST(patterns_that_explode_give_up)
{
	ends_soon("regex:/^(a+)+$/", 40, "!");
	ends_soon("regex:/^(a|aa)+$/", 60, "!");
	ends_soon("regex:/^(a|a?)+$/", 40, "!");
	ends_soon("regex:/(a*)*(a*)*b$/", 40, "!");
	ends_soon("regex:/^(([a-z])+.)+[A-Z]([a-z])+$/", 60, "");
	ends_soon("regex:/^(.*)\\1\\1\\1b$/s", 20000, "");
	ck_assert_msg(strstr(logged,
			     "validate: field \"f\": rule regex gave up on a text of ") !=
			      NULL,
		      "%s", logged);
}
END_TEST

START_TEST(patterns_that_start_anywhere_give_up_on_long_texts)
{
	ends_soon("regex:/a+b/", 300000, "");
	ends_soon("regex:/a++b/", 300000, "");
	ends_soon("regex:/[a-z]+\\d/", 300000, "");
	ends_soon("regex:/a.*b.*c/", 300000, "");
}
END_TEST

START_TEST(what_was_given_up_does_not_fit_either_way)
{
	ends_soon("not_regex:/^(a+)+$/", 40, "!");
	FITS("not_regex:/^(a+)+$/", "\"b\"");
}
END_TEST

START_TEST(usual_patterns_take_long_texts)
{
	ck_assert_str_eq(errors_of("regex:/^[a-z]+$/", run_of(1000000, "")), "");
	ck_assert_str_eq(errors_of("regex:/^\\w+!$/", run_of(200000, "!")), "");
	ck_assert_str_eq(
		errors_of("alpha|lowercase|ascii|alpha_dash", run_of(3000000, "")), "");
	ck_assert_str_eq(errors_of("alpha|lowercase", run_of(1000000, "\\u00fc")), "");
}
END_TEST

/* The limit is one for the whole check: many values do not multiply it. */
START_TEST(many_values_share_the_limit)
{
	size_t n = 3000, len = 0;
	char *input = cruet_alloc(c, n * 48 + 16);
	double before = cpu_seconds();

	ck_assert_ptr_nonnull(input);
	len += (size_t)sprintf(input, "{\"f\": [");
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(input + len,
				       "%s\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"",
				       i ? "," : "");
	strcpy(input + len, "]}");
	const cruet_valid *v = check_json(input, TABLE({"f.*", "regex:/^(a+)+$/"}));
	ck_assert_uint_eq(cruet_json_len(cruet_valid_errors(v)), 1000);
	ck_assert_msg(cpu_seconds() - before < 20, "%.1f s", cpu_seconds() - before);
}
END_TEST

/* --- sizes ------------------------------------------------------------------------ */

static void open_with(const char *options)
{
	close_ctx();
	app = app_with(options);
	c = cruet_open(app);
	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
}

START_TEST(values_are_counted)
{
	open_with("max_fields=5");
	const cruet_field_rule *table = TABLE({"a.*", "integer"}, {"b", "string"});
	ck_assert_ptr_nonnull(
		cruet_check_json(c, json_of("{\"a\": [1, 2, 3, 4]}"), 0, table));
	ck_assert_ptr_null(
		cruet_check_json(c, json_of("{\"a\": [1, 2, 3, 4, 5]}"), 0, table));
	ck_assert_int_eq(cruet_err_status(c), 413);
	ck_assert_str_eq(cruet_err_text(c), "the input has more than 5 values to check");
}
END_TEST

START_TEST(errors_are_counted)
{
	open_with("max_errors=3");
	const cruet_field_rule *table = TABLE({"a.*", "integer|max:0"});
	const cruet_valid *v = check_json("{\"a\": [1, \"x\", 2, 3, 4]}", table);
	ck_assert_str_eq(text_of_json(cruet_valid_errors(v)),
			 "{\"a.0\":[\"The a.0 field must not be greater than 0.\"],"
			 "\"a.1\":[\"The a.1 field must be an integer.\"],"
			 "\"a.2\":[\"The a.2 field must not be greater than 0.\"]}");
}
END_TEST

START_TEST(options_have_bounds)
{
	static const struct {
		const char *options, *sentence;
	} cases[] = {
		{"max_fields=0",
		 "plugin 'validate': option max_fields = \"0\": expected the most "
		 "values that one check looks at, from 1 to 10000000"},
		{"max_errors=many",
		 "plugin 'validate': option max_errors = \"many\": expected the "
		 "most errors of one check, from 1 to 100000; it ends there"},
		{"max_field=1",
		 "plugin 'validate': unknown option max_field: did you mean "
		 "max_fields?"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cruet_app *a = app_with(cases[i].options);
		ck_assert_ptr_nonnull(cruet_problem(a));
		ck_assert_str_eq(cruet_problem(a), cases[i].sentence);
		cruet_free(a);
	}
}
END_TEST

static double seconds_for(const char *input, size_t len, const cruet_field_rule *table)
{
	const cruet_json *j = cruet_json_parse(c, input, len);

	ck_assert_msg(j != NULL, "%s", cruet_err_text(c));
	double before = cpu_seconds();
	cruet_valid *v = cruet_check_json(c, j, 0, table);
	double after = cpu_seconds();
	ck_assert_ptr_nonnull(v);
	ck_assert_msg(!cruet_invalid(v), "%s", text_of_json(cruet_valid_errors(v)));
	fresh_ctx();
	return after - before;
}

/* A list of n different values, as members of objects. */
static double list_seconds(size_t n, const cruet_field_rule *table)
{
	char *input = malloc(n * 64 + 64);
	size_t len;

	ck_assert_ptr_nonnull(input);
	len = (size_t)sprintf(input, "{\"a\": [");
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(input + len, "%s{\"id\": \"common prefix %zu\"}",
				       i ? "," : "", (i * 7919) % n);
	len += (size_t)sprintf(input + len, "]}");
	double seconds = seconds_for(input, len, table);
	free(input);
	return seconds;
}

/* Two objects with the same n members. */
static double object_seconds(size_t n, const cruet_field_rule *table)
{
	char *input = malloc(n * 64 + 64);
	size_t len;

	if (!input)
		abort();
	len = (size_t)sprintf(input, "{\"a\": {");
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(input + len, "%s\"key %zu\": 1", i ? "," : "", i);
	len = (size_t)(stpcpy(input + len, "}, \"b\": {") - input);
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(input + len, "%s\"key %zu\": 1", i ? "," : "",
				       n - i - 1);
	len = (size_t)(stpcpy(input + len, "}}") - input);
	double seconds = seconds_for(input, len, table);
	free(input);
	return seconds;
}

typedef double seconds_fn(size_t n, const cruet_field_rule *table);

/* Sixteen times as much may cost a hundred times as much, but not 256 times. */
static void is_not_quadratic(seconds_fn *seconds, const cruet_field_rule *table)
{
	double small = 0, large = 0;

	for (int i = 0; i < 5; i++) {
		double s = seconds(300, table), l = seconds(4800, table);
		small = !i || s < small ? s : small;
		large = !i || l < large ? l : large;
	}
	ck_assert_msg(large < small * 100, "%s: %.6f s for 300, %.6f s for 4800",
		      table->rules, small, large);
}

START_TEST(long_lists_cost_what_they_are_long)
{
	is_not_quadratic(object_seconds, TABLE({"a.*", "same:b.*"}));
	is_not_quadratic(object_seconds,
			 TABLE({"a", "array"}, {"b.*", "required_with:a.*"}));
	is_not_quadratic(list_seconds, TABLE({"a.*.id", "required|string"}));
	is_not_quadratic(list_seconds, TABLE({"a.*.id", "distinct"}));
	is_not_quadratic(list_seconds, TABLE({"a.*.id", "distinct:ignore_case"}));
	is_not_quadratic(list_seconds, TABLE({"a.*.id", "in_array:a.*.id"}));
	is_not_quadratic(list_seconds,
			 TABLE({"a.*.id", "required_with:a.*.id|same:a.*.id"}));
	is_not_quadratic(list_seconds,
			 TABLE({"a.*", "exclude_if:a.*.id,x"}, {"a.*.id", "string"}));
}
END_TEST

static int h_form(cruet_ctx *ctx)
{
	static const cruet_field_rule table[] = {
		{"a.*.b", "string"}, {"l", "array"}, {"n", "string"}, {NULL, NULL}};
	double before = cpu_seconds();
	cruet_valid *v = cruet_check(ctx, CRUET_FROM_FORM, table);
	double after = cpu_seconds();

	if (!v)
		return cruet_err(ctx);
	return cruet_textf(ctx, "%f", after - before);
}

static double form_seconds(size_t n, const char *format)
{
	cruet_app *a = app_with(NULL);
	cruet_add(a, "POST", "/", h_form, "form", CRUET_HERE);
	cruet_client *t = client_of(a);
	char *body = malloc(n * 40 + 1);
	size_t len = 0;

	ck_assert_ptr_nonnull(body);
	for (size_t i = 0; i < n; i++) {
		char name[40];
		size_t k = 0;
		for (const char *p = format; *p; p++)
			k += *p == '#' ? (size_t)sprintf(name + k, "%zu", (i * 7919) % n)
				       : (size_t)sprintf(name + k, "%c", *p);
		len += (size_t)sprintf(body + len, "%s%s=x", i ? "&" : "", name);
	}
	ck_assert_int_eq(
		cruet_client_post(t, "/", "application/x-www-form-urlencoded", body),
		200);
	double seconds = atof(cruet_client_body(t));
	free(body);
	done(a, t);
	return seconds;
}

START_TEST(large_forms_cost_what_they_are_large)
{
	static const char *const formats[] = {"a[#][b]", "a.#.b", "l[]",    "l[#]", "n",
					      "x#",	 "x[#]",  "a[][b]", NULL};
	for (size_t i = 0; formats[i]; i++) {
		double small = 0, large = 0;
		for (int j = 0; j < 5; j++) {
			double s = form_seconds(60, formats[i]),
			       l = form_seconds(960, formats[i]);
			small = !j || s < small ? s : small;
			large = !j || l < large ? l : large;
		}
		ck_assert_msg(large < small * 100 + 0.0005,
			      "%s: %.6f s for 60, %.6f s for 960", formats[i], small,
			      large);
	}
}
END_TEST

START_TEST(long_texts_are_no_trouble)
{
	static const char *const rules[] = {"integer",
					    "numeric",
					    "boolean",
					    "accepted",
					    "email",
					    "url",
					    "uuid",
					    "ulid",
					    "ip",
					    "ipv4",
					    "ipv6",
					    "mac_address",
					    "date",
					    "date_format:Y-m-d",
					    "timezone",
					    "json",
					    "decimal:2",
					    "digits:5",
					    "multiple_of:3",
					    "hex_color",
					    "in:a,b",
					    "confirmed",
					    "after:today",
					    "max:3|min:5",
					    "starts_with:b",
					    "ends_with:b",
					    NULL};
	for (size_t i = 0; rules[i]; i++) {
		ck_assert_msg(errors_of(rules[i], run_of(2000000, ""))[0] != '\0', "%s",
			      rules[i]);
		fresh_ctx();
	}
	char *digits = malloc(2000003);
	ck_assert_ptr_nonnull(digits);
	memset(digits, '7', 2000002);
	digits[0] = digits[2000001] = '"';
	digits[2000002] = '\0';
	for (size_t i = 0; rules[i]; i++) {
		errors_of(rules[i], digits);
		fresh_ctx();
	}
	free(digits);
}
END_TEST

CTX_SUITE("validate_bounds", patterns_that_explode_give_up,
	  patterns_that_start_anywhere_give_up_on_long_texts,
	  what_was_given_up_does_not_fit_either_way, usual_patterns_take_long_texts,
	  many_values_share_the_limit, values_are_counted, errors_are_counted,
	  options_have_bounds, long_lists_cost_what_they_are_long,
	  large_forms_cost_what_they_are_large, long_texts_are_no_trouble)
