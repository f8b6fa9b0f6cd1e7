/* Many requests in one write: their order, and what they may cost. */
#include "event.h"

enum { LARGE = 200 << 10, MANY = 1000 };

static int gate[2]; /* a byte written to it lets /slow go on */
static char large_body[LARGE];

static int number(cruet_ctx *c)
{
	return cruet_textf(c, "number %lld.", (long long)cruet_arg_int(c, "n"));
}

/* Long enough to be seen, and then until it is let go. */
static int slow(cruet_ctx *c)
{
	struct timespec pause = {.tv_nsec = 50000000};
	char byte;

	nanosleep(&pause, NULL);
	return read(gate[0], &byte, 1) == 1 ? cruet_text(c, "slow") : CRUET_EIO;
}

static void keep(void *p)
{
	(void)p; /* it is static */
}

static int large(cruet_ctx *c)
{
	return cruet_send(c, "text/plain", large_body, LARGE, keep);
}

static void setup(cruet_app *a)
{
	memset(large_body, 'a', LARGE);
	app(a);
	cruet_get(a, "/number/<int:n>", number);
	cruet_get(a, "/slow", slow);
	cruet_get(a, "/large", large);
}

static struct server start(void)
{
	ck_assert_int_eq(pipe(gate), 0);
	return server_start(setup, NULL);
}

static void let_go(void)
{
	ck_assert_int_eq(write(gate[1], "g", 1), 1);
}

static void expect_number(struct wire *w, int n)
{
	struct reply r = take_reply(w, false);
	char want[32];

	snprintf(want, sizeof want, "number %d.", n);
	ck_assert_msg(r.status == 200 && !strcmp(r.body, want), "%d %s instead of %s",
		      r.status, r.body, want);
}

static void put_numbers(struct wire *w, int from, int to)
{
	char *all = malloc((size_t)(to - from) * 64);
	size_t n = 0;

	for (int i = from; i < to; i++)
		n += (size_t)sprintf(all + n,
				     "GET /number/%d HTTP/1.1\r\nHost: x\r\n\r\n", i);
	put_bytes(w, all, n);
	free(all);
}

START_TEST(sixteen_and_a_thousand_in_one_write)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put_numbers(w, 0, 16);
	for (int i = 0; i < 16; i++)
		expect_number(w, i);
	put_numbers(w, 0, MANY);
	for (int i = 0; i < MANY; i++)
		expect_number(w, i);
	ck_assert_uint_eq(w->n, 0);
	hang_up(w);
	server_stop(&s);
}
END_TEST

/* What stands before one that blocks does not wait for it, once its route is known. */
START_TEST(a_slow_one_in_the_middle)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	let_go();
	assert_reply(ask(s.port, GET("/slow"), NULL), 200, "slow");
	for (int round = 0; round < 3; round++) {
		put(w, GET("/number/1") GET("/slow") GET("/number/2") GET("/number/3"));
		expect_number(w, 1); /* while the gate is shut */
		ck_assert_uint_eq(w->n, 0);
		let_go();
		assert_reply(take_reply(w, false), 200, "slow");
		expect_number(w, 2);
		expect_number(w, 3);
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(many_slow_ones_keep_their_order)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	for (int i = 0; i < 8; i++)
		let_go();
	for (int i = 0; i < 8; i++) {
		put_numbers(w, i, i + 1);
		put(w, GET("/slow"));
	}
	for (int i = 0; i < 8; i++) {
		expect_number(w, i);
		assert_reply(take_reply(w, false), 200, "slow");
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_large_reply_in_the_middle)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	for (int round = 0; round < 20; round++) {
		put(w, GET("/number/1") GET("/large") GET("/number/2") GET("/large")
			       GET("/number/3"));
		for (int i = 1; i <= 3; i++) {
			expect_number(w, i);
			struct reply r = {.body_len = LARGE, .whole = true};
			if (i < 3)
				r = take_reply(w, false);
			ck_assert(r.whole);
			ck_assert_uint_eq(r.body_len, LARGE);
		}
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

/* Sends the same again and again until nothing is taken any more; how many bytes were. */
static size_t put_without_end(int fd, const char *text, size_t most)
{
	size_t len = strlen(text), at = 0, sent = 0;
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	while (sent < most) {
		ssize_t n = send(fd, text + at, len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && poll(&p, 1, 1000) <= 0)
			break;
		if (n > 0) {
			sent += (size_t)n;
			at = (at + (size_t)n) % len;
		}
	}
	return sent;
}

START_TEST(who_never_reads_costs_a_bounded_amount)
{
	enum { CLIENTS = 8, MOST = 64 << 20 };
	static const char *const texts[] = {GET("/number/1"), GET("/large")};
	struct server s = start();
	int fds[CLIENTS];

	assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");
	long before = resident_kib(s.pid);
	for (unsigned i = 0; i < CLIENTS; i++) {
		fds[i] = connect_to(s.port);
		size_t sent = put_without_end(fds[i], texts[i % 2], MOST);
		ck_assert_msg(sent < MOST, "all was taken: %zu", sent);
		assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");
	}
	long after = resident_kib(s.pid);
	printf("%d clients that send and never read: %ld KiB\n", CLIENTS, after - before);
	ck_assert_msg(after - before < CLIENTS * 1024 || !MEMORY_COUNTS, "%ld KiB",
		      after - before);
	for (unsigned i = 0; i < CLIENTS; i++)
		close(fds[i]);
	server_stop(&s);
}
END_TEST

SUITE_TIMEOUT("event_pipeline", 120, sixteen_and_a_thousand_in_one_write,
	      a_slow_one_in_the_middle, many_slow_ones_keep_their_order,
	      a_large_reply_in_the_middle, who_never_reads_costs_a_bounded_amount)
