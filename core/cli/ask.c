#include "cli/ask.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/scope.h"
#include "base/buf.h"
#include "cli/site.h"
#include "cruet/json.h"
#include "http/json_read.h"
#include "server/clock.h"
#include "server/control_place.h"

enum { WAIT_MS = 60000, MORE_MS = 15000, ANSWER_MAX = 1 << 24, STEP = 65536 };

/* CRUET_OK: something came and was appended; else there is no more to come. */
static int read_some(int fd, struct buf *b, int64_t end)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left = end - clock_ms();
	char *to = buf_room(b, STEP);

	if (!to)
		return buf_err(b);
	if (left <= 0 || poll(&p, 1, (int)left) == 0)
		return CRUET_ETIMEOUT;
	ssize_t n = recv(fd, to, STEP, 0);
	if (n <= 0)
		return n < 0 && errno == EINTR ? CRUET_OK : CRUET_EIO;
	b->len += (size_t)n;
	b->p[b->len] = '\0';
	return CRUET_OK;
}

static int read_line(int fd, struct buf *b, int64_t wait_ms)
{
	int64_t end = clock_ms() + wait_ms;
	int err = CRUET_OK;

	while (!err && (!b->len || b->p[b->len - 1] != '\n'))
		err = read_some(fd, b, end);
	return err;
}

/* A command is short enough to find room in the socket at once. */
static int send_line(int fd, const char *command, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	buf_str(&b, command);
	buf_char(&b, '\n');
	if (buf_err(&b))
		return buf_err(&b);
	return send(fd, b.p, b.len, MSG_NOSIGNAL) == (ssize_t)b.len ? CRUET_OK
								    : CRUET_EIO;
}

static int understand(const char *path, const struct buf *b, cJSON **answer)
{
	static const struct json_limits limits = {64, 1000000};
	struct json_problem why;

	*answer = json_read(b->p, b->len, 0, &limits, &why);
	if (cJSON_IsObject(*answer))
		return EXIT_DONE;
	cJSON_Delete(*answer);
	return cli_fail("%s: the answer is not understood", path);
}

/* A change of plugins takes as long as old requests and plugins' stop may. */
static int64_t wait_of(const struct site *s)
{
	const struct server_settings *set = &s->app->host->settings;
	int64_t ms = (int64_t)(set->drain + set->plugin_stop) + MORE_MS;

	return ms > WAIT_MS ? ms : WAIT_MS;
}

static int talk(const struct site *s, int fd, const char *path, const char *command,
		struct arena *a, cJSON **answer)
{
	int64_t ms = wait_of(s);
	struct buf b;

	buf_init(&b, a, ANSWER_MAX);
	send_line(fd, command, a); /* what came instead of an answer says more */
	int err = read_line(fd, &b, ms);
	if (!err)
		return understand(path, &b, answer);
	if (err == CRUET_ETIMEOUT)
		return cli_fail("%s: the server did not answer within %d s", path, (int)(ms / 1000));
	return cli_fail("%s: %s", path,
			err == CRUET_EIO ? "the server ended before it answered"
					 : cruet_strerror(err));
}

static int no_path(const struct site *s)
{
	const char *set = config_text(s->app->host->config, "server.control");

	if (set)
		return cli_fail("there is no control socket: %s: server.control = \"%s\"",
				config_origin(s->app->host->config, "server.control"),
				set);
	return cli_fail(
		"there is no control socket without a cruet.json in %s: name its folder, "
		"or the socket with -D server.control=PATH",
		s->target.folder);
}

int ask_server(const struct site *s, const char *command, struct arena *a, cJSON **answer)
{
	const char *path, *bad;
	char *why = NULL;
	int fd;

	if (chdir(s->target.folder)) /* where relative paths start, also without a file */
		return cli_fail("%s: %s", s->target.folder, strerror(errno));
	if (control_path(s->app->host, a, &path, &bad))
		return cli_fail("%s", bad ? bad : cruet_strerror(CRUET_ENOMEM));
	if (!path)
		return no_path(s);
	if (control_connect(path, &fd, &why)) {
		cli_fail("%s", why ? why : cruet_strerror(CRUET_ENOMEM));
		free(why);
		return EXIT_FAILED;
	}
	int code = talk(s, fd, path, command, a, answer);
	close(fd);
	return code;
}

int ask_if_served(const struct site *s, const char *command, struct arena *a,
		  cJSON **answer)
{
	const char *path, *bad;
	char *why = NULL;
	int fd;

	*answer = NULL;
	if (control_path(s->app->host, a, &path, &bad))
		return cli_fail("%s", bad ? bad : cruet_strerror(CRUET_ENOMEM));
	if (!path || control_connect(path, &fd, &why)) {
		free(why);
		return EXIT_DONE;
	}
	int code = talk(s, fd, path, command, a, answer);
	close(fd);
	return code;
}

int ask_outcome(const cJSON *answer)
{
	if (cruet_json_bool(cruet_json_get(answer, "ok"), false))
		return EXIT_DONE;
	return cli_fail("%s", cruet_json_str(cruet_json_get(answer, "error"),
					     "the server did not say why"));
}
