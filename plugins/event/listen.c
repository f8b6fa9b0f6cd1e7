#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cruet.h>

enum { BACKLOG = 4096 };

CRUET_PRINTF(3, 4)
static int cannot(char **why, const char *address, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof reason, fmt, ap);
	va_end(ap);
	if (asprintf(why, "cannot listen on %s: %s", address, reason) < 0)
		*why = NULL;
	return CRUET_EINVAL;
}

/* --- reading ---------------------------------------------------------------------------- */

static bool read_port(const char *s, in_port_t *out)
{
	unsigned v = 0;

	if (!*s || strlen(s) > 5)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (unsigned)(*s - '0');
	}
	*out = htons((in_port_t)v);
	return v <= 65535;
}

static int read_unix(const char *text, const char *path, struct address *out, char **why)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&out->at;

	if (!*path)
		return cannot(why, text, "expected a path, such as unix:/run/site.sock");
	if (strlen(path) >= sizeof un->sun_path)
		return cannot(why, text, "the path of a socket has at most %zu bytes",
			      sizeof un->sun_path - 1);
	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, path);
	out->len = sizeof *un;
	return CRUET_OK;
}

static int resolve(const char *text, const char *host, in_port_t port, struct address *out,
		   char **why)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;

	if (getaddrinfo(host, NULL, &hints, &found))
		return cannot(why, text, "no such host is known here");
	memcpy(&out->at, found->ai_addr, found->ai_addrlen);
	out->len = found->ai_addrlen;
	freeaddrinfo(found);
	/* both families keep the port at the same place */
	((struct sockaddr_in *)&out->at)->sin_port = port;
	return CRUET_OK;
}

static int read_inet(const char *text, const char *host, in_port_t port, struct address *out,
		     char **why)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&out->at;

	*in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
	out->len = sizeof *in;
	/* localhost is the loopback whatever a resolver says, or none is there to say
	 * (RFC 6761 6.3). */
	if (!*host || !strcasecmp(host, "localhost"))
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (!strcmp(host, "*"))
		in->sin_addr.s_addr = htonl(INADDR_ANY);
	else if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
		return resolve(text, host, port, out, why);
	return CRUET_OK;
}

static int read_inet6(const char *text, const char *host, in_port_t port, struct address *out,
		      char **why)
{
	struct sockaddr_in6 *in = (struct sockaddr_in6 *)&out->at;

	*in = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
	out->len = sizeof *in;
	return inet_pton(AF_INET6, host, &in->sin6_addr) == 1
		       ? CRUET_OK
		       : cannot(why, text, "'%s' is no IPv6 address", host);
}

int address_parse(const char *text, struct address *out, char **why)
{
	static const char expected[] = "expected an address and a port, such as 127.0.0.1:8000, "
				       "or unix:/run/site.sock";
	const char *s = !strncmp(text, "http://", 7) ? text + 7 : text;
	in_port_t port;
	char host[256];

	memset(out, 0, sizeof *out);
	if (!strncmp(s, "unix:", 5))
		return read_unix(text, s + 5, out, why);
	const char *colon = strrchr(s, ':');
	size_t n = colon ? (size_t)(colon - s) : 0;
	if (n >= sizeof host || !read_port(colon ? colon + 1 : s, &port))
		return cannot(why, text, expected);
	memcpy(host, s, n);
	host[n] = '\0';
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		return read_inet6(text, host + 1, port, out, why);
	}
	if (strchr(host, '['))
		return cannot(why, text, expected);
	if (strchr(host, ':'))
		return cannot(why, text, "an IPv6 address stands in brackets: [%s]:%s", host,
			      colon + 1);
	return read_inet(text, host, port, out, why);
}

/* --- writing ---------------------------------------------------------------------------- */

bool address_is_unix(const struct address *a)
{
	return a->at.ss_family == AF_UNIX;
}

void address_peer(const struct sockaddr_storage *from, char *out, size_t cap)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

	out[0] = '\0';
	if (from->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr, out,
			  (socklen_t)cap);
	else if (from->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], out, (socklen_t)cap);
	else if (from->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &in6->sin6_addr, out, (socklen_t)cap);
	else
		snprintf(out, cap, "unix");
}

void address_text(const struct address *a, char out[ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN];
	const struct sockaddr_in *in = (const struct sockaddr_in *)&a->at;

	if (address_is_unix(a)) {
		snprintf(out, ADDRESS_TEXT, "unix:%s",
			 ((const struct sockaddr_un *)&a->at)->sun_path);
		return;
	}
	if (a->at.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)&a->at)->sin6_addr, host,
			  sizeof host);
	else
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
	snprintf(out, ADDRESS_TEXT, a->at.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host,
		 (unsigned)ntohs(in->sin_port));
}

/* --- listening -------------------------------------------------------------------------- */

static const char *reason(int err)
{
	switch (err) {
	case EADDRINUSE:
		return "something else listens there already";
	case EACCES:
		return "ports below 1024 are for privileged processes (CAP_NET_BIND_SERVICE), "
		       "and a socket's folder must be one that can be written to";
	case EADDRNOTAVAIL:
		return "this machine has no such address";
	default:
		return strerror(err);
	}
}

/* A socket that was left behind by a process that is gone, and nothing else, is taken
 * away: nobody answers there. */
static void sweep(const struct address *a)
{
	const char *path = ((const struct sockaddr_un *)&a->at)->sun_path;
	struct stat st;

	if (lstat(path, &st) || !S_ISSOCK(st.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&a->at, a->len) && errno == ECONNREFUSED)
		unlink(path);
	close(fd);
}

int address_listen(struct address *a, bool shared, char **why)
{
	int on = 1, type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	bool is_unix = address_is_unix(a);
	char text[ADDRESS_TEXT];

	if (is_unix)
		sweep(a);
	int fd = socket(a->at.ss_family, type, 0);
	if (fd >= 0 && (is_unix || !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)) &&
	    (!shared || !setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on)) &&
	    (a->at.ss_family != AF_INET6 ||
	     !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on)) &&
	    !bind(fd, (const struct sockaddr *)&a->at, a->len) && !listen(fd, BACKLOG)) {
		if (!is_unix)
			getsockname(fd, (struct sockaddr *)&a->at, &a->len);
		return fd;
	}
	int err = errno;
	if (fd >= 0)
		close(fd);
	address_text(a, text);
	cannot(why, text, "%s", reason(err));
	return -1;
}
