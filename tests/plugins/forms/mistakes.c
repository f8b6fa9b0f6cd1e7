/* Declarations that say nothing sensible are refused in one sentence. */
#include "fixture.h"

static const cruet_form_def *opened;

static int handler(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, opened);
	const char *html = cruet_form_html(form, NULL);

	return html ? cruet_html(c, html) : cruet_err(c);
}

/* At the setup, and as a 500 without one. */
static void refuses(const cruet_form_def *def, const char *why)
{
	app = forms_app();
	cruet_form_check(app, def);
	ck_assert_msg(cruet_problem(app) != NULL, "taken, expected: %s", why);
	ck_assert_msg(strstr(cruet_problem(app), why) != NULL, "%s, expected: %s", cruet_problem(app), why);
	cruet_free(app);

	app = forms_app();
	cruet_get(app, "/", handler);
	t = client_of(app);
	opened = def;
	ck_assert_int_eq(cruet_client_get(t, "/"), 500);
	ck_assert_msg(log_says(why), "%s, expected: %s", logged, why);
	done(app, t);
}

#define REFUSES(why, ...)                               \
	do {                                            \
		CRUET_FORM(bad, "Send", __VA_ARGS__);   \
		refuses(&bad, why);                     \
	} while (0)

START_TEST(names)
{
	REFUSES("forms: form bad: field 'a b': expected a letter, then letters, digits, - and _, 64 in all "
		"at most",
		{"a b"});
	REFUSES("field '_csrf': expected a letter", {"_csrf"});
	REFUSES("field '\"><script>': expected a letter", {"\"><script>"});
	REFUSES("field 'csrf': that is a member of every form in templates: choose another name", {"csrf"});
	REFUSES("field 'a-2': its id would be that of a part of another field: choose a name that does not "
		"end with -help, -error or a number",
		{"a"}, {"a-2"});
	REFUSES("field 'a-help': its id would", {"a-help"}, {"a"});
	REFUSES("field 'a': there are two of that name", {"a"}, {"b"}, {"a"});
}
END_TEST

static const cruet_choice x[] = {{"x", NULL}, {NULL, NULL}};

START_TEST(kinds)
{
	REFUSES("field 'a': its type is none of enum cruet_field_type", {"a", .type = 99});
	REFUSES("field 'a': it has choices: expected CRUET_FIELD_SELECT, _RADIO or _CHECKBOX",
		{"a", .type = CRUET_FIELD_TEXT, .choices = x});
	REFUSES("field 'a': it has CRUET_FIELD_MANY: expected CRUET_FIELD_SELECT, _CHECKBOX or _FILE",
		{"a", .type = CRUET_FIELD_TEXT, .flags = CRUET_FIELD_MANY});
	REFUSES("field 'a': it has CRUET_FIELD_MANY", {"a", .flags = CRUET_FIELD_MANY});
	REFUSES("field 'a': its value is an array: rules of one text or number do not fit it",
		{"a", NULL, "required|integer", CRUET_FIELD_SELECT, CRUET_FIELD_MANY, .choices = x});
	REFUSES("field 'a': accept and max_size are for CRUET_FIELD_FILE", {"a", .max_size = 3});
}
END_TEST

START_TEST(rules)
{
	REFUSES("validate: field \"a\": unknown rule \"requird\": did you mean \"required\"?",
		{"a", "A", "requird"});
}
END_TEST

START_TEST(no_form_at_all)
{
	static const cruet_form_def empty = {.size = sizeof empty};

	refuses(&empty, "forms: expected what CRUET_FORM() makes");
	refuses(NULL, "forms: expected what CRUET_FORM() makes");
}
END_TEST

START_TEST(a_good_one_is_taken)
{
	CRUET_FORM(good, "Send", {"a", "A", "required|in:x,y"}, {"a-x", NULL, "regex:/^a|in:b$/"},
		   {"b", NULL, "in:x,y", .flags = CRUET_FIELD_MANY}, {"b-2x"}, {"help"});

	app = forms_app();
	ck_assert_int_eq(cruet_form_check(app, &good), CRUET_OK);
	ck_assert_ptr_null(cruet_problem(app));
	cruet_free(app);
}
END_TEST

/* --- calls with words that are wrong ------------------------------------------------------ */

CRUET_FORM(note_form, "Send", {"note", "Note", "required"});

static int wrong_set(cruet_ctx *c)
{
	return cruet_form_set(cruet_form_open(c, &note_form), "nots", "x");
}
static int wrong_fail(cruet_ctx *c)
{
	return cruet_form_fail(cruet_form_open(c, &note_form), "nots", "x");
}
static int wrong_part(cruet_ctx *c)
{
	return cruet_form_html(cruet_form_open(c, &note_form), "nots") ? CRUET_OK : cruet_err(c);
}
static int late_choices(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &note_form);

	cruet_form_ok(form);
	return cruet_form_choices(form, "note", NULL);
}

START_TEST(calls)
{
	static const char *const says[] = {
		"the form has no field 'nots'",
		"form note_form has no field 'nots': did you mean 'note'?",
		"form note_form has no field 'nots': did you mean 'note'?",
		"field 'note' was looked at already: call it before cruet_form_ok()"};
	char path[8];

	app = forms_app();
	cruet_get(app, "/0", wrong_set);
	cruet_get(app, "/1", wrong_fail);
	cruet_get(app, "/2", wrong_part);
	cruet_get(app, "/3", late_choices);
	t = client_of(app);
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "/%d", i);
		logged[0] = '\0';
		ck_assert_int_eq(cruet_client_get(t, path), 500);
		ck_assert_msg(log_says(says[i]), "%s, expected: %s", logged, says[i]);
	}
	done(app, t);
}
END_TEST

/* --- what it stands on ---------------------------------------------------------------------- */

START_TEST(without_a_secret_key_it_says_so)
{
	app = new_app();
	cruet_use(app, "session", NULL);
	cruet_use(app, "validate", NULL);
	cruet_use_static(app, &cruet_plugin_forms, NULL);
	cruet_get(app, "/", wrong_part);
	cruet_get(app, "/form", handler);
	opened = &note_form;
	t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/form"), 500);
	ck_assert_msg(log_says("secret_key"), "%s", logged);
	done(app, t);
}
END_TEST

START_TEST(without_the_plugin_it_is_named)
{
	app = new_app();
	opened = &note_form;
	cruet_get(app, "/", handler);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/"), 500);
	ck_assert_msg(log_says("no plugin provides \"forms/1\": add one to cruet.json, such as \"forms\""), "%s",
		      logged);
	done(app, t);
}
END_TEST

SUITE("forms mistakes", names, kinds, rules, no_form_at_all, a_good_one_is_taken, calls,
      without_a_secret_key_it_says_so, without_the_plugin_it_is_named)
