#include "fixture.h"

static int show(cruet_ctx *c)
{
	return cruet_textf(c, "show %s %s", cruet_arg(c, "id"), (const char *)cruet_data(c));
}
static int change(cruet_ctx *c)
{
	return cruet_text(c, "changed");
}
static int own_head(cruet_ctx *c)
{
	int err = cruet_set_header(c, "X-Head", "own");
	return err ? err : cruet_text(c, "");
}

static const cruet_view note = {.size = sizeof note, .get = show, .put = change};
static const cruet_view headed = {.size = sizeof headed, .get = show, .head = own_head};
static const cruet_view empty = {.size = sizeof empty};

static void route(cruet_app *app, const char *path, const char *name, const cruet_view *view)
{
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = path, .name = name,
				       .view = view, .data = (void *)"data", .here = "here:1"});
}

START_TEST(each_method_has_its_function)
{
	cruet_app *app = cruet_new("test");
	route(app, "/notes/<int:id>", "note", &note);
	cruet_client *t = client_of(app);
	assert_get(t, "/notes/7", 200);
	assert_body(t, "show 7 data");
	ck_assert_int_eq(cruet_client_send(t, "PUT", "/notes/7", NULL, NULL, 0), 200);
	assert_body(t, "changed");
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/notes/7", NULL, NULL, 0), 200);
	assert_header(t, "Content-Length", "11");
	ck_assert_int_eq(cruet_client_send(t, "DELETE", "/notes/7", NULL, NULL, 0), 405);
	assert_header(t, "Allow", "GET, HEAD, OPTIONS, PUT");
	ck_assert_int_eq(cruet_client_send(t, "OPTIONS", "/notes/7", NULL, NULL, 0), 200);
	assert_header(t, "Allow", "GET, HEAD, OPTIONS, PUT");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(head_may_have_a_function_of_its_own)
{
	cruet_app *app = cruet_new("test");
	route(app, "/notes/<int:id>", "note", &headed);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/notes/7", NULL, NULL, 0), 200);
	assert_header(t, "X-Head", "own");
	assert_get(t, "/notes/7", 200);
	assert_no_header(t, "X-Head");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(what_makes_no_view_is_a_problem_of_the_setup)
{
	static const char sentence[] = "here:1: a rule with a view has functions in it, and "
				       "neither fn nor methods of its own";
	cruet_app *app = cruet_new("test");
	route(app, "/", "none", &empty);
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
	app = cruet_new("test");
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/", .name = "both",
				       .view = &note, .fn = show, .here = "here:1"});
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
	app = cruet_new("test");
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/", .name = "both",
				       .view = &note, .methods = "GET", .here = "here:1"});
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
}
END_TEST

SUITE("views", each_method_has_its_function, head_may_have_a_function_of_its_own,
      what_makes_no_view_is_a_problem_of_the_setup)
