/* What plugins have told the engine goes with them. */
#include "../../plugin/swapping.h"

#include <cruet/template.h>
#include <pthread.h>
#include <semaphore.h>

static int told(cruet_ctx *c)
{
	return cruet_render(c, "told.txt", NULL);
}

static int page(cruet_ctx *c)
{
	return cruet_render(c, "page.txt", NULL);
}

/* --- a page that stands still in the middle, until a test lets it go -------------------------- */

static sem_t entered, go;

static int row(cruet_ctx *c, void *self, size_t i, cruet_value *out)
{
	(void)c, (void)self;
	if (i)
		return CRUET_ENOENT;
	sem_post(&entered);
	sem_wait(&go);
	*out = cruet_value_text("row");
	return CRUET_OK;
}

static int slow(cruet_ctx *c)
{
	static const cruet_template_type rows = {.size = sizeof rows, .name = "rows", .row = row};
	const cruet_template_object object = {&rows, NULL};
	const cruet_var vars[] = {{"rows", cruet_value_host(&object)}, {NULL, cruet_value_none()}};

	return cruet_render_stream(c, "slow.txt", vars);
}

static pthread_t slow_thread;
static char slow_page[64];

static void *get_slow(void *arg)
{
	cruet_client *own = cruet_client_new(app);

	(void)arg;
	cruet_client_get(own, "/slow");
	snprintf(slow_page, sizeof slow_page, "%s%s", cruet_client_body(own),
		 cruet_client_broken(own) ? "BROKEN" : "");
	cruet_client_free(own);
	return NULL;
}

static void begin_slow(void)
{
	sem_init(&entered, 0, 0);
	sem_init(&go, 0, 0);
	ck_assert_int_eq(pthread_create(&slow_thread, NULL, get_slow, NULL), 0);
	sem_wait(&entered);
}

static const char *end_slow(void)
{
	sem_post(&go);
	ck_assert_int_eq(pthread_join(slow_thread, NULL), 0);
	sem_destroy(&go);
	sem_destroy(&entered);
	return slow_page;
}

/* --- the site ------------------------------------------------------------------------------------ */

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
	cruet_get(scope, "/slow", slow);
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

/* The configuration, with further plugins. */
static const char *with(const char *plugins)
{
	return text("{\"server\": {\"drain\": \"20ms\"}, "
		    "\"plugins\": {\"jinja\": {\"folder\": \"%s\"}%s}}",
		    folder, plugins);
}

/* An application with jinja, some further plugins, and one that code attaches. */
static void serve_with(const char *plugins, const cruet_plugin *one)
{
	times = 0;
	put_jinja();
	put_as("tell", "tell_1");
	write_text("page.txt", "{{ 'A'|lower }}");
	write_text("slow.txt", "{% for r in rows %}{{ r }} {% endfor %}{% include 'page.txt' %}");
	app = app_from(with(plugins));
	cruet_use_static(app, &site, NULL);
	if (one)
		cruet_use_static(app, one, NULL);
	t = cruet_client_new(app);
	assert_fine(app);
}

#define TELL ", \"tell\": {}"
#define TELL_FAILS ", \"tell\": {\"fails\": true}"

static void serve_pages(void)
{
	serve_with(TELL, NULL);
	assert_page("/told", "1.0.0 1.0.0 1.0.0 from 1.0.0");
	assert_page("/page", "1.0.0");
}

static void load_tell(void)
{
	ck_assert_int_eq(cruet_plugin_load(app, "tell", NULL), CRUET_OK);
	assert_page("/page", "1.0.0");
}

static void unload_tell(void)
{
	ck_assert_int_eq(cruet_plugin_unload(app, "tell", NULL), CRUET_OK);
	assert_page("/page", "a");
}

START_TEST(a_new_version_tells_anew)
{
	serve_pages();
	put_as("tell", "tell_2");
	reload("tell");
	assert_page("/told", "2.0.0 2.0.0 2.0.0 from 2.0.0");
	assert_page("/page", "2.0.0");
	ck_assert_uint_eq(mapped("tell"), 1);
	ck_assert_uint_eq(mapped("jinja"), 1);
	serve_no_more();
}
END_TEST

START_TEST(what_a_plugin_told_goes_with_it)
{
	serve_pages();
	unload_tell();
	assert_page("/told", "500");
	ck_assert_uint_eq(mapped("tell"), 0);
	load_tell();
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

/* --- requests that take long -------------------------------------------------------------------- */

START_TEST(what_began_before_a_load_never_meets_what_came)
{
	serve_with("", NULL);
	begin_slow();
	load_tell();
	unload_tell();
	ck_assert_uint_eq(mapped("tell"), 0); /* nobody stands on it */
	ck_assert_str_eq(end_slow(), "row a");
	serve_no_more();
}
END_TEST

START_TEST(what_began_before_a_reload_never_meets_what_came)
{
	serve_with("", NULL);
	begin_slow();
	write_text("cruet.json", with(TELL));
	reload(NULL);
	assert_page("/page", "1.0.0");
	write_text("cruet.json", with(""));
	reload(NULL);
	assert_page("/page", "a");
	ck_assert_uint_eq(mapped("tell"), 0);
	ck_assert_str_eq(end_slow(), "row a");
	serve_no_more();
}
END_TEST

START_TEST(what_began_before_an_unload_goes_on_with_what_it_had)
{
	serve_with("", NULL);
	load_tell();
	begin_slow();
	unload_tell();
	ck_assert_uint_eq(mapped("tell"), 1);
	ck_assert_str_eq(end_slow(), "row 1.0.0");
	serve_no_more();
}
END_TEST

START_TEST(each_request_has_the_version_that_it_began_on)
{
	serve_with("", NULL);
	load_tell();
	begin_slow();
	put_as("tell", "tell_2");
	reload("tell");
	assert_page("/page", "2.0.0");
	ck_assert_str_eq(end_slow(), "row 1.0.0");
	serve_no_more();
}
END_TEST

/* --- what does not come --------------------------------------------------------------------------- */

static void assert_never_told(void)
{
	assert_page("/page", "a");
	assert_page("/told", "500");
	ck_assert_uint_eq(mapped("tell"), 0);
	ck_assert_uint_eq(mapped("jinja"), 1);
}

START_TEST(one_that_fails_to_start_has_told_nothing)
{
	serve_with("", NULL);
	write_text("cruet.json", with(TELL_FAILS));
	assert_refused(cruet_plugin_load(app, "tell", &why_), CRUET_EINVAL,
		       "plugin 'tell': it was asked to fail");
	assert_never_told();
	assert_not_reloaded(NULL, CRUET_EINVAL, "plugin 'tell': it was asked to fail");
	assert_never_told();
	write_text("cruet.json", with(TELL));
	load_tell();
	write_text("cruet.json", with(TELL_FAILS));
	assert_not_reloaded("tell", CRUET_EINVAL, "plugin 'tell': it was asked to fail");
	assert_page("/page", "1.0.0");
	serve_no_more();
}
END_TEST

/* --- what an init attaches ------------------------------------------------------------------------ */

static int outer_times;

static int init_outer(cruet_app *scope)
{
	return ++outer_times == 1 ? CRUET_OK : cruet_use(scope, "tell", NULL);
}

static const char *const outer_needs[] = {"template/1", NULL};

#define OUTER                                                                            \
	.size = sizeof(cruet_plugin), .abi = CRUET_PLUGIN_ABI,                           \
	.option_size = sizeof(cruet_option), .core = cruet_core_id, .name = "outer",     \
	.init = init_outer

static const cruet_plugin outer = {OUTER}, outer_that_says = {OUTER, .needs = outer_needs};

START_TEST(what_an_init_attaches_is_declared_by_whose_it_is)
{
	outer_times = 0;
	serve_with("", &outer);
	assert_not_reloaded("outer", CRUET_ESTATE,
			    "plugin 'tell': binds \"template/1\" of 'jinja', which serves already and "
			    "would have to come anew with it: add \"template/1\" to .needs of 'outer', "
			    "which attaches it");
	assert_never_told();
	serve_no_more();
}
END_TEST

START_TEST(a_new_version_may_begin_to_tell)
{
	outer_times = 0;
	serve_with("", &outer_that_says);
	begin_slow();
	reload("outer");
	assert_page("/page", "1.0.0");
	ck_assert_str_eq(end_slow(), "row a");
	serve_no_more();
}
END_TEST

HOST_SUITE("jinja swap", an_application_tells_anew, a_new_version_tells_anew,
	   what_a_plugin_told_goes_with_it, what_began_before_a_load_never_meets_what_came,
	   what_began_before_a_reload_never_meets_what_came,
	   what_began_before_an_unload_goes_on_with_what_it_had,
	   each_request_has_the_version_that_it_began_on, one_that_fails_to_start_has_told_nothing,
	   what_an_init_attaches_is_declared_by_whose_it_is, a_new_version_may_begin_to_tell)
