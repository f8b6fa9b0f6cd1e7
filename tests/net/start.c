/* From cruet_run() to a listening server: which address, which transport, and what is
 * said when it cannot be. */
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <cruet/plugin.h>
#include <cruet/svc/transport.h>
#include "app.h"

static void folder(cruet_app *a)
{
	char path[FOLDER_MAX];

	if (!folder_make(path) || chdir(path))
		exit(EXIT_FAILURE);
	if (a)
		app(a);
}

static void with_file(cruet_app *a, const char *text)
{
	folder(a);
	FILE *f = fopen("cruet.json", "w");
	fputs(text, f);
	fclose(f);
}

/* Runs an application that is not to start: exit code 1, and these words. */
static void does_not_start(app_setup *setup, const char *settings, const char *address,
			   const char *want)
{
	char said[4096];
	int err[2];

	ck_assert_int_eq(pipe2(err, O_CLOEXEC), 0);
	struct server s = server_launch(setup, settings, address, err[1]);
	close(err[1]);
	read_until(err[0], NULL, said, sizeof said);
	close(err[0]);
	ck_assert_str_eq(said, want);
	ck_assert_int_eq(server_exit(&s), 1);
}

START_TEST(a_port_in_use_is_named_with_the_reason)
{
	struct server s = server_start(app, NULL);
	char address[64], want[128];

	snprintf(address, sizeof address, "127.0.0.1:%d", s.port);
	snprintf(want, sizeof want,
		 "cruet: cannot listen on 127.0.0.1:%d: something else listens there already\n",
		 s.port);
	does_not_start(app, NULL, address, want);
	server_stop(&s);
}
END_TEST

#define EVENT "(\"server.transport\": \"event\")"

START_TEST(a_limit_that_civetweb_does_not_keep_is_refused)
{
	does_not_start(app, "server.transport=civetweb\nserver.handler_timeout=5s", ":0",
		       "cruet: civetweb cannot limit how long handlers run "
		       "(server.handler_timeout): the event transport does " EVENT "\n");
}
END_TEST

START_TEST(what_civetweb_cannot_serve_is_refused_with_who_can)
{
	static const struct {
		const char *address, *why;
	} cases[] = {
		{"[::1]:8000", "civetweb serves no IPv6: the event transport does " EVENT
			       ", or a proxy in front of this server"},
		{"::1:8000", "civetweb serves no IPv6: the event transport does " EVENT
			     ", or a proxy in front of this server"},
		{"https://127.0.0.1:8443", "civetweb serves no TLS: the event transport does " EVENT
					   ", or a proxy in front of this server"},
		{"127.0.0.1:8443s", "civetweb serves no TLS: the event transport does " EVENT
				    ", or a proxy in front of this server"},
		{"/run/site.sock", "civetweb serves no Unix sockets: the event transport does " EVENT
				   ", or a proxy in front of a port of the loopback"},
		{"unix:site.sock", "civetweb serves no Unix sockets: the event transport does " EVENT
				   ", or a proxy in front of a port of the loopback"},
		{"proxy:127.0.0.1:8000",
		 "civetweb speaks no PROXY protocol: the event transport does " EVENT
		 ", or a proxy in front that sends X-Forwarded-For"},
		{"127.0.0.1", "expected an address and a port, such as 127.0.0.1:8000"},
		{"127.0.0.1:", "expected an address and a port, such as 127.0.0.1:8000"},
		{"127.0.0.1:http", "expected an address and a port, such as 127.0.0.1:8000"},
		{"127.0.0.1:65536", "expected an address and a port, such as 127.0.0.1:8000"},
		{"127.0.0.1:-1", "expected an address and a port, such as 127.0.0.1:8000"},
		{"no.such.host.invalid:80", "no such host is known here"},
		{"192.0.2.1:8000", "this machine has no such address"},
	};
	char want[256];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(want, sizeof want, "cruet: cannot listen on %s: %s\n", cases[i].address,
			 cases[i].why);
		does_not_start(app, "server.transport=civetweb", cases[i].address, want);
	}
}
END_TEST

static void broken(cruet_app *a)
{
	cruet_blueprint(a, "a part", NULL);
}

START_TEST(a_problem_of_the_setup_is_printed_and_nothing_starts)
{
	does_not_start(broken, NULL, ":0",
		       "cruet: blueprint 'a part': expected a name of letters, digits, '_' and '-'\n");
}
END_TEST

START_TEST(an_address_without_a_host_is_the_loopback)
{
	static const char *const addresses[] = {":0", "0", "http://:0", "localhost:0",
						"127.0.0.1:0"};
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct server s = server_launch(app, NULL, addresses[i], -1);
		server_wait_until_it_listens(&s); /* asserts that it is 127.0.0.1 */
		server_stop(&s);
	}
}
END_TEST

START_TEST(each_address_is_served_and_printed)
{
	struct server s = server_launch(app, "server.listen=127.0.0.1:0, 127.0.0.2:0", NULL, -1);
	char said[256];
	int first, second;

	ck_assert(read_until(s.out, "127.0.0.2", said, sizeof said));
	ck_assert_int_eq(sscanf(said, "serving http://127.0.0.1:%d serving http://127.0.0.2:%d",
				&first, &second), 2);
	assert_reply(ask(first, "GET / HTTP/1.0\r\n\r\n", NULL), 200, "Hello");
	server_stop(&s);
}
END_TEST

static void file_says(cruet_app *a)
{
	with_file(a, "{\"server\": {\"listen\": \"127.0.0.3:0\"}}");
}

static void environment_says(cruet_app *a)
{
	file_says(a);
	setenv("CRUET_SERVER__LISTEN", "127.0.0.4:0", 1);
}

START_TEST(the_file_wins_over_the_program_and_the_environment_over_both)
{
	char said[256];
	struct server s = server_launch(file_says, NULL, ":0", -1);
	ck_assert(read_until(s.out, "\n", said, sizeof said));
	ck_assert_ptr_nonnull(strstr(said, "serving http://127.0.0.3:"));
	server_stop(&s);

	s = server_launch(environment_says, NULL, ":0", -1);
	ck_assert(read_until(s.out, "\n", said, sizeof said));
	ck_assert_ptr_nonnull(strstr(said, "serving http://127.0.0.4:"));
	server_stop(&s);
}
END_TEST

START_TEST(a_part_of_an_application_is_not_served)
{
	cruet_app *a = cruet_new("net");
	cruet_app *part = cruet_blueprint(a, "part", "/part");

	ck_assert_int_eq(cruet_run(part, ":0"), 1);
	ck_assert_str_eq(cruet_problem(a),
			 "cruet_run: 'part' is a part of an application, not the whole");
	cruet_free(a);
	ck_assert_int_eq(cruet_run(NULL, ":0"), 1);
}
END_TEST

/* --- another transport -------------------------------------------------------------------- */

static int fake_start(void *self, cruet_app *a, const cruet_listen_opts *opts, void **server,
		      char **why)
{
	(void)self, (void)server;
	if (strcmp(opts->listen[0], ":0") != 0 || opts->listen[1]) {
		*why = strdup("fake cannot listen there");
		return CRUET_EINVAL;
	}
	cruet_stop(a);
	return CRUET_OK;
}

static const char *fake_address(void *server, size_t i)
{
	(void)server;
	return i ? NULL : "a.fake.address:1";
}

static void fake_step(void *server)
{
	(void)server;
}

static size_t fake_drain(void *server, uint64_t ms)
{
	(void)server, (void)ms;
	return 0;
}

static const cruet_transport fake_vt = {.size = sizeof fake_vt,
					.start = fake_start,
					.address = fake_address,
					.refuse_new = fake_step,
					.drain = fake_drain,
					.stop = fake_step};

static int fake_init(cruet_app *a)
{
	return cruet_provide(a, CRUET_TRANSPORT, &fake_vt, NULL);
}

static const char *const fake_provides[] = {CRUET_TRANSPORT, NULL};
CRUET_PLUGIN(fake, .version = "1", .provides = fake_provides, .init = fake_init);
CRUET_PLUGIN(none, .version = "1");

static void with_fake(cruet_app *a)
{
	folder(a);
	cruet_use_static(a, &cruet_plugin_fake, NULL);
	cruet_use_static(a, &cruet_plugin_none, NULL);
}

START_TEST(a_plugin_can_be_the_transport)
{
	char said[256];
	struct server s = server_launch(with_fake, "server.transport=fake", ":0", -1);

	ck_assert(read_until(s.out, "\n", said, sizeof said));
	ck_assert_str_eq(said, "serving http://a.fake.address:1\n");
	ck_assert_int_eq(server_exit(&s), 0);
	does_not_start(with_fake, "server.transport=fake", ":1",
		       "cruet: fake cannot listen there\n");
}
END_TEST

START_TEST(a_transport_that_is_none_is_named)
{
	does_not_start(with_fake, "server.transport=none", ":0",
		       "cruet: the application needs service \"transport/0\" from 'none', which does "
		       "not provide it\n");
}
END_TEST

/* --- the line per request ------------------------------------------------------------------ */

/* Three requests, each when the line of the one before has come, if lines come. */
static void three_requests(struct server *s, int lines, char *buf, size_t cap)
{
	static const char *const bytes[] = {
		"GET /?a=%1b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GARBAGE\r\n\r\n"};
	size_t len = 0;

	server_wait_until_it_listens(s);
	for (int i = 0; i < 3; i++) {
		ask(s->port, bytes[i], NULL);
		if (lines < 0)
			continue;
		ck_assert(read_until(lines, "\n", buf + len, cap - len));
		len += strlen(buf + len);
	}
}

/* Where no terminals are mounted, as in a bare root, this process mounts its own. */
static int open_terminal(void)
{
	int near = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (near >= 0)
		return near;
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, "")) /* no mount in a chroot */
		ck_assert_int_eq(errno, EINVAL);
	mkdir("/dev/pts", 0755);
	ck_assert_int_eq(mount("none", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666"), 0);
	near = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_ge(near, 0);
	return near;
}

static int terminal(int *far)
{
	int near = open_terminal();

	ck_assert_int_eq(grantpt(near) | unlockpt(near), 0);
	*far = open(ptsname(near), O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_ge(*far, 0);
	return near;
}

/* Replaces each "N.N ms" by "T". */
static void blank_times(char *s)
{
	char *out = s;

	for (char *ms; (ms = strstr(s, " ms"));) {
		char *from = ms;
		while (from > s && (from[-1] == '.' || (from[-1] >= '0' && from[-1] <= '9')))
			from--;
		memmove(out, s, (size_t)(from - s));
		out += from - s;
		*out++ = 'T';
		s = ms + 3;
	}
	memmove(out, s, strlen(s) + 1);
}

START_TEST(on_a_terminal_each_request_is_a_line)
{
	char said[1024];
	int far, near = terminal(&far);
	unsetenv("NO_COLOR");
	struct server s = server_launch(app, NULL, ":0", far);

	three_requests(&s, near, said, sizeof said);
	blank_times(said);
	ck_assert_str_eq(said, "GET /?a=%1b \033[32m200\033[0m T\r\n"
			       "GET /none \033[33m404\033[0m T\r\n"
			       "- - \033[33m400\033[0m T\r\n");
	server_stop(&s);
	close(far);
	close(near);
}
END_TEST

START_TEST(without_colours_where_they_are_not_wanted)
{
	char said[1024];
	int far, near = terminal(&far);
	setenv("NO_COLOR", "1", 1);
	struct server s = server_launch(app, NULL, ":0", far);

	three_requests(&s, near, said, sizeof said);
	blank_times(said);
	ck_assert_str_eq(said, "GET /?a=%1b 200 T\r\nGET /none 404 T\r\n- - 400 T\r\n");
	server_stop(&s);
	close(far);
	close(near);
}
END_TEST

START_TEST(elsewhere_there_are_no_lines)
{
	char said[1024];
	int err[2];

	ck_assert_int_eq(pipe2(err, O_CLOEXEC), 0);
	struct server s = server_launch(app, NULL, ":0", err[1]);
	close(err[1]);
	three_requests(&s, -1, NULL, 0);
	server_stop(&s);
	read_until(err[0], NULL, said, sizeof said);
	ck_assert_str_eq(said, "");
	close(err[0]);
}
END_TEST

SUITE("start", a_port_in_use_is_named_with_the_reason,
      what_civetweb_cannot_serve_is_refused_with_who_can,
      a_limit_that_civetweb_does_not_keep_is_refused,
      a_problem_of_the_setup_is_printed_and_nothing_starts,
      an_address_without_a_host_is_the_loopback, each_address_is_served_and_printed,
      the_file_wins_over_the_program_and_the_environment_over_both,
      a_part_of_an_application_is_not_served, a_plugin_can_be_the_transport,
      a_transport_that_is_none_is_named, on_a_terminal_each_request_is_a_line,
      without_colours_where_they_are_not_wanted, elsewhere_there_are_no_lines)
