/* Whoever provides "static/1" has the files of cruet_static(). */
#include "elements.h"

#include <cruet/svc/static.h>

/* --- a source that answers what it is told, and says what it was asked ----------------
 */

static char asked[4096];
static cruet_static_file answer;
static int result;

static int tells(void *self, cruet_ctx *c, const char *folder, const char *name,
		 cruet_static_file *out)
{
	size_t n = strlen(asked);

	(void)self, (void)c;
	snprintf(asked + n, sizeof asked - n, "%s:%s\n", folder, name);
	ck_assert_uint_eq(out->size, sizeof *out);
	ck_assert_int_eq(out->modified, -1);
	if (result)
		return result == 503 ? cruet_fail(c, 503, "the store is closed") : result;
	out->p = answer.p;
	out->len = answer.len;
	out->modified = answer.modified;
	out->etag = answer.etag;
	return CRUET_OK;
}

/* Has one text under every name. */
static int one_text(void *self, cruet_ctx *c, const char *folder, const char *name,
		    cruet_static_file *out)
{
	(void)c, (void)folder, (void)name;
	out->p = self;
	out->len = strlen(self);
	return CRUET_OK;
}

static char text_a[] = "from a", text_b[] = "from b";
static const cruet_static_source telling = {.size = sizeof telling, .find = tells};
static const cruet_static_source same = {.size = sizeof same, .find = one_text};

GIVER(teller, CRUET_STATIC, &telling, NULL);
GIVER(store_a, CRUET_STATIC, &same, text_a);
GIVER(store_b, CRUET_STATIC, &same, text_b);

static cruet_client *start(cruet_app **app)
{
	static const cruet_file_opts bare = {.size = sizeof bare};

	*app = new_app();
	asked[0] = '\0';
	result = CRUET_OK;
	answer =
		(cruet_static_file){.p = "0123456789", .len = 10, .modified = 1704164645};
	cruet_use_static(*app, &cruet_plugin_teller, NULL);
	cruet_static(*app, "/static", "no/such/folder", &bare);
	cruet_static(*app, "/packed", "other", NULL);
	return client_of(*app);
}

START_TEST(files_are_asked_for_by_folder_and_name)
{
	cruet_app *app;
	cruet_client *t = start(&app);

	assert_get(t, "/static/css/a%20b.css", 200);
	ck_assert_str_eq(asked, "no/such/folder:css/a b.css\n");
	assert_body(t, "0123456789");
	assert_header(t, "Content-Type", "text/css; charset=utf-8");
	assert_header(t, "Content-Length", "10");
	assert_header(t, "Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT");
	assert_header(t, "ETag", "\"65937d25.0-a\"");
	assert_header(t, "Cache-Control", "no-cache");
	assert_header(t, "Content-Disposition", "inline; filename=\"a b.css\"");
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/static/x.txt", NULL, NULL, 0),
			 200);
	assert_header(t, "Content-Length", "10");
	assert_body(t, "");
	done(app, t);
}
END_TEST

static int get_with(cruet_client *t, const char *path, const char *name,
		    const char *value)
{
	cruet_client_set_header(t, name, value);
	return cruet_client_get(t, path);
}

START_TEST(ranges_and_conditions_are_the_cores)
{
	cruet_app *app;
	cruet_client *t = start(&app);

	ck_assert_int_eq(get_with(t, "/static/a", "Range", "bytes=2-4"), 206);
	assert_body(t, "234");
	assert_header(t, "Content-Range", "bytes 2-4/10");
	ck_assert_int_eq(get_with(t, "/static/a", "Range", "bytes=-3"), 206);
	assert_body(t, "789");
	ck_assert_int_eq(get_with(t, "/static/a", "Range", "bytes=10-"), 416);
	assert_header(t, "Content-Range", "bytes */10");
	ck_assert_int_eq(get_with(t, "/static/a", "If-None-Match", "\"65937d25.0-a\""),
			 304);
	ck_assert_int_eq(get_with(t, "/static/a", "If-Modified-Since",
				  "Tue, 02 Jan 2024 03:04:05 GMT"),
			 304);
	answer.etag = "v1";
	assert_get(t, "/static/a", 200);
	assert_header(t, "ETag", "\"v1\"");
	answer.etag = NULL;
	answer.modified = -1;
	assert_get(t, "/static/a", 200);
	assert_header(t, "ETag", "");
	assert_header(t, "Last-Modified", "");
	answer.p = NULL;
	answer.len = 0;
	assert_get(t, "/static/a", 200);
	assert_header(t, "Content-Length", "0");
	done(app, t);
}
END_TEST

START_TEST(packed_files_are_looked_for_there)
{
	cruet_app *app;
	cruet_client *t = start(&app);

	ck_assert_int_eq(get_with(t, "/packed/a.txt", "Accept-Encoding", "gzip"), 200);
	ck_assert_str_eq(asked, "other:a.txt\nother:a.txt.br\nother:a.txt.gz\n");
	assert_header(t, "Content-Encoding", "gzip");
	assert_header(t, "Content-Type", "text/plain; charset=utf-8");
	assert_header(t, "ETag", "\"65937d25.0-agzip\"");
	assert_header(t, "Vary", "Accept-Encoding");
	done(app, t);
}
END_TEST

START_TEST(names_that_lead_elsewhere_never_come_there)
{
	static const char *const bad[] = {
		"/static/..%2fsecret",
		"/static/a/..%2f..%2fb",
		"/static/%2fetc/passwd",
		"/static/a%2f%2fb",
		"/static/a%5cb",
		"/static/.%2fa",
		"/static/a%2f.",
		"/static/a%01",
		"/static/a%7fb",
		"/static/a%0d%0aX:%20y",
		"/static/a/",
		"/static/..",
		"/static/a/%2e%2e/b",
	};
	char large[1200] = "/static/";
	cruet_app *app;
	cruet_client *t = start(&app);

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(cruet_client_get(t, bad[i]) == 404, "%s gave %d", bad[i],
			      cruet_client_status(t));
	memset(large + 8, 'x', 1025);
	assert_get(t, large, 404);
	ck_assert_str_eq(asked, "");
	large[8 + 1024] = '\0';
	assert_get(t, large, 200);
	assert_get(t, "/static/...", 200); /* a name like others */
	assert_get(t, "/static/.well-known/x", 200);
	done(app, t);
}
END_TEST

static void assert_broken(cruet_client *t, int status, const char *line)
{
	logged[0] = '\0';
	assert_get(t, "/static/a", status);
	ck_assert_msg(strstr(logged, line) != NULL, "%s", logged);
}

START_TEST(what_it_gives_is_looked_at)
{
	cruet_app *app;
	cruet_client *t = start(&app);

	result = CRUET_ENOENT;
	assert_get(t, "/static/a", 404);
	result = CRUET_ETIMEOUT;
	assert_broken(t, 504, "504: 'teller' could not read a file\n");
	result = 7;
	assert_broken(t, 500, "500: 'teller' could not read a file\n");
	result = 503;
	assert_broken(t, 503, "503: the store is closed\n");
	result = CRUET_OK;
	answer.p = NULL;
	assert_broken(t, 500,
		      "500: 'teller' gave a file without bytes that can be sent\n");
	answer.p = "x";
	answer.len = UINT64_MAX;
	assert_broken(t, 500,
		      "500: 'teller' gave a file without bytes that can be sent\n");
	answer.len = 1;
	answer.etag = "a\"b";
	assert_broken(t, 500,
		      "500: 'teller' gave an etag that is none: expected visible ASCII "
		      "without quotes\n");
	answer.etag = "a\r\nX: y";
	assert_broken(t, 500,
		      "500: 'teller' gave an etag that is none: expected visible ASCII "
		      "without quotes\n");
	done(app, t);
}
END_TEST

/* What names a file of the machine goes on doing so. */
static int from_machine(cruet_ctx *c)
{
	return cruet_send_from(c, getenv("CRUET_SOURCE"), "LICENSE", NULL);
}

START_TEST(files_of_the_machine_stay)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_store_a, NULL);
	cruet_get(app, "/", from_machine);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	assert_contains(t, "MIT");
	done(app, t);
}
END_TEST

/* In code the reading order counts. */
START_TEST(a_folder_is_looked_for_where_there_is_no_source_yet)
{
	cruet_app *app = new_app();

	cruet_static(app, "/static", "/nowhere/at/all", NULL);
	cruet_use_static(app, &cruet_plugin_store_a, NULL);
	ck_assert_str_eq(cruet_problem(app),
			 "cruet_static: /nowhere/at/all: No such file or directory");
	cruet_free(app);
	app = new_app();
	cruet_static(app, "/static", getenv("CRUET_SOURCE"), NULL);
	cruet_use_static(app, &cruet_plugin_store_a, NULL);
	cruet_client *t = client_of(app);
	assert_get(t, "/static/LICENSE", 200);
	assert_body(t, "from a");
	done(app, t);
}
END_TEST

START_TEST(two_of_them_must_be_told_apart)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_store_a, NULL);
	cruet_use_static(app, &cruet_plugin_store_b, NULL);
	assert_no_start(
		app,
		"both 'store_a' and 'store_b' provide service \"static/1\", of which "
		"there is one: choose with \"bind\": {\"static/1\": \"store_a\"}");
	app = new_app();
	cruet_set(app, "bind.static/1", "store_b");
	cruet_use_static(app, &cruet_plugin_store_a, NULL);
	cruet_use_static(app, &cruet_plugin_store_b, NULL);
	cruet_static(app, "/static", "x", NULL);
	cruet_client *t = client_of(app);
	assert_get(t, "/static/a", 200);
	assert_body(t, "from b");
	done(app, t);
}
END_TEST

SUITE("elements_static", files_are_asked_for_by_folder_and_name,
      ranges_and_conditions_are_the_cores, packed_files_are_looked_for_there,
      names_that_lead_elsewhere_never_come_there, what_it_gives_is_looked_at,
      files_of_the_machine_stay, a_folder_is_looked_for_where_there_is_no_source_yet,
      two_of_them_must_be_told_apart)
