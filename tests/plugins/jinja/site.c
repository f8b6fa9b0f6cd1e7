/* What templates see of a request, and addresses of it. */
#include "../edge.h"

#include <cruet/session.h>
#include <cruet/template.h>

extern const cruet_plugin cruet_plugin_jinja;

static cruet_app *app;
static cruet_client *t;
static char folder[FOLDER_MAX];

static void write_page(const char *name, const char *text)
{
	char file[FOLDER_MAX + 64];

	snprintf(file, sizeof file, "%s/%s", folder, name);
	FILE *f = fopen(file, "w");
	ck_assert(f && fputs(text, f) >= 0 && !fclose(f));
}

static int page(cruet_ctx *c)
{
	return cruet_render(c, "page.html", NULL);
}
static int show(cruet_ctx *c)
{
	(void)c;
	return cruet_empty(c, 204);
}
static int leave(cruet_ctx *c)
{
	cruet_flash(c, "error", "no <salt>");
	cruet_flash(c, NULL, "saved");
	cruet_session_set_str(c, "user", "ann");
	return cruet_empty(c, 204);
}

static void setup(void)
{
	char options[FOLDER_MAX + 16];

	ck_assert(folder_make(folder));
	app = new_app();
	cruet_set(app, "secret_key", "0123456789abcdef0123456789abcdef");
	cruet_use(app, "session", NULL);
	snprintf(options, sizeof options, "folder=%s", folder);
	cruet_use_static(app, &cruet_plugin_jinja, options);
	cruet_get(app, "/", page);
	cruet_get(app, "/items/<int:id>", show);
	cruet_get(app, "/leave", leave);
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
}

static void get(const char *path, const char *body)
{
	ck_assert_int_eq(cruet_client_get(t, path), 200);
	ck_assert_str_eq(cruet_client_body(t), body);
}

START_TEST(requests_are_seen)
{
	write_page("page.html",
		   "{{ request.method }} {{ request.path }} {{ request.args.q }} {{ request.args.r }}"
		   "{% for k in request.args %}[{{ k }}]{% endfor %} {{ request.endpoint }} "
		   "{{ request.headers['Host'] }}{{ request.nothing }}");
	get("/?q=%3Cb%3E&s=1", "GET / &lt;b&gt; [q][s] page localhost");
}
END_TEST

START_TEST(addresses_are_made)
{
	write_page("page.html", "{{ url_for('show', id=7) }} {{ url_for('show', id=7, q='a b') }} "
				"{{ url_for('page', _anchor='x') }}"
				"{% for no in [nowhere, '', none, false, 0, 0.0, [], {}] %} "
				"{{ url_for('page', _external=no) }}{% endfor %}"
				"{% for yes in [true, 1, 'x', 0.5, [0]] %} "
				"{{ url_for('page', _external=yes) }}{% endfor %}");
	get("/", "/items/7 /items/7?q=a+b /#x / / / / / / / / http://localhost/ http://localhost/ "
		 "http://localhost/ http://localhost/ http://localhost/");
}
END_TEST

START_TEST(unknown_endpoints_fail)
{
	write_page("page.html", "{{ url_for('shov', id=7) }}");
	ck_assert_int_eq(cruet_client_get(t, "/"), 500);
	ck_assert(log_says("show"));
}
END_TEST

START_TEST(messages_are_shown_once)
{
	write_page("page.html",
		   "{% for m in get_flashed_messages() %}{{ m }};{% endfor %}"
		   "{% for category, m in get_flashed_messages(with_categories=1) %}"
		   "{{ category }}={{ m }};{% endfor %}"
		   "{% for m in get_flashed_messages(category_filter=['error']) %}{{ m }};{% endfor %}"
		   "{{ session.user }}");
	ck_assert_int_eq(cruet_client_get(t, "/leave"), 204);
	get("/", "no &lt;salt&gt;;saved;error=no &lt;salt&gt;;message=saved;no &lt;salt&gt;;ann");
	get("/", "ann");
}
END_TEST

SUITE_WITH("jinja site", setup, teardown, requests_are_seen, addresses_are_made,
	   unknown_endpoints_fail, messages_are_shown_once)
