/* Setup: what is refused, in which words, and that the first problem is the one
 * that is told. */
#include "fixture.h"

static int page(cruet_ctx *c)
{
	return cruet_text(c, "page");
}
static int other_page(cruet_ctx *c)
{
	return cruet_text(c, "other");
}
static int no_command(cruet_ctx *c, int argc, char **argv)
{
	(void)c, (void)argc, (void)argv;
	return 0;
}
static void no_end(cruet_ctx *c, int err)
{
	(void)c, (void)err;
}
static void deaf(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what, (void)arg;
}
static bool takes_all(void *self, const void *prepared, cruet_ctx *c, const char *s, size_t len,
		      const char **out)
{
	(void)self, (void)prepared, (void)c, (void)s, (void)out;
	return len > 0;
}
static const cruet_converter all_of_it = {
	.size = sizeof all_of_it, .weight = 100, .name = "all", .parse = takes_all};

static cruet_app *new_app(void)
{
	cruet_app *app = cruet_new("test");
	ck_assert_ptr_nonnull(app);
	cruet_log_to(app, quiet, NULL);
	return app;
}

#define refused(err, call, sentence)                                                     \
	do {                                                                             \
		cruet_app *app = new_app();                                              \
		ck_assert_int_eq(call, err);                                             \
		assert_refused(app, sentence);                                           \
	} while (0)

START_TEST(setup_calls_take_a_null_app)
{
	const cruet_rule rule = {.size = sizeof rule, .path = "/", .name = "page", .fn = page};

	ck_assert_ptr_null(cruet_blueprint(NULL, "bp", "/bp"));
	ck_assert_int_eq(cruet_get(NULL, "/", page), CRUET_EINVAL);
	ck_assert_int_eq(cruet_route(NULL, &rule), CRUET_EINVAL);
	ck_assert_int_eq(cruet_convert(NULL, &all_of_it), CRUET_EINVAL);
	ck_assert_int_eq(cruet_allow_origin(NULL, "https://a.example"), CRUET_EINVAL);
	ck_assert_int_eq(cruet_before(NULL, page), CRUET_EINVAL);
	ck_assert_int_eq(cruet_after(NULL, page), CRUET_EINVAL);
	ck_assert_int_eq(cruet_finish(NULL, page), CRUET_EINVAL);
	ck_assert_int_eq(cruet_teardown(NULL, no_end), CRUET_EINVAL);
	ck_assert_int_eq(cruet_on_error(NULL, 404, page), CRUET_EINVAL);
	ck_assert_int_eq(cruet_on_kind(NULL, NULL, page), CRUET_EINVAL);
	ck_assert_int_eq(cruet_listen(NULL, "app_started", deaf, NULL), CRUET_EINVAL);
	ck_assert_int_eq(cruet_command(NULL, "tidy", "", no_command), CRUET_EINVAL);
	ck_assert_int_eq(cruet_use(NULL, "session", NULL), CRUET_EINVAL);
	ck_assert_int_eq(cruet_load(NULL, "cruet.json"), CRUET_EINVAL);
	ck_assert_int_eq(cruet_set(NULL, "server.threads", "8"), CRUET_EINVAL);
	ck_assert_int_eq(cruet_need(NULL, "db/1"), CRUET_EINVAL);
	ck_assert_ptr_null(cruet_setting(NULL, "title"));
	ck_assert_ptr_null(cruet_secret(NULL));
	ck_assert_str_eq(cruet_problem(NULL), "out of memory");
	cruet_log(NULL, CRUET_ERROR, "to nobody");
	cruet_log_to(NULL, quiet, NULL);
	cruet_stop(NULL);
	cruet_free(NULL);
}
END_TEST

START_TEST(the_clock_of_no_app_is_the_machines)
{
	cruet_clock_set(NULL, 1);
	ck_assert_int_gt(cruet_now(NULL), INT64_C(1700000000000));
}
END_TEST

START_TEST(no_ctx_of_no_app)
{
	ck_assert_ptr_null(cruet_open(NULL));
	cruet_close(NULL);
	cruet_client *t = cruet_client_new(NULL);
	ck_assert_ptr_nonnull(t);
	ck_assert_int_eq(cruet_client_get(t, "/"), 0);
	ck_assert_int_eq(cruet_client_command(t, "tidy", 0, NULL), 1);
	cruet_client_free(t);
	cruet_client_free(NULL);
}
END_TEST

START_TEST(a_fresh_app_has_no_problem)
{
	cruet_app *app = new_app();
	ck_assert_ptr_null(cruet_problem(app));
	cruet_free(app);
}
END_TEST

START_TEST(the_first_problem_stands_and_setup_goes_on)
{
	cruet_app *app = new_app();
	cruet_get(app, "no_slash", page);
	cruet_before(app, NULL);
	cruet_blueprint(app, "", NULL);
	ck_assert_int_eq(cruet_get(app, "/fine", page), CRUET_OK);
	assert_refused(app, "cruet_before: the function is NULL");
}
END_TEST

START_TEST(a_problem_in_a_blueprint_is_the_applications)
{
	cruet_app *app = new_app();
	cruet_app *bp = cruet_blueprint(cruet_blueprint(app, "a", "/a"), "b", "/b");
	cruet_after(bp, NULL);
	ck_assert_str_eq(cruet_problem(bp), "cruet_after: the function is NULL");
	assert_refused(app, "cruet_after: the function is NULL");
}
END_TEST

/* --- rules ---------------------------------------------------------------------------- */

#define rule(methods, path, fn, name) cruet_add(app, methods, path, fn, name, "site.c:7")

START_TEST(a_rule_needs_path_function_and_name)
{
	refused(CRUET_EINVAL, rule("GET", NULL, page, "page"),
		"site.c:7: a rule needs a path and a function");
	refused(CRUET_EINVAL, rule("GET", "/", NULL, "page"),
		"site.c:7: a rule needs a path and a function");
	refused(CRUET_EINVAL, rule("GET", "/", page, NULL),
		"site.c:7: endpoint '': expected letters, digits, '_' and '-'");
	refused(CRUET_EINVAL, rule("GET", "/", page, "a.b"),
		"site.c:7: endpoint 'a.b': expected letters, digits, '_' and '-'");
	refused(CRUET_EINVAL, cruet_add(app, "GET", "/", page, "a b", NULL),
		"cruet_route: endpoint 'a b': expected letters, digits, '_' and '-'");
}
END_TEST

START_TEST(a_rule_says_how_large_it_is)
{
	const cruet_rule none = {.path = "/", .name = "page", .fn = page};
	refused(CRUET_EINVAL, cruet_route(app, NULL),
		"cruet_route: set .size = sizeof(cruet_rule)");
	refused(CRUET_EINVAL, cruet_route(app, &none),
		"cruet_route: set .size = sizeof(cruet_rule)");
}
END_TEST

START_TEST(a_rule_of_an_older_caller_is_taken)
{
	cruet_app *app = new_app();
	cruet_rule old = {.size = CRUET_UPTO(cruet_rule, fn), .path = "/", .name = "page",
			  .fn = page};
	memset((char *)&old + old.size, 0x5a, sizeof old - old.size);
	ck_assert_int_eq(cruet_route(app, &old), CRUET_OK);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(methods_are_words_between_commas)
{
	static const char *const bad[] = {"", " ", ",", "GET,", ",GET", "GET,,POST", "GET POST",
					  "GET;POST", "G\xc3\x84T", "GET,*", "**", "GET\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char sentence[128];
		snprintf(sentence, sizeof sentence,
			 "site.c:7: methods '%s': expected names such as GET,POST, or *", bad[i]);
		refused(CRUET_EINVAL, rule(bad[i], "/", page, "page"), sentence);
	}
}
END_TEST

START_TEST(methods_may_be_written_in_any_case_and_spaced)
{
	cruet_app *app = new_app();
	cruet_add(app, " get , Purge ", "/", page, "page", CRUET_HERE);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	ck_assert_int_eq(cruet_client_send(t, "PURGE", "/", NULL, NULL, 0), 200);
	ck_assert_int_eq(cruet_client_send(t, "PUT", "/", NULL, NULL, 0), 405);
	assert_header(t, "Allow", "GET, HEAD, OPTIONS, PURGE");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(paths_that_cannot_be_read_say_why)
{
	static const char *const malformed =
		"malformed: expected <name>, <converter:name> or <converter(arguments):name>";
	static const struct {
		const char *path, *why;
	} bad[] = {
		{"/<id", NULL},
		{"/<>", NULL},
		{"/<1st>", NULL},
		{"/<int:>", NULL},
		{"/<int(:id>", NULL},
		{"/<a b>", NULL},
		{"/<foo:id>", "the converter 'foo' does not exist"},
		{"/<id>/<id>", "the variable 'id' is used twice"},
		{"/<int(size=3):id>",
		 "converter 'int': argument 'size': expected fixed_digits, min, max or signed"},
		{"/<string(length=x):s>",
		 "converter 'string': argument 'length': expected a number of characters"},
		{"/<any():s>", "converter 'any': expected at least one word"},
		{"/<uuid(1):s>", "converter 'uuid': argument '1': expected none"},
		{"/<int(min=\"):s>", "cannot read the converter argument 'min=\"'"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char sentence[256];
		snprintf(sentence, sizeof sentence, "site.c:7: URL rule '%s': %s", bad[i].path,
			 bad[i].why ? bad[i].why : malformed);
		refused(CRUET_OK, rule("GET", bad[i].path, page, "page"), sentence);
	}
	refused(CRUET_OK, rule("GET", "x", page, "page"),
		"site.c:7: URL rule 'x' must start with a slash");
	refused(CRUET_OK, rule("GET", "", page, "page"),
		"site.c:7: URL rule '' must start with a slash");
	refused(CRUET_OK, /* without the flag it means /x */
		cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .methods = "GET",
					       .path = "//x", .fn = page, .name = "page",
					       .flags = CRUET_KEEP_SLASHES, .here = "site.c:7"}),
		"site.c:7: URL rule '//x': it may start with one slash only: what stands after two "
		"is a host");
}
END_TEST

START_TEST(two_rules_for_one_path_are_named_with_both_places)
{
	cruet_app *app = new_app();
	cruet_add(app, "GET", "/users/<int:id>", page, "show", "site.c:7");
	cruet_add(app, "POST", "/users/<int:id>", page, "change", "site.c:8");
	cruet_app *bp = cruet_blueprint(app, "users", "/users");
	cruet_add(bp, "PUT,GET", "/<int:id>", other_page, "view", "users.c:3");
	assert_refused(app, "users.c:3: URL rule '/users/<int:id>' (users.view) is there already, "
			    "from site.c:7 (show)");
}
END_TEST

START_TEST(an_endpoint_is_the_name_of_one_function)
{
	cruet_app *app = new_app();
	cruet_add(app, "GET", "/a", page, "show", "site.c:7");
	cruet_add(app, "GET", "/b", other_page, "show", "site.c:8");
	assert_refused(app, "site.c:8: the endpoint 'show' belongs to another function already, at "
			    "site.c:7: give one of them another name");
}
END_TEST

START_TEST(one_function_may_stand_at_many_paths_and_names)
{
	cruet_app *app = new_app();
	for (int i = 0; i < 40; i++) {
		char path[16];
		snprintf(path, sizeof path, "/%d", i);
		cruet_add(app, "GET", path, page, i % 2 ? "odd" : "even", CRUET_HERE);
	}
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/elsewhere/<x>",
				       .name = "elsewhere", .flags = CRUET_BUILD_ONLY});
	cruet_get(cruet_blueprint(app, "bp", "/bp"), "/", other_page);
	cruet_client *t = client_of(app);
	assert_get(t, "/39", 200);
	assert_get(t, "/elsewhere/1", 404);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* --- the other calls ------------------------------------------------------------------ */

START_TEST(functions_are_needed)
{
	refused(CRUET_EINVAL, cruet_before(app, NULL), "cruet_before: the function is NULL");
	refused(CRUET_EINVAL, cruet_after(app, NULL), "cruet_after: the function is NULL");
	refused(CRUET_EINVAL, cruet_finish(app, NULL), "cruet_finish: the function is NULL");
	refused(CRUET_EINVAL, cruet_teardown(app, NULL), "cruet_teardown: the function is NULL");
	refused(CRUET_EINVAL, cruet_on_error(app, 404, NULL),
		"cruet_on_error: the function is NULL");
	refused(CRUET_EINVAL, cruet_on_kind(app, NULL, NULL),
		"cruet_on_kind: the function is NULL");
	refused(CRUET_EINVAL, cruet_listen(app, "app_started", NULL, NULL),
		"cruet_listen: an event and a function are needed");
	refused(CRUET_EINVAL, cruet_listen(app, NULL, deaf, NULL),
		"cruet_listen: an event and a function are needed");
	refused(CRUET_EINVAL, cruet_listen(app, "", deaf, NULL),
		"cruet_listen: an event and a function are needed");
}
END_TEST

START_TEST(what_is_no_error_has_no_error_handler)
{
	static const int bad[] = {1, 200, 308, 399, 600, -1000, -15};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char sentence[128];
		snprintf(sentence, sizeof sentence,
			 "cruet_on_error: %d is no error: expected 400 to 599, 0 for all of them, "
			 "or a CRUET_E code",
			 bad[i]);
		refused(CRUET_EINVAL, cruet_on_error(app, bad[i], page), sentence);
	}
	cruet_app *app = new_app();
	ck_assert_int_eq(cruet_on_error(app, 400, page), CRUET_OK);
	ck_assert_int_eq(cruet_on_error(app, 599, page), CRUET_OK);
	ck_assert_int_eq(cruet_on_error(app, CRUET_ENOMEM, page), CRUET_OK);
	ck_assert_int_eq(cruet_on_error(app, CRUET_EAGAIN, page), CRUET_OK);
	cruet_free(app);
}
END_TEST

START_TEST(a_converter_needs_size_name_and_parse)
{
	static const char sentence[] = "cruet_convert: a converter needs size, name and parse";
	const cruet_converter no_size = {.name = "x", .parse = takes_all};
	const cruet_converter no_name = {.size = sizeof no_name, .parse = takes_all};
	const cruet_converter no_parse = {.size = sizeof no_parse, .name = "x"};
	refused(CRUET_EINVAL, cruet_convert(app, NULL), sentence);
	refused(CRUET_EINVAL, cruet_convert(app, &no_size), sentence);
	refused(CRUET_EINVAL, cruet_convert(app, &no_name), sentence);
	refused(CRUET_EINVAL, cruet_convert(app, &no_parse), sentence);
}
END_TEST

START_TEST(two_converters_of_one_scope_differ_in_name)
{
	cruet_app *app = new_app();
	cruet_convert(app, &all_of_it);
	ck_assert_int_eq(cruet_convert(cruet_blueprint(app, "bp", NULL), &all_of_it), CRUET_OK);
	ck_assert_ptr_null(cruet_problem(app));
	ck_assert_int_eq(cruet_convert(app, &all_of_it), CRUET_EEXIST);
	assert_refused(app, "cruet_convert: there is a converter 'all' already: give this one "
			    "another name");
}
END_TEST

START_TEST(a_command_has_a_plain_name_and_a_function)
{
	refused(CRUET_EINVAL, cruet_command(app, NULL, "", no_command),
		"cruet_command: '': expected a name of letters, digits, '_' and '-', and a "
		"function");
	refused(CRUET_EINVAL, cruet_command(app, "db:up", "", no_command),
		"cruet_command: 'db:up': expected a name of letters, digits, '_' and '-', and a "
		"function");
	refused(CRUET_EINVAL, cruet_command(app, "tidy", "", NULL),
		"cruet_command: 'tidy': expected a name of letters, digits, '_' and '-', and a "
		"function");
}
END_TEST

START_TEST(two_commands_differ_in_name)
{
	cruet_app *app = new_app();
	cruet_command(app, "tidy", "one", no_command);
	cruet_command(cruet_blueprint(app, "bp", NULL), "tidy", "two", no_command);
	assert_refused(app, "two commands are named 'tidy': rename one");
}
END_TEST

START_TEST(an_origin_is_a_scheme_and_a_host)
{
	static const char *const bad[] = {"", "a.example", "https://", "://a.example",
					  "https://a.example/", "https://a.example/x", "null",
					  "https://a.example?x", "https://me@a.example", "*",
					  "https://a.example, https://b.example"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char sentence[160];
		snprintf(sentence, sizeof sentence,
			 "cruet_allow_origin: '%s': expected scheme://host, such as "
			 "https://a.example",
			 bad[i]);
		refused(CRUET_EINVAL, cruet_allow_origin(app, bad[i]), sentence);
	}
	refused(CRUET_EINVAL, cruet_allow_origin(app, NULL),
		"cruet_allow_origin: '': expected scheme://host, such as https://a.example");
}
END_TEST

/* --- too late ------------------------------------------------------------------------- */

static cruet_app *late_app;
static cruet_client *late_client;

static void start_late(void)
{
	late_app = new_app();
	cruet_get(late_app, "/", page);
	late_client = client_of(late_app);
}

/* It is told, and the running app goes on as if it had not been asked. */
static void assert_too_late(const char *call)
{
	char sentence[128];
	snprintf(sentence, sizeof sentence,
		 "%s: the application has started already: register before that", call);
	ck_assert_str_eq(cruet_problem(late_app), sentence);
	assert_get(late_client, "/", 200);
	assert_get(late_client, "/late", 404);
	cruet_client_free(late_client);
	cruet_free(late_app);
}

#define too_late(call, name)                                                             \
	do {                                                                             \
		start_late();                                                            \
		ck_assert_int_eq(call, CRUET_ESTATE);                                    \
		assert_too_late(name);                                                   \
	} while (0)

START_TEST(nothing_is_registered_after_the_start)
{
	too_late(cruet_get(late_app, "/late", page), "cruet_route");
	too_late(cruet_before(late_app, page), "cruet_before");
	too_late(cruet_after(late_app, page), "cruet_after");
	too_late(cruet_finish(late_app, page), "cruet_finish");
	too_late(cruet_teardown(late_app, no_end), "cruet_teardown");
	too_late(cruet_on_error(late_app, 404, page), "cruet_on_error");
	too_late(cruet_on_kind(late_app, NULL, page), "cruet_on_kind");
	too_late(cruet_convert(late_app, &all_of_it), "cruet_convert");
	too_late(cruet_listen(late_app, "app_started", deaf, NULL), "cruet_listen");
	too_late(cruet_command(late_app, "tidy", "", no_command), "cruet_command");
	too_late(cruet_allow_origin(late_app, "https://a.example"), "cruet_allow_origin");
	start_late();
	ck_assert_ptr_null(cruet_blueprint(late_app, "late", "/late"));
	assert_too_late("blueprint 'late'");
}
END_TEST

START_TEST(a_blueprint_is_closed_with_its_application)
{
	cruet_app *app = new_app();
	cruet_app *bp = cruet_blueprint(cruet_blueprint(app, "a", "/a"), "b", "/b");
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_get(bp, "/", page), CRUET_ESTATE);
	assert_get(t, "/a/b/", 404);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(settings_are_closed_too)
{
	start_late();
	ck_assert_int_eq(cruet_set(late_app, "server.threads", "8"), CRUET_ESTATE);
	ck_assert_str_eq(cruet_problem(late_app),
			 "cruet_set: server.threads: the application has started already");
	cruet_client_free(late_client);
	cruet_free(late_app);
}
END_TEST

SUITE("setup", setup_calls_take_a_null_app, the_clock_of_no_app_is_the_machines,
      no_ctx_of_no_app, a_fresh_app_has_no_problem, the_first_problem_stands_and_setup_goes_on,
      a_problem_in_a_blueprint_is_the_applications, a_rule_needs_path_function_and_name,
      a_rule_says_how_large_it_is, a_rule_of_an_older_caller_is_taken,
      methods_are_words_between_commas, methods_may_be_written_in_any_case_and_spaced,
      paths_that_cannot_be_read_say_why, two_rules_for_one_path_are_named_with_both_places,
      an_endpoint_is_the_name_of_one_function, one_function_may_stand_at_many_paths_and_names,
      functions_are_needed, what_is_no_error_has_no_error_handler,
      a_converter_needs_size_name_and_parse, two_converters_of_one_scope_differ_in_name,
      a_command_has_a_plain_name_and_a_function, two_commands_differ_in_name,
      an_origin_is_a_scheme_and_a_host, nothing_is_registered_after_the_start,
      a_blueprint_is_closed_with_its_application, settings_are_closed_too)
