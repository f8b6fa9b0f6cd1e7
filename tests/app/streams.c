#include "fixture.h"

#include <pthread.h>

static char trace[512];

static void mark(const char *word)
{
	size_t n = strlen(trace);
	snprintf(trace + n, sizeof trace - n, "%s%s", n ? " " : "", word);
}

static void hear(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)who;
	if (level >= CRUET_ERROR)
		mark(line);
}

static void end(cruet_ctx *c, int err)
{
	(void)c;
	mark(err ? "end:error" : "end:none");
}

struct count {
	int left, fail_at;
	cruet_waker *waker;
};

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct count *n = self;
	char word[16];

	(void)c;
	if (n->left == n->fail_at)
		return CRUET_EIO;
	if (!n->left)
		return 0;
	mark("pull");
	int len = snprintf(word, sizeof word, "%d,", n->left--);
	ck_assert_int_le(len, (int)cap);
	memcpy(buf, word, (size_t)len);
	return len;
}

static void closed(cruet_ctx *c, void *self, int why)
{
	char word[32];

	(void)c, (void)self;
	snprintf(word, sizeof word, "close:%d", why);
	mark(word);
}

static const cruet_source source = {.size = sizeof source, .mime = "text/plain", .length = -1,
				    .pull = pull, .close = closed};

static int stream(cruet_ctx *c, int left, int fail_at)
{
	struct count *n = cruet_alloc(c, sizeof *n);
	if (!n)
		return CRUET_ENOMEM;
	*n = (struct count){left, fail_at, NULL};
	return cruet_stream(c, &source, n);
}

static int three(cruet_ctx *c)
{
	return stream(c, 3, -1);
}

static int breaks(cruet_ctx *c)
{
	return stream(c, 3, 1);
}

static int replaced(cruet_ctx *c)
{
	int r = stream(c, 3, -1);
	return r == CRUET_DONE ? cruet_text(c, "instead") : r;
}

static int fails_later(cruet_ctx *c)
{
	int r = stream(c, 3, -1);
	return r == CRUET_DONE ? 409 : r;
}

static int announced(cruet_ctx *c)
{
	static const cruet_source six = {.size = sizeof six, .length = 6, .pull = pull,
					 .close = closed};
	static const cruet_source ten = {.size = sizeof ten, .length = 10, .pull = pull,
					 .close = closed};
	struct count *n = cruet_alloc(c, sizeof *n);
	if (!n)
		return CRUET_ENOMEM;
	*n = (struct count){3, -1, NULL};
	return cruet_stream(c, cruet_query_int(c, "n", 6) == 6 ? &six : &ten, n);
}

static void *wake(void *w)
{
	cruet_wake(w);
	cruet_waker_free(w);
	return NULL;
}

/* Has nothing before each number, until another thread wakes it. */
static ptrdiff_t pull_waiting(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct count *n = self;
	pthread_t id;

	if (n->waker) {
		n->waker = NULL;
		return pull(c, n, buf, cap);
	}
	if (!n->left)
		return 0;
	n->waker = cruet_waker_new(c);
	if (!n->waker || pthread_create(&id, NULL, wake, n->waker))
		return CRUET_ENOMEM;
	pthread_detach(id);
	return CRUET_EAGAIN;
}

static int waits(cruet_ctx *c)
{
	static const cruet_source s = {.size = sizeof s, .length = -1, .pull = pull_waiting};
	struct count *n = cruet_alloc(c, sizeof *n);
	if (!n)
		return CRUET_ENOMEM;
	n->left = 3;
	n->fail_at = -1;
	return cruet_stream(c, &s, n);
}

static ptrdiff_t nothing(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)c, (void)self, (void)buf, (void)cap;
	return CRUET_EAGAIN;
}

static int no_waker(cruet_ctx *c)
{
	static const cruet_source s = {.size = sizeof s, .length = -1, .pull = nothing};
	return cruet_stream(c, &s, NULL);
}

static cruet_client *start(cruet_app **app)
{
	trace[0] = '\0';
	*app = cruet_new("test");
	cruet_log_to(*app, hear, NULL);
	cruet_teardown(*app, end);
	cruet_get(*app, "/three", three);
	cruet_get(*app, "/breaks", breaks);
	cruet_get(*app, "/replaced", replaced);
	cruet_get(*app, "/fails_later", fails_later);
	cruet_get(*app, "/announced", announced);
	cruet_get(*app, "/waits", waits);
	cruet_get(*app, "/no_waker", no_waker);
	return client_of(*app);
}

static void finish(cruet_app *app, cruet_client *t)
{
	cruet_client_free(t);
	cruet_free(app);
}

START_TEST(runs_to_its_end_and_teardown_comes_after_it)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/three", 200);
	ck_assert_str_eq(cruet_client_body(t), "3,2,1,");
	assert_header(t, "Content-Type", "text/plain");
	ck_assert_ptr_null(cruet_client_header(t, "Content-Length"));
	ck_assert(!cruet_client_broken(t));
	ck_assert_str_eq(trace, "pull pull pull close:0 end:none");
	finish(app, t);
}
END_TEST

START_TEST(head_pulls_nothing)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/three", NULL, NULL, 0), 200);
	ck_assert_str_eq(cruet_client_body(t), "");
	ck_assert_str_eq(trace, "close:0 end:none");
	finish(app, t);
}
END_TEST

START_TEST(a_failure_cuts_the_reply_and_is_told_to_teardown)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/breaks", 200);
	ck_assert_str_eq(cruet_client_body(t), "3,2,");
	ck_assert(cruet_client_broken(t));
	ck_assert_ptr_nonnull(strstr(trace, "a stream broke off: input or output failed"));
	ck_assert_ptr_nonnull(strstr(trace, "close:-10 end:error"));
	finish(app, t);
}
END_TEST

START_TEST(another_reply_closes_a_stream_that_never_ran)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/replaced", 200);
	ck_assert_str_eq(cruet_client_body(t), "instead");
	ck_assert_str_eq(trace, "close:-6 end:none");
	trace[0] = '\0';
	assert_get(t, "/fails_later", 409);
	ck_assert_str_eq(trace, "close:-6 end:none");
	finish(app, t);
}
END_TEST

START_TEST(an_announced_length_is_kept_or_the_reply_breaks)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/announced", 200);
	assert_header(t, "Content-Length", "6");
	ck_assert_str_eq(cruet_client_body(t), "3,2,1,");
	ck_assert(!cruet_client_broken(t));
	assert_get(t, "/announced?n=10", 200);
	ck_assert(cruet_client_broken(t));
	ck_assert_ptr_nonnull(strstr(trace, "it ended before the length it had announced"));
	finish(app, t);
}
END_TEST

START_TEST(waits_until_another_thread_wakes_it)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/waits", 200);
	ck_assert_str_eq(cruet_client_body(t), "3,2,1,");
	finish(app, t);
}
END_TEST

START_TEST(waiting_without_a_waker_is_a_mistake_that_is_named)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/no_waker", 200);
	ck_assert(cruet_client_broken(t));
	ck_assert_ptr_nonnull(strstr(trace, "a stream gave CRUET_EAGAIN and has neither "
					    "waker nor wait_ms: call cruet_waker_new()"));
	finish(app, t);
}
END_TEST

SUITE("streams", runs_to_its_end_and_teardown_comes_after_it, head_pulls_nothing,
      a_failure_cuts_the_reply_and_is_told_to_teardown,
      another_reply_closes_a_stream_that_never_ran,
      an_announced_length_is_kept_or_the_reply_breaks, waits_until_another_thread_wakes_it,
      waiting_without_a_waker_is_a_mistake_that_is_named)
