#include "fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder with files in it, made for one test. */
static char folder[FOLDER_MAX];

static void put(const char *name, const char *text, int64_t modified)
{
	char path[128];
	struct timespec times[2] = {{modified, 0}, {modified, 0}};

	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(futimens(fd, times), 0);
	close(fd);
}

static void make_folder(void)
{
	char path[128];

	ck_assert(folder_make(folder));
	put("a.txt", "0123456789", 1704164645);
	put("empty", "", 1704164645);
	put("site.css", "body{}", 1704164645);
	put("site.css.gz", "(gzip)", 1704164645);
	put("site.css.br", "(br)", 1704164645);
	put("old.js", "1;", 1704164645);
	put("old.js.gz", "(old)", 1704164644);
	snprintf(path, sizeof path, "%s/sub", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	put("sub/b.html", "<b>", 1704164645);
	snprintf(path, sizeof path, "%s/out", folder);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	snprintf(path, sizeof path, "%s/in", folder);
	ck_assert_int_eq(symlink("a.txt", path), 0);
	snprintf(path, sizeof path, "%s/fifo", folder);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
}

static void remove_folder(void)
{
	static const char *const names[] = {"a.txt", "empty", "site.css", "site.css.gz",
					    "site.css.br", "old.js", "old.js.gz", "sub/b.html",
					    "out", "in", "fifo"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		ck_assert_int_eq(unlink(path), 0);
	}
	snprintf(path, sizeof path, "%s/sub", folder);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

static int own(cruet_ctx *c)
{
	return cruet_send_file(c, cruet_printf(c, "%s/%s", folder, cruet_query(c, "name")), NULL);
}

static int linked(cruet_ctx *c)
{
	static const cruet_file_opts opts = {.size = sizeof opts, .flags = CRUET_FILE_LINKS};
	return cruet_send_from(c, folder, cruet_arg(c, "name"), &opts);
}

static int readable(cruet_ctx *c)
{
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = cruet_open_below(dir, cruet_query(c, "name"));

	close(dir);
	if (fd < 0)
		return cruet_textf(c, "%s", strerrorname_np(errno));
	close(fd);
	return cruet_text(c, "open");
}

static int note(cruet_ctx *c)
{
	int r = cruet_conditional(c, "v1", 1704164645);
	return r ? r : cruet_text(c, "hello");
}

static char logged[256];
static void keep_log(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)level, (void)who;
	snprintf(logged, sizeof logged, "%s", line);
}

static cruet_client *start(cruet_app **app)
{
	make_folder();
	*app = cruet_new("test");
	cruet_log_to(*app, keep_log, NULL);
	cruet_clock_set(*app, INT64_C(1795435200000));
	cruet_static(*app, "/static", folder, NULL);
	cruet_get(*app, "/own", own);
	cruet_get(*app, "/readable", readable);
	cruet_get(*app, "/linked/<path:name>", linked);
	cruet_add(*app, "GET,PUT", "/note", note, "note", CRUET_HERE);
	return client_of(*app);
}

static void finish(cruet_app *app, cruet_client *t)
{
	cruet_client_free(t);
	cruet_free(app);
	remove_folder();
}

static int get_with(cruet_client *t, const char *path, const char *name, const char *value)
{
	cruet_client_set_header(t, name, value);
	return cruet_client_get(t, path);
}

START_TEST(a_file_has_type_validators_and_caching)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/static/a.txt", 200);
	assert_body(t, "0123456789");
	assert_header(t, "Content-Type", "text/plain; charset=utf-8");
	assert_header(t, "Content-Length", "10");
	assert_header(t, "Content-Disposition", "inline; filename=a.txt");
	assert_header(t, "Cache-Control", "no-cache");
	assert_header(t, "Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT");
	assert_header(t, "Accept-Ranges", "bytes");
	ck_assert_ptr_nonnull(cruet_client_header(t, "ETag"));
	assert_get(t, "/static/sub/b.html", 200);
	assert_get(t, "/static/sub/../a.txt", 200);
	assert_get(t, "/static/in", 200);
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/static/a.txt", NULL, NULL, 0), 200);
	assert_header(t, "Content-Length", "10");
	assert_body(t, "");
	finish(app, t);
}
END_TEST

START_TEST(nothing_outside_the_folder_is_served)
{
	static const char *const targets[] = {
		"/static/out", "/static/../../etc/passwd", "/static/..%2f..%2fetc%2fpasswd",
		"/static/%2fetc%2fpasswd", "/static/", "/static/sub", "/static/none", "/static/fifo",
		"/static/sub/b.html/x", "/linked/../a.txt/../../etc/passwd"};
	cruet_app *app;
	cruet_client *t = start(&app);
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		ck_assert_msg(cruet_client_get(t, targets[i]) == 404, "%s gives %d", targets[i],
			      cruet_client_status(t));
		ck_assert_ptr_null(strstr(cruet_client_body(t), "root:"));
	}
	assert_get(t, "/linked/out", 200); /* asked for */
	ck_assert_int_eq(cruet_client_post(t, "/static/a.txt", "text/plain", ""), 405);
	finish(app, t);
}
END_TEST

START_TEST(nothing_outside_the_folder_is_opened)
{
	static const char *const cases[][2] = {
		{"a.txt", "open"},	{"sub/b.html", "open"}, {"in", "open"},
		{"none", "ENOENT"},	{"sub", "ENOENT"},	{"fifo", "ENOENT"},
		{"../x", "EXDEV"},	{"out", "EXDEV"},	{"/etc/passwd", "EXDEV"},
		{"sub/../../x", "EXDEV"}};
	cruet_app *app;
	cruet_client *t = start(&app);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cruet_client_add_query(t, "name", cases[i][0]);
		assert_get(t, "/readable", 200);
		ck_assert_msg(!strcmp(cruet_client_body(t), cases[i][1]), "%s: %s", cases[i][0],
			      cruet_client_body(t));
	}
	finish(app, t);
}
END_TEST

START_TEST(what_the_client_has_is_not_sent_again)
{
	char etag[64];
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/static/a.txt", 200);
	snprintf(etag, sizeof etag, "%s", cruet_client_header(t, "ETag"));
	ck_assert_int_eq(get_with(t, "/static/a.txt", "If-None-Match", etag), 304);
	assert_body(t, "");
	assert_header(t, "ETag", etag);
	assert_no_header(t, "Content-Length");
	assert_no_header(t, "Content-Type");
	ck_assert_int_eq(get_with(t, "/static/a.txt", "If-Match", "\"other\""), 412);
	cruet_client_set_header(t, "Range", "bytes=0-3"); /* conditions come first */
	ck_assert_int_eq(get_with(t, "/static/a.txt", "If-None-Match", etag), 304);
	put("a.txt", "changed", 1704164646);
	ck_assert_int_eq(get_with(t, "/static/a.txt", "If-None-Match", etag), 200);
	finish(app, t);
}
END_TEST

START_TEST(a_range_is_a_part_of_the_file)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	ck_assert_int_eq(get_with(t, "/static/a.txt", "Range", "bytes=2-4"), 206);
	assert_body(t, "234");
	assert_header(t, "Content-Range", "bytes 2-4/10");
	ck_assert_int_eq(get_with(t, "/static/a.txt", "Range", "bytes=-3"), 206);
	assert_body(t, "789");
	ck_assert_int_eq(get_with(t, "/static/a.txt", "Range", "bytes=10-"), 416);
	assert_header(t, "Content-Range", "bytes */10");
	ck_assert_int_eq(get_with(t, "/static/empty", "Range", "bytes=0-"), 200);
	cruet_client_set_header(t, "If-Range", "\"other\"");
	ck_assert_int_eq(get_with(t, "/static/a.txt", "Range", "bytes=2-4"), 200);
	finish(app, t);
}
END_TEST

START_TEST(packed_files_go_to_those_who_take_them)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	ck_assert_int_eq(get_with(t, "/static/site.css", "Accept-Encoding", "gzip"), 200);
	assert_body(t, "(gzip)");
	assert_header(t, "Content-Encoding", "gzip");
	assert_header(t, "Vary", "Accept-Encoding");
	assert_header(t, "Content-Type", "text/css; charset=utf-8");
	ck_assert_int_eq(get_with(t, "/static/site.css", "Accept-Encoding", "gzip, br"), 200);
	assert_body(t, "(br)");
	ck_assert_int_eq(get_with(t, "/static/site.css", "Accept-Encoding", "br;q=0, *"), 200);
	assert_body(t, "(gzip)");
	ck_assert_int_eq(get_with(t, "/static/site.css", "Accept-Encoding", "br;q=0.5, gzip"), 200);
	assert_body(t, "(gzip)");
	ck_assert_int_eq(get_with(t, "/static/site.css", "Accept-Encoding", "gzip;q=0.5, identity"),
			 200);
	assert_body(t, "body{}");
	assert_get(t, "/static/site.css", 200);
	assert_body(t, "body{}");
	assert_header(t, "Vary", "Accept-Encoding");
	ck_assert_int_eq(get_with(t, "/static/old.js", "Accept-Encoding", "gzip"), 200);
	assert_body(t, "1;");
	assert_no_header(t, "Vary");
	finish(app, t);
}
END_TEST

START_TEST(a_file_of_ones_own_that_is_missing_is_a_500)
{
	char want[256];
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/own?name=a.txt", 200);
	assert_get(t, "/own?name=none", 500);
	snprintf(want, sizeof want, "500: the file %s/none cannot be sent: "
				    "No such file or directory", folder);
	ck_assert_ptr_nonnull(strstr(logged, want));
	assert_get(t, "/own?name=sub", 500);
	assert_get(t, "/own?name=fifo", 500);
	finish(app, t);
}
END_TEST

START_TEST(a_handler_may_say_which_state_it_shows)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/note", 200);
	assert_header(t, "ETag", "\"v1\"");
	ck_assert_int_eq(get_with(t, "/note", "If-None-Match", "\"v0\", W/\"v1\""), 304);
	ck_assert_int_eq(get_with(t, "/note", "If-Modified-Since",
				  "Tue, 02 Jan 2024 03:04:05 GMT"), 304);
	cruet_client_set_header(t, "If-Match", "\"v0\"");
	ck_assert_int_eq(cruet_client_send(t, "PUT", "/note", NULL, NULL, 0), 412);
	cruet_client_set_header(t, "If-Match", "\"v1\"");
	ck_assert_int_eq(cruet_client_send(t, "PUT", "/note", NULL, NULL, 0), 200);
	finish(app, t);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_a_problem_of_the_setup)
{
	cruet_app *app = cruet_new("test");
	cruet_static(app, "/static", "/nowhere/at/all", NULL);
	ck_assert_str_eq(cruet_problem(app),
			 "cruet_static: /nowhere/at/all: No such file or directory");
	cruet_free(app);
	app = cruet_new("test");
	cruet_static(app, "/static", "/etc/passwd", NULL);
	ck_assert_str_eq(cruet_problem(app), "cruet_static: /etc/passwd: expected a folder");
	cruet_free(app);
	ck_assert_int_eq(cruet_static(NULL, "/static", "/", NULL), CRUET_EINVAL);
}
END_TEST

SUITE("files", a_file_has_type_validators_and_caching, nothing_outside_the_folder_is_served,
      nothing_outside_the_folder_is_opened,
      what_the_client_has_is_not_sent_again, a_range_is_a_part_of_the_file,
      packed_files_go_to_those_who_take_them, a_file_of_ones_own_that_is_missing_is_a_500,
      a_handler_may_say_which_state_it_shows,
      a_folder_that_is_not_there_is_a_problem_of_the_setup)
