/* What plugins have told the engine goes with them. */
#include "../../plugin/swapping.h"

#include <cruet/template.h>

static int told(cruet_ctx *c)
{
	return cruet_render(c, "told.txt", NULL);
}

static int page(cruet_ctx *c)
{
	return cruet_render(c, "page.txt", NULL);
}

static int version(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)c, (void)args, (void)n;
	*out = cruet_value_text(arg);
	return CRUET_OK;
}

static int times; /* that the application was set up: each time it tells something else */

static int init_site(cruet_app *scope)
{
	if (++times == 2)
		cruet_template_filter(scope, "second", version, (void *)"2");
	if (times == 3)
		cruet_template_global(scope, "third", cruet_value_text("3"));
	cruet_get(scope, "/told", told);
	return cruet_get(scope, "/page", page);
}

static const cruet_plugin site = {.size = sizeof site,
				  .abi = CRUET_PLUGIN_ABI,
				  .option_size = sizeof(cruet_option),
				  .core = cruet_core_id,
				  .name = "app",
				  .init = init_site};

static void put_jinja(void)
{
	char *bytes = malloc(FILE_CAP);
	size_t n = read_bytes(text("%s/plugins/jinja/jinja.so", getenv("CRUET_BUILD")), bytes);

	write_bytes(at("jinja.so"), bytes, n);
	free(bytes);
}

static void serve_pages(void)
{
	times = 0;
	put_jinja();
	put_as("tell", "tell_1");
	write_text("page.txt", "{{ 'a'|upper }}");
	app = app_from(text("{\"plugins\": {\"jinja\": {\"folder\": \"%s\"}, \"tell\": {}}}", folder));
	cruet_use_static(app, &site, NULL);
	t = cruet_client_new(app);
	assert_fine(app);
	assert_page("/told", "1.0.0 1.0.0 1.0.0 from 1.0.0");
	assert_page("/page", "A");
}

START_TEST(a_new_version_tells_anew)
{
	serve_pages();
	put_as("tell", "tell_2");
	reload("tell");
	assert_page("/told", "2.0.0 2.0.0 2.0.0 from 2.0.0");
	assert_page("/page", "A");
	ck_assert_uint_eq(mapped("tell"), 1);
	ck_assert_uint_eq(mapped("jinja"), 1);
	serve_no_more();
}
END_TEST

START_TEST(what_a_plugin_told_goes_with_it)
{
	serve_pages();
	ck_assert_int_eq(cruet_plugin_unload(app, "tell", NULL), CRUET_OK);
	assert_page("/told", "500");
	assert_page("/page", "A");
	ck_assert_uint_eq(mapped("tell"), 0);
	ck_assert_int_eq(cruet_plugin_load(app, "tell", NULL), CRUET_OK);
	assert_page("/told", "1.0.0 1.0.0 1.0.0 from 1.0.0");
	serve_no_more();
}
END_TEST

START_TEST(an_application_tells_anew)
{
	serve_pages();
	write_text("page.txt", "{{ 'second' is filter }} {{ third }}.");
	reload("app");
	assert_page("/page", "True .");
	reload("app");
	assert_page("/page", "False 3.");
	reload("jinja"); /* and with it the application, which is bound to it by now */
	assert_page("/page", "False .");
	assert_page("/told", "1.0.0 1.0.0 1.0.0 from 1.0.0");
	serve_no_more();
}
END_TEST

HOST_SUITE("jinja swap", an_application_tells_anew, a_new_version_tells_anew, what_a_plugin_told_goes_with_it)
