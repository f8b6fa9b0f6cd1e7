/* Memory that runs out, at every allocation once: the check says so, or it gives what it
 * gives otherwise; nothing is lost and nothing is let through. */
#include "fixture.h"

#include "fail_alloc.h"

static const cruet_field_rule table[] = {
	{"name", "required|string|max:5|regex:/^[a-z]+$/|alpha"},
	{"items", "required|array|min:1"},
	{"items.*.id", "required|integer|distinct|in_array:ids.*"},
	{"items.*.price", "decimal:0,2|gt:items.*.least|multiple_of:0.5"},
	{"items.*.note", "exclude_if:items.*.id,2|string"},
	{"when", "date_format:Y-m-d|after:today"},
	{"tags", "array|distinct:ignore_case|contains:a|in:a,b,\xc3\xbc"},
	{"raw", "json|uppercase"},
	{"k19", "same:k20"},
	{"mail", "email|required_with:name|mine:1,2"},
	{NULL, NULL}};

static const char input[] = "{\"name\": \"abcdefg7\xc3\xbc\", \"items\": [{\"id\": "
			    "\"1\", \"price\": \"9.999\", "
			    "\"least\": 10}, {\"id\": 2, \"note\": 5}, {\"id\": 1, "
			    "\"price\": 1.5, \"least\": 1}], "
			    "\"ids\": [1, 2], \"when\": \"2020-01-01\", \"tags\": "
			    "[\"A\", \"\xc3\x9c\", \"\xc3\xbc\"], "
			    "\"raw\": \"[1, 2\", \"mail\": \"x\", \"k1\": 1, \"k2\": 1, "
			    "\"k3\": 1, \"k4\": 1, \"k5\": 1, "
			    "\"k6\": 1, \"k7\": 1, \"k8\": 1, \"k9\": 1, \"k10\": 1, "
			    "\"k19\": 1.25, \"k20\": 1.25}";

static int mine(cruet_ctx *ctx, const cruet_rule_call *call)
{
	(void)ctx;
	return call->nparams == 2 ? 422 : CRUET_OK;
}

static void open_mine(void)
{
	app = app_with(NULL);
	cruet_validate_add(app, "mine", mine, ":attribute: :value of :values", NULL);
	cruet_validate_label(app, "items.*.id", "number");
	cruet_validate_message(app, "items.*.price.gt",
			       "no. :position: more than :value");
	c = cruet_open(app);
	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
}

/* What came out, or NULL if the request failed for want of memory. */
static const char *outcome(cruet_valid *v)
{
	if (!v) {
		ck_assert_int_eq(cruet_err(c), CRUET_ENOMEM);
		return NULL;
	}
	const char *errors = text_of_json(cruet_valid_errors(v));
	const char *values = cruet_json_text(c, cruet_valid_json(v), NULL);
	return errors && values ? cruet_printf(c, "%s %s", errors, values) : NULL;
}

START_TEST(a_check_gives_all_or_says_that_memory_ran_out)
{
	bool more = true;
	char *want = strdup(outcome(cruet_check_json(c, json_of(input), 0, table)));
	size_t failed = 0;

	ck_assert_ptr_nonnull(want);
	for (size_t n = 1; more; n++) {
		fresh_ctx();
		const cruet_json *j = json_of(input);
		fail_alloc_at(n);
		cruet_valid *v = cruet_check_json(c, j, 0, table);
		more = fail_alloc_off();
		const char *got = outcome(v);
		failed += !got;
		ck_assert_msg(!got || !strcmp(got, want),
			      "allocation %zu\n gave: %s\n want: %s", n, got, want);
		ck_assert_msg(more || got, "the last time: %s", cruet_err_text(c));
	}
	ck_assert_uint_gt(failed, 20);
	free(want);
}
END_TEST

/* The table is read for the first time. */
START_TEST(a_table_is_compiled_or_says_that_memory_ran_out)
{
	bool more = true;

	for (size_t n = 1; more; n++) {
		close_ctx();
		open_mine();
		const cruet_json *j = json_of("{}");
		fail_alloc_at(n);
		cruet_valid *v = cruet_check_json(c, j, 0, table);
		more = fail_alloc_off();
		if (!v)
			ck_assert_msg(
				more && (cruet_err(c) == CRUET_ENOMEM ||
					 strstr(cruet_err_text(c), "out of memory") ||
					 strstr(cruet_err_text(c), "failed to allocate")),
				"allocation %zu: %s", n, cruet_err_text(c));
		else
			ck_assert_uint_ge(cruet_json_len(cruet_valid_errors(v)), 2);
	}
}
END_TEST

static int h_form(cruet_ctx *ctx)
{
	static const cruet_field_rule form[] = {{"a.*.b", "required|integer"},
						{"l", "array"},
						{"n", "string"},
						{NULL, NULL}};
	size_t n = (size_t)cruet_query_int(ctx, "n", 0);

	cruet_form(ctx, "n"); /* is read before memory runs out */
	fail_alloc_at(n);
	cruet_valid *v = cruet_check(ctx, CRUET_FROM_FORM, form);
	bool more = fail_alloc_off();
	if (!v)
		return cruet_err(ctx);
	return cruet_textf(ctx, "%d %s", more,
			   cruet_json_text(ctx, cruet_valid_json(v), NULL));
}

START_TEST(a_form_is_read_whole_or_not_at_all)
{
	cruet_app *a = app_with(NULL);
	cruet_add(a, "POST", "/", h_form, "form", CRUET_HERE);
	cruet_client *t = client_of(a);
	bool more = true;
	const char *const want =
		"{\"a\":[{\"b\":1},{\"b\":2}],\"l\":[\"x\",\"y\"],\"n\":\"z\"}";

	for (int n = 1; more; n++) {
		char path[32];
		snprintf(path, sizeof path, "/?n=%d", n);
		int status =
			cruet_client_post(t, path, "application/x-www-form-urlencoded",
					  "a[0][b]=1&l[]=x&l[]=y&n=z&a[1][b]=2");
		if (status != 200) {
			ck_assert_int_eq(status, 500);
			continue;
		}
		ck_assert_str_eq(cruet_client_body(t) + 2, want);
		more = cruet_client_body(t)[0] == '1';
	}
	done(a, t);
}
END_TEST

SUITE_WITH("validate_memory", open_mine, close_ctx,
	   a_check_gives_all_or_says_that_memory_ran_out,
	   a_table_is_compiled_or_says_that_memory_ran_out,
	   a_form_is_read_whole_or_not_at_all)
