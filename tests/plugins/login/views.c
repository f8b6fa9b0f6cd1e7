/* Pages for those who are logged in: who is sent where, and how one comes back. */
#include "fixture.h"

#define WITH_VIEW CHEAP "view=enter\n"

static void with_view(void)
{
	begin(WITH_VIEW);
}

static const char *location(void)
{
	const char *to = cruet_client_header(t, "Location");

	return to ? to : "none";
}

START_TEST(pages_are_sent_to_the_login_view)
{
	ck_assert_int_eq(get_page("/area/"), 302);
	ck_assert_str_eq(location(), "/enter?next=/area/");
	ck_assert_int_eq(get_page("/area/a%20b?x=1&y=%2F"), 302);
	ck_assert_str_eq(location(), "/enter?next=/area/a%2520b?x%3D1%26y%3D%252F");
	ck_assert_int_eq(get_page("/guarded"), 302);
	ck_assert_str_eq(location(), "/enter?next=/guarded");
}
END_TEST

START_TEST(a_message_waits_there)
{
	ck_assert_int_eq(get_page("/area/"), 302);
	assert_get(t, "/messages", 200);
	assert_body(t,
		    "[{\"category\":\"message\",\"message\":\"Please log in to see this "
		    "page.\"}]\n");
	teardown();
	begin(WITH_VIEW "message=");
	ck_assert_int_eq(get_page("/area/"), 302);
	assert_get(t, "/messages", 200);
	assert_body(t, "[]\n");
	teardown();
	begin(WITH_VIEW "message=100% private\ncategory=error");
	ck_assert_int_eq(get_page("/area/"), 302);
	assert_get(t, "/messages", 200);
	assert_body(t, "[{\"category\":\"error\",\"message\":\"100% private\"}]\n");
}
END_TEST

START_TEST(who_is_logged_in_sees_the_page)
{
	assert_get(t, "/enter?id=7", 200);
	assert_get(t, "/area/", 200);
	assert_body(t, "secret");
	assert_get(t, "/guarded", 200);
	assert_body(t, "guarded");
	ck_assert_int_eq(cruet_client_post(t, "/area/", NULL, NULL), 200);
}
END_TEST

/* What was sent cannot be sent again from there, so there is no way back. */
START_TEST(a_form_is_sent_without_a_way_back)
{
	cruet_client_set_header(t, "Accept", PAGE);
	ck_assert_int_eq(cruet_client_post(t, "/area/",
					   "application/x-www-form-urlencoded", "a=b"),
			 303);
	ck_assert_str_eq(location(), "/enter");
}
END_TEST

START_TEST(programs_get_401)
{
	static const char *const accepts[] = {NULL,
					      "*/*",
					      "application/json",
					      "text/plain",
					      "application/json, text/html;q=0.5",
					      "image/png"};

	for (size_t i = 0; i < sizeof accepts / sizeof *accepts; i++) {
		if (accepts[i])
			cruet_client_set_header(t, "Accept", accepts[i]);
		assert_get(t, "/area/", 401);
		assert_header(t, "WWW-Authenticate", "Cookie realm=\"login\"");
		ck_assert_str_eq(location(), "none");
	}
	assert_get(t, "/messages", 200);
	assert_body(t, "[]\n");
}
END_TEST

START_TEST(without_a_view_so_do_pages)
{
	teardown();
	begin(CHEAP);
	ck_assert_int_eq(get_page("/area/"), 401);
}
END_TEST

static cruet_app *site_with(const char *options)
{
	prepare();
	cruet_use_static(app, &cruet_plugin_login, options);
	add_routes(app);
	return app;
}

/* A wrong name is told before a visitor meets it. */
static void assert_no_start(const char *options, const char *sentence)
{
	teardown();
	t = cruet_client_new(site_with(options));
	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_msg(strstr(cruet_problem(app), sentence), "%s", cruet_problem(app));
}

START_TEST(endpoints_that_are_not_there_end_the_start)
{
	assert_no_start(CHEAP "view=entre", "option view: no rule has the endpoint \"entre\": "
					    "did you mean \"enter\"? `cruet routes` lists them");
	assert_no_start(CHEAP "view=area.hom", "did you mean \"area.home\"?");
	assert_no_start(CHEAP "open=who,somewhere.else",
			"option open: no rule has the endpoint \"somewhere.else\": `cruet "
			"routes` lists the endpoints");
	teardown();
	begin(CHEAP "view=enter\nopen=static,area.page"); /* which takes an argument */
	ck_assert_int_eq(get_page("/area/x"), 200);
}
END_TEST

/* --- the whole application
 * ------------------------------------------------------------------- */

START_TEST(the_view_and_some_more_are_open_where_all_is_closed)
{
	teardown();
	prepare();
	cruet_use_static(app, &cruet_plugin_login, WITH_VIEW "open=who,messages");
	cruet_before(app, cruet_login_required);
	add_routes(app);
	cruet_login_loader(app, load_user, NULL);
	t = client_of(app);
	ck_assert_int_eq(get_page("/guarded"), 302);
	ck_assert_int_eq(get_page("/who"), 200);
	ck_assert_int_eq(get_page("/messages"), 200);
	ck_assert_int_eq(get_page("/nowhere"), 404);
	ck_assert_int_eq(get_page("/enter?id=7"), 200);
	ck_assert_int_eq(get_page("/guarded"), 200);
}
END_TEST

START_TEST(the_path_of_the_site_is_part_of_the_way_back)
{
	teardown();
	prepare();
	cruet_set(app, "server.proxy_prefix", "1");
	cruet_use_static(app, &cruet_plugin_login, WITH_VIEW);
	add_routes(app);
	t = client_of(app);
	cruet_client_set_header(t, "X-Forwarded-Prefix", "/site");
	ck_assert_int_eq(get_page("/guarded?a=b"), 302);
	ck_assert_str_eq(location(), "/site/enter?next=/site/guarded?a%3Db");
}
END_TEST

/* --- the way back
 * ------------------------------------------------------------------------------ */

START_TEST(next_leads_back_within_the_site)
{
	assert_get(t, "/enter?id=7&next=/area/x%3Fy%3Dz", 200);
	assert_body(t, "/area/x?y=z");
	cruet_client_add_field(t, "next", "/area/");
	ck_assert_int_eq(cruet_client_submit(t, "/enter?id=7"), 200);
	assert_body(t, "/area/");
	cruet_client_add_field(t, "next", "/b");
	ck_assert_int_eq(cruet_client_submit(t, "/enter?id=7&next=/a"), 200);
	assert_body(t, "/a");
}
END_TEST

START_TEST(next_leads_nowhere_else)
{
	static const char *const to[] = {"//evil.example",
					 "/\\evil.example",
					 "\\\\evil.example",
					 "https://evil.example",
					 "javascript:alert(1)",
					 "/\t/evil.example",
					 "/\r\nX: y",
					 "/%2Fevil.example",
					 "/%5cevil.example",
					 "evil.example",
					 ""};

	for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
		cruet_client_add_query(t, "id", "7");
		cruet_client_add_query(t, "next", to[i]);
		assert_get(t, "/enter", 200);
		assert_body(t, "/");
	}
	assert_get(t, "/enter?id=7", 200);
	assert_body(t, "/");
	ck_assert_int_eq(
		cruet_client_json(t, "POST", "/enter?id=7", "{\"next\": \"/a\"}"), 200);
	assert_body(t, "/");
}
END_TEST

SUITE_WITH("login_views", with_view, teardown, pages_are_sent_to_the_login_view,
	   a_message_waits_there, who_is_logged_in_sees_the_page,
	   a_form_is_sent_without_a_way_back, programs_get_401,
	   without_a_view_so_do_pages,
	   endpoints_that_are_not_there_end_the_start,
	   the_view_and_some_more_are_open_where_all_is_closed,
	   the_path_of_the_site_is_part_of_the_way_back, next_leads_back_within_the_site,
	   next_leads_nowhere_else)
