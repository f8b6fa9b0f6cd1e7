/* What a visitor sends is data, whichever way it comes to a template: tags in it are shown as
 * they are, and neither run nor change what stands around them. */
#include "../edge.h"

#include <cruet/session.h>
#include <cruet/template.h>

extern const cruet_plugin cruet_plugin_jinja;

static cruet_app *app;
static cruet_client *t;
static char folder[FOLDER_MAX];

static const char *const evil[] = {
	"{{7*7}}",
	"{{ 7 * 7 }}{{ config }}{{ request }}{{ secret }}",
	"{% if 1 %}49{% endif %}",
	"{% include 'secret.html' %}",
	"{%- set title = 'stolen' -%}",
	"{% raw %}",
	"{% endraw %}{{ secret }}",
	"{% endblock %}{{ secret }}{% block x %}",
	"{# gone #}",
	"# for i in 'ab'\n## gone\n# endfor",
	"{{ ''.__class__.__mro__[1].__subclasses__() }}",
	"}}{{ secret }}{{",
	"%}{{ secret }}{%",
	"%(secret)s%s%d{secret}{0}{}",
	"' ~ secret ~ '",
	"\" ~ secret ~ \"",
	"\\x7b\\x7b secret }}",
	"&#123;&#123; secret }}",
	"secret",
};

static const char *way; /* the page that is tried */

/* --- the ways -------------------------------------------------------------------------------- */

static const char *sent(cruet_ctx *c)
{
	return cruet_form(c, "text");
}

static int get_text(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	(void)self;
	if (strcmp(name, "text") != 0)
		return CRUET_ENOENT;
	*out = cruet_value_text(sent(c));
	return CRUET_OK;
}
static int row_text(cruet_ctx *c, void *self, size_t i, cruet_value *out)
{
	return i ? CRUET_ENOENT : get_text(c, self, "text", out);
}
static int call_text(cruet_ctx *c, void *self, const cruet_value *args, const char *const *names,
		     size_t n, cruet_value *out)
{
	(void)args, (void)names, (void)n;
	return get_text(c, self, "text", out);
}
static int own_text(cruet_ctx *c, void *self, cruet_value *out)
{
	return get_text(c, self, "text", out);
}

static int pass(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)c, (void)n, (void)arg;
	*out = args[0];
	return CRUET_OK;
}

static int of_request(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)args, (void)n, (void)arg;
	return get_text(c, NULL, "text", out);
}

static int show(cruet_ctx *c)
{
	static const cruet_template_type type = {.size = sizeof type,
						 .name = "host",
						 .get = get_text,
						 .row = row_text,
						 .call = call_text,
						 .text = own_text};
	const cruet_template_object host = {&type, NULL};
	cruet_json *json = cruet_object(c);

	cruet_put_str(json, "text", sent(c));
	cruet_put_int(json, sent(c), 1);
	cruet_push_str(cruet_put_array(json, "list"), sent(c));
	cruet_template_set(c, "set", cruet_value_text(sent(c)));
	if (strstr(way, "flashed"))
		cruet_flash(c, sent(c), "%s", sent(c));
	cruet_session_set_str(c, "text", sent(c));
	const cruet_var vars[] = {{"text", cruet_value_text(sent(c))},
				  {"html", cruet_value_html(sent(c))},
				  {"json", cruet_value_json(json)},
				  {"host", cruet_value_host(&host)},
				  {NULL, cruet_value_none()}};
	if (cruet_query(c, "streamed"))
		return cruet_render_stream(c, "page.txt", vars);
	return cruet_render_vars(c, "page.txt", vars);
}

/* The pages, each of which is to show what was sent, and nothing else. */
static const char *const ways[] = {
	"{{ text }}",
	"{{ html }}",
	"{{ text|safe }}",
	"{{ set }}",
	"{{ json.text }}",
	"{{ json['list'][0] }}",
	"{% for key in json if key not in ['text', 'list'] %}{{ key }}{% endfor %}",
	"{% for t in json.list %}{{ t }}{% endfor %}",
	"{{ host.text }}",
	"{{ host['text'] }}",
	"{{ host() }}",
	"{{ host }}",
	"{% for t in host %}{{ t }}{% endfor %}",
	"{{ request.form.text }}",
	"{{ session.text }}",
	"{{ get_flashed_messages()[0] }}",
	"{{ get_flashed_messages(with_categories=true)[0][0] }}",
	"{{ text|pass }}",
	"{{ of_request() }}",
	"{{ '%s' % text }}",
	"{{ '{}'.format(text) }}",
	"{{ '%(t)s'|format(t=text) }}",
	"{{ '' ~ text }}",
	"{{ '' + text }}",
	"{{ ['', text]|join }}",
	"{{ 'X'|replace('X', text) }}",
	"{{ nothing|default(text) }}",
	"{{ text if text }}",
	"{{ [text]|first }}{{ {'a': text}.b }}",
	"{% set x = text %}{{ x }}",
	"{% set x %}{{ text }}{% endset %}{{ x }}",
	"{% filter string %}{{ text }}{% endfilter %}",
	"{% with x = text %}{{ x }}{% endwith %}",
	"{% macro m(a) %}{{ a }}{% endmacro %}{{ m(text) }}",
	"{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ text }}{% endcall %}",
	"{% trans x=text %}{{ x }}{% endtrans %}",
	"{{ gettext('%s') % text }}",
	"{{ _(text) }}",
	"{% autoescape false %}{{ text }}{% endautoescape %}",
	"{% include 'part.txt' %}",
	"{% from 'macros.txt' import shown %}{{ shown(text) }}",
	"{% extends 'base.txt' %}{% block body %}{{ text }}{% endblock %}",
	"{% extends 'base.txt' %}{% block body %}{{ super() }}{{ text }}{% endblock %}",
	"{% include [text, 'part.txt'] %}",
	"{% include text ignore missing %}{{ text }}",
	"{% raw %}{% endraw %}{{ text }}{# {{ text }} #}",
	"# for i in [text]\n{{ i }}\n# endfor",
};

static void write_page(const char *name, const char *source)
{
	char file[FOLDER_MAX + 64];

	snprintf(file, sizeof file, "%s/%s", folder, name);
	FILE *f = fopen(file, "w");
	ck_assert(f && fputs(source, f) >= 0 && !fclose(f));
}

static void setup(void)
{
	char options[FOLDER_MAX + 64];

	ck_assert(folder_make(folder));
	app = new_app();
	cruet_set(app, "secret_key", "0123456789abcdef0123456789abcdef");
	cruet_use(app, "session", NULL);
	snprintf(options, sizeof options,
		 "folder=%s\nreload=true\nline_statement=#\nline_comment=##", folder);
	cruet_use_static(app, &cruet_plugin_jinja, options);
	cruet_template_filter(app, "pass", pass, NULL);
	cruet_template_function(app, "of_request", of_request, NULL);
	cruet_template_global(app, "secret", cruet_value_text("49"));
	cruet_post(app, "/", show);
	write_page("secret.html", "49");
	write_page("part.txt", "{{ text }}");
	write_page("macros.txt", "{% macro shown(a) %}{{ a }}{% endmacro %}");
	write_page("base.txt", "{% block body %}{% endblock %}");
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
}

/* The text, and nothing else but perhaps the end of a line. */
static void assert_shown(const char *text, const char *path)
{
	size_t n = strlen(text);

	cruet_client_add_field(t, "text", text);
	int status = cruet_client_submit(t, path);
	const char *body = cruet_client_body(t);
	bool same = status == 200 && !strncmp(body, text, n) &&
		    (!body[n] || !strcmp(body + n, "\n"));
	ck_assert_msg(same, "%s with %s gives %d: %s %s", way, text, status, body, logged);
}

START_TEST(data_is_never_a_template)
{
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		way = ways[i];
		write_page("page.txt", way);
		for (size_t k = 0; k < sizeof evil / sizeof *evil; k++) {
			assert_shown(evil[k], "/");
			assert_shown(evil[k], "/?streamed=1");
		}
	}
}
END_TEST

/* Names that a visitor may choose lead to templates of the folder, and to nothing else. */
START_TEST(names_lead_nowhere_else)
{
	static const char *const names[] = {"../../etc/passwd", "/etc/passwd", "./secret.html",
					    "x/../secret.html", ".hidden", "secret.html\n",
					    "{{ 'secret.html' }}", "file:///etc/passwd"};

	way = "{% include text %}";
	write_page(".hidden", "49");
	write_page("page.txt", way);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		cruet_client_add_field(t, "text", names[i]);
		ck_assert_int_eq(cruet_client_submit(t, "/"), 500);
		ck_assert(log_says("there is no template"));
		logged[0] = '\0';
	}
}
END_TEST

SUITE_WITH("jinja injection", setup, teardown, data_is_never_a_template, names_lead_nowhere_else)
