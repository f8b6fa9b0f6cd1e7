/* How many connections there may be: in all, and of one client. */
#include <sys/un.h>
#include "event.h"

enum { EACH = 3, ALL = 5 };

static void setup(cruet_app *a)
{
	app(a);
	cruet_use(a, "event", "loops=2\nper_client=3\nconnections=5");
}

struct guarded { /* a server whose log is read */
	struct server s;
	int log;
};

static struct guarded start(const char *settings)
{
	struct guarded g;
	int err[2];

	ck_assert_int_eq(pipe2(err, O_CLOEXEC), 0);
	g.s = server_launch(setup, settings, settings ? NULL : ":0", err[1]);
	close(err[1]);
	g.log = err[0];
	if (!settings)
		server_wait_until_it_listens(&g.s);
	return g;
}

/* From that address of the loopback, which has many. */
static struct wire *dial_from(const char *from, int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	struct wire *w = wire_new(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

	inet_pton(AF_INET, from, &at.sin_addr);
	ck_assert_int_eq(bind(w->fd, (struct sockaddr *)&at, sizeof at), 0);
	at.sin_port = htons((uint16_t)port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(w->fd, (struct sockaddr *)&at, sizeof at), 0);
	return w;
}

static bool is_served(struct wire *w)
{
	put(w, GET("/"));
	return take_reply(w, false).status == 200;
}

/* The server learns in its time that somebody has left. */
static struct wire *dial_until_served(const char *from, int port)
{
	int64_t end = now_ms() + PATIENCE_MS;

	for (;;) {
		struct wire *w = dial_from(from, port);
		if (is_served(w))
			return w;
		hang_up(w);
		ck_assert_msg(now_ms() < end, "whoever left is still counted");
	}
}

static size_t count_of(const char *word, const char *text)
{
	size_t n = 0;

	while ((text = strstr(text, word)) && ++n)
		text += strlen(word);
	return n;
}

START_TEST(one_client_cannot_have_them_all)
{
	struct guarded g = start(NULL);
	struct wire *w[EACH], *other;
	char log[4096];

	for (int i = 0; i < EACH; i++)
		ck_assert(is_served(w[i] = dial_from("127.0.0.2", g.s.port)));
	for (int i = 0; i < 20; i++) {
		struct wire *more = dial_from("127.0.0.2", g.s.port);
		ck_assert_msg(closes(more), "one too many stays open");
		hang_up(more);
	}
	other = dial_from("127.0.0.3", g.s.port);
	ck_assert(is_served(other));
	for (int i = 0; i < EACH; i++)
		ck_assert(is_served(w[i]));
	hang_up(w[0]);
	w[0] = dial_until_served("127.0.0.2", g.s.port);
	for (int i = 0; i < EACH; i++)
		hang_up(w[i]);
	hang_up(other);
	server_stop(&g.s);
	read_until(g.log, NULL, log, sizeof log);
	ck_assert_msg(strstr(log,
			     "127.0.0.2 has 3 connections open, as many as one client "
			     "may: one more was closed\n") != NULL,
		      "%s", log);
	ck_assert_msg(count_of("as many as one", log) < 5, "it floods the log: %s", log);
}
END_TEST

START_TEST(all_together_cannot_have_more_than_there_are)
{
	static const char *const from[] = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
	struct guarded g = start(NULL);
	struct wire *w[ALL];
	char log[4096];

	for (int i = 0; i < ALL; i++)
		ck_assert(is_served(w[i] = dial_from(from[i % 3], g.s.port)));
	struct wire *more = dial_from("127.0.0.5", g.s.port);
	ck_assert(closes(more));
	hang_up(more);
	hang_up(w[0]);
	w[0] = dial_until_served("127.0.0.5", g.s.port);
	for (int i = 0; i < ALL; i++)
		hang_up(w[i]);
	server_stop(&g.s);
	read_until(g.log, NULL, log, sizeof log);
	ck_assert_msg(strstr(log,
			     "5 connections are open, as many as there may be: one that "
			     "came was closed\n") != NULL,
		      "%s", log);
}
END_TEST

static struct wire *dial_at(const struct sockaddr *at, socklen_t len)
{
	struct wire *w = wire_new(socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));

	ck_assert_int_eq(connect(w->fd, at, len), 0);
	return w;
}

START_TEST(ipv6_counts_and_a_unix_socket_does_not)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "site.sock"};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct wire *w[ALL];
	char folder[FOLDER_MAX], lines[512];
	int port;

	ck_assert(folder_make(folder));
	ck_assert_int_eq(chdir(folder), 0);
	struct guarded g = start("server.listen=[::1]:0, unix:site.sock");
	ck_assert(read_until(g.s.out, "unix:site.sock\n", lines, sizeof lines));
	ck_assert_int_eq(sscanf(lines, "serving http://[::1]:%d", &port), 1);
	six.sin6_port = htons((uint16_t)port);

	for (int i = 0; i < ALL; i++)
		ck_assert(is_served(w[i] = dial_at((struct sockaddr *)&un, sizeof un)));
	for (int i = 0; i < ALL; i++)
		hang_up(w[i]);
	for (int i = 0; i < EACH; i++)
		do
			w[i] = dial_at((struct sockaddr *)&six, sizeof six);
		while (!is_served(w[i]));
	struct wire *more = dial_at((struct sockaddr *)&six, sizeof six);
	ck_assert(closes(more));
	hang_up(more);
	for (int i = 0; i < EACH; i++)
		hang_up(w[i]);
	server_stop(&g.s);
	close(g.log);
}
END_TEST

SUITE("event_crowd", one_client_cannot_have_them_all,
      all_together_cannot_have_more_than_there_are,
      ipv6_counts_and_a_unix_socket_does_not)
