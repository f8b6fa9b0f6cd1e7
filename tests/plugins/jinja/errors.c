/* What is said of a mistake: where it is, the line itself, and how it came to be read. */
#include "fixture.h"

static void assert_error(const char *source, const char *json, const char *wanted)
{
	ck_assert_str_eq(render(source, json), wanted);
}

START_TEST(errors_name_the_line)
{
	assert_error("one\n  {{ user.name.first }}\n", "{}",
		     "UndefinedError: 'user' is undefined\n"
		     "  in page.txt, line 2\n"
		     "    {{ user.name.first }}");
	assert_error("{{ user.name.first }}", "{\"user\": {}}",
		     "UndefinedError: 'dict object' has no attribute 'name'\n"
		     "  in page.txt, line 1\n"
		     "    {{ user.name.first }}");
	assert_error("\n\n{{ 1 + 'a' }}", NULL,
		     "TypeError: unsupported operand type(s) for +: 'int' and 'str'\n"
		     "  in page.txt, line 3\n"
		     "    {{ 1 + 'a' }}");
	assert_error("{{ 1 / 0 }}", NULL,
		     "ZeroDivisionError: division by zero\n"
		     "  in page.txt, line 1\n"
		     "    {{ 1 / 0 }}");
	assert_error("{{ 9223372036854775807 + 1 }}", NULL,
		     "OverflowError: the result is larger than 64 bits hold: at most "
		     "9223372036854775807\n"
		     "  in page.txt, line 1\n"
		     "    {{ 9223372036854775807 + 1 }}");
}
END_TEST

START_TEST(syntax_errors_name_the_line)
{
	assert_error("a\n{% if x %}\nb", NULL,
		     "TemplateSyntaxError: Unexpected end of template. Jinja was looking for the "
		     "following tags: 'elif' or 'else|endif'.\n"
		     "  in page.txt, line 3\n"
		     "    b");
	assert_error("{{ a b }}", NULL,
		     "TemplateSyntaxError: expected token 'end of print statement', got 'b'\n"
		     "  in page.txt, line 1\n"
		     "    {{ a b }}");
	assert_error("{% frobnicate %}", NULL,
		     "TemplateSyntaxError: Encountered unknown tag 'frobnicate'.\n"
		     "  in page.txt, line 1\n"
		     "    {% frobnicate %}");
	assert_error("{# never", NULL,
		     "TemplateSyntaxError: Missing end of comment tag\n"
		     "  in page.txt, line 1\n"
		     "    {# never");
}
END_TEST

START_TEST(unknown_words_have_neighbours)
{
	assert_error("{{ a|uper }}", NULL,
		     "TemplateAssertionError: No filter named 'uper': did you mean 'upper'?\n"
		     "  in page.txt, line 1\n"
		     "    {{ a|uper }}");
	assert_error("{{ a is qqqqqqq }}", NULL,
		     "TemplateAssertionError: No test named 'qqqqqqq'.\n"
		     "  in page.txt, line 1\n"
		     "    {{ a is qqqqqqq }}");
	assert_error("{% if 'nope' is filter %}{{ a|nope }}{% else %}none{% endif %}", NULL,
		     "none");
}
END_TEST

START_TEST(chains_are_told)
{
	static const struct page all[] = {
		{"page.html", "\n{% include 'part.html' %}"},
		{"part.html", "{% include 'deep.html' %}"},
		{"deep.html", "x\n{{ 1 // 0 }}"},
		{"bad.html", "{% include 'broken.html' %}"},
		{"broken.html", "\n{% if %}"},
		{"missing.html", "{% include 'nowhere.html' %}"},
		{NULL, NULL}};
	struct engine *e = engine_with(NULL);

	pages = all;
	ck_assert_str_eq(render_with(e, "page.html", NULL),
			 "ZeroDivisionError: integer division or modulo by zero\n"
			 "  in deep.html, line 2\n"
			 "    {{ 1 // 0 }}\n"
			 "  included from part.html:1, included from page.html:2");
	ck_assert_str_eq(render_with(e, "bad.html", NULL),
			 "TemplateSyntaxError: Expected an expression, got 'end of statement "
			 "block'\n"
			 "  in broken.html, line 2\n"
			 "    {% if %}");
	ck_assert_str_eq(render_with(e, "missing.html", NULL),
			 "TemplateNotFound: there is no template 'nowhere.html'\n"
			 "  in missing.html, line 1\n"
			 "    {% include 'nowhere.html' %}");
	engine_free(e);
}
END_TEST

SUITE("jinja errors", errors_name_the_line, syntax_errors_name_the_line,
      unknown_words_have_neighbours, chains_are_told)
