/* What an application added to the plugin goes with it, when another takes its place while
 * it serves. */
#include <cruet/validate.h>
#include <pthread.h>

#include "../../plugin/swapping.h"

extern const cruet_plugin cruet_plugin_validate;

static void put_words(const char *version)
{
	char *bytes = malloc(FILE_CAP);
	const char *from = text("%s/tests/plugins/validate/words_%s.so", getenv("CRUET_BUILD"), version);

	write_bytes(at("words.so"), bytes, read_bytes(from, bytes));
	free(bytes);
}

static void serve_words(const char *drain)
{
	put_words("1");
	app = app_here();
	cruet_set(app, "server.drain", drain);
	cruet_use_static(app, &cruet_plugin_validate, NULL);
	cruet_use(app, "words", NULL);
	t = cruet_client_new(app);
	assert_fine(app);
}

static const char *all_of(const char *version)
{
	return text("{\"name\":[\"Who, %s?\"],\"town\":[\"The town %s field is required.\"],"
		    "\"code\":[\"code is not %s\"]}",
		    version, version, version);
}

START_TEST(an_application_brings_its_own_words)
{
	serve_words("10s");
	assert_page("/?code=x", all_of("1"));
	for (int i = 2; i < 6; i++) {
		const char *version = i % 2 ? "1" : "2";
		put_words(version);
		reload("words");
		assert_page("/?code=x", all_of(version));
		assert_page(text("/?name=a&town=b&code=%s", version), "fine");
	}
	ck_assert_uint_eq(mapped("words"), 1);
	serve_no_more();
}
END_TEST

/* Its table is known to the plugin by then, but its rule to nobody. */
START_TEST(what_left_is_not_known_any_more)
{
	static const cruet_field_rule rules[] = {
		{"name", "required"}, {"town", "required"}, {"code", "fresh"}, {NULL, NULL}};

	serve_words("10s");
	assert_page("/?code=x", all_of("1"));
	ck_assert_int_eq(cruet_plugin_unload(app, "words", NULL), CRUET_OK);
	cruet_ctx *c = cruet_open(app);
	ck_assert_ptr_null(cruet_check_json(c, cruet_object(c), 0, rules));
	ck_assert_str_eq(cruet_err_text(c),
			 "validate: field \"code\": unknown rule \"fresh\": neither the plugin nor "
			 "cruet_validate_add() has one of that name");
	cruet_close(c);
	c = cruet_open(app);
	cruet_valid *v = cruet_check_json(c, cruet_object(c), 0, (cruet_field_rule[]){
		{"name", "required"}, {NULL, NULL}});
	ck_assert_str_eq(cruet_valid_error(v, "name"), "The name field is required.");
	cruet_close(c);
	serve_no_more();
}
END_TEST

static void *reload_words(void *arg)
{
	(void)arg;
	reload("words");
	return NULL;
}

/* It stands on the generation that it began on, to its end. */
START_TEST(a_request_that_runs_keeps_its_words)
{
	static const cruet_field_rule rules[] = {
		{"name", "required"}, {"code", "fresh"}, {NULL, NULL}};
	pthread_t thread;

	serve_words("1ms");
	cruet_ctx *c = cruet_open(app);
	put_words("2");
	ck_assert_int_eq(pthread_create(&thread, NULL, reload_words, NULL), 0);
	pthread_join(thread, NULL);
	assert_page("/?code=x", all_of("2"));
	cruet_json *input = cruet_object(c);
	cruet_put_str(input, "code", "2");
	const cruet_valid *v = cruet_check_json(c, input, 0, rules);
	ck_assert_ptr_nonnull(v);
	ck_assert_str_eq(cruet_valid_error(v, "name"), "Who, 1?");
	ck_assert_str_eq(cruet_valid_error(v, "code"), "code is not 1");
	cruet_close(c);
	serve_no_more();
}
END_TEST

HOST_SUITE("validate_reload", an_application_brings_its_own_words,
	   what_left_is_not_known_any_more, a_request_that_runs_keeps_its_words)
