/* Bytes out, a reply in. */
#ifndef TESTS_NET_RAW_H
#define TESTS_NET_RAW_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include "server.h"

enum { RAW_FIRST = 4096, RAW_MAX = 1 << 20 };

struct wire { /* one connection, with what came and was not looked at yet */
	int fd;
	size_t n, cap;
	bool ended; /* the server has closed */
	char *buf;  /* ends with a NUL; where it lies, more() changes */
};

struct reply {
	int status; /* 0: there was none */
	const char *head; /* in the wire's buffer; overwritten by the next */
	char body[4096];
	size_t body_len; /* whole, where body holds its beginning */
	bool whole;
};

/* Of a socket, which it owns; hang_up() ends it. */
static inline struct wire *wire_new(int fd)
{
	struct wire *w = malloc(sizeof *w);

	*w = (struct wire){.fd = fd, .cap = RAW_FIRST, .buf = malloc(RAW_FIRST)};
	w->buf[0] = '\0';
	return w;
}

static inline struct wire *dial(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct wire *w = wire_new(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	int on = 1;

	ck_assert_int_eq(connect(w->fd, (struct sockaddr *)&at, sizeof at), 0);
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return w;
}

static inline void hang_up(struct wire *w)
{
	close(w->fd);
	free(w->buf);
	free(w);
}

static inline void put_bytes(struct wire *w, const void *p, size_t n)
{
	const char *at = p;
	while (n) {
		ssize_t k = send(w->fd, at, n, MSG_NOSIGNAL);
		if (k <= 0)
			return; /* it hung up: the reply tells */
		at += k;
		n -= (size_t)k;
	}
}

static inline void put(struct wire *w, const char *text)
{
	put_bytes(w, text, strlen(text));
}

/* More bytes, or false: the end, or patience is over. */
static inline bool more(struct wire *w, int ms)
{
	struct pollfd p = {.fd = w->fd, .events = POLLIN};

	if (w->ended || w->n == RAW_MAX - 1 || poll(&p, 1, ms) <= 0)
		return false;
	if (w->n == w->cap - 1) {
		w->cap *= 2;
		w->buf = realloc(w->buf, w->cap);
	}
	ssize_t n = recv(w->fd, w->buf + w->n, w->cap - 1 - w->n, 0);
	if (n <= 0) {
		w->ended = true;
		return false;
	}
	w->n += (size_t)n;
	w->buf[w->n] = '\0';
	return true;
}

/* The value of a header of the head that ends at end; NULL: none. */
static inline const char *header(const char *head, const char *name, char *out, size_t cap)
{
	size_t n = strlen(name);

	for (const char *l = strstr(head, "\r\n"); l && l[2] != '\r'; l = strstr(l + 2, "\r\n")) {
		const char *at = l + 2;
		if (!strncasecmp(at, name, n) && at[n] == ':') {
			at += n + 1 + strspn(at + n + 1, " ");
			snprintf(out, cap, "%.*s", (int)strcspn(at, "\r"), at);
			return out;
		}
	}
	return NULL;
}

static inline void keep_body(struct reply *r, const char *p, size_t n)
{
	size_t room = sizeof r->body - 1 - r->body_len;
	if (r->body_len < sizeof r->body - 1) {
		size_t k = n < room ? n : room;
		memcpy(r->body + r->body_len, p, k);
		r->body[r->body_len + k] = '\0';
	}
	r->body_len += n;
}

/* The number of bytes of the chunked body at p that have come; 0: not all yet. */
static inline size_t chunked_end(struct wire *w, size_t at, struct reply *r)
{
	r->body_len = 0;
	for (;;) {
		char *line = w->buf + at, *end;
		if (!strstr(line, "\r\n"))
			return 0;
		size_t n = strtoul(line, &end, 16);
		if (end == line || *end != '\r')
			return 0;
		at = (size_t)(end + 2 - w->buf);
		if (at + n + 2 > w->n)
			return 0;
		if (!n)
			return at + 2;
		keep_body(r, w->buf + at, n);
		at += n + 2;
	}
}

/* The next reply. no_body: to HEAD. */
static inline struct reply take_reply(struct wire *w, bool no_body)
{
	struct reply r = {.status = 0};
	char value[64], *blank;

	while (!(blank = strstr(w->buf, "\r\n\r\n")))
		if (!more(w, PATIENCE_MS))
			return r;
	size_t at = (size_t)(blank + 4 - w->buf), end = 0;
	static char head[65536];
	snprintf(head, sizeof head, "%.*s", (int)at, w->buf);
	r.head = head;
	sscanf(head, "HTTP/1.%*d %d", &r.status);
	if (no_body || r.status < 200 || r.status == 204 || r.status == 304) {
		end = at;
	} else if (header(head, "Transfer-Encoding", value, sizeof value)) {
		while (!(end = chunked_end(w, at, &r)) && more(w, PATIENCE_MS))
			;
	} else if (header(head, "Content-Length", value, sizeof value)) {
		size_t n = strtoul(value, NULL, 10);
		while (w->n < at + n && more(w, PATIENCE_MS))
			;
		end = w->n >= at + n ? at + n : 0;
		keep_body(&r, w->buf + at, end ? n : w->n - at);
	} else {
		while (more(w, PATIENCE_MS))
			;
		end = w->n;
		keep_body(&r, w->buf + at, end - at);
	}
	r.whole = end;
	if (!end)
		end = w->n;
	memmove(w->buf, w->buf + end, w->n - end + 1);
	w->n -= end;
	return r;
}

/* True once the server has closed, with nothing more said. */
static inline bool closes(struct wire *w)
{
	while (more(w, PATIENCE_MS))
		;
	return w->ended && !w->n;
}

/* True if the server says, soon, that it has thrown away what was sent to it. */
static inline bool was_reset(struct wire *w)
{
	struct pollfd p = {.fd = w->fd};
	return poll(&p, 1, 300) > 0;
}

/* One connection, these bytes, the first reply; *closed whether it then ended. */
static inline struct reply ask(int port, const char *bytes, bool *closed)
{
	struct wire *w = dial(port);
	put(w, bytes);
	struct reply r = take_reply(w, false);
	if (closed)
		*closed = closes(w);
	hang_up(w);
	return r;
}

#define assert_reply(r, code, text)                                                      \
	do {                                                                             \
		struct reply r_ = (r);                                                   \
		ck_assert_int_eq(r_.status, code);                                       \
		ck_assert_msg(strstr(r_.body, text) != NULL, "no \"%s\" in: %s", text,   \
			      r_.body);                                                  \
	} while (0)

#endif
