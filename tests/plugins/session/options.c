/* What the options do to the cookie, and what is refused before the start. */
#include "fixture.h"

static cruet_client *site(cruet_app **app, const char *options)
{
	*app = app_with(SECRET, options);
	usual_routes(*app);
	return client_of(*app);
}

START_TEST(attributes_are_those_of_the_options)
{
	cruet_app *app;
	cruet_client *t =
		site(&app, "name=sid\npath=/app\ndomain=example.com\nhttp_only=false\n"
			   "secure=always\nsame_site=strict\npartitioned=true");
	assert_get(t, "/set", 200);
	ck_assert_int_eq(strncmp(set_cookie(t), "sid=1d.", 7), 0);
	ck_assert_str_eq(attributes(t),
			 "; Domain=example.com; Secure; Path=/app; SameSite=Strict; "
			 "Partitioned");
	done(app, t);
}
END_TEST

START_TEST(forgetting_uses_the_same_attributes)
{
	cruet_app *app;
	cruet_client *t =
		site(&app, "name=sid\npath=/app\nsame_site=none\nsecure=always");
	assert_get(t, "/clear", 200);
	ck_assert_str_eq(set_cookie(t),
			 "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; "
			 "Secure; HttpOnly; Path=/app; SameSite=None");
	done(app, t);
}
END_TEST

START_TEST(host_prefix_binds_to_the_host)
{
	cruet_app *app;
	cruet_client *t = site(&app, "host_prefix=true");
	assert_get(t, "/set", 200);
	ck_assert_int_eq(strncmp(set_cookie(t), "__Host-session=1d.", 18), 0);
	ck_assert_str_eq(attributes(t), "; Secure; HttpOnly; Path=/; SameSite=Lax");
	done(app, t);
}
END_TEST

static void refuses(const char *options, const char *sentence)
{
	cruet_app *app = app_with(SECRET, options);
	ck_assert_msg(cruet_problem(app) != NULL, "%s was taken", options);
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
}

START_TEST(what_cannot_work_is_refused)
{
	refuses("name=a b",
		"plugin 'session': option name = \"a b\": expected 1 to 64 letters, "
		"digits and !#$%&'*+-.^_`|~");
	refuses("name=",
		"plugin 'session': option name = \"\": expected 1 to 64 letters, "
		"digits and !#$%&'*+-.^_`|~");
	refuses("path=app",
		"plugin 'session': option path = \"app\": expected a path such as /shop");
	refuses("path=/;x",
		"plugin 'session': option path = \"/;x\": expected a path such as /shop");
	refuses("domain=a;b",
		"plugin 'session': option domain = \"a;b\": expected a domain such as "
		"example.com");
	refuses("host_prefix=true\npath=/shop",
		"plugin 'session': option host_prefix: browsers take a __Host- cookie "
		"only without "
		"domain, with path = \"/\" and not with secure = \"never\"");
	refuses("host_prefix=true\ndomain=example.com",
		"plugin 'session': option host_prefix: browsers take a __Host- cookie "
		"only without "
		"domain, with path = \"/\" and not with secure = \"never\"");
	refuses("same_site=none\nsecure=never",
		"plugin 'session': option same_site = \"none\": browsers take such a "
		"cookie only "
		"over https: leave out secure = \"never\"");
	refuses("fallback_keys=1,2,3,4,5,6,7,8,9",
		"plugin 'session': option fallback_keys: 9 keys: expected at most 8");
	refuses("lifetime=0s", "plugin 'session': option lifetime = \"0s\": expected a "
			       "time from 1s to 400d");
	refuses("store=server",
		"plugin 'session': option store = \"server\": needs service "
		"\"session_store/1\", which no attached plugin provides");
}
END_TEST

SUITE("session_options", attributes_are_those_of_the_options,
      forgetting_uses_the_same_attributes, host_prefix_binds_to_the_host,
      what_cannot_work_is_refused)
