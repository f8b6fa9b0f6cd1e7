/* Rules of others, other texts for messages, other names for fields. */
#include "fixture.h"

/* A rule that an application adds: a text that reads the same from both ends. */
static int palindrome(cruet_ctx *ctx, const cruet_rule_call *call)
{
	const char *s = cruet_json_str(call->value, NULL);
	size_t n = s ? strlen(s) : 0;

	(void)ctx;
	for (size_t i = 0; i < n / 2; i++)
		if (s[i] != s[n - 1 - i])
			return 422;
	return s ? CRUET_OK : 422;
}

/* What the call was given: field, parameters, value, what else was sent. */
static int tell(cruet_ctx *ctx, const cruet_rule_call *call)
{
	char *out = call->arg;
	size_t n = (size_t)snprintf(out, 256, "%s:", call->field);

	for (uint32_t i = 0; i < call->nparams; i++)
		n += (size_t)snprintf(out + n, 256 - n, "<%s>", call->params[i]);
	snprintf(out + n, 256 - n, " %s in %s", cruet_json_text(ctx, call->value, NULL),
		 cruet_json_text(ctx, call->input, NULL));
	ck_assert_uint_ge(call->size, sizeof *call);
	return CRUET_OK;
}

static int always_422(cruet_ctx *ctx, const cruet_rule_call *call)
{
	(void)call;
	return cruet_fail(ctx, 422, "not this one");
}

static int breaks(cruet_ctx *ctx, const cruet_rule_call *call)
{
	(void)call;
	return cruet_fail(ctx, 503, "the registry is away");
}

static char told[256];

static void open_custom(void)
{
	app = app_with(NULL);
	cruet_validate_add(app, "palindrome", palindrome,
			   "The :attribute must read the same both ways.", NULL);
	cruet_validate_add(app, "tell", tell, NULL, told);
	cruet_validate_add(app, "off_by", always_422,
			   ":Attribute is off by :value (:values)", NULL);
	cruet_validate_add(app, "plain", always_422, NULL, NULL);
	cruet_validate_add(app, "breaks", breaks, NULL, NULL);
	cruet_validate_add(app, "taken", NULL, "taken", NULL);
	cruet_validate_add(app, "taken", NULL, ":attribute: :value is taken", NULL);
	cruet_validate_message(app, "required", "Please fill in :attribute.");
	cruet_validate_message(app, "name.required", "What is your name?");
	cruet_validate_message(app, "items.*.price.min",
			       "Item :position costs :min at least.");
	cruet_validate_message(app, "items.1.price.min",
			       "The second costs :min at least.");
	cruet_validate_message(app, "between",
			       ":min < :attribute < :max :nothing : :: :a1 %s");
	cruet_validate_message(app, "a.palindrome", "A palindrome, please.");
	cruet_validate_message(app, "alpha", "Only letters");
	cruet_validate_label(app, "mail", "e-mail address");
	cruet_validate_label(app, "items.*.amount", "amount");
	cruet_validate_label(app, "items.1.amount", "second amount");
	cruet_validate_label(app, "first_name", "given name");
	c = cruet_open(app);
	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
}

START_TEST(an_application_adds_rules)
{
	FITS("palindrome", "\"abba\"", "\"a\"", "\"\"");
	GIVES("palindrome", "The f must read the same both ways.", "\"ab\"", "5", "null",
	      "[]");
	FITS("nullable|palindrome", "null");
	FITS("palindrome|max:4", "\"abba\"");
	GIVES("bail|palindrome|max:1", "The f must read the same both ways.", "\"ab\"");
	GIVES("plain", "The f field is invalid.", "1");
	GIVES("off_by:3,4", "F is off by 3 (3, 4)", "1");
	GIVES("off_by", "F is off by  ()", "1");
}
END_TEST

START_TEST(a_rule_is_told_what_it_needs)
{
	gives(TABLE({"a.*.b", "tell:x,\"y,z\""}), "{\"a\": [{}, {\"b\": [1]}], \"c\": 2}",
	      "", NULL);
	ck_assert_str_eq(told, "a.1.b:<x><y,z> [1] in {\"a\":[{},{\"b\":[1]}],\"c\":2}");
}
END_TEST

START_TEST(a_rule_can_fail_the_request)
{
	ck_assert_ptr_null(
		cruet_check_json(c, json_of("{\"f\": 1}"), 0, TABLE({"f", "breaks"})));
	ck_assert_int_eq(cruet_err_status(c), 503);
	ck_assert_str_eq(cruet_err_text(c), "the registry is away");
}
END_TEST

START_TEST(messages_may_say_it_in_other_words)
{
	gives(TABLE({"name", "required"}, {"first_name", "required"},
		    {"town", "required"}),
	      "{}",
	      "{\"name\":[\"What is your name?\"],"
	      "\"first_name\":[\"Please fill in given name.\"],"
	      "\"town\":[\"Please fill in town.\"]}",
	      NULL);
	gives(TABLE({"items.*.price", "integer|min:5"}),
	      "{\"items\": [{\"price\": 1}, {\"price\": 2}, {\"price\": 3}]}",
	      "{\"items.0.price\":[\"Item 1 costs 5 at least.\"],"
	      "\"items.1.price\":[\"The second costs 5 at least.\"],"
	      "\"items.2.price\":[\"Item 3 costs 5 at least.\"]}",
	      NULL);
	gives(TABLE({"a", "palindrome"}, {"b", "palindrome"}),
	      "{\"a\": \"xy\", \"b\": \"xy\"}",
	      "{\"a\":[\"A palindrome, please.\"],"
	      "\"b\":[\"The b must read the same both ways.\"]}",
	      NULL);
	GIVES("alpha", "Only letters", "\"1\"");
}
END_TEST

START_TEST(what_is_no_placeholder_stays)
{
	GIVES("numeric|between:1,2", "1 < f < 2 :nothing : :: :a1 %s", "3");
}
END_TEST

START_TEST(what_was_sent_is_no_placeholder)
{
	gives(TABLE({"a.*", "required"}), "{\"a\": {\":attribute\": \"\"}}",
	      "{\"a.:attribute\":[\"Please fill in a.:attribute.\"]}", NULL);
	gives(TABLE({"b", "starts_with::values"}), "{\"b\": \"x\"}",
	      "{\"b\":[\"The b field must start with one of the following: :values.\"]}",
	      NULL);
}
END_TEST

START_TEST(fields_may_have_other_names)
{
	gives(TABLE({"mail", "email"}, {"copy", "required_without:mail"}),
	      "{\"mail\": \"x\"}",
	      "{\"mail\":[\"The e-mail address field must be a valid email address.\"]}",
	      NULL);
	gives(TABLE({"copy", "same:mail"}), "{\"copy\": \"x\"}",
	      "{\"copy\":[\"The copy field must match e-mail address.\"]}", NULL);
	gives(TABLE({"items.*.amount", "integer"},
		    {"items.*.total", "gt:items.*.amount"}),
	      "{\"items\": [{\"amount\": \"x\"}, {\"amount\": \"x\"}, {\"total\": 1}]}",
	      "{\"items.0.amount\":[\"The amount field must be an integer.\"],"
	      "\"items.1.amount\":[\"The second amount field must be an integer.\"],"
	      "\"items.2.total\":[\"The items.2.total field must be greater than "
	      "amount.\"]}",
	      NULL);
}
END_TEST

/* A form knows what people read; an error may be found without a rule. */
START_TEST(a_check_may_call_fields_by_other_names)
{
	static const char *const labels[] = {"Your name", NULL, NULL};
	const cruet_field_rule *table =
		TABLE({"age", "integer"}, {"first_name", "required"}, {"same", "same:age"});
	const cruet_valid *v = cruet_check_labelled(
		c, json_of("{\"age\": \"x\", \"same\": \"y\"}"), 0, table, labels);

	ck_assert_str_eq(text_of_json(cruet_valid_errors(v)),
			 "{\"age\":[\"The Your name field must be an integer.\"],"
			 "\"first_name\":[\"Please fill in given name.\"],"
			 "\"same\":[\"The same field must match Your name.\"]}");
}
END_TEST

START_TEST(texts_of_errors_can_be_asked_for)
{
	ck_assert_str_eq(cruet_validate_text(c, "required", "name", NULL, NULL), "What is your name?");
	ck_assert_str_eq(cruet_validate_text(c, "required", "first_name", NULL, NULL),
			 "Please fill in given name.");
	ck_assert_str_eq(cruet_validate_text(c, "taken", "a_name", NULL, "Ann"), "a name: Ann is taken");
	ck_assert_str_eq(cruet_validate_text(c, "taken", "name", ":value", "Ann"), ":value: Ann is taken");
	ck_assert_ptr_null(cruet_validate_text(c, "takn", NULL, NULL, NULL));
	ck_assert_str_eq(cruet_err_text(c), "cruet_validate_text: unknown rule \"takn\"");
	fresh_ctx();
	ck_assert_ptr_null(cruet_check_json(c, json_of("{}"), 0, TABLE({"a", "taken"})));
	ck_assert_str_eq(cruet_err_text(c),
			 "validate: field \"a\": \"taken\" names an error, and is no rule");
}
END_TEST

START_TEST(errors_of_the_handler_stand_beside_the_others)
{
	cruet_valid *v =
		check_json("{\"a\": \"x\"}", TABLE({"a", "integer"}, {"b", "string"}));

	ck_assert_int_eq(cruet_valid_fail(v, "a", "%s is taken", "x"), CRUET_OK);
	ck_assert_int_eq(cruet_valid_fail(v, "b", "no"), CRUET_OK);
	ck_assert_str_eq(text_of_json(cruet_valid_errors(v)),
			 "{\"a\":[\"The a field must be an integer.\",\"x is taken\"],"
			 "\"b\":[\"no\"]}");
	ck_assert_int_eq(cruet_valid_fail(NULL, "b", "no"), CRUET_EINVAL);
	v = check_json("{}", TABLE({"a", "integer"}));
	ck_assert(!cruet_invalid(v));
	ck_assert_int_eq(cruet_valid_fail(v, "a", "late"), CRUET_OK);
	ck_assert(cruet_invalid(v));
}
END_TEST

START_TEST(the_first_error_may_be_enough)
{
	const cruet_field_rule *table =
		TABLE({"a", "integer|max:0"}, {"b.*", "integer"}, {"d", "required"});
	const cruet_valid *v =
		cruet_check_json(c, json_of("{\"a\": 1, \"b\": [\"x\", \"y\"]}"),
				 CRUET_FIRST_ERROR, table);
	ck_assert_str_eq(text_of_json(cruet_valid_errors(v)),
			 "{\"a\":[\"The a field must not be greater than 0.\"]}");
	v = cruet_check_json(c, json_of("{\"b\": [\"x\", \"y\"]}"), CRUET_FIRST_ERROR,
			     table);
	ck_assert_str_eq(text_of_json(cruet_valid_errors(v)),
			 "{\"b.0\":[\"The b.0 field must be an integer.\"]}");
}
END_TEST

static void refuses_setup(int err, cruet_app *a, const char *sentence)
{
	ck_assert_int_ne(err, CRUET_OK);
	ck_assert_ptr_nonnull(cruet_problem(a));
	ck_assert_str_eq(cruet_problem(a), sentence);
	cruet_free(a);
}

START_TEST(what_cannot_be_added_is_refused)
{
	cruet_app *a = app_with(NULL);
	refuses_setup(cruet_validate_add(a, "email", palindrome, NULL, NULL), a,
		      "cruet_validate_add: there is a rule \"email\" already");
	a = app_with(NULL);
	cruet_validate_add(a, "mine", palindrome, NULL, NULL);
	refuses_setup(cruet_validate_add(a, "mine", palindrome, NULL, NULL), a,
		      "cruet_validate_add: there is a rule \"mine\" already");
	a = app_with(NULL);
	refuses_setup(cruet_validate_add(a, "My Rule", palindrome, NULL, NULL), a,
		      "cruet_validate_add: \"My Rule\": expected a name of small "
		      "letters, digits "
		      "and _, and a function or a message");
	a = app_with(NULL);
	refuses_setup(cruet_validate_add(a, NULL, palindrome, NULL, NULL), a,
		      "cruet_validate_add: \"\": expected a name of small letters, "
		      "digits and _, "
		      "and a function or a message");
	a = app_with(NULL);
	refuses_setup(cruet_validate_message(a, "requird", "x"), a,
		      "cruet_validate_message: \"requird\": unknown rule \"requird\": "
		      "did you mean "
		      "\"required\"?");
	a = app_with(NULL);
	refuses_setup(cruet_validate_message(a, "name.requird", "x"), a,
		      "cruet_validate_message: \"name.requird\": unknown rule "
		      "\"requird\": did you "
		      "mean \"required\"?");
	a = app_with(NULL);
	refuses_setup(cruet_validate_message(a, "given_name", "x"), a,
		      "cruet_validate_message: \"given_name\": expected a rule, such as "
		      "required, or one "
		      "of a field, such as name.required");
	a = app_with(NULL);
	refuses_setup(cruet_validate_message(a, "required", NULL), a,
		      "cruet_validate_message: expected a key and a text");
	a = app_with(NULL);
	refuses_setup(cruet_validate_label(a, "", "x"), a,
		      "cruet_validate_label: expected a key and a text");
}
END_TEST

START_TEST(unknown_rules_may_be_near_to_added_ones)
{
	ck_assert_ptr_null(
		cruet_check_json(c, json_of("{}"), 0, TABLE({"a", "palindrom"})));
	ck_assert_str_eq(cruet_err_text(c),
			 "validate: field \"a\": unknown rule \"palindrom\": did "
			 "you mean \"palindrome\"?");
}
END_TEST

SUITE_WITH("validate_messages", open_custom, close_ctx, an_application_adds_rules,
	   a_rule_is_told_what_it_needs, a_rule_can_fail_the_request,
	   messages_may_say_it_in_other_words, what_is_no_placeholder_stays,
	   what_was_sent_is_no_placeholder, fields_may_have_other_names,
	   a_check_may_call_fields_by_other_names, texts_of_errors_can_be_asked_for,
	   errors_of_the_handler_stand_beside_the_others, the_first_error_may_be_enough,
	   what_cannot_be_added_is_refused, unknown_rules_may_be_near_to_added_ones)
