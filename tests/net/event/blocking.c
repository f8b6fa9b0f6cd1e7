/* Handlers that block: who else waits for them. */
#include "event.h"

static int never[2]; /* nothing ever comes out of it */

static int sleeps(cruet_ctx *c)
{
	int64_t ms = cruet_arg_int(c, "ms");
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
	return cruet_text(c, "slept");
}

static int blocks(cruet_ctx *c)
{
	char byte;

	return read(never[0], &byte, 1) == 1 ? cruet_text(c, "never") : CRUET_EIO;
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/sleep/<int:ms>", sleeps);
	cruet_get(a, "/blocks", blocks);
}

static void ask_all(int port, struct wire **w, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		put(w[i] = dial(port), text);
}

/* Times plain requests until all of them were answered. */
static void time_others(struct times *t, int port, struct wire **w, size_t n)
{
	struct wire *plain = dial(port);

	for (size_t i = 0; i < n; i++) {
		struct pollfd p = {.fd = w[i]->fd, .events = POLLIN};
		int64_t end = now_ms() + PATIENCE_MS;
		while (!poll(&p, 1, 1) && now_ms() < end)
			time_one(t, plain);
		assert_reply(take_reply(w[i], false), 200, "slept");
		hang_up(w[i]);
	}
	hang_up(plain);
}

START_TEST(a_hundred_sleepers_on_enough_threads)
{
	enum { SLEEPERS = 100 };
	struct server s = server_start(setup, "server.threads=128");
	struct wire *w[SLEEPERS];
	static struct times t;
	int64_t since = now_ms();

	ask_all(s.port, w, SLEEPERS, GET("/sleep/1000"));
	time_others(&t, s.port, w, SLEEPERS);
	int64_t took = now_ms() - since;
	print_times("100 sleepers, 128 threads", &t);
	printf("all of them were answered after %lld ms\n", (long long)took);
	ck_assert_msg(took < 10000, "they wait for each other: %lld ms", (long long)took);
	ck_assert_int_lt(time_of(&t, 50), 200000);
	server_stop(&s);
}
END_TEST

START_TEST(more_sleepers_than_threads_wait_for_one)
{
	enum { SLEEPERS = 40 };
	struct server s = server_start(setup, "server.threads=4");
	struct wire *w[SLEEPERS];
	static struct times t;
	int64_t since = now_ms();

	ask_all(s.port, w, SLEEPERS, GET("/sleep/200"));
	time_others(&t, s.port, w, SLEEPERS);
	int64_t took = now_ms() - since;
	print_times("40 sleepers, 4 threads", &t);
	printf("all of them were answered after %lld ms\n", (long long)took);
	ck_assert_msg(took >= 1000, "more than 4 ran at once: %lld ms", (long long)took);
	ck_assert_int_lt(time_of(&t, 50), 200000);
	server_stop(&s);
}
END_TEST

START_TEST(one_thread_serves_them_one_by_one)
{
	enum { SLEEPERS = 6 };
	struct server s = server_start(setup, "server.threads=1");
	struct wire *w[SLEEPERS];
	static struct times t;
	int64_t since = now_ms();

	ask_all(s.port, w, SLEEPERS, GET("/sleep/100"));
	time_others(&t, s.port, w, SLEEPERS);
	printf("6 sleepers of 100 ms, 1 thread: %lld ms\n", (long long)(now_ms() - since));
	server_stop(&s);
}
END_TEST

START_TEST(one_that_blocks_for_ever_is_reported_and_holds_up_nobody)
{
	static const char want[] =
		"has been running for 10 s and still is: it keeps one of 4 threads";
	int err[2];
	char log[4096];
	ck_assert_int_eq(pipe2(err, O_CLOEXEC) | pipe(never), 0);
	struct server s = server_launch(setup, "server.threads=4\nserver.drain=300ms",
					":0", err[1]);
	server_wait_until_it_listens(&s);
	close(err[1]);
	struct wire *w = dial(s.port);

	int64_t since = now_ms();
	put(w, GET("/blocks"));
	for (int i = 0; i < 100; i++)
		assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");
	ck_assert_msg(read_until(err[0], want, log, sizeof log), "%s", log);
	ck_assert_int_ge(now_ms() - since, 9900);
	ck_assert_msg(strstr(log, "a request to blocks has") != NULL, "%s", log);
	assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");

	since = now_ms();
	kill(s.pid, SIGTERM);
	ck_assert_int_eq(server_exit(&s), 0);
	ck_assert_int_ge(now_ms() - since, 250);
	ck_assert_int_lt(now_ms() - since, PATIENCE_MS / 2);
	ck_assert_msg(
		read_until(err[0],
			   "requests that did not end within 300 ms and are cut off: 1",
			   log, sizeof log),
		"%s", log);
	hang_up(w);
}
END_TEST

/* More of them than there are threads: the server cannot go on with these routes, but
 * with all others. */
START_TEST(as_many_as_there_are_threads_hold_up_only_their_route)
{
	enum { BLOCKED = 12 };
	ck_assert_int_eq(pipe(never), 0);
	struct server s = server_start(setup, "server.threads=4\nserver.drain=300ms");
	struct wire *w[BLOCKED];

	ask_all(s.port, w, BLOCKED, GET("/blocks"));
	for (int i = 0; i < 100; i++)
		assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");
	server_stop(&s);
	for (size_t i = 0; i < BLOCKED; i++)
		hang_up(w[i]);
}
END_TEST

SUITE_TIMEOUT("event_blocking", 120, a_hundred_sleepers_on_enough_threads,
	      more_sleepers_than_threads_wait_for_one, one_thread_serves_them_one_by_one,
	      one_that_blocks_for_ever_is_reported_and_holds_up_nobody,
	      as_many_as_there_are_threads_hold_up_only_their_route)
