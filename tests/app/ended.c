/* What is told of each request when all of it is over: "request_ended". */
#include "fixture.h"

static cruet_app *app;
static cruet_client *t;
static char seen[512];
static int64_t took;

static void over(cruet_ctx *c, const void *what, void *arg)
{
	const cruet_ended *e = what;
	const char *endpoint = cruet_endpoint(c);
	size_t n = strlen(seen);

	(void)arg;
	ck_assert_uint_ge(e->size, CRUET_UPTO(cruet_ended, took_us));
	took = e->took_us;
	snprintf(seen + n, sizeof seen - n,
		 "%s %s 1.%u %s%d err %d in %llu out %llu at %s\n", e->method, e->target,
		 (unsigned)e->minor, e->refused ? "refused " : "", (int)e->status,
		 (int)e->err, (unsigned long long)e->received,
		 (unsigned long long)e->sent, endpoint ? endpoint : "-");
}

static void mark(cruet_ctx *c, const void *what, void *arg)
{
	size_t n = strlen(seen);

	(void)c, (void)what;
	snprintf(seen + n, sizeof seen - n, "%s ", (char *)arg);
}

static void after_all(cruet_ctx *c, int err)
{
	(void)err;
	mark(c, NULL, (void *)"teardown");
}

static int page(cruet_ctx *c)
{
	return cruet_text(c, "twelve bytes");
}

static int takes(cruet_ctx *c)
{
	size_t len;

	return cruet_body(c, &len) ? cruet_empty(c, 204) : cruet_err(c);
}

static int file(cruet_ctx *c)
{
	return cruet_send_from(c, getenv("CRUET_SOURCE"), "LICENSE", NULL);
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	int *left = self;

	(void)c, (void)cap;
	if (!(*left)--)
		return CRUET_EIO;
	memcpy(buf, "1234567", 7);
	return 7;
}

static ptrdiff_t pull_whole(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	return *(int *)self ? pull(c, self, buf, cap) : 0;
}

static int stream(cruet_ctx *c)
{
	static const cruet_source whole = {
		.size = sizeof whole, .length = -1, .pull = pull_whole};
	static const cruet_source broken = {
		.size = sizeof broken, .length = -1, .pull = pull};
	int *left = cruet_alloc(c, sizeof *left);

	if (!left)
		return CRUET_ENOMEM;
	*left = 3;
	return cruet_stream(c, cruet_query(c, "broken") ? &broken : &whole, left);
}

static int errs(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}

static void setup(void)
{
	app = cruet_new("test");
	seen[0] = '\0';
	cruet_log_to(app, quiet, NULL);
	cruet_get(app, "/", page);
	cruet_post(app, "/takes", takes);
	cruet_get(app, "/file", file);
	cruet_get(app, "/stream", stream);
	cruet_get(app, "/errs", errs);
	cruet_listen(app, "request_ended", over, NULL);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

#define assert_seen(text)                     \
	do {                                  \
		ck_assert_str_eq(seen, text); \
		seen[0] = '\0';               \
	} while (0)

START_TEST(it_is_told_last_of_all)
{
	setup();
	cruet_listen(app, "request_finished", mark, (void *)"finished");
	cruet_teardown(app, after_all);
	t = client_of(app);
	assert_get(t, "/", 200);
	assert_seen("finished teardown GET / 1.1 200 err 0 in 0 out 12 at page\n");
	teardown();
}
END_TEST

START_TEST(it_tells_what_was_asked_and_what_was_sent)
{
	setup();
	t = client_of(app);
	assert_get(t, "/?a=%20b", 200);
	assert_seen("GET /?a=%20b 1.1 200 err 0 in 0 out 12 at page\n");
	ck_assert_int_eq(cruet_client_post(t, "/takes", "text/plain", "12345"), 204);
	assert_seen("POST /takes 1.1 204 err 0 in 5 out 0 at takes\n");
	ck_assert_int_eq(cruet_client_send(t, "HEAD", "/", NULL, NULL, 0), 200);
	assert_seen("HEAD / 1.1 200 err 0 in 0 out 0 at page\n");
	assert_get(t, "/file", 200);
	char line[128];
	snprintf(line, sizeof line, "GET /file 1.1 200 err 0 in 0 out %zu at file\n",
		 cruet_client_body_len(t));
	assert_seen(line);
	assert_get(t, "/stream", 200);
	assert_seen("GET /stream 1.1 200 err 0 in 0 out 21 at stream\n");
	teardown();
}
END_TEST

START_TEST(it_tells_of_failures_and_of_what_no_rule_knows)
{
	setup();
	t = client_of(app);
	assert_get(t, "/errs", 500);
	char line[128];
	snprintf(line, sizeof line, "GET /errs 1.1 500 err 0 in 0 out %zu at errs\n",
		 cruet_client_body_len(t));
	assert_seen(line);
	assert_get(t, "/none", 404);
	snprintf(line, sizeof line, "GET /none 1.1 404 err 0 in 0 out %zu at -\n",
		 cruet_client_body_len(t));
	assert_seen(line);
	teardown();
}
END_TEST

START_TEST(it_tells_of_a_body_that_broke_off)
{
	setup();
	t = client_of(app);
	assert_get(t, "/stream?broken=1", 200);
	ck_assert(cruet_client_broken(t));
	char line[128];
	snprintf(line, sizeof line,
		 "GET /stream?broken=1 1.1 200 err %d in 0 out 21 at stream\n",
		 CRUET_EIO);
	assert_seen(line);
	teardown();
}
END_TEST

static char peer[64];

static void whose(cruet_ctx *c, const void *what, void *arg)
{
	(void)what, (void)arg;
	snprintf(peer, sizeof peer, "%s", cruet_peer(c));
}

START_TEST(it_tells_of_what_was_refused_at_the_door)
{
	setup();
	cruet_listen(app, "request_ended", whose, NULL);
	cruet_listen(app, "request_finished", mark, (void *)"finished");
	cruet_teardown(app, after_all);
	t = client_of(app);
	assert_get(t, "/%zz", 400);
	char line[128];
	snprintf(line, sizeof line, "GET /%%zz 1.1 refused 400 err 0 in 0 out %zu at -\n",
		 cruet_client_body_len(t));
	assert_seen(line);
	ck_assert_str_eq(peer, "127.0.0.1");
	teardown();
}
END_TEST

static int slow(cruet_ctx *c)
{
	return cruet_resume_within(c, NULL, 20, page);
}

START_TEST(the_time_runs_while_a_request_waits)
{
	setup();
	cruet_get(app, "/slow", slow);
	t = client_of(app);
	assert_get(t, "/slow", 200);
	ck_assert_int_ge(took, 15000);
	teardown();
}
END_TEST

static void fails(cruet_ctx *c, const void *what, void *arg)
{
	(void)what, (void)arg;
	ck_assert_int_eq(cruet_set_header(c, "X", "a\nb"), CRUET_EINVAL);
}

START_TEST(what_a_listener_does_wrong_is_forgotten)
{
	setup();
	cruet_listen(app, "request_ended", fails, NULL);
	t = client_of(app);
	assert_get(t, "/", 200);
	assert_get(t, "/", 200);
	assert_seen("GET / 1.1 200 err 0 in 0 out 12 at page\n"
		    "GET / 1.1 200 err 0 in 0 out 12 at page\n");
	teardown();
}
END_TEST

SUITE("ended", it_is_told_last_of_all, it_tells_what_was_asked_and_what_was_sent,
      it_tells_of_failures_and_of_what_no_rule_knows, it_tells_of_a_body_that_broke_off,
      it_tells_of_what_was_refused_at_the_door, the_time_runs_while_a_request_waits,
      what_a_listener_does_wrong_is_forgotten)
