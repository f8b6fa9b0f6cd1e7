/* Plugins whose code is not to run. */
#include "plugin/closing.h"

#include <string.h>

#include "cruet.h"
#include "cruet/log.h"
#include "cruet/testing.h"
#include "suite.h"

static int calls; /* of code that is not to run */
static int starts;
static bool start_fails;

struct thing { /* a service */
	uint32_t size;
	int (*use)(void *self);
};

static int use(void *self)
{
	(void)self;
	return ++calls;
}

static const struct thing thing = {sizeof thing, use};
static const char *const things[] = {"thing/1", NULL};

static int page(cruet_ctx *c)
{
	calls++;
	return cruet_text(c, "page");
}

static int hook(cruet_ctx *c)
{
	(void)c;
	calls++;
	return CRUET_OK;
}

static void end(cruet_ctx *c, int err)
{
	(void)c, (void)err;
	calls++;
}

static void heard(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what, (void)arg;
	calls++;
}

static int start(cruet_app *app)
{
	(void)app;
	starts++;
	return start_fails ? CRUET_EIO : CRUET_OK;
}

static void stop(cruet_app *app)
{
	(void)app;
	starts--;
}

static int init_routes(cruet_app *app)
{
	cruet_get(app, "/page", page);
	return CRUET_OK;
}

static int init_guard(cruet_app *app)
{
	cruet_before(app, hook);
	return CRUET_OK;
}

static int init_after(cruet_app *app)
{
	cruet_after(app, hook);
	return CRUET_OK;
}

/* What only listens. */
static int init_ears(cruet_app *app)
{
	cruet_teardown(app, end);
	cruet_listen(app, "request_finished", heard, NULL);
	cruet_on_error(app, 404, page);
	return CRUET_OK;
}

static int init_provider(cruet_app *app)
{
	return cruet_provide(app, "thing/1", &thing, NULL);
}

static int init_user(cruet_app *app)
{
	cruet_service s;

	cruet_get(app, "/user", page);
	return cruet_bind(app, "thing/1", NULL, sizeof thing, &s);
}

CRUET_PLUGIN(routes, .init = init_routes, .start = start, .stop = stop);
CRUET_PLUGIN(guard, .init = init_guard);
CRUET_PLUGIN(after, .init = init_after);
CRUET_PLUGIN(ears, .init = init_ears);
CRUET_PLUGIN(provider, .provides = things, .init = init_provider, .start = start, .stop = stop);
CRUET_PLUGIN(user, .needs = things, .init = init_user, .start = start, .stop = stop);

static int front(cruet_ctx *c)
{
	return cruet_text(c, "front");
}

static cruet_app *site(void)
{
	cruet_app *app = cruet_new("site");

	calls = starts = 0;
	start_fails = false;
	cruet_get(app, "/", front);
	return app;
}

static int get(cruet_app *app, const char *path)
{
	cruet_client *t = cruet_client_new(app);
	int status = cruet_client_get(t, path);

	ck_assert_ptr_null(cruet_problem(app));
	if (status == 503)
		ck_assert_str_eq(cruet_client_header(t, "Retry-After"), "60");
	cruet_client_free(t);
	return status;
}

START_TEST(its_routes_are_closed_and_the_rest_serves)
{
	cruet_app *app = site();
	char *why;

	cruet_use_static(app, &cruet_plugin_routes, NULL);
	ck_assert_int_eq(get(app, "/page"), 200);
	ck_assert_int_eq(closing_close(app, "routes"), CRUET_OK);
	ck_assert_int_eq(get(app, "/page"), 503);
	ck_assert_int_eq(get(app, "/"), 200);
	ck_assert_int_eq(get(app, "/missing"), 404);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(closing_open(app, "routes", &why), CRUET_OK);
	ck_assert_int_eq(get(app, "/page"), 200);
	ck_assert_int_eq(closing_open(app, "routes", &why), CRUET_ESTATE);
	ck_assert_int_eq(closing_open(app, "rutes", &why), CRUET_ENOENT);
	ck_assert_int_eq(closing_close(app, "rutes"), CRUET_ENOENT);
	cruet_free(app);
	ck_assert_int_eq(starts, 0);
}
END_TEST

/* What stands before a route may keep people out. */
START_TEST(hooks_close_what_they_stand_before)
{
	cruet_app *app = site();
	cruet_app *bp = cruet_blueprint(app, "admin", "/admin");

	cruet_get(bp, "/", front);
	cruet_use_static(bp, &cruet_plugin_guard, NULL);
	cruet_use_static(bp, &cruet_plugin_after, NULL);
	ck_assert_int_eq(closing_close(app, "guard"), CRUET_OK);
	ck_assert_int_eq(get(app, "/admin/"), 503);
	ck_assert_int_eq(get(app, "/"), 200);
	cruet_free(app);

	app = site();
	cruet_use_static(app, &cruet_plugin_after, NULL);
	ck_assert_int_eq(closing_close(app, "after"), CRUET_OK);
	ck_assert_int_eq(get(app, "/"), 503);
	ck_assert_int_eq(get(app, "/missing"), 503);
	ck_assert_int_eq(calls, 0);
	cruet_free(app);
}
END_TEST

START_TEST(what_only_listens_is_left_out)
{
	cruet_app *app = site();

	cruet_use_static(app, &cruet_plugin_ears, NULL);
	ck_assert_int_eq(get(app, "/missing"), 404);
	ck_assert_int_eq(calls, 3);
	closing_close(app, "ears");
	ck_assert_int_eq(get(app, "/missing"), 404);
	ck_assert_int_eq(get(app, "/"), 200);
	ck_assert_int_eq(calls, 3);
	cruet_free(app);
}
END_TEST

START_TEST(whoever_needs_it_is_closed_too)
{
	cruet_app *app = site();
	char *why;

	cruet_use_static(app, &cruet_plugin_provider, NULL);
	cruet_use_static(app, &cruet_plugin_user, NULL);
	closing_close(app, "provider");
	ck_assert_int_eq(get(app, "/user"), 503);
	ck_assert_int_eq(closing_open(app, "user", &why), CRUET_ESTATE);
	ck_assert_int_eq(closing_open(app, "provider", &why), CRUET_OK);
	ck_assert_int_eq(get(app, "/user"), 200);
	cruet_free(app);
}
END_TEST

START_TEST(one_that_was_closed_before_is_started_when_it_opens)
{
	cruet_app *app = site();
	char *why;

	cruet_use_static(app, &cruet_plugin_provider, NULL);
	cruet_use_static(app, &cruet_plugin_user, NULL);
	cruet_use_static(app, &cruet_plugin_routes, NULL);
	closing_close(app, "provider");
	ck_assert_int_eq(get(app, "/page"), 200);
	ck_assert_int_eq(get(app, "/user"), 503);
	ck_assert_int_eq(starts, 1);
	ck_assert_int_eq(closing_open(app, "provider", &why), CRUET_OK);
	ck_assert_int_eq(starts, 3);
	ck_assert_int_eq(get(app, "/user"), 200);
	cruet_free(app);
	ck_assert_int_eq(starts, 0);
}
END_TEST

START_TEST(one_that_does_not_start_stays_closed)
{
	cruet_app *app = site();
	char *why;

	cruet_use_static(app, &cruet_plugin_routes, NULL);
	closing_close(app, "routes");
	ck_assert_int_eq(get(app, "/"), 200);
	start_fails = true;
	ck_assert_int_eq(closing_open(app, "routes", &why), CRUET_EIO);
	ck_assert_str_eq(why, "plugin 'routes': start failed: input or output failed");
	free(why);
	ck_assert_int_eq(get(app, "/page"), 503);
	ck_assert_ptr_null(cruet_problem(app));
	start_fails = false;
	starts = 0;
	ck_assert_int_eq(closing_open(app, "routes", &why), CRUET_OK);
	ck_assert_int_eq(get(app, "/page"), 200);
	cruet_free(app);
}
END_TEST

SUITE("closing", its_routes_are_closed_and_the_rest_serves, hooks_close_what_they_stand_before,
      what_only_listens_is_left_out, whoever_needs_it_is_closed_too,
      one_that_was_closed_before_is_started_when_it_opens, one_that_does_not_start_stays_closed)
