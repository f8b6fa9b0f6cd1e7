/* Tokens, flashed messages and the session in pages that are made while they are sent, behind
 * what was sent with the head. */
#include "fixture.h"

static char folder[FOLDER_MAX];

#define LONG "{{ 'many words ' * 200 }}\n"

CRUET_FORM(note_form, "Save", {"note", "Note", "required"});

static int page(cruet_ctx *c)
{
	return cruet_render_stream(c, cruet_arg(c, "name"), NULL);
}

static int public_page(cruet_ctx *c)
{
	cruet_set_header(c, "Cache-Control", "public, max-age=60");
	return page(c);
}

static int note(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &note_form);

	if (cruet_form_ok(form))
		return cruet_textf(c, "note %s", cruet_form_str(form, "note"));
	const cruet_var vars[] = {{"form", cruet_value_host(cruet_form_object(form))},
				  {NULL, cruet_value_none()}};
	return cruet_render_stream(c, "form.html", vars);
}

static int opened(cruet_ctx *c)
{
	if (!cruet_csrf_token(c))
		return cruet_err(c);
	return cruet_render_stream(c, "hidden.html", NULL);
}

static int changed(cruet_ctx *c)
{
	return cruet_text(c, "changed");
}

static int enter(cruet_ctx *c)
{
	cruet_session_renew(c);
	cruet_session_set_str(c, "name", "ann");
	cruet_flash(c, NULL, "hello");
	return cruet_empty(c, 204);
}

/* {{ keep() }}: a session that is written by a page. */
static int keep(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)args, (void)n, (void)arg;
	*out = cruet_value_text("kept");
	return cruet_session_set_int(c, "kept", 1);
}

static void write_page(const char *name, const char *text)
{
	char file[FOLDER_MAX + 64];

	snprintf(file, sizeof file, "%s/%s", folder, name);
	FILE *f = fopen(file, "w");
	ck_assert(f && fputs(text, f) >= 0 && !fclose(f));
}

static void setup(void)
{
	char options[FOLDER_MAX + 32];

	ck_assert(folder_make(folder));
	snprintf(options, sizeof options, "folder=%s\nchunk=1k", folder);
	app = new_app();
	cruet_set(app, "secret_key", "0123456789abcdef0123456789abcdef");
	cruet_use(app, "session", NULL);
	cruet_use(app, "validate", NULL);
	cruet_use(app, "jinja", options);
	cruet_use_static(app, &cruet_plugin_forms, NULL);
	cruet_template_function(app, "keep", keep, NULL);
	cruet_add(app, "GET,POST", "/form", note, "note", CRUET_HERE);
	cruet_get(app, "/page/<name>", page);
	cruet_get(app, "/public/<name>", public_page);
	cruet_get(app, "/opened", opened);
	cruet_get(app, "/enter", enter);
	cruet_app *bp = cruet_blueprint(app, "guarded", "/guarded");
	cruet_before(bp, cruet_csrf_check);
	cruet_add(bp, "POST", "/", changed, "change", CRUET_HERE);
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
}

/* A page of several chunks, which comes whole. */
static void visit_long(const char *path)
{
	ck_assert_int_eq(cruet_client_get(t, path), 200);
	ck_assert(!cruet_client_broken(t));
	ck_assert_ptr_null(cruet_client_header(t, "Content-Length"));
}

/* What it has hidden goes with what is sent next. */
static void visit_form(const char *path)
{
	visit_long(path);
	ck_assert(cruet_client_add_hidden(t, NULL));
}

static void assert_private(void)
{
	ck_assert_str_eq(cruet_client_header(t, "Vary"), "Cookie");
	ck_assert_str_eq(cruet_client_header(t, "Cache-Control"), "private, no-cache");
}

START_TEST(tokens_of_forms_are_right)
{
	write_page("form.html", LONG "{{ form }}");
	visit_form("/form");
	assert_private();
	cruet_client_add_field(t, "note", "salt");
	assert_status(cruet_client_submit(t, "/form"), 200);
	assert_body(t, "note salt");
}
END_TEST

START_TEST(tokens_by_hand_are_right)
{
	write_page("base.html", LONG "{% block body %}{% endblock %}");
	write_page("part.html", "<form method=post>{{ csrf_field() }}</form>");
	write_page("page.html", "{% extends 'base.html' %}{% block body %}{% if 1 %}"
				"{% include 'part.html' %}{% endif %}{% endblock %}");
	visit_form("/page/page.html");
	assert_private();
	assert_status(cruet_client_submit(t, "/guarded/"), 200);
	cruet_client_get(t, "/enter"); /* a session, but no token any more */
	write_page("named.html", "{{ session.name }}" LONG "{% include 'part.html' %}");
	visit_form("/page/named.html");
	assert_status(cruet_client_submit(t, "/guarded/"), 200);
}
END_TEST

START_TEST(what_cannot_be_foreseen_is_opened_by_hand)
{
	write_page("part.html", "<form method=post>{{ csrf_field() }}</form>");
	write_page("hidden.html", LONG "{% include ['part', 'html']|join('.') %}");
	ck_assert_int_eq(cruet_client_get(t, "/page/hidden.html"), 200);
	ck_assert(cruet_client_broken(t));
	ck_assert(log_says("a stream broke off: the session cannot be written: the reply has begun"));
	visit_form("/opened");
	assert_status(cruet_client_submit(t, "/guarded/"), 200);
}
END_TEST

START_TEST(messages_are_shown_once)
{
	write_page("page.html", LONG "{% for m in get_flashed_messages() %}<{{ m }}>{% endfor %}");
	write_page("silent.html", LONG);
	cruet_client_get(t, "/enter");
	visit_long("/page/silent.html"); /* a page that does not show them takes none */
	assert_hides("<hello>");
	visit_long("/page/page.html");
	assert_shows("<hello>");
	visit_long("/page/page.html");
	assert_hides("<hello>");
}
END_TEST

START_TEST(pages_for_one_visitor_say_so)
{
	write_page("page.html", LONG "{{ session.name }}");
	cruet_client_get(t, "/enter");
	visit_long("/public/page.html");
	assert_shows("ann");
	ck_assert_str_eq(cruet_client_header(t, "Vary"), "Cookie");
	ck_assert_ptr_null(cruet_client_header(t, "Set-Cookie"));
}
END_TEST

START_TEST(sessions_are_not_written_too_late)
{
	write_page("page.html", LONG "{{ keep() }}");
	write_page("early.html", "{{ keep() }}" LONG);
	visit_long("/page/early.html");
	ck_assert_ptr_nonnull(cruet_client_header(t, "Set-Cookie"));
	logged[0] = '\0';
	ck_assert_int_eq(cruet_client_get(t, "/page/page.html"), 200);
	ck_assert(cruet_client_broken(t));
	assert_hides("kept");
	ck_assert(log_says("the session cannot be written: the reply has begun"));
}
END_TEST

SUITE_WITH("forms streams", setup, teardown, tokens_of_forms_are_right, tokens_by_hand_are_right,
	   what_cannot_be_foreseen_is_opened_by_hand, messages_are_shown_once,
	   pages_for_one_visitor_say_so, sessions_are_not_written_too_late)
