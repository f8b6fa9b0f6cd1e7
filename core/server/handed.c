#include "server/handed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "cruet/error.h"

enum { SYSTEMD_FIRST = 3, HANDED_MAX = 4096 };

__attribute__((format(printf, 2, 3))) static int wrong(char **why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(why, fmt, ap) < 0)
		*why = NULL;
	va_end(ap);
	return CRUET_EINVAL;
}

/* --- a set of sockets ------------------------------------------------------------------- */

static bool grow(struct sockets *s, size_t more)
{
	size_t n = s->n + more + 1;
	int *fds = realloc(s->fds, n * sizeof *fds);

	if (fds)
		s->fds = fds;
	bool *lent = fds ? realloc(s->lent, n * sizeof *lent) : NULL;
	if (lent)
		s->lent = lent;
	return lent;
}

int sockets_add(struct sockets *s, const int *fds, size_t n, bool lent)
{
	if (!grow(s, n)) {
		for (size_t i = 0; i < n; i++)
			close(fds[i]);
		return CRUET_ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		s->lent[s->n] = lent;
		s->fds[s->n++] = fds[i];
	}
	return CRUET_OK;
}

/* A socket's address, for comparing. */
struct name {
	struct sockaddr_storage at;
	socklen_t len;
};

static void name_of(int fd, struct name *out)
{
	memset(out, 0, sizeof *out);
	out->len = sizeof out->at;
	if (getsockname(fd, (struct sockaddr *)&out->at, &out->len))
		out->len = 0;
}

static bool same_name(int a, int b)
{
	struct name x, y;

	name_of(a, &x);
	name_of(b, &y);
	return x.len == y.len && !memcmp(&x.at, &y.at, x.len);
}

int sockets_of_worker(const struct sockets *s, unsigned worker, unsigned workers,
		      struct sockets *out, struct arena *a)
{
	out->n = 0;
	out->fds = arena_array(a, s->n + 1, sizeof *out->fds);
	out->lent = arena_array(a, s->n + 1, sizeof *out->lent);
	if (!out->fds || !out->lent)
		return CRUET_ENOMEM;
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t before = 0, all = 0;
		for (uint32_t k = 0; k < s->n; k++) {
			bool same = same_name(s->fds[i], s->fds[k]);
			all += same;
			before += same && k < i;
		}
		/* the before-th of all goes to this worker, or stands in for one that
		 * there is not */
		if (all >= workers ? before % workers != worker : worker % all != before)
			continue;
		out->lent[out->n] = s->lent[i];
		out->fds[out->n++] = s->fds[i];
	}
	return CRUET_OK;
}

void sockets_unlink(const struct sockets *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct name name;
		name_of(s->fds[i], &name);
		const struct sockaddr_un *un = (const struct sockaddr_un *)&name.at;
		if (name.len && un->sun_family == AF_UNIX && *un->sun_path && !s->lent[i])
			unlink(un->sun_path);
	}
}

void sockets_close(struct sockets *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		close(s->fds[i]);
	free(s->fds);
	free(s->lent);
	*s = (struct sockets){.n = 0};
}

/* --- reading ---------------------------------------------------------------------------- */

static bool listens(int64_t fd)
{
	int yes = 0;
	socklen_t len = sizeof yes;

	return fd >= SYSTEMD_FIRST && fd <= INT32_MAX &&
	       !getsockopt((int)fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &len) && yes;
}

/* One descriptor that listens. */
static int take(struct sockets *s, int64_t fd, bool lent, const char *variable, char **why)
{
	int one = (int)fd;

	if (!listens(fd))
		return wrong(why, "%s: descriptor %lld is no socket that listens", variable,
			     (long long)fd);
	if (fcntl(one, F_SETFD, FD_CLOEXEC))
		return wrong(why, "%s: descriptor %d: %s", variable, one, strerror(errno));
	return sockets_add(s, &one, 1, lent);
}

static int read_systemd(struct handed *h, const char *count, const char *pid, char **why)
{
	int64_t n, who;

	if (!count || !pid || !text_int(pid, &who) || who != getpid())
		return CRUET_OK; /* meant for another process */
	if (!text_int(count, &n) || n < 0 || n > HANDED_MAX)
		return wrong(why, "LISTEN_FDS = \"%s\": expected how many sockets there are",
			     count);
	for (int64_t i = 0; i < n; i++) {
		int err = take(&h->sockets, SYSTEMD_FIRST + i, true, "LISTEN_FDS", why);
		if (err)
			return err;
	}
	return CRUET_OK;
}

static int read_sockets(struct handed *h, const char *list, char **why)
{
	while (list && *list) {
		char word[16];
		size_t n = strcspn(list, ",");
		bool lent = *list == 's';
		int64_t fd = -1;
		snprintf(word, sizeof word, "%.*s", (int)n - lent, list + lent);
		if (!text_int(word, &fd))
			fd = -1;
		int err = take(&h->sockets, fd, lent, "CRUET_SOCKETS", why);
		if (err)
			return err;
		list += n + (list[n] == ',');
	}
	return CRUET_OK;
}

static int read_channel(struct handed *h, const char *text, char **why)
{
	int64_t fd;
	int kind = 0;
	socklen_t len = sizeof kind;

	if (!text)
		return CRUET_OK;
	if (!text_int(text, &fd) || fd < SYSTEMD_FIRST || fd > INT32_MAX ||
	    getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &kind, &len) || kind != SOCK_SEQPACKET)
		return wrong(why, "CRUET_CHANNEL = \"%s\": expected a socket of packets", text);
	h->channel = (int)fd;
	return fcntl(h->channel, F_SETFD, FD_CLOEXEC) ? CRUET_EIO : CRUET_OK;
}

static int read_worker(struct handed *h, const char *text, char **why)
{
	unsigned worker, workers;
	int end = 0;

	if (!text)
		return CRUET_OK;
	if (sscanf(text, "%4u/%4u%n", &worker, &workers, &end) != 2 || text[end] ||
	    worker >= workers || h->channel < 0)
		return wrong(why, "CRUET_WORKER = \"%s\": expected what a parent of workers says",
			     text);
	h->is_worker = true;
	h->worker = worker;
	h->workers = workers;
	return CRUET_OK;
}

static int read_control(struct handed *h, const char *text, char **why)
{
	const char *path = text ? strchr(text, ':') : NULL;
	int64_t fd;

	if (!text)
		return CRUET_OK;
	if (!path || path[1] != '/' || !text_intn(text, (size_t)(path - text), &fd) || !listens(fd))
		return wrong(why, "CRUET_CONTROL = \"%s\": expected a socket that listens and its "
				  "path",
			     text);
	h->control = (int)fd;
	h->control_path = strdup(path + 1);
	if (!h->control_path)
		return CRUET_ENOMEM;
	return fcntl(h->control, F_SETFD, FD_CLOEXEC) ? CRUET_EIO : CRUET_OK;
}

int handed_read(struct handed *h, char **why)
{
	static const char *const names[] = {"LISTEN_FDS",    "LISTEN_PID",    "LISTEN_FDNAMES",
					    "CRUET_SOCKETS", "CRUET_CHANNEL", "CRUET_WORKER",
					    "CRUET_CONTROL"};

	*h = (struct handed){.channel = -1, .control = -1};
	int err = read_systemd(h, getenv("LISTEN_FDS"), getenv("LISTEN_PID"), why);
	if (!err)
		err = read_sockets(h, getenv("CRUET_SOCKETS"), why);
	if (!err)
		err = read_channel(h, getenv("CRUET_CHANNEL"), why);
	if (!err)
		err = read_worker(h, getenv("CRUET_WORKER"), why);
	if (!err)
		err = read_control(h, getenv("CRUET_CONTROL"), why);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	return err;
}

static void close_channel(struct handed *h)
{
	if (h->channel >= 0)
		close(h->channel);
	h->channel = -1;
}

void handed_tell(struct handed *h, const char *text)
{
	if (h->channel < 0) {
		fputs(text, stdout);
		fflush(stdout);
		return;
	}
	ssize_t n = send(h->channel, text, strlen(text), MSG_NOSIGNAL);
	(void)n; /* that nobody hears is seen later */
	if (!h->is_worker)
		close_channel(h);
}

void handed_close(struct handed *h)
{
	sockets_close(&h->sockets);
	close_channel(h);
	if (h->control >= 0)
		close(h->control);
	free(h->control_path);
}
