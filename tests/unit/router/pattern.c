/* The text of a rule: how it falls into parts, and what is wrong with it. */
#include "app/pattern.h"

#include "fail_alloc.h"
#include "fixture.h"

static struct conv_pool pool;
static struct pattern pattern;

static struct pattern_env env(void)
{
	return (struct pattern_env){.pool = &pool, .keep = &mem, .scratch = &mem};
}

static void setup(void)
{
	router_begin(NULL);
	pool.n = 0;
}

static void teardown(void)
{
	router_end();
}

static void read_rule(const char *domain, const char *path)
{
	struct pattern_env e = env();

	ck_assert_msg(pattern_read(&pattern, domain, path, &e, &why), "%s: %s", path, why);
}

/* The parts in words: text as it is, <kind>, and behind it ! for one that takes all
 * the rest and / for one that may end with a slash. */
static const char *parts_of(const char *domain, const char *path)
{
	static const char *const kinds[] = {"", "string", "int", "float", "path", "uuid", "any"};
	struct buf b;

	read_rule(domain, path);
	buf_init(&b, &mem, 0);
	for (size_t i = 0; i < pattern.nparts; i++) {
		const struct part *p = &pattern.parts[i];
		buf_str(&b, i ? " | " : "");
		for (size_t k = 0; k < p->nitems; k++)
			if (p->items[k].text)
				buf_put(&b, p->items[k].text, p->items[k].len);
			else
				buf_printf(&b, "<%s>", kinds[p->items[k].conv->kind]);
		buf_str(&b, p->final ? "!" : "");
		buf_str(&b, p->suffixed ? "/" : "");
	}
	return b.p;
}

START_TEST(a_part_is_what_stands_between_two_slashes)
{
	ck_assert_str_eq(parts_of("", "/"), " |  | ");
	ck_assert_str_eq(parts_of("", "/a"), " |  | a");
	ck_assert_str_eq(parts_of("", "/a/"), " |  | a | ");
	ck_assert_str_eq(parts_of("api", "/a/b"), "api |  | a | b");
	ck_assert_str_eq(parts_of("<x>.y", "/"), "<string>.y |  | ");
	ck_assert_str_eq(parts_of("", "/<int:a>-<b>.x/<float:c>"),
			 " |  | <int>-<string>.x | <float>");
	ck_assert_str_eq(parts_of("", "/a b/\xC5\xBC/%"), " |  | a b | \xC5\xBC | %");
}
END_TEST

START_TEST(from_a_converter_that_takes_slashes_on_all_is_one_part)
{
	ck_assert_str_eq(parts_of("", "/p/<path:x>"), " |  | p | <path>!");
	ck_assert_str_eq(parts_of("", "/p/<path:x>/e/<int:n>"), " |  | p | <path>/e/<int>!");
	ck_assert_str_eq(parts_of("", "/p/a<path:x>b"), " |  | p | a<path>b!");
	/* but a slash at the end is one by itself, which may be missing */
	ck_assert_str_eq(parts_of("", "/<path:x>/"), " |  | <path>!/ | ");
	ck_assert_str_eq(parts_of("", "/<path:x>/edit/"), " |  | <path>/edit!/ | ");
}
END_TEST

START_TEST(variables_stand_in_order)
{
	read_rule("<sub>", "/<int:a>/x-<b>/<any(u,v):c>");
	ck_assert_uint_eq(pattern.nvars, 4);
	ck_assert_str_eq(pattern.vars[0].name, "sub");
	ck_assert_str_eq(pattern.vars[1].name, "a");
	ck_assert_int_eq(pattern.vars[1].conv->kind, CONV_INT);
	ck_assert_str_eq(pattern.vars[3].name, "c");
	ck_assert_int_eq(pattern.vars[3].conv->kind, CONV_ANY);
}
END_TEST

START_TEST(the_trace_is_the_rule_again)
{
	struct buf b;

	read_rule("<sub>.x", "/a/<b>-c/<path:d>/");
	buf_init(&b, &mem, 0);
	for (size_t i = 0; i < pattern.ntrace; i++) {
		buf_str(&b, i == pattern.domain_trace ? "@" : "");
		if (pattern.trace[i].text)
			buf_str(&b, pattern.trace[i].text);
		else
			buf_printf(&b, "<%s>", pattern.vars[pattern.trace[i].var].name);
	}
	ck_assert_str_eq(b.p, "<sub>.x@/a/<b>-c/<d>/");
}
END_TEST

START_TEST(equal_converters_are_kept_once)
{
	read_rule("", "/<int:a>/<int:b>/<int(min=1):c>/<int(min=1):d>/<e>");
	ck_assert_ptr_eq(pattern.vars[0].conv, pattern.vars[1].conv);
	ck_assert_ptr_eq(pattern.vars[2].conv, pattern.vars[3].conv);
	ck_assert_ptr_ne(pattern.vars[0].conv, pattern.vars[2].conv);
	ck_assert_ptr_ne(pattern.vars[0].conv, pattern.vars[4].conv);
	const struct conv *before = pattern.vars[0].conv;
	read_rule("", "/x/<int:other>");
	ck_assert_ptr_eq(pattern.vars[0].conv, before);
}
END_TEST

/* --- parts beside each other --- */

static const struct part *last_part(const char *path)
{
	read_rule("", path);
	return &pattern.parts[pattern.nparts - 1];
}

START_TEST(parts_are_the_same_whatever_their_names_and_limits)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"/<int:a>", "/<int:b>", true},
		{"/<int(min=1):a>", "/<int(max=2):b>", true},
		{"/x<int:a>", "/x<int:b>", true},
		{"/<any(u,v):a>", "/<any(u,v):b>", true},
		{"/<int:a>", "/<int(signed=True):a>", false},
		{"/<int:a>", "/<a>", false},
		{"/x<int:a>", "/y<int:a>", false},
		{"/x<int:a>", "/<int:a>x", false},
		{"/<any(u,v):a>", "/<any(v,u):a>", false},
		{"/<any(u):a>", "/<any(u,v):a>", false},
		{"/<string(length=2):a>", "/<a>", false},
		{"/<path:a>", "/<a>", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct part *a = last_part(cases[i].a), *b = last_part(cases[i].b);
		ck_assert_msg(part_same(a, b) == cases[i].same, "%s %s", cases[i].a, cases[i].b);
		ck_assert_msg(part_same(b, a) == cases[i].same, "%s %s", cases[i].b, cases[i].a);
		if (cases[i].same) {
			ck_assert_uint_eq(part_hash(a), part_hash(b));
			ck_assert_int_eq(part_compare(a, b), 0);
		}
	}
}
END_TEST

START_TEST(what_says_more_is_tried_first)
{
	static const char *const order[] = {
		"/a-<b>-c",	/* more pieces of text */
		"/longer-<b>",	/* longer text */
		"/<b>.html",
		"/x<b>",
		"/<int:a><int:b>", /* more variables */
		"/<int:a><b>",
		"/<int:a>",	/* lower weight */
		"/<a>",
		"/<path:a>",
	};
	size_t n = sizeof order / sizeof *order;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			const struct part *a = last_part(order[i]), *b = last_part(order[k]);
			int want = i < k ? -1 : i > k;
			ck_assert_msg(part_compare(a, b) == want, "%s %s: %d", order[i], order[k],
				      part_compare(a, b));
		}
}
END_TEST

/* --- what is wrong --- */

static const char *refused(const char *path)
{
	struct rule r = rule_of("GET", path);

	ck_assert_int_eq(router_add(router, &r, NULL, NULL, NULL, &mem, &why), CRUET_EINVAL);
	return why;
}

#define MALFORMED "malformed: expected <name>, <converter:name> or <converter(arguments):name>"

START_TEST(malformed_rules_say_what_was_expected)
{
	static const char *const texts[] = {
		"/<",	     "/<>",	  "/<a",     "/<:a>",	"/<a:>",      "/< a>",
		"/<a >",     "/<1a>",	  "/<a-b>",  "/<<a>>",	"/<a:b:c>",   "/<int(:a>",
		"/<int(1:a>", "/<int(1)>", "/<int()a>", "/<\xC5\xBC>", "/a/<b>/<",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_str_eq(refused(texts[i]),
				 arena_printf(&mem, "site.c:1: URL rule '%s': " MALFORMED, texts[i]));
}
END_TEST

START_TEST(other_faults_have_sentences_too)
{
	static const struct {
		const char *path, *why;
	} cases[] = {
		{"", "site.c:1: URL rule '' must start with a slash"},
		{"a", "site.c:1: URL rule 'a' must start with a slash"},
		{"<a>", "site.c:1: URL rule '<a>' must start with a slash"},
		{"/<a>/<a>", "site.c:1: URL rule '/<a>/<a>': the variable 'a' is used twice"},
		{"/<foo:a>", "site.c:1: URL rule '/<foo:a>': the converter 'foo' does not exist"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(refused(cases[i].path), cases[i].why);
	struct rule r = rule_of("GET", "/x");
	r.subdomain = "a/b";
	ck_assert_int_eq(router_add(router, &r, NULL, NULL, NULL, &mem, &why), CRUET_EINVAL);
	ck_assert_str_eq(why, "site.c:1: URL rule '/x': a domain may not hold a slash");
	r = rule_of("GET", NULL);
	ck_assert_int_eq(router_add(router, &r, NULL, NULL, NULL, &mem, &why), CRUET_EINVAL);
	ck_assert_str_eq(why, "site.c:1: URL rule '' must start with a slash");
}
END_TEST

START_TEST(brackets_end_where_the_name_follows)
{
	read_rule("", "/<any(\"a)b\", 'c:d>', e):x>");
	const char *const *words = pattern.vars[0].conv->words;
	ck_assert_str_eq(words[0], "a)b");
	ck_assert_str_eq(words[1], "c:d>");
	ck_assert_str_eq(words[2], "e");
	ck_assert_ptr_null(words[3]);
	ck_assert_str_eq(parts_of("", "/a>b/)"), " |  | a>b | )"); /* text elsewhere */
}
END_TEST

START_TEST(pieces_of_a_part_have_a_bound)
{
	struct buf b;

	buf_init(&b, &mem, 0);
	buf_str(&b, "/<path:p>");
	for (int i = 0; i < 79; i++)
		buf_str(&b, "/x");
	read_rule("", b.p); /* one piece of text */
	ck_assert_uint_eq(pattern.parts[2].nitems, 2);
	buf_str(&b, "/x");
	ck_assert_str_eq(strstr(refused(b.p), "': ") + 3, "too many pieces of text and variables");

	buf_clear(&b);
	buf_char(&b, '/');
	for (int i = 0; i < 33; i++)
		buf_printf(&b, "a<v%d>", i);
	ck_assert_str_eq(strstr(refused(b.p), "': ") + 3, "more than 32 variables");
}
END_TEST

START_TEST(two_rules_for_one_thing_collide)
{
	static const struct {
		const char *methods, *path, *other_methods, *other_path;
		bool collide;
	} cases[] = {
		{"GET", "/a", "GET", "/a", true},
		{"GET,POST", "/a", "PUT,POST", "/a", true},
		{"*", "/a", "PUT", "/a", true},
		{"GET", "/<int:x>", "GET", "/<int:x>", true},
		{"GET", "/a", "POST", "/a", false},
		{"GET,OPTIONS", "/a", "POST,OPTIONS", "/a", false}, /* that comes by itself */
		{"GET", "/a", "GET", "/a/", false},
		{"GET", "/<int:x>", "GET", "/<int(max=9):x>", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		router_end();
		router_begin(NULL);
		add_rule(cases[i].methods, cases[i].path);
		struct rule r = rule_of(cases[i].other_methods, cases[i].other_path);
		r.here = "blog.c:7";
		r.endpoint = "other";
		int err = router_add(router, &r, NULL, NULL, NULL, &mem, &why);
		ck_assert_msg(err == (cases[i].collide ? CRUET_EEXIST : CRUET_OK), "case %zu: %s",
			      i, why);
		if (cases[i].collide)
			ck_assert_str_eq(why, arena_printf(&mem,
							   "blog.c:7: URL rule '%s' (other) is "
							   "there already, from site.c:1 (%s)",
							   cases[i].other_path, cases[i].path));
	}
}
END_TEST

SUITE_WITH("pattern", setup, teardown, a_part_is_what_stands_between_two_slashes,
	   from_a_converter_that_takes_slashes_on_all_is_one_part, variables_stand_in_order,
	   the_trace_is_the_rule_again, equal_converters_are_kept_once,
	   parts_are_the_same_whatever_their_names_and_limits, what_says_more_is_tried_first,
	   malformed_rules_say_what_was_expected, other_faults_have_sentences_too,
	   brackets_end_where_the_name_follows, pieces_of_a_part_have_a_bound,
	   two_rules_for_one_thing_collide)
