/* Forms in templates. */
#include "fixture.h"

static char folder[FOLDER_MAX];

CRUET_FORM(post_form, "Save", {"title", "Title <b>", "required|max:5", .help = "short & sweet"},
	   {"body", "Text", "required", CRUET_FIELD_TEXTAREA},
	   {"kind", .type = CRUET_FIELD_HIDDEN, .value = "k"});

static int new_post(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &post_form);

	if (!cruet_form_ok(form))
		return cruet_form_render(c, form, "page.html", NULL);
	return cruet_redirect(c, 0, "/");
}

static int under_another_name(cruet_ctx *c)
{
	const cruet_var vars[] = {{"post", cruet_value_host(cruet_form_object(cruet_form_open(c, &post_form)))},
				  {NULL, cruet_value_none()}};

	return cruet_render_vars(c, "page.html", vars);
}

CRUET_FORM(sizes, "Go", {"size", "Size", NULL, CRUET_FIELD_RADIO, .choices = CRUET_CHOICES({"s"})},
	   {"kind", .type = CRUET_FIELD_HIDDEN, .value = "k"});

static int show_sizes(cruet_ctx *c)
{
	return cruet_form_render(c, cruet_form_open(c, &sizes), "page.html", NULL);
}

static int no_form(cruet_ctx *c)
{
	return cruet_form_render(c, NULL, "page.html", NULL);
}

static int plain(cruet_ctx *c)
{
	return cruet_render(c, "page.html", NULL);
}

static void write_page(const char *text)
{
	char file[FOLDER_MAX + 64];

	snprintf(file, sizeof file, "%s/page.html", folder);
	FILE *f = fopen(file, "w");
	ck_assert(f && fputs(text, f) >= 0 && !fclose(f));
}

static void setup(void)
{
	char options[FOLDER_MAX + 32];

	ck_assert(folder_make(folder));
	snprintf(options, sizeof options, "folder=%s", folder);
	app = new_app();
	cruet_set(app, "secret_key", "0123456789abcdef0123456789abcdef");
	cruet_use(app, "session", NULL);
	cruet_use(app, "validate", NULL);
	cruet_use(app, "jinja", options);
	cruet_use_static(app, &cruet_plugin_forms, NULL);
	cruet_add(app, "GET,POST", "/", new_post, "new_post", CRUET_HERE);
	cruet_get(app, "/other", under_another_name);
	cruet_get(app, "/none", no_form);
	cruet_get(app, "/sizes", show_sizes);
	cruet_get(app, "/plain", plain);
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
	ck_assert(folder_remove(folder));
}

static void get(const char *path, const char *body)
{
	assert_status(cruet_client_get(t, path), 200);
	ck_assert_str_eq(body_of(t), body);
}

START_TEST(a_form_is_shown_by_its_name)
{
	write_page("{{ form }}");
	assert_status(send_field("/", "title", "<Salt & more>"), 422);
	assert_shows("<label for=\"post_form-title\">Title &lt;b&gt;</label>");
	assert_shows("value=\"&lt;Salt &amp; more&gt;\"");
	assert_shows("<p class=\"help\" id=\"post_form-title-help\">short &amp; sweet</p>");
	assert_shows("<a href=\"#post_form-body\">The Text field is required.</a>");
	assert_hides("&amp;lt;");
	ck_assert(cruet_client_add_hidden(t, NULL));
	cruet_client_add_field(t, "title", "Salt");
	cruet_client_add_field(t, "body", "and more");
	assert_status(cruet_client_submit(t, "/"), 303);
}
END_TEST

START_TEST(its_parts_make_the_same_form)
{
	char whole[4096];

	write_page("{{ form.begin }}{{ form.summary }}{% for f in form %}{{ f }}{% endfor %}"
		   "{{ form.submit }}{{ form.end }}");
	assert_status(send_field("/", "title", "too long"), 422);
	ck_assert_uint_eq(times("name=\"kind\""), 1);
	ck_assert_uint_eq(times("<button>"), 1);
	snprintf(whole, sizeof whole, "%s", strstr(body_of(t), "<input type=\"hidden\" name=\"_form\""));
	write_page("{{ form }} "); /* another size: it is compiled anew */
	cruet_free(app);
	cruet_client_free(t);
	setup();
	write_page("{{ form }}");
	assert_status(send_field("/", "title", "too long"), 422);
	ck_assert_str_eq(strstr(body_of(t), "<input type=\"hidden\" name=\"_form\""), whole);
}
END_TEST

START_TEST(fields_are_taken_apart)
{
	write_page("{{ form.title.label }}{{ form.title.input }}{{ form.title.notes }}|{{ form.title.id }}|"
		   "{{ form.title.name }}|{{ form.title.text }}|{{ form.title.help }}|{{ form.title.required }}|"
		   "{{ form.title.value }}|{{ form.kind.value }}|{{ form.title.errors|length }}|"
		   "{{ form.title.error }}|{{ form['title'].value }}|{{ form.sent }}");
	get("/", "<label for=\"post_form-title\">Title &lt;b&gt;</label>\n"
		 "<input id=\"post_form-title\" name=\"title\" type=\"text\" value=\"\" maxlength=\"5\" required "
		 "aria-describedby=\"post_form-title-help\">\n"
		 "<p class=\"help\" id=\"post_form-title-help\">short &amp; sweet</p>\n"
		 "|post_form-title|title|Title &lt;b&gt;|short &amp; sweet|True|None|k|0|None|None|False");
}
END_TEST

/* A group has its label in a frame, which is the template's here; what is hidden is in it
 * already. */
START_TEST(groups_and_hidden_fields_are_taken_apart)
{
	write_page("<fieldset>{{ form.size.label }}{{ form.size.input }}</fieldset>"
		   "{{ form.kind.label }}{{ form.kind.input }}{{ form.kind.notes }}");
	get("/sizes", "<fieldset><legend>Size</legend>\n<div class=\"choice\"><input id=\"sizes-size\" "
		      "name=\"size\" type=\"radio\" value=\"s\"> <label for=\"sizes-size\">s</label></div>\n"
		      "</fieldset>");
}
END_TEST

START_TEST(errors_are_listed)
{
	write_page("{{ form.csrf }}{% for e in form.title.errors %}[{{ e }}]{% endfor %}{{ form.title.value }}"
		   "{% for e in form.errors %}({{ e }}){% endfor %}{{ form.ok }}<form>{{ form.csrf }}</form>");
	assert_status(send_field("/", "title", "<i>too</i>"), 422);
	assert_shows("[The Title &lt;b&gt; field must not be greater than 5 characters.]&lt;i&gt;too&lt;/i&gt;False");
	cruet_client_add_field(t, "title", "x");
	assert_status(cruet_client_submit(t, "/"), 403);
	assert_shows("(This form was shown too long ago, or in another session. Please send it again.)");
}
END_TEST

START_TEST(words_that_are_wrong_are_named)
{
	write_page("{{ form.titel }}");
	ck_assert_int_eq(cruet_client_get(t, "/"), 500);
	ck_assert_msg(log_says("form post_form has no field 'titel': did you mean 'title'?"), "%s", logged);
}
END_TEST

START_TEST(members_that_are_wrong_are_named)
{
	write_page("{{ form.title.vallue }}");
	ck_assert_int_eq(cruet_client_get(t, "/"), 500);
	ck_assert_msg(log_says("field title has no member 'vallue': did you mean 'value'?"), "%s", logged);
}
END_TEST

START_TEST(it_may_have_another_name)
{
	write_page("{{ post.title.name }}{{ form }}");
	get("/other", "title");
}
END_TEST

START_TEST(without_a_form_nothing_is_shown)
{
	write_page("x");
	ck_assert_int_eq(cruet_client_get(t, "/none"), 500);
	ck_assert_msg(log_says("cruet_form_render: expected a form that was opened, and got NULL"), "%s",
		      logged);
}
END_TEST

START_TEST(tokens_are_functions)
{
	write_page("<form>{{ csrf_field() }}</form>{{ csrf_token()|length }}");
	assert_status(cruet_client_get(t, "/plain"), 200);
	assert_shows("<form><input type=\"hidden\" name=\"_csrf\" value=\"");
	assert_shows("</form>43");
}
END_TEST

SUITE_WITH("forms pages", setup, teardown, a_form_is_shown_by_its_name, its_parts_make_the_same_form,
	   fields_are_taken_apart,
	   groups_and_hidden_fields_are_taken_apart, errors_are_listed, words_that_are_wrong_are_named,
	   members_that_are_wrong_are_named, it_may_have_another_name, without_a_form_nothing_is_shown,
	   tokens_are_functions)
