/* Options of the plugin: how templates are written, and which are refused. */
#include "../edge.h"

#include <cruet/template.h>

extern const cruet_plugin cruet_plugin_jinja;

static char folder[FOLDER_MAX];

static void write_page(const char *name, const char *text)
{
	char file[FOLDER_MAX + 64];

	snprintf(file, sizeof file, "%s/%s", folder, name);
	FILE *f = fopen(file, "w");
	ck_assert(f && fputs(text, f) >= 0 && !fclose(f));
}

static int show(cruet_ctx *c)
{
	return cruet_render(c, "page.txt", NULL);
}

/* The text of a template with these options; "500" if it fails. */
static void assert_gives(const char *options, const char *source, const char *text)
{
	char all[FOLDER_MAX + 512];
	cruet_app *app = new_app();

	write_page("page.txt", source);
	snprintf(all, sizeof all, "folder=%s\n%s", folder, options);
	cruet_use_static(app, &cruet_plugin_jinja, all);
	cruet_get(app, "/", show);
	cruet_client *t = client_of(app);
	if (cruet_client_get(t, "/") == 200)
		ck_assert_str_eq(cruet_client_body(t), text);
	else
		ck_assert_msg(!strcmp(text, "500"), "%s: %s", options, logged);
	done(app, t);
}

START_TEST(templates_are_written_as_one_likes)
{
	ck_assert(folder_make(folder));
	assert_gives("block_begin=<%\nblock_end=%>\nprint_begin=${\nprint_end=}\n"
		     "comment_begin=<#\ncomment_end=#>",
		     "<% for a in [1, 2] %>${ a }{{ a }}<# no #><% endfor %>{% x %}{# y #}",
		     "1{{ a }}2{{ a }}{% x %}{# y #}");
	assert_gives("line_statement=%\nline_comment=%%",
		     "% for a in [1, 2]:\n{{ a }} %% not shown\n% endfor\n", "1\n2\n");
	assert_gives("trim_blocks=true\nlstrip_blocks=true", "  {% if 1 %}\n  a\n  {% endif %}\nb",
		     "  a\nb");
	assert_gives("keep_trailing_newline=true", "a\n", "a\n");
	assert_gives("", "a\r\nb\n", "a\nb");
	assert_gives("newline=crlf\nkeep_trailing_newline=true", "a\nb\r\nc\n", "a\r\nb\r\nc\r\n");
	assert_gives("newline=cr", "a\nb", "a\rb");
}
END_TEST

START_TEST(undefined_variables_give_what_was_chosen)
{
	ck_assert(folder_make(folder));
	assert_gives("", "[{{ nope }}]", "[]");
	assert_gives("", "[{{ nope.x }}]", "500");
	assert_gives("undefined=strict", "[{{ nope }}]", "500");
	assert_gives("undefined=strict", "{{ nope is defined }} {{ nope|default('d') }}", "False d");
	assert_gives("undefined=chain", "[{{ nope.x.y }}]", "[]");
	assert_gives("undefined=show", "[{{ nope }}]", "[{{ nope }}]");
}
END_TEST

START_TEST(wrong_options_are_refused)
{
	static const struct {
		const char *options, *sentence;
	} cases[] = {
		{"print_begin=", "plugin 'jinja': option print_begin = \"\": expected some text"},
		{"comment_end=", "plugin 'jinja': option comment_end = \"\": expected some text"},
		{"print_begin={%", "plugin 'jinja': option print_begin = \"{%\": expected another text "
				   "than block_begin has"},
		{"line_statement=#\nline_comment=#", "plugin 'jinja': option line_comment = \"#\": "
						     "expected another text than line_statement has"},
		{"newline=lfcr", "plugin 'jinja': option newline = \"lfcr\": expected one of lf|crlf|cr"},
		{"chunk=1", "plugin 'jinja': option chunk = \"1\": expected how much of a streamed page "
			    "is made at a time, such as 16k"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(&cruet_plugin_jinja, cases[i].options, cases[i].sentence);
}
END_TEST

SUITE("jinja options", templates_are_written_as_one_likes,
      undefined_variables_give_what_was_chosen, wrong_options_are_refused)
