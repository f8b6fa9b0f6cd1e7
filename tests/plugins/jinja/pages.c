/* The plugin in an application: replies, filters and objects of C, loaders. */
#include "../edge.h"

#include <cruet/svc/checkup.h>
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

static void setup(void)
{
	char options[FOLDER_MAX + 16];

	ck_assert(folder_make(folder));
	app = new_app();
	snprintf(options, sizeof options, "folder=%s", folder);
	cruet_use_static(app, &cruet_plugin_jinja, options);
}

static void teardown(void)
{
	done(app, t);
}

static void get(const char *path, int status, const char *body)
{
	ck_assert_int_eq(cruet_client_get(t, path), status);
	ck_assert_str_eq(cruet_client_body(t), body);
}

/* --- replies ------------------------------------------------------------------------- */

static int hello(cruet_ctx *c)
{
	cruet_json *vars = cruet_object(c);

	cruet_put_str(vars, "name", cruet_arg(c, "name"));
	return cruet_render(c, "hello.html", vars);
}

static int feed(cruet_ctx *c)
{
	return cruet_render(c, "feed.xml", NULL);
}

static int mail(cruet_ctx *c)
{
	const cruet_var vars[] = {{"name", cruet_value_text("<Ann>")}, {NULL, {0}}};
	size_t len;
	const char *text = cruet_render_text(c, "mail.txt", vars, &len);

	return text ? cruet_textf(c, "%zu: %s", len, text) : cruet_err(c);
}

START_TEST(templates_are_replies)
{
	write_page("hello.html", "<p>Hello, {{ name }}!</p>");
	write_page("feed.xml", "<feed/>");
	write_page("mail.txt", "Dear {{ name }}");
	cruet_get(app, "/hello/<name>", hello);
	cruet_get(app, "/feed", feed);
	cruet_get(app, "/mail", mail);
	t = client_of(app);
	get("/hello/<b>", 200, "<p>Hello, &lt;b&gt;!</p>");
	ck_assert_str_eq(cruet_client_header(t, "Content-Type"), "text/html; charset=utf-8");
	get("/feed", 200, "<feed/>");
	ck_assert_str_eq(cruet_client_header(t, "Content-Type"), "application/xml; charset=utf-8");
	get("/mail", 200, "10: Dear <Ann>");
}
END_TEST

static int broken(cruet_ctx *c)
{
	return cruet_render(c, "broken.html", NULL);
}
static int missing(cruet_ctx *c)
{
	return cruet_render(c, "missing.html", NULL);
}

START_TEST(failures_are_logged)
{
	write_page("broken.html", "\n{{ 1 / 0 }}");
	cruet_get(app, "/broken", broken);
	cruet_get(app, "/missing", missing);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/broken"), 500);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "Division"));
	ck_assert(log_says("ZeroDivisionError: division by zero"));
	ck_assert(log_says("broken.html, line 2"));
	ck_assert_int_eq(cruet_client_get(t, "/missing"), 500);
	ck_assert(log_says("there is no template 'missing.html'"));
}
END_TEST

/* --- words of C ------------------------------------------------------------------------ */

static int money(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	if (n != 1 || args[0].kind != CRUET_VALUE_INT)
		return cruet_fail(c, 500, "money wants cents");
	*out = cruet_value_text(cruet_printf(c, "%lld.%02lld %s", (long long)args[0].as.i / 100,
					     (long long)args[0].as.i % 100, (const char *)arg));
	return CRUET_OK;
}

static int is_cheap(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)c, (void)n, (void)arg;
	*out = cruet_value_bool(args[0].as.i < 100);
	return CRUET_OK;
}

static int count(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)c, (void)arg;
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(args[0].kind, CRUET_VALUE_JSON);
	*out = cruet_value_int((int64_t)cruet_json_len(args[0].as.json));
	return CRUET_OK;
}

static int prices(cruet_ctx *c)
{
	cruet_template_set(c, "from", cruet_value_text("request"));
	return cruet_render(c, "prices.html", NULL);
}

START_TEST(words_are_added)
{
	write_page("prices.html", "{{ 1234|money }} {{ 99 is cheap }} {{ count([1, 'b', {'k': 2}]) }} "
				  "{{ shop }} {{ from }} {{ [100, 20]|map('money')|join(', ') }} "
				  "{{ [100, 20]|select('cheap')|list }}");
	cruet_template_filter(app, "money", money, (void *)"EUR");
	cruet_template_test(app, "cheap", is_cheap, NULL);
	cruet_template_function(app, "count", count, NULL);
	cruet_template_global(app, "shop", cruet_value_text("Corner & Co"));
	cruet_get(app, "/", prices);
	t = client_of(app);
	get("/", 200, "12.34 EUR True 3 Corner &amp; Co request 1.00 EUR, 0.20 EUR [20]");
}
END_TEST

static int refused(cruet_ctx *c)
{
	return cruet_render(c, "refused.html", NULL);
}

START_TEST(words_may_fail)
{
	write_page("refused.html", "{{ 'x'|money }}");
	cruet_template_filter(app, "money", money, NULL);
	cruet_get(app, "/", refused);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/"), 500);
	ck_assert(log_says("money wants cents"));
}
END_TEST

START_TEST(lists_of_any_kind_are_given_out)
{
	write_page("prices.html", "{{ all(range(3)) }} {{ all([1, 2]|map('abs')) }} {{ all({'a': 1}) }}");
	write_page("refused.html", "{{ all(range(20000)) }}");
	write_page("broken.html", "{{ all(['a\\x00']) }}");
	cruet_template_function(app, "all", count, NULL);
	cruet_get(app, "/", prices);
	cruet_get(app, "/refused", refused);
	cruet_get(app, "/broken", broken);
	t = client_of(app);
	get("/", 200, "3 2 1");
	ck_assert_int_eq(cruet_client_get(t, "/refused"), 500);
	ck_assert(log_says("ValueError: a list cannot be given to all: "));
	ck_assert_int_eq(cruet_client_get(t, "/broken"), 500);
	ck_assert(log_says("broken.html, line 1"));
}
END_TEST

/* --- objects of C ------------------------------------------------------------------------ */

static size_t asked;

static int row(cruet_ctx *c, void *self, size_t i, cruet_value *out)
{
	(void)c;
	if (i == *(size_t *)self)
		return CRUET_ENOENT;
	asked++;
	*out = cruet_value_int((int64_t)(i * i));
	return CRUET_OK;
}

static int get_member(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	if (strcmp(name, "name") != 0)
		return CRUET_ENOENT;
	*out = cruet_value_text(cruet_printf(c, "<%zu squares>", *(size_t *)self));
	return CRUET_OK;
}

static int call(cruet_ctx *c, void *self, const cruet_value *args, const char *const *names,
		size_t n, cruet_value *out)
{
	(void)self;
	ck_assert_uint_eq(n, 2);
	ck_assert_ptr_null(names[0]);
	*out = cruet_value_text(cruet_printf(c, "%lld %s=%.*s", (long long)args[0].as.i, names[1],
					     (int)args[1].len, args[1].as.s));
	return CRUET_OK;
}

static int squares(cruet_ctx *c)
{
	static const cruet_template_type type = {.size = sizeof type,
						 .name = "squares",
						 .get = get_member,
						 .row = row,
						 .call = call};
	static size_t n = 5;
	cruet_template_object object = {&type, &n};
	const cruet_var vars[] = {{"squares", cruet_value_host(&object)}, {NULL, {0}}};

	asked = 0;
	return cruet_render_vars(c, "squares.html", vars);
}

START_TEST(rows_come_when_they_are_asked_for)
{
	write_page("squares.html", "{{ squares.name }} {{ squares.nothing }}"
				   "{% for s in squares %}{% if s > 3 %}{% break %}{% endif %}{{ s }} "
				   "{% endfor %}{{ squares(7, k='v') }}");
	cruet_get(app, "/", squares);
	t = client_of(app);
	get("/", 200, "&lt;5 squares&gt; 0 1 7 k=v");
	ck_assert_uint_eq(asked, 3);
}
END_TEST

START_TEST(rows_without_a_number_are_counted)
{
	write_page("squares.html", "{% for s in squares %}{{ loop.index }}/{{ loop.length }}:{{ s }} "
				   "{% endfor %}");
	cruet_get(app, "/", squares);
	t = client_of(app);
	get("/", 200, "1/5:0 2/5:1 3/5:4 4/5:9 5/5:16 ");
}
END_TEST

/* --- loaders ------------------------------------------------------------------------------ */

static int load(cruet_ctx *c, const char *name, void *arg, cruet_value *out)
{
	(void)c, (void)arg;
	if (strcmp(name, "built/in.html") != 0)
		return CRUET_ENOENT;
	*out = cruet_value_text("from code: {{ 1 + 1 }}");
	return CRUET_OK;
}
static int built_in(cruet_ctx *c)
{
	return cruet_render(c, "built/in.html", NULL);
}

START_TEST(code_gives_templates)
{
	cruet_template_loader(app, load, NULL);
	cruet_get(app, "/", built_in);
	t = client_of(app);
	get("/", 200, "from code: 2");
}
END_TEST

START_TEST(without_the_plugin_it_is_said)
{
	cruet_app *bare = new_app();

	cruet_get(bare, "/", built_in);
	t = client_of(bare);
	ck_assert_int_eq(cruet_client_get(t, "/"), 500);
	ck_assert(log_says("template/1"));
	ck_assert(log_says("jinja"));
	done(bare, t);
	t = client_of(app);
}
END_TEST

/* --- cruet check -------------------------------------------------------------------------- */

static void found(void *self, cruet_ctx *c, const char *where, const char *what, const char *cure)
{
	char *all = self;

	(void)c;
	ck_assert_ptr_null(cure);
	snprintf(all + strlen(all), 1000 - strlen(all), "%s: %s\n", strstr(where, "/check"), what);
}

static int ask(cruet_ctx *c)
{
	char all[1000] = "";
	const cruet_checkup check = {.size = sizeof check, .self = all, .found = found};

	cruet_tell(c, CRUET_CHECKUP_EVENT, &check);
	return cruet_text(c, all);
}

START_TEST(checkups_hear_of_mistakes)
{
	write_page("check1.html", "fine");
	write_page("check2.html", "\n{{ a|uper }}");
	write_page("check3.html", "{% include 'nowhere.html' %}\n<script>{{ a }}</script>");
	cruet_get(app, "/", ask);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	const char *body = cruet_client_body(t);
	ck_assert_ptr_nonnull(strstr(body, "/check2.html:2: No filter named 'uper': did you mean "
					   "'upper'?\n"));
	ck_assert_ptr_nonnull(strstr(body, "/check3.html:1: there is no template 'nowhere.html'\n"));
	ck_assert_ptr_nonnull(strstr(body, "/check3.html:2: "));
	ck_assert_ptr_null(strstr(body, "check1"));
}
END_TEST

static const char *checked(void)
{
	cruet_get(app, "/", ask);
	t = client_of(app);
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	return cruet_client_body(t);
}

START_TEST(checkups_hear_of_blocks)
{
	write_page("check1.html", "{% block a %}{% endblock %}{% block b required %}{% endblock %}"
				  "{{ self.c() }}");
	write_page("check2.html", "{% extends 'check1.html' %}{% block a %}{{ self.a() }}{{ self.b() }}"
				  "{% endblock %}");
	write_page("check3.html", "{% extends 'check2.html' %}\n{% block b %}{{ self.d() }}"
				  "{% endblock %}{% block e %}{% endblock %}");
	write_page("check4.html", "\n{% extends 'check2.html' %}{% block a %}{% endblock %}");
	write_page("check5.html", "{% set self = x %}{{ self.y }}");
	ck_assert_str_eq(
		checked(),
		"/check3.html:2: block 'e' is in none of the templates that this one extends: "
		"nothing shows it\n"
		"/check3.html:2: self.d: there is no block of this name\n"
		"/check4.html:2: block 'b' of 'check1.html' is required, and nobody fills it: this "
		"template cannot be rendered\n");
}
END_TEST

START_TEST(checkups_do_not_guess_at_blocks)
{
	write_page("check1.html", "{% block a required %}{% endblock %}{{ self.b() }}");
	write_page("check2.html", "{% extends x %}{% block b %}{{ self.c() }}{% endblock %}");
	ck_assert_str_eq(checked(), "");
}
END_TEST

START_TEST(checkups_take_a_parent_for_unknown_that_comes_on_a_condition)
{
	write_page("check1.html", "{% block a required %}{% endblock %}");
	write_page("check2.html", "{% if x %}{% extends 'check1.html' %}{% endif %}"
				  "{% block b %}{{ self.c() }}{% endblock %}");
	ck_assert_str_eq(checked(), "");
}
END_TEST

START_TEST(checkups_hear_of_a_required_block_that_nobody_knows)
{
	write_page("check1.html", "\n{% block a required %}{% endblock %}");
	ck_assert_str_eq(checked(), "/check1.html:2: block 'a' of 'check1.html' is required, and "
				    "nobody fills it: this template cannot be rendered\n");
}
END_TEST

SUITE_WITH("jinja pages", setup, teardown, templates_are_replies, failures_are_logged,
	   words_are_added, words_may_fail, lists_of_any_kind_are_given_out,
	   rows_come_when_they_are_asked_for,
	   rows_without_a_number_are_counted, code_gives_templates, checkups_hear_of_mistakes,
	   checkups_hear_of_blocks, checkups_do_not_guess_at_blocks,
	   checkups_take_a_parent_for_unknown_that_comes_on_a_condition,
	   checkups_hear_of_a_required_block_that_nobody_knows, without_the_plugin_it_is_said)
