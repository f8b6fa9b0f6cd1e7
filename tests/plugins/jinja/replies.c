/* Replies that are made while they are sent. */
#include "../edge.h"

#include <cruet/template.h>
#include <zlib.h>

extern const cruet_plugin cruet_plugin_jinja;

static cruet_app *app;
static cruet_client *t;
static char folder[FOLDER_MAX], text[1 << 17];

static void write_page(const char *name, const char *source)
{
	char file[FOLDER_MAX + 64];

	snprintf(file, sizeof file, "%s/%s", folder, name);
	FILE *f = fopen(file, "w");
	ck_assert(f && fputs(source, f) >= 0 && !fclose(f));
}

static void setup(void)
{
	char options[FOLDER_MAX + 32];

	ck_assert(folder_make(folder));
	app = new_app();
	cruet_use(app, "compress", NULL);
	snprintf(options, sizeof options, "folder=%s\nchunk=1k", folder);
	cruet_use_static(app, &cruet_plugin_jinja, options);
}

static int a_row(cruet_ctx *c, void *self, size_t i, cruet_value *out)
{
	(void)c;
	if (i == *(const size_t *)self)
		return CRUET_ENOENT;
	*out = cruet_value_int((int64_t)i);
	return CRUET_OK;
}

static const cruet_template_type rows_type = {.size = sizeof rows_type, .name = "rows", .row = a_row};

/* What it gives lies in the frame of the handler, but for what the object itself needs. */
static int stream_rows(cruet_ctx *c)
{
	size_t *n = cruet_alloc(c, sizeof *n);
	cruet_template_object rows = {&rows_type, n};
	const cruet_var vars[] = {{"rows", cruet_value_host(&rows)},
				  {"name", cruet_value_text(cruet_arg(c, "name"))},
				  {NULL, cruet_value_none()}};

	*n = 10000;
	cruet_template_set(c, "user", cruet_value_text("ann"));
	return cruet_render_stream(c, cruet_arg(c, "name"), vars);
}

static void teardown(void)
{
	done(app, t);
}

static void get(const char *path, int status)
{
	ck_assert_int_eq(cruet_client_get(t, path), status);
}

START_TEST(pages_are_streamed)
{
	write_page("table.html", "{{ user }} {{ name }}\n{% for r in rows %}{{ r }}\n{% endfor %}");
	write_page("short.txt", "{{ user }} <{{ name }}>");
	cruet_get(app, "/<name>", stream_rows);
	t = client_of(app);
	get("/table.html", 200);
	ck_assert(!cruet_client_broken(t));
	ck_assert_str_eq(cruet_client_header(t, "Content-Type"), "text/html; charset=utf-8");
	ck_assert_ptr_null(cruet_client_header(t, "Content-Length"));
	const char *body = cruet_client_body(t);
	ck_assert(!strncmp(body, "ann table.html\n0\n1\n2\n", 21));
	ck_assert_str_eq(body + strlen(body) - 10, "9998\n9999\n");
	get("/short.txt", 200);
	ck_assert_str_eq(cruet_client_body(t), "ann <short.txt>");
	ck_assert_str_eq(cruet_client_header(t, "Content-Type"), "text/plain; charset=utf-8");
	ck_assert_str_eq(cruet_client_header(t, "Content-Length"), "15");
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/table.html", NULL, NULL, 0), 200);
	ck_assert_str_eq(cruet_client_body(t), "");
}
END_TEST

START_TEST(early_failures_have_a_page_and_late_ones_break_off)
{
	write_page("early.html", "few words {{ 1 // 0 }}");
	write_page("late.html", "{{ 'many words ' * 200 }}\n{{ 1 // 0 }}");
	write_page("none.html", "{% include 'nowhere.html' %}");
	cruet_get(app, "/<name>", stream_rows);
	t = client_of(app);
	get("/early.html", 500);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "few words"));
	get("/none.html", 500);
	ck_assert(log_says("there is no template 'nowhere.html'"));
	get("/missing.html", 500);
	logged[0] = '\0';
	get("/late.html", 200);
	ck_assert(cruet_client_broken(t));
	ck_assert_ptr_null(strstr(cruet_client_body(t), "Division"));
	ck_assert_ptr_nonnull(strstr(cruet_client_body(t), "many words many words"));
	ck_assert(log_says("a stream broke off: ZeroDivisionError: integer division or modulo by "
			   "zero; in late.html, line 2: {{ 1 // 0 }}\n"));
}
END_TEST

/* {{ reply(what) }}: a function that changes the reply, and does not look at how that went. */
static int change_reply(cruet_ctx *c, const cruet_value *args, size_t n, void *arg,
			cruet_value *out)
{
	const char *what = n ? args[0].as.s : "";
	int err;

	(void)arg;
	*out = cruet_value_text("changed");
	if (!strcmp(what, "redirect"))
		err = cruet_redirect(c, 0, "/elsewhere");
	else if (!strcmp(what, "text"))
		err = cruet_text(c, "another");
	else if (!strcmp(what, "page"))
		err = cruet_render(c, "short.txt", NULL);
	else if (!strcmp(what, "stream"))
		err = cruet_render_stream(c, "page.html", NULL);
	else if (!strcmp(what, "status"))
		err = cruet_status(c, 404);
	else if (!strcmp(what, "header"))
		err = cruet_set_header(c, "X-Late", "1");
	else if (!strcmp(what, "deleted"))
		err = cruet_del_header(c, "Content-Type");
	else
		err = cruet_set_cookie(c, "late", "1", NULL);
	ck_assert_int_eq(err, CRUET_ESTATE);
	return CRUET_OK;
}

START_TEST(a_reply_that_has_begun_is_not_changed)
{
	static const char *const all[] = {"redirect", "text",	"page",	  "stream",
					  "status",   "header", "deleted", "cookie"};
	char page[128];

	write_page("short.txt", "short");
	cruet_template_function(app, "change_reply", change_reply, NULL);
	cruet_get(app, "/<name>", stream_rows);
	t = client_of(app);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(page, sizeof page,
			 "{{ 'many words ' * 200 }}\n{{ change_reply('%s') }}{{ 'more ' * 400 }}",
			 all[i]);
		snprintf(text, sizeof text, "%s.html", all[i]);
		write_page(text, page);
		logged[0] = '\0';
		snprintf(text, sizeof text, "/%s.html", all[i]);
		get(text, 200);
		ck_assert_msg(cruet_client_broken(t), "%s was not noticed", all[i]);
		ck_assert_msg(log_says("the reply has begun"), "%s: %s", all[i], logged);
		ck_assert_ptr_null(strstr(cruet_client_body(t), "changed"));
		ck_assert_ptr_null(cruet_client_header(t, "Location"));
	}
}
END_TEST

START_TEST(streams_are_compressed)
{
	write_page("table.html", "{% for r in rows %}{{ r }}\n{% endfor %}");
	cruet_get(app, "/<name>", stream_rows);
	t = client_of(app);
	cruet_client_set_header(t, "Accept-Encoding", "gzip");
	get("/table.html", 200);
	ck_assert_str_eq(cruet_client_header(t, "Content-Encoding"), "gzip");
	ck_assert(!cruet_client_broken(t));
	z_stream z = {.next_in = (Bytef *)cruet_client_body(t),
		      .avail_in = (uInt)cruet_client_body_len(t),
		      .next_out = (Bytef *)text,
		      .avail_out = sizeof text};
	ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(z.total_out, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5);
	ck_assert(!strncmp(text, "0\n1\n2\n", 6));
	ck_assert_uint_lt(cruet_client_body_len(t), z.total_out / 2);
	inflateEnd(&z);
}
END_TEST

SUITE_WITH("jinja replies", setup, teardown, pages_are_streamed,
	   early_failures_have_a_page_and_late_ones_break_off,
	   a_reply_that_has_begun_is_not_changed, streams_are_compressed)
