/* More clients than threads. */
#include <pthread.h>
#include <stdlib.h>
#include "app.h"

static int gate[2];  /* a byte written to it lets a blocked handler go on */
static int tells[2]; /* a handler writes to it when it has begun */

static int blocked(cruet_ctx *c)
{
	char byte = 0;

	if (write(tells[1], "b", 1) != 1 || read(gate[0], &byte, 1) != 1)
		return CRUET_EIO;
	return cruet_text(c, "blocked and let go");
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/blocked", blocked);
}

static struct server start(const char *settings)
{
	ck_assert_int_eq(pipe(gate) | pipe(tells), 0);
	return server_start(setup, settings);
}

static struct wire *block(const struct server *s)
{
	struct wire *w = dial(s->port);
	char byte;

	put(w, "GET /blocked HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert_int_eq(read(tells[0], &byte, 1), 1);
	return w;
}

static struct reply get(struct wire *w)
{
	put(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	return take_reply(w, false);
}

START_TEST(blocked_handlers_do_not_stop_others)
{
	struct server s = start("server.threads=4");
	struct wire *stuck[3], *w = dial(s.port);

	for (int i = 0; i < 3; i++)
		stuck[i] = block(&s);
	for (int i = 0; i < 100; i++)
		assert_reply(get(w), 200, "Hello");
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(write(gate[1], "g", 1), 1);
	}
	for (int i = 0; i < 3; i++) {
		assert_reply(take_reply(stuck[i], false), 200, "let go");
		hang_up(stuck[i]);
	}
	hang_up(w);
	server_stop(&s);
}
END_TEST

START_TEST(with_all_threads_busy_the_next_waits_and_is_served)
{
	enum { MORE = 6 }; /* as many as civetweb holds back, and more */
	struct server s = start("server.threads=2");
	struct wire *a = block(&s), *b = block(&s), *next[MORE];

	for (int i = 0; i < MORE; i++) {
		next[i] = dial(s.port);
		put(next[i], "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	}
	ck_assert(!more(next[0], 100));
	ck_assert_int_eq(write(gate[1], "g", 1), 1);
	for (int i = 0; i < MORE; i++) {
		assert_reply(take_reply(next[i], false), 200, "Hello");
		hang_up(next[i]);
	}
	ck_assert_int_eq(write(gate[1], "g", 1), 1);
	assert_reply(take_reply(a, false), 200, "let go");
	assert_reply(take_reply(b, false), 200, "let go");
	hang_up(a);
	hang_up(b);
	server_stop(&s);
}
END_TEST

START_TEST(idle_connections_make_room_for_those_that_wait)
{
	enum { IDLE = 3, MORE = 6 };
	struct server s = start("server.threads=3");
	struct wire *idle[IDLE], *more_of_them[MORE];
	int64_t since = now_ms();

	for (int i = 0; i < IDLE; i++) {
		idle[i] = dial(s.port);
		assert_reply(get(idle[i]), 200, "Hello");
	}
	for (int i = 0; i < MORE; i++) { /* these become idle in their turn */
		more_of_them[i] = dial(s.port);
		assert_reply(get(more_of_them[i]), 200, "Hello");
		ck_assert_int_lt(now_ms() - since, 5000);
	}
	for (int i = 0; i < MORE; i++)
		hang_up(more_of_them[i]);
	for (int i = 0; i < IDLE; i++) {
		ck_assert(closes(idle[i]));
		hang_up(idle[i]);
	}
	server_stop(&s);
}
END_TEST

START_TEST(connections_on_which_nobody_asks_make_room_too)
{
	enum { N = 2 };
	struct server s = start("server.threads=2");
	struct wire *used[N], *silent[N], *w;
	int64_t since = now_ms();

	for (int i = 0; i < N; i++)
		used[i] = dial(s.port);
	for (int i = 0; i < N; i++)
		assert_reply(get(used[i]), 200, "Hello");
	for (int i = 0; i < N; i++) {
		hang_up(used[i]);
		silent[i] = dial(s.port);
	}
	w = dial(s.port);
	assert_reply(get(w), 200, "Hello");
	ck_assert_int_lt(now_ms() - since, 5000);
	hang_up(w);
	struct pollfd one[N] = {{.fd = silent[0]->fd, .events = POLLIN},
				{.fd = silent[1]->fd, .events = POLLIN}};
	ck_assert_int_gt(poll(one, N, PATIENCE_MS), 0); /* whichever came first */
	ck_assert(closes(silent[one[0].revents ? 0 : 1]));
	hang_up(silent[0]);
	hang_up(silent[1]);
	server_stop(&s);
}
END_TEST

START_TEST(nobody_is_sent_away_while_there_are_threads_enough)
{
	enum { N = 4 };
	struct server s = start("server.threads=4");
	struct wire *w[N];
	char value[16];

	for (int i = 0; i < N; i++)
		w[i] = dial(s.port);
	for (int64_t end = now_ms() + 700; now_ms() < end; poll(NULL, 0, 1))
		for (int i = 0; i < N; i++) {
			struct reply r = get(w[i]);
			ck_assert_int_eq(r.status, 200);
			ck_assert_ptr_null(header(r.head, "Connection", value, sizeof value));
		}
	for (int i = 0; i < N; i++)
		hang_up(w[i]);
	server_stop(&s);
}
END_TEST

/* --- many that go on asking ----------------------------------------------------------------- */

struct client {
	int port;
	int64_t end;
	int served, refused;
	int64_t longest; /* between two replies */
};

static void *ask_on_and_on(void *arg)
{
	struct client *c = arg;
	struct wire *w = NULL;
	int64_t last = now_ms();

	for (; now_ms() < c->end; poll(NULL, 0, 20)) {
		if (!w)
			w = dial(c->port);
		w->n = 0;
		w->buf[0] = '\0';
		put(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
		while (!strstr(w->buf, "Hello, world!\n") && more(w, PATIENCE_MS))
			;
		if (strstr(w->buf, "Hello, world!\n")) {
			int64_t now = now_ms();
			c->served++;
			if (now - last > c->longest)
				c->longest = now - last;
			last = now;
		} else if (w->n) {
			c->refused++;
		}
		if (w->ended || strstr(w->buf, "Connection: close") || !w->n) {
			hang_up(w);
			w = NULL;
		}
	}
	if (w)
		hang_up(w);
	return NULL;
}

START_TEST(many_keep_alive_clients_are_served_in_turn)
{
	enum { CLIENTS = 60 };
	struct server s = start("server.threads=4");
	pthread_t threads[CLIENTS];
	struct client clients[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){.port = s.port, .end = now_ms() + 3000};
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_on_and_on, &clients[i]), 0);
	}
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_gt(clients[i].served, 1);
		ck_assert_int_eq(clients[i].refused, 0);
		ck_assert_int_lt(clients[i].longest, 2500);
	}
	server_stop(&s);
}
END_TEST

SUITE("crowd", blocked_handlers_do_not_stop_others,
      with_all_threads_busy_the_next_waits_and_is_served,
      idle_connections_make_room_for_those_that_wait,
      connections_on_which_nobody_asks_make_room_too,
      nobody_is_sent_away_while_there_are_threads_enough,
      many_keep_alive_clients_are_served_in_turn)
