/* cruet_url(): what is built, in which request, and the sentences of what is not. */
#include "fixture.h"

static cruet_app *app;
static cruet_client *t;
static cruet_fn *probe;

static int page(cruet_ctx *c)
{
	int r = probe ? probe(c) : CRUET_OK;
	return r ? r : cruet_text(c, "seen");
}
static int other(cruet_ctx *c)
{
	return cruet_text(c, "other");
}

static void setup(void)
{
	app = cruet_new("test");
	log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_add(app, "GET", "/", page, "index", CRUET_HERE);
	cruet_add(app, "GET", "/user/<name>", page, "user", CRUET_HERE);
	cruet_add(app, "GET", "/files/<path:p>/", page, "files", CRUET_HERE);
	cruet_add(app, "GET", "/n/<int(fixed_digits=4):n>", page, "padded", CRUET_HERE);
	cruet_add(app, "GET", "/f/<float:x>", page, "real", CRUET_HERE);
	cruet_add(app, "GET", "/any/<any(one,two):w>", page, "any", CRUET_HERE);
	cruet_add(app, "POST", "/change", other, "change", CRUET_HERE);
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/all/", .name = "all",
				       .fn = page, .defaults = "page=1"});
	cruet_add(app, "GET", "/all/page/<int:page>", page, "all", CRUET_HERE);
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule),
				       .path = "/static/<path:filename>", .name = "static",
				       .flags = CRUET_BUILD_ONLY});
	cruet_app *notes = cruet_blueprint(app, "notes", "/notes");
	cruet_add(notes, "GET", "/", page, "index", CRUET_HERE);
	cruet_add(notes, "GET", "/<int:id>", page, "show", CRUET_HERE);
	cruet_app *admin = cruet_blueprint(notes, "admin", "/admin");
	cruet_add(admin, "GET", "/", page, "index", CRUET_HERE);
	t = client_of(app);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* A test whose URLs are built in a request to path. */
#define SEEN(name, path)                                                                 \
	static int name##_probe(cruet_ctx *c);                                           \
	START_TEST(name)                                                                 \
	{                                                                                \
		setup();                                                                 \
		probe = name##_probe;                                                    \
		assert_get(t, path, 200);                                                \
		teardown();                                                              \
	}                                                                                \
	END_TEST                                                                         \
	static int name##_probe(cruet_ctx *c)

#define END (char *)0
#define assert_url(text, ...) ck_assert_pstr_eq(cruet_url(c, __VA_ARGS__, END), text)

SEEN(values_fill_the_arguments, "/")
{
	assert_url("/", "index");
	assert_url("/user/ann", "user", "name", "ann");
	assert_url("/user/a%20b+%C3%A4", "user", "name", "a b+\xc3\xa4");
	assert_url("/user/a%3Fb%23c%25", "user", "name", "a?b#c%");
	assert_url("/user/!$&'()*+,/:;=@", "user", "name", "!$&'()*+,/:;=@");
	assert_url("/files/a/b%20c/", "files", "p", "a/b c");
	assert_url("/static/css/a%20b.css", "static", "filename", "css/a b.css");
	assert_url("/n/0042", "padded", "n", "42");
	assert_url("/f/2.0", "real", "x", "2");
	assert_url("/any/two", "any", "w", "two");
	return CRUET_OK;
}

SEEN(spare_values_become_the_query_in_order, "/")
{
	assert_url("/user/ann?z=1&a=2", "user", "z", "1", "name", "ann", "a", "2");
	assert_url("/?q=a+b%26c&q=2&e=", "index", "q", "a b&c", "q", "2", "e", "");
	assert_url("/?%C3%A4=~!$'()*,/:;?@", "index", "\xc3\xa4", "~!$'()*,/:;?@");
	assert_url("/?b=1", "index", "a", (char *)NULL, "b", "1");
	return CRUET_OK;
}

SEEN(what_is_said_of_the_url, "/")
{
	assert_url("/#a%20b?c", "index", "_anchor", "a b?c");
	assert_url("/#", "index", "_anchor", "");
	assert_url("/", "index", "_anchor", (char *)NULL);
	assert_url("http://localhost/", "index", "_external", "1");
	assert_url("/", "index", "_external", "0");
	assert_url("/", "index", "_external", "false");
	assert_url("https://localhost/?x=1", "index", "_scheme", "https", "x", "1");
	assert_url("//localhost/", "index", "_scheme", "", "_external", "1");
	assert_url("/change", "change");
	assert_url("/change", "change", "_method", "POST");
	return CRUET_OK;
}

SEEN(defaults_choose_the_rule, "/")
{
	assert_url("/all/", "all");
	assert_url("/all/", "all", "page", "1");
	assert_url("/all/", "all", "page", "01");
	assert_url("/all/page/2", "all", "page", "2");
	assert_url("/all/?q=1", "all", "q", "1", "page", (char *)NULL);
	return CRUET_OK;
}

static int relative(cruet_ctx *c)
{
	assert_url("/notes/admin/", ".index");
	assert_url("/notes/", "notes.index");
	assert_url("/", "index");
	return CRUET_OK;
}
static int relative_outside(cruet_ctx *c)
{
	assert_url("/", ".index");
	return CRUET_OK;
}

START_TEST(a_dot_means_this_blueprint)
{
	setup();
	probe = relative;
	assert_get(t, "/notes/admin/", 200);
	probe = relative_outside;
	assert_get(t, "/", 200);
	teardown();
}
END_TEST

START_TEST(a_slash_and_defaults_redirect)
{
	setup();
	probe = NULL;
	assert_get(t, "/notes?q=1&r=a%20b", 308);
	assert_header(t, "Location", "http://localhost/notes/?q=1&r=a%20b");
	assert_contains(t, "<title>Redirecting...</title>");
	assert_get(t, "/notes?", 308);
	assert_header(t, "Location", "http://localhost/notes/");
	cruet_client_set_header(t, "Host", "shop.example:8080");
	assert_get(t, "/notes", 308);
	assert_header(t, "Location", "http://shop.example:8080/notes/");
	assert_get(t, "/all/page/1?q=1", 308);
	assert_header(t, "Location", "http://localhost/all/?q=1");
	assert_get(t, "/user//ann", 308);
	assert_header(t, "Location", "http://localhost/user/ann");
	assert_get(t, "//user/ann", 200); /* never a Location that names a host */
	assert_get(t, "/change/", 404);
	ck_assert_int_eq(cruet_client_post(t, "/notes", NULL, NULL), 405);
	teardown();
}
END_TEST

/* --- the place where it is built ----------------------------------------------------------------- */

static int external(cruet_ctx *c)
{
	assert_url("https://shop.example/below/notes/7", "notes.show", "id", "7", "_external", "1");
	assert_url("/below/notes/7", "notes.show", "id", "7");
	return CRUET_OK;
}

START_TEST(a_proxy_moves_the_site)
{
	app = cruet_new("test");
	static const char *const names[] = {"proto", "host", "prefix"};
	for (int i = 0; i < 3; i++) {
		char key[32];
		snprintf(key, sizeof key, "server.proxy_%s", names[i]);
		cruet_set(app, key, "1");
	}
	cruet_add(app, "GET", "/", page, "index", CRUET_HERE);
	cruet_app *notes = cruet_blueprint(app, "notes", "/notes");
	cruet_add(notes, "GET", "/<int:id>", page, "show", CRUET_HERE);
	cruet_add(notes, "GET", "/all/", page, "all", CRUET_HERE);
	t = client_of(app);
	probe = external;
	for (int i = 0; i < 2; i++) {
		cruet_client_set_header(t, "X-Forwarded-Proto", "https");
		cruet_client_set_header(t, "X-Forwarded-Host", "shop.example");
		cruet_client_set_header(t, "X-Forwarded-Prefix", "/below/");
		if (!i)
			assert_get(t, "/", 200);
		else
			assert_get(t, "/notes/all", 308);
	}
	assert_header(t, "Location", "https://shop.example/below/notes/all/");
	teardown();
}
END_TEST

START_TEST(outside_a_request_the_site_must_have_a_name)
{
	setup();
	cruet_ctx *c = cruet_open(app);
	ck_assert_ptr_null(cruet_url(c, "index", END));
	ck_assert_int_eq(cruet_err(c), CRUET_EINVAL);
	ck_assert_str_eq(cruet_err_text(c), "cruet_url: a URL outside a request needs the setting "
					    "server.name");
	cruet_close(c);
	teardown();

	app = cruet_new("test");
	cruet_set(app, "server.name", "shop.example");
	cruet_set(app, "server.scheme", "https");
	cruet_set(app, "server.root", "/below");
	cruet_add(app, "GET", "/", page, "index", CRUET_HERE);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	c = cruet_open(app);
	assert_url("https://shop.example/below/", "index");
	assert_url("/below/", "index", "_external", "0");
	cruet_close(c);
	cruet_free(app);
}
END_TEST

/* --- what cannot be built ----------------------------------------------------------------------------- */

static const char *endpoint, *names[3];
static int builds(cruet_ctx *c)
{
	cruet_url_pair pairs[3];
	size_t n = 0;
	for (; n < 3 && names[n]; n++)
		pairs[n] = (cruet_url_pair){names[n], "x"};
	const char *url = cruet_url_pairs(c, endpoint, pairs, n);
	ck_assert_ptr_null(url);
	ck_assert_int_eq(cruet_err(c), CRUET_EINVAL);
	return CRUET_OK;
}

static void assert_unbuilt(const char *name, const char *a, const char *b, const char *why)
{
	char line[256];
	setup();
	probe = builds;
	endpoint = name, names[0] = a, names[1] = b, names[2] = NULL;
	assert_get(t, "/", 500);
	snprintf(line, sizeof line, "ERROR test: [id] GET index: 500: cruet_url: %s\n", why);
	assert_lines(line);
	teardown();
}

START_TEST(what_cannot_be_built_says_what_would_be_right)
{
	assert_unbuilt("usr", "name", NULL,
		       "Could not build url for endpoint 'usr'. Did you mean 'user' instead?");
	assert_unbuilt("note.show", NULL, NULL,
		       "Could not build url for endpoint 'note.show'. Did you mean 'notes.show' "
		       "instead?");
	assert_unbuilt("quite_another", NULL, NULL,
		       "Could not build url for endpoint 'quite_another'.");
	assert_unbuilt("", NULL, NULL, "Could not build url for endpoint ''.");
	assert_unbuilt("user", NULL, NULL,
		       "Could not build url for endpoint 'user'. Did you forget to specify values "
		       "['name']?");
	assert_unbuilt("user", "nme", NULL,
		       "Could not build url for endpoint 'user' with values ['nme']. Did you "
		       "forget to specify values ['name']?");
	assert_unbuilt(NULL, NULL, NULL, "the endpoint is NULL");
}
END_TEST

static int bad_values(cruet_ctx *c)
{
	static const char *const whys[] = {
		"cruet_url: Could not build url for endpoint 'notes.show': ",
		"cruet_url: Could not build url for endpoint 'any': ",
		("cruet_url: Could not build url for endpoint 'user' with values ['name']. Did you "
		 "mean to use methods ['GET', 'HEAD', 'OPTIONS']?"),
		"cruet_url: _scheme makes an external URL, but _external says no"};
	for (int i = 0; i < 4; i++) {
		const char *url =
			i == 0	 ? cruet_url(c, "notes.show", "id", "seven", END)
			: i == 1 ? cruet_url(c, "any", "w", "three", END)
			: i == 2 ? cruet_url(c, "user", "name", "x", "_method", "PUT", END)
				 : cruet_url(c, "index", "_scheme", "https", "_external", "0", END);
		ck_assert_ptr_null(url);
		ck_assert_msg(!strncmp(cruet_err_text(c), whys[i], strlen(whys[i])), "%s",
			      cruet_err_text(c));
		cruet_err_clear(c);
	}
	return CRUET_OK;
}

START_TEST(values_that_do_not_fit_are_refused)
{
	setup();
	probe = bad_values;
	assert_get(t, "/", 200);
	teardown();
}
END_TEST

SEEN(values_are_bounded, "/")
{
	cruet_url_pair pairs[300];
	for (int i = 0; i < 300; i++)
		pairs[i] = (cruet_url_pair){"a", "1"};
	ck_assert_ptr_nonnull(cruet_url_pairs(c, "index", pairs, 250));
	ck_assert_ptr_null(cruet_url_pairs(c, "index", pairs, 300));
	ck_assert_str_eq(cruet_err_text(c), "cruet_url: more than 256 values");
	cruet_err_clear(c);
	return CRUET_OK;
}

/* --- functions that help -------------------------------------------------------------------------------- */

static char called[64];
static void gives_lang(cruet_ctx *c, const char *name, cruet_url_values *v)
{
	strcat(called, cruet_scope(c) == app ? "a" : "b");
	ck_assert_str_eq(name, "site.page");
	if (cruet_url_lacks(v, "lang"))
		cruet_url_give(v, "lang", cruet_scope(c) == app ? "en" : "de");
	ck_assert(!cruet_url_lacks(v, "lang"));
	ck_assert(!cruet_url_lacks(v, "none"));
}
static int uses_lang(cruet_ctx *c)
{
	called[0] = '\0';
	assert_url("/en/page", "site.page");
	assert_url("/fr/page", "site.page", "lang", "fr");
	assert_url("/en/page", "site.page", "lang", (char *)NULL);
	ck_assert_str_eq(called, "ababab");
	return CRUET_OK;
}

START_TEST(defaults_are_given_from_the_outside_in)
{
	app = cruet_new("test");
	cruet_app *site = cruet_blueprint(app, "site", "/<lang>");
	cruet_url_defaults(site, gives_lang);
	cruet_url_defaults(app, gives_lang);
	cruet_add(site, "GET", "/page", page, "page", CRUET_HERE);
	t = client_of(app);
	probe = uses_lang;
	assert_get(t, "/it/page", 200);
	teardown();
}
END_TEST

static const char *gives_up(cruet_ctx *c, const char *name, const char *why)
{
	(void)c, (void)name;
	ck_assert_str_eq(why, "Could not build url for endpoint 'gone'.");
	return NULL;
}
static const char *knows(cruet_ctx *c, const char *name, const char *why)
{
	(void)why;
	return cruet_printf(c, "/elsewhere/%s", name);
}
static int uses_gone(cruet_ctx *c)
{
	assert_url("/elsewhere/gone", "gone");
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	return CRUET_OK;
}

START_TEST(who_knows_better_may_build_it)
{
	app = cruet_new("test");
	cruet_on_url_error(app, gives_up);
	cruet_on_url_error(app, knows);
	cruet_add(app, "GET", "/", page, "index", CRUET_HERE);
	t = client_of(app);
	probe = uses_gone;
	assert_get(t, "/", 200);
	teardown();
}
END_TEST

/* --- text for pages --------------------------------------------------------------------------------------- */

SEEN(text_is_made_harmless, "/")
{
	static const char plain[] = "nothing to do \xc3\xa4";
	ck_assert_str_eq(cruet_escape(c, "<a href=\"x\">'&'</a>"),
			 "&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt;");
	ck_assert_ptr_eq(cruet_escape(c, plain), plain);
	ck_assert_str_eq(cruet_escape(c, ""), "");
	ck_assert_str_eq(cruet_escape(c, NULL), "");
	return CRUET_OK;
}

SUITE("urls", values_fill_the_arguments, spare_values_become_the_query_in_order,
      what_is_said_of_the_url, defaults_choose_the_rule, a_dot_means_this_blueprint,
      a_slash_and_defaults_redirect, a_proxy_moves_the_site,
      outside_a_request_the_site_must_have_a_name,
      what_cannot_be_built_says_what_would_be_right, values_that_do_not_fit_are_refused,
      values_are_bounded, defaults_are_given_from_the_outside_in, who_knows_better_may_build_it,
      text_is_made_harmless)
