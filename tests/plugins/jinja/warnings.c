/* Where a variable stands that escaping for HTML does not make safe. */
#include "fixture.h"
#include "node.h"

static void assert_warned(const char *source, const char *wanted)
{
	struct engine *e = engine_with(NULL);
	struct complaint why;
	char got[2048] = "";
	struct template *t = engine_compile(e, "page.html", source, strlen(source), &why);

	ck_assert_msg(t != NULL, "%s", why.what);
	for (size_t i = 0; i < t->nwarnings; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%u: %.30s\n",
			 t->warnings[i].line, t->warnings[i].text);
	template_free(t);
	engine_free(e);
	ck_assert_str_eq(got, wanted);
}

START_TEST(text_and_quotes_are_fine)
{
	assert_warned("<p>{{ a }}</p><a href=\"/{{ a }}\" title='{{ a }}'>{{ a }}</a>", "");
	assert_warned("<!-- <script> {{ a }} --> {{ a }} a < b {{ a }}", "");
	assert_warned("<script src=\"{{ a }}\"></script>{{ a }}", "");
	assert_warned("<script>x = {{ a|tojson }}; y = {{ n|int }};</script>", "");
}
END_TEST

START_TEST(scripts_and_styles_are_told)
{
	assert_warned("<script>\nx = '{{ a }}';</script>{{ a }}",
		      "2: a variable in a script: write \n");
	assert_warned("<SCRIPT type=module>if (a < b) {{ a }}</SCRIPT>",
		      "1: a variable in a script: write \n");
	assert_warned("<style>p { color: {{ a }} }</style>{{ a }}",
		      "1: a variable in a style: escapin\n");
	assert_warned("<script>{% if b %}\n{{ a }}{% endif %}</script>",
		      "2: a variable in a script: write \n");
}
END_TEST

START_TEST(bare_attributes_are_told)
{
	assert_warned("<a href={{ a }}>x</a>{{ b }}", "1: a variable in an attribute wit\n");
	assert_warned("<a href=/x/{{ a }} id=1>{{ b }}", "1: a variable in an attribute wit\n");
	assert_warned("<a href = {{ a }} id=\"{{ c }}\">{{ b }}",
		      "1: a variable in an attribute wit\n");
}
END_TEST

SUITE("jinja warnings", text_and_quotes_are_fine, scripts_and_styles_are_told,
      bare_attributes_are_told)
