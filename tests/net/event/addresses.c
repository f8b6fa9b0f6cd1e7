/* Where it listens: IPv6, Unix sockets, several at once. */
#include <sys/stat.h>
#include <sys/un.h>
#include "event.h"

static int peer(cruet_ctx *c)
{
	return cruet_textf(c, "from %s.", cruet_peer(c));
}

static void setup(cruet_app *a)
{
	app(a);
	cruet_get(a, "/peer", peer);
}

/* A connection to whatever "serving ..." names. */
static struct wire *dial_at(const struct sockaddr *at, socklen_t len)
{
	struct wire *w = wire_new(socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));

	ck_assert_int_eq(connect(w->fd, at, len), 0);
	return w;
}

static struct wire *dial_unix(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	return dial_at((struct sockaddr *)&at, sizeof at);
}

static struct wire *dial_6(int port)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6,
				  .sin6_port = htons((uint16_t)port),
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	return dial_at((struct sockaddr *)&at, sizeof at);
}

static void answers(struct wire *w, const char *from)
{
	put(w, GET("/peer"));
	assert_reply(take_reply(w, false), 200, from);
	hang_up(w);
}

static void in_a_folder(void)
{
	char folder[FOLDER_MAX];

	ck_assert(folder_make(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

START_TEST(ipv6)
{
	char line[256];
	int port;
	struct server s = server_launch(setup, NULL, "[::1]:0", -1);

	ck_assert(read_until(s.out, "\n", line, sizeof line));
	ck_assert_msg(sscanf(line, "serving http://[::1]:%d", &port) == 1, "%s", line);
	answers(dial_6(port), "from ::1.");
	server_stop(&s);
}
END_TEST

START_TEST(a_unix_socket)
{
	struct stat st;
	char line[256];
	in_a_folder();
	struct server s = server_launch(setup, NULL, "unix:site.sock", -1);

	ck_assert(read_until(s.out, "\n", line, sizeof line));
	ck_assert_str_eq(line, "serving unix:site.sock\n");
	for (int i = 0; i < 10; i++)
		answers(dial_unix("site.sock"), "from unix.");
	server_stop(&s);
	ck_assert_msg(stat("site.sock", &st) && errno == ENOENT, "it was left behind");
}
END_TEST

START_TEST(a_unix_socket_that_was_left_behind_is_taken_away)
{
	char line[256];
	in_a_folder();
	struct server s = server_launch(setup, NULL, "unix:site.sock", -1);
	ck_assert(read_until(s.out, "\n", line, sizeof line));
	kill(s.pid, SIGKILL);
	ck_assert_int_eq(server_exit(&s), 128 + SIGKILL);

	s = server_launch(setup, NULL, "unix:site.sock", -1);
	ck_assert(read_until(s.out, "\n", line, sizeof line));
	answers(dial_unix("site.sock"), "from unix.");
	server_stop(&s);
}
END_TEST

START_TEST(a_living_one_is_left_alone)
{
	char line[256], log[1024];
	int err[2];
	in_a_folder();
	struct server first = server_launch(setup, NULL, "unix:site.sock", -1);
	ck_assert(read_until(first.out, "\n", line, sizeof line));

	ck_assert_int_eq(pipe2(err, O_CLOEXEC), 0); /* first has no part in it */
	struct server second = server_launch(setup, NULL, "unix:site.sock", err[1]);
	close(err[1]);
	ck_assert_int_ne(server_exit(&second), 0);
	read_until(err[0], NULL, log, sizeof log);
	ck_assert_str_eq(log,
			 "cruet: cannot listen on unix:site.sock: something else listens "
			 "there already\n");
	answers(dial_unix("site.sock"), "from unix.");
	server_stop(&first);
}
END_TEST

START_TEST(several_at_once)
{
	char lines[512];
	int port, port6;
	in_a_folder();
	struct server s = server_launch(
		setup, "server.listen=127.0.0.1:0, [::1]:0, unix:site.sock", NULL, -1);

	ck_assert_msg(read_until(s.out, "unix:site.sock\n", lines, sizeof lines), "%s",
		      lines);
	ck_assert_msg(sscanf(lines, "serving http://127.0.0.1:%d serving http://[::1]:%d",
			     &port, &port6) == 2,
		      "%s", lines);
	answers(dial(port), "from 127.0.0.1.");
	answers(dial_6(port6), "from ::1.");
	answers(dial_unix("site.sock"), "from unix.");
	server_stop(&s);
}
END_TEST

/* What it had opened before the address that fails goes with it. */
START_TEST(one_that_cannot_be_had_ends_it_and_leaves_nothing)
{
	struct stat st;
	char log[1024];
	int err[2];
	in_a_folder();
	ck_assert_int_eq(pipe2(err, O_CLOEXEC), 0);
	struct server s = server_launch(
		setup, "server.listen=unix:site.sock, 192.0.2.1:80", NULL, err[1]);

	close(err[1]);
	ck_assert_int_ne(server_exit(&s), 0);
	read_until(err[0], NULL, log, sizeof log);
	ck_assert_str_eq(log,
			 "cruet: cannot listen on 192.0.2.1:80: this machine has no such "
			 "address\n");
	ck_assert_msg(stat("site.sock", &st) && errno == ENOENT, "it was left behind");
}
END_TEST

SUITE("event_addresses", ipv6, a_unix_socket,
      a_unix_socket_that_was_left_behind_is_taken_away, a_living_one_is_left_alone,
      several_at_once, one_that_cannot_be_had_ends_it_and_leaves_nothing)
