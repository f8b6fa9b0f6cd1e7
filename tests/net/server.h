/* A server of its own process for a test, on a free port of the loopback. */
#ifndef TESTS_NET_SERVER_H
#define TESTS_NET_SERVER_H

#include <cruet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "suite.h"

enum { PATIENCE_MS = 20000 }; /* a server that takes longer hangs */

typedef void app_setup(cruet_app *app);

struct server {
	pid_t pid;
	int port;
	int out; /* its standard output */
	int err; /* its standard error; -1: that of the test */
};

static inline int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Reads what comes until text has come, or the end; false: it did not. */
static inline bool read_until(int fd, const char *text, char *buf, size_t cap)
{
	int64_t end = now_ms() + PATIENCE_MS;
	size_t n = 0;

	buf[0] = '\0';
	while (n + 1 < cap && now_ms() < end && !(text && strstr(buf, text))) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, (int)(end - now_ms())) <= 0)
			break;
		ssize_t got = read(fd, buf + n, cap - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
		buf[n] = '\0';
	}
	return !text || strstr(buf, text);
}

static inline void apply(cruet_app *app, const char *settings)
{
	char line[256];

	for (const char *s = settings; s && *s; s += strcspn(s, "\n"), s += *s == '\n') {
		snprintf(line, sizeof line, "%.*s", (int)strcspn(s, "\n"), s);
		char *eq = strchr(line, '=');
		*eq = '\0';
		if (!strcmp(line, "server.transport")) /* whichever all tests are to run with */
			unsetenv("CRUET_SERVER__TRANSPORT");
		cruet_set(app, line, eq + 1);
	}
}

static inline void run_server(app_setup *setup, const char *settings, const char *address)
{
	cruet_app *app = cruet_new("net");
	apply(app, settings);
	setup(app);
	int code = cruet_run(app, address);
	cruet_free(app);
	exit(code);
}

/* Starts one; settings are "key=value" lines or NULL. err: a descriptor for its
 * standard error, or -1: it is the test's. Does not wait for it to listen. */
static inline struct server server_launch(app_setup *setup, const char *settings,
					  const char *address, int err)
{
	struct server s = {.err = -1};
	int out[2];

	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	fflush(NULL);
	s.pid = fork();
	ck_assert_int_ge(s.pid, 0);
	if (!s.pid) {
		dup2(out[1], STDOUT_FILENO);
		if (err >= 0)
			dup2(err, STDERR_FILENO);
		run_server(setup, settings, address);
	}
	close(out[1]);
	s.out = out[0];
	return s;
}

static inline void server_wait_until_it_listens(struct server *s)
{
	char line[256];

	ck_assert_msg(read_until(s->out, "\n", line, sizeof line), "it did not start: %s", line);
	ck_assert_int_eq(sscanf(line, "serving http://127.0.0.1:%d", &s->port), 1);
}

static inline struct server server_start(app_setup *setup, const char *settings)
{
	struct server s = server_launch(setup, settings, ":0", -1);
	server_wait_until_it_listens(&s);
	return s;
}

/* Its exit code; 128 + n if signal n ended it. */
static inline int server_exit(struct server *s)
{
	int status;

	ck_assert_int_eq(waitpid(s->pid, &status, 0), s->pid);
	close(s->out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Every test ends with this: a server that lost its way does not exit with 0. */
static inline void server_stop(struct server *s)
{
	kill(s->pid, SIGTERM);
	ck_assert_int_eq(server_exit(s), 0);
}

#endif
