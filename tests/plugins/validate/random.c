/* What nobody thought of: random tables, random texts of rules and random forms. */
#include "fixture.h"

#include <stdlib.h>

static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

#define PICK(list) ((list)[random_below(sizeof(list) / sizeof *(list))])

static const char *const some_rules[] = {"required",
					 "nullable",
					 "sometimes",
					 "bail",
					 "string",
					 "integer",
					 "numeric",
					 "boolean",
					 "array",
					 "list",
					 "array:a,b",
					 "min:2",
					 "max:3",
					 "between:1,4",
					 "size:2",
					 "gt:a",
					 "lte:b",
					 "gt:1",
					 "accepted",
					 "declined",
					 "accepted_if:a,1",
					 "email",
					 "url",
					 "uuid",
					 "ip",
					 "json",
					 "date",
					 "date_format:Y-m-d",
					 "after:today",
					 "before:a",
					 "alpha",
					 "alpha_dash:ascii",
					 "lowercase",
					 "in:a,b,1",
					 "not_in:a,2",
					 "contains:a",
					 "doesnt_contain:1",
					 "distinct",
					 "distinct:ignore_case",
					 "in_array:a.*",
					 "in_array:b",
					 "same:a",
					 "different:a,b",
					 "confirmed",
					 "required_if:a,1,null",
					 "required_unless:b,a",
					 "required_with:a,b",
					 "required_without_all:a,b",
					 "present",
					 "missing_with:b",
					 "prohibited_if:a,1",
					 "prohibits:b",
					 "exclude_if:b,1",
					 "exclude_without:b",
					 "filled",
					 "regex:/^[a-z]|\\d{1,2}$/i",
					 "not_regex:/(a+)+$/",
					 "digits:2",
					 "decimal:0,2",
					 "multiple_of:0.5",
					 "required_array_keys:a",
					 "in_array_keys:b,0",
					 "starts_with:a,1",
					 "doesnt_end_with:b",
					 "timezone",
					 "hex_color"};
static const char *const some_fields[] = {"a",	   "b",	    "a.b",     "a.*",
					  "a.*.b", "b.*",   "b.0",     "*.a",
					  "c",	   "a.*.*", "a.b.*.c", "b.*.a"};
static const char *const some_values[] = {
	"null",	      "true",
	"false",      "0",
	"1",	      "-1",
	"1.5",	      "9007199254740993",
	"\"\"",	      "\" \"",
	"\"a\"",      "\"b\"",
	"\"1\"",      "\"2024-02-29\"",
	"\"a@b.de\"", "\"\\u00fc\\ud83d\\ude00\"",
	"[]",	      "{}",
	"\"{}\"",     "1e300",
	"\"#fff\"",   "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\""};

static void random_json(char *out, size_t cap, int depth)
{
	size_t n = strlen(out), most = random_below(4);
	bool object = random_below(2);

	if (depth > 3 || cap < 400 || !random_below(3)) {
		snprintf(out + n, cap, "%s", PICK(some_values));
		return;
	}
	strcat(out, object ? "{" : "[");
	for (size_t i = 0; i < most; i++) {
		static const char *const names[] = {
			"\"a\": ", "\"b\": ", "\"c\": ", "\"0\": "};
		if (i)
			strcat(out, ", ");
		if (object)
			strcat(out, names[i]);
		n = strlen(out);
		random_json(out, 4000 - n, depth + 1);
	}
	strcat(out, object ? "}" : "]");
}

static void random_rules(char *out, size_t cap)
{
	size_t n = 0, most = random_below(5);

	out[0] = '\0';
	for (size_t i = 0; i < most; i++)
		n += (size_t)snprintf(out + n, cap - n, "%s%s", i ? "|" : "",
				      PICK(some_rules));
}

START_TEST(any_table_takes_any_input)
{
	size_t tables = 0, invalid = 0;

	for (seed = 1; seed < 6000u * 7919u; seed += 7919) {
		uint32_t keep = seed;
		cruet_field_rule table[5] = {{NULL, NULL}};
		char rules[4][256], input[4096] = "";
		size_t rows = 1 + random_below(4);
		for (size_t i = 0; i < rows; i++) {
			random_rules(rules[i], sizeof rules[i]);
			table[i] = (cruet_field_rule){PICK(some_fields), rules[i]};
		}
		random_json(input, sizeof input, 0);
		const cruet_json *j = cruet_json_parse(c, input, strlen(input));
		ck_assert_msg(j != NULL, "%s: %s", input, cruet_err_text(c));
		cruet_valid *v = cruet_check_json(c, j, 0, table);
		if (!v) { /* two rows of a name, or a star that nothing stands for */
			ck_assert_int_eq(cruet_err_status(c), 500);
			ck_assert_int_eq(
				strncmp(cruet_err_text(c), "validate: field \"", 17), 0);
		} else {
			tables++;
			invalid += cruet_invalid(v);
			ck_assert_ptr_nonnull(cruet_valid_json(v));
			ck_assert_msg(!cruet_err(c), "%s", cruet_err_text(c));
			const char *first = text_of_json(cruet_valid_errors(v));
			const char *came = text_of_json(cruet_valid_json(v));
			v = cruet_check_json(c, j, 0, table);
			ck_assert_str_eq(text_of_json(cruet_valid_errors(v)), first);
			ck_assert_str_eq(text_of_json(cruet_valid_json(v)), came);
		}
		fresh_ctx();
		seed = keep;
	}
	/* It was worth it. */
	ck_assert_msg(tables > 3000 && invalid > 1000 && invalid < tables, "%zu of %zu",
		      invalid, tables);
}
END_TEST

START_TEST(any_text_is_a_table_or_a_sentence)
{
	static const char alphabet[] = "abz_09|:,.\"\\/*^$[](){}+-? \n\xc3\xbc";

	for (seed = 1; seed < 6000u * 7919u; seed += 7919) {
		uint32_t keep = seed;
		char rules[128], field[16];
		random_rules(rules, sizeof rules);
		for (size_t i = random_below(6); i; i--) {
			size_t n = strlen(rules);
			rules[n ? random_below((uint32_t)n) : 0] =
				n ? alphabet[random_below(sizeof alphabet - 1)] : '\0';
		}
		size_t n = random_below(sizeof field);
		for (size_t i = 0; i < n; i++)
			field[i] = alphabet[random_below(sizeof alphabet - 1)];
		field[n] = '\0';
		const cruet_field_rule table[] = {{random_below(2) ? field : "a", rules},
						  {NULL, NULL}};
		cruet_valid *v =
			cruet_check_json(c, json_of("{\"a\": [\"1\"]}"), 0, table);
		if (!v)
			ck_assert_msg(cruet_err_status(c) == 500 &&
					      !strncmp(cruet_err_text(c),
						       "validate: field \"", 17),
				      "%s", cruet_err_text(c));
		fresh_ctx();
		seed = keep;
	}
}
END_TEST

static cruet_field_rule form_table[5];

static int h_any_form(cruet_ctx *ctx)
{
	cruet_valid *v = cruet_check(ctx, CRUET_FROM_FORM, form_table);

	if (!v)
		return cruet_err(ctx);
	return cruet_textf(ctx, "%s", cruet_json_text(ctx, cruet_valid_json(v), NULL));
}

START_TEST(any_form_is_an_object)
{
	static const char *const parts[] = {"a",  "b",	  "0",	 "1",	"[", "]",
					    "[]", "[a]",  "[0]", ".",	"=", "&",
					    "=1", "&a=2", "%5B", "%00", "%", "c"};
	cruet_app *a = app_with(NULL);
	cruet_add(a, "POST", "/", h_any_form, "form", CRUET_HERE);
	cruet_client *t = client_of(a);

	for (seed = 1; seed < 3000u * 7919u; seed += 7919) {
		uint32_t keep = seed;
		char body[512] = "";
		for (size_t i = random_below(40); i; i--)
			strcat(body, PICK(parts));
		for (size_t i = 0; i < 3; i++)
			form_table[i] = (cruet_field_rule){PICK(some_fields), "nullable"};
		form_table[3].field = NULL;
		int status = cruet_client_post(t, "/",
					       "application/x-www-form-urlencoded", body);
		/* 500: the same field twice */
		ck_assert_msg(status == 200 || status == 400 ||
				      (status == 500 && strstr(logged, "two rows")),
			      "%d for %s: %s", status, body, logged);
		logged[0] = '\0';
		seed = keep;
	}
	done(a, t);
}
END_TEST

CTX_SUITE("validate_random", any_table_takes_any_input, any_text_is_a_table_or_a_sentence,
	  any_form_is_an_object)
