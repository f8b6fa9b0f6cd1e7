/* The compiled trie: what it shares and leaves out changes no answer. */
#include "app/router_priv.h"

#include "fail_alloc.h"
#include "fixture.h"

static void setup(void)
{
	router_begin(NULL);
}

static void teardown(void)
{
	router_end();
}

static uint32_t dice_state = 2463534242u;

static unsigned dice(unsigned sides)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 17;
	dice_state ^= dice_state << 5;
	return dice_state % sides;
}

/* --- many rules --- */

static const struct shape {
	const char *rule, *asked, *said;
} shapes[] = {
	{"/section%d/page", "/section%d/page", "/section%d/page"},
	{"/r%d/<int:id>", "/r%d/4711", "/r%d/<int:id> id=4711"},
	{"/api/r%d/<int:id>/items/<name>", "/api/r%d/7/items/x",
	 "/api/r%d/<int:id>/items/<name> id=7 name=x"},
	{"/users/<int:id>/do%d/", "/users/7/do%d", "-> /users/7/do%d/"},
	{"/item%d-<int:id>", "/item%d-7", "/item%d-<int:id> id=7"},
	{"/<name>.x%d", "/a.b.x%d", "/<name>.x%d name=a.b"},
	{"/f%d-<path:rest>", "/f%d-a/b", "/f%d-<path:rest> rest=a/b"},
	{"/<int:id>/v%d-<path:rest>/end", "/7/v%d-a//b/end", "/<int:id>/v%d-<path:rest>/end id=7 rest=a//b"},
};

/* %d replaced by i. */
static const char *numbered(const char *text, size_t i)
{
	const char *at = strstr(text, "%d");
	return arena_printf(&mem, "%.*s%zu%s", (int)(at - text), text, i, at + 2);
}

START_TEST(thousands_of_rules_are_found_each_for_itself)
{
	enum { N = 300 };

	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
		for (size_t i = 0; i < N; i++)
			add_rule("GET", numbered(shapes[s].rule, i));
	compile();
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
		for (size_t i = 0; i < N; i++)
			assert_get(numbered(shapes[s].asked, i), numbered(shapes[s].said, i));
		assert_get(numbered(shapes[s].asked, N), "404");
	}
}
END_TEST

static int parsed;

static bool parse(void *self, const void *prepared, cruet_ctx *c, const char *s, size_t len,
		  const char **out)
{
	(void)self, (void)prepared, (void)c, (void)s, (void)len, (void)out;
	parsed++;
	return true;
}

static const cruet_converter *find_own(void *arg, const char *name)
{
	static const cruet_converter own = {.size = sizeof own, .name = "own", .weight = 100,
					    .parse = parse};
	(void)arg;
	return strcmp(name, "own") ? NULL : &own;
}

/* Counts how often a converter is asked: among many rules no more often than in one. */
START_TEST(the_cost_of_a_match_does_not_grow_with_the_rules)
{
	static const struct {
		const char *rule, *asked;
	} cases[] = {{"/a%d/<own:x>", "/a%d/7"},
		     {"/a%d-<own:x>", "/a%d-7"},
		     {"/<own:x>.a%d", "/7.a%d"},
		     {"/<int:n>/a%d/<own:x>", "/1/a%d/7"}};

	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		int calls[2];
		for (int round = 0; round < 2; round++) {
			size_t n = round ? 5000 : 1;
			router_end();
			router_begin(NULL);
			for (size_t i = 0; i < n; i++) {
				struct rule r = rule_of("GET", numbered(cases[k].rule, i));
				ck_assert_int_eq(router_add(router, &r, NULL, find_own, NULL, &mem,
							    &why),
						 CRUET_OK);
			}
			compile();
			parsed = 0;
			struct match m = look_up("GET", numbered(cases[k].asked, 0), "", "");
			ck_assert_int_eq(m.kind, MATCH_FOUND);
			calls[round] = parsed;
		}
		ck_assert_int_gt(calls[0], 0);
		ck_assert_int_eq(calls[0], calls[1]);
	}
}
END_TEST

/* --- sharing --- */

START_TEST(rules_that_are_alike_keep_their_own_names_and_limits)
{
	add_rules("/r1/<int:id>/x/<a>", "/r2/<int:other>/x/<b>", "/r3/<int(max=5):id>/x/<a>",
		  "/r4/<int:id>/x/<a>/", "/r5/<int:id>/y/<a>", "/r6/<path:p>/", "/r7/<path:q>");
	compile();
	assert_get("/r1/7/x/z", "/r1/<int:id>/x/<a> id=7 a=z");
	assert_get("/r2/7/x/z", "/r2/<int:other>/x/<b> other=7 b=z");
	assert_get("/r3/5/x/z", "/r3/<int(max=5):id>/x/<a> id=5 a=z");
	assert_get("/r3/7/x/z", "404");
	assert_get("/r4/7/x/z", "-> /r4/7/x/z/");
	assert_get("/r1/7/x/z/", "404");
	assert_get("/r5/7/x/z", "404");
	assert_get("/r5/7/y/z", "/r5/<int:id>/y/<a> id=7 a=z");
	assert_get("/r6/a/b/", "/r6/<path:p>/ p=a/b");
	assert_get("/r6/a/b", "-> /r6/a/b/");
	assert_get("/r7/a/b/", "/r7/<path:q> q=a/b/");
	ck_assert_str_eq(ask("POST", "/r1/7/x/z"), "405 GET, HEAD");
}
END_TEST

START_TEST(rules_that_are_alike_keep_their_own_methods_and_slashes)
{
	struct rule loose = rule_of("GET", "/l/<x>/");

	loose.flags = CRUET_LOOSE_SLASH;
	add_rule("GET", "/s/<x>/");
	add_rule("PUT", "/p/<x>/");
	add(loose);
	compile();
	assert_get("/s/1", "-> /s/1/");
	assert_get("/p/1", "405 PUT");
	assert_get("/l/1", "/l/<x>/ x=1");
	ck_assert_str_eq(ask("PUT", "/p/1"), "-> /p/1/");
}
END_TEST

/* More kinds of parts, of variables and of endings than are shared. */
START_TEST(what_is_not_shared_is_as_good)
{
	enum { N = 200 };

	for (size_t i = 0; i < N; i++) {
		const char *tail = numbered("<int(max=%d):v>", i);
		add_rule("GET", arena_printf(&mem, "/a%zu/t%zu-%s/e%zu", i, i, tail, i));
	}
	compile();
	for (size_t i = 0; i < N; i++) {
		struct match m = look_up("GET", arena_printf(&mem, "/a%zu/t%zu-%zu/e%zu", i, i, i, i),
					 "", "");
		ck_assert_int_eq(m.kind, MATCH_FOUND);
		ck_assert_int_eq(m.args[0].number, (int64_t)i);
		assert_get(arena_printf(&mem, "/a%zu/t%zu-%zu/e%zu", i, i, i + 1, i), "404");
		assert_get(arena_printf(&mem, "/a%zu/t%zu-%zu/e%zu", i, i + 1, i, i), "404");
	}
}
END_TEST

START_TEST(a_single_rule_is_a_router_too)
{
	static const struct {
		const char *rule, *asked, *said;
	} cases[] = {{"/", "/", "/"},
		     {"/", "/x", "404"},
		     {"/<path:p>", "/a/b", "/<path:p> p=a/b"},
		     {"/a/<int:n>/", "/a/1", "-> /a/1/"},
		     {"/a/<int:n>/", "/a/1/2", "404"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		router_end();
		router_begin(NULL);
		add_rule("GET", cases[i].rule);
		compile();
		assert_get(cases[i].asked, cases[i].said);
	}
}
END_TEST

START_TEST(a_rule_that_was_refused_leaves_no_trace)
{
	struct rule twice = rule_of("GET", "/a/<x>"), bad = rule_of("GET", "/a/b/<int:c>/<nope:d>");

	add_rule("GET", "/a/<x>");
	ck_assert_int_eq(router_add(router, &twice, NULL, NULL, NULL, &mem, &why), CRUET_EEXIST);
	ck_assert_int_eq(router_add(router, &bad, NULL, NULL, NULL, &mem, &why), CRUET_EINVAL);
	add_rule("GET", "/a/<x>/c");
	compile();
	assert_get("/a/1", "/a/<x> x=1");
	assert_get("/a/b/1/2", "404");
	assert_get("/a/1/c", "/a/<x>/c x=1");
	ck_assert_ptr_null(router_rule(router, 2));
}
END_TEST

/* --- the index --- */

static const char *const heads[] = {"", "", "a", "ab", "abc", "b", "x-", "x-y"};
static const char *const convs[] = {"<v>", "<int:v>", "<string(length=2):v>", "<any(ab,cd):v>"};
static const char *const tails[] = {"", "", "c", "bc", "abc", ".x", "-y", "z"};

static const char *one_of(const char *const *list, size_t n)
{
	return list[dice((unsigned)n)];
}
#define ONE_OF(list) one_of(list, sizeof(list) / sizeof *(list))

/* A rule of one segment: some text, a variable, some text. */
static const char *random_rule(void)
{
	return arena_printf(&mem, "/%s%s%s", ONE_OF(heads), ONE_OF(convs), ONE_OF(tails));
}

static const char *random_path(void)
{
	static const char *const middles[] = {"a", "ab", "7", "42", "cd", "abc", "x", "-", "a.x"};
	return arena_printf(&mem, "/%s%s%s", ONE_OF(heads), ONE_OF(middles), ONE_OF(tails));
}

/* What one rule alone says to a path. */
static const char *alone(const char *rule, const char *path)
{
	struct router *all = router;
	struct router_opts opts = {.merge_slashes = true};

	router = router_new(&opts);
	add_rule("GET", rule);
	compile();
	const char *answer = ask("GET", path);
	router_free(router);
	router = all;
	return answer;
}

/* The rule that must win: of those that match alone the first in the order of parts. */
static const char *wanted(const char *const *rules, size_t n, const char *path)
{
	struct conv_pool pool = {.n = 0};
	struct pattern_env env = {.pool = &pool, .keep = &mem, .scratch = &mem};
	const struct part *best = NULL;
	const char *answer = "404";

	for (size_t i = 0; i < n; i++) {
		const char *said_alone = alone(rules[i], path);
		struct pattern p;
		if (!strcmp(said_alone, "404"))
			continue;
		ck_assert(pattern_read(&p, "", rules[i], &env, &why));
		const struct part *part = &p.parts[p.nparts - 1];
		if (!best || part_compare(part, best) < 0) {
			best = part;
			answer = said_alone;
		}
	}
	return answer;
}

START_TEST(the_index_leaves_out_only_what_cannot_fit)
{
	enum { RULES = 40, PATHS = 60 };
	const char *rules[RULES];
	size_t found = 0;

	for (int round = 0; round < 2; round++) {
		size_t n = 0;
		router_end();
		router_begin(NULL);
		while (n < RULES) {
			rules[n] = random_rule();
			bool known = false;
			for (size_t i = 0; i < n; i++)
				known |= !strcmp(rules[i], rules[n]);
			if (!known)
				add_rule("GET", rules[n++]);
		}
		compile();
		for (int i = 0; i < PATHS; i++) {
			const char *path = random_path(), *want = wanted(rules, n, path);
			ck_assert_msg(!strcmp(ask("GET", path), want), "%s: %s, not %s", path,
				      ask("GET", path), want);
			found += strcmp(want, "404") != 0;
		}
	}
	ck_assert_uint_gt(found, 40);
}
END_TEST

/* --- memory --- */

static size_t left(const struct arena *a)
{
	return (size_t)(a->end - a->p);
}

/* Takes what is left of a block but for some bytes. */
static void fill_up(struct arena *a, size_t but)
{
	if (left(a) > but)
		ck_assert_ptr_nonnull(arena_alloc(a, left(a) - but));
}

static int add_all(void)
{
	static const char *const paths[] = {"/a/<int(min=1):x>/<any(a,b):w>/", "/a//b", "/<path:p>/e",
					    "/c/<string(length=2):s>", "/d1-<a>", "/<b>.e", "/f"};
	int err = CRUET_OK;

	for (size_t i = 0; !err && i < sizeof paths / sizeof *paths; i++) {
		struct rule r = rule_of("GET,PURGE", paths[i]);
		r.defaults = i % 2 ? "page=1&sort=name" : NULL;
		r.subdomain = i == 3 ? "<sub>" : NULL;
		err = router_add(router, &r, NULL, NULL, NULL, &mem, &why);
	}
	return err ? err : router_compile(router, &mem, &why);
}

START_TEST(want_of_memory_is_told_wherever_it_comes)
{
	size_t failures = 0;

	for (size_t but = 0; but < 4096; but += 32)
		for (size_t n = 1, failed = 1; failed; n++) {
			router_end();
			router_begin(NULL);
			struct rule first = rule_of("GET", "/first");
			ck_assert_int_eq(router_add(router, &first, NULL, NULL, NULL, &mem, &why),
					 CRUET_OK);
			fill_up(&router->arena, but);
			fill_up(&router->draft, but);
			fail_alloc_at(n);
			int err = add_all();
			failed = fail_alloc_off();
			failures += failed;
			ck_assert_msg(err == (failed ? CRUET_ENOMEM : CRUET_OK), "%d: %s", err, why);
		}
	ck_assert_uint_gt(failures, 128);
}
END_TEST

SUITE_WITH("compile", setup, teardown, thousands_of_rules_are_found_each_for_itself,
	   the_cost_of_a_match_does_not_grow_with_the_rules,
	   rules_that_are_alike_keep_their_own_names_and_limits,
	   rules_that_are_alike_keep_their_own_methods_and_slashes,
	   what_is_not_shared_is_as_good, a_single_rule_is_a_router_too,
	   a_rule_that_was_refused_leaves_no_trace, the_index_leaves_out_only_what_cannot_fit,
	   want_of_memory_is_told_wherever_it_comes)
