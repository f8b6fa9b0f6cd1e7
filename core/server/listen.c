#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "cruet/error.h"

#define EVENT "(\"server.transport\": \"event\")"

/* cannot(why, "reason", address): an error with its sentence. */
static int cannot(char **why, const char *address, const char *reason)
{
	if (asprintf(why, "cannot listen on %s: %s", address, reason) < 0)
		*why = NULL;
	return CRUET_EINVAL;
}

/* What other servers take and civetweb does not: a reason, or NULL. */
static const char *not_served(const char *s)
{
	size_t n = strlen(s);

	if (text_starts(s, "https://") || text_starts(s, "tls:") || text_starts(s, "ssl:") ||
	    (n > 1 && s[n - 1] == 's' && is_digit(s[n - 2])))
		return "civetweb serves no TLS: the event transport does " EVENT
		       ", or a proxy in front of this server";
	if (text_starts(s, "proxy:"))
		return "civetweb speaks no PROXY protocol: the event transport does " EVENT
		       ", or a proxy in front that sends X-Forwarded-For";
	if (*s == '/' || *s == '.' || *s == '@' || text_starts(s, "unix:"))
		return "civetweb serves no Unix sockets: the event transport does " EVENT
		       ", or a proxy in front of a port of the loopback";
	const char *colon = strchr(s, ':');
	if (*s == '[' || *s == '+' || (colon && strchr(colon + 1, ':')))
		return "civetweb serves no IPv6: the event transport does " EVENT
		       ", or a proxy in front of this server";
	return NULL;
}

static bool parse_port(const char *s, in_port_t *out)
{
	int64_t port;

	if (!text_int(s, &port) || port < 0 || port > 65535)
		return false;
	*out = htons((uint16_t)port);
	return true;
}

static bool parse_host(const char *s, size_t n, struct in_addr *out)
{
	char host[256];
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;

	/* localhost is the loopback whatever a resolver says, or none is there to say
	 * (RFC 6761 6.3). */
	if (!n || (n == 9 && text_ieqn(s, "localhost", n))) {
		out->s_addr = htonl(INADDR_LOOPBACK);
		return true;
	}
	if (n == 1 && *s == '*') {
		out->s_addr = htonl(INADDR_ANY);
		return true;
	}
	if (n >= sizeof host)
		return false;
	memcpy(host, s, n);
	host[n] = '\0';
	if (getaddrinfo(host, NULL, &hints, &found))
		return false;
	*out = ((struct sockaddr_in *)found->ai_addr)->sin_addr;
	freeaddrinfo(found);
	return true;
}

int listen_parse(const char *address, struct sockaddr_in *out, char **why)
{
	const char *s = text_starts(address, "http://") ? address + 7 : address;
	const char *refused = not_served(s);
	const char *colon = strrchr(s, ':');
	const char *port = colon ? colon + 1 : s;

	if (refused)
		return cannot(why, address, refused);
	*out = (struct sockaddr_in){.sin_family = AF_INET};
	if (!parse_port(port, &out->sin_port))
		return cannot(why, address,
			      "expected an address and a port, such as 127.0.0.1:8000");
	if (!parse_host(s, colon ? (size_t)(colon - s) : 0, &out->sin_addr))
		return cannot(why, address, "no such host is known here");
	return CRUET_OK;
}

void listen_text(const struct sockaddr_in *at, char out[LISTEN_TEXT])
{
	char host[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &at->sin_addr, host, sizeof host);
	snprintf(out, LISTEN_TEXT, "%s:%u", host, (unsigned)ntohs(at->sin_port));
}

static const char *reason(int err)
{
	switch (err) {
	case EADDRINUSE:
		return "something else listens there already";
	case EACCES:
		return "ports below 1024 are for privileged processes (CAP_NET_BIND_SERVICE)";
	case EADDRNOTAVAIL:
		return "this machine has no such address";
	default:
		return strerror(err);
	}
}

char *listen_obstacle(const struct sockaddr_in *at)
{
	int on = 1, err = 0;
	char text[LISTEN_TEXT], *why = NULL;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
	    bind(fd, (const struct sockaddr *)at, sizeof *at) || listen(fd, 1))
		err = errno;
	if (fd >= 0)
		close(fd);
	if (err) {
		listen_text(at, text);
		cannot(&why, text, reason(err));
	}
	return why;
}
