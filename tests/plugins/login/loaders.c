/* Who a session names: loaders find the user, and whatever else they do lets nobody in. */
#include "fixture.h"

START_TEST(who_is_gone_is_nobody)
{
	assert_get(t, "/enter?id=9", 200);
	assert_who("nobody");
	ck_assert_int_eq(get_page("/guarded"), 401);
}
END_TEST

START_TEST(a_loader_that_fails_fails_the_request)
{
	assert_get(t, "/enter?id=broken", 200);
	assert_get(t, "/who", 503);
	assert_contains(t, "the users are away");
	assert_get(t, "/guarded", 503);
}
END_TEST

/* A loader that does what it is told. */
static int says, meets;
static bool finds;
static int (*replies)(cruet_ctx *c);

static int obedient(cruet_ctx *c, const char *id, void *arg, const cruet_json **user)
{
	(void)id, (void)arg;
	if (meets && !cruet_fail(c, meets, "met %d", meets))
		return CRUET_EINVAL;
	if (finds)
		*user = cruet_object(c);
	int r = replies ? replies(c) : CRUET_OK;
	return says ? says : r;
}

/* Twice: what a hook has not looked at, a handler still sees. */
static int look(cruet_ctx *c)
{
	cruet_current_user(c);
	return CRUET_OK;
}

static void with_loader(void)
{
	teardown();
	prepare();
	cruet_use_static(app, &cruet_plugin_login, CHEAP);
	cruet_before(app, look);
	add_routes(app);
	cruet_login_loader(app, obedient, NULL);
	t = client_of(app);
	says = meets = 0;
	replies = NULL;
	finds = false;
	assert_get(t, "/enter?id=7", 200);
}

static void assert_outside(int who, int area)
{
	static const char *const guarded_pages[] = {"/guarded", "/area/", "/area/page"};

	ck_assert_int_eq(cruet_client_get(t, "/who"), who);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_msg(get_page(guarded_pages[i]) == area, "%d: %d", says,
			      cruet_client_status(t));
		ck_assert_ptr_null(strstr(cruet_client_body(t), "secret"));
		ck_assert_ptr_null(strstr(cruet_client_body(t), "guarded"));
	}
}

static int to_blocked(cruet_ctx *c)
{
	return cruet_redirect(c, 0, "/blocked");
}

static int say_blocked(cruet_ctx *c)
{
	return cruet_text(c, "blocked");
}

static int ask_again(cruet_ctx *c)
{
	return cruet_current_user(c) ? CRUET_OK : cruet_err(c);
}

static int ask_and_go_on(cruet_ctx *c)
{
	cruet_current_user(c);
	return CRUET_OK;
}

START_TEST(what_a_loader_returns_lets_nobody_in_but_a_user)
{
	static const struct {
		int says, status;
	} all[] = {{CRUET_DONE, 500}, {CRUET_LATER, 500}, {3, 500},   {302, 500},
		   {399, 500},	      {600, 500},	  {400, 400}, {403, 403},
		   {599, 599},	      {CRUET_EIO, 500},	  {-99, 500}, {CRUET_EBUSY, 503}};

	with_loader();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		says = all[i].says;
		for (meets = 0; meets <= 409; meets += 409)
			for (int f = 0; f < 2; f++) {
				finds = f;
				assert_outside(all[i].status, all[i].status);
			}
	}
}
END_TEST

START_TEST(a_reply_of_a_loader_lets_nobody_in)
{
	with_loader();
	replies = to_blocked;
	assert_outside(500, 500);
	replies = say_blocked;
	assert_outside(500, 500);
	ck_assert(log_says("a loader of users returned 1: expected CRUET_OK, "
			   "CRUET_ENOENT for nobody, a status from 400 to 599 or a "
			   "CRUET_E code"));
}
END_TEST

START_TEST(what_a_loader_met_on_its_way_is_dealt_with)
{
	with_loader();
	meets = 404;
	finds = true;
	assert_get(t, "/who", 200);
	assert_body(t, "?");
	finds = false;
	says = CRUET_ENOENT;
	assert_get(t, "/who", 200);
	assert_body(t, "nobody");
	says = CRUET_OK; /* and did not look at */
	assert_outside(404, 404);
	meets = 0;
	assert_outside(200, 401);
}
END_TEST

START_TEST(a_loader_that_asks_for_the_current_user_fails)
{
	with_loader();
	finds = true;
	replies = ask_again;
	assert_outside(500, 500);
	replies = cruet_login_required;
	assert_outside(500, 500);
	replies = ask_and_go_on;
	assert_outside(500, 500);
	ck_assert(log_says("a loader of users asked for the current user, whom it is to "
			   "find"));
}
END_TEST

static int first_calls, second_calls;

static int load_nobody(cruet_ctx *c, const char *id, void *arg, const cruet_json **user)
{
	(void)c, (void)id, (void)user;
	++*(int *)arg;
	return CRUET_ENOENT;
}

START_TEST(loaders_are_asked_in_turn_and_once)
{
	teardown();
	prepare();
	cruet_use_static(app, &cruet_plugin_login, CHEAP);
	add_routes(app);
	first_calls = second_calls = 0;
	cruet_login_loader(app, load_nobody, &first_calls);
	cruet_login_loader(app, load_user, &second_calls);
	cruet_login_loader(app, load_nobody, &first_calls);
	t = client_of(app);
	assert_get(t, "/enter?id=7", 200);
	ck_assert_int_eq(second_calls, 0); /* nobody has asked */
	cruet_client_set_header(t, "Accept", PAGE);
	assert_get(t, "/guarded", 200);
	ck_assert_int_eq(first_calls, 1);
	ck_assert_int_eq(second_calls, 1);
}
END_TEST

static int bare(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_current_user(c));
}

START_TEST(without_a_loader_there_is_the_id)
{
	teardown();
	prepare();
	cruet_use_static(app, &cruet_plugin_login, CHEAP);
	add_routes(app);
	cruet_get(app, "/bare", bare);
	t = client_of(app);
	assert_get(t, "/enter?id=ann@a.example", 200);
	assert_get(t, "/bare", 200);
	assert_body(t, "{\"id\":\"ann@a.example\"}\n");
}
END_TEST

static int log_out(cruet_ctx *c)
{
	return cruet_logout_user(c);
}

static int become_another(cruet_ctx *c)
{
	return cruet_login_user(c, "8", false);
}

/* The way to be rid of the sessions of a user who is banned, or gone. */
START_TEST(a_loader_that_logs_out_lets_nobody_in)
{
	static const struct {
		int says;
		const char *page;
		int status;
	} all[] = {{CRUET_ENOENT, "/who", 200},
		   {CRUET_ENOENT, "/guarded", 401},
		   {CRUET_ENOENT, "/area/page", 401},
		   {403, "/who", 403},
		   {403, "/guarded", 403},
		   {403, "/area/page", 403}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		with_loader();
		replies = log_out;
		says = all[i].says;
		ck_assert_msg(get_page(all[i].page) == all[i].status, "%zu: %d", i,
			      cruet_client_status(t));
		ck_assert_ptr_null(strstr(cruet_client_body(t), "secret"));
		ck_assert_ptr_null(strstr(cruet_client_body(t), "guarded"));
	}
}
END_TEST

static int same_id(cruet_ctx *c, const char *id, void *arg, const cruet_json **user)
{
	(void)arg, (void)user;
	return id && !strcmp(id, "7") ? CRUET_ENOENT : cruet_fail(c, 500, "another id");
}

START_TEST(all_loaders_are_asked_for_the_same_user)
{
	teardown();
	prepare();
	cruet_use_static(app, &cruet_plugin_login, CHEAP);
	add_routes(app);
	says = CRUET_ENOENT;
	finds = false;
	replies = log_out;
	cruet_login_loader(app, obedient, NULL);
	cruet_login_loader(app, same_id, NULL);
	t = client_of(app);
	assert_get(t, "/enter?id=7", 200);
	assert_outside(200, 401);
	replies = become_another;
	assert_get(t, "/enter?id=7", 200);
	assert_get(t, "/who", 200);
	assert_body(t, "nobody");
}
END_TEST

SUITE_WITH("login_loaders", setup, teardown, who_is_gone_is_nobody,
	   a_loader_that_fails_fails_the_request,
	   what_a_loader_returns_lets_nobody_in_but_a_user,
	   a_reply_of_a_loader_lets_nobody_in,
	   what_a_loader_met_on_its_way_is_dealt_with,
	   a_loader_that_asks_for_the_current_user_fails,
	   loaders_are_asked_in_turn_and_once, without_a_loader_there_is_the_id,
	   a_loader_that_logs_out_lets_nobody_in, all_loaders_are_asked_for_the_same_user)
