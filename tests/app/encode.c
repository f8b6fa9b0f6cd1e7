/* Hooks that send a finished body in another form. */
#include "fixture.h"

#include <ctype.h>
#include <unistd.h>

static char trace[512], file[FOLDER_MAX + 8];

static void mark(const char *word)
{
	size_t n = strlen(trace);
	snprintf(trace + n, sizeof trace - n, "%s%s", n ? " " : "", word);
}

/* --- what is replied ------------------------------------------------------------- */

static int text(cruet_ctx *c)
{
	return cruet_text(c, "from memory");
}

static int part_of_a_file(cruet_ctx *c)
{
	return cruet_send_file(c, file, NULL);
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	int *left = self;

	(void)c, (void)cap;
	if (!*left)
		return 0;
	*(char *)buf = (char)('a' + --*left);
	return 1;
}

static void closed(cruet_ctx *c, void *self, int why)
{
	(void)c, (void)self;
	mark(why ? "closed:error" : "closed");
}

static int stream(cruet_ctx *c)
{
	static const cruet_source s = {.size = sizeof s, .mime = "text/plain", .length = -1,
				       .pull = pull, .close = closed};
	int *left = cruet_alloc(c, sizeof *left);

	if (!left)
		return CRUET_ENOMEM;
	*left = 3;
	return cruet_stream(c, &s, left);
}

static int set_late(cruet_ctx *c)
{
	mark("finish");
	return cruet_set_header(c, "X-Late", "set");
}

/* --- a hook that makes letters large ------------------------------------------------- */

struct large {
	cruet_source from;
	void *self;
};

static ptrdiff_t pull_large(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct large *l = self;
	ptrdiff_t n = l->from.pull(c, l->self, buf, cap);

	for (ptrdiff_t i = 0; i < n; i++)
		((char *)buf)[i] = (char)toupper(((unsigned char *)buf)[i]);
	return n;
}

static void close_large(cruet_ctx *c, void *self, int why)
{
	struct large *l = self;

	if (l->from.close)
		l->from.close(c, l->self, why);
}

static int make_large(cruet_ctx *c)
{
	struct large *l = cruet_alloc(c, sizeof *l);
	char length[32];

	if (!l)
		return CRUET_ENOMEM;
	snprintf(length, sizeof length, "large:%lld", (long long)cruet_reply_length(c));
	mark(length);
	ck_assert_ptr_nonnull(cruet_reply_header(c, "X-Late"));
	l->from.size = sizeof l->from;
	if (cruet_reply_take(c, &l->from, &l->self))
		return CRUET_EIO;
	ck_assert_int_eq(cruet_reply_take(c, &l->from, &l->self), CRUET_ENOENT);
	const cruet_source to = {.size = sizeof to, .length = l->from.length,
				 .pull = pull_large, .close = close_large};
	return cruet_stream(c, &to, l);
}

static int fails(cruet_ctx *c)
{
	return strcmp(cruet_path(c), "/fails") ? CRUET_OK : CRUET_EIO;
}

/* The encode-hook stands first: it runs after the finish-hook all the same. */
static cruet_client *start(cruet_app **app)
{
	trace[0] = log_lines[0] = '\0';
	*app = cruet_new("test");
	cruet_log_to(*app, keep_lines, NULL);
	cruet_encode(*app, make_large);
	cruet_finish(*app, set_late);
	cruet_get(*app, "/text", text);
	cruet_get(*app, "/file", part_of_a_file);
	cruet_get(*app, "/stream", stream);
	return client_of(*app);
}

static void finish(cruet_app *app, cruet_client *t)
{
	cruet_client_free(t);
	cruet_free(app);
}

START_TEST(bodies_of_all_kinds_are_taken_when_all_else_is_done)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/text", 200);
	assert_body(t, "FROM MEMORY");
	assert_header(t, "Content-Length", "11");
	assert_header(t, "Content-Type", "text/plain; charset=utf-8");
	ck_assert_str_eq(trace, "finish large:11");
	trace[0] = '\0';
	assert_get(t, "/stream", 200);
	assert_body(t, "CBA");
	assert_no_header(t, "Content-Length");
	ck_assert_str_eq(trace, "finish large:-1 closed");
	finish(app, t);
}
END_TEST

START_TEST(of_a_file_it_is_what_would_be_sent)
{
	cruet_app *app;
	snprintf(file, sizeof file, "%s/encXXXXXX", getenv("TMPDIR"));
	int fd = mkstemp(file);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "0123abcdef", 10), 10);
	cruet_client *t = start(&app);
	assert_get(t, "/file", 200);
	assert_body(t, "0123ABCDEF");
	cruet_client_set_header(t, "Range", "bytes=3-5");
	assert_get(t, "/file", 206);
	assert_body(t, "3AB");
	ck_assert_str_eq(trace, "finish large:10 finish large:3");
	close(fd);
	unlink(file);
	finish(app, t);
}
END_TEST

START_TEST(error_pages_are_replies_too)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	cruet_client_set_header(t, "Accept", "text/plain");
	assert_get(t, "/none", 404);
	assert_contains(t, "404 NOT FOUND");
	finish(app, t);
}
END_TEST

START_TEST(head_closes_what_was_taken)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/stream", NULL, NULL, 0), 200);
	assert_body(t, "");
	ck_assert_str_eq(trace, "finish large:-1 closed");
	finish(app, t);
}
END_TEST

START_TEST(one_that_fails_is_a_500_and_closes_the_stream)
{
	cruet_app *app = cruet_new("test");
	trace[0] = log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_encode(app, fails);
	cruet_get(app, "/fails", stream);
	cruet_client *t = client_of(app);
	assert_get(t, "/fails", 500);
	ck_assert_str_eq(trace, "closed:error");
	assert_lines("ERROR test: [id] GET stream: an encode-hook failed: "
		     "input or output failed\n");
	finish(app, t);
}
END_TEST

static int lists_its_headers(cruet_ctx *c)
{
	const char *name, *value;

	cruet_set_header(c, "X-A", "1");
	cruet_add_header(c, "X-A", "2");
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_REPLY, i, &name, &value); i++)
		cruet_writef(c, "%s=%s ", name, value);
	return cruet_text(c, NULL);
}

START_TEST(headers_that_are_set_can_be_walked)
{
	cruet_app *app = cruet_new("test");
	cruet_get(app, "/", lists_its_headers);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "X-A=1 X-A=2 ");
	finish(app, t);
}
END_TEST

SUITE("encode", bodies_of_all_kinds_are_taken_when_all_else_is_done,
      of_a_file_it_is_what_would_be_sent, error_pages_are_replies_too, head_closes_what_was_taken,
      one_that_fails_is_a_500_and_closes_the_stream, headers_that_are_set_can_be_walked)
