/* Templates made to take a machine down: each ends soon, with an error or a text within the
 * bounds, on the stack of a server's thread, as a whole and as a stream. */
#include <pthread.h>
#include <time.h>

#include "fixture.h"
#include "stream.h"

enum { DEEP = 3000, STACK = 1 << 20, SECONDS = 5 };

/* --- trying one ---------------------------------------------------------------------------- */

struct attempt {
	const char *source, *name;
	bool steps;
	char says[1500]; /* what is wrong, or how long the text is */
};

static void make_whole(struct engine *e, const struct template *t, struct attempt *a)
{
	const cruet_template_vars vars = {.size = sizeof vars};
	struct complaint why;
	struct out out = {.p = NULL};

	if (engine_render(e, NULL, t, &vars, &out, &why))
		snprintf(a->says, sizeof a->says, "%zu bytes", out.len);
	else
		snprintf(a->says, sizeof a->says, "%s: %s", why.kind, why.what);
	out_fini(&out);
}

static void make_in_steps(struct engine *e, const struct template *t, struct attempt *a)
{
	const cruet_template_vars vars = {.size = sizeof vars};
	static char part[65536];
	size_t n = 0, got;
	struct stream *s = stream_new(e, NULL, t, &vars, 1024);

	while (s && (got = stream_take(s, part, sizeof part)))
		n += got;
	const struct complaint *why = s ? stream_trouble(s) : NULL;
	if (why)
		snprintf(a->says, sizeof a->says, "%s: %s", why->kind, why->what);
	else
		snprintf(a->says, sizeof a->says, "%zu bytes", n);
	stream_free(s);
}

static void *attempt(void *arg)
{
	struct attempt *a = arg;
	struct complaint why;
	struct engine_options o;

	engine_defaults(&o); /* with less of what takes time: bounds.c tries them as they are */
	o.bounds.output = 1 << 20;
	o.bounds.memory = 8 << 20;
	o.bounds.rounds = 100000;
	o.bounds.time_ms *= 6; /* the others are met first, on a busy machine, too */
	struct engine *e = engine_with(&o);
	struct page one[] = {{"page", a->source}, {"x", a->source}, {"y", "{% extends 'page' %}"},
			     {NULL, NULL}};

	pages = one;
	const struct template *t = engine_get(e, NULL, "page", &why);
	if (!t)
		snprintf(a->says, sizeof a->says, "%s: %s", why.kind, why.what);
	else if (a->steps)
		make_in_steps(e, t, a);
	else
		make_whole(e, t, a);
	engine_free(e);
	return NULL;
}

static void try(struct attempt *a)
{
	pthread_attr_t attr;
	pthread_t id;
	clock_t before = clock();

	ck_assert_int_eq(pthread_attr_init(&attr), 0);
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, STACK), 0);
	ck_assert_int_eq(pthread_create(&id, &attr, attempt, a), 0);
	ck_assert_int_eq(pthread_join(id, NULL), 0);
	pthread_attr_destroy(&attr);
	double took = (double)(clock() - before) / CLOCKS_PER_SEC;
	ck_assert_msg(took < SECONDS, "%.200s takes %.1f s", a->source, took);
}

/* What it says begins so. */
static void assert_says(const char *source, const char *says)
{
	for (int steps = 0; steps < 2; steps++) {
		struct attempt a = {.source = source, .steps = steps};
		try(&a);
		ck_assert_msg(!strncmp(a.says, says, strlen(says)),
			      "%.150s\n... %s: says %.300s\nexpected %s", source,
			      steps ? "streamed" : "whole", a.says, says);
	}
}

/* --- what stands inside of itself ------------------------------------------------------------- */

/* open, times over, then what is inside, then close as often. */
static const char *nested(const char *before, const char *open, const char *inside,
			  const char *close, const char *after, size_t times)
{
	static char buf[400000];
	char *to = stpcpy(buf, before);

	ck_assert_uint_lt((strlen(open) + strlen(close)) * times + 1000, sizeof buf);
	for (size_t i = 0; i < times; i++)
		to = stpcpy(to, open);
	to = stpcpy(to, inside);
	for (size_t i = 0; i < times; i++)
		to = stpcpy(to, close);
	strcpy(to, after);
	return buf;
}

static const struct {
	const char *before, *open, *inside, *close, *after;
} constructs[] = {
	{"", "{% if 1 %}", "x", "{% endif %}", ""},
	{"", "{% if 0 %}{% else %}", "x", "{% endif %}", ""},
	{"", "{% for a in [1] %}", "x", "{% endfor %}", ""},
	{"", "{% for a in [] %}{% else %}", "x", "{% endfor %}", ""},
	{"", "{% for a in [1] recursive %}", "x", "{% endfor %}", ""},
	{"", "{% with a = 1 %}", "x", "{% endwith %}", ""},
	{"", "{% autoescape true %}", "x", "{% endautoescape %}", ""},
	{"", "{% filter upper %}", "x", "{% endfilter %}", ""},
	{"", "{% set a %}", "x", "{% endset %}{{ a }}", ""},
	{"{% macro m() %}{{ caller() }}{% endmacro %}", "{% call m() %}", "x", "{% endcall %}", ""},
	{"", "{% macro m() %}", "x", "{% endmacro %}{{ m() }}", ""},
	{"{{ ", "(", "1", ")", " }}"},
	{"{{ ", "[", "1", "]", " }}"},
	{"{{ ", "(", "1", ",)", " }}"},
	{"{{ ", "{1: ", "1", "}", " }}"},
	{"{{ ", "a[", "1", "]", " }}"},
	{"{{ ", "a(", "1", ")", " }}"},
	{"{{ ", "a(b=", "1", ")", " }}"},
	{"{{ ", "1|default(", "1", ")", " }}"},
	{"{{ ", "1 is eq(", "1", ")", " }}"},
	{"{{ ", "-", "1", "", " }}"},
	{"{{ ", "+", "1", "", " }}"},
	{"{{ ", "not ", "1", "", " }}"},
	{"{{ ", "2 ** ", "1", "", " }}"},
	{"{{ ", "1 if 1 else ", "1", "", " }}"},
	{"{{ ", "(1 if ", "1", " else 1)", " }}"},
	{"{{ ", "1 and ", "1", "", " }}"},
	{"{{ ", "1 or ", "1", "", " }}"},
	{"{{ ", "1 + ", "1", "", " }}"},
	{"{{ ", "1 * ", "1", "", " }}"},
	{"{{ ", "", "a", ".b", " }}"},
	{"{{ ", "", "a", "[0]", " }}"},
	{"{{ ", "", "a", "[:]", " }}"},
	{"{{ ", "", "a", "()", " }}"},
	{"{{ ", "", "a", "|upper", " }}"},
	{"{% set ", "(", "a", ",)", " = 1 %}"},
	{"{% for ", "(", "a", ",)", " in [] %}{% endfor %}"},
};

START_TEST(nothing_stands_too_deep_in_itself)
{
	for (size_t i = 0; i < sizeof constructs / sizeof *constructs; i++)
		assert_says(nested(constructs[i].before, constructs[i].open, constructs[i].inside,
				   constructs[i].close, constructs[i].after, DEEP),
			    "TemplateSyntaxError: ");
}
END_TEST

/* As deep as it may be: it compiles, and what runs has the stack for it. */
START_TEST(what_is_as_deep_as_it_may_be_has_room)
{
	for (size_t i = 0; i < sizeof constructs / sizeof *constructs; i++) {
		struct attempt a = {.source = NULL};
		size_t fits = 1, too_deep = 512;
		while (too_deep - fits > 1) {
			size_t n = (fits + too_deep) / 2;
			a.source = nested(constructs[i].before, constructs[i].open, constructs[i].inside,
					  constructs[i].close, constructs[i].after, n);
			try(&a);
			*(strncmp(a.says, "TemplateSyntaxError", 19) ? &fits : &too_deep) = n;
		}
		ck_assert_msg(fits >= 20, "only %zu: %s%s%s", fits, constructs[i].open,
			      constructs[i].inside, constructs[i].close);
	}
}
END_TEST

START_TEST(long_is_not_deep)
{
	assert_says(nested("{% if 0 %}", "{% elif 0 %}", "x", "", "{% endif %}", 20000), "0 bytes");
	assert_says(nested("{{ 'a'", "", "", " ~ 'a'", " }}", 20000), "20001 bytes");
	assert_says(nested("{{ 1", "", "", " < 2", " }}", 20000), "5 bytes");
	assert_says(nested("", "{{ 1 }}", "", "{# #}", "", 20000), "20000 bytes");
	assert_says(nested("{{ [", "1,", "", "", "]|length }}", 100000), "6 bytes");
	assert_says(nested("{{ '", "a", "", "", "' }}", 300000), "300000 bytes");
	assert_says(nested("{{ ", "a", "", "", " }}", 300000), "0 bytes");
	assert_says(nested("{{ 0.", "1", "", "", " }}", 300000), "TemplateSyntaxError: ");
	assert_says(nested("{{ ", "1", "", "", " }}", 300000), "TemplateSyntaxError: ");
	assert_says(nested("{{ 1e", "1", "", "", " }}", 300000), "TemplateSyntaxError: ");
	assert_says(nested("{{ 0x", "f", "", "", " }}", 300000), "TemplateSyntaxError: ");
}
END_TEST

/* --- what comes to no end ---------------------------------------------------------------------- */

static const struct {
	const char *source, *says;
} endless[] = {
	/* what calls itself */
	{"{% include 'x' %}", "RecursionError: "},
	{"{% include ['nowhere', 'x'] %}", "RecursionError: "},
	{"{% for a in [1] %}{% include 'x' %}{% endfor %}", "RecursionError: "},
	{"{% include 'x' without context %}", "RecursionError: "},
	{"{% extends 'x' %}", "RecursionError: "},
	{"{% extends 'y' %}", "RecursionError: "},
	{"{% import 'x' as a %}", "RecursionError: "},
	{"{% from 'x' import a with context %}", "RecursionError: "},
	{"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError: "},
	{"{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ n() }}{% endcall "
	 "%}{% endmacro %}{{ n() }}",
	 "RecursionError: "},
	{"{% macro m(a=b) %}{% endmacro %}{% macro b() %}{{ m(b()) }}{% endmacro %}{{ b() }}",
	 "RecursionError: "},
	{"{% block b %}{{ self.b() }}{% endblock %}", "RecursionError: "},
	{"{% extends 'y' %}{% block b %}{{ super() }}{% endblock %}", "RecursionError: "},
	{"{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", "RecursionError: "},
	{"{% set l = [] %}{% do l.append([l]) %}{{ l }}", "RecursionError: "},
	{"{% set l = [] %}{% do l.append([l]) %}{{ l|tojson }}", "RecursionError: "},
	{"{% set l = [] %}{% do l.append([l]) %}{{ l|pprint }}", "RecursionError: "},
	{"{% set a = [] %}{% set b = [] %}{% do a.append(b) %}{% do b.append(a) %}{{ a == b }}",
	 "RecursionError: "},
	{"{% set a = [] %}{% set b = [] %}{% do a.append(b) %}{% do b.append(a) %}{{ [a, b]|sort }}",
	 "RecursionError: "},
	{"{% set d = {} %}{% do d.update(d=[d]) %}{{ d }}", "RecursionError: "},
	{"{% set l = [] %}{% do l.append(l) %}{{ l }}", "ValueError: "},
	/* loops */
	{"{% for i in range(10**15) %}{% endfor %}", "OverflowError: "},
	{"{% for i in range(0, 10**15, 7) if i < 0 %}{% endfor %}", "OverflowError: "},
	{"{% for a in range(10**4) %}{% for b in range(10**4) %}{% endfor %}{% endfor %}",
	 "OverflowError: "},
	{"{% set l = [1] %}{% for i in l %}{% do l.append(i) %}{% endfor %}", "OverflowError: "},
	{"{{ range(10**15)|list }}", "OverflowError: "},
	{"{{ range(10**15)|sum }}", "OverflowError: "},
	{"{{ range(10**15)|map('string')|join }}", "OverflowError: "},
	{"{{ range(10**15)|select('odd')|first }}{{ range(10**15)|random }}", "OverflowError: "},
	{"{{ range(10**15)|batch(1)|length }}", "OverflowError: "},
	{"{{ range(10**15)|unique|length }}", "OverflowError: "},
	{"{{ range(10**15)|sort|first }}", "OverflowError: "},
	{"{{ range(10**15)|tojson }}", ""},
	{"{{ [1]|batch(10**12, 0)|list }}", "OverflowError: "},
	{"{{ [1]|slice(10**12)|list }}", "MemoryError: "},
	{"{{ lipsum(n=10**12) }}", "OverflowError: "},
	/* texts */
	{"{{ 'a' * 10**9 }}", "OverflowError: "},
	{"{{ [0] * 10**9 }}", "OverflowError: "},
	{"{{ '%1000000000d' % 1 }}", "OverflowError: "},
	{"{{ '%.1000000000f' % 1 }}", ""},
	{"{{ '%*d' % (1000000000, 1) }}", ""},
	{"{{ '{:1000000000}'.format(1) }}", "OverflowError: "},
	{"{{ '{:{}}'.format(1, 1000000000) }}", "OverflowError: "},
	{"{{ '{:.1000000000f}'.format(1.0) }}", ""},
	{"{{ 'a'|center(10**12) }}", "OverflowError: "},
	{"{{ 'a'.ljust(10**12) }}", "OverflowError: "},
	{"{{ 'a'.zfill(10**12) }}", "OverflowError: "},
	{"{{ 'a\\na'|indent(10**12) }}", "OverflowError: "},
	{"{{ '\\t'.expandtabs(10**12) }}", ""},
	{"{{ 'a a a'|wordwrap(1, true, 'x' * 10000000) }}", "OverflowError: "},
	{"{{ [1, 2]|join('x' * 10000000)|length }}{{ [1, 2, 3]|join('x' * 10000000) }}",
	 "OverflowError: "},
	{"{{ 'x'|replace('', 'y' * 1000000)|replace('y', 'z' * 1000000) }}", "OverflowError: "},
	{"{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}"
	 "{% endfor %}",
	 "OverflowError: "},
	{"{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x %}{{ n.x }}{{ n.x }}"
	 "{% endset %}{% endfor %}",
	 ""},
	{"{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x|replace('a', 'aa') %}"
	 "{% endfor %}",
	 "OverflowError: "},
	{"{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x.join([n.x, n.x]) %}"
	 "{% endfor %}",
	 "OverflowError: "},
	{"{% set n = namespace(x='&') %}{% for i in range(60) %}{% set n.x = n.x|forceescape ~ n.x %}"
	 "{% endfor %}",
	 "OverflowError: "},
	{"{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
	 ""},
	{"{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}"
	 "{{ n.x }}",
	 "OverflowError: "},
	{"{% set n = namespace(x=1) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}"
	 "{{ n.x == n.x[:] }}",
	 ""},
	{"{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}", ""},
	{"{% set u = 'x' * 1000 %}{% for i in range(10**6) %}{{ u }}{% endfor %}", "OverflowError: "},
	/* numbers */
	{"{{ 10**10**10 }}", "OverflowError: "},
	{"{{ 2**64 }}", "OverflowError: "},
	{"{{ -9223372036854775807 - 2 }}", "OverflowError: "},
	{"{{ (-9223372036854775807 - 1) // -1 }}", "OverflowError: "},
	{"{{ (-9223372036854775807 - 1)|abs }}", "OverflowError: "},
	{"{{ 99999999999999999999 }}", "TemplateSyntaxError: "},
	{"{{ 1e999 }}", ""},
	{"{{ 1.5|round(10**12) }}", ""},
	{"{{ 10|round(-(10**12)) }}", ""},
	{"{{ 'abc'[::0] }}", ""},
	{"{{ 'abc'[-(2**63 - 1):2**63 - 1:-(2**63 - 1)] }}", ""},
};

/* With says "" the text may be whole: it only has to end. */
START_TEST(nothing_goes_on_for_ever)
{
	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++)
		assert_says(endless[i].source, endless[i].says);
}
END_TEST

SUITE("jinja pathological", nothing_stands_too_deep_in_itself,
      what_is_as_deep_as_it_may_be_has_room, long_is_not_deep, nothing_goes_on_for_ever)
