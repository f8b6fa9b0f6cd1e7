/* How a server ends: nothing that has begun is lost, and nothing can hold it up. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
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

static int stopper(cruet_ctx *c)
{
	cruet_stop(cruet_scope(c));
	return cruet_text(c, "stopping");
}

/* A stream that never has anything to say. */
static ptrdiff_t silent(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)c, (void)self, (void)buf, (void)cap;
	return CRUET_EAGAIN;
}

static int events(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .mime = "text/event-stream", .length = -1, .pull = silent};
	cruet_waker *w = cruet_waker_new(c);

	cruet_waker_free(w);
	return cruet_stream(c, &source, NULL);
}

static atomic_int *begun; /* requests, in memory that the server's process shares */

static int count(cruet_ctx *c)
{
	(void)c;
	atomic_fetch_add(begun, 1);
	return CRUET_OK;
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_before(a, count);
	cruet_get(a, "/blocked", blocked);
	cruet_get(a, "/stop", stopper);
	cruet_get(a, "/events", events);
}

static struct server start(const char *settings)
{
	begun = mmap(NULL, sizeof *begun, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(begun, MAP_FAILED);
	ck_assert_int_eq(pipe(gate) | pipe(tells), 0);
	return server_start(setup, settings);
}

enum { SOON = 5000 }; /* ms: not only when server.drain, 10 s, is over */

static void ends_within(struct server *s, int ms, int code)
{
	int64_t since = now_ms();
	ck_assert_int_eq(server_exit(s), code);
	ck_assert_msg(now_ms() - since <= ms, "after %d ms", (int)(now_ms() - since));
}

/* A connection whose request is being answered. */
static struct wire *begin(const struct server *s, const char *path)
{
	struct wire *w = dial(s->port);
	char bytes[128], byte;

	snprintf(bytes, sizeof bytes, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
	put(w, bytes);
	if (!strcmp(path, "/blocked"))
		ck_assert_int_eq(read(tells[0], &byte, 1), 1);
	return w;
}

/* Asks until the answer is 503. */
static void wait_until_it_drains(const struct server *s)
{
	int64_t end = now_ms() + PATIENCE_MS;

	while (ask(s->port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", NULL).status !=
	       503) {
		ck_assert_int_lt(now_ms(), end);
		poll(NULL, 0, 1);
	}
}

START_TEST(without_connections_it_stops_at_once)
{
	struct server s = start(NULL);
	kill(s.pid, SIGTERM);
	ends_within(&s, SOON, 0);
	s = start(NULL);
	kill(s.pid, SIGINT);
	ends_within(&s, SOON, 0);
}
END_TEST

START_TEST(idle_connections_do_not_hold_it_up)
{
	struct server s = start(NULL);
	struct wire *fresh = dial(s.port), *idle = begin(&s, "/");

	assert_reply(take_reply(idle, false), 200, "Hello");
	kill(s.pid, SIGTERM);
	ends_within(&s, SOON, 0);
	ck_assert(closes(idle));
	ck_assert(closes(fresh));
	hang_up(idle);
	hang_up(fresh);
}
END_TEST

START_TEST(what_has_begun_is_answered_and_what_comes_later_is_503)
{
	struct server s = start(NULL);
	struct wire *w = begin(&s, "/blocked"), *kept = begin(&s, "/");
	bool closed;

	assert_reply(take_reply(kept, false), 200, "Hello");
	kill(s.pid, SIGTERM);
	wait_until_it_drains(&s);
	struct reply r = ask(s.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &closed);
	assert_reply(r, 503, "The server is stopping.");
	ck_assert(closed);
	put(kept, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_reply(take_reply(kept, false), 503, "The server is stopping.");
	ck_assert(closes(kept));

	ck_assert_int_eq(write(gate[1], "g", 1), 1);
	r = take_reply(w, false);
	assert_reply(r, 200, "blocked and let go");
	char value[32];
	ck_assert_str_eq(header(r.head, "Connection", value, sizeof value), "close");
	ends_within(&s, SOON, 0);
	hang_up(w);
	hang_up(kept);
}
END_TEST

START_TEST(the_deadline_ends_what_does_not_end)
{
	struct server s = start("server.drain=300ms\nlog_level=error");
	struct wire *w = begin(&s, "/blocked");

	kill(s.pid, SIGTERM);
	ends_within(&s, 9000, 0); /* the handler never does */
	ck_assert(closes(w));
	hang_up(w);
}
END_TEST

START_TEST(a_second_signal_ends_it_at_once)
{
	struct server s = start(NULL);
	struct wire *w = begin(&s, "/blocked");

	kill(s.pid, SIGTERM);
	wait_until_it_drains(&s);
	kill(s.pid, SIGTERM);
	ends_within(&s, SOON, 128 + SIGTERM);
	hang_up(w);
}
END_TEST

START_TEST(a_stream_that_waits_ends_and_is_seen_to_be_cut)
{
	struct server s = start(NULL);
	struct wire *w = begin(&s, "/events");

	while (!strstr(w->buf, "\r\n\r\n"))
		ck_assert(more(w, PATIENCE_MS));
	kill(s.pid, SIGTERM);
	ends_within(&s, 2000, 0);
	struct reply r = take_reply(w, false);
	ck_assert_int_eq(r.status, 200);
	ck_assert(!r.whole);
	hang_up(w);
}
END_TEST

START_TEST(a_handler_can_ask_for_the_end)
{
	struct server s = start(NULL);
	struct wire *w = begin(&s, "/stop");

	assert_reply(take_reply(w, false), 200, "stopping");
	ends_within(&s, SOON, 0);
	hang_up(w);
}
END_TEST

/* --- under load ------------------------------------------------------------------------- */

struct load {
	int port;
	int answered; /* with what the application says */
	int torn; /* replies that began and did not end, or that were none */
};

static void *ask_on_and_on(void *arg)
{
	struct load *l = arg;
	struct wire *w = NULL;

	for (;;) {
		struct sockaddr_in at = {.sin_family = AF_INET,
					 .sin_port = htons((uint16_t)l->port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		if (!w) {
			w = wire_new(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
			if (connect(w->fd, (struct sockaddr *)&at, sizeof at))
				break; /* it listens no more */
		}
		put(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
		while (!strstr(w->buf, "Hello, world!\n") && !strstr(w->buf, "</p>\n") &&
		       more(w, PATIENCE_MS))
			;
		if (w->n && !w->ended) {
			l->answered += strstr(w->buf, "Hello, world!\n") != NULL;
			w->n = 0;
			w->buf[0] = '\0';
			continue;
		}
		if (strstr(w->buf, "Hello, world!\n"))
			l->answered++;
		else
			l->torn += w->n && !strstr(w->buf, "</p>\n");
		hang_up(w);
		w = NULL;
	}
	hang_up(w);
	return NULL;
}

START_TEST(under_load_every_request_that_began_is_answered)
{
	enum { CLIENTS = 8, REQUESTS = 100 };
	struct server s = start("server.threads=8");
	pthread_t threads[CLIENTS];
	struct load loads[CLIENTS];
	int64_t end = now_ms() + PATIENCE_MS;
	int answered = 0;

	for (int i = 0; i < CLIENTS; i++) {
		loads[i] = (struct load){.port = s.port};
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_on_and_on, &loads[i]), 0);
	}
	while (atomic_load(begun) < REQUESTS) { /* so the load is there, however slow threads begin */
		ck_assert_int_lt(now_ms(), end);
		poll(NULL, 0, 1);
	}
	kill(s.pid, SIGTERM);
	ends_within(&s, 3000, 0);
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(loads[i].torn, 0);
		answered += loads[i].answered;
	}
	ck_assert_int_eq(answered, atomic_load(begun));
}
END_TEST

SUITE("stop", without_connections_it_stops_at_once, idle_connections_do_not_hold_it_up,
      what_has_begun_is_answered_and_what_comes_later_is_503, the_deadline_ends_what_does_not_end,
      a_second_signal_ends_it_at_once, a_stream_that_waits_ends_and_is_seen_to_be_cut,
      a_handler_can_ask_for_the_end, under_load_every_request_that_began_is_answered)
