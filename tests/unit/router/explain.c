/* Why a rule takes a request or not. */
#include "app/router_where.h"
#include "fixture.h"
#include "fail_alloc.h"

static void setup(void)
{
	router_begin(NULL);
}

static void finish(void)
{
	router_end();
}

/* What is said of the i-th rule, in words. */
static const char *explain_in(size_t i, const char *method, const char *raw, const char *domain)
{
	struct lookup q = {.method = method, .raw_path = raw, .query = "", .domain = domain};
	struct verdict v;

	ck_assert_int_eq(router_explain(router, &mem, NULL, router_rule(router, i), &q, &v), CRUET_OK);
	switch (v.kind) {
	case VERDICT_TAKES:
		ck_assert_ptr_eq(v.match.rule, router_rule(router, i));
		return said(&v.match);
	case VERDICT_REDIRECTS:
	case VERDICT_METHOD:
		return said(&v.match);
	case VERDICT_WEBSOCKET:
		return "websocket";
	case VERDICT_DOMAIN:
		return "domain";
	case VERDICT_NEVER:
		return "never";
	case VERDICT_PATH:
		break;
	}
	return arena_printf(&mem, "%s | %s", v.part ? v.part : "(end)", v.piece ? v.piece : "(end)");
}

#define assert_said(i, raw, want) ck_assert_str_eq(explain_in(i, "GET", raw, ""), want)

START_TEST(the_part_that_does_not_fit_is_named)
{
	add_rules("/users/<int:id>/edit", "/files/<path:name>", "/v<int:n>/x", "/");
	compile();
	assert_said(0, "/users/7/edit", "/users/<int:id>/edit id=7");
	assert_said(0, "/user/7/edit", "users | user");
	assert_said(0, "/users/x/edit", "<int:id> | x");
	assert_said(0, "/users/7/delete", "edit | delete");
	assert_said(0, "/users/7", "edit | (end)");
	assert_said(0, "/users", "<int:id> | (end)");
	assert_said(0, "/users/7/edit/now", "(end) | /now");
	assert_said(1, "/files/a/b", "/files/<path:name> name=a/b");
	assert_said(1, "/files/", "<path:name> | ");
	assert_said(1, "/file/a/b", "files | file");
	assert_said(2, "/v7/x", "/v<int:n>/x n=7");
	assert_said(2, "/vx/x", "v<int:n> | vx");
	assert_said(3, "/", "/");
	assert_said(3, "/a", " | a");
}
END_TEST

START_TEST(limits_of_a_value_count_where_it_stands)
{
	add_rules("/a/<int(max=9):id>/b", "/s/<string(length=2):lang>");
	compile();
	assert_said(0, "/a/10/b", "<int(max=9):id> | 10");
	assert_said(0, "/a/9/c", "b | c");
	assert_said(1, "/s/eng", "<string(length=2):lang> | eng");
}
END_TEST

START_TEST(each_rule_is_asked_as_if_it_were_alone)
{
	add_rules("/a/b", "/a/<x>", "/a/<y>");
	compile();
	assert_get("/a/b", "/a/b");
	assert_said(0, "/a/b", "/a/b");
	assert_said(1, "/a/b", "/a/<x> x=b");
	assert_said(2, "/a/b", "/a/<y> y=b");
}
END_TEST

START_TEST(methods_redirects_and_kinds_are_told_apart)
{
	add_rule("POST,PUT", "/a");
	add_rule("GET", "/b/");
	struct rule ws = rule_of("GET", "/c");
	ws.flags |= RULE_WEBSOCKET;
	add(ws);
	struct rule build = rule_of("GET", "/d");
	build.flags |= CRUET_BUILD_ONLY;
	add(build);
	compile();
	assert_said(0, "/a", "405 POST, PUT");
	ck_assert_str_eq(explain_in(0, "PUT", "/a", ""), "/a");
	assert_said(1, "/b", "-> /b/");
	assert_said(1, "//b", "-> /b/");
	assert_said(2, "/c", "websocket");
	assert_said(3, "/d", "never");
}
END_TEST

START_TEST(another_domain_is_the_reason)
{
	struct rule r = rule_of("GET", "/x/<name>");
	r.subdomain = "<lang>.api";
	add(r);
	add_rule("GET", "/x/y");
	compile();
	ck_assert_str_eq(explain_in(0, "GET", "/x/y", "de.api"), "/x/<name> lang=de name=y");
	ck_assert_str_eq(explain_in(0, "GET", "/x/y", "de"), "domain");
	ck_assert_str_eq(explain_in(0, "GET", "/y", "de.api"), "x | y");
	ck_assert_str_eq(explain_in(1, "GET", "/x/y", "de.api"), "domain");
}
END_TEST

START_TEST(encoded_slashes_stay_in_their_piece)
{
	add_rules("/a/<name>/b");
	compile();
	assert_said(0, "/a/x%2Fy/b", "/a/<name>/b name=x/y");
	assert_said(0, "/a/x%2Fy/c", "b | c");
	assert_said(0, "/a%2Fx/y/b", "a | a/x");
}
END_TEST

/* --- rules that are never reached ------------------------------------------------------- */

static const char *shadow_of(size_t i)
{
	const struct rule *by = router_shadow(router, &mem, NULL, router_rule(router, i));
	return by ? by->path : "";
}

START_TEST(a_rule_behind_one_that_takes_the_same_is_never_reached)
{
	add_rules("/a/<x>", "/a/<y>", "/n/<int:a>", "/n/<int(max=9):b>", "/n/<int(min=5):c>",
		  "/w/a", "/w/b", "/w/<any(a,b):w>", "/u/<s>", "/u/<uuid:id>");
	compile();
	ck_assert_str_eq(shadow_of(0), "");
	ck_assert_str_eq(shadow_of(1), "/a/<x>");
	ck_assert_str_eq(shadow_of(2), "");
	ck_assert_str_eq(shadow_of(3), "/n/<int:a>");
	ck_assert_str_eq(shadow_of(4), "/n/<int:a>");
	ck_assert_str_eq(shadow_of(7), "/w/a");
	ck_assert_str_eq(shadow_of(9), "/u/<s>");
}
END_TEST

START_TEST(what_is_left_for_a_rule_is_enough)
{
	add_rules("/n/<int(max=9):a>", "/n/<int:b>", "/w/a", "/w/<any(a,b):w>", "/p/<path:p>",
		  "/p/<path:p>/edit", "/s/<string(length=2):l>", "/s/<string(minlength=3):m>",
		  "/f/<float:x>", "/f/<int:x>", "/x/qqqqqqq", "/x/<z>");
	struct rule post = rule_of("GET,POST", "/x/<y>");
	add(post);
	struct rule build = rule_of("GET", "/x/<w>");
	build.flags |= CRUET_BUILD_ONLY;
	add(build);
	compile();
	for (size_t i = 0; router_rule(router, i); i++)
		ck_assert_msg(!*shadow_of(i), "%s: %s", router_rule(router, i)->path, shadow_of(i));
}
END_TEST

/* Whatever is asked, one rule alone says what a router with that rule alone says. */
START_TEST(it_is_the_answer_of_a_router_with_one_rule)
{
	static const char *const rules[] = {
		"/",		"/a",	      "/a/",	     "/a/<x>",	      "/a/<int:n>/",
		"/<path:p>",	"/<path:p>/", "/<a>/<b>/c",  "/a-<int:n>.txt", "/<path:p>/end",
		"/a/<any(x,y):w>", "/<float:f>", "/item1-<id>", "/item2-<id>", "/item3-<id>",
		"/item4-<id>", "/item5-<id>", "/item6-<id>", "/item7-<id>", "/item8-<id>",
		"/item9-<id>"};
	static const char *const asked[] = {"/", "/a", "/a/", "/a/7", "/a/7/", "/a/x", "/b/c/c",
					    "/a-7.txt", "/q/end", "/1.5", "/item4-x", "/x//y", "/a%2Fb/c"};
	enum { RULES = sizeof rules / sizeof *rules };
	struct router *all = router;

	for (size_t i = 0; i < RULES; i++)
		add_rule("GET", rules[i]);
	compile();
	for (size_t i = 0; i < RULES; i++) {
		static const struct router_opts opts = {.redirect_defaults = true, .merge_slashes = true};
		router = router_new(&opts);
		add_rule("GET", rules[i]);
		compile();
		for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
			struct lookup q = {.method = "GET", .raw_path = asked[k], .query = "", .domain = ""};
			struct match m = look_up("GET", asked[k], "", "");
			struct verdict v;
			ck_assert_int_eq(router_explain(all, &mem, NULL, router_rule(all, i), &q, &v), CRUET_OK);
			const char *got = v.kind == VERDICT_PATH ? "404" : said(&v.match);
			ck_assert_msg(!strcmp(got, said(&m)), "%s for %s: %s, alone %s", rules[i],
				      asked[k], got, said(&m));
		}
		router_free(router);
	}
	router = all;
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
	add_rules("/a/<int(max=9):id>/b%2Fc");
	compile();
	struct lookup q = {.method = "GET", .raw_path = "/a/10%2F/b", .query = "", .domain = ""};
	bool failed = true;
	size_t failures = 0;
	for (size_t n = 1; failed; n++) {
		struct verdict v;
		struct arena a;
		arena_init(&a, 16);
		fail_alloc_at(n);
		int err = router_explain(router, &a, NULL, router_rule(router, 0), &q, &v);
		failed = fail_alloc_off();
		failures += failed;
		ck_assert_int_eq(err, failed ? CRUET_ENOMEM : CRUET_OK);
		arena_fini(&a);
	}
	ck_assert_uint_gt(failures, 5);
}
END_TEST

static bool is_secret(const char *name)
{
	return !strcmp(name, "key") || !strcmp(name, "token");
}

static void stands_at(const char *path, const char *want)
{
	const char *at = router_where(router, path, is_secret);
	ck_assert_str_eq(at ? at : "(none)", want);
}

START_TEST(where_a_named_argument_might_stand)
{
	add_rules("/reset/<token>/", "/users/<int:id>/keys/<key>", "/v<n>-<token>.html",
		  "/files/<path:name>/<key>", "/files/all", "/users/<id>", "/any/<path:rest>");
	compile();
	stands_at("/reset/abc", "abc");
	stands_at("//r%65set//abc/more?q#f", "abc/more?q#f");
	stands_at("/reset/", "(none)");
	stands_at("/reset", "(none)");
	stands_at("/reset?a/b", "(none)");
	stands_at("/resets/abc", "(none)");
	stands_at("/users/7/keys/abc", "abc");
	stands_at("/users/x/keys/abc", "abc"); /* as far as text goes */
	stands_at("/users/7/locks/abc", "(none)");
	stands_at("/users/7", "(none)");
	stands_at("/v1-abc.html", "v1-abc.html");
	stands_at("/w1-abc.html", "(none)");
	stands_at("/files/a/b/abc", "a/b/abc"); /* which of them nobody knows */
	stands_at("/any/thing", "(none)");
	stands_at("", "(none)");
	stands_at("/", "(none)");
}
END_TEST

SUITE_WITH("router_explain", setup, finish, where_a_named_argument_might_stand,
	    the_part_that_does_not_fit_is_named,
	   limits_of_a_value_count_where_it_stands, each_rule_is_asked_as_if_it_were_alone,
	   methods_redirects_and_kinds_are_told_apart, another_domain_is_the_reason,
	   encoded_slashes_stay_in_their_piece,
	   a_rule_behind_one_that_takes_the_same_is_never_reached, what_is_left_for_a_rule_is_enough,
	   it_is_the_answer_of_a_router_with_one_rule,
	   memory_may_run_out_anywhere)
