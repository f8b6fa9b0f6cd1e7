/* Tables that say nothing sensible are refused in one sentence, before the start. */
#include "fixture.h"
#include "rules.h"

static void refuses(const char *field, const char *rules, const char *sentence)
{
	cruet_app *a = app_with(NULL);
	const cruet_field_rule table[] = {{field, rules}, {NULL, NULL}};

	ck_assert_int_ne(cruet_validate_rules(a, table), CRUET_OK);
	ck_assert_msg(cruet_problem(a) != NULL, "%s was taken", rules);
	ck_assert_str_eq(cruet_problem(a), sentence);
	cruet_free(a);
}

static void refuses_table(const cruet_field_rule *table, const char *sentence)
{
	cruet_app *a = app_with(NULL);

	cruet_validate_rules(a, table);
	ck_assert_ptr_nonnull(cruet_problem(a));
	ck_assert_str_eq(cruet_problem(a), sentence);
	cruet_free(a);
}

START_TEST(unknown_rules_name_the_nearest)
{
	refuses("age", "required|integr",
		"validate: field \"age\": unknown rule \"integr\": did you mean "
		"\"integer\"?");
	refuses("a", "requird",
		"validate: field \"a\": unknown rule \"requird\": did you mean "
		"\"required\"?");
	refuses("a", "reuqired_wiht_all:b",
		"validate: field \"a\": unknown rule \"reuqired_wiht_all\": did you mean "
		"\"required_with_all\"?");
	refuses("a", "frobnicate",
		"validate: field \"a\": unknown rule \"frobnicate\": neither the plugin "
		"nor "
		"cruet_validate_add() has one of that name");
	refuses("a", "unique:users",
		"validate: field \"a\": unknown rule \"unique\": neither the plugin nor "
		"cruet_validate_add() has one of that name");
	refuses("a.*.b", "emial",
		"validate: field \"a.*.b\": unknown rule \"emial\": did you mean "
		"\"email\"?");
}
END_TEST

START_TEST(rules_that_are_no_text_of_rules)
{
	refuses("a", "Required",
		"validate: field \"a\": \"Required\": expected the name of a rule");
	refuses("a", "required,string",
		"validate: field \"a\": \",string\": expected a colon or a |");
	refuses("a", "required string",
		"validate: field \"a\": \"string\": expected a colon or a |");
	refuses("a", "in:\"a", "validate: field \"a\": in: a quote is not closed");
	refuses("a", "in:\"a\"b,c",
		"validate: field \"a\": in: \"b,c\" follows a quoted parameter: expected "
		"a comma "
		"or a |");
	refuses("a", ":3", "validate: field \"a\": \":3\": expected the name of a rule");
	refuses("a", NULL,
		"validate: field \"a\": it has no rules: write \"\" if anything is "
		"welcome");
}
END_TEST

START_TEST(numbers_of_parameters)
{
	refuses("a", "between:1",
		"validate: field \"a\": between takes 2 parameters, and has 1");
	refuses("a", "between:1,2,3",
		"validate: field \"a\": between takes 2 parameters, and has 3");
	refuses("a", "max", "validate: field \"a\": max takes 1 parameter, and has 0");
	refuses("a", "required:1",
		"validate: field \"a\": required takes no parameters, and has 1");
	refuses("a", "in",
		"validate: field \"a\": in takes 1 or more parameters, and has 0");
	refuses("a", "required_if:b",
		"validate: field \"a\": required_if takes 2 or more parameters, and has "
		"1");
	refuses("a", "decimal:1,2,3",
		"validate: field \"a\": decimal takes 1 to 2 parameters, and has 3");
	refuses("a", "regex",
		"validate: field \"a\": regex takes 1 parameter, and has 0");
	refuses("a", "date_format",
		"validate: field \"a\": date_format takes 1 or more parameters, and has "
		"0");
}
END_TEST

START_TEST(parameters_of_the_wrong_kind)
{
	refuses("a", "max:ten", "validate: field \"a\": max: \"ten\": expected a number");
	refuses("a", "max:", "validate: field \"a\": max: \"\": expected a number");
	refuses("a", "between:5,3", "validate: field \"a\": between: 5 is more than 3");
	refuses("a", "digits:-1",
		"validate: field \"a\": digits: \"-1\": expected a whole number such as "
		"3");
	refuses("a", "digits:1.5",
		"validate: field \"a\": digits: \"1.5\": expected a whole number such as "
		"3");
	refuses("a", "digits:9999999999",
		"validate: field \"a\": digits: \"9999999999\": expected a whole number "
		"such as 3");
	refuses("a", "digits_between:4,2",
		"validate: field \"a\": digits_between: 4 is more than 2");
	refuses("a", "decimal:3,1", "validate: field \"a\": decimal: 3 is more than 1");
	refuses("a", "multiple_of:0",
		"validate: field \"a\": multiple_of: \"0\": expected a number other than "
		"0, of "
		"at most 17 digits");
	refuses("a", "multiple_of:1.00000000000000001",
		"validate: field \"a\": multiple_of: \"1.00000000000000001\": expected a "
		"number "
		"other than 0, of at most 17 digits");
	refuses("a", "email:dns",
		"validate: field \"a\": email: \"dns\": expected rfc or strict");
	refuses("a", "uuid:9",
		"validate: field \"a\": uuid: \"9\": expected 1, 2, 3, 4, 5, 6, 7 or 8");
	refuses("a", "distinct:casefold",
		"validate: field \"a\": distinct: \"casefold\": expected strict or "
		"ignore_case");
	refuses("a", "integer:loose",
		"validate: field \"a\": integer: \"loose\": expected strict");
	refuses("a", "url:",
		"validate: field \"a\": url: \"\": expected a scheme such as https");
	refuses("a", "url:http://",
		"validate: field \"a\": url: \"http://\": expected a scheme such as "
		"https");
	refuses("a", "date_format:",
		"validate: field \"a\": date_format: the format is empty: expected one "
		"such as "
		"Y-m-d");
	refuses("a", "date_format:YYYY-MM-DD hh:mm Q",
		"validate: field \"a\": date_format: 'Q' in \"YYYY-MM-DD hh:mm Q\" is no "
		"letter "
		"of a format: write \\Q for the letter itself");
}
END_TEST

START_TEST(patterns_that_are_none)
{
	refuses("a", "regex:/^(ab/",
		"validate: field \"a\": regex: missing closing parenthesis at byte 5 of "
		"\"^(ab\"");
	refuses("a", "regex:/a**/i|max:3",
		"validate: field \"a\": regex: quantifier does not follow a repeatable "
		"item at "
		"byte 3 of \"a**\"");
	refuses("a", "not_regex:/[z-a]/",
		"validate: field \"a\": not_regex: range out of order in character class "
		"at byte "
		"4 of \"[z-a]\"");
	refuses("a", "regex:^a$",
		"validate: field \"a\": regex: the pattern does not end with ^");
	refuses("a", "regex:abc",
		"validate: field \"a\": regex: expected a pattern between delimiters, "
		"such as "
		"/^[a-z]+$/");
	refuses("a", "regex:",
		"validate: field \"a\": regex: expected a pattern between delimiters, "
		"such as "
		"/^[a-z]+$/");
	refuses("a", "regex:/abc",
		"validate: field \"a\": regex: the pattern does not end with /");
	refuses("a", "regex:/a/b/",
		"validate: field \"a\": regex: 'b' follows the pattern: expected flags "
		"out of "
		"imsxuUA, or a |; write / inside the pattern as \\/");
	refuses("a", "regex:/a/ b",
		"validate: field \"a\": \"b\": expected a colon or a |");
}
END_TEST

START_TEST(fields_that_are_none)
{
	refuses("", "required",
		"validate: field \"\": an empty step; a dot that belongs to a "
		"name is written \\.");
	refuses("a..b", "required",
		"validate: field \"a..b\": an empty step; a dot that belongs to a name "
		"is "
		"written \\.");
	refuses("a.", "required",
		"validate: field \"a.\": an empty step; a dot that belongs to a name is "
		"written "
		"\\.");
	refuses("a.*.*.*.*.*", "required",
		"validate: field \"a.*.*.*.*.*\": more than 4 stars");
	refuses("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q", "required",
		"validate: field \"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q\": more than 16 "
		"steps");
	refuses("a", "same:b.*.c",
		"validate: field \"a\": same: \"b.*.c\" has more stars than the field, "
		"so what "
		"they stand for is not known");
	refuses("a", "same:b..c",
		"validate: field \"a\": same: \"b..c\" is no field: an empty step; a dot "
		"that "
		"belongs to a name is written \\.");
	refuses("a.*", "confirmed",
		"validate: field \"a.*\": confirmed: the field ends with a star: name "
		"the other "
		"field");
	refuses("a", "after:next friday..",
		"validate: field \"a\": after: \"next friday..\" is no field: an empty "
		"step; a "
		"dot that belongs to a name is written \\.");
}
END_TEST

START_TEST(rows_that_contradict_each_other)
{
	refuses_table(TABLE({"a", "required"}, {"b", ""}, {"a", "string"}),
		      "validate: field \"a\": it has two rows: write its rules in one");
	refuses_table(TABLE({"a.b", "required"}, {"a", "exclude_if:c,1"}),
		      "validate: field \"a\": a rule may take it out: its row must stand "
		      "before "
		      "that of \"a.b\"");
}
END_TEST

static char *repeat(const char *first, const char *more, size_t n)
{
	size_t a = strlen(first), b = strlen(more);
	char *text = malloc(a + n * b + 1);

	ck_assert_ptr_nonnull(text);
	memcpy(text, first, a + 1);
	for (size_t i = 0; i < n; i++)
		memcpy(text + a + i * b, more, b + 1);
	return text;
}

START_TEST(tables_have_bounds)
{
	static cruet_field_rule many[1002];
	char *rules = repeat("min:1", "|min:1", 64), *params = repeat("in:a", ",a", 1000);
	char names[1002][8];

	refuses("a", rules, "validate: field \"a\": more than 64 rules");
	refuses("a", params, "validate: field \"a\": in: more than 1000 parameters");
	free(rules);
	free(params);
	for (int i = 0; i < 1001; i++) {
		snprintf(names[i], sizeof names[i], "f%d", i);
		many[i] = (cruet_field_rule){names[i], "required"};
	}
	refuses_table(many, "validate: the table has 1001 rows: expected at most 1000");
	many[1000].field = NULL;
	cruet_app *a = app_with(NULL);
	ck_assert_int_eq(cruet_validate_rules(a, many), CRUET_OK);
	ck_assert_ptr_null(cruet_problem(a));
	cruet_free(a);
}
END_TEST

START_TEST(a_table_of_nothing_is_welcome)
{
	gives(TABLE({NULL, NULL}), "{\"a\": 1}", "", "{}");
	gives(TABLE({"a", "|required||string|"}, {"b", " nullable | integer "}),
	      "{\"a\": \"x\"}", "", "{\"a\":\"x\"}");
}
END_TEST

/* A table that was not looked at in setup is a 500 when it is used. */
START_TEST(a_bad_table_fails_the_request)
{
	const cruet_json *input = json_of("{}");

	ck_assert_ptr_null(cruet_check_json(c, input, 0, TABLE({"a", "requird"})));
	ck_assert_int_eq(cruet_err_status(c), 500);
	ck_assert_str_eq(cruet_err_text(c),
			 "validate: field \"a\": unknown rule \"requird\": did "
			 "you mean \"required\"?");
	fresh_ctx();
	ck_assert_ptr_null(cruet_check_json(c, input, 0, NULL));
	ck_assert_str_eq(cruet_err_text(c), "validate: expected a table of rules");
	fresh_ctx();
	ck_assert_ptr_null(cruet_check(c, 77, TABLE({"a", "required"})));
	ck_assert_str_eq(
		cruet_err_text(c),
		"validate: from is 77: expected one of CRUET_FROM_JSON, _BODY, _FORM, "
		"_QUERY, _COOKIES and _ARGS");
}
END_TEST

/* Tables are known by what they say, not by where they stand. */
START_TEST(a_table_may_be_built_anew_each_time)
{
	for (int i = 0; i < 3000; i++) {
		char rules[32], value[64];
		snprintf(rules, sizeof rules, "integer|min:%d", i);
		snprintf(value, sizeof value, "The f field must be at least %d.", i);
		ck_assert_str_eq(errors_of(rules, "-1"), value);
		fresh_ctx();
	}
	ck_assert_str_eq(errors_of("integer|min:2999", "-1"),
			 "The f field must be at least 2999.");
}
END_TEST

START_TEST(setup_ends_with_the_start)
{
	const cruet_field_rule *table = TABLE({"a", "required"});

	ck_assert_int_eq(cruet_validate_message(app, "required", "x"), CRUET_ESTATE);
	ck_assert_int_eq(cruet_validate_label(app, "a", "x"), CRUET_ESTATE);
	ck_assert_int_eq(cruet_validate_rules(app, table), CRUET_OK);
	ck_assert_str_eq(cruet_problem(app),
			 "cruet_validate_message: the application has started "
			 "already: register before that");
}
END_TEST

START_TEST(the_guide_names_every_rule)
{
	char path[512], name[64];
	const char *source = getenv("CRUET_SOURCE");
	static char page[65536];

	snprintf(path, sizeof path, "%s/docs/plugins/validate.md", source ? source : ".");
	FILE *f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	page[fread(page, 1, sizeof page - 1, f)] = '\0';
	fclose(f);
	for (size_t i = 0; catalog_at(i); i++) {
		const char *at = page;
		size_t n =
			(size_t)snprintf(name, sizeof name, "`%s", catalog_at(i)->name);
		while ((at = strstr(at, name)) && !strchr("`:", at[n]))
			at += n;
		ck_assert_msg(at != NULL, "%s has no word for %s", path, name + 1);
	}
}
END_TEST

START_TEST(setup_without_the_plugin_says_what_is_missing)
{
	/* Where no file of a plugin can be recommended. */
	setenv("CRUET_PLUGIN_PATH", "/nowhere", 1);
	cruet_app *a = cruet_new("test");

	ck_assert_int_ne(cruet_validate_rules(a, TABLE({"a", "required"})), CRUET_OK);
	ck_assert_str_eq(cruet_problem(a),
			 "the application needs service \"validate/1\", which no "
			 "attached plugin provides");
	cruet_free(a);
}
END_TEST

/* --- read by others ----------------------------------------------------------------- */

static int note(const cruet_rule_seen *r, void *arg)
{
	char *text = arg;
	size_t n = strlen(text);

	snprintf(text + n, 512 - n, "%s.%s(", r->field, r->name);
	for (uint32_t i = 0; i < r->nparams; i++) {
		n = strlen(text);
		snprintf(text + n, 512 - n, "%s%s", i ? "," : "", r->params[i]);
	}
	strcat(text, r->flagged ? ")i " : ") ");
	return strcmp(r->name, "ascii") ? CRUET_OK : 418;
}

START_TEST(rules_are_told_one_by_one)
{
	char text[512] = "";

	ck_assert_int_eq(cruet_validate_each(c,
					     TABLE({"a", "required|in:\"x,y\",z|max:3"}, {"b.*", ""},
						   {"c", "regex:/^a|b$/i|regex:/x/|confirmed"}),
					     note, text),
			 CRUET_OK);
	ck_assert_str_eq(text, "a.required() a.in(x,y,z) a.max(3) c.regex(^a|b$)i c.regex(x) "
			       "c.confirmed(c_confirmation) ");
	*text = '\0';
	ck_assert_int_eq(cruet_validate_each(c, TABLE({"a", "required|ascii|max:3"}), note, text), 418);
	ck_assert_str_eq(text, "a.required() a.ascii() ");
	ck_assert_int_ne(cruet_validate_each(c, TABLE({"a", "requird"}), note, text), CRUET_OK);
	ck_assert_int_eq(cruet_err_status(c), 500);
}
END_TEST

CTX_SUITE("validate_tables", unknown_rules_name_the_nearest,
	  rules_that_are_no_text_of_rules, numbers_of_parameters,
	  parameters_of_the_wrong_kind, patterns_that_are_none, fields_that_are_none,
	  rows_that_contradict_each_other, tables_have_bounds,
	  a_table_of_nothing_is_welcome, a_bad_table_fails_the_request,
	  a_table_may_be_built_anew_each_time, setup_ends_with_the_start,
	  the_guide_names_every_rule, rules_are_told_one_by_one, setup_without_the_plugin_says_what_is_missing)
