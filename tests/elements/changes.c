/* Elements come and go while the application serves, but for the clock and the log. */
#include "elements.h"

#include <cruet/manage.h>
#include <cruet/svc/json.h>

static int writes(void *self, cruet_ctx *c, const cruet_json *j, const char **p,
		  size_t *len)
{
	(void)self, (void)c, (void)j;
	*p = "1";
	*len = 1;
	return CRUET_OK;
}

static const cruet_json_writer one = {.size = sizeof one, .write = writes};

GIVER(one_writer, CRUET_JSON, &one, NULL);

static int show(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);

	cruet_put_int(o, "b", 1);
	cruet_put_int(o, "a", 2);
	return cruet_jsonify(c, o);
}

static cruet_client *start(cruet_app **app, const char *plugin,
			   const cruet_plugin *linked)
{
	char path[512];

	snprintf(path, sizeof path, "%s/samples/elements", getenv("CRUET_BUILD"));
	*app = new_app();
	cruet_set(*app, "server.plugin_path", path);
	if (plugin)
		cruet_use(*app, plugin, NULL);
	if (linked)
		cruet_use_static(*app, linked, NULL);
	cruet_get(*app, "/", show);
	return client_of(*app);
}

START_TEST(one_comes_and_goes)
{
	cruet_app *app;
	cruet_client *t = start(&app, NULL, NULL);
	char *why;

	assert_get(t, "/", 200);
	assert_body(t, "{\"b\":1,\"a\":2}\n");
	ck_assert_msg(!cruet_plugin_load(app, "sorted_json", &why), "%s", why);
	assert_get(t, "/", 200);
	assert_body(t, "{\n  \"a\": 2,\n  \"b\": 1\n}\n");
	ck_assert_msg(!cruet_plugin_reload(app, "sorted_json", &why), "%s", why);
	assert_get(t, "/", 200);
	assert_body(t, "{\n  \"a\": 2,\n  \"b\": 1\n}\n");
	ck_assert_msg(!cruet_plugin_unload(app, "sorted_json", &why), "%s", why);
	assert_get(t, "/", 200);
	assert_body(t, "{\"b\":1,\"a\":2}\n");
	done(app, t);
}
END_TEST

START_TEST(a_second_one_changes_nothing)
{
	cruet_app *app;
	cruet_client *t = start(&app, NULL, &cruet_plugin_one_writer);
	char *why;

	ck_assert_int_ne(cruet_plugin_load(app, "sorted_json", &why), CRUET_OK);
	ck_assert_str_eq(
		why, "both 'one_writer' and 'sorted_json' provide service \"json/1\", of "
		     "which there is one: choose with \"bind\": {\"json/1\": "
		     "\"one_writer\"}");
	free(why);
	assert_get(t, "/", 200);
	assert_body(t, "1");
	done(app, t);
}
END_TEST

/* Whoever asks for the time stands on no generation that would hold it. */
START_TEST(the_clock_stays_until_the_end)
{
	cruet_app *app;
	cruet_client *t = start(&app, "shifted_clock", NULL);
	char *why;

	ck_assert_int_eq(cruet_plugin_unload(app, "shifted_clock", &why), CRUET_EBUSY);
	ck_assert_str_eq(
		why,
		"plugin 'shifted_clock' cannot be taken out: the application has its "
		"clock or log from it, so this takes a new start");
	free(why);
	assert_get(t, "/", 200);
	done(app, t);
}
END_TEST

SUITE("elements_changes", one_comes_and_goes, a_second_one_changes_nothing,
      the_clock_stays_until_the_end)
