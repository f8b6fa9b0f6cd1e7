/* Coming, going, and who is there in between. */
#include "fixture.h"

START_TEST(nobody_is_there_at_first)
{
	assert_who("nobody");
	ck_assert_ptr_null(cruet_client_header(t, "Set-Cookie"));
}
END_TEST

START_TEST(who_came_stays_until_leaving)
{
	assert_get(t, "/enter?id=7", 200);
	assert_who("Ann");
	assert_who("Ann");
	ck_assert_int_eq(cruet_client_post(t, "/leave", NULL, NULL), 200);
	assert_who("nobody");
	ck_assert_int_eq(cruet_client_post(t, "/leave", NULL, NULL), 200);
}
END_TEST

static int come_and_look(cruet_ctx *c)
{
	const char *before = cruet_current_user(c) ? "somebody" : "nobody";
	int err = cruet_login_user(c, "7", false);
	const char *name =
		cruet_json_str(cruet_json_get(cruet_current_user(c), "name"), "?");

	if (!err)
		err = cruet_logout_user(c);
	return err ? err
		   : cruet_textf(c, "%s, %s, %s", before, name,
				 cruet_current_user(c) ? "somebody" : "nobody");
}

START_TEST(the_same_request_knows_it)
{
	teardown();
	prepare();
	cruet_use_static(app, &cruet_plugin_login, CHEAP);
	cruet_login_loader(app, load_user, NULL);
	cruet_get(app, "/", come_and_look);
	t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "nobody, Ann, nobody");
}
END_TEST

/* --- the session
 * -------------------------------------------------------------------------- */

static int plant(cruet_ctx *c)
{
	cruet_session_set_str(c, "cart", "salt");
	return cruet_text(c, "planted");
}

static int cart(cruet_ctx *c)
{
	return cruet_text(c, cruet_session_str(c, "cart", "empty"));
}

static void with_store(void)
{
	teardown();
	app = new_app();
	cruet_set(app, "secret_key", SECRET);
	cruet_use(app, "cache", NULL);
	cruet_use(app, "session_store", "on=cache");
	cruet_use(app, "session", "store=server");
	cruet_use_static(app, &cruet_plugin_login, CHEAP);
	add_routes(app);
	cruet_login_loader(app, load_user, NULL);
	cruet_get(app, "/plant", plant);
	cruet_get(app, "/cart", cart);
	t = client_of(app);
}

/* Somebody has put a session of theirs into Ann's browser. */
START_TEST(an_id_planted_before_is_worth_nothing_after)
{
	char planted[256];

	with_store();
	assert_get(t, "/plant", 200);
	snprintf(planted, sizeof planted, "%s", cruet_client_cookie(t, "session"));
	assert_get(t, "/enter?id=7", 200);
	ck_assert_str_ne(cruet_client_cookie(t, "session"), planted);
	assert_who("Ann");
	assert_get(t, "/cart", 200);
	assert_body(t, "salt"); /* what was in it stays */
	cruet_client_set_cookie(t, "session", planted);
	assert_who("nobody");
	assert_get(t, "/cart", 200);
	assert_body(t, "empty");
}
END_TEST

START_TEST(leaving_empties_the_session_and_ends_its_id)
{
	char before[256];

	with_store();
	assert_get(t, "/enter?id=7", 200);
	assert_get(t, "/plant", 200);
	snprintf(before, sizeof before, "%s", cruet_client_cookie(t, "session"));
	ck_assert_int_eq(cruet_client_post(t, "/leave", NULL, NULL), 200);
	assert_get(t, "/cart", 200);
	assert_body(t, "empty");
	cruet_client_set_cookie(t, "session", before);
	assert_who("nobody");
}
END_TEST

START_TEST(another_user_finds_nothing_of_the_one_before)
{
	with_store();
	assert_get(t, "/enter?id=7", 200);
	assert_get(t, "/plant", 200);
	assert_get(t, "/enter?id=7", 200);
	assert_get(t, "/cart", 200);
	assert_body(t, "salt");
	assert_get(t, "/enter?id=8", 200);
	assert_who("Bob");
	assert_get(t, "/cart", 200);
	assert_body(t, "empty");
}
END_TEST

START_TEST(who_is_remembered_outlives_the_window)
{
	assert_get(t, "/enter?id=7", 200);
	ck_assert_ptr_null(strstr(values(t, "Set-Cookie"), "Expires="));
	assert_get(t, "/enter?id=7&remember=1", 200);
	ck_assert_ptr_nonnull(strstr(values(t, "Set-Cookie"), "Expires="));
	assert_who("Ann");
	assert_get(t, "/enter?id=7", 200); /* and is no longer, who does not ask for it */
	ck_assert_ptr_null(strstr(values(t, "Set-Cookie"), "Expires="));
	assert_who("Ann");
}
END_TEST

START_TEST(a_session_that_others_signed_is_nobody)
{
	static const char *const forged[] = {
		"1d.eyJfbG9naW4iOnsiaWQiOiI3In19.1795435200.qk0dzqk0dzqk0dzqk0dzqk0",
		"{\"_login\":{\"id\":\"7\"}}", "7"};

	for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
		cruet_client_set_cookie(t, "session", forged[i]);
		assert_who("nobody");
	}
}
END_TEST

START_TEST(an_id_has_bounds)
{
	char path[600];

	assert_get(t, "/enter", 500);
	assert_get(t, "/enter?id=", 500);
	memset(path, 'a', sizeof path);
	memcpy(path, "/enter?id=", 10);
	path[10 + 255] = '\0';
	assert_get(t, path, 200);
	path[10 + 255] = 'a';
	path[10 + 256] = '\0';
	assert_get(t, path, 500);
}
END_TEST

/* --- which client
 * -------------------------------------------------------------------------------- */

START_TEST(another_browser_is_not_believed)
{
	cruet_client_set_header(t, "User-Agent", "Netscape/4.0");
	assert_get(t, "/enter?id=7", 200);
	cruet_client_set_header(t, "User-Agent", "Netscape/4.0");
	assert_who("Ann");
	cruet_client_set_header(t, "User-Agent", "Mosaic/1.0");
	assert_who("nobody");
	for (int i = 0; i < 5; i++) {
		cruet_client_set_header(t, "User-Agent", "Mosaic/1.0");
		assert_who("nobody");
	}
	ck_assert(log_says("a session is not believed: another client has logged in with "
			   "it; this one comes from 127.0.0.1 (requests with such sessions, "
			   "since this was told last: 1)\n"));
	ck_assert_ptr_eq(strchr(logged, '\n') + 1, logged + strlen(logged)); /* once */
	cruet_client_set_header(t, "User-Agent", NULL);
	assert_who("nobody");
	cruet_client_set_header(t, "User-Agent", "Netscape/4.0");
	assert_who("Ann"); /* whose it is loses nothing */
}
END_TEST

static void from(const char *address)
{
	cruet_client_set_header(t, "X-Forwarded-For", address);
}

static void behind_a_proxy(const char *options)
{
	teardown();
	prepare();
	cruet_set(app, "server.proxy_for", "1");
	cruet_use_static(app, &cruet_plugin_login, options);
	add_routes(app);
	cruet_login_loader(app, load_user, NULL);
	t = client_of(app);
}

START_TEST(the_address_counts_if_it_is_asked_for)
{
	behind_a_proxy(CHEAP);
	from("192.0.2.1");
	assert_get(t, "/enter?id=7", 200);
	from("192.0.2.2");
	assert_who("Ann");
	behind_a_proxy(CHEAP "protection=strong");
	from("192.0.2.1");
	assert_get(t, "/enter?id=7", 200);
	from("192.0.2.1");
	assert_who("Ann");
	from("192.0.2.2");
	assert_who("nobody");
}
END_TEST

START_TEST(protection_can_be_off)
{
	behind_a_proxy(CHEAP "protection=off");
	assert_get(t, "/enter?id=7", 200);
	cruet_client_set_header(t, "User-Agent", "Mosaic/1.0");
	assert_who("Ann");
}
END_TEST

/* --- in templates
 * --------------------------------------------------------------------------------- */

static int user_page(cruet_ctx *c, const char *name, void *arg, cruet_value *out)
{
	(void)c, (void)arg;
	if (strcmp(name, "user.txt") != 0)
		return CRUET_ENOENT;
	*out = cruet_value_text(
		"{{ current_user.is_authenticated }} {{ current_user.name }}|"
		"{{ current_user.missing }}|{{ 'in' if current_user else 'out' }}");
	return CRUET_OK;
}

static int show_user(cruet_ctx *c)
{
	return cruet_render(c, "user.txt", NULL);
}

static int count_command(cruet_ctx *c, int argc, char **argv)
{
	(void)argc, (void)argv;
	const char *text = cruet_render_text(c, "user.txt", NULL, NULL);

	return text && !strcmp(text, "False ||out") ? 0 : 1;
}

START_TEST(templates_know_the_current_user)
{
	teardown();
	prepare();
	cruet_use(app, "jinja", NULL);
	cruet_use_static(app, &cruet_plugin_login, CHEAP);
	add_routes(app);
	cruet_login_loader(app, load_user, NULL);
	cruet_template_loader(app, user_page, NULL);
	cruet_get(app, "/page", show_user);
	cruet_command(app, "render", "renders it", count_command);
	t = client_of(app);
	assert_get(t, "/page", 200);
	assert_body(t, "False ||out");
	assert_get(t, "/enter?id=7", 200);
	assert_get(t, "/page", 200);
	assert_body(t, "True Ann||in");
	assert_get(t, "/enter?id=broken", 200);
	assert_get(t, "/page", 503);
	ck_assert_int_eq(cruet_client_command(t, "render", 0, NULL), 0);
}
END_TEST

static int show_error(cruet_ctx *c)
{
	const char *page = cruet_render_text(c, "user.txt", NULL, NULL);

	return page ? cruet_textf(c, "%d %s", cruet_err_status(c), page) : cruet_err(c);
}

/* Who is logged in sees the pages of the site also while users are out of reach. */
START_TEST(pages_of_failures_need_no_user)
{
	teardown();
	prepare();
	cruet_use(app, "jinja", NULL);
	cruet_use_static(app, &cruet_plugin_login, CHEAP);
	add_routes(app);
	cruet_login_loader(app, load_user, NULL);
	cruet_template_loader(app, user_page, NULL);
	cruet_get(app, "/page", show_user);
	cruet_on_error(app, 0, show_error);
	t = client_of(app);
	assert_get(t, "/enter?id=7", 200);
	assert_get(t, "/nowhere", 404);
	assert_body(t, "404 True Ann||in");
	assert_get(t, "/enter?id=broken", 200);
	assert_get(t, "/nowhere", 404);
	assert_body(t, "404 False ||out");
	ck_assert(log_says("503: the page of a failure shows nobody as the current user: "
			   "the users are away"));
	assert_get(t, "/page", 503);
	assert_body(t, "503 False ||out");
	assert_get(t, "/guarded", 503);
	assert_body(t, "503 False ||out");
}
END_TEST

START_TEST(a_loader_is_a_function)
{
	teardown();
	app = new_app();
	ck_assert_int_ne(cruet_login_loader(app, NULL, NULL), CRUET_OK);
	ck_assert_str_eq(cruet_problem(app), "cruet_login_loader: expected a function");
}
END_TEST

static int password_page(cruet_ctx *c)
{
	return cruet_password_hash(c, "x") ? CRUET_OK : cruet_err(c);
}

START_TEST(without_the_plugin_it_is_said)
{
	teardown();
	app = new_app();
	cruet_get(app, "/", password_page);
	cruet_add(app, "GET", "/who", who, "who", CRUET_HERE);
	cruet_add(app, "GET", "/guarded", guarded, "guarded", CRUET_HERE);
	t = client_of(app);
	assert_get(t, "/", 500);
	ck_assert(log_says("no plugin provides \"login/1\": add one to cruet.json, such "
			   "as \"login\""));
	assert_get(t, "/who", 500);
	assert_get(t, "/guarded", 500);
}
END_TEST

SUITE_WITH("login_users", setup, teardown, nobody_is_there_at_first,
	   who_came_stays_until_leaving, the_same_request_knows_it,
	   an_id_planted_before_is_worth_nothing_after,
	   leaving_empties_the_session_and_ends_its_id,
	   another_user_finds_nothing_of_the_one_before,
	   who_is_remembered_outlives_the_window, a_session_that_others_signed_is_nobody,
	   an_id_has_bounds, another_browser_is_not_believed,
	   the_address_counts_if_it_is_asked_for, protection_can_be_off,
	   templates_know_the_current_user,
	   pages_of_failures_need_no_user, a_loader_is_a_function,
	   without_the_plugin_it_is_said)
