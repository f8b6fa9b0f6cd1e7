/* Matching: what a path finds. The wide field is that of the recorded cases
 * (tests/conform); here stands what each promise means, and what they do not reach. */
#include "fixture.h"

#include "fail_alloc.h"

static void setup(void)
{
	router_begin(NULL);
}

static void teardown(void)
{
	router_end();
}

START_TEST(no_rules_no_match)
{
	compile();
	assert_get("/", "404");
	assert_get("/a/b", "404");
}
END_TEST

START_TEST(text_goes_before_converters_and_int_before_string)
{
	add_rules("/<name>", "/<int:id>", "/new", "/<name>/b", "/new/<x>");
	compile();
	assert_get("/new", "/new");
	assert_get("/5", "/<int:id> id=5");
	assert_get("/five", "/<name> name=five");
	assert_get("/new/b", "/new/<x> x=b");
	assert_get("/old/b", "/<name>/b name=old");
}
END_TEST

START_TEST(a_dead_end_is_left_for_the_next_way)
{
	add_rules("/a/b/c", "/a/<x>/d", "/<x>/b/e");
	compile();
	assert_get("/a/b/c", "/a/b/c");
	assert_get("/a/b/d", "/a/<x>/d x=b");
	assert_get("/a/b/e", "/<x>/b/e x=a");
	assert_get("/a/b/f", "404");
}
END_TEST

START_TEST(a_value_that_will_not_do_leaves_the_rule_to_the_next)
{
	add_rules("/<int(max=9):small>", "/<int:big>", "/<name>");
	compile();
	assert_get("/9", "/<int(max=9):small> small=9");
	assert_get("/10", "/<int:big> big=10");
	assert_get("/99999999999999999999", "/<name> name=99999999999999999999");
}
END_TEST

START_TEST(integers_know_their_value)
{
	add_rules("/<int(signed=True):n>");
	compile();
	struct match m = look_up("GET", "/-0042", "", "");
	ck_assert_uint_eq(m.nargs, 1);
	ck_assert_str_eq(m.args[0].value, "-42");
	ck_assert_int_eq(m.args[0].number, -42);
	ck_assert_uint_eq(m.args[0].kind, ARG_INT);
	m = look_up("GET", "/-9223372036854775808", "", "");
	ck_assert_int_eq(m.args[0].number, INT64_MIN);
	assert_get("/-9223372036854775809", "404");
}
END_TEST

/* --- slashes --- */

START_TEST(a_missing_last_slash_redirects_with_the_query)
{
	add_rules("/b/", "/leaf", "/u/<x>/");
	compile();
	assert_get("/b", "-> /b/");
	assert_get("/leaf/", "404");
	assert_get("/u/a%20b", "-> /u/a%20b/");
	struct match m = look_up("GET", "/b", "q=1&r=a%20b", "");
	ck_assert_str_eq(said(&m), "-> /b/?q=1&r=a%20b");
	ck_assert_str_eq(ask("POST", "/b"), "405 GET, HEAD");
}
END_TEST

START_TEST(a_loose_rule_takes_both)
{
	struct rule branch = rule_of("GET", "/b/"), leaf = rule_of("GET", "/leaf");
	branch.flags = leaf.flags = CRUET_LOOSE_SLASH;
	add(branch);
	add(leaf);
	compile();
	assert_get("/b", "/b/");
	assert_get("/b/", "/b/");
	assert_get("/leaf", "/leaf");
	assert_get("/leaf/", "/leaf");
	struct lookup q = {.method = "OPTIONS", .raw_path = "/b", .query = "", .domain = ""};
	ck_assert_str_eq(router_allowed(router, &mem, NULL, &q), "GET, HEAD");
	q.raw_path = "/leaf/";
	ck_assert_str_eq(router_allowed(router, &mem, NULL, &q), "GET, HEAD");
}
END_TEST

START_TEST(doubled_slashes_redirect_to_single_ones)
{
	add_rules("/a/b", "/c/", "/p/<path:rest>");
	compile();
	assert_get("/a//b", "-> /a/b");
	assert_get("/a///b", "-> /a/b");
	assert_get("/c//", "-> /c/");
	assert_get("//a//b", "-> /a/b");
	assert_get("//a/b", "/a/b"); /* at the front they count as one */
	assert_get("/p/x//y", "/p/<path:rest> rest=x//y");
	assert_get("/p//x", "-> /p/x");
	assert_get("/none//at/all", "404");
}
END_TEST

START_TEST(a_redirect_never_leaves_the_site)
{
	add_rules("/<path:any>/");
	compile();
	assert_get("//evil.example", "-> /evil.example/");
	assert_get("///evil.example//x", "-> /evil.example//x/");
	assert_get("/%2Fevil.example", "-> /%2Fevil.example/");
}
END_TEST

START_TEST(no_redirect_begins_with_two_slashes)
{
	add_rules("/<string(minlength=0):n>/");
	compile();
	assert_get("/a", "-> /a/");
	assert_get("/", "404"); /* it would be "//" */
}
END_TEST

START_TEST(a_rule_may_keep_its_slashes)
{
	struct rule r = rule_of("GET", "/k//x");
	r.flags |= CRUET_KEEP_SLASHES;
	add(r);
	add_rules("/m//x");
	compile();
	assert_get("/k//x", "/k//x");
	assert_get("/k/x", "404");
	assert_get("/m/x", "/m//x"); /* written with one too many */
}
END_TEST

/* --- percent-encoding --- */

START_TEST(paths_are_decoded_once)
{
	add_rules("/branch", "/a b", "/\xC5\xBC", "/v/<x>");
	compile();
	assert_get("/%62ranch", "/branch");
	assert_get("/a%20b", "/a b");
	assert_get("/%C5%BC", "/\xC5\xBC");
	assert_get("/v/%2562", "/v/<x> x=%62");
	assert_get("/v/a+b", "/v/<x> x=a+b");
}
END_TEST

START_TEST(a_percent_sign_in_a_rule_is_one_in_the_path)
{
	add_rules("/100%", "/a%20b");
	compile();
	assert_get("/100%25", "/100%");
	assert_get("/a%2520b", "/a%20b");
	assert_get("/a%20b", "404");
}
END_TEST

START_TEST(an_encoded_slash_is_data)
{
	add_rules("/f/<name>", "/f/<name>/<int:n>", "/p/<path:rest>");
	compile();
	assert_get("/f/a%2Fb", "/f/<name> name=a/b");
	assert_get("/f/a%2fb/7", "/f/<name>/<int:n> name=a/b n=7");
	assert_get("/f%2Fa", "404");
	assert_get("/p/%2Fx/y", "/p/<path:rest> rest=/x/y");
}
END_TEST

/* --- methods --- */

START_TEST(head_comes_with_get_and_others_are_told)
{
	add_rule("GET", "/m");
	add_rule("PUT,DELETE", "/m");
	add_rule("PURGE,ABACUS", "/<x>");
	compile();
	ck_assert_str_eq(ask("HEAD", "/m"), "/m");
	ck_assert_str_eq(ask("DELETE", "/m"), "/m");
	ck_assert_str_eq(ask("PURGE", "/m"), "/<x> x=m");
	ck_assert_str_eq(ask("POST", "/m"), "405 ABACUS, DELETE, GET, HEAD, PURGE, PUT");
	ck_assert_str_eq(ask("get", "/m"), "405 ABACUS, DELETE, GET, HEAD, PURGE, PUT");
	ck_assert_str_eq(ask("POST", "/n"), "405 ABACUS, PURGE");
	ck_assert_str_eq(ask("POST", "/n/n"), "404");
}
END_TEST

START_TEST(empty_methods_are_none)
{
	add_rule(",GET,,", "/a");
	add_rule("", "/b");
	compile();
	ck_assert_str_eq(ask("POST", "/a"), "405 GET, HEAD");
	ck_assert_str_eq(ask("", "/a"), "405 GET, HEAD");
	ck_assert_str_eq(ask("GET", "/b"), "404");
}
END_TEST

START_TEST(a_star_takes_every_method)
{
	add_rule("*", "/all");
	add_rule(NULL, "/none");
	compile();
	ck_assert_str_eq(ask("GET", "/all"), "/all");
	ck_assert_str_eq(ask("BREW", "/all"), "/all");
	ck_assert_str_eq(ask("BREW", "/none"), "/none");
}
END_TEST

START_TEST(methods_of_a_path_are_those_of_all_its_rules)
{
	static const struct {
		const char *raw, *want;
	} cases[] = {{"/m/1", "DELETE, GET, HEAD, PUT"},
		     {"/m/x", "GET, HEAD"},
		     {"/m//1", "DELETE, GET, HEAD, PUT"}, /* as a match tells them */
		     {"/x", NULL}};

	add_rule("GET", "/m/<x>");
	add_rule("DELETE", "/m/<int:x>");
	add_rule("PUT", "/m/1");
	compile();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lookup q = {.method = "POST", .raw_path = cases[i].raw, .query = "",
				   .domain = ""};
		const char *got = router_allowed(router, &mem, NULL, &q);
		ck_assert_pstr_eq(got, cases[i].want);
	}
	ck_assert_str_eq(ask("POST", "/m//1"), "405 DELETE, GET, HEAD, PUT");
}
END_TEST

START_TEST(websockets_have_rules_of_their_own)
{
	struct rule ws = rule_of("GET", "/live");
	struct lookup q = {.method = "GET", .raw_path = "/live", .query = "", .domain = "",
			   .websocket = true};
	struct match m;

	ws.flags |= RULE_WEBSOCKET;
	add(ws);
	add_rules("/page");
	compile();
	assert_get("/live", "400");
	ck_assert_int_eq(router_match(router, &mem, NULL, &q, &m), CRUET_OK);
	ck_assert_int_eq(m.kind, MATCH_FOUND);
	q.raw_path = "/page";
	ck_assert_int_eq(router_match(router, &mem, NULL, &q, &m), CRUET_OK);
	ck_assert_int_eq(m.kind, MATCH_WEBSOCKET);
}
END_TEST

/* --- defaults, aliases, domains --- */

START_TEST(defaults_are_arguments_and_redirect_to_the_shorter_url)
{
	struct rule all = rule_of("GET", "/all/"), page = rule_of("GET", "/all/page/<int:page>");
	all.endpoint = page.endpoint = "list";
	all.defaults = "page=1";
	add(all);
	add(page);
	compile();
	struct match m = look_up("GET", "/all/", "", "");
	ck_assert_str_eq(said(&m), "list page=1");
	ck_assert_int_eq(m.args[0].number, 1);
	assert_get("/all/page/1", "-> /all/");
	assert_get("/all/page/001", "-> /all/");
	assert_get("/all/page/2", "list page=2");
	m = look_up("GET", "/all/page/1", "q=%20", "");
	ck_assert_str_eq(said(&m), "-> /all/?q=%20");
}
END_TEST

START_TEST(an_alias_redirects_to_the_first_rule)
{
	struct rule now = rule_of("GET", "/now/<x>"), old = rule_of("GET", "/old/<x>");
	now.endpoint = old.endpoint = "show";
	old.flags |= RULE_ALIAS;
	add(now);
	add(old);
	compile();
	assert_get("/now/5", "show x=5");
	assert_get("/old/a%20b", "-> /now/a%20b");
}
END_TEST

START_TEST(an_alias_without_variables_redirects_too)
{
	struct rule now = rule_of("GET", "/now"), old = rule_of("GET", "/old");
	now.endpoint = old.endpoint = "show";
	old.flags |= RULE_ALIAS;
	add(now);
	add(old);
	compile();
	assert_get("/now", "show");
	assert_get("/old", "-> /now");
}
END_TEST

START_TEST(an_alias_of_the_same_url_is_no_redirect)
{
	struct rule number = rule_of("GET", "/x/<int:n>"), any = rule_of("GET", "/x/<n>"),
		    plain = rule_of("GET", "/p"), again = rule_of("GET", "/p");
	number.endpoint = any.endpoint = "show";
	number.flags |= RULE_ALIAS;
	plain.endpoint = again.endpoint = "plain";
	plain.flags |= RULE_ALIAS;
	add(number);
	add(any);
	add(plain);
	add(again);
	compile();
	assert_get("/x/7", "show n=7");
	assert_get("/x/07", "-> /x/7");
	assert_get("/%78/7", "show n=7");
	assert_get("/p", "plain");
}
END_TEST

START_TEST(subdomains_have_rules_of_their_own)
{
	struct rule site = rule_of("GET", "/"), api = rule_of("GET", "/v1"),
		    user = rule_of("GET", "/");
	site.endpoint = "site";
	api.endpoint = "api";
	api.subdomain = "api";
	user.endpoint = "user";
	user.subdomain = "<name>";
	add(site);
	add(api);
	add(user);
	compile();
	assert_get("/", "site");
	assert_get("/v1", "404");
	struct match m = look_up("GET", "/v1", "", "api");
	ck_assert_str_eq(said(&m), "api");
	m = look_up("GET", "/", "", "bob");
	ck_assert_str_eq(said(&m), "user name=bob");
}
END_TEST

START_TEST(rules_of_the_site_are_not_those_of_a_subdomain)
{
	add_rules("/a", "/<x>/b");
	compile();
	assert_get("/a", "/a");
	struct match m = look_up("GET", "/a", "", "other");
	ck_assert_str_eq(said(&m), "404");
	m = look_up("GET", "/1/b", "", "other");
	ck_assert_str_eq(said(&m), "404");
}
END_TEST

/* --- limits --- */

/* 32 variables with a dot between them, and a text of dots: without a bound this
 * would go on for ever. */
START_TEST(backtracking_has_a_bound)
{
	struct buf rule, path;

	buf_init(&rule, &mem, 0);
	buf_init(&path, &mem, 0);
	buf_str(&rule, "/<v0>");
	for (int i = 1; i < 32; i++)
		buf_printf(&rule, ".<v%d>", i);
	buf_str(&rule, "!");
	buf_char(&path, '/');
	for (int i = 0; i < 16000; i++)
		buf_char(&path, '.');
	add_rules("/plain");
	add_rule("GET", rule.p);
	compile();
	assert_get(path.p, "404");
	assert_get("/plain", "/plain");
}
END_TEST

START_TEST(a_rule_has_at_most_32_variables)
{
	struct buf b;

	buf_init(&b, &mem, 0);
	for (int i = 0; i < 32; i++)
		buf_printf(&b, "/<v%d>", i);
	add_rule("GET", b.p);
	buf_str(&b, "/<last>");
	struct rule r = rule_of("GET", b.p);
	ck_assert_int_eq(router_add(router, &r, NULL, NULL, NULL, &mem, &why), CRUET_EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "': more than 32 variables"));
}
END_TEST

START_TEST(a_long_rule_and_a_long_path_are_fine)
{
	struct buf b;

	buf_init(&b, &mem, 0);
	for (int i = 0; i < 5000; i++)
		buf_str(&b, "/a");
	add_rule("GET", b.p);
	add_rules("/p/<path:rest>");
	compile();
	assert_get(b.p, b.p);
	b.p[b.len - 1] = 'b';
	assert_get(b.p, "404");
	const char *deep = arena_printf(&mem, "/p%s", b.p);
	assert_get(deep, arena_printf(&mem, "/p/<path:rest> rest=%s", b.p + 1));
}
END_TEST

START_TEST(a_plain_path_takes_no_memory)
{
	add_rules("/a/b", "/c");
	compile();
	struct lookup q = {.method = "GET", .raw_path = "/a/b", .query = "", .domain = ""};
	struct arena empty;
	struct match m;

	arena_init(&empty, 64);
	fail_alloc_from(1);
	int err = router_match(router, &empty, NULL, &q, &m);
	bool asked = fail_alloc_off();
	ck_assert_int_eq(err, CRUET_OK);
	ck_assert_int_eq(m.kind, MATCH_FOUND);
	ck_assert(!asked);
	arena_fini(&empty);
}
END_TEST

/* Each allocation of a match fails once: the answer is then "out of memory", and
 * never another one. */
START_TEST(without_memory_no_wrong_answer)
{
	static const char *const paths[] = {"/u/7/x%2Fy", "/all/page/1", "/b", "/a//b", "/nope",
					    "/purge/me"};
	struct rule all = rule_of("GET", "/all/"), page = rule_of("GET", "/all/page/<int:page>");

	all.endpoint = page.endpoint = "list";
	all.defaults = "page=1";
	add(all);
	add(page);
	add_rules("/u/<int:id>/<name>", "/b/", "/a/b");
	add_rule("PURGE", "/purge/<x>");
	compile();
	for (size_t i = 0; i < sizeof paths / sizeof *paths * (FILL_MAX / FILL_STEP); i++) {
		const char *path = paths[i / (FILL_MAX / FILL_STEP)], *want = ask("GET", path);
		bool failed = true;
		for (size_t n = 1; failed; n++) {
			struct lookup q = {.method = "GET", .raw_path = path, .query = "", .domain = ""};
			struct match m = {.kind = 0};
			struct arena small;
			arena_filled(&small, i % (FILL_MAX / FILL_STEP) * FILL_STEP);
			fail_alloc_at(n);
			int err = router_match(router, &small, NULL, &q, &m);
			failed = fail_alloc_off();
			ck_assert(err == CRUET_OK || (failed && err == CRUET_ENOMEM));
			if (!err)
				ck_assert_str_eq(said(&m), want);
			arena_fini(&small);
		}
	}
}
END_TEST

SUITE_WITH("router", setup, teardown, no_rules_no_match,
	   text_goes_before_converters_and_int_before_string,
	   a_dead_end_is_left_for_the_next_way,
	   a_value_that_will_not_do_leaves_the_rule_to_the_next, integers_know_their_value,
	   a_missing_last_slash_redirects_with_the_query, a_loose_rule_takes_both,
	   doubled_slashes_redirect_to_single_ones, a_redirect_never_leaves_the_site, no_redirect_begins_with_two_slashes,
	   a_rule_may_keep_its_slashes, paths_are_decoded_once,
	   a_percent_sign_in_a_rule_is_one_in_the_path, an_encoded_slash_is_data,
	   head_comes_with_get_and_others_are_told,
	   empty_methods_are_none, a_star_takes_every_method,
	   methods_of_a_path_are_those_of_all_its_rules, websockets_have_rules_of_their_own,
	   defaults_are_arguments_and_redirect_to_the_shorter_url,
	   an_alias_redirects_to_the_first_rule, an_alias_without_variables_redirects_too,
	   an_alias_of_the_same_url_is_no_redirect, subdomains_have_rules_of_their_own,
	   rules_of_the_site_are_not_those_of_a_subdomain, backtracking_has_a_bound, a_rule_has_at_most_32_variables,
	   a_long_rule_and_a_long_path_are_fine, a_plain_path_takes_no_memory,
	   without_memory_no_wrong_answer)
