#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- an application that takes files ------------------------------------------------------ */

static char folder[FOLDER_MAX];

static int list(cruet_ctx *c)
{
	cruet_upload *u;

	for (size_t i = 0; (u = cruet_upload_get(c, NULL, i)); i++)
		cruet_writef(c, "%s|%s|%s|%llu;", cruet_upload_name(u), cruet_upload_filename(u),
			     cruet_upload_mime(u) ? cruet_upload_mime(u) : "-",
			     (unsigned long long)cruet_upload_size(u));
	const char *title = cruet_form(c, "title");
	cruet_writef(c, "title=%s", title ? title : "-");
	return cruet_text(c, NULL);
}

static int save(cruet_ctx *c)
{
	cruet_upload *u = cruet_upload_get(c, "f", 0);
	const char *path = cruet_printf(c, "%s/saved", folder);

	if (!u)
		return cruet_err(c) ? cruet_err(c) : cruet_fail(c, 400, "no file");
	int err = cruet_upload_save(u, path);
	return err == CRUET_EEXIST ? 409 : err ? err : cruet_text(c, "kept");
}

/* The sum of all bytes, read in odd pieces from the end to the beginning. */
static int sum(cruet_ctx *c)
{
	unsigned char buf[777];
	unsigned long long total = 0;
	cruet_upload *u = cruet_upload_get(c, "f", 1);

	if (!u)
		u = cruet_upload_get(c, "f", 0);
	if (!u)
		return cruet_err(c) ? cruet_err(c) : 400;
	for (uint64_t at = cruet_upload_size(u); at;) {
		uint64_t n = at < sizeof buf ? at : sizeof buf;
		at -= n;
		ck_assert_int_eq(cruet_upload_read(u, at, buf, (size_t)n), (ptrdiff_t)n);
		for (uint64_t i = 0; i < n; i++)
			total += buf[i];
	}
	ck_assert_int_eq(cruet_upload_read(u, cruet_upload_size(u), buf, 1), 0);
	return cruet_textf(c, "%llu", total);
}

static int raw(cruet_ctx *c)
{
	char buf[100];
	ptrdiff_t n;
	size_t total = 0;

	while ((n = cruet_read(c, buf, sizeof buf)) > 0)
		total += (size_t)n;
	return n < 0 ? cruet_err(c) : cruet_textf(c, "%zu", total);
}

static int parts(cruet_ctx *c)
{
	cruet_part part = {.size = sizeof part};
	char buf[100];
	ptrdiff_t n = 0;
	int err;

	while (!(err = cruet_part_next(c, &part))) {
		size_t total = 0;
		if (!strcmp(part.name, "skip"))
			continue;
		while ((n = cruet_part_read(c, buf, sizeof buf)) > 0)
			total += (size_t)n;
		if (n < 0)
			return cruet_err(c);
		cruet_writef(c, "%s|%s|%zu;", part.name, part.filename ? part.filename : "-", total);
	}
	return err == CRUET_ENOENT ? cruet_text(c, NULL) : cruet_err(c);
}

static int safe(cruet_ctx *c)
{
	cruet_upload *u = cruet_upload_get(c, NULL, 0);
	return cruet_text(c, u ? cruet_secure_filename(c, cruet_upload_filename(u)) : "none");
}

static char logged[512];
static void keep_log(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)level, (void)who;
	snprintf(logged, sizeof logged, "%s", line);
}

static void streams(cruet_app *app, const char *path, const char *name, cruet_fn *fn)
{
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .methods = "POST", .path = path,
				       .name = name, .fn = fn, .flags = CRUET_STREAM_BODY,
				       .here = CRUET_HERE});
}

static cruet_client *start(cruet_app **app)
{
	ck_assert(folder_make(folder));
	*app = cruet_new("test");
	cruet_log_to(*app, keep_log, NULL);
	cruet_post(*app, "/list", list);
	cruet_post(*app, "/save", save);
	cruet_post(*app, "/sum", sum);
	cruet_post(*app, "/safe", safe);
	cruet_post(*app, "/wrong", raw);
	streams(*app, "/raw", "raw", raw);
	streams(*app, "/parts", "parts", parts);
	return client_of(*app);
}

static void finish(cruet_app *app, cruet_client *t)
{
	char path[128];

	cruet_client_free(t);
	cruet_free(app);
	snprintf(path, sizeof path, "%s/saved", folder);
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left in it */
	*strrchr(folder, '/') = '\0';
	setenv("TMPDIR", folder, 1); /* as it was */
}

static char *bytes(size_t n)
{
	char *p = malloc(n);
	ck_assert_ptr_nonnull(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 7 + i / 251);
	return p;
}

/* --- tests --------------------------------------------------------------------------------- */

START_TEST(files_and_fields_of_a_form_are_told_apart)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	cruet_client_add_field(t, "title", "a & b");
	cruet_client_add_file(t, "f", "a.txt", "text/plain", "hello", 5);
	cruet_client_add_file(t, "f", "../../etc/passwd", NULL, "", 0);
	cruet_client_add_file(t, "g", "", "image/png", "x", 1);
	ck_assert_int_eq(cruet_client_submit(t, "/list"), 200);
	assert_body(t, "f|a.txt|text/plain|5;f|../../etc/passwd|application/octet-stream|0;"
		       "g||image/png|1;title=a & b");
	cruet_client_add_field(t, "title", "no files");
	ck_assert_int_eq(cruet_client_submit(t, "/list"), 200);
	assert_body(t, "title=no files");
	finish(app, t);
}
END_TEST

START_TEST(small_and_large_files_read_the_same)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 3 << 20};
	cruet_app *app;
	cruet_client *t = start(&app);

	setenv("TMPDIR", folder, 1);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char want[32], *p = bytes(sizes[i]);
		unsigned long long total = 0;
		for (size_t k = 0; k < sizes[i]; k++)
			total += (unsigned char)p[k];
		cruet_client_add_file(t, "f", "one", NULL, p, sizes[i]);
		cruet_client_add_file(t, "f", "two", NULL, p, sizes[i]); /* the same name */
		ck_assert_int_eq(cruet_client_submit(t, "/sum"), 200);
		snprintf(want, sizeof want, "%llu", total);
		assert_body(t, want);
		free(p);
	}
	unsetenv("TMPDIR");
	finish(app, t);
}
END_TEST

START_TEST(a_file_is_saved_once)
{
	char path[128], back[8] = "";
	cruet_app *app;
	cruet_client *t = start(&app);

	cruet_client_add_file(t, "f", "a", NULL, "bytes", 5);
	ck_assert_int_eq(cruet_client_submit(t, "/save"), 200);
	snprintf(path, sizeof path, "%s/saved", folder);
	int fd = open(path, O_RDONLY);
	ck_assert_int_eq(read(fd, back, sizeof back), 5);
	ck_assert_str_eq(back, "bytes");
	close(fd);
	cruet_client_add_file(t, "f", "a", NULL, "other", 5);
	ck_assert_int_eq(cruet_client_submit(t, "/save"), 409);
	finish(app, t);
}
END_TEST

START_TEST(a_name_from_outside_is_made_safe)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	cruet_client_add_file(t, "f", "../a/b c.txt", NULL, "x", 1);
	ck_assert_int_eq(cruet_client_submit(t, "/safe"), 200);
	assert_body(t, "a_b_c.txt");
	cruet_client_add_file(t, "f", "..", NULL, "x", 1);
	ck_assert_int_eq(cruet_client_submit(t, "/safe"), 200);
	assert_body(t, "");
	finish(app, t);
}
END_TEST

START_TEST(a_nul_in_a_name_or_a_field_is_refused_or_empty)
{
	static const char type[] = "multipart/form-data; boundary=X";
	static const char name[] = "--X\r\nContent-Disposition: form-data; name=\"a\0b\"\r\n\r\n1\r\n--X--";
	static const char field[] =
		"--X\r\nContent-Disposition: form-data; name=title\r\n\r\n1\0" "2\r\n--X--";
	cruet_app *app;
	cruet_client *t = start(&app);
	ck_assert_int_eq(cruet_client_send(t, "POST", "/list", type, name, sizeof name - 1), 200);
	assert_body(t, "title=-"); /* a broken form is empty */
	ck_assert_int_eq(cruet_client_send(t, "POST", "/list", type, field, sizeof field - 1), 400);
	assert_contains(t, "the form field &#39;title&#39; holds a NUL");
	finish(app, t);
}
END_TEST

START_TEST(bytes_of_no_character_become_one)
{
	static const char body[] = "--X\r\nContent-Disposition: form-data; name=f; filename=\"\xff.txt\"\r\n"
				   "Content-Type: text/\xfe\r\n\r\n\xff\r\n"
				   "--X\r\nContent-Disposition: form-data; name=title\r\n\r\n"
				   "m\xff\xc3\xbc\xed\xa0\x80\r\n--X--";
	cruet_app *app;
	cruet_client *t = start(&app);
	ck_assert_int_eq(cruet_client_send(t, "POST", "/list", "multipart/form-data; boundary=X", body,
					   sizeof body - 1),
			 200);
	assert_body(t, "f|\xef\xbf\xbd.txt|text/\xef\xbf\xbd|1;" /* what is in it stays */
		       "title=m\xef\xbf\xbd\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	finish(app, t);
}
END_TEST

START_TEST(limits_count_and_no_reply_covers_them)
{
	char *p = bytes(600000);
	cruet_app *app;
	cruet_client *t = start(&app);
	p[0] = '\0';
	memset(p, 'x', 500001);
	p[500001] = '\0';
	cruet_client_add_field(t, "title", p);
	cruet_client_add_file(t, "f", "a", NULL, "x", 1);
	ck_assert_int_eq(cruet_client_submit(t, "/list"), 413);
	assert_contains(t, "the form field &#39;title&#39; is larger than 500000 bytes");
	for (int i = 0; i < 1001; i++)
		cruet_client_add_file(t, "f", "a", NULL, "", 0);
	ck_assert_int_eq(cruet_client_submit(t, "/list"), 413);
	assert_contains(t, "more than 1000 parts");
	free(p);
	finish(app, t);
}
END_TEST

START_TEST(where_there_is_no_room_the_request_fails)
{
	char *p = bytes(2 << 20);
	cruet_app *app;
	cruet_client *t = start(&app);

	/* A disk of a mebibyte, in a name space of this process. */
	ck_assert_int_eq(unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS), 0);
	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, "")) /* no mount in a chroot */
		ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(mount("none", folder, "tmpfs", 0, "size=1m"), 0);
	setenv("TMPDIR", folder, 1);
	cruet_client_add_file(t, "f", "a", NULL, p, 2 << 20);
	ck_assert_int_eq(cruet_client_submit(t, "/list"), 507);
	ck_assert_ptr_nonnull(strstr(logged, "an upload cannot be kept: No space left on device"));
	cruet_client_add_file(t, "f", "a", NULL, p, 500000); /* what was written is gone */
	ck_assert_int_eq(cruet_client_submit(t, "/list"), 200);
	ck_assert_int_eq(umount(folder), 0);
	setenv("TMPDIR", "/nowhere/at/all", 1);
	cruet_client_add_file(t, "f", "a", NULL, p, 100000);
	ck_assert_int_eq(cruet_client_submit(t, "/list"), 500);
	ck_assert_ptr_nonnull(strstr(logged, "an upload cannot be kept: No such file or directory"));
	free(p);
	finish(app, t);
}
END_TEST

START_TEST(a_body_is_read_in_pieces_where_the_rule_says_so)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	char *p = bytes(100000);
	ck_assert_int_eq(cruet_client_send(t, "POST", "/raw", "x/y", p, 100000), 200);
	assert_body(t, "100000");
	ck_assert_int_eq(cruet_client_send(t, "POST", "/raw", "x/y", "", 0), 200);
	assert_body(t, "0");
	ck_assert_int_eq(cruet_client_send(t, "POST", "/wrong", "x/y", p, 100000), 500);
	ck_assert_ptr_nonnull(strstr(logged, "a body is read in pieces by rules with "
					     "CRUET_STREAM_BODY alone"));
	free(p);
	finish(app, t);
}
END_TEST

START_TEST(parts_are_read_one_after_another)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	char *p = bytes(200000);
	cruet_client_add_field(t, "title", "x");
	cruet_client_add_file(t, "skip", "b", NULL, p, 200000);
	cruet_client_add_file(t, "f", "big", NULL, p, 200000);
	ck_assert_int_eq(cruet_client_submit(t, "/parts"), 200);
	assert_body(t, "title|-|1;f|big|200000;");
	ck_assert_int_eq(cruet_client_post(t, "/parts", "text/plain", "x"), 400);
	ck_assert_int_eq(cruet_client_post(t, "/parts", "multipart/form-data; boundary=X",
					   "--X\r\n\r\ncut"), 400);
	assert_contains(t, "the body is no multipart body, or was cut short");
	free(p);
	finish(app, t);
}
END_TEST

SUITE("uploads", files_and_fields_of_a_form_are_told_apart, small_and_large_files_read_the_same,
      a_file_is_saved_once, a_name_from_outside_is_made_safe,
      a_nul_in_a_name_or_a_field_is_refused_or_empty, bytes_of_no_character_become_one,
      limits_count_and_no_reply_covers_them,
      where_there_is_no_room_the_request_fails,
      a_body_is_read_in_pieces_where_the_rule_says_so, parts_are_read_one_after_another)
