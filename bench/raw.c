/* The reference for the event transport: epoll, recv and send, and nothing else that a
 * server would do. It looks for the end of a head and at the path, and answers with fixed
 * bytes, as many as cruet's replies have. Requests that came in one go are answered in
 * one go. No limits, no timeouts, no refusals: it is for measuring alone.
 *
 *	bench_raw PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64, IN = 65536, OUT = 65536 };

#define REPLY(type, length, body)                                                     \
	"HTTP/1.1 200 OK\r\nContent-Type: " type "\r\nContent-Length: " length "\r\n" \
	"X-Content-Type-Options: nosniff\r\nDate: Wed, 25 Nov 2026 00:00:00 "         \
	"GMT\r\n\r\n" body
#define TEXT "text/plain; charset=utf-8"

struct reply {
	const char *path, *bytes;
	size_t path_len, len;
};

#define ROUTE(path, bytes)                                       \
	{                                                        \
		path, bytes, sizeof(path) - 1, sizeof(bytes) - 1 \
	}
static const struct reply replies[] = {
	ROUTE("/ ", REPLY(TEXT, "14", "Hello, world!\n")),
	ROUTE("/json ",
	      REPLY("application/json", "28", "{\"message\":\"Hello, world!\"}\n")),
	ROUTE("/section250/4711 ", REPLY(TEXT, "10", "item 4711\n")),
};

struct conn {
	int fd;
	size_t len; /* of a request that is not whole */
	char *part;
};

static char in[IN], out[OUT];

static void end(struct conn *c)
{
	close(c->fd);
	free(c->part);
	free(c);
}

static const struct reply *find(const char *p, size_t n)
{
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		const struct reply *r = &replies[i];
		if (n > r->path_len + 4 && !memcmp(p + 4, r->path, r->path_len))
			return r;
	}
	return NULL;
}

/* Whatever does not fit into the socket at once ends the connection: replies are small.
 */
static int flush(struct conn *c, size_t len)
{
	return !len || send(c->fd, out, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Answers the requests in in[0..n); how many bytes they had, or -1. */
static ssize_t answer(struct conn *c, size_t n)
{
	size_t at = 0, len = 0;
	const char *stop;

	while ((stop = memmem(in + at, n - at, "\r\n\r\n", 4))) {
		const struct reply *r = find(in + at, n - at);
		if (!r || (len + r->len > OUT && !flush(c, len)))
			return -1;
		len = len + r->len > OUT ? 0 : len;
		memcpy(out + len, r->bytes, r->len);
		len += r->len;
		at = (size_t)(stop - in) + 4;
	}
	return flush(c, len) ? (ssize_t)at : -1;
}

static int keep(struct conn *c, const char *p, size_t n)
{
	free(c->part);
	c->part = n ? malloc(n) : NULL;
	c->len = n;
	if (c->part)
		memcpy(c->part, p, n);
	return !n || c->part;
}

static void serve(struct conn *c, uint32_t events)
{
	for (;;) {
		size_t had = c->len;
		if (had)
			memcpy(in, c->part, had);
		ssize_t n = recv(c->fd, in + had, IN - had, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		size_t have = had + (n > 0 ? (size_t)n : 0);
		ssize_t used = n > 0 ? answer(c, have) : -1;
		if (used < 0 || have - (size_t)used == IN ||
		    !keep(c, in + used, have - (size_t)used)) {
			end(c);
			return;
		}
		if (have < IN && !(events & EPOLLRDHUP)) /* the next byte is an event */
			return;
	}
}

static void accept_all(int ep, int listener)
{
	int fd, on = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct conn *c = calloc(1, sizeof *c);
		struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
					.data.ptr = c};
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (c)
			c->fd = fd;
		if (!c || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e)) {
			free(c);
			close(fd);
		}
	}
}

static int listen_on(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	return bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4096) ? -1 : fd;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS] = {{.events = EPOLLIN | EPOLLET}};
	struct rlimit files;
	int listener = argc == 2 ? listen_on(atoi(argv[1])) : -1, ep = epoll_create1(0);

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (listener < 0 || ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, listener, events)) {
		fprintf(stderr, "usage: %s PORT, and it must be free\n", argv[0]);
		return 2;
	}
	for (;;) {
		int n = epoll_wait(ep, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;
			if (!c)
				accept_all(ep, listener);
			else
				serve(c, events[i].events);
		}
	}
}
