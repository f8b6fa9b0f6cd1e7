/* Templates that would never end, or take all memory: an error within the bounds. */
#include <pthread.h>
#include <time.h>

#include "fixture.h"

static void assert_says(const char *got, const char *what)
{
	ck_assert_msg(strstr(got, what) != NULL, "expected \"%s\", got: %.300s", what, got);
}

START_TEST(long_texts_are_refused)
{
	assert_says(render("{{ 'a' * 10**9 }}", NULL), "more than the bound of");
	assert_says(render("{{ 'a' * 10**9 }}", NULL), "page.txt, line 1\n    {{ 'a' * 10**9 }}");
	assert_says(render("{% set x = 'abcdefgh' * 100 %}{% for i in range(100000) %}{{ x }}"
			   "{% endfor %}",
			   NULL),
		    "the text is longer than");
	assert_says(render("{{ '%1000000000d' % 1 }}{{ '{:>999999999}'.format(1) }}", NULL),
		    "which is the bound");
	assert_says(render("{{ 'a'|center(100000000000) }}", NULL), "which is the bound");
	assert_says(render("{{ 'a'|indent(10**9) }}", NULL), "bound");
}
END_TEST

START_TEST(growing_texts_are_refused)
{
	assert_says(render("{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(60) %}"
			   "{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
			   NULL),
		    "bound");
	assert_says(render("{% set ns = namespace(x=[1]) %}{% for i in range(60) %}"
			   "{% set ns.x = ns.x + ns.x %}{% endfor %}",
			   NULL),
		    "bound");
	assert_says(render("{{ [1] * 10**12 }}", NULL), "bound");
	assert_says(render("{{ 'x'|replace('', 'y' * 1000000)|replace('y', 'z' * 1000000) }}",
			   NULL),
		    "bound");
}
END_TEST

START_TEST(endless_loops_end)
{
	assert_says(render("{% for i in range(10**15) %}{% endfor %}", NULL),
		    "more than 1000000 rounds");
	assert_says(render("{% set l = [1] %}{% for i in l %}{% do l.append(i) %}{% endfor %}",
			   NULL),
		    "more than 1000000 rounds");
	assert_says(render("{{ range(10**15)|list|length }}", NULL), "bound");
	assert_says(render("{{ range(10**15)|sum }}", NULL), "more than 1000000 rounds");
	assert_says(render("{% for a in range(10**4) %}{% for b in range(10**4) %}{% endfor %}"
			   "{% endfor %}",
			   NULL),
		    "more than 1000000 rounds");
	assert_says(render("{{ 10**18 in range(10**19 - 10) }}", NULL), "64 bits");
	assert_says(render("{{ lipsum(n=10**12) }}", NULL), "bound");
}
END_TEST

/* What sanitizers look after takes more of the stack, which ends before the calls do. */
#ifdef CRUET_SANITIZED
#define TOO_DEEP "RecursionError"
#else
#define TOO_DEEP "more than 100 deep"
#endif

START_TEST(recursion_ends)
{
	static const struct page all[] = {
		{"self.txt", "{% include 'self.txt' %}"},
		{"a.txt", "{% include 'b.txt' %}"},
		{"b.txt", "{% include 'a.txt' %}"},
		{"child.txt", "{% extends 'child.txt' %}"},
		{"import.txt", "{% import 'import.txt' as x with context %}"},
		{NULL, NULL}};
	struct engine *e = engine_with(NULL);

	pages = all;
	assert_says(render_with(e, "self.txt", NULL), TOO_DEEP);
	assert_says(render_with(e, "a.txt", NULL), "included from b.txt:1, included from a.txt:1");
	assert_says(render_with(e, "child.txt", NULL), TOO_DEEP);
	assert_says(render_with(e, "import.txt", NULL), TOO_DEEP);
	engine_free(e);
	assert_says(render("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", NULL),
		    TOO_DEEP);
	assert_says(render("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", NULL),
		    TOO_DEEP);
	assert_says(render("{% block b %}{{ self.b() }}{% endblock %}", NULL),
		    TOO_DEEP);
	assert_says(render("{% set l = [] %}{% set m = [l] %}{% do l.append(m) %}{{ l }}", NULL),
		    TOO_DEEP);
}
END_TEST

START_TEST(lists_that_fail_are_asked)
{
	static const struct example all[] = {
		{"{% if 'a'.split('') %}x{% endif %}", "ValueError: empty separator"},
		{"{% if 'a'.rsplit('') %}x{% endif %}", "ValueError: empty separator"},
		{"{{ 'x' if not 'a'.split('') }}", "ValueError: empty separator"},
		{"{{ 'a'.split('') and 1 }}{{ 'a'.split('') or 1 }}", "ValueError: empty separator"},
		{"{% if range(2000000)|list %}x{% endif %}", "OverflowError: "},
		{"{% if range(2000000)|sort %}x{% endif %}", "OverflowError: "},
		{"{% if range(2000000)|reverse|list %}x{% endif %}", "OverflowError: "},
		{"{% if range(2000000).copy() %}x{% endif %}", "OverflowError: "},
		{"{% if [1] + [2] * 2000000 %}x{% endif %}", "OverflowError: "},
		{"{{ (5|list)|length }}", "TypeError: 'int' object is not iterable"},
		{"{{ 'a'.split('')[0] }}", "ValueError: empty separator"},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

START_TEST(names_hold_any_byte)
{
	static const struct example all[] = {
		{"{{ 'q'|map('upper\\x00' ~ 'b' * 15000000)|list }}",
		 "TemplateRuntimeError: No filter named 'upper"},
		{"{{ 'q'|select('odd\\x00')|list }}", "TemplateRuntimeError: No test named 'odd"},
		{"{{ 'q'['upper\\x00' ~ 'b' * 15000000] }}", ""},
		{"{{ {'a': 1}['a\\x00'] }}", ""},
		{NULL, NULL}};

	assert_examples(all);
	ck_assert_str_eq(render("{{ o['a\\x00' ~ 'b' * 15000000] }}{{ o['a\\x00'] }}{{ o.a }}",
				"{\"o\": {\"a\": 1}}"),
			 "1");
}
END_TEST

/* piece, n times, then tail. */
static const char *repeated(const char *piece, size_t n, const char *tail)
{
	static char buf[400000];
	char *to = buf;

	ck_assert_uint_lt(strlen(piece) * n + strlen(tail), sizeof buf);
	while (n--)
		to = stpcpy(to, piece);
	strcpy(to, tail);
	return buf;
}

START_TEST(deep_sources_are_refused)
{
	assert_says(render(repeated("{{ (", 1, ""), NULL), "TemplateSyntaxError");
	static char source[400000];
	snprintf(source, sizeof source, "{{ %s", repeated("(", 5000, "1"));
	assert_says(render(source, NULL), "inside each other");
	snprintf(source, sizeof source, "{{ %s }}", repeated("-", 5000, "1"));
	assert_says(render(source, NULL), "inside each other");
	snprintf(source, sizeof source, "{{ %s }}", repeated("not ", 5000, "1"));
	assert_says(render(source, NULL), "times not");
	snprintf(source, sizeof source, "{{ 1 %s }}", repeated("+ 1 ", 5000, ""));
	assert_says(render(source, NULL), "operations high");
	snprintf(source, sizeof source, "{{ a%s }}", repeated(".a", 5000, ""));
	assert_says(render(source, NULL), "operations high");
	snprintf(source, sizeof source, "{{ a%s }}", repeated("|e", 5000, ""));
	assert_says(render(source, NULL), "operations high");
	snprintf(source, sizeof source, "{{ %s }}", repeated("1 if 1 else ", 5000, "1"));
	assert_says(render(source, NULL), "inside each other");
	assert_says(render(repeated("{% if 1 %}", 5000, ""), NULL), "blocks inside each other");
	snprintf(source, sizeof source, "%s", repeated("{% for a in [1] %}", 60, "x"));
	strcat(source, repeated("{% endfor %}", 60, ""));
	ck_assert_str_eq(render(source, NULL), "x");
}
END_TEST

static void *render_it(void *source)
{
	return (void *)render(source, NULL);
}

/* As the threads of servers have it; what sanitizers look after takes several times as much. */
#ifdef CRUET_SANITIZED
#define SMALL_STACK (4 << 20)
#else
#define SMALL_STACK (1 << 20)
#endif

static const char *on_a_small_stack(const char *source)
{
	pthread_attr_t attr;
	pthread_t t;
	void *text;

	ck_assert_int_eq(pthread_attr_init(&attr), 0);
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, SMALL_STACK), 0);
	ck_assert_int_eq(pthread_create(&t, &attr, render_it, (void *)source), 0);
	ck_assert_int_eq(pthread_join(t, &text), 0);
	pthread_attr_destroy(&attr);
	return text;
}

START_TEST(stacks_are_bounded)
{
	static char source[400000];
	char *to = source;

	to = stpcpy(to, "{% macro f(n) %}");
	to = stpcpy(to, repeated("{% if 1 %}", 150, ""));
	to = stpcpy(to, repeated("{{ f(n) ", 1, ""));
	to = stpcpy(to, repeated("+ 'a' ", 190, "}}"));
	to = stpcpy(to, repeated("{% endif %}", 150, ""));
	strcpy(to, "{% endmacro %}{{ f(3) }}");
	assert_says(on_a_small_stack(source), "KiB of stack, which is the bound");
	snprintf(source, sizeof source, "{%% macro f(n) %%}{{ %s1%s }}{%% endmacro %%}{{ f(3) }}",
		 repeated("f(", 150, ""), "");
	to = source + strlen(source) - strlen(" }}{% endmacro %}{{ f(3) }}");
	to = stpcpy(to, repeated(")", 150, ""));
	strcpy(to, " }}{% endmacro %}{{ f(3) }}");
	assert_says(on_a_small_stack(source), "RecursionError");
	assert_says(on_a_small_stack("{{ 'a'|map(*(['map'] * 50000))|list }}"),
		    TOO_DEEP);
}
END_TEST

START_TEST(time_is_bounded)
{
	static const struct page slow[] = {
		{"slow.txt", "{% for i in range(10**9) %}{{ 'a b c'|title|length }}{% endfor %}"},
		{NULL, NULL}};
	struct engine_options o;

	engine_defaults(&o);
	o.bounds.time_ms = 20;
	o.bounds.rounds = UINT64_C(1) << 60;
	o.bounds.output = o.bounds.memory = 1 << 30;
	struct engine *e = engine_with(&o);
	pages = slow;
	assert_says(render_with(e, "slow.txt", NULL), "takes longer than 20 ms");
	engine_free(e);
}
END_TEST

START_TEST(work_grows_with_the_text)
{
	static const char *const all[] = {
		"{{ ('-' * 1000000)|wordwrap(40)|length }}",
		"{{ ('a' ~ '-' * 1000000 ~ 'b')|wordwrap(40)|length }}",
		"{{ ('a' * 3000000)|wordwrap(40)|length }}",
		"{{ ('<' * 2000000)|striptags|length }}",
		"{{ ('<!--' * 500000)|striptags|length }}",
		"{{ ('a' * 2000000).rfind('a' * 1000000) }}",
		"{{ ('a' * 2000000).rpartition('a' * 1000000)|length }}",
		"{{ ('a' * 2000000).rfind('b' ~ 'a' * 1000000) }}",
		NULL};

	for (int i = 0; all[i]; i++) {
		clock_t before = clock();
		const char *got = render(all[i], NULL);
		double took = (double)(clock() - before) / CLOCKS_PER_SEC;
		ck_assert_msg(!strstr(got, "Error"), "%s gives %s", all[i], got);
		ck_assert_msg(took < 5, "%s takes %.1f s", all[i], took);
	}
}
END_TEST

START_TEST(long_work_looks_at_the_time)
{
	static const struct page slow[] = {
		{"rfind", "{{ ('a' * 4000000).rfind('a' * 2000000 ~ 'b') }}"},
		{"rpartition", "{{ ('a' * 4000000).rpartition('a' * 2000000 ~ 'b') }}"},
		{"strip", "{{ ('a' * 4000000).strip('b' * 4000000 ~ 'a') }}"},
		{"upper", "{% set x = 'ab ' * 1000000 %}"
			  "{% for i in range(250) %}{{ x|title|length }}{% endfor %}"},
		{NULL, NULL}};
	struct engine_options o;

	engine_defaults(&o);
	o.bounds.time_ms = 20;
	o.bounds.memory = 1 << 30;
	struct engine *e = engine_with(&o);
	pages = slow;
	for (const struct page *p = slow; p->name; p++) {
		clock_t before = clock();
		assert_says(render_with(e, p->name, NULL), "takes longer than 20 ms");
		ck_assert_msg((clock() - before) / CLOCKS_PER_SEC < 5, "%s", p->name);
	}
	engine_free(e);
}
END_TEST

START_TEST(tuples_of_themselves_end)
{
	assert_says(render("{% set ns = namespace(t=(1, 1)) %}{% for i in range(60) %}"
			   "{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {ns.t: 1}|length }}",
			   NULL),
		    "more than 1000000 rounds");
}
END_TEST

START_TEST(what_fits_is_given)
{
	ck_assert_str_eq(render("{% for i in range(20000) %}{% set x = ('x'|center(60)) ~ '%60d' % i ~ "
				"'{:>60}'.format(i) ~ '%060d' % i %}{% endfor %}{{ 'x' }}",
				NULL),
			 "x");
	ck_assert_str_eq(render("{{ 'ab' * 3 }} {{ [1, 2] * 2 }}", NULL), "ababab [1, 2, 1, 2]");
	ck_assert_str_eq(render("{{ range(5000)|list|length }}", NULL), "5000");
}
END_TEST

SUITE("jinja bounds", long_texts_are_refused, growing_texts_are_refused, endless_loops_end,
      recursion_ends, deep_sources_are_refused, stacks_are_bounded, lists_that_fail_are_asked,
      names_hold_any_byte, time_is_bounded,
      work_grows_with_the_text, long_work_looks_at_the_time, tuples_of_themselves_end, what_fits_is_given)
