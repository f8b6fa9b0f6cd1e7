/* Building: from an endpoint and values to a URL. */
#include "fail_alloc.h"
#include "fixture.h"

static struct build what;
static struct build_value values[16];

static void setup(void)
{
	router_begin(NULL);
	what = (struct build){.values = values,
			      .bound_server = "example.com",
			      .bound_scheme = "http",
			      .bound_domain = "",
			      .script_root = ""};
}

static void teardown(void)
{
	router_end();
}

static void add_as(const char *endpoint, const char *methods, const char *path,
		   const char *defaults)
{
	struct rule r = rule_of(methods, path);

	r.endpoint = endpoint;
	r.defaults = defaults;
	add(r);
}

static void give(const char *name, const char *value)
{
	values[what.nvalues++] = (struct build_value){name, value};
}

/* The URL, or why there is none. Forgets the values. */
static const char *built(const char *endpoint)
{
	what.endpoint = endpoint;
	const char *url = router_build(router, &mem, NULL, &what, &why);

	ck_assert_msg(!url != !why, "both or neither: %s %s", url, why);
	what.nvalues = 0;
	return url ? url : why;
}

START_TEST(values_fill_the_variables)
{
	add_as("user", "GET", "/u/<int:id>/<name>", NULL);
	compile();
	give("id", "7");
	give("name", "a b/\xC5\xBC?#%");
	ck_assert_str_eq(built("user"), "/u/7/a%20b/%C5%BC%3F%23%25");
	give("id", "007");
	give("name", "!$&'()*+,:;=@-._~");
	ck_assert_str_eq(built("user"), "/u/7/!$&'()*+,:;=@-._~");
}
END_TEST

START_TEST(spare_values_are_the_query)
{
	add_as("search", "GET", "/s", NULL);
	compile();
	give("q", "a b&c=d");
	give("tag", "x");
	give("none", NULL);
	give("tag", "\xC5\xBC");
	give("empty", "");
	ck_assert_str_eq(built("search"), "/s?q=a+b%26c%3Dd&tag=x&tag=%C5%BC&empty=");
	what.no_extra = true;
	give("q", "x");
	ck_assert_str_eq(built("search"), "/s");
}
END_TEST

START_TEST(the_query_may_be_sorted)
{
	router_end();
	router_begin(&(struct router_opts){.sort_query = true, .merge_slashes = true});
	add_as("s", "GET", "/s", NULL);
	compile();
	give("b", "1");
	give("a", "2");
	give("b", "0");
	ck_assert_str_eq(built("s"), "/s?a=2&b=1&b=0"); /* repeats keep their order */
}
END_TEST

START_TEST(an_anchor_comes_last)
{
	add_as("page", "GET", "/p", NULL);
	compile();
	what.anchor = "a b%20#?";
	give("q", "1");
	ck_assert_str_eq(built("page"), "/p?q=1#a%20b%20#?");
	what.anchor = "";
	ck_assert_str_eq(built("page"), "/p#");
}
END_TEST

START_TEST(defaults_choose_the_rule)
{
	add_as("list", "GET", "/all/", "page=1");
	add_as("list", "GET", "/all/page/<int:page>", NULL);
	compile();
	ck_assert_str_eq(built("list"), "/all/");
	give("page", "1");
	ck_assert_str_eq(built("list"), "/all/");
	give("page", "01");
	ck_assert_str_eq(built("list"), "/all/");
	give("page", "2");
	ck_assert_str_eq(built("list"), "/all/page/2");
	give("page", NULL); /* as if it were not given */
	ck_assert_str_eq(built("list"), "/all/");
}
END_TEST

START_TEST(more_arguments_go_first)
{
	add_as("e", "GET", "/short", NULL);
	add_as("e", "GET", "/long/<x>", NULL);
	compile();
	ck_assert_str_eq(built("e"), "/short");
	give("x", "1");
	ck_assert_str_eq(built("e"), "/long/1");
}
END_TEST

START_TEST(a_method_restricts_and_get_is_preferred)
{
	add_as("e", "POST", "/post", NULL);
	add_as("e", "GET", "/get", NULL);
	compile();
	ck_assert_str_eq(built("e"), "/get");
	what.method = "POST";
	ck_assert_str_eq(built("e"), "/post");
	what.method = "HEAD";
	ck_assert_str_eq(built("e"), "/get");
	what.method = "PUT";
	ck_assert_str_eq(built("e"), "Could not build url for endpoint 'e'. Did you mean to use "
				     "methods ['POST']?");
}
END_TEST

START_TEST(an_alias_is_never_built_while_there_is_another)
{
	struct rule old = rule_of("GET", "/old/<x>");

	old.endpoint = "e";
	old.flags |= RULE_ALIAS;
	add(old);
	add_as("e", "GET", "/new/<x>", NULL);
	compile();
	give("x", "1");
	ck_assert_str_eq(built("e"), "/new/1");
}
END_TEST

START_TEST(a_rule_may_be_there_for_building_alone)
{
	struct rule r = rule_of("GET", "/assets/<path:file>");

	r.endpoint = "asset";
	r.flags |= CRUET_BUILD_ONLY;
	add(r);
	compile();
	give("file", "css/a b.css");
	ck_assert_str_eq(built("asset"), "/assets/css/a%20b.css");
	assert_get("/assets/x", "404");
}
END_TEST

/* --- outside --- */

START_TEST(external_urls_have_scheme_and_host)
{
	add_as("page", "GET", "/p", NULL);
	compile();
	what.external = true;
	ck_assert_str_eq(built("page"), "http://example.com/p");
	what.external = false;
	what.scheme = "https";
	ck_assert_str_eq(built("page"), "https://example.com/p");
	what.scheme = "";
	ck_assert_str_eq(built("page"), "//example.com/p");
}
END_TEST

START_TEST(what_the_application_is_mounted_on_goes_first)
{
	static const char *const roots[] = {"/app", "/app/", "/app//"};

	add_as("page", "GET", "/p/", NULL);
	compile();
	for (int i = 0; i < 3; i++) {
		what.script_root = roots[i];
		what.external = false;
		ck_assert_str_eq(built("page"), "/app/p/");
		what.external = true;
		ck_assert_str_eq(built("page"), "http://example.com/app/p/");
	}
}
END_TEST

START_TEST(another_subdomain_is_outside)
{
	struct rule api = rule_of("GET", "/v1"), user = rule_of("GET", "/");

	api.endpoint = "api";
	api.subdomain = "api";
	user.endpoint = "user";
	user.subdomain = "<name>";
	add(api);
	add(user);
	add_as("page", "GET", "/p", NULL);
	compile();
	ck_assert_str_eq(built("api"), "http://api.example.com/v1");
	give("name", "bob");
	ck_assert_str_eq(built("user"), "http://bob.example.com/");
	what.bound_domain = "api";
	ck_assert_str_eq(built("api"), "/v1");
	ck_assert_str_eq(built("page"), "http://example.com/p");
}
END_TEST

START_TEST(a_websocket_has_its_own_schemes)
{
	struct rule ws = rule_of("GET", "/live");

	ws.endpoint = "live";
	ws.flags |= RULE_WEBSOCKET;
	add(ws);
	compile();
	ck_assert_str_eq(built("live"), "ws://example.com/live");
	what.bound_scheme = "https";
	ck_assert_str_eq(built("live"), "wss://example.com/live");
}
END_TEST

/* --- what cannot be built --- */

START_TEST(an_unknown_endpoint_names_the_nearest)
{
	add_as("user", "GET", "/u", NULL);
	add_as("users", "GET", "/us", NULL);
	compile();
	ck_assert_str_eq(built("usr"), "Could not build url for endpoint 'usr'. Did you mean 'user' "
				       "instead?");
	ck_assert_str_eq(built("something"), "Could not build url for endpoint 'something'.");
	ck_assert_str_eq(built(""), "Could not build url for endpoint ''.");
}
END_TEST

START_TEST(missing_values_are_named)
{
	add_as("user", "GET", "/u/<int:id>/<name>", NULL);
	compile();
	give("name", "x");
	give("other", "y");
	ck_assert_str_eq(built("user"), "Could not build url for endpoint 'user' with values ['name', "
					"'other']. Did you forget to specify values ['id']?");
	ck_assert_str_eq(built("user"), "Could not build url for endpoint 'user'. Did you forget to "
					"specify values ['id', 'name']?");
}
END_TEST

START_TEST(values_that_do_not_fit_say_why)
{
	static const struct {
		const char *path, *value, *why;
	} cases[] = {
		{"/<int:v>", "x", "'x' is no integer"},
		{"/<float:v>", "1,5", "'1,5' is no number"},
		{"/<any(a,b):v>", "c", "'c' is none of the words that are allowed"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		router_end();
		router_begin(NULL);
		add_as("e", "GET", cases[i].path, NULL);
		compile();
		give("v", cases[i].value);
		ck_assert_str_eq(built("e"), arena_printf(&mem, "Could not build url for endpoint 'e': %s.",
							  cases[i].why));
	}
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	add_as("e", "GET", "/u/<float:x>/<name>", NULL);
	compile();
	what.endpoint = "e";
	what.external = true;
	what.anchor = "top";
	for (size_t fill = 0; fill < FILL_MAX; fill += FILL_STEP)
		for (size_t n = 1, failed = 1; failed; n++) {
			struct arena small;
			arena_filled(&small, fill);
			what.nvalues = 0;
			give("x", "1.5");
			give("name", "a b");
			give("q", "1");
			fail_alloc_at(n);
			const char *url = router_build(router, &small, NULL, &what, &why);
			failed = fail_alloc_off();
			if (url)
				ck_assert_str_eq(url, "http://example.com/u/1.5/a%20b?q=1#top");
			else
				ck_assert(failed);
			arena_fini(&small);
		}
}
END_TEST

START_TEST(endpoints_can_be_asked_for_their_rules)
{
	add_as("a", "GET", "/1", NULL);
	add_as("b", "GET", "/2/<x>", "y=1");
	add_as("a", "POST", "/3/<z>", NULL);
	compile();
	ck_assert_str_eq(router_rule(router, 1)->path, "/2/<x>");
	ck_assert_ptr_null(router_rule(router, 3));
	ck_assert_str_eq(router_rule_of(router, "a", 0)->path, "/3/<z>"); /* the order of building */
	ck_assert_str_eq(router_rule_of(router, "a", 1)->path, "/1");
	ck_assert_ptr_null(router_rule_of(router, "a", 2));
	ck_assert_ptr_null(router_rule_of(router, "c", 0));
	ck_assert(router_takes(router, "a", "z"));
	ck_assert(router_takes(router, "b", "y"));
	ck_assert(!router_takes(router, "b", "z"));
	ck_assert(!router_takes(router, "c", "x"));
}
END_TEST

SUITE_WITH("build", setup, teardown, values_fill_the_variables, spare_values_are_the_query,
	   the_query_may_be_sorted, an_anchor_comes_last, defaults_choose_the_rule,
	   more_arguments_go_first, a_method_restricts_and_get_is_preferred,
	   an_alias_is_never_built_while_there_is_another,
	   a_rule_may_be_there_for_building_alone, external_urls_have_scheme_and_host,
	   what_the_application_is_mounted_on_goes_first, another_subdomain_is_outside,
	   a_websocket_has_its_own_schemes, an_unknown_endpoint_names_the_nearest,
	   missing_values_are_named, values_that_do_not_fit_say_why, every_allocation_may_fail,
	   endpoints_can_be_asked_for_their_rules)
