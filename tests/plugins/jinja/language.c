/* What the recorded cases of tests/data/jinja.json do not show: values of C, several
 * templates, and what is this engine's own. */
#include <stdlib.h>
#include <time.h>

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
		{"{{ '{:{}}|{:{}.{}f}|{:{w}}|{0}'.format(1, w=4) }}", "IndexError: "},
		{"{{ '{:{}}|{:{}.{}f}|{:{w}}'.format(1, 5, 3.14159, 8, 2, 1, w=4) }}",
		 "    1|    3.14|   1"},
		{"{{ '{0:{1}}|{2:{3}}'.format('a', 5, 'b', '<3') }}", "a    |b  "},
		{"{{ '{0}{}'.format(1, 2) }}", "ValueError: cannot switch from manual field specification "
					       "to automatic field numbering"},
		{"{{ '{}{0}'.format(1, 2) }}", "ValueError: cannot switch from automatic field numbering "
					       "to manual field specification"},
		{"{{ '{:{:{}}}'.format(1, 2, 3) }}", "ValueError: Max string recursion exceeded"},
		{"{{ '{:c}{:c}|{:5c}'.format(65, 228, 66) }}", "A\xC3\xA4|    B"},
		{"{{ '{:c}'.format(1114112) }}", "OverflowError: %c arg not in range(0x110000)"},
		{"{{ '{:c}'.format('a') }}", "ValueError: Unknown format code 'c' for object of type 'str'"},
		{"{{ '{:.3} {:.1} {:.2} {:.2} {:.3} {:.3} {:.3} {:.1} {:.0}'.format(3.0, 3.0, 12.0, 123.0, "
		 "1234.5, 0.0001234, 0.0, 0.0, 1.5) }}",
		 "3.0 3e+00 1.2e+01 1.2e+02 1.23e+03 0.000123 0.0 0e+00 2e+00"},
		{"{{ '{:08,} {:08,} {:010,.2f} {:_x} {:#_b} {:015_x} {:_d} {:,}'.format(1234, -1234, 1234.5, "
		 "2882400018, 300, 2882400018, 123456, 1234567.25) }}",
		 "0,001,234 -001,234 001,234.50 abcd_ef12 0b1_0010_1100 0_0000_abcd_ef12 123_456 "
		 "1,234,567.25"},
		{"{{ '{:05}|{:-<05}|{:.2}|{:5}|{:#.3g}|{:%}'.format('a', 1, 'abc', true, 1.0, 0.5) }}",
		 "a0000|1----|ab|    1|1.00|50.000000%"},
		{"{{ '{:,x}'.format(1) }}", "ValueError: Cannot specify ',' with 'x'."},
		{"{{ '{:,}'.format('a') }}", "ValueError: Cannot specify ',' with 's'."},
		{"{{ '{:.3d}'.format(5) }}",
		 "ValueError: Precision not allowed in integer format specifier"},
		{"{{ '{:+}'.format('a') }}", "ValueError: Sign not allowed in string format specifier"},
		{"{{ '{:=5}'.format('a') }}",
		 "ValueError: '=' alignment not allowed in string format specifier"},
		{"{{ '{:.200f}'.format(1.5) }}",
		 "ValueError: a number has a precision of at most 100, not 200"},
		{"{{ '{!x}'.format(1) }}", "ValueError: Unknown conversion specifier x"},
		{"{{ '%.50d %.50d' % (5, -5) }}",
		 "00000000000000000000000000000000000000000000000005 "
		 "-00000000000000000000000000000000000000000000000005"},
		{"{{ '%+.3d|%010.5d|%*d|%.*s|%-*d|%.3x|%#.4x' % (5, 42, -5, 3, -1, 'abc', 5, 3, 10, 10) }}",
		 "+005|0000000042|3    ||3    |00a|0x000a"},
		{"{{ '%.200f' % 1.5 }}", "ValueError: a number has a precision of at most 100, not 200"},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

START_TEST(numbers_end_where_64_bits_do)
{
	static const struct example all[] = {
		{"{{ 9223372036854775807|round(-1) }}", "OverflowError: a number is larger"},
		{"{{ (-9223372036854775807 - 1)|round(-1) }}", "OverflowError: a number is larger"},
		{"{{ 9223372036854775807|round(-18) }} {{ 5000000000000000000|round(-19) }} "
		 "{{ 9223372036854775807|round(-20) }} {{ 1|round(-9223372036854775807 - 1) }}",
		 "9000000000000000000 0 0 0"},
		{"{{ 5000000000000000001|round(-19) }}", "OverflowError: a number is larger"},
		{"{{ 15|round(-1) }} {{ 25|round(-1) }} {{ -15|round(-1) }} {{ -25|round(-1) }} "
		 "{{ -14|round(-1) }} {{ -16|round(-1) }} {{ 0|round(-1) }}",
		 "20 20 -20 -20 -10 -20 0"},
		{"{% set low = -9223372036854775807 - 1 %}[{{ '%*d' % (low + 1000000000, 1)|length }}]",
		 "TypeError: "},
		{"{% set low = -9223372036854775807 - 1 %}{{ 'a'|center(low) }}{{ 'a'.zfill(low) }}"
		 "{{ 'a'.rjust(low) }}{{ '-1'.zfill(low) }}{{ '-1'.zfill(4) }}{{ '+1'.zfill(0) }}",
		 "aaa-1-001+1"},
		{"{% set low = -9223372036854775807 - 1 %}{{ '%*d' % (low, 1) }}",
		 "OverflowError: a text is longer"},
		{"{{ 'inf'|int }} {{ '1e400'|int(7) }} {{ '-Infinity'|int }} {{ 'nan'|int(3) }} "
		 "{{ 'inf'|int(5, 40) }} {{ '1e3'|int }}",
		 "0 7 0 3 5 1000"},
		{"{{ ('inf'|float)|int }} {{ '1e30'|int }} {{ 1e30|int(1) }} {{ '9' * 30|int }}"
		 "{{ ('9' * 30)|int(-1) }} {{ '-9223372036854775809'|int(2) }} "
		 "{{ '-9223372036854775808'|int }} {{ '9223372036854775807'|int }}",
		 "0 0 1 999999999999999999999999999999-1 2 -9223372036854775808 9223372036854775807"},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

START_TEST(operands_are_named_as_they_stand)
{
	static const struct example all[] = {
		{"{{ 1 < 'a' }}",
		 "TypeError: '<' not supported between instances of 'int' and 'str'"},
		{"{{ 1 > 'a' }}",
		 "TypeError: '>' not supported between instances of 'int' and 'str'"},
		{"{{ 1 >= 'a' }}",
		 "TypeError: '>=' not supported between instances of 'int' and 'str'"},
		{"{{ [1, 'a'] > [1, 2] }}",
		 "TypeError: '>' not supported between instances of 'str' and 'int'"},
		{"{{ (nowhere > elsewhere) }}", "UndefinedError: 'nowhere' is undefined"},
		{"{{ [1, 'a']|max }}",
		 "TypeError: '>' not supported between instances of 'str' and 'int'"},
		{"{{ [1, 'a']|min }}",
		 "TypeError: '<' not supported between instances of 'str' and 'int'"},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

START_TEST(lists_are_summed)
{
	static const struct example all[] = {
		{"{% set zero = [] %}{{ [[1], [2, 3], []]|sum(start=zero) }}{{ zero }}", "[1, 2, 3][]"},
		{"{% set a = [1] %}{{ [a, a, a]|sum(start=[]) }}{{ a }}", "[1, 1, 1][1]"},
		{"{{ [(1,), (2,)]|sum(start=()) }} {{ [1, 2.5]|sum }} {{ []|sum(start=[4]) }}",
		 "(1, 2) 3.5 [4]"},
		{"{{ [[1], (2,)]|sum(start=[]) }}", "TypeError: unsupported operand type(s) for +"},
		{"{{ (range(20000)|batch(1)|sum(start=[]))|length }}", "20000"},
		{NULL, NULL}};

	assert_examples(all);
}
END_TEST

/* Looking each up by its name takes many seconds. */
START_TEST(mappings_of_json_are_gone_through)
{
	enum { MEMBERS = 60000 };
	char *json = malloc(MEMBERS * 24 + 16), *to = json;

	to = stpcpy(to, "{\"d\": {");
	for (int i = 0; i < MEMBERS; i++)
		to += sprintf(to, "%s\"k%d\": %d", i ? ", " : "", i, i);
	strcpy(to, "}}");
	clock_t before = clock();
	ck_assert_str_eq(render("{{ d.items()|length }} {{ d.values()|sum }} {{ (d ~ '')|length }} "
				"{{ dict(d)|length }}",
				json),
			 "60000 1799970000 997780 60000");
	ck_assert_int_lt((clock() - before) / CLOCKS_PER_SEC, 3);
	free(json);
}
END_TEST

SUITE("jinja language", numbers_end_where_64_bits_do, operands_are_named_as_they_stand,
      lists_are_summed, mappings_of_json_are_gone_through, filters_that_take_filters_take_each_other,
      what_is_put_into_safe_texts_is_escaped, loops_test_when_the_item_is_wanted, formats_are_those_of_python, escaping_goes_by_the_name, data_is_no_template,
      numbers_stay_what_they_are, times_are_values, texts_of_c_are_values, dictionaries_grow,
      json_is_read_only, functions_outlive_their_frame)
