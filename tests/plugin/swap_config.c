/* What differs from the configuration and the files as they are now, and nothing else, is
 * changed by a reload without a name. */
#include <cruet/svc/json.h>

#include "swapping.h"

static const char *const debug = "\"log_level\": \"debug\"";

static void write_config(const char *plugins, const char *more)
{
	write_text("cruet.json", text("{%s, \"plugins\": {%s}%s}", debug, plugins, more));
}

static void serve_with(const char *plugins, const char *more)
{
	serve(text("{%s, \"plugins\": {%s}%s}", debug, plugins, more));
}

static void reload_with(const char *plugins, const char *more)
{
	*trace = '\0';
	write_config(plugins, more);
	reload(NULL);
}

#define SHIFT_UP "shift: configure 1.0.0\nshift: init 1.0.0\nshift: migrate 1.0.0\nshift: start 1.0.0\n"
#define SHIFT_DOWN "shift: stop 1.0.0\nshift: fini 1.0.0\n"

START_TEST(where_nothing_differs_nothing_happens)
{
	put_as("shift", "shift_1");
	serve_with("\"shift\": {}", "");
	reload(NULL);
	reload_with("  \"shift\": { } /* the same */", "");
	put_as("shift", "shift_1");
	reload(NULL);
	assert_trace("");
	assert_page("/shift", "1.0.0");
	serve_no_more();
}
END_TEST

START_TEST(an_option_that_differs)
{
	put_as("shift", "shift_1");
	put("follow");
	put("well");
	serve_with("\"shift\": {}, \"follow\": {}, \"well\": {}", "");
	reload_with("\"shift\": {\"path\": \"/new\"}, \"follow\": {}, \"well\": {}", "");
	assert_trace("shift: configure 1.0.0\nshift: init 1.0.0\nfollow: init\n"
		     "shift: migrate 1.0.0\nshift: start 1.0.0\nfollow: start\n"
		     "follow: stop, of 1.0.0\n" SHIFT_DOWN);
	assert_page("/new", "1.0.0");
	assert_page("/shift", "404");
	serve_no_more();
}
END_TEST

START_TEST(a_file_that_differs)
{
	put_as("shift", "shift_1");
	put("well");
	serve_with("\"shift\": {}, \"well\": {}", "");
	put_as("well", "well_2");
	reload(NULL);
	assert_page("/well", "2.0.0");
	assert_trace("");
	serve_no_more();
}
END_TEST

START_TEST(plugins_come_and_go)
{
	put_as("shift", "shift_1");
	put("well");
	serve_with("\"shift\": {}", "");
	reload_with("\"well\": {\"prefix\": \"/deep\"}", "");
	assert_trace(SHIFT_DOWN);
	assert_page("/shift", "404");
	assert_page("/deep/well", "1.0.0");
	reload_with("\"well\": {\"prefix\": \"/deeper\"}, \"shift\": {}", "");
	assert_page("/deep/well", "404");
	assert_page("/deeper/well", "1.0.0");
	assert_page("/shift", "1.0.0");
	serve_no_more();
}
END_TEST

START_TEST(one_that_others_need_does_not_go)
{
	put_as("shift", "shift_1");
	put("follow");
	serve_with("\"shift\": {}, \"follow\": {}", "");
	write_config("\"follow\": {}", "");
	assert_not_reloaded(NULL, CRUET_ENOENT,
			    "plugin 'follow' needs service \"shift/1\", which no attached plugin "
			    "provides: add 'shift', which does");
	assert_trace("");
	assert_page("/follow", "1.0.0");
	reload_with("", "");
	assert_trace("follow: stop, of 1.0.0\n" SHIFT_DOWN);
	serve_no_more();
}
END_TEST

START_TEST(another_plugin_under_the_same_name)
{
	put_as("shift", "shift_1");
	put("well");
	serve_with("\"it\": {\"plugin\": \"shift\"}", "");
	reload_with("\"it\": {\"plugin\": \"well\"}", "");
	assert_page("/shift", "404");
	assert_page("/well", "1.0.0");
	assert_trace("it: stop 1.0.0\nit: fini 1.0.0\n");
	reload_with("\"it\": {\"plugin\": \"shift\"}", ""); /* nothing to take over from well */
	assert_trace("it: configure 1.0.0\nit: init 1.0.0\nit: start 1.0.0\n");
	serve_no_more();
}
END_TEST

static const char two[] = "\"one\": {\"plugin\": \"shift\", \"path\": \"/one\"}, "
			  "\"two\": {\"plugin\": \"shift\", \"path\": \"/two\"}, \"follow\": {}";

START_TEST(who_provides_a_service_may_change)
{
	put_as("shift", "shift_1");
	put("follow");
	serve_with(two, ", \"bind\": {\"shift/1\": \"one\"}");
	assert_page("/follow", "1.0.0");
	put_as("shift", "shift_2");
	reload("two");
	assert_page("/follow", "1.0.0");
	reload_with(two, ", \"bind\": {\"shift/1\": \"two\", \"other/1\": \"one\"}");
	assert_page("/follow", "2.0.0");
	/* "one" has another file as well by now */
	ck_assert_ptr_null(strstr(trace, "two: "));
	reload_with(two, ", \"bind\": {\"shift/1\": \"two\", \"other/1\": \"two\"}");
	assert_trace("");
	serve_no_more();
}
END_TEST

/* --- what code attached ------------------------------------------------------------------- */

START_TEST(what_code_attached_stays)
{
	put_as("shift", "shift_1");
	put("well");
	write_config("\"shift\": {}", "");
	app = app_here();
	cruet_load(app, at("cruet.json"));
	cruet_use(app, "well", NULL);
	t = cruet_client_new(app);
	assert_fine(app);
	reload_with("", "");
	assert_page("/well", "1.0.0");
	assert_page("/shift", "404");
	reload_with("\"well\": {\"prefix\": \"/deep\"}", "");
	assert_page("/deep/well", "1.0.0");
	reload_with("", "");
	assert_page("/well", "1.0.0");
	serve_no_more();
}
END_TEST

START_TEST(what_was_loaded_by_name_stays)
{
	put("well");
	serve_with("", "");
	ck_assert_int_eq(cruet_plugin_load(app, "well", NULL), CRUET_OK);
	reload(NULL);
	assert_page("/well", "1.0.0");
	serve_no_more();
}
END_TEST

START_TEST(options_in_code_are_kept)
{
	put_as("shift", "shift_1");
	write_config("", "");
	app = app_here();
	cruet_load(app, at("cruet.json"));
	cruet_use(app, "shift", "path=/coded");
	t = cruet_client_new(app);
	put_as("shift", "shift_2");
	reload(NULL);
	assert_page("/coded", "2.0.0");
	serve_no_more();
}
END_TEST

/* --- the environment and the application's own settings ------------------------------------- */

START_TEST(the_environment_counts_too)
{
	put_as("shift", "shift_1");
	serve_with("\"shift\": {}", "");
	write_text(".env", "CRUET_PLUGINS__SHIFT__PATH=/elsewhere\n");
	reload(NULL);
	assert_page("/elsewhere", "1.0.0");
	serve_no_more();
}
END_TEST

static int colour(cruet_ctx *c)
{
	const char *now = cruet_setting(cruet_scope(c), "colour");
	return cruet_textf(c, "%s of %s", now, (const char *)cruet_data(c));
}

static int application_init(cruet_app *a)
{
	return cruet_route(a, &(cruet_rule){.size = sizeof(cruet_rule),
					    .path = "/colour",
					    .name = "colour",
					    .fn = colour,
					    .data = (void *)cruet_setting(a, "colour")});
}

static const cruet_plugin application = {.size = sizeof(cruet_plugin),
					 .abi = CRUET_PLUGIN_ABI,
					 .option_size = sizeof(cruet_option),
					 .core = cruet_core_id,
					 .name = "app",
					 .init = application_init};

START_TEST(settings_of_the_application)
{
	write_config("", ", \"settings\": {\"colour\": \"red\"}");
	app = app_here();
	cruet_load(app, at("cruet.json"));
	cruet_use_static(app, &application, NULL);
	t = cruet_client_new(app);
	assert_page("/colour", "red of red");
	reload_with("", ", \"settings\": {\"colour\": \"blue\"}");
	assert_page("/colour", "blue of blue");
	serve_no_more();
}
END_TEST

START_TEST(settings_of_the_server)
{
	put_as("shift", "shift_1");
	serve_with("\"shift\": {}", "");
	reload_with("\"shift\": {}", ",\n\"server\": {\"threads\": 7, \"drain\": \"1s\"},\n"
				     "\"secret_key\": \"0123456789abcdef\"");
	assert_trace("test: cruet.json:3:15: secret_key differs from what the application was started "
		     "with: that takes a new start\n"
		     "test: cruet.json:2:23: server.threads differs from what the application was "
		     "started with: that takes a new start\n"
		     "test: cruet.json:2:35: server.drain differs from what the application was "
		     "started with: that takes a new start\n");
	reload_with("\"shift\": {}", "");
	assert_trace("");

	write_text("cruet.json", "{\"log_level\": \"warn\", \"plugins\": {}}");
	reload(NULL);
	assert_page("/shift", "404");
	assert_trace("");
	serve_no_more();
}
END_TEST

/* --- what the configuration binds ------------------------------------------------------ */

static int write_first(void *self, cruet_ctx *c, const cruet_json *j, const char **p, size_t *len)
{
	(void)self, (void)c, (void)j;
	*p = "1";
	*len = 1;
	return CRUET_OK;
}

static int write_second(void *self, cruet_ctx *c, const cruet_json *j, const char **p, size_t *len)
{
	(void)self, (void)c, (void)j;
	*p = "2";
	*len = 1;
	return CRUET_OK;
}

static const cruet_json_writer first_table = {.size = sizeof first_table, .write = write_first};
static const cruet_json_writer second_table = {.size = sizeof second_table,
					       .write = write_second};

static int first_init(cruet_app *a)
{
	return cruet_provide(a, CRUET_JSON, &first_table, NULL);
}

static int second_init(cruet_app *a)
{
	return cruet_provide(a, CRUET_JSON, &second_table, NULL);
}

static const char *const writers[] = {CRUET_JSON, NULL};
CRUET_PLUGIN(first, .provides = writers, .init = first_init);
CRUET_PLUGIN(second, .provides = writers, .init = second_init);

static int object(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_object(c));
}

/* Nobody is bound to it: the core looks it up for each generation. */
START_TEST(a_binding_alone_may_change)
{
	write_text("cruet.json", "{\"bind\": {\"json/1\": \"first\"}}");
	app = app_here();
	ck_assert_int_eq(cruet_load(app, at("cruet.json")), CRUET_OK);
	cruet_use_static(app, &cruet_plugin_first, NULL);
	cruet_use_static(app, &cruet_plugin_second, NULL);
	cruet_get(app, "/object", object);
	t = cruet_client_new(app);
	assert_page("/object", "1");
	write_text("cruet.json", "{\"bind\": {\"json/1\": \"second\"}}");
	reload(NULL);
	assert_page("/object", "2");
	write_text("cruet.json", "{}");
	assert_not_reloaded(NULL, CRUET_EINVAL,
			    "both 'first' and 'second' provide service \"json/1\", of which there is "
			    "one: choose with \"bind\": {\"json/1\": \"first\"}");
	assert_page("/object", "2");
	serve_no_more();
}
END_TEST

HOST_SUITE("swap_config", where_nothing_differs_nothing_happens, an_option_that_differs,
	   a_file_that_differs, plugins_come_and_go, one_that_others_need_does_not_go,
	   another_plugin_under_the_same_name, who_provides_a_service_may_change,
	   what_code_attached_stays, what_was_loaded_by_name_stays, options_in_code_are_kept,
	   the_environment_counts_too, settings_of_the_application, settings_of_the_server,
	   a_binding_alone_may_change)
