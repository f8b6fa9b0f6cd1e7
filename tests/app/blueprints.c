/* Scopes inside scopes: prefixes, names, what reaches how far, the scope
 * that a function sees. */
#include "fixture.h"

static cruet_app *app;
static cruet_client *t;
static char trace[512];

static void mark(const char *word)
{
	size_t n = strlen(trace);
	snprintf(trace + n, sizeof trace - n, "%s%s", n ? " " : "", word);
}

static int where(cruet_ctx *c)
{
	return cruet_textf(c, "%s %s", cruet_endpoint(c), cruet_pattern(c));
}

static void setup(void)
{
	app = cruet_new("test");
	trace[0] = log_lines[0] = '\0';
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

/* --- paths and names ------------------------------------------------------------------ */

START_TEST(a_prefix_and_a_path_are_joined_by_one_slash)
{
	static const struct {
		const char *prefix, *path, *url;
	} cases[] = {
		{"/bp", "/x", "/bp/x"},	  {"/bp/", "/x", "/bp/x"},   {"/bp", "x", "/bp/x"},
		{"/bp//", "//x", "/bp/x"}, {"/bp", "", "/bp"},	     {"/bp/", "", "/bp"},
		{"/bp", "/", "/bp/"},	  {"", "/x", "/x"},	     {NULL, "/x", "/x"},
		{"/<lang>", "/x", "/de/x"}, {"/a/b", "/x/", "/a/b/x/"}, {"/", "/x", "/x"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		setup();
		cruet_add(cruet_blueprint(app, "bp", cases[i].prefix), "GET", cases[i].path, where,
			  "page", CRUET_HERE);
		start();
		ck_assert_msg(cruet_client_get(t, cases[i].url) == 200, "case %zu: %d %s", i,
			      cruet_client_status(t), cruet_client_body(t));
		ck_assert_ptr_nonnull(strstr(cruet_client_body(t), "bp.page "));
		teardown();
	}
}
END_TEST

START_TEST(names_and_prefixes_of_nested_blueprints_add_up)
{
	setup();
	cruet_app *shop = cruet_blueprint(app, "shop", "/shop");
	cruet_app *cart = cruet_blueprint(shop, "cart", "/cart");
	cruet_app *item = cruet_blueprint(cart, "item", "/<int:id>");
	cruet_get(shop, "/", where);
	cruet_get(cart, "/", where);
	cruet_get(item, "/edit", where);
	start();
	assert_get(t, "/shop/", 200);
	assert_body(t, "shop.where /shop/");
	assert_get(t, "/shop/cart/", 200);
	assert_body(t, "shop.cart.where /shop/cart/");
	assert_get(t, "/shop/cart/7/edit", 200);
	assert_body(t, "shop.cart.item.where /shop/cart/<int:id>/edit");
	teardown();
}
END_TEST

static void shop_routes(cruet_app *bp)
{
	cruet_get(bp, "/", where);
}

START_TEST(one_function_may_fill_many_blueprints)
{
	setup();
	shop_routes(cruet_blueprint(app, "lamps", "/lamps"));
	shop_routes(cruet_blueprint(app, "chairs", "/chairs"));
	start();
	assert_get(t, "/lamps/", 200);
	assert_body(t, "lamps.where /lamps/");
	assert_get(t, "/chairs/", 200);
	assert_body(t, "chairs.where /chairs/");
	teardown();
}
END_TEST

static int says_defaults(cruet_ctx *c)
{
	return cruet_textf(c, "%s %s", cruet_arg(c, "lang"), cruet_arg(c, "site"));
}

START_TEST(defaults_of_a_blueprint_are_arguments_of_all_its_rules)
{
	setup();
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_defaults(bp, "lang=en&site=1");
	cruet_get(bp, "/", says_defaults);
	start();
	assert_get(t, "/bp/", 200);
	assert_body(t, "en 1");
	teardown();
}
END_TEST

static int says_user(cruet_ctx *c)
{
	return cruet_textf(c, "%s %s", cruet_arg(c, "user"), cruet_pattern(c));
}

START_TEST(a_subdomain_belongs_to_a_blueprint)
{
	setup();
	cruet_set(app, "server.name", "shop.example");
	cruet_set(app, "server.subdomains", "true");
	cruet_app *bp = cruet_blueprint(app, "bp", NULL);
	cruet_subdomain(bp, "<user>");
	cruet_get(bp, "/", says_user);
	cruet_get(app, "/", where);
	start();
	cruet_client_set_header(t, "Host", "ann.shop.example");
	assert_get(t, "/", 200);
	assert_body(t, "ann /");
	static const char *const itself[] = {"shop.example", "ann.shop.examplf", "other.example",
					     "annshop.example"};
	for (size_t i = 0; i < sizeof itself / sizeof *itself; i++) {
		cruet_client_set_header(t, "Host", itself[i]);
		assert_get(t, "/", 200);
		assert_body(t, "where /");
	}
	teardown();
}
END_TEST

/* --- what is refused ------------------------------------------------------------------ */

START_TEST(blueprints_have_plain_names)
{
	static const char *const bad[] = {"", "a.b", "a b", "a/b", "\xc3\xa4", "a\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char sentence[128];
		setup();
		ck_assert_ptr_null(cruet_blueprint(app, bad[i], NULL));
		snprintf(sentence, sizeof sentence,
			 "blueprint '%s': expected a name of letters, digits, '_' and '-'", bad[i]);
		assert_refused(app, sentence);
	}
	setup();
	ck_assert_ptr_null(cruet_blueprint(app, NULL, NULL));
	assert_refused(app, "blueprint '': expected a name of letters, digits, '_' and '-'");
}
END_TEST

static int shop_index(cruet_ctx *c)
{
	return cruet_text(c, "shop");
}

START_TEST(a_blueprints_prefix_may_leave_out_its_first_slash)
{
	setup();
	cruet_app *outer = cruet_blueprint(app, "outer", "outer/");
	cruet_get(cruet_blueprint(outer, "shop", "shop/"), "/", shop_index);
	start();
	ck_assert_int_eq(cruet_client_get(t, "/outer/shop/"), 200);
	teardown();
}
END_TEST

START_TEST(two_blueprints_beside_each_other_differ_in_name)
{
	setup();
	cruet_app *shop = cruet_blueprint(app, "shop", "/a");
	ck_assert_ptr_nonnull(cruet_blueprint(shop, "shop", "/a")); /* shop.shop */
	ck_assert_ptr_null(cruet_problem(app));
	ck_assert_ptr_null(cruet_blueprint(app, "shop", "/b"));
	assert_refused(app, "blueprint 'shop' is there already: give this one another name");
}
END_TEST

START_TEST(setup_goes_on_without_the_blueprint_that_was_refused)
{
	setup();
	cruet_app *bp = cruet_blueprint(app, "a.b", "/ab");
	cruet_get(bp, "/", where);
	cruet_before(bp, where);
	assert_refused(app, "blueprint 'a.b': expected a name of letters, digits, '_' and '-'");
}
END_TEST

START_TEST(freeing_a_blueprint_frees_nothing)
{
	setup();
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_free(bp);
	cruet_get(bp, "/", where);
	start();
	assert_get(t, "/bp/", 200);
	teardown();
}
END_TEST

/* --- what reaches how far ------------------------------------------------------------- */

#define HOOK(name)                                                                       \
	static int name(cruet_ctx *c)                                                    \
	{                                                                                \
		(void)c;                                                                 \
		mark(#name);                                                             \
		return CRUET_OK;                                                         \
	}
HOOK(on_match)
HOOK(before_app)
HOOK(before_bp)
HOOK(after_app)
HOOK(after_bp)
HOOK(finish_app)
HOOK(finish_bp)
static void end_bp(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	mark("end_bp");
}

START_TEST(what_a_blueprint_registers_stays_inside)
{
	setup();
	cruet_app *bp = cruet_blueprint(app, "bp", "/bp");
	cruet_app *side = cruet_blueprint(app, "side", "/side");
	cruet_before(bp, before_bp);
	cruet_after(bp, after_bp);
	cruet_finish(bp, finish_bp);
	cruet_teardown(bp, end_bp);
	cruet_get(bp, "/", where);
	cruet_get(side, "/", where);
	cruet_get(app, "/", where);
	start();
	assert_get(t, "/side/", 200);
	assert_get(t, "/", 200);
	assert_get(t, "/none", 404);
	ck_assert_str_eq(trace, "");
	assert_get(t, "/bp/", 200);
	ck_assert_str_eq(trace, "before_bp after_bp finish_bp end_bp");
	teardown();
}
END_TEST

START_TEST(an_application_may_be_reached_from_a_blueprint)
{
	setup();
	cruet_app *bp = cruet_blueprint(cruet_blueprint(app, "a", "/a"), "b", "/b");
	ck_assert_ptr_eq(cruet_outermost(bp), app);
	ck_assert_ptr_eq(cruet_outermost(app), app);
	ck_assert_ptr_null(cruet_outermost(NULL));
	cruet_on_match(cruet_outermost(bp), on_match);
	cruet_before(cruet_outermost(bp), before_app);
	cruet_after(cruet_outermost(bp), after_app);
	cruet_finish(cruet_outermost(bp), finish_app);
	cruet_get(app, "/", where);
	start();
	assert_get(t, "/", 200);
	ck_assert_str_eq(trace, "on_match before_app after_app finish_app");
	teardown();
}
END_TEST

/* --- the scope that runs -------------------------------------------------------------- */

static cruet_app *outer, *inner;

static const char *name_of(const cruet_app *scope)
{
	return scope == app ? "app" : scope == outer ? "outer" : scope == inner ? "inner" : "?";
}
static int in_scope(cruet_ctx *c)
{
	mark(name_of(cruet_scope(c)));
	return CRUET_OK;
}
static void end_in_scope(cruet_ctx *c, int err)
{
	(void)err;
	mark(name_of(cruet_scope(c)));
}
static int handler_in_scope(cruet_ctx *c)
{
	mark(name_of(cruet_scope(c)));
	cruet_after_this(c, in_scope);
	return 404;
}
static int error_in_scope(cruet_ctx *c)
{
	mark(name_of(cruet_scope(c)));
	return cruet_text(c, "error");
}

START_TEST(a_function_sees_the_scope_that_registered_it)
{
	setup();
	outer = cruet_blueprint(app, "outer", "/outer");
	inner = cruet_blueprint(outer, "inner", "/inner");
	cruet_on_match(inner, in_scope);
	cruet_before(app, in_scope);
	cruet_before(outer, in_scope);
	cruet_before(inner, in_scope);
	cruet_get(inner, "/", handler_in_scope);
	cruet_on_error(outer, 404, error_in_scope);
	cruet_after(app, in_scope);
	cruet_after(inner, in_scope);
	cruet_finish(outer, in_scope);
	cruet_teardown(app, end_in_scope);
	cruet_teardown(inner, end_in_scope);
	start();
	assert_get(t, "/outer/inner/", 404);
	assert_body(t, "error");
	ck_assert_str_eq(trace, "inner app outer inner inner outer inner inner app outer inner app");
	teardown();
}
END_TEST

/* --- rules ---------------------------------------------------------------------------- */

START_TEST(a_rule_may_be_loose_about_slashes)
{
	setup();
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/loose",
				       .name = "loose", .fn = where, .flags = CRUET_LOOSE_SLASH});
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/branch/",
				       .name = "branch", .fn = where, .flags = CRUET_LOOSE_SLASH});
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/kept//x",
				       .name = "kept", .fn = where, .flags = CRUET_KEEP_SLASHES});
	cruet_add(app, "GET", "/leaf", where, "leaf", CRUET_HERE);
	start();
	assert_get(t, "/loose", 200);
	assert_get(t, "/loose/", 200);
	assert_get(t, "/branch", 200);
	assert_get(t, "/branch/", 200);
	assert_get(t, "/kept//x", 200);
	assert_get(t, "/kept/x", 404);
	assert_get(t, "/leaf", 200);
	assert_get(t, "/leaf/", 404);
	assert_get(t, "/leaf//", 404);
	teardown();
}
END_TEST

START_TEST(a_rule_for_all_methods_takes_all)
{
	static const char *const methods[] = {"GET", "POST", "OPTIONS", "PURGE", "get", "TRACE"};
	setup();
	cruet_add(app, "*", "/", where, "all", CRUET_HERE);
	start();
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		ck_assert_int_eq(cruet_client_send(t, methods[i], "/", NULL, NULL, 0), 200);
		assert_body(t, "all /");
	}
	teardown();
}
END_TEST

static int says_get(cruet_ctx *c)
{
	return cruet_text(c, "get");
}
static int says_post(cruet_ctx *c)
{
	return cruet_text(c, "post");
}
static int says_put(cruet_ctx *c)
{
	return cruet_text(c, "put");
}
static int says_patch(cruet_ctx *c)
{
	return cruet_text(c, "patch");
}
static int says_delete(cruet_ctx *c)
{
	return cruet_text(c, "delete");
}

START_TEST(each_method_has_a_call_of_its_own)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	static const char *const bodies[] = {"get", "post", "put", "patch", "delete"};
	setup();
	cruet_get(app, "/x", says_get);
	cruet_post(app, "/x", says_post);
	cruet_put(app, "/x", says_put);
	cruet_patch(app, "/x", says_patch);
	cruet_del(app, "/x", says_delete);
	start();
	for (size_t i = 0; i < 5; i++) {
		ck_assert_int_eq(cruet_client_send(t, methods[i], "/x", NULL, NULL, 0), 200);
		assert_body(t, bodies[i]);
	}
	ck_assert_int_eq(cruet_client_send(t, "PURGE", "/x", NULL, NULL, 0), 405);
	assert_header(t, "Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
	teardown();
}
END_TEST

SUITE("blueprints", a_prefix_and_a_path_are_joined_by_one_slash,
      names_and_prefixes_of_nested_blueprints_add_up, one_function_may_fill_many_blueprints,
      defaults_of_a_blueprint_are_arguments_of_all_its_rules,
      a_subdomain_belongs_to_a_blueprint, blueprints_have_plain_names,
      a_blueprints_prefix_may_leave_out_its_first_slash,
      two_blueprints_beside_each_other_differ_in_name,
      setup_goes_on_without_the_blueprint_that_was_refused, freeing_a_blueprint_frees_nothing,
      what_a_blueprint_registers_stays_inside, an_application_may_be_reached_from_a_blueprint,
      a_function_sees_the_scope_that_registered_it, a_rule_may_be_loose_about_slashes,
      a_rule_for_all_methods_takes_all, each_method_has_a_call_of_its_own)
