/* Handlers that answer later, on a transport that gives each a thread. */
#include <pthread.h>
#include <stdlib.h>
#include "app.h"

static int gate[2];  /* a byte written to it wakes a handler */
static int tells[2]; /* what the application has to say: 'w' waits, 'n' next, and of its
		      * end '0' or 'E' */

static void tell(char what)
{
	ssize_t n = write(tells[1], &what, 1);
	(void)n; /* the test misses it */
}

static void hears(const char *want)
{
	for (; *want; want++) {
		char got = 0;
		struct pollfd p = {.fd = tells[0], .events = POLLIN};
		ck_assert_msg(poll(&p, 1, PATIENCE_MS) == 1, "waited for '%c'", *want);
		ck_assert_int_eq(read(tells[0], &got, 1), 1);
		ck_assert_msg(got == *want, "'%c' instead of '%c'", got, *want);
	}
}

static void *wakes(void *waker)
{
	char byte;

	if (read(gate[0], &byte, 1) == 1)
		cruet_wake(waker);
	cruet_waker_free(waker);
	return NULL;
}

static int next(cruet_ctx *c)
{
	tell('n');
	return cruet_text(c, "later");
}

static int later(cruet_ctx *c)
{
	cruet_waker *w = cruet_waker_new(c);
	pthread_t id;

	if (!w || pthread_create(&id, NULL, wakes, w))
		return CRUET_ENOMEM;
	pthread_detach(id);
	tell('w');
	return cruet_resume(c, w, next);
}

static void ended(cruet_ctx *c, int err)
{
	if (!strcmp(cruet_path(c), "/later"))
		tell(err == CRUET_EIO ? 'E' : '0');
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/later", later);
	cruet_teardown(a, ended);
}

static struct server start(void)
{
	ck_assert_int_eq(pipe(gate) | pipe(tells), 0);
	return server_start(setup, "server.threads=4");
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

START_TEST(it_answers_when_it_is_woken_and_the_connection_goes_on)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, GET("/later") GET("/"));
	hears("w");
	assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");
	ck_assert_int_eq(write(gate[1], "g", 1), 1);
	assert_reply(take_reply(w, false), 200, "later");
	hears("n0");
	assert_reply(take_reply(w, false), 200, "Hello");
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_client_that_leaves_ends_it)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, GET("/later"));
	hears("w");
	hang_up(w);
	hears("E");
	ck_assert_int_eq(write(gate[1], "g", 1), 1); /* harmless */
	assert_reply(ask(s.port, GET("/"), NULL), 200, "Hello");
	server_stop(&s);
}
END_TEST

/* It is taken for one that has left: the next reply must not stand for this one. */
START_TEST(a_client_that_only_listens_is_told_nothing_false)
{
	struct server s = start();
	struct wire *w = dial(s.port);

	put(w, GET("/later") GET("/"));
	hears("w");
	shutdown(w->fd, SHUT_WR);
	hears("E");
	ck_assert(closes(w));
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(a_server_that_stops_answers_503)
{
	struct server s = start();
	struct wire *w = dial(s.port);
	int64_t since = now_ms();

	put(w, GET("/later"));
	hears("w");
	kill(s.pid, SIGTERM);
	struct reply r = take_reply(w, false);
	char value[16];
	assert_reply(r, 503, "The server is stopping.");
	ck_assert_str_eq(header(r.head, "Retry-After", value, sizeof value), "1");
	hears("0");
	ck_assert_int_eq(server_exit(&s), 0);
	ck_assert_int_lt(now_ms() - since, PATIENCE_MS / 4);
	hang_up(w);
}
END_TEST

SUITE("net_later", it_answers_when_it_is_woken_and_the_connection_goes_on,
      a_client_that_leaves_ends_it, a_client_that_only_listens_is_told_nothing_false,
      a_server_that_stops_answers_503)
