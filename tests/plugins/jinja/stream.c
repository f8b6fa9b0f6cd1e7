/* Texts that are made while they are taken. */
#include <cruet/template.h>
#include <time.h>

#include "fixture.h"
#include "stream.h"

static char text[1 << 20];

/* All of a page, taken in pieces of one size; what is wrong comes behind it. */
static const char *streamed(struct engine *e, const char *name, const cruet_template_vars *vars,
			    size_t chunk, size_t piece)
{
	const cruet_template_vars none = {.size = sizeof none};
	struct complaint why;
	size_t n = 0, got;
	const struct template *t = engine_get(e, NULL, name, &why);
	struct stream *s = t ? stream_new(e, NULL, t, vars ? vars : &none, chunk) : NULL;

	ck_assert_msg(s != NULL, "%s", t ? "no memory" : why.what);
	while ((got = stream_take(s, text + n, piece)))
		n += got;
	const struct complaint *trouble = stream_trouble(s);
	if (trouble)
		n += (size_t)sprintf(text + n, "[%s: %s]", trouble->kind, trouble->what);
	text[n] = 0;
	stream_free(s);
	engine_release(e, t);
	return text;
}

static const struct page site[] = {
	{"base.html", "<title>{% block title %}base{% endblock %}</title>{% for n in [1, 2] %}"
		      "{% block row scoped %}{{ n }}{% endblock %}{% endfor %}.{{ self.title() }}"},
	{"child.html", "lost{% extends 'base.html' %}lost{% block title %}{{ super() }}+{% endblock %}"
		       "{% block row scoped %}<{{ n }}{% include 'part.html' %}>{% endblock %}"},
	{"part.html", "{% set seen = n %}({{ seen }}{% if n == 2 %}!{% else %}?{% endif %})"},
	{"loops.html", "{% for a in range(9) %}{% if a == 1 %}{% with b = a %}{% autoescape false %}"
		       "{% continue %}{% endautoescape %}{% endwith %}{% elif a == 4 %}{% break %}"
		       "{% else %}{{ a }}{{ '<' }}{% endif %}{{ loop.last }}{% else %}none{% endfor %}"
		       "{% for a in [] %}x{% else %}{% for b in 'bc' if b != 'c' %}{{ b }}{% endfor %}"
		       "{% endfor %}{% include 'nowhere' ignore missing %}{% include 'part.html' "
		       "without context %}{{ '<' }}"},
	{"breaks.html", "{% for a in [1, 2] %}{% for b in [] %}{% else %}{% break %}{% endfor %}"
			"never{% endfor %}after"},
	{"wholes.html", "{% macro m(a) %}[{{ a }}{{ caller() }}]{% endmacro %}{% call m(1) %}c"
			"{% endcall %}{% filter upper %}{% for a in 'xy' %}{{ a }}{% endfor %}"
			"{% endfilter %}{% set s %}t{% endset %}{{ s }}{% for a in [[1], [2]] recursive %}"
			"{% if a is iterable %}{{ loop(a) }}{% else %}{{ a }}{% endif %}{% endfor %}"},
	{"fails.html", "before {% include 'broken.html' %} after"},
	{"broken.html", "in{{ 1 // 0 }}"},
	{"self.html", "{% include 'self.html' %}"},
	{"endless.html", "{% for i in range(10 ** 9) %}x{% endfor %}"},
	{"long.html", "{% for i in range(300) %}{{ 'abcdefghij' * 10 }}{% endfor %}"},
	{NULL, NULL}};

START_TEST(it_is_the_same_text)
{
	struct engine *e = engine_with(NULL);
	size_t tried = 0;

	pages = site;
	for (const struct page *p = site; p->name; p++) {
		char *whole = strdup(render_with(e, p->name, NULL));
		if (strstr(whole, "Error: ")) {
			free(whole);
			continue;
		}
		for (size_t chunk = 1; chunk < 10; chunk += 3)
			ck_assert_str_eq(streamed(e, p->name, NULL, chunk, chunk + 1), whole);
		free(whole);
		tried++;
	}
	ck_assert_uint_ge(tried, 6);
	ck_assert_str_eq(streamed(e, "child.html", NULL, 1, 100),
			 "lost<title>base+</title><1(1?)><2(2!)>.base+");
	engine_free(e);
}
END_TEST

START_TEST(what_fails_comes_after_what_was_made)
{
	struct engine_options o;

	engine_defaults(&o);
	o.bounds.output = 2000;
	struct engine *e = engine_with(&o);
	pages = site;
	ck_assert_str_eq(streamed(e, "fails.html", NULL, 1, 3),
			 "before in[ZeroDivisionError: integer division or modulo by zero]");
	ck_assert_ptr_nonnull(strstr(streamed(e, "self.html", NULL, 1, 3), "more than 100 deep"));
	ck_assert_ptr_nonnull(strstr(streamed(e, "endless.html", NULL, 64, 64),
				     "xxx[OverflowError: the text is longer than 2000 bytes"));
	const char *got = streamed(e, "long.html", NULL, 512, 512);
	ck_assert_str_eq(got + 2000, "[OverflowError: the text is longer than 2000 bytes, which is "
				     "the bound: see the option output]");
	engine_free(e);
}
END_TEST

START_TEST(rounds_are_counted_to_the_end)
{
	struct engine_options o;

	engine_defaults(&o);
	o.bounds.rounds = 3000;
	struct engine *e = engine_with(&o);
	pages = site;
	ck_assert_ptr_nonnull(strstr(streamed(e, "endless.html", NULL, 64, 64), "3000 rounds"));
	engine_free(e);
}
END_TEST

/* Rows that say how many of them were asked for. */
static int a_row(cruet_ctx *c, void *self, size_t i, cruet_value *out)
{
	size_t *asked = self;

	(void)c;
	if (i == 10000)
		return CRUET_ENOENT;
	++*asked;
	*out = cruet_value_int((int64_t)i);
	return CRUET_OK;
}

static const cruet_template_type rows_type = {.size = sizeof rows_type, .name = "rows", .row = a_row};

static const struct page table[] = {
	{"table.html", "{% for r in rows %}<td>{{ r }}</td>\n{% endfor %}"}, {NULL, NULL}};

START_TEST(no_more_is_made_than_is_taken)
{
	struct engine *e = engine_with(NULL);
	struct complaint why;
	size_t asked = 0, n = 0, got;
	const cruet_template_object rows = {&rows_type, &asked};
	const cruet_var list[] = {{"rows", cruet_value_host(&rows)}, {NULL, cruet_value_none()}};
	const cruet_template_vars vars = {.size = sizeof vars, .list = list};

	pages = table;
	const struct template *t = engine_get(e, NULL, "table.html", &why);
	struct stream *s = stream_new(e, NULL, t, &vars, 1000);
	ck_assert_uint_lt(asked, 120);
	do {
		ck_assert_uint_lt(stream_ready(s), 1020);
		got = stream_take(s, text, 500);
		n += got;
		ck_assert_uint_le(asked, (n + 1020) / 11 + 1);
	} while (got);
	ck_assert_ptr_null(stream_trouble(s));
	ck_assert_uint_eq(asked, 10000);
	ck_assert_uint_eq(n, 10 * 11 + 90 * 12 + 900 * 13 + 9000 * 14);
	stream_free(s);
	engine_free(e);
}
END_TEST

START_TEST(a_client_may_take_its_time)
{
	struct engine_options o;
	struct complaint why;
	struct timespec nap = {0, 30 * 1000 * 1000};
	const cruet_template_vars vars = {.size = sizeof vars};

	engine_defaults(&o);
	o.bounds.time_ms = 20;
	struct engine *e = engine_with(&o);
	pages = site;
	const struct template *t = engine_get(e, NULL, "child.html", &why);
	struct stream *s = stream_new(e, NULL, t, &vars, 1);
	nanosleep(&nap, NULL);
	ck_assert_uint_gt(stream_take(s, text, sizeof text), 20);
	ck_assert_ptr_null(stream_trouble(s));
	stream_free(s);
	engine_free(e);
}
END_TEST

SUITE("jinja stream", it_is_the_same_text, what_fails_comes_after_what_was_made,
      rounds_are_counted_to_the_end, no_more_is_made_than_is_taken, a_client_may_take_its_time)
