/* What a server counts, and that a plugin can read it. */
#include <cruet/stats.h>
#include <stddef.h>
#include "app.h"

#define STATS "GET /stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

/* --- the application -------------------------------------------------------------------- */

static int stats(cruet_ctx *c)
{
	cruet_counters n = {.size = sizeof n};
	int err = cruet_stats(cruet_scope(c), &n);

	if (err)
		return err;
#define N(m) (unsigned long long)n.m
	return cruet_textf(
		c,
		"open=%llu\nrunning=%llu\nwaiting=%llu\nthreads=%llu\nrequests=%llu\n"
		"reused=%llu\nin=%llu\nout=%llu\n2xx=%llu\n3xx=%llu\n4xx=%llu\n5xx=%llu\n"
		"connections=%llu\nhead=%llu\nbody=%llu\nidle=%llu\nwrite=%llu\nbad=%llu\n"
		"unable=%llu\n",
		N(connections_open), N(requests_running), N(requests_waiting), N(threads),
		N(requests), N(requests_reused), N(bytes_in), N(bytes_out), N(replies[2]),
		N(replies[3]), N(replies[4]), N(replies[5]), N(connections), N(timeouts_head),
		N(timeouts_body), N(timeouts_idle), N(timeouts_write), N(refused[4]),
		N(refused[5]));
}

/* A plugin that knows of fewer counters. */
static int fewer(cruet_ctx *c)
{
	cruet_counters n;

	memset(&n, 0xa5, sizeof n);
	n.size = CRUET_UPTO(cruet_counters, connections_open);
	int err = cruet_stats(cruet_scope(c), &n);
	const unsigned char *rest = (const unsigned char *)&n.connections_waiting;
	bool whole = true;
	for (size_t i = 0; i < sizeof n - offsetof(cruet_counters, connections_waiting); i++)
		whole = whole && rest[i] == 0xa5;
	return err ? err
		   : cruet_textf(c, "%llu %s", (unsigned long long)n.connections_open,
				 whole ? "and no more" : "and more than was asked for");
}

static int fails(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}

static int moves(cruet_ctx *c)
{
	return cruet_redirect(c, 302, "/");
}

static int large(cruet_ctx *c)
{
	enum { SIZE = 64 << 20 };
	char *p = calloc(1, SIZE);

	return p ? cruet_send(c, "application/octet-stream", p, SIZE, free) : CRUET_ENOMEM;
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/stats", stats);
	cruet_get(a, "/fewer", fewer);
	cruet_get(a, "/fails", fails);
	cruet_get(a, "/moves", moves);
	cruet_get(a, "/large", large);
}

/* --- asking ----------------------------------------------------------------------------- */

/* What was sent to the server and came from it, the request that asks last excepted in
 * what came. */
struct sums {
	long asked, in, out;
};

/* Sends text, whose last request ends the connection; the whole of what comes. */
static struct wire *exchange(struct server *s, const char *text)
{
	struct wire *w = dial(s->port);

	put(w, text);
	while (more(w, PATIENCE_MS))
		;
	ck_assert(w->ended);
	return w;
}

static long value(const char *text, const char *name)
{
	char key[32];
	const char *at;

	snprintf(key, sizeof key, "\n%s=", name);
	at = strstr(text, key);
	ck_assert_msg(at != NULL, "no %s in: %s", name, text);
	return strtol(at + strlen(key), NULL, 10);
}

static long ask_for(struct server *s, struct sums *sums, const char *name)
{
	struct wire *w = exchange(s, STATS);
	long n;

	sums->asked++;
	sums->in += (long)strlen(STATS);
	w->buf[w->n] = '\0';
	n = value(w->buf, name);
	sums->out += (long)w->n;
	hang_up(w);
	return n;
}

/* What a thread has done is counted soon after the client could see it. */
#define counted(s, sums, name, want)                                                     \
	do {                                                                             \
		int64_t end_ = now_ms() + PATIENCE_MS;                                   \
		long got_, want_;                                                        \
		while ((got_ = ask_for(s, sums, name)) != (want_ = (want)) &&            \
		       now_ms() < end_)                                                  \
			poll(NULL, 0, 2);                                                \
		ck_assert_msg(got_ == want_, "%s is %ld and not %ld", name, got_, want_); \
	} while (0)

/* --- tests ------------------------------------------------------------------------------ */

START_TEST(requests_connections_and_bytes)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
				   "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
				   "0123456789"
				   "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct server s = server_start(setup, NULL);
	struct sums sums = {0, (long)strlen(text), 0};
	struct wire *w = exchange(&s, text);

	sums.out = (long)w->n;
	hang_up(w);
	counted(&s, &sums, "requests", 3 + sums.asked);
	counted(&s, &sums, "reused", 2);
	counted(&s, &sums, "connections", 1 + sums.asked);
	counted(&s, &sums, "in", sums.in);
	counted(&s, &sums, "2xx", 3 + sums.asked - 1); /* the last one is not answered yet */
	long before = sums.out;
	long got = ask_for(&s, &sums, "out");
	for (int64_t end = now_ms() + PATIENCE_MS; got != before && now_ms() < end;) {
		before = sums.out;
		got = ask_for(&s, &sums, "out");
	}
	ck_assert_int_eq(got, before);
	ck_assert_int_ge(ask_for(&s, &sums, "threads"), 1);
	counted(&s, &sums, "open", 1);
	counted(&s, &sums, "running", 1);
	server_stop(&s);
}
END_TEST

START_TEST(replies_and_refusals_by_status)
{
	struct server s = server_start(setup, NULL);
	struct sums sums = {0, 0, 0};

	hang_up(exchange(&s, "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
	hang_up(exchange(&s, "GET /fails HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
	hang_up(exchange(&s, "GET /moves HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
	counted(&s, &sums, "4xx", 1);
	counted(&s, &sums, "5xx", 1);
	counted(&s, &sums, "3xx", 1);
	counted(&s, &sums, "bad", 0);
	counted(&s, &sums, "requests", 3 + sums.asked);
	hang_up(exchange(&s, "GET / HTTP/1.1\r\nHost : x\r\n\r\n"));
	counted(&s, &sums, "bad", 1);
	counted(&s, &sums, "4xx", 2);
	counted(&s, &sums, "requests", 3 + sums.asked);
	counted(&s, &sums, "unable", 0);
	server_stop(&s);
}
END_TEST

START_TEST(what_came_too_late)
{
	struct server s = server_start(setup, "server.head_timeout=300ms\nserver.body_timeout=400ms\n"
					      "server.idle_timeout=300ms");
	struct sums sums = {0, 0, 0};

	hang_up(exchange(&s, "GET / HT"));
	counted(&s, &sums, "head", 1);
	hang_up(exchange(&s, ""));
	counted(&s, &sums, "head", 2);
	hang_up(exchange(&s, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\na"));
	counted(&s, &sums, "body", 1);
	hang_up(exchange(&s, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\na"));
	counted(&s, &sums, "body", 2);
	hang_up(exchange(&s, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
	counted(&s, &sums, "idle", 1);
	counted(&s, &sums, "head", 2);
	counted(&s, &sums, "write", 0);
	counted(&s, &sums, "bad", 0);
	server_stop(&s);
}
END_TEST

START_TEST(who_takes_nothing)
{
	struct server s = server_start(setup, "server.write_timeout=1500ms");
	struct sums sums = {0, 0, 0};
	struct wire *w = dial(s.port);

	put(w, "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	counted(&s, &sums, "open", 2);
	/* with a thread or without one, it is under way */
	int64_t end = now_ms() + PATIENCE_MS;
	while (ask_for(&s, &sums, "running") + ask_for(&s, &sums, "waiting") != 2)
		ck_assert_int_lt(now_ms(), end);
	counted(&s, &sums, "write", 1);
	counted(&s, &sums, "open", 1);
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(as_many_counters_as_are_known)
{
	struct server s = server_start(setup, NULL);

	assert_reply(ask(s.port, "GET /fewer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", NULL),
		     200, "1 and no more");
	server_stop(&s);
}
END_TEST

START_TEST(where_nothing_serves)
{
	cruet_counters n = {.size = sizeof n};
	cruet_app *a = cruet_new("still");

	ck_assert_int_eq(cruet_stats(a, &n), CRUET_ESTATE);
	ck_assert_int_eq(cruet_stats(NULL, &n), CRUET_EINVAL);
	ck_assert_int_eq(cruet_stats(a, NULL), CRUET_EINVAL);
	n.size = 4;
	ck_assert_int_eq(cruet_stats(a, &n), CRUET_EINVAL);
	cruet_free(a);
}
END_TEST

SUITE("stats", requests_connections_and_bytes, replies_and_refusals_by_status, what_came_too_late,
      who_takes_nothing, as_many_counters_as_are_known, where_nothing_serves)
