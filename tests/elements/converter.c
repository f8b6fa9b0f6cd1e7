/* A plugin's converter takes the place of a built-in one; two plugins that want the same
 * place are an error. */
#include "elements.h"

/* Whole numbers as people write them in hex. */
static bool hex(void *self, const void *p, cruet_ctx *c, const char *s, size_t len,
		const char **out)
{
	(void)self, (void)p, (void)c, (void)out;
	return len && strspn(s, "0123456789abcdef") >= len;
}

static const cruet_converter own_int = {
	.size = sizeof own_int, .weight = 50, .name = "int", .parse = hex};

static int init(cruet_app *app)
{
	return cruet_convert(app, &own_int);
}

CRUET_PLUGIN(hex_one, .version = "1", .summary = "numbers in hex", .init = init);
CRUET_PLUGIN(hex_two, .version = "1", .summary = "numbers in hex too", .init = init);

static int show(cruet_ctx *c)
{
	return cruet_text(c, cruet_arg(c, "n"));
}

START_TEST(a_plugin_takes_the_place_of_a_built_in_one)
{
	cruet_app *app = new_app();

	cruet_get(app, "/<int:n>", show);
	cruet_client *t = client_of(app);
	assert_get(t, "/ff", 404);
	done(app, t);
	app = new_app();
	cruet_use_static(app, &cruet_plugin_hex_one, NULL);
	cruet_get(app, "/<int:n>", show);
	t = client_of(app);
	assert_get(t, "/ff", 200);
	assert_body(t, "ff");
	assert_get(t, "/fg", 404);
	done(app, t);
}
END_TEST

START_TEST(two_of_one_name_are_an_error)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_hex_one, NULL);
	cruet_use_static(app, &cruet_plugin_hex_two, NULL);
	assert_no_start(
		app, "both 'hex_one' and 'hex_two' have a converter 'int': give one of "
		     "them another name, or attach one to a blueprint");
	app = new_app();
	cruet_use_static(app, &cruet_plugin_hex_one, NULL);
	cruet_convert(app, &own_int);
	assert_no_start(
		app, "both 'hex_one' and 'the application' have a converter 'int': give "
		     "one of them another name, or attach one to a blueprint");
}
END_TEST

START_TEST(on_a_blueprint_there_is_room_for_the_other)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_hex_one, NULL);
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_use_static(bp, &cruet_plugin_hex_two, NULL);
	cruet_get(bp, "/<int:n>", show);
	cruet_client *t = client_of(app);
	assert_get(t, "/bp/ff", 200);
	done(app, t);
}
END_TEST

SUITE("elements_converter", a_plugin_takes_the_place_of_a_built_in_one,
      two_of_one_name_are_an_error, on_a_blueprint_there_is_room_for_the_other)
