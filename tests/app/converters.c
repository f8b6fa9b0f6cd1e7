/* Converters of an application. */
#include "fixture.h"

static cruet_app *app;
static cruet_client *t;
static int prepared, released;

static void setup(void)
{
	app = cruet_new("test");
	log_lines[0] = '\0';
	prepared = released = 0;
	cruet_log_to(app, keep_lines, NULL);
}
static void start(void)
{
	t = client_of(app);
}
static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* --- converters of an application ----------------------------------------------------- */

/* "a" or "b", or what is in the brackets; kept in capitals. */
static const void *letters_prepare(void *self, cruet_app *scope, const char *args)
{
	ck_assert_ptr_eq(self, &prepared);
	ck_assert_ptr_nonnull(scope);
	prepared++;
	if (strchr(args, '!')) {
		cruet_reject(scope, "letters: '!' is no letter");
		return NULL;
	}
	return strdup(*args ? args : "ab");
}
static void letters_release(void *self, const void *p)
{
	ck_assert_ptr_eq(self, &prepared);
	free((void *)p);
	released++;
}
static bool letters_parse(void *self, const void *p, cruet_ctx *c, const char *s, size_t len,
			  const char **out)
{
	ck_assert_ptr_eq(self, &prepared);
	if (len != 1 || !strchr(p, *s))
		return false;
	*out = cruet_printf(c, "%c", *s - 32);
	return true;
}
static const char *letters_format(void *self, const void *p, cruet_ctx *c, const char *value)
{
	(void)self;
	return strlen(value) == 1 && strchr(p, *value | 32) ? cruet_printf(c, "%c", *value | 32)
							    : NULL;
}
static const cruet_converter letters = {.size = sizeof letters,
					.weight = 60,
					.name = "letters",
					.prepare = letters_prepare,
					.parse = letters_parse,
					.format = letters_format,
					.self = &prepared,
					.release = letters_release};

/* Everything with an even length, slashes included. */
static bool even_parse(void *self, const void *p, cruet_ctx *c, const char *s, size_t len,
		       const char **out)
{
	(void)self, (void)p, (void)c, (void)s, (void)out;
	return len && len % 2 == 0;
}
static const cruet_converter even = {
	.size = sizeof even, .flags = 1, .weight = 200, .name = "even", .parse = even_parse};

static int says_value(cruet_ctx *c)
{
	return cruet_textf(c, "%s=%s", cruet_pattern(c), cruet_arg(c, "v"));
}
static int says_url(cruet_ctx *c)
{
	const char *url = cruet_url(c, "bp.value", "v", cruet_query(c, "v"), (char *)0);
	return cruet_text(c, url ? url : "none");
}

START_TEST(an_application_has_converters_of_its_own)
{
	setup();
	cruet_convert(app, &letters);
	cruet_convert(app, &even);
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_add(bp, "GET", "/<letters:v>", says_value, "value", CRUET_HERE);
	cruet_add(bp, "GET", "/<letters(xyz):v>", says_value, "other", CRUET_HERE);
	cruet_add(bp, "GET", "/<v>", says_value, "any", CRUET_HERE);
	cruet_add(app, "GET", "/even/<even:v>", says_value, "even", CRUET_HERE);
	cruet_get(app, "/url", says_url);
	start();
	ck_assert_int_eq(prepared, 2); /* once for each rule, before the first request */
	assert_get(t, "/bp/a", 200);
	assert_body(t, "/bp/<letters:v>=A");
	assert_get(t, "/bp/z", 200);
	assert_body(t, "/bp/<letters(xyz):v>=Z");
	assert_get(t, "/bp/q", 200);
	assert_body(t, "/bp/<v>=q");
	assert_get(t, "/even/a/bc", 200);
	assert_body(t, "/even/<even:v>=a/bc");
	assert_get(t, "/even/abc", 404);
	assert_get(t, "/url?v=B", 200);
	assert_body(t, "/bp/b");
	assert_get(t, "/url?v=Q", 500);
	assert_lines("ERROR test: [id] GET says_url: 500: cruet_url: Could not build url for "
		     "endpoint 'bp.value': converter 'letters' does not take 'Q'.\n");
	ck_assert_int_eq(released, 0);
	teardown();
	ck_assert_int_eq(released, 2);
}
END_TEST

START_TEST(a_converter_reaches_as_far_as_its_scope)
{
	setup();
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_convert(bp, &letters);
	cruet_add(app, "GET", "/<letters:v>", says_value, "value", "site.c:3");
	cruet_client *none = cruet_client_new(app);
	ck_assert_str_eq(cruet_problem(app), "site.c:3: URL rule '/<letters:v>': the converter "
					     "'letters' does not exist");
	cruet_client_free(none);
	cruet_free(app);
}
END_TEST

START_TEST(a_nearer_converter_of_that_name_is_taken)
{
	static const cruet_converter own = {
		.size = sizeof own, .weight = 50, .name = "int", .parse = even_parse};
	setup();
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_convert(bp, &own);
	cruet_add(bp, "GET", "/<int:v>", says_value, "value", CRUET_HERE);
	cruet_add(app, "GET", "/<int:v>", says_value, "value", CRUET_HERE);
	start();
	assert_get(t, "/bp/ab", 200);
	assert_get(t, "/bp/1", 404);
	assert_get(t, "/1", 200);
	assert_get(t, "/ab", 404);
	teardown();
}
END_TEST

START_TEST(a_converter_may_refuse_its_arguments)
{
	static const cruet_converter plain = {
		.size = sizeof plain, .weight = 50, .name = "plain", .parse = even_parse};
	setup();
	cruet_convert(app, &letters);
	cruet_add(app, "GET", "/<letters:v>", says_value, "fine", "site.c:2");
	cruet_add(app, "GET", "/<letters(a!):v>", says_value, "value", "site.c:3");
	cruet_client *none = cruet_client_new(app);
	ck_assert_str_eq(cruet_problem(app), "letters: '!' is no letter");
	ck_assert_int_eq(prepared, 2);
	ck_assert_int_eq(released, 1); /* what was made before is not lost */
	cruet_client_free(none);
	cruet_free(app);

	setup();
	cruet_convert(app, &plain);
	cruet_add(app, "GET", "/<plain(1):v>", says_value, "value", "site.c:3");
	none = cruet_client_new(app);
	ck_assert_str_eq(cruet_problem(app), "site.c:3: URL rule '/<plain(1):v>': converter 'plain' "
					     "takes no arguments");
	cruet_client_free(none);
	cruet_free(app);
}
END_TEST

SUITE("converters", an_application_has_converters_of_its_own,
      a_converter_reaches_as_far_as_its_scope, a_nearer_converter_of_that_name_is_taken,
      a_converter_may_refuse_its_arguments)
