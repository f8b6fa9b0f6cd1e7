/* Time limits: heads, bodies, idle connections, replies that nobody takes. */
#include <stdlib.h>
#include "app.h"

#define HEAD_10 "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"

static int large(cruet_ctx *c)
{
	enum { SIZE = 64 << 20 };
	char *p = calloc(1, SIZE);

	return p ? cruet_send(c, "application/octet-stream", p, SIZE, free) : CRUET_ENOMEM;
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/large", large);
}

/* By then a machine with much else to do has done it; what must not happen takes
 * longer, or for ever. */
enum { SOON_MS = 12000 };

/* Sends a byte every so often until the server says something, or hangs up. */
static void trickle(struct wire *w, int every_ms)
{
	while (!more(w, every_ms) && !w->ended)
		put(w, "a");
}

static struct reply reply_after(struct wire *w, int least_ms, int most_ms, int64_t since)
{
	struct reply r = take_reply(w, false);
	int64_t took = now_ms() - since;

	ck_assert_msg(took >= least_ms && took <= most_ms, "after %d ms", (int)took);
	return r;
}

START_TEST(a_head_that_does_not_come_is_408)
{
	struct server s = server_start(setup, "server.threads=1\nserver.head_timeout=300ms");
	struct wire *w = dial(s.port);
	int64_t since = now_ms();

	put(w, "GET / HT");
	assert_reply(reply_after(w, 250, SOON_MS, since), 408, "The head did not arrive in time.");
	ck_assert(closes(w));
	hang_up(w);

	w = dial(s.port);
	since = now_ms();
	put(w, "GET / HTTP/1.1\r\nX: ");
	trickle(w, 50);
	assert_reply(reply_after(w, 250, SOON_MS, since), 408, "The head did not arrive in time.");
	hang_up(w);

	w = dial(s.port); /* nothing was said, so nothing is answered */
	ck_assert(closes(w));
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(an_idle_connection_ends)
{
	struct server s = server_start(setup, "server.threads=1\nserver.idle_timeout=300ms");
	struct wire *w = dial(s.port);

	put(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_reply(take_reply(w, false), 200, "Hello");
	int64_t since = now_ms();
	ck_assert(closes(w));
	ck_assert_int_ge(now_ms() - since, 250);
	ck_assert_int_le(now_ms() - since, SOON_MS);
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_body_that_does_not_come_is_408)
{
	struct server s = server_start(setup, "server.threads=1\nserver.body_timeout=400ms");
	struct wire *w = dial(s.port);
	int64_t since = now_ms();

	put(w, HEAD_10 "a");
	assert_reply(reply_after(w, 350, SOON_MS, since), 408, "the body did not arrive in time");
	ck_assert(closes(w));
	hang_up(w);

	w = dial(s.port);
	since = now_ms();
	put(w, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na");
	assert_reply(reply_after(w, 350, SOON_MS, since), 408, "the body did not arrive in time");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_body_byte_by_byte_gains_no_time)
{
	struct server s = server_start(setup, "server.threads=1\nserver.body_timeout=400ms");
	struct wire *w = dial(s.port);
	int64_t since = now_ms();

	put(w, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n");
	trickle(w, 20);
	assert_reply(reply_after(w, 350, SOON_MS, since), 408, "the body did not arrive in time");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(slow_senders_on_all_threads_hold_up_others_until_the_deadline)
{
	enum { N = 8 };
	struct server s = server_start(setup, "server.threads=8\nserver.body_timeout=1s");
	struct wire *slow[N];
	int64_t since = now_ms();

	for (int i = 0; i < N; i++) {
		slow[i] = dial(s.port);
		put(slow[i], HEAD_10 "a");
	}
	struct wire *w = dial(s.port);
	put(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_reply(reply_after(w, 0, SOON_MS, since), 200, "Hello");
	for (int i = 0; i < N; i++) {
		assert_reply(take_reply(slow[i], false), 408, "");
		hang_up(slow[i]);
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

/* As many as there are threads send a byte now and then until they are told something;
 * when somebody else was: since this call, in milliseconds. -1: never. */
static int64_t trickle_until_told(struct wire *const *slow, int n, struct wire *other)
{
	struct pollfd p[65];
	int64_t since = now_ms(), told = -1;
	int left = n + 1;

	ck_assert_int_lt(n, 65);
	for (int i = 0; i <= n; i++)
		p[i] = (struct pollfd){.fd = i < n ? slow[i]->fd : other->fd, .events = POLLIN};
	while (left && now_ms() - since < PATIENCE_MS) {
		int ready = poll(p, (nfds_t)n + 1, 50); /* so much for "now and then" */
		ck_assert_int_ge(ready, 0);
		for (int i = 0; i <= n; i++) {
			if (p[i].fd >= 0 && p[i].revents) {
				p[i].fd = -1;
				left--;
				if (i == n)
					told = now_ms() - since;
			} else if (p[i].fd >= 0 && i < n && !ready) {
				put(slow[i], "a");
			}
		}
	}
	return told;
}

START_TEST(at_the_default_threads_the_deadline_frees_all_of_them)
{
	enum { N = 64 };
	struct server s = server_start(setup, "server.body_timeout=1s");
	struct wire *slow[N], *w;
	int64_t since = now_ms();

	for (int i = 0; i < N; i++) {
		slow[i] = dial(s.port);
		put(slow[i], "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n");
	}
	w = dial(s.port); /* all threads have somebody else to wait for */
	put(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	int64_t before = now_ms() - since, told = trickle_until_told(slow, N, w);
	ck_assert_msg(told >= 0 && told <= SOON_MS, "after %lld ms", (long long)told);
	if (!getenv("CRUET_SERVER__TRANSPORT")) /* another one has threads for all */
		ck_assert_int_ge(before + told, 950);
	assert_reply(take_reply(w, false), 200, "Hello");
	for (int i = 0; i < N; i++) {
		assert_reply(take_reply(slow[i], false), 408, "the body did not arrive in time");
		ck_assert(closes(slow[i]));
		hang_up(slow[i]);
	}
	hang_up(w);
	assert_reply(ask(s.port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", NULL), 200,
		     "Hello");
	server_stop(&s);
}
END_TEST

START_TEST(a_body_below_the_least_rate_is_cut_off_after_ten_seconds)
{
	struct server s = server_start(setup, "server.threads=2\nserver.body_rate=400");
	struct wire *w = dial(s.port), *fine = dial(s.port);
	int64_t since = now_ms();

	put(w, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
	put(fine, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
	while (!more(w, 50) && !w->ended) {
		put(w, "a");
		put(fine, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	}
	assert_reply(reply_after(w, 9500, 9500 + SOON_MS, since), 408, "the body did not arrive in time");
	ck_assert_msg(!more(fine, 300), "the other was cut off too");
	hang_up(w);
	hang_up(fine);
	server_stop(&s);
}
END_TEST

/* Connections that the server holds open. */
static int open_connections(const struct server *s)
{
	char line[256];
	unsigned port, state;
	int n = 0;
	FILE *f = fopen("/proc/net/tcp", "r");

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f))
		n += sscanf(line, " %*d: %*x:%x %*x:%*x %x", &port, &state) == 2 &&
		     port == (unsigned)s->port && state == 1;
	fclose(f);
	return n;
}

START_TEST(a_client_that_takes_nothing_loses_its_connection)
{
	struct server s = server_start(setup, "server.threads=1\nserver.write_timeout=500ms");
	struct wire *w = dial(s.port);
	int64_t since = now_ms();
	static char sink[1 << 20];
	ssize_t n;

	put(w, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
	while (!open_connections(&s))
		poll(NULL, 0, 2);
	while (open_connections(&s) && now_ms() - since < SOON_MS)
		poll(NULL, 0, 20);
	ck_assert_int_ge(now_ms() - since, 450);
	ck_assert_int_eq(open_connections(&s), 0);
	size_t got = 0;
	while ((n = recv(w->fd, sink, sizeof sink, 0)) > 0)
		got += (size_t)n;
	ck_assert_uint_lt(got, 64 << 20);
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_client_that_takes_a_little_keeps_its_connection)
{
	struct server s = server_start(
		setup, "server.threads=1\nserver.write_timeout=3500ms\nserver.head_timeout=300ms");
	struct pollfd nothing = {.fd = -1};
	struct wire *w = dial(s.port);
	static char sink[1 << 20];
	size_t got = 0;
	int64_t since = now_ms();

	put(w, "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	while (now_ms() - since < 4500) { /* longer than the limit, in two sips */
		poll(&nothing, 1, 2400);
		got += (size_t)recv(w->fd, sink, sizeof sink, 0);
	}
	for (ssize_t n; (n = recv(w->fd, sink, sizeof sink, 0)) > 0;)
		got += (size_t)n;
	ck_assert_uint_gt(got, 64 << 20);
	hang_up(w);
	server_stop(&s);
}
END_TEST

SUITE("limits", a_head_that_does_not_come_is_408, an_idle_connection_ends,
      a_body_that_does_not_come_is_408, a_body_byte_by_byte_gains_no_time,
      slow_senders_on_all_threads_hold_up_others_until_the_deadline,
      at_the_default_threads_the_deadline_frees_all_of_them,
      a_body_below_the_least_rate_is_cut_off_after_ten_seconds,
      a_client_that_takes_nothing_loses_its_connection,
      a_client_that_takes_a_little_keeps_its_connection)
