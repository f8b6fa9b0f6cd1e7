/* Plugins that are replaced, taken out and added while the application serves. */
#include "swapping.h"

#define DEBUG "\"log_level\": \"debug\", "

START_TEST(a_new_version_takes_the_place_of_the_old_one)
{
	put_as("shift", "shift_1");
	serve("{" DEBUG "\"plugins\": {\"shift\": {}}}");
	assert_page("/shift", "1.0.0");
	put_as("shift", "shift_2");
	assert_page("/shift", "1.0.0");
	reload("shift");
	assert_page("/shift", "2.0.0");
	ck_assert_str_eq(cruet_client_header(t, "X-After"), "2.0.0");
	assert_trace("shift: configure 2.0.0\nshift: init 2.0.0\nshift: migrate 2.0.0\n"
		     "shift: start 2.0.0\nshift: stop 1.0.0\nshift: fini 1.0.0\n");
	ck_assert_uint_eq(mapped("shift"), 1);
	ck_assert_uint_eq(copies(NULL, 0), 1);
	serve_no_more();
}
END_TEST

START_TEST(what_must_survive_is_taken_over)
{
	put_as("shift", "shift_1");
	serve("{\"plugins\": {\"shift\": {}}}");
	for (int i = 0; i < 3; i++)
		assert_page("/shift", "1.0.0");
	assert_page("/shift/served", "3");
	put_as("shift", "shift_2");
	reload("shift");
	assert_page("/shift", "2.0.0");
	assert_page("/shift/served", "4 after 1.0.0");
	reload("shift");
	assert_page("/shift/served", "4 after 2.0.0");
	serve_no_more();
}
END_TEST

START_TEST(a_plugin_is_taken_out)
{
	put_as("shift", "shift_1");
	serve("{" DEBUG "\"plugins\": {\"shift\": {}}}");
	ck_assert_int_eq(cruet_plugin_unload(app, "shift", NULL), CRUET_OK);
	assert_page("/shift", "404");
	ck_assert_ptr_null(cruet_client_header(t, "X-After"));
	assert_trace("shift: stop 1.0.0\nshift: fini 1.0.0\n");
	ck_assert_uint_eq(mapped("shift"), 0);
	ck_assert_int_eq(cruet_plugin_load(app, "shift", NULL), CRUET_OK);
	assert_page("/shift", "1.0.0");
	serve_no_more();
}
END_TEST

/* Its options are those of cruet.json, if it is named there. */
START_TEST(a_plugin_is_added)
{
	put_as("shift", "shift_1");
	put("well");
	serve("{\"plugins\": {}}");
	assert_page("/well", "404");
	ck_assert_int_eq(cruet_plugin_load(app, "well", NULL), CRUET_OK);
	assert_page("/well", "1.0.0");
	write_text("cruet.json", "{\"plugins\": {\"other\": {\"plugin\": \"shift\", "
				 "\"path\": \"/other\"}}}");
	ck_assert_int_eq(cruet_plugin_load(app, "other", NULL), CRUET_OK);
	assert_page("/other", "1.0.0");
	serve_no_more();
}
END_TEST

/* --- several --------------------------------------------------------------------------- */

START_TEST(each_instance_goes_for_itself)
{
	put_as("shift", "shift_1");
	serve("{\"plugins\": {\"one\": {\"plugin\": \"shift\", \"path\": \"/one\"}, "
	      "\"two\": {\"plugin\": \"shift\", \"path\": \"/two\", \"prefix\": \"/deep\"}}}");
	put_as("shift", "shift_2");
	reload("two");
	assert_page("/one", "1.0.0");
	assert_page("/deep/two", "2.0.0");
	ck_assert_int_eq(cruet_plugin_unload(app, "one", NULL), CRUET_OK);
	assert_page("/one", "404");
	assert_page("/deep/two", "2.0.0");
	ck_assert_int_eq(cruet_plugin_load(app, "one", NULL), CRUET_OK);
	assert_page("/one", "2.0.0");
	ck_assert_int_eq(cruet_plugin_unload(app, "two", NULL), CRUET_OK);
	assert_page("/one", "2.0.0");
	assert_page("/deep/two", "404");
	serve_no_more();
}
END_TEST

static int add_mark(cruet_ctx *c, const char *mark)
{
	const char *was = cruet_reply_header(c, "X-Marks");

	return cruet_set_header(c, "X-Marks",
				was ? cruet_printf(c, "%s, %s", was, mark) : mark);
}

static int program_mark(cruet_ctx *c)
{
	return add_mark(c, "program");
}

static int first_mark(cruet_ctx *c)
{
	return add_mark(c, "first");
}

static int second_mark(cruet_ctx *c)
{
	return add_mark(c, "second");
}

static int first_init(cruet_app *a)
{
	return cruet_after(a, first_mark);
}

static int second_init(cruet_app *a)
{
	return cruet_after(a, second_mark);
}

CRUET_PLUGIN(first, .init = first_init);
CRUET_PLUGIN(second, .init = second_init);

/* After-hooks run backwards. */
START_TEST(hooks_stay_at_their_place)
{
	put_as("shift", "shift_1");
	app = app_here();
	cruet_use_static(app, &cruet_plugin_first, NULL);
	cruet_use_static(app, &cruet_plugin_second, NULL);
	cruet_after(app, program_mark);
	cruet_use(app, "shift", NULL);
	t = cruet_client_new(app);
	for (int i = 0; i < 2; i++) {
		assert_page("/shift", "1.0.0");
		ck_assert_str_eq(cruet_client_header(t, "X-Marks"), "program, second, first");
		reload("first");
		assert_page("/shift", "1.0.0");
		ck_assert_str_eq(cruet_client_header(t, "X-Marks"), "program, second, first");
		reload("second");
		reload("shift");
	}
	serve_no_more();
}
END_TEST

START_TEST(who_is_bound_to_a_plugin_is_replaced_with_it)
{
	put_as("shift", "shift_1");
	put("follow");
	serve("{" DEBUG "\"plugins\": {\"follow\": {}, \"shift\": {}}}");
	assert_page("/follow", "1.0.0");
	put_as("shift", "shift_2");
	reload("shift");
	assert_page("/follow", "2.0.0");
	assert_trace("shift: configure 2.0.0\nshift: init 2.0.0\nfollow: init\n"
		     "shift: migrate 2.0.0\nshift: start 2.0.0\nfollow: start\n"
		     "follow: stop, of 1.0.0\nshift: stop 1.0.0\nshift: fini 1.0.0\n");
	*trace = '\0';
	reload("follow");
	assert_trace("follow: init\nfollow: start\nfollow: stop, of 2.0.0\n");
	*trace = '\0';
	serve_no_more();
	assert_trace("follow: stop, of 2.0.0\nshift: stop 2.0.0\nshift: fini 2.0.0\n");
}
END_TEST

/* --- an application and what it uses ---------------------------------------------------- */

static int version;

static int home(cruet_ctx *c)
{
	return cruet_textf(c, "home %d", version);
}

static int outer_mark(cruet_ctx *c)
{
	return cruet_set_header(c, "X-Outer", cruet_printf(c, "%d", version));
}

static void shop_routes(cruet_app *bp)
{
	cruet_get(bp, "/", home);
	cruet_after(cruet_outermost(bp), outer_mark); /* for all of the application */
	cruet_set(cruet_outermost(bp), "settings.colour", "red");
}

static int application_init(cruet_app *a)
{
	version++;
	shop_routes(cruet_blueprint(a, "shop", "/shop"));
	cruet_use(a, "shift", "path=/inside");
	return version == 3 ? CRUET_EIO : CRUET_OK;
}

static int application_migrate(cruet_app *a, const cruet_predecessor *old)
{
	int *count = cruet_state(a);

	*count = *(int *)old->state + 1;
	cruet_log(a, CRUET_INFO, "taken over %d times", *count);
	return CRUET_OK;
}

static const cruet_plugin application = {.size = sizeof(cruet_plugin),
					 .abi = CRUET_PLUGIN_ABI,
					 .option_size = sizeof(cruet_option),
					 .core = cruet_core_id,
					 .name = "app",
					 .state_size = sizeof(int),
					 .init = application_init,
					 .migrate = application_migrate};

static void serve_application(void)
{
	version = 0;
	put_as("shift", "shift_1");
	app = app_here();
	cruet_use_static(app, &application, NULL);
	t = cruet_client_new(app);
	assert_fine(app);
}

/* What lies inside is attached by the new one's init, in the place of the old ones. */
START_TEST(an_application_is_replaced_with_what_it_uses)
{
	serve_application();
	assert_page("/shop/", "home 1");
	assert_page("/inside", "1.0.0");
	put_as("shift", "shift_2");
	reload("app");
	assert_page("/shop/", "home 2");
	ck_assert_str_eq(cruet_client_header(t, "X-Outer"), "2");
	assert_page("/inside", "2.0.0");
	assert_page("/inside/served", "2 after 1.0.0");
	assert_trace("app: taken over 1 times\n");

	assert_not_reloaded("app", CRUET_EIO, "init failed: input or output failed");
	version = 4; /* the functions are those of the program */
	assert_page("/shop/", "home 4");
	assert_page("/inside", "2.0.0");
	reload("app");
	assert_page("/shop/", "home 5");
	serve_no_more();
}
END_TEST

START_TEST(what_lies_inside_is_replaced_alone)
{
	serve_application();
	assert_page("/inside", "1.0.0");
	put_as("shift", "shift_2");
	reload("shift");
	assert_page("/shop/", "home 1");
	assert_page("/inside", "2.0.0");
	assert_trace("");
	ck_assert_int_eq(cruet_plugin_unload(app, "shift", NULL), CRUET_OK);
	assert_page("/inside", "404");
	reload("app"); /* its init wants it again */
	assert_page("/inside", "2.0.0");
	serve_no_more();
}
END_TEST

/* --- what is told ------------------------------------------------------------------------- */

static void told(cruet_ctx *c, const void *what, void *arg)
{
	(void)what;
	cruet_log(cruet_scope(c), CRUET_INFO, "%s", (const char *)arg);
}

static int listener_init(cruet_app *a)
{
	cruet_listen(a, "app_started", told, (void *)"started");
	return cruet_listen(cruet_blueprint(a, "inner", "/inner"), "app_stopping", told,
			    (void *)"stopping");
}

static void listener_stop(cruet_app *a)
{
	cruet_log(a, CRUET_INFO, "stop");
}

CRUET_PLUGIN(listener, .init = listener_init, .stop = listener_stop);
CRUET_PLUGIN(other, .init = listener_init);

START_TEST(those_who_come_and_go_are_told_so)
{
	app = app_here();
	cruet_use_static(app, &cruet_plugin_listener, NULL);
	cruet_use_static(app, &cruet_plugin_other, NULL);
	t = cruet_client_new(app);
	assert_trace("listener: started\nother: started\n");
	*trace = '\0';
	reload("listener");
	assert_trace("listener: started\nlistener: stopping\nlistener: stop\n");
	*trace = '\0';
	serve_no_more();
	assert_trace("listener: stopping\nother: stopping\nlistener: stop\n");
}
END_TEST

HOST_SUITE("swap", a_new_version_takes_the_place_of_the_old_one, what_must_survive_is_taken_over,
	   a_plugin_is_taken_out, a_plugin_is_added, each_instance_goes_for_itself,
	   hooks_stay_at_their_place, who_is_bound_to_a_plugin_is_replaced_with_it,
	   an_application_is_replaced_with_what_it_uses, what_lies_inside_is_replaced_alone,
	   those_who_come_and_go_are_told_so)
