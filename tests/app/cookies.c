/* Cookies of replies. */
#include "reply.h"

/* --- cookies -------------------------------------------------------------------------- */

static const cruet_cookie_opts *opts;
static const char *cookie_name, *cookie_value;
HANDLER(sets_cookie)
{
	int err = cruet_set_cookie(c, cookie_name, cookie_value, opts);
	return err ? err : cruet_text(c, "x");
}

static void assert_cookie(const char *name, const char *value, const cruet_cookie_opts *o,
			  const char *line)
{
	cookie_name = name, cookie_value = value, opts = o;
	serve(sets_cookie);
	assert_get(t, "/", 200);
	assert_header(t, "Set-Cookie", line);
	done();
}

#define OPTS(...) (&(cruet_cookie_opts){.size = sizeof(cruet_cookie_opts), __VA_ARGS__})

START_TEST(a_cookie_is_closed_to_scripts_and_other_sites)
{
	assert_cookie("a", "1", NULL, "a=1; HttpOnly; Path=/; SameSite=Lax");
	assert_cookie("a", "1", OPTS(.flags = 0), "a=1; HttpOnly; Path=/; SameSite=Lax");
	assert_cookie("a", NULL, NULL, "a=; HttpOnly; Path=/; SameSite=Lax");
}
END_TEST

START_TEST(each_option_of_a_cookie_has_its_place)
{
	assert_cookie("a", "1",
		      OPTS(.flags = CRUET_COOKIE_PARTITIONED | CRUET_COOKIE_SCRIPTS, .max_age = 60,
			   .path = "/shop", .domain = ".a.example", .same_site = "strict"),
		      "a=1; Domain=a.example; Expires=Sun, 09 Sep 2001 01:47:40 GMT; Max-Age=60; "
		      "Secure; Path=/shop; SameSite=Strict; Partitioned");
	assert_cookie("a", "1", OPTS(.flags = CRUET_COOKIE_SECURE, .path = "", .same_site = ""),
		      "a=1; Secure; HttpOnly");
	assert_cookie("a", "1", OPTS(.expires = 86400, .same_site = "NONE"),
		      "a=1; Expires=Fri, 02 Jan 1970 00:00:00 GMT; HttpOnly; Path=/; "
		      "SameSite=None");
	assert_cookie("a", "1", OPTS(.expires = 86400, .max_age = 5),
		      "a=1; Expires=Fri, 02 Jan 1970 00:00:00 GMT; Max-Age=5; HttpOnly; Path=/; "
		      "SameSite=Lax");
}
END_TEST

START_TEST(a_cookie_is_deleted_with_its_options)
{
	assert_cookie("a", "ignored", OPTS(.max_age = -1, .path = "/shop"),
		      "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/shop; "
		      "SameSite=Lax");
}
END_TEST

START_TEST(options_of_an_older_caller_are_taken)
{
	cruet_cookie_opts old = {.size = CRUET_UPTO(cruet_cookie_opts, max_age), .max_age = 60};
	memset((char *)&old + old.size, 0x5a, sizeof old - old.size);
	assert_cookie("a", "1", &old,
		      "a=1; Expires=Sun, 09 Sep 2001 01:47:40 GMT; Max-Age=60; HttpOnly; Path=/; "
		      "SameSite=Lax");
}
END_TEST

START_TEST(a_cookie_value_is_quoted_where_it_must_be)
{
	assert_cookie("a", "x y,z;\"\\\n\xc3\xa4", NULL,
		      "a=\"x y\\054z\\073\\\"\\\\\\012\\303\\244\"; HttpOnly; Path=/; SameSite=Lax");
}
END_TEST

START_TEST(a_cookie_that_cannot_be_sent_is_a_mistake)
{
	opts = NULL, cookie_value = "1";
	cookie_name = "a b";
	assert_mistake(sets_cookie, "cookie name 'a b': expected letters, digits and "
				    "!#$%&'*+-.^_`|~");
	cookie_name = "";
	assert_mistake(sets_cookie, "cookie name '': expected letters, digits and "
				    "!#$%&'*+-.^_`|~");
	cookie_name = NULL;
	assert_mistake(sets_cookie, "cookie name '': expected letters, digits and "
				    "!#$%&'*+-.^_`|~");
	cookie_name = "a";
	opts = OPTS(.path = "/;x");
	assert_mistake(sets_cookie, "cookie a: a path with ';' or a control character");
	opts = OPTS(.domain = "a\r\nb");
	assert_mistake(sets_cookie, "cookie a: domain 'a\\x0d\\x0ab': expected a host name such as "
				    "example.com");
	opts = OPTS(.same_site = "Sometimes");
	assert_mistake(sets_cookie,
		       "cookie a: same_site 'Sometimes': expected Strict, Lax or None");
}
END_TEST

START_TEST(a_cookie_on_https_is_secure_by_itself)
{
	static const cruet_cookie_opts open = {.size = sizeof open,
					       .flags = CRUET_COOKIE_INSECURE};
	cookie_name = "a", cookie_value = "1", opts = NULL;
	app = cruet_new("test");
	cruet_set(app, "server.proxy_proto", "1");
	cruet_add(app, "GET", "/", sets_cookie, "page", CRUET_HERE);
	t = client_of(app);
	cruet_client_set_header(t, "X-Forwarded-Proto", "https");
	assert_get(t, "/", 200);
	assert_header(t, "Set-Cookie", "a=1; Secure; HttpOnly; Path=/; SameSite=Lax");
	opts = &open;
	cruet_client_set_header(t, "X-Forwarded-Proto", "https");
	assert_get(t, "/", 200);
	assert_header(t, "Set-Cookie", "a=1; HttpOnly; Path=/; SameSite=Lax");
	done();
}
END_TEST

static char large[4200];
START_TEST(a_cookie_that_browsers_ignore_is_warned_of)
{
	memset(large, 'x', sizeof large - 1);
	cookie_name = "a", cookie_value = large, opts = NULL;
	serve(sets_cookie);
	large[4093 - strlen("a=; HttpOnly; Path=/; SameSite=Lax")] = '\0';
	assert_get(t, "/", 200);
	assert_lines("");
	large[4093 - strlen("a=; HttpOnly; Path=/; SameSite=Lax")] = 'x';
	large[4094 - strlen("a=; HttpOnly; Path=/; SameSite=Lax")] = '\0';
	assert_get(t, "/", 200);
	assert_lines("WARN test: [id] GET page: cookie a takes 4094 bytes: browsers ignore one of "
		     "more than 4093\n");
	done();
}
END_TEST

SUITE("cookies", a_cookie_is_closed_to_scripts_and_other_sites,
      each_option_of_a_cookie_has_its_place, a_cookie_is_deleted_with_its_options,
      options_of_an_older_caller_are_taken, a_cookie_value_is_quoted_where_it_must_be,
      a_cookie_that_cannot_be_sent_is_a_mistake, a_cookie_on_https_is_secure_by_itself,
      a_cookie_that_browsers_ignore_is_warned_of)
