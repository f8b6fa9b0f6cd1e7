/* Where input comes from: JSON, forms, queries, cookies, arguments of the path; and what
 * names of forms mean. */
#include "fixture.h"

static const cruet_field_rule *table;
static int from;
static char seen[2048];

/* "INPUT => ERRORS", or "INPUT => VALUES" if all fits. */
static int h_check(cruet_ctx *ctx)
{
	cruet_valid *v = cruet_check(ctx, from, table);

	if (!v)
		return cruet_err(ctx);
	const cruet_json *out =
		cruet_invalid(v) ? cruet_valid_errors(v) : cruet_valid_json(v);
	return cruet_textf(ctx, "%s", cruet_json_text(ctx, out, NULL));
}

/* The input as custom rules see it. */
static int look(cruet_ctx *ctx, const cruet_rule_call *call)
{
	snprintf(seen, sizeof seen, "%s", cruet_json_text(ctx, call->input, NULL));
	return CRUET_OK;
}

static cruet_client *site(cruet_app **a)
{
	*a = app_with(NULL);
	cruet_validate_add(*a, "look", look, NULL, NULL);
	cruet_add(*a, "GET,POST", "/", h_check, "check", CRUET_HERE);
	cruet_add(*a, "GET,POST", "/<int:id>/<name>", h_check, "args", CRUET_HERE);
	return client_of(*a);
}

/* A form of one line: "a=1&b[]=2" as it is sent. */
static void form_gives(const cruet_field_rule *rules, const char *form, const char *want)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	table = rules;
	from = CRUET_FROM_FORM;
	int status = cruet_client_post(t, "/", "application/x-www-form-urlencoded", form);
	ck_assert_msg(status == 200, "%s gave %d: %s", form, status,
		      cruet_client_body(t));
	ck_assert_msg(!strcmp(cruet_client_body(t), want), "%s\n gave: %s\n want: %s",
		      form, cruet_client_body(t), want);
	done(a, t);
}

static void form_is_seen_as(const cruet_field_rule *rules, const char *form,
			    const char *want)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	table = rules;
	from = CRUET_FROM_FORM;
	seen[0] = '\0';
	ck_assert_int_eq(
		cruet_client_post(t, "/", "application/x-www-form-urlencoded", form),
		200);
	ck_assert_msg(!strcmp(seen, want), "%s\n seen: %s\n want: %s", form, seen, want);
	done(a, t);
}

START_TEST(forms_are_objects)
{
	const cruet_field_rule *rules =
		TABLE({"name", "required|string"}, {"age", "integer"});
	form_gives(rules, "name=Ada+L.&age=36&x=1", "{\"name\":\"Ada L.\",\"age\":36}");
	form_gives(rules, "name=%C3%BC&age=", "{\"name\":\"\xc3\xbc\"}");
	form_gives(rules, "age=x",
		   "{\"name\":[\"The name field is required.\"],"
		   "\"age\":[\"The age field must be an integer.\"]}");
	form_gives(rules, "", "{\"name\":[\"The name field is required.\"]}");
	form_gives(rules, "name", "{\"name\":[\"The name field is required.\"]}");
}
END_TEST

START_TEST(the_first_of_a_name_counts_unless_it_is_a_list)
{
	form_gives(TABLE({"a", "integer"}), "a=1&a=2", "{\"a\":1}");
	form_gives(TABLE({"a", "array"}), "a=1&a=2", "{\"a\":[\"1\",\"2\"]}");
	form_gives(TABLE({"a", "array"}), "a=1", "{\"a\":[\"1\"]}");
	form_gives(TABLE({"a", "list"}), "a=", "{\"a\":[\"\"]}");
	form_gives(TABLE({"a.*", "integer"}), "a=1&b=5&a=2", "{\"a\":[1,2]}");
	form_gives(TABLE({"a.*", "integer"}), "a=1&a=x",
		   "{\"a.1\":[\"The a.1 field must be an integer.\"]}");
}
END_TEST

START_TEST(brackets_make_lists_and_parts)
{
	form_gives(TABLE({"a", "array"}), "a[]=x&a[]=y", "{\"a\":[\"x\",\"y\"]}");
	form_gives(TABLE({"a.*", "integer"}), "a[]=1&a[]=2", "{\"a\":[1,2]}");
	form_gives(TABLE({"a.*", "integer"}), "a%5B%5D=1&a%5b%5d=2", "{\"a\":[1,2]}");
	form_gives(TABLE({"a.b", "integer"}), "a[b]=1", "{\"a\":{\"b\":1}}");
	form_gives(TABLE({"a.b", "integer"}), "a.b=1", "{\"a\":{\"b\":1}}");
	form_gives(TABLE({"a.b.c", "integer"}), "a[b][c]=1", "{\"a\":{\"b\":{\"c\":1}}}");
	form_gives(TABLE({"i.*.p", "integer"}, {"i.*.q", "string"}),
		   "i[0][p]=1&i[0][q]=x&i[1][p]=2&i[1][q]=y",
		   "{\"i\":[{\"p\":1,\"q\":\"x\"},{\"p\":2,\"q\":\"y\"}]}");
	form_gives(TABLE({"i.*.p", "integer"}), "i.1.p=2&i.0.p=1",
		   "{\"i\":[{\"p\":1},{\"p\":2}]}");
	form_gives(TABLE({"a", "array:x,y"}), "a[x]=1&a[y]=2",
		   "{\"a\":{\"x\":\"1\",\"y\":\"2\"}}");
	form_gives(TABLE({"a", "array:x,y"}), "a[x]=1&a[z]=2",
		   "{\"a\":[\"The a field must be an array.\"]}");
	form_gives(TABLE({"a", "array"}), "a[10]=c&a[2]=b",
		   "{\"a\":{\"2\":\"b\",\"10\":\"c\"}}");
}
END_TEST

START_TEST(numbers_in_order_make_an_array)
{
	const cruet_field_rule *rules = TABLE({"a.*", "look"}, {"b.*.c", "look"});
	form_is_seen_as(rules, "a[1]=y&a[0]=x&a[2]=z", "{\"a\":[\"x\",\"y\",\"z\"]}");
	form_is_seen_as(rules, "a[0]=x&a[]=y&a[]=z", "{\"a\":[\"x\",\"y\",\"z\"]}");
	form_is_seen_as(rules, "a[1]=x&a[2]=y", "{\"a\":{\"1\":\"x\",\"2\":\"y\"}}");
	form_is_seen_as(rules, "a[k]=x&a[]=y", "{\"a\":{\"k\":\"x\",\"0\":\"y\"}}");
	form_is_seen_as(rules, "a[5]=x&a[]=y&a[]=z",
			"{\"a\":{\"5\":\"x\",\"6\":\"y\",\"7\":\"z\"}}");
	form_is_seen_as(rules, "a[00]=x", "{\"a\":{\"00\":\"x\"}}");
	form_is_seen_as(rules, "b[][c]=1&b[][c]=2",
			"{\"b\":[{\"c\":\"1\"},{\"c\":\"2\"}]}");
	form_is_seen_as(rules, "a[999999999]=x", "{\"a\":{\"999999999\":\"x\"}}");
	form_is_seen_as(rules, "a[99999999999999999999]=x",
			"{\"a\":{\"99999999999999999999\":\"x\"}}");
}
END_TEST

START_TEST(names_that_nobody_asked_for_stay_whole)
{
	const cruet_field_rule *rules =
		TABLE({"a", "look"}, {"n.m", "string"}, {"v1\\.0", "string"});
	form_is_seen_as(rules, "a=1&b[c]=2&d.e=3",
			"{\"a\":\"1\",\"b[c]\":\"2\",\"d.e\":\"3\"}");
	form_is_seen_as(rules, "a=1&a[b]=2", "{\"a\":\"1\",\"a[b]\":\"2\"}");
	form_is_seen_as(rules, "a=1&n[x]=2&n[m][y]=3",
			"{\"a\":\"1\",\"n[m][y]\":\"3\",\"n[x]\":\"2\"}");
	form_is_seen_as(rules, "a=1&v1.0=x", "{\"a\":\"1\",\"v1.0\":\"x\"}");
	form_is_seen_as(rules, "a=1&n[m=2&n]m=3&n[m]x=4&[m]=5&n[m].x=6",
			"{\"[m]\":\"5\",\"a\":\"1\",\"n[m\":\"2\",\"n[m].x\":\"6\",\"n[m]"
			"x\":\"4\","
			"\"n]m\":\"3\"}");
	form_is_seen_as(rules, "a=1&n[m]=2&n=3", "{\"a\":\"1\",\"n\":{\"m\":\"2\"}}");
	form_is_seen_as(rules, "=x&a=1", "{\"\":\"x\",\"a\":\"1\"}");
	form_is_seen_as(rules, "a=1&n.m.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p=2",
			"{\"a\":\"1\",\"n.m.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p\":\"2\"}");
}
END_TEST

START_TEST(old_values_fill_the_form_again)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	(void)t;
	cruet_ctx *ctx = cruet_open(a);
	const char *text = "{\"a\": \"x\", \"i\": [{\"p\": 5}], \"b.c\": true}";
	cruet_valid *v = cruet_check_json(ctx, cruet_json_parse(ctx, text, strlen(text)),
					  0, TABLE({"a", "integer"}));
	ck_assert_str_eq(cruet_valid_old(v, "a"), "x");
	ck_assert_str_eq(cruet_valid_old(v, "i.0.p"), "5");
	ck_assert_str_eq(cruet_valid_old(v, "b.c"), "true");
	ck_assert_str_eq(cruet_valid_old(v, "i.1.p"), "");
	ck_assert_str_eq(cruet_valid_old(v, "i"), "");
	cruet_close(ctx);
	done(a, t);
}
END_TEST

START_TEST(queries_cookies_and_arguments)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	table = TABLE({"id", "required|integer"}, {"name", "string"}, {"l.*", "integer"});
	from = CRUET_FROM_QUERY;
	ck_assert_int_eq(cruet_client_get(t, "/?id=5&name=a%20b&l[]=1&l[]=2"), 200);
	ck_assert_str_eq(cruet_client_body(t), "{\"id\":5,\"name\":\"a b\",\"l\":[1,2]}");
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_str_eq(cruet_client_body(t),
			 "{\"id\":[\"The id field is required.\"]}");
	from = CRUET_FROM_ARGS;
	ck_assert_int_eq(cruet_client_get(t, "/7/x"), 200);
	ck_assert_str_eq(cruet_client_body(t), "{\"id\":7,\"name\":\"x\"}");
	from = CRUET_FROM_COOKIES;
	cruet_client_set_cookie(t, "id", "9");
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_str_eq(cruet_client_body(t), "{\"id\":9}");
	done(a, t);
}
END_TEST

/* A browser sends what it was given, in any bytes. */
START_TEST(bytes_that_are_no_characters_are_replaced)
{
	static const struct {
		const char *sent, *seen;
	} cases[] = {
		{"\xc3\xbc\xe4\xbd\xa0\xf0\x9f\x98\x80",
		 "\xc3\xbc\xe4\xbd\xa0\xf0\x9f\x98\x80"},
		{"\xef\xbf\xbd\xee\x80\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf",
		 "\xef\xbf\xbd\xee\x80\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf"},
		{"a\xff"
		 "b",
		 "a\xef\xbf\xbd"
		 "b"},
		{"\xc3", "\xef\xbf\xbd"},
		{"\xe4\xbd", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xe0\x80\x80x", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx"},
		{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf0\x80\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\x80", "\xef\xbf\xbd"},
	};
	cruet_app *a;
	cruet_client *t = site(&a);

	table = TABLE({"v", "look"});
	from = CRUET_FROM_COOKIES;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char cookie[64], want[64];
		snprintf(cookie, sizeof cookie, "v=%s", cases[i].sent);
		snprintf(want, sizeof want, "{\"v\":\"%s\"}", cases[i].seen);
		cruet_client_set_header(t, "Cookie", cookie);
		ck_assert_int_eq(cruet_client_get(t, "/"), 200);
		ck_assert_msg(!strcmp(seen, want), "%zu: %s", i, seen);
	}
	done(a, t);
}
END_TEST

START_TEST(json_bodies_are_read_strictly)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	table = TABLE({"a", "integer"});
	from = CRUET_FROM_JSON;
	ck_assert_int_eq(cruet_client_json(t, "POST", "/", "{\"a\": \"5\"}"), 200);
	ck_assert_str_eq(cruet_client_body(t), "{\"a\":5}");
	ck_assert_int_eq(cruet_client_json(t, "POST", "/", "{\"a\": 5,}"), 400);
	ck_assert_int_eq(
		cruet_client_post(t, "/", "application/x-www-form-urlencoded", "a=5"),
		415);
	ck_assert_int_eq(
		cruet_client_post(t, "/", "application/vnd.x+json", "{\"a\": 6}"), 200);
	done(a, t);
}
END_TEST

START_TEST(a_body_may_be_json_or_a_form)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	table = TABLE({"a", "required|integer"});
	from = CRUET_FROM_BODY;
	ck_assert_int_eq(cruet_client_json(t, "POST", "/", "{\"a\": 5}"), 200);
	ck_assert_str_eq(cruet_client_body(t), "{\"a\":5}");
	ck_assert_int_eq(
		cruet_client_post(t, "/", "application/x-www-form-urlencoded", "a=6"),
		200);
	ck_assert_str_eq(cruet_client_body(t), "{\"a\":6}");
	cruet_client_add_field(t, "a", "7");
	cruet_client_add_file(t, "f", "x.txt", "text/plain", "x", 1);
	ck_assert_int_eq(cruet_client_submit(t, "/"), 200);
	ck_assert_str_eq(cruet_client_body(t), "{\"a\":7}");
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "a=6"), 200);
	ck_assert_str_eq(cruet_client_body(t), "{\"a\":[\"The a field is required.\"]}");
	done(a, t);
}
END_TEST

START_TEST(a_form_that_cannot_be_read_fails_the_request)
{
	cruet_app *a;
	cruet_client *t = site(&a);
	size_t n = 12000;
	char *many = malloc(n * 8 + 1);

	ck_assert_ptr_nonnull(many);
	table = TABLE({"a", "integer"});
	from = CRUET_FROM_FORM;
	for (size_t i = 0; i < n; i++)
		memcpy(many + i * 8, "a1234=b&", 9);
	ck_assert_int_eq(
		cruet_client_post(t, "/", "application/x-www-form-urlencoded", many),
		413);
	free(many);
	done(a, t);
}
END_TEST

SUITE("validate_inputs", forms_are_objects,
      the_first_of_a_name_counts_unless_it_is_a_list, brackets_make_lists_and_parts,
      numbers_in_order_make_an_array, names_that_nobody_asked_for_stay_whole,
      old_values_fill_the_form_again, queries_cookies_and_arguments,
      bytes_that_are_no_characters_are_replaced, json_bodies_are_read_strictly,
      a_body_may_be_json_or_a_form, a_form_that_cannot_be_read_fails_the_request)
