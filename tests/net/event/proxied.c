/* Listeners where a proxy tells whose connection it brings. */
#include <sys/un.h>
#include <sched.h>
#include "event.h"

static const uint32_t far = UINT32_C(0xc0000201); /* 192.0.2.1 */

static const char head[] = "\r\n\r\n\0\r\nQUIT\n";

static int peer(cruet_ctx *c)
{
	return cruet_textf(c, "from %s.", cruet_peer(c));
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/peer", peer);
}

static void setup_for_few(cruet_app *a)
{
	setup(a);
	cruet_use(a, "event", "per_client=2");
}

struct guarded { /* a server whose log is read */
	struct server s;
	int log;
};

static struct guarded start(app_setup *how, const char *settings)
{
	struct guarded g;
	int err[2];

	ck_assert_int_eq(pipe2(err, O_CLOEXEC), 0);
	g.s = server_launch(how, settings, "proxy:127.0.0.1:0", err[1]);
	close(err[1]);
	g.log = err[0];
	server_wait_until_it_listens(&g.s);
	return g;
}

static void stop(struct guarded *g, char *log, size_t cap)
{
	server_stop(&g->s);
	read_until(g->log, NULL, log, cap);
	close(g->log);
}

/* A header with n bytes of p after it. */
static size_t greeting(unsigned char *out, unsigned char command, unsigned char kind,
		       const void *p, size_t n)
{
	memcpy(out, head, 12);
	out[12] = 0x20 | command;
	out[13] = kind;
	out[14] = (unsigned char)(n >> 8);
	out[15] = (unsigned char)n;
	if (n)
		memcpy(out + 16, p, n);
	return 16 + n;
}

static size_t greeting_4(unsigned char *out, uint32_t from)
{
	unsigned char p[12] = {0};

	from = htonl(from);
	memcpy(p, &from, sizeof from);
	return greeting(out, 1, 0x11, p, sizeof p);
}

static void asks(struct wire *w, const char *from)
{
	put(w, GET("/peer"));
	assert_reply(take_reply(w, false), 200, from);
}

START_TEST(the_peer_is_the_one_that_was_told)
{
	struct guarded g = start(setup, NULL);
	unsigned char b[1024], p[216] = {0};
	char log[4096];
	struct wire *w = dial(g.s.port);

	put_bytes(w, b, greeting_4(b, far));
	for (int i = 0; i < 3; i++) /* for all requests of the connection */
		asks(w, "from 192.0.2.1.");
	hang_up(w);

	inet_pton(AF_INET6, "2001:db8::7", p);
	w = dial(g.s.port);
	put_bytes(w, b, greeting(b, 1, 0x21, p, 36));
	asks(w, "from 2001:db8::7.");
	hang_up(w);

	w = dial(g.s.port);
	put_bytes(w, b, greeting(b, 1, 0x31, p, 216));
	asks(w, "from unix.");
	hang_up(w);
	stop(&g, log, sizeof log);
	ck_assert_str_eq(log, "");
}
END_TEST

START_TEST(a_proxy_that_speaks_for_itself_is_the_peer)
{
	struct guarded g = start(setup, NULL);
	unsigned char b[1024];
	char log[4096];

	for (int command = 0; command < 2; command++) {
		struct wire *w = dial(g.s.port);
		put_bytes(w, b,
			  greeting(b, (unsigned char)command, 0, "more", command * 4));
		asks(w, "from 127.0.0.1.");
		hang_up(w);
	}
	/* one that only looks whether the port is open */
	hang_up(dial(g.s.port));
	stop(&g, log, sizeof log);
	ck_assert_str_eq(log, "");
}
END_TEST

/* Cut in two at each byte, and at all of them. */
START_TEST(however_it_is_cut)
{
	static const char request[] = GET("/peer");
	struct guarded g = start(setup, NULL);
	unsigned char b[1024];
	char log[4096];
	size_t n = greeting_4(b, far);

	memcpy(b + n, request, sizeof request - 1);
	n += sizeof request - 1;
	for (size_t cut = 1; cut < n; cut++) {
		struct wire *w = dial(g.s.port);
		put_bytes(w, b, cut);
		sched_yield();
		put_bytes(w, b + cut, n - cut);
		assert_reply(take_reply(w, false), 200, "from 192.0.2.1.");
		hang_up(w);
	}
	struct wire *w = dial(g.s.port);
	for (size_t i = 0; i < n; i++) {
		put_bytes(w, b + i, 1);
		if (i < 12) /* of what it leaves in the socket this tells nothing */
			continue;
		sched_yield();
	}
	assert_reply(take_reply(w, false), 200, "from 192.0.2.1.");
	hang_up(w);
	stop(&g, log, sizeof log);
	ck_assert_str_eq(log, "");
}
END_TEST

static void is_closed(int port, const void *p, size_t n)
{
	struct wire *w = dial(port);

	put_bytes(w, p, n);
	ck_assert_msg(closes(w), "it stays open, or something was said: %s", w->buf);
	hang_up(w);
}

START_TEST(who_brings_no_header_is_closed_and_told_of)
{
	static const char v1[] =
		"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" GET("/smuggled");
	struct guarded g = start(setup, NULL);
	unsigned char b[1024];
	char log[8192];

	for (int i = 0; i < 20; i++)
		is_closed(g.s.port, GET("/smuggled"), sizeof GET("/smuggled") - 1);
	is_closed(g.s.port, v1, sizeof v1 - 1);
	is_closed(g.s.port, "\r\n\r\nx", 5);
	size_t n = greeting_4(b, far);
	b[12] = 0x11;
	is_closed(g.s.port, b, n);

	struct wire *w = dial(g.s.port);
	put_bytes(w, b, greeting_4(b, far));
	put(w, GET("/count"));
	assert_reply(take_reply(w, false), 200, "smuggled 0");
	hang_up(w);
	stop(&g, log, sizeof log);
	static const char line[] =
		"127.0.0.1 sends no good header of the PROXY protocol: it does not begin "
		"with "
		"the signature of version 2: its connection was closed\n";
	const char *at = strstr(log, line);
	ck_assert_msg(at != NULL, "%s", log);
	int lines = 0;
	for (at = log; (at = strchr(at, '\n')); at++)
		lines++;
	ck_assert_msg(lines < 5, "it floods the log: %s", log);
}
END_TEST

START_TEST(half_a_header_that_ends_is_told_of)
{
	struct guarded g = start(setup, NULL);
	unsigned char b[1024];
	char log[4096];
	size_t n = greeting_4(b, far);
	struct wire *w = dial(g.s.port);

	put_bytes(w, b, n - 1);
	shutdown(w->fd, SHUT_WR);
	ck_assert(closes(w));
	hang_up(w);
	stop(&g, log, sizeof log);
	ck_assert_msg(strstr(log, "PROXY protocol: it is cut short: ") != NULL, "%s",
		      log);
}
END_TEST

START_TEST(a_header_has_as_long_as_a_head)
{
	struct guarded g = start(setup, "server.head_timeout=300ms");
	unsigned char b[1024];
	char log[4096];
	size_t n = greeting_4(b, far), parts[] = {0, 1, 12, 16, n - 1};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		int64_t since = now_ms();
		is_closed(g.s.port, b, parts[i]);
		ck_assert_int_ge(now_ms() - since, 200);
	}
	stop(&g, log, sizeof log);
}
END_TEST

START_TEST(each_client_of_a_proxy_counts_for_itself)
{
	struct guarded g = start(setup_for_few, NULL);
	unsigned char b[64];
	struct wire *w[6], *more;
	char log[4096];

	for (uint32_t i = 0; i < 6; i++) {
		w[i] = dial(g.s.port);
		put_bytes(w[i], b, greeting_4(b, far + i / 2));
		asks(w[i], "from 192.0.2.");
	}
	more = dial(g.s.port);
	put_bytes(more, b, greeting_4(b, far + 1));
	ck_assert_msg(closes(more), "one too many stays open");
	hang_up(more);
	for (int i = 0; i < 3; i++) { /* the proxy itself is none */
		more = dial(g.s.port);
		put_bytes(more, b, greeting(b, 0, 0, "", 0));
		asks(more, "from 127.0.0.1.");
		hang_up(more);
	}
	for (int i = 0; i < 6; i++)
		hang_up(w[i]);
	stop(&g, log, sizeof log);
	ck_assert_msg(strstr(log,
			     "192.0.2.2 has 2 connections open, as many as one client "
			     "may: one more was closed\n") != NULL,
		      "%s", log);
}
END_TEST

START_TEST(a_unix_socket_may_bring_them_too)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "site.sock"};
	char folder[FOLDER_MAX], line[256];
	unsigned char b[64];

	ck_assert(folder_make(folder));
	ck_assert_int_eq(chdir(folder), 0);
	struct server s = server_launch(setup, NULL, "proxy:unix:site.sock", -1);
	ck_assert(read_until(s.out, "\n", line, sizeof line));
	ck_assert_str_eq(line, "serving unix:site.sock\n");
	struct wire *w = wire_new(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	ck_assert_int_eq(connect(w->fd, (struct sockaddr *)&at, sizeof at), 0);
	put_bytes(w, b, greeting_4(b, far));
	asks(w, "from 192.0.2.1.");
	hang_up(w);
	server_stop(&s);
}
END_TEST

SUITE("event_proxied", the_peer_is_the_one_that_was_told,
      a_proxy_that_speaks_for_itself_is_the_peer, however_it_is_cut,
      who_brings_no_header_is_closed_and_told_of, half_a_header_that_ends_is_told_of,
      a_header_has_as_long_as_a_head, each_client_of_a_proxy_counts_for_itself,
      a_unix_socket_may_bring_them_too)
