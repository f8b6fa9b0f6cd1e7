/* Up the ladder and down again: what succeeded is undone once, in reverse, and what
 * failed says who, which step and why. */
#include "host.h"

#define TWO(b) "{\"plugins\": {\"a\": {\"plugin\": \"tracer\"}, \"b\": {\"plugin\": \"tracer\"" b "}}}"

START_TEST(steps_go_up_and_down)
{
	put("tracer");
	cruet_app *app = app_from(TWO(""));
	assert_trace("a: configure\na: init\nb: configure\nb: init\n");
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	assert_trace("a: configure\na: init\nb: configure\nb: init\na: start\nb: start\n");
	cruet_client_free(t);
	cruet_free(app);
	assert_trace("a: configure\na: init\nb: configure\nb: init\na: start\nb: start\n"
		     "b: stop\na: stop\nb: fini\na: fini\n");
}
END_TEST

START_TEST(without_a_start_there_is_no_stop)
{
	put("tracer");
	cruet_free(app_from(TWO("")));
	assert_trace("a: configure\na: init\nb: configure\nb: init\nb: fini\na: fini\n");
}
END_TEST

/* b fails at a step; by then what was attached is gone again. */
static void assert_fails(const char *options, const char *problem, const char *steps)
{
	*trace = '\0';
	cruet_app *app = app_from(text(TWO("%s"), options));
	if (strstr(options, "start")) {
		cruet_client *t = cruet_client_new(app);
		ck_assert_int_eq(cruet_client_get(t, "/"), 0);
		cruet_client_free(t);
	}
	assert_problem(app, "plugin 'b': %s", problem);
	cruet_free(app);
	assert_trace(steps);
}

START_TEST(a_failing_configure_undoes_the_others)
{
	static const char steps[] = "a: configure\na: init\nb: configure\na: fini\n";

	put("tracer");
	assert_fails(", \"fail\": \"configure\"", "configure failed: input or output failed", steps);
	assert_fails(", \"fail\": \"configure\", \"say\": \"size and room do not fit\"",
		     "size and room do not fit", steps);
}
END_TEST

START_TEST(a_failing_init_undoes_the_others)
{
	static const char steps[] = "a: configure\na: init\nb: configure\nb: init\na: fini\n";

	put("tracer");
	assert_fails(", \"fail\": \"init\", \"code\": -9", "init failed: timed out", steps);
	assert_fails(", \"fail\": \"init\", \"say\": \"no\"", "no", steps);
	assert_fails(", \"fail\": \"init\", \"code\": 404",
		     "init returned 404: expected CRUET_OK or a CRUET_E code", steps);
	assert_fails(", \"fail\": \"init\", \"code\": -99",
		     "init returned -99: expected CRUET_OK or a CRUET_E code", steps);
}
END_TEST

START_TEST(a_failing_start_undoes_the_others)
{
	static const char steps[] = "a: configure\na: init\nb: configure\nb: init\n"
				    "a: start\nb: start\na: stop\nb: fini\na: fini\n";

	put("tracer");
	assert_fails(", \"fail\": \"start\"", "start failed: input or output failed", steps);
	assert_fails(", \"fail\": \"start\", \"say\": \"cannot open /dev/lp0\"",
		     "cannot open /dev/lp0", steps);
}
END_TEST

START_TEST(an_init_that_swallows_a_failure_fails)
{
	put("careless");
	cruet_app *app = app_here();
	ck_assert_int_eq(cruet_use(app, "careless", NULL), CRUET_ESTATE);
	ck_assert_ptr_nonnull(strstr(cruet_problem(app), "a rule needs a path and a function"));
	cruet_free(app);
}
END_TEST

START_TEST(registering_after_init_is_refused)
{
	put("late");
	cruet_app *app = app_here();
	cruet_use(app, "late", NULL);
	cruet_client *t = cruet_client_new(app);
	assert_problem(app, "plugin 'late': cruet_route: the application has started already: register "
			    "in init");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(attaching_after_the_start_is_refused)
{
	put("well");
	cruet_app *app = app_here();
	cruet_client *t = cruet_client_new(app);
	ck_assert_int_eq(cruet_use(app, "well", NULL), CRUET_ESTATE);
	assert_problem(app, "plugin 'well': the application has started already: attach it before");
	ck_assert(!ran("well"));
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* --- instances -------------------------------------------------------------------------- */

START_TEST(a_name_is_given_once)
{
	put("tracer");
	cruet_app *app = app_here();
	cruet_use(app, "tracer", NULL);
	ck_assert_int_eq(cruet_use(app, "tracer", NULL), CRUET_EEXIST);
	assert_problem(app, "plugin 'tracer' is attached already: give this one another name");
	cruet_free(app);
}
END_TEST

START_TEST(one_that_is_not_repeatable_is_attached_once)
{
	put("once");
	cruet_app *app = app_from("{\"plugins\": {\"once\": {}, \"again\": {\"plugin\": \"once\"}}}");
	assert_problem(app, "plugin 'again': 'once' is attached already as 'once', and may be "
			    "attached once");
	cruet_free(app);
}
END_TEST

START_TEST(an_instance_may_be_mounted_below_a_path)
{
	put("well");
	cruet_app *app = app_from("{\"plugins\": {\"well\": {\"prefix\": \"/deep\"}}}");
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	ck_assert_int_eq(cruet_client_get(t, "/deep/well"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/well"), 404);
	cruet_client_free(t);
	cruet_free(app);

	app = app_from("{\"plugins\": {\"well\": {\"prefix\": \"deep\"}}}");
	assert_problem(app, "plugin 'well': prefix \"deep\" must start with a slash");
	cruet_free(app);
}
END_TEST

START_TEST(a_deployment_may_put_another_plugin_under_a_name)
{
	put("tracer");
	cruet_app *app = app_here();
	cruet_set(app, "plugins.cache.plugin", "tracer");
	ck_assert_int_eq(cruet_use(app, "cache", NULL), CRUET_OK);
	assert_trace("cache: configure\ncache: init\n");
	cruet_free(app);
}
END_TEST

/* --- plugins that use plugins ----------------------------------------------------------- */

static int shop_init(cruet_app *app)
{
	cruet_app *admin = cruet_blueprint(app, "admin", "/admin");

	cruet_log(app, CRUET_INFO, "init");
	cruet_set(app, "plugins.inner.plugin", "tracer");
	cruet_use(app, "inner", NULL);
	cruet_use(admin, "tracer", NULL);
	return cruet_setting(app, "fail") ? CRUET_EIO : CRUET_OK;
}

static int shop_start(cruet_app *app)
{
	cruet_log(app, CRUET_INFO, "start");
	return CRUET_OK;
}

static void shop_stop(cruet_app *app)
{
	cruet_log(app, CRUET_INFO, "stop");
}

static void shop_fini(cruet_app *app)
{
	cruet_log(app, CRUET_INFO, "fini");
}

CRUET_PLUGIN(shop, .init = shop_init, .start = shop_start, .stop = shop_stop,
	     .fini = shop_fini);

#define SHOP_UP "shop: init\ninner: configure\ninner: init\ntracer: configure\ntracer: init\n"

/* What it uses starts before it and ends after it, though it lies inside. */
START_TEST(what_a_plugin_uses_outlives_it)
{
	put("tracer");
	cruet_app *app = app_here();
	cruet_use_static(app, &cruet_plugin_shop, NULL);
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);
	cruet_client_free(t);
	cruet_free(app);
	assert_trace(SHOP_UP "inner: start\ntracer: start\nshop: start\n"
			     "shop: stop\ntracer: stop\ninner: stop\n"
			     "shop: fini\ntracer: fini\ninner: fini\n");
}
END_TEST

START_TEST(what_a_failing_plugin_used_goes_with_it)
{
	put("tracer");
	cruet_app *app = app_here();
	cruet_set(app, "settings.fail", "yes");
	cruet_use_static(app, &cruet_plugin_shop, NULL);
	assert_problem(app, "plugin 'shop': init failed: input or output failed");
	assert_trace(SHOP_UP "tracer: fini\ninner: fini\n");
	cruet_free(app);
	assert_trace(SHOP_UP "tracer: fini\ninner: fini\n");
}
END_TEST

HOST_SUITE("ladder", steps_go_up_and_down, without_a_start_there_is_no_stop,
	   a_failing_configure_undoes_the_others, a_failing_init_undoes_the_others,
	   a_failing_start_undoes_the_others, an_init_that_swallows_a_failure_fails,
	   registering_after_init_is_refused, attaching_after_the_start_is_refused,
	   a_name_is_given_once, one_that_is_not_repeatable_is_attached_once,
	   an_instance_may_be_mounted_below_a_path,
	   a_deployment_may_put_another_plugin_under_a_name, what_a_plugin_uses_outlives_it,
	   what_a_failing_plugin_used_goes_with_it)
