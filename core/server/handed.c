#include "server/handed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "cruet/error.h"
#include "cruet/svc/transport.h"

enum {
	SYSTEMD_FIRST = 3,
	HANDED_MAX = 4096,
	FDS_MAX = 128 /* in a packet: the system takes 253 */
};

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

/* It cannot be made larger or smaller, so that no mapping of it breaks. */
enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, MEMORY = CRUET_SHARED + HANDED_OWN };

static bool is_memory(int64_t fd)
{
	struct stat st;

	return fd >= SYSTEMD_FIRST && fd <= INT32_MAX &&
	       fcntl((int)fd, F_GET_SEALS) == SEALS && !fstat((int)fd, &st) &&
	       st.st_size == MEMORY;
}

/* Where there is none, each process has what it needs for itself. */
static int make_memory(void)
{
	int fd = memfd_create("cruet", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && !ftruncate(fd, MEMORY) && !fcntl(fd, F_ADD_SEALS, SEALS))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int read_memory(struct handed *h, const char *text, char **why)
{
	int64_t fd;

	if (!text) {
		h->shared = make_memory();
		return CRUET_OK;
	}
	if (!text_int(text, &fd) || !is_memory(fd))
		return wrong(why, "CRUET_MEMORY = \"%s\": expected memory of a cruet", text);
	h->shared = (int)fd;
	return fcntl(h->shared, F_SETFD, FD_CLOEXEC) ? CRUET_EIO : CRUET_OK;
}

void *handed_own(struct handed *h)
{
	if (!h->mapped && h->shared >= 0) {
		void *p = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, h->shared, 0);
		h->mapped = p == MAP_FAILED ? NULL : p;
	}
	return h->mapped ? (char *)h->mapped + CRUET_SHARED : NULL;
}

static int read_worker(struct handed *h, const char *text, char **why)
{
	unsigned worker, workers;
	int end = 0;

	if (!text)
		return CRUET_OK;
	if (sscanf(text, "%4u/%4u%n", &worker, &workers, &end) == 2) {
		h->opens = !strcmp(text + end, " opens");
		h->is_worker = (h->opens || !text[end]) && worker < workers && h->channel >= 0;
	}
	if (!h->is_worker)
		return wrong(why, "CRUET_WORKER = \"%s\": expected what a parent of workers says",
			     text);
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

/* "a,b" in a list that ends with NULL; NULL: there is none. */
static int read_list(const char *text, char ***out)
{
	size_t n = 0;

	if (!text)
		return CRUET_OK;
	for (const char *p = text; *p; p++)
		n += *p == ',';
	*out = calloc(n + 2, sizeof **out);
	for (size_t i = 0; *out && i <= n; i++) {
		size_t len = strcspn(text, ",");
		(*out)[i] = strndup(text, len);
		if (!(*out)[i])
			return CRUET_ENOMEM;
		text += len + (text[len] == ',');
	}
	return *out ? CRUET_OK : CRUET_ENOMEM;
}

static void free_list(char **list)
{
	for (char **at = list; at && *at; at++)
		free(*at);
	free(list);
}

int handed_read(struct handed *h, char **why)
{
	static const char *const names[] = {"LISTEN_FDS",    "LISTEN_PID",    "LISTEN_FDNAMES",
					    "CRUET_SOCKETS", "CRUET_CHANNEL", "CRUET_WORKER",
					    "CRUET_CONTROL", "CRUET_LISTEN",  "CRUET_CLOSED",
					    "CRUET_CHANGED", "CRUET_MEMORY"};

	*h = (struct handed){.shared = -1, .channel = -1, .control = -1};
	int err = read_systemd(h, getenv("LISTEN_FDS"), getenv("LISTEN_PID"), why);
	if (!err)
		err = read_sockets(h, getenv("CRUET_SOCKETS"), why);
	if (!err)
		err = read_channel(h, getenv("CRUET_CHANNEL"), why);
	if (!err)
		err = read_memory(h, getenv("CRUET_MEMORY"), why);
	if (!err)
		err = read_worker(h, getenv("CRUET_WORKER"), why);
	if (!err)
		err = read_control(h, getenv("CRUET_CONTROL"), why);
	if (!err)
		err = read_list(getenv("CRUET_LISTEN"), &h->listen);
	if (!err)
		err = read_list(getenv("CRUET_CLOSED"), &h->closed);
	if (!err)
		err = read_list(getenv("CRUET_CHANGED"), &h->changed);
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

void handed_close(struct handed *h)
{
	sockets_close(&h->sockets);
	close_channel(h);
	if (h->mapped)
		munmap(h->mapped, MEMORY);
	h->mapped = NULL;
	if (h->shared >= 0)
		close(h->shared);
	h->shared = -1;
	if (h->control >= 0)
		close(h->control);
	free(h->control_path);
	h->control = -1;
	h->control_path = NULL;
	free_list(h->listen);
	free_list(h->closed);
	free_list(h->changed);
	h->listen = h->closed = h->changed = NULL;
}

/* --- packets ---------------------------------------------------------------------------- */

/* Room for the descriptors of a packet, as the system wants it. */
union fds {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

void handed_say(int channel, enum packet kind, const char *text)
{
	char first = (char)kind;
	struct iovec parts[] = {{&first, 1}, {(void *)text, strlen(text)}};
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};

	ssize_t n = sendmsg(channel, &m, MSG_NOSIGNAL);
	(void)n; /* that nobody hears is seen later */
}

void handed_tell(struct handed *h, const char *text)
{
	if (h->channel < 0) {
		fputs(text, stdout);
		fflush(stdout);
		return;
	}
	handed_say(h->channel, PACKET_SERVES, text);
	if (!h->is_worker)
		close_channel(h);
}

static bool send_descriptors(int channel, enum packet kind, const int *fds, size_t n)
{
	char first = (char)kind;
	struct iovec one = {&first, 1};
	union fds room;
	struct msghdr m = {.msg_iov = &one,
			   .msg_iovlen = 1,
			   .msg_control = &room,
			   .msg_controllen = CMSG_SPACE(n * sizeof *fds)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	memset(&room, 0, sizeof room);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof *fds);
	memcpy(CMSG_DATA(c), fds, n * sizeof *fds);
	return sendmsg(channel, &m, MSG_NOSIGNAL) >= 0;
}

bool handed_send_desk(int channel, int fd)
{
	return send_descriptors(channel, PACKET_DESK, &fd, 1);
}

static int keep_own(struct handed *h)
{
	struct sockets *s = &h->sockets, own;
	struct arena a;

	arena_init(&a, 4096);
	int err = sockets_of_worker(s, h->worker, h->workers, &own, &a);
	uint32_t kept = 0;
	for (uint32_t i = 0; !err && i < s->n; i++) {
		if (kept < own.n && own.fds[kept] == s->fds[i])
			kept++;
		else
			close(s->fds[i]);
	}
	if (!err && own.n) {
		memcpy(s->fds, own.fds, own.n * sizeof *s->fds);
		memcpy(s->lent, own.lent, own.n * sizeof *s->lent);
	}
	if (!err)
		s->n = own.n;
	arena_fini(&a);
	return err;
}

int handed_share(struct handed *h, uint32_t first)
{
	const struct sockets *s = &h->sockets;

	for (uint32_t i = first, n; i < s->n; i += n) {
		n = s->n - i < FDS_MAX ? s->n - i : FDS_MAX;
		if (!send_descriptors(h->channel, PACKET_SOCKETS, s->fds + i, n))
			return CRUET_EIO;
	}
	return keep_own(h);
}

/* Those that came with a packet are its receiver's in any case. */
static int take_descriptors(char kind, const int *fds, size_t n, struct sockets *s, int *desk)
{
	if (kind != PACKET_DESK)
		return sockets_add(s, fds, n, false);
	for (size_t i = 1; i < n; i++)
		close(fds[i]);
	*desk = fds[0];
	return CRUET_OK;
}

ptrdiff_t handed_hear(int channel, char *packet, size_t cap, struct sockets *s, int *desk)
{
	struct iovec one = {packet, cap - 1};
	union fds room;
	struct msghdr m = {.msg_iov = &one,
			   .msg_iovlen = 1,
			   .msg_control = &room,
			   .msg_controllen = sizeof room};
	ssize_t n = recvmsg(channel, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	*desk = -1;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		int fds[FDS_MAX];
		size_t len = c->cmsg_len - CMSG_LEN(0);
		memcpy(fds, CMSG_DATA(c), len);
		if (take_descriptors(*packet, fds, len / sizeof *fds, s, desk))
			return -1;
	}
	packet[n > 0 ? n : 0] = '\0';
	return n;
}
