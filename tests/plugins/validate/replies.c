/* What a client is told: problem details, a page, a text, or what the handler says. */
#include "fixture.h"

static const cruet_field_rule person[] = {{"name", "required|string|max:8"},
					  {"age", "integer|between:0,150"},
					  {NULL, NULL}};

static int h_api(cruet_ctx *ctx)
{
	cruet_valid *v = cruet_validate(ctx, CRUET_FROM_JSON, person);

	if (!v)
		return cruet_err(ctx);
	return cruet_jsonify(ctx, cruet_valid_json(v));
}

static int h_body(cruet_ctx *ctx)
{
	cruet_valid *v = cruet_validate(ctx, CRUET_FROM_BODY, person);

	if (!v)
		return cruet_err(ctx);
	return cruet_textf(ctx, "%s is %lld", cruet_valid_str(v, "name"),
			   (long long)cruet_valid_int(v, "age", -1));
}

static int h_taken(cruet_ctx *ctx)
{
	cruet_valid *v = cruet_validate(ctx, CRUET_FROM_BODY, person);

	if (!v)
		return cruet_err(ctx);
	cruet_valid_fail(v, "name", "%s is taken.", cruet_valid_str(v, "name"));
	return cruet_valid_raise(v);
}

static int h_page(cruet_ctx *ctx)
{
	cruet_valid *v = cruet_check(ctx, CRUET_FROM_FORM, person);

	if (!v)
		return cruet_err(ctx);
	if (!cruet_invalid(v))
		return cruet_redirect(ctx, 0, "/");
	const char *error = cruet_valid_error(v, "age");
	cruet_status(ctx, 422);
	return cruet_textf(ctx, "name=%s age=%s (%s)", cruet_valid_old(v, "name"),
			   cruet_valid_old(v, "age"), error ? error : "");
}

static int teapot(cruet_ctx *ctx)
{
	cruet_status(ctx, 418);
	return cruet_textf(ctx, "%zu errors",
			   cruet_json_len(cruet_valid_errors(cruet_valid_failed(ctx))));
}

static cruet_client *site(cruet_app **a)
{
	*a = app_with(NULL);
	cruet_add(*a, "POST", "/api", h_api, "api", CRUET_HERE);
	cruet_add(*a, "POST", "/body", h_body, "body", CRUET_HERE);
	cruet_add(*a, "POST", "/taken", h_taken, "taken", CRUET_HERE);
	cruet_add(*a, "POST", "/page", h_page, "page", CRUET_HERE);
	return client_of(*a);
}

static void form(cruet_client *t, const char *path, const char *accept, const char *body)
{
	if (accept)
		cruet_client_set_header(t, "Accept", accept);
	ck_assert_int_eq(
		cruet_client_post(t, path, "application/x-www-form-urlencoded", body),
		422);
}

static void header_is(cruet_client *t, const char *name, const char *want)
{
	const char *got = cruet_client_header(t, name);

	if (!want)
		ck_assert_msg(!got, "%s: %s", name, got);
	else
		ck_assert_msg(got && !strcmp(got, want), "%s: %s", name,
			      got ? got : "none");
}

static const char problem[] =
	"{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
	"\"detail\":\"The name field is required. (and 1 more error)\","
	"\"errors\":{\"name\":[\"The name field is required.\"],"
	"\"age\":[\"The age field must be between 0 and 150.\"]}}\n";

static const char page[] =
	"<!doctype html>\n<html lang=en>\n<title>422 Unprocessable Content</title>\n"
	"<h1>Unprocessable Content</h1>\n<ul>\n<li>The name field is required.</li>\n"
	"<li>The age field must be between 0 and 150.</li>\n</ul>\n";

static const char text[] = "422 Unprocessable Content\nThe name field is required.\n"
			   "The age field must be between 0 and 150.\n";

START_TEST(who_sends_json_reads_problem_details)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	ck_assert_int_eq(cruet_client_json(t, "POST", "/api", "{\"age\": 200}"), 422);
	ck_assert_str_eq(cruet_client_body(t), problem);
	header_is(t, "Content-Type", "application/problem+json");
	header_is(t, "Vary", NULL);
	ck_assert_int_eq(cruet_client_json(t, "POST", "/body", "{\"age\": 200}"), 422);
	ck_assert_str_eq(cruet_client_body(t), problem);
	cruet_client_set_header(t, "Accept", "*/*");
	ck_assert_int_eq(cruet_client_json(t, "POST", "/api", "{\"age\": 200}"), 422);
	ck_assert_str_eq(cruet_client_body(t), problem);
	header_is(t, "Vary", NULL);
	done(a, t);
}
END_TEST

START_TEST(one_error_is_the_detail)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	ck_assert_int_eq(cruet_client_json(t, "POST", "/api",
					   "{\"name\": \"a\\\"<b>&much too long\"}"),
			 422);
	ck_assert_str_eq(
		cruet_client_body(t),
		"{\"type\":\"about:blank\",\"title\":\"Unprocessable "
		"Content\",\"status\":422,"
		"\"detail\":\"The name field must not be greater than 8 characters.\","
		"\"errors\":{\"name\":[\"The name field must not be greater than 8 "
		"characters.\"]}}\n");
	ck_assert_int_eq(
		cruet_client_json(t, "POST", "/api", "{\"name\": 5, \"age\": \"x\"}"),
		422);
	const cruet_json *j = cruet_client_body_json(t);
	ck_assert_str_eq(cruet_json_str(cruet_json_get(j, "detail"), ""),
			 "The name field must be a string. (and 1 more error)");
	ck_assert_int_eq(cruet_client_json(t, "POST", "/api", "[]"), 422);
	done(a, t);
}
END_TEST

START_TEST(who_sends_a_form_reads_a_page)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	form(t, "/body", NULL, "age=200");
	ck_assert_str_eq(cruet_client_body(t), page);
	header_is(t, "Content-Type", "text/html; charset=utf-8");
	header_is(t, "Vary", NULL);
	form(t, "/body", "*/*", "age=200");
	ck_assert_str_eq(cruet_client_body(t), page);
	header_is(t, "Vary", NULL);
	done(a, t);
}
END_TEST

START_TEST(accept_decides)
{
	static const struct {
		const char *accept, *body;
	} cases[] = {
		{"application/json", problem},
		{"application/problem+json", problem},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", page},
		{"text/html", page},
		{"text/plain", text},
		{"text/plain;q=0.5, application/json;q=0.9", problem},
		{"application/json;q=0.1, text/html", page},
		{"application/json;q=0, */*", page},
		{"application/*", problem},
		{"image/png", page},
	};
	cruet_app *a;
	cruet_client *t = site(&a);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		form(t, "/body", cases[i].accept, "age=200");
		ck_assert_msg(!strcmp(cruet_client_body(t), cases[i].body), "%s: %s",
			      cases[i].accept, cruet_client_body(t));
		header_is(t, "Vary", "Accept");
	}
	cruet_client_set_header(t, "Accept", "text/html");
	ck_assert_int_eq(cruet_client_json(t, "POST", "/api", "{\"age\": 200}"), 422);
	ck_assert_str_eq(cruet_client_body(t), page);
	done(a, t);
}
END_TEST

START_TEST(pages_are_safe_to_show)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	form(t, "/taken", NULL, "name=<b>%26\"'");
	ck_assert_str_eq(cruet_client_body(t),
			 "<!doctype html>\n<html lang=en>\n<title>422 Unprocessable "
			 "Content</title>\n"
			 "<h1>Unprocessable Content</h1>\n<ul>\n"
			 "<li>&lt;b&gt;&amp;&#34;&#39; is taken.</li>\n</ul>\n");
	form(t, "/taken", "application/json", "name=%22");
	ck_assert_str_eq(cruet_client_body(t),
			 "{\"type\":\"about:blank\",\"title\":\"Unprocessable "
			 "Content\",\"status\":422,"
			 "\"detail\":\"\\\" is taken.\",\"errors\":{\"name\":[\"\\\" is "
			 "taken.\"]}}\n");
	done(a, t);
}
END_TEST

START_TEST(what_fits_reaches_the_handler)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	ck_assert_int_eq(cruet_client_json(t, "POST", "/api",
					   "{\"name\": \"Ada\", \"age\": \"36\"}"),
			 200);
	ck_assert_str_eq(cruet_client_body(t), "{\"name\":\"Ada\",\"age\":36}\n");
	ck_assert_int_eq(cruet_client_post(t, "/body",
					   "application/x-www-form-urlencoded",
					   "name=Ada&age=+36+"),
			 200);
	ck_assert_str_eq(cruet_client_body(t), "Ada is 36");
	done(a, t);
}
END_TEST

START_TEST(a_handler_may_show_its_form_again)
{
	cruet_app *a;
	cruet_client *t = site(&a);

	form(t, "/page", NULL, "name=Ada&age=200");
	ck_assert_str_eq(cruet_client_body(t),
			 "name=Ada age=200 (The age field must be between 0 and 150.)");
	ck_assert_int_eq(cruet_client_post(t, "/page",
					   "application/x-www-form-urlencoded",
					   "name=Ada"),
			 303);
	done(a, t);
}
END_TEST

START_TEST(an_application_may_answer_by_itself)
{
	cruet_app *a = app_with(NULL);
	cruet_add(a, "POST", "/api", h_api, "api", CRUET_HERE);
	cruet_app *b = cruet_blueprint(a, "b", "/b");
	cruet_add(b, "POST", "/api", h_api, "api", CRUET_HERE);
	cruet_on_kind(b, &cruet_invalid_kind, teapot);
	cruet_client *t = client_of(a);

	ck_assert_int_eq(cruet_client_json(t, "POST", "/b/api", "{\"age\": 200}"), 418);
	ck_assert_str_eq(cruet_client_body(t), "2 errors");
	ck_assert_int_eq(cruet_client_json(t, "POST", "/api", "{\"age\": 200}"), 422);
	done(a, t);
}
END_TEST

START_TEST(the_handler_of_the_application_goes_first)
{
	cruet_app *a = app_with(NULL);
	cruet_add(a, "POST", "/api", h_api, "api", CRUET_HERE);
	cruet_on_kind(a, &cruet_invalid_kind, teapot);
	cruet_client *t = client_of(a);

	ck_assert_int_eq(cruet_client_json(t, "POST", "/api", "{}"), 418);
	ck_assert_str_eq(cruet_client_body(t), "1 errors");
	done(a, t);
}
END_TEST

START_TEST(without_the_plugin_it_is_a_500_and_a_line_in_the_log)
{
	cruet_app *a = cruet_new("test");
	logged[0] = '\0';
	cruet_log_to(a, keep_log, NULL);
	cruet_add(a, "POST", "/api", h_api, "api", CRUET_HERE);
	cruet_client *t = client_of(a);

	ck_assert_int_eq(cruet_client_json(t, "POST", "/api", "{}"), 500);
	ck_assert_msg(
		strstr(logged,
		       "no plugin provides \"validate/1\": add one to cruet.json, such "
		       "as \"validate\"") != NULL,
		"%s", logged);
	done(a, t);
}
END_TEST

static int h_bad_table(cruet_ctx *ctx)
{
	static const cruet_field_rule table[] = {{"a", "secrt_rule"}, {NULL, NULL}};
	cruet_valid *v = cruet_validate(ctx, CRUET_FROM_JSON, table);

	return v ? cruet_empty(ctx, 204) : cruet_err(ctx);
}

START_TEST(a_bad_table_is_a_500_that_shows_nothing)
{
	cruet_app *a = app_with(NULL);
	cruet_add(a, "POST", "/bad", h_bad_table, "bad", CRUET_HERE);
	cruet_client *t = client_of(a);

	ck_assert_int_eq(cruet_client_json(t, "POST", "/bad", "{}"), 500);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "secrt"));
	ck_assert_msg(
		strstr(logged, "validate: field \"a\": unknown rule \"secrt_rule\"") !=
			NULL,
		"%s", logged);
	done(a, t);
}
END_TEST

SUITE("validate_replies", who_sends_json_reads_problem_details, one_error_is_the_detail,
      who_sends_a_form_reads_a_page, accept_decides, pages_are_safe_to_show,
      what_fits_reaches_the_handler, a_handler_may_show_its_form_again,
      an_application_may_answer_by_itself, the_handler_of_the_application_goes_first,
      without_the_plugin_it_is_a_500_and_a_line_in_the_log,
      a_bad_table_is_a_500_that_shows_nothing)
