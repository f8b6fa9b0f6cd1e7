/* What the recorded cases of tests/data/jinja.json do not show: values of C, several
 * templates, and what is this engine's own. */
#include "fixture.h"

START_TEST(escaping_goes_by_the_name)
{
	static const char *const on[] = {"a.html", "a.htm", "a.xml", "a.xhtml", "a.svg", "A.HTML"};
	static const char *const off[] = {"a.txt", "a", "a.html.txt", "html", "a.js"};

	for (size_t i = 0; i < sizeof on / sizeof *on; i++)
		ck_assert_str_eq(render_as(on[i], "{{ '<>&\"' ~ \"'\" }}", NULL),
				 "&lt;&gt;&amp;&#34;&#39;");
	for (size_t i = 0; i < sizeof off / sizeof *off; i++)
		ck_assert_str_eq(render_as(off[i], "{{ '<' }}", NULL), "<");
}
END_TEST

START_TEST(data_is_no_template)
{
	ck_assert_str_eq(render("{{ x }}{{ x|safe }}", "{\"x\": \"{{ 7 * 7 }}{% if %}\"}"),
			 "{{ 7 * 7 }}{% if %}{{ 7 * 7 }}{% if %}");
}
END_TEST

START_TEST(numbers_stay_what_they_are)
{
	ck_assert_str_eq(render("{{ a }} {{ b }} {{ c }} {{ a + 1 }} {{ b * 2 }}",
				"{\"a\": 42, \"b\": 2.5, \"c\": -9007199254740991}"),
			 "42 2.5 -9007199254740991 43 5.0");
	ck_assert_str_eq(render("{{ 7 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % -3 }} {{ 2 ** 62 }}",
				NULL),
			 "3.5 3 -4 -2 4611686018427387904");
	ck_assert_str_eq(render("{{ 1e16 }} {{ 0.1 + 0.2 }} {{ 1e-5 }} {{ 123456789012345678.0 }}",
				NULL),
			 "1e+16 0.30000000000000004 1e-05 1.2345678901234568e+17");
}
END_TEST

static const char *with_vars(const char *source, const cruet_var *list)
{
	static char buf[4096];
	const cruet_template_vars vars = {.size = sizeof vars, .list = list};
	struct engine *e = engine_with(NULL);
	struct complaint why;
	struct out out = {.p = NULL};

	struct template *t = engine_compile(e, "page.html", source, strlen(source), &why);
	ck_assert_msg(t != NULL, "%s", why.what);
	bool ok = engine_render(e, NULL, t, &vars, &out, &why);
	snprintf(buf, sizeof buf, "%s", ok ? out.p : why.what);
	out_fini(&out);
	template_free(t);
	engine_free(e);
	return buf;
}

START_TEST(times_are_values)
{
	const cruet_var list[] = {{"t", cruet_value_time(INT64_C(1706702400123))},
				  {"u", cruet_value_time(INT64_C(-86400000))},
				  {NULL, {0}}};

	ck_assert_str_eq(with_vars("{{ t }}|{{ t.year }}-{{ t.month }}-{{ t.day }}|"
				   "{{ t.strftime('%d.%m.%Y %H:%M') }}|{{ t.isoformat() }}|{{ u }}|"
				   "{{ t > u }}|{{ t - u }}",
				   list),
			 "2024-01-31 12:00:00.123000|2024-1-31|31.01.2024 12:00|"
			 "2024-01-31T12:00:00.123000|1969-12-31 00:00:00|True|1706788800.123");
}
END_TEST

START_TEST(texts_of_c_are_values)
{
	const cruet_var list[] = {{"plain", cruet_value_text("<b>")},
				  {"html", cruet_value_html("<b>")},
				  {"none", cruet_value_text(NULL)},
				  {"part", cruet_value_bytes("abcdef", 3)},
				  {"yes", cruet_value_bool(7)},
				  {NULL, {0}}};

	ck_assert_str_eq(with_vars("{{ plain }} {{ html }} {{ none }} {{ part }} {{ yes }}", list),
			 "&lt;b&gt; <b> None abc True");
}
END_TEST

START_TEST(dictionaries_grow)
{
	ck_assert_str_eq(render("{% set d = {} %}{% for i in range(100) %}{% do d.update({i: i * 2}) %}"
				"{% endfor %}{{ d[77] }} {{ d|length }} {{ d.pop(5) }} {{ d[5] }} "
				"{{ d.get(99) }} {{ 50 in d }} {{ 5 in d }}",
				NULL),
			 "154 100 10  198 True False");
	ck_assert_str_eq(render("{{ {1: 'a', 1.0: 'b', true: 'c'} }}", NULL), "{1: 'c'}");
}
END_TEST

START_TEST(json_is_read_only)
{
	ck_assert_str_eq(render("{% set l = x|list %}{% do l.append(3) %}{{ l }}{{ x }}",
				"{\"x\": [1, 2]}"),
			 "[1, 2, 3][1, 2]");
	ck_assert_ptr_nonnull(strstr(render("{% do x.append(3) %}", "{\"x\": [1, 2]}"),
				     "'list object' has no attribute 'append'"));
}
END_TEST

START_TEST(functions_outlive_their_frame)
{
	ck_assert_str_eq(render("{% set ns = namespace() %}{% for i in range(2) %}"
				"{% macro m() %}[{{ i }}]{% endmacro %}{% set ns.m = m %}{% endfor %}"
				"{% block b scoped %}{{ ns.m() }}{% endblock %}{{ ns.m() }}",
				NULL),
			 "[1][1]");
	ck_assert_str_eq(render("{% set ns = namespace() %}{% for i in [[1], [2]] recursive %}"
				"{% set ns.l = loop %}{{ i if i is number else loop(i) }}{% endfor %}"
				"{{ ns.l.index }}",
				NULL),
			 "121");
}
END_TEST

START_TEST(filters_that_take_filters_take_each_other)
{
	static const struct example all[] = {
		{"{{ ['ab', 'cd']|map('map', 'upper')|map('join')|join(' ') }}", "AB CD"},
		{"{{ [[{'a': 1}, {}], [{'a': 2}, {}]]|map('map', attribute='a', default=0)|map('sum')"
		 "|join(' ') }}",
		 "1 2"},
		{"{{ [[1, 2], [3, 4]]|map('select', 'odd')|map('list')|list }}", "[[1], [3]]"},
		{"{% macro m(a) %}{{ kwargs.keys()|join }}{{ varargs|join }}{% endmacro %}"
		 "{{ m(z=1, a=2, y=3, b=4) }}",
		 "zyb"},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

START_TEST(what_is_put_into_safe_texts_is_escaped)
{
	static const struct example all[] = {
		{"{{ '%c%c%c'|safe|format('<', 'b', '>') }}", "&lt;b&gt;"},
		{"{{ '%c|%3c|%c'|safe|format(60, '<', 65) }}", "&lt;|&lt;|A"},
		{"{{ '%c'|format('<') }}", "&lt;"},
		{"{{ ('a'|safe).rjust(3, '<') }}",
		 "TypeError: The fill character must be exactly one character long"},
		{"{{ ('a'|safe).ljust(3, '<') }}", "TypeError: The fill character"},
		{"{{ ('a'|safe).center(3, '&') }}", "TypeError: The fill character"},
		{"{{ ('<i>'|safe).center(5, '-') }}{{ '<'.center(3, '>') }}", "-<i>-&gt;&lt;&gt;"},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

START_TEST(loops_test_when_the_item_is_wanted)
{
	static const struct example all[] = {
		{"{% set seen = [] %}{% for x in [1, 1, 2, 2, 3] if x not in seen %}"
		 "{% do seen.append(x) %}{{ x }} {% endfor %}",
		 "1 2 3 "},
		{"{% for x in [1, 2, 3, 4, 5] if x is odd %}{{ x }}{{ '.' if loop.last else loop.nextitem }}"
		 "{{ x }} {% endfor %}",
		 "131 353 5.5 "},
		{"{% for a, b in [(1, 2), (3, 4), (5, 6)] if a != 3 %}{{ loop.length }}{{ loop.revindex }}"
		 "{{ a }}{{ b }} {% else %}none{% endfor %}",
		 "2212 2156 "},
		{"{% for x in [1, 2] if x > 2 %}{{ loop.index }}{% else %}none{% endfor %}", "none"},
		{"{% for x in [1, 2, 3] if x != 2 %}{% for y in [1, 2, 3] if y != x %}{{ x }}{{ y }} "
		 "{% endfor %}{% endfor %}",
		 "12 13 31 32 "},
		{"{% macro last(l) %}{{ l.last }}{% endmacro %}{% for x in 'abc' if x != 'b' %}"
		 "{{ last(loop) }}{{ x }} {% endfor %}",
		 "Falsea Truec "},
		{"{% for x in [[1, [2, 3]], [4]] if x recursive %}{{ loop(x) if x is iterable else x }}"
		 "{% endfor %}",
		 "1234"},
		{"{% for x in [1, 2, 0] if 1 // x %}{{ x }}{% endfor %}", "ZeroDivisionError: "},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

START_TEST(formats_are_those_of_python)
{
	static const struct example all[] = {
		{"{{ '{:n} {:n} {:.3n}'.format(1.5, 12, 1.23456) }}", "1.5 12 1.23"},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

SUITE("jinja language", filters_that_take_filters_take_each_other,
      what_is_put_into_safe_texts_is_escaped, loops_test_when_the_item_is_wanted, formats_are_those_of_python, escaping_goes_by_the_name, data_is_no_template,
      numbers_stay_what_they_are, times_are_values, texts_of_c_are_values, dictionaries_grow,
      json_is_read_only, functions_outlive_their_frame)
