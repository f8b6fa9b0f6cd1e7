/* Each allocation fails once: an error, no crash, nothing lost. */
#include "fail_alloc.h"
#include "fixture.h"
#include "stream.h"

static const struct page all[] = {
	{"base.html", "<title>{% block title %}x{% endblock %}</title>{% block body required %}"
		      "{% endblock %}"},
	{"page.html",
	 "{% extends 'base.html' %}{% from 'lib.html' import item, other as o with context %}"
	 "{% block title %}{{ super() }} {{ title }}{% endblock %}{% block body scoped %}"
	 "{% for r in rows if r.ok recursive %}{{ loop.index }}/{{ loop.length }} {{ item(r.name, n=2) }}"
	 "{{ r.name|upper|replace('A', 'b')|truncate(3) }}{{ loop.cycle('x', 'y') }}{% endfor %}"
	 "{% set ns = namespace(a=1) %}{% set ns.a = [1, 2, {'k': (3,)}] %}{{ ns.a }}"
	 "{{ rows|map(attribute='name')|sort|join(', ') }}{{ rows|groupby('ok')|length }}"
	 "{% filter indent(2) %}{% call item('c') %}called{% endcall %}{% endfilter %}"
	 "{{ '%s-%05.1f' % ('a', 2.5) }}{{ '{} {:>4}'.format(1, 2) }}{{ rows|tojson }}"
	 "{{ 'see http://a.example/x (and b@c.example)'|urlize }}{{ 'a-b c d'|wordwrap(3) }}"
	 "{% trans n=rows|length %}one{% pluralize %}{{ n }} rows{% endtrans %}{% endblock %}"},
	{"lib.html", "{% macro item(name, n=1) %}<i>{{ name }}{{ n }}{{ caller() if caller }}</i>"
		     "{% endmacro %}{% macro other(a) %}{% endmacro %}"},
	{NULL, NULL}};

static const char json[] = "{\"title\": \"<t>\", \"rows\": [{\"name\": \"ann\", \"ok\": true}, "
			   "{\"name\": \"bob\", \"ok\": false}, {\"name\": \"cy\", \"ok\": true}]}";

/* The text as a stream that stops at each statement. */
static bool in_steps(struct engine *e, const struct template *t, const cruet_template_vars *vars,
		     char *text, size_t room)
{
	struct stream *s = stream_new(e, NULL, t, vars, 1);
	size_t n = s ? stream_take(s, text, room - 1) : 0;
	bool ok = s && !stream_trouble(s);

	text[n] = 0;
	stream_free(s);
	return ok;
}

typedef bool make_fn(const cruet_template_vars *vars, char *text, size_t room);

static bool streamed(const cruet_template_vars *vars, char *text, size_t room)
{
	struct engine_options o;
	struct complaint why;
	bool ok = false;

	engine_defaults(&o);
	struct engine *e = engine_new(&o);
	if (e && engine_add_loader(e, load_page, NULL, NULL)) {
		const struct template *t = engine_get(e, NULL, "page.html", &why);
		ok = t && in_steps(e, t, vars, text, room);
		engine_release(e, t);
	}
	engine_free(e);
	return ok;
}

static bool whole(const cruet_template_vars *vars, char *text, size_t room)
{
	struct engine_options o;
	struct complaint why;
	struct out out = {.p = NULL};
	bool ok = false;

	engine_defaults(&o);
	struct engine *e = engine_new(&o);
	if (e && engine_add_loader(e, load_page, NULL, NULL)) {
		const struct template *t = engine_get(e, NULL, "page.html", &why);
		ok = t && engine_render(e, NULL, t, vars, &out, &why);
		engine_release(e, t);
	}
	if (ok)
		snprintf(text, room, "%s", out.p);
	out_fini(&out);
	engine_free(e);
	return ok;
}

static void try_each(make_fn *make)
{
	static char want[16384], got[16384];
	cJSON *context = cJSON_Parse(json);
	const cruet_template_vars vars = {.size = sizeof vars, .json = context};
	bool more = true;
	size_t n = 1;

	pages = all;
	ck_assert(make(&vars, want, sizeof want));
	for (; more; n++) {
		*got = 0;
		fail_alloc_at(n);
		bool ok = make(&vars, got, sizeof got);
		more = fail_alloc_off();
		if (ok)
			ck_assert_str_eq(got, want);
		else
			ck_assert(more);
	}
	ck_assert_uint_gt(n, 20);
	cJSON_Delete(context);
}

START_TEST(each_allocation_may_fail)
{
	try_each(whole);
	try_each(streamed);
}
END_TEST

SUITE("jinja memory", each_allocation_may_fail)
