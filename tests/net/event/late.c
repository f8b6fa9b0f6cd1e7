/* Handlers that take longer than server.handler_timeout: who waits for them no longer. */
#include <cruet/stats.h>
#include <pthread.h>
#include "event.h"

#define LIMIT "server.handler_timeout=300ms"

static int gate[2];  /* a byte lets a handler go on */
static int tells[2]; /* a byte for each that has */

static int blocks(cruet_ctx *c)
{
	char byte;

	if (read(gate[0], &byte, 1) != 1)
		return CRUET_EIO;
	int r = cruet_text(c, "too late");
	ssize_t n = write(tells[1], &byte, 1);
	(void)n; /* the test misses it */
	return r;
}

static int sleeps(cruet_ctx *c)
{
	int64_t ms = cruet_arg_int(c, "ms");
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
	return cruet_textf(c, "slept %lld.", (long long)ms);
}

/* Gives a piece of a stream now and then. */
static ptrdiff_t drip(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	int *left = self;

	(void)c;
	(void)cap;
	if (!(*left)--)
		return 0;
	nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
	*(char *)buf = 'x';
	return 1;
}

static int streams(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .length = -1, .mime = "text/plain", .pull = drip};
	int *left = cruet_alloc(c, sizeof *left);

	if (!left)
		return CRUET_ENOMEM;
	*left = 5;
	return cruet_stream(c, &source, left);
}

/* Does something with each piece of a body; with each for less than it may take. */
static int reads(cruet_ctx *c)
{
	char buf[4096];
	ptrdiff_t n;
	size_t len = 0;

	while ((n = cruet_read(c, buf, sizeof buf)) > 0) {
		len += (size_t)n;
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	}
	return n ? cruet_err(c) : cruet_textf(c, "read %zu.", len);
}

static int next(cruet_ctx *c)
{
	return cruet_text(c, "at last");
}

static void *wakes(void *waker)
{
	char byte;

	if (read(gate[0], &byte, 1) == 1)
		cruet_wake(waker);
	cruet_waker_free(waker);
	return NULL;
}

static int waits(cruet_ctx *c)
{
	cruet_waker *w = cruet_waker_new(c);
	pthread_t id;

	if (!w || pthread_create(&id, NULL, wakes, w))
		return CRUET_ENOMEM;
	pthread_detach(id);
	return cruet_resume(c, w, next);
}

static int count(cruet_ctx *c)
{
	cruet_counters n = {.size = sizeof n};

	return cruet_stats(cruet_scope(c), &n)
		       ? CRUET_ESTATE
		       : cruet_textf(c, "%llu late.", (unsigned long long)n.timeouts_handler);
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/blocks", blocks);
	cruet_get(a, "/sleep/<int:ms>", sleeps);
	cruet_get(a, "/stream", streams);
	cruet_get(a, "/late", count);
	cruet_get(a, "/wait", waits);
	cruet_route(a, &(cruet_rule){.size = sizeof(cruet_rule),
				     .path = "/read",
				     .name = "read",
				     .methods = "POST",
				     .fn = reads,
				     .flags = CRUET_STREAM_BODY,
				     .here = CRUET_HERE});
}

static void let_go(int n)
{
	while (n--)
		ck_assert_int_eq(write(gate[1], "x", 1), 1);
}

static void all_went(int n)
{
	while (n--) {
		struct pollfd p = {.fd = tells[0], .events = POLLIN};
		char byte;
		ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
		ck_assert_int_eq(read(tells[0], &byte, 1), 1);
	}
}

static struct server start(const char *settings)
{
	ck_assert_int_eq(pipe2(gate, O_CLOEXEC) | pipe2(tells, O_CLOEXEC), 0);
	return server_start(setup, settings);
}

static void is_late(struct wire *w)
{
	char value[64];
	struct reply r = take_reply(w, false);

	assert_reply(r, 503, "The server did not answer in time.");
	ck_assert_str_eq(header(r.head, "Connection", value, sizeof value), "close");
	ck_assert_msg(closes(w), "it goes on after the reply");
}

START_TEST(its_client_need_not_wait_and_nobody_else_has_to)
{
	struct server s = start(LIMIT);

	for (int round = 0; round < 3; round++) {
		struct wire *w = dial(s.port);
		int64_t since = now_ms();
		put(w, GET("/blocks"));
		for (int i = 0; i < 20; i++)
			assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");
		is_late(w);
		ck_assert_int_ge(now_ms() - since, 250);
		/* It replies to nobody, whether its client is still there or not. */
		if (round == 1)
			hang_up(w);
		let_go(1);
		all_went(1);
		if (round != 1) {
			ck_assert(closes(w));
			hang_up(w);
		}
		assert_reply(ask(s.port, GET("/sleep/1"), NULL), 200, "slept 1.");
	}
	server_stop(&s);
}
END_TEST

START_TEST(what_it_keeps_is_its_thread_and_no_more)
{
	enum { BLOCKED = 3 };
	struct server s = start(LIMIT "\nserver.threads=4");
	struct wire *w[BLOCKED];

	for (int i = 0; i < BLOCKED; i++)
		put(w[i] = dial(s.port), GET("/blocks"));
	for (int i = 0; i < BLOCKED; i++)
		is_late(w[i]);
	assert_reply(ask(s.port, GET("/sleep/20"), NULL), 200, "slept 20.");
	assert_reply(ask(s.port, GET("/late"), NULL), 200, "3 late.");
	let_go(BLOCKED);
	all_went(BLOCKED);
	for (int i = 0; i < BLOCKED; i++)
		hang_up(w[i]);
	for (int i = 0; i < 20; i++)
		assert_reply(ask(s.port, GET("/sleep/5"), NULL), 200, "slept 5.");
	server_stop(&s);
}
END_TEST

START_TEST(replies_before_it_arrive_and_requests_behind_it_do_not_run)
{
	struct server s = start(LIMIT);
	struct wire *w = dial(s.port);

	put(w, GET("/") GET("/sleep/1") GET("/blocks") GET("/smuggled"));
	assert_reply(take_reply(w, false), 200, "Hello");
	assert_reply(take_reply(w, false), 200, "slept 1.");
	is_late(w);
	let_go(1);
	all_went(1);
	hang_up(w);
	nothing_was_smuggled(s.port);
	server_stop(&s);
}
END_TEST

START_TEST(it_is_told_with_its_route_and_the_server_stops_all_the_same)
{
	int err[2];
	char log[4096];
	ck_assert_int_eq(pipe2(err, O_CLOEXEC) | pipe2(gate, O_CLOEXEC), 0);
	struct server s =
		server_launch(setup, LIMIT "\nserver.drain=300ms", ":0", err[1]);
	server_wait_until_it_listens(&s);
	close(err[1]);
	struct wire *w = dial(s.port);

	put(w, GET("/blocks"));
	is_late(w);
	ck_assert_msg(
		read_until(err[0],
			   "a request to blocks was answered with 503 after 300 ms: its "
			   "handler still runs, and keeps one of 64 threads\n",
			   log, sizeof log),
		"%s", log);
	kill(s.pid, SIGTERM);
	ck_assert_int_eq(server_exit(&s), 0);
	hang_up(w);
}
END_TEST

START_TEST(a_reply_that_has_begun_is_not_cut)
{
	struct server s = start(LIMIT);

	assert_reply(ask(s.port, GET("/stream"), NULL), 200, "xxxxx");
	server_stop(&s);
}
END_TEST

START_TEST(a_body_that_comes_slowly_is_no_time_of_the_handler)
{
	enum { BODY = 100000, PIECE = 1000 };
	static const char piece[PIECE];
	struct server s = start(LIMIT);
	struct wire *w = dial(s.port);

	put(w, "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
	for (int i = 0; i < BODY / PIECE; i++) {
		put_bytes(w, piece, PIECE);
		if (i % 10 == 9)
			poll(NULL, 0, 200);
	}
	assert_reply(take_reply(w, false), 200, "read 100000.");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_request_that_waits_is_not_cut)
{
	struct server s = start(LIMIT);
	struct wire *w = dial(s.port);

	put(w, GET("/wait"));
	ck_assert(!more(w, 600));
	let_go(1);
	assert_reply(take_reply(w, false), 200, "at last");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_head_has_no_body)
{
	struct server s = start(LIMIT);
	struct wire *w = dial(s.port);

	put(w, "HEAD /blocks HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert_int_eq(take_reply(w, true).status, 503);
	ck_assert(closes(w));
	hang_up(w);
	let_go(1);
	all_went(1);
	server_stop(&s);
}
END_TEST

/* --- at the edge --- */

enum { CLIENTS = 8, EACH = 150 };

static int port_of_all;

/* Handlers that take about as long as they may: each client has its own reply, or is told
 * that there is none. */
static void *ask_often(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;
	struct wire *w = NULL;

	for (int i = 0; i < EACH; i++) {
		char request[128], want[32];
		int ms = 20 + (int)(rand_r(&seed) % 60);
		if (!w)
			w = dial(port_of_all);
		snprintf(request, sizeof request,
			 "GET /sleep/%d HTTP/1.1\r\nHost: x\r\n\r\n", ms);
		snprintf(want, sizeof want, "slept %d.", ms);
		put(w, request);
		struct reply r;
		char value[64];
		while (!strstr(w->buf, "\r\n\r\n") && more(w, PATIENCE_MS))
			;
		r.status = 0;
		sscanf(w->buf, "HTTP/1.1 %d", &r.status);
		bool late = r.status == 503;
		ck_assert_msg(late || r.status == 200, "%d: %s", r.status, w->buf);
		size_t at = (size_t)(strstr(w->buf, "\r\n\r\n") + 4 - w->buf);
		size_t n = strtoul(header(w->buf, "Content-Length", value, sizeof value),
				   NULL, 10);
		while (w->n < at + n && more(w, PATIENCE_MS))
			;
		ck_assert_msg(strstr(w->buf + at, late ? "in time" : want) != NULL, "%s",
			      w->buf);
		w->n = 0;
		w->buf[0] = '\0';
		if (late) {
			ck_assert_msg(closes(w), "%s", w->buf);
			hang_up(w);
			w = NULL;
		}
	}
	if (w)
		hang_up(w);
	return NULL;
}

START_TEST(at_the_edge_each_has_one_reply_and_its_own)
{
	struct server s = start("server.handler_timeout=50ms\nlog_level=error");
	pthread_t id[CLIENTS];

	port_of_all = s.port;
	for (uintptr_t i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_create(&id[i], NULL, ask_often, (void *)(i + 1)),
				 0);
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(id[i], NULL);
	server_stop(&s);
}
END_TEST

SUITE_TIMEOUT("event_late", 120, its_client_need_not_wait_and_nobody_else_has_to,
	      what_it_keeps_is_its_thread_and_no_more,
	      replies_before_it_arrive_and_requests_behind_it_do_not_run,
	      it_is_told_with_its_route_and_the_server_stops_all_the_same,
	      a_reply_that_has_begun_is_not_cut,
	      a_body_that_comes_slowly_is_no_time_of_the_handler,
	      a_request_that_waits_is_not_cut, a_head_has_no_body,
	      at_the_edge_each_has_one_reply_and_its_own)
