#include "server/sockets.h"

#include <errno.h>
#include <linux/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/clock.h"

/* Numbers are handed out lowest first: after so many closed ones in a row none
 * follows. */
enum { GAP = 1024 };

static bool inet_name(int fd, int (*of)(int, struct sockaddr *, socklen_t *),
		      struct sockaddr_in *out)
{
	socklen_t len = sizeof *out;
	return !of(fd, (struct sockaddr *)out, &len) && out->sin_family == AF_INET;
}

static bool from_client(int fd, const struct sockaddr_in *peer, uint16_t port)
{
	struct sockaddr_in at;

	return inet_name(fd, getpeername, &at) && at.sin_port == peer->sin_port &&
	       at.sin_addr.s_addr == peer->sin_addr.s_addr &&
	       inet_name(fd, getsockname, &at) && at.sin_port == htons(port);
}

int socket_of_client(const struct sockaddr_in *peer, uint16_t port, int near)
{
	struct sockaddr_in at;

	if (near >= 0 && from_client(near, peer, port))
		return near;
	for (int fd = 0, gap = 0; gap < GAP; fd++) {
		if (from_client(fd, peer, port))
			return fd;
		gap = inet_name(fd, getsockname, &at) || errno != EBADF ? 0 : gap + 1;
	}
	return -1;
}

static bool listens(int fd)
{
	int yes = 0;
	socklen_t len = sizeof yes;
	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &len) && yes;
}

int socket_listening(const struct sockaddr_in *want)
{
	struct sockaddr_in at;

	for (int fd = 0, gap = 0; gap < GAP; fd++) {
		if (!inet_name(fd, getsockname, &at)) {
			gap = errno == EBADF ? gap + 1 : 0;
			continue;
		}
		gap = 0;
		if (at.sin_port == want->sin_port &&
		    at.sin_addr.s_addr == want->sin_addr.s_addr && listens(fd))
			return fd;
	}
	return -1;
}

void socket_each(const struct sockaddr_in *local, void (*each)(void *arg, int fd), void *arg)
{
	bool any = local->sin_addr.s_addr == htonl(INADDR_ANY);
	struct sockaddr_in at, peer;

	for (int fd = 0, gap = 0; gap < GAP; fd++) {
		if (!inet_name(fd, getsockname, &at)) {
			gap = errno == EBADF ? gap + 1 : 0;
			continue;
		}
		gap = 0;
		if (at.sin_port == local->sin_port &&
		    (any || at.sin_addr.s_addr == local->sin_addr.s_addr) &&
		    inet_name(fd, getpeername, &peer))
			each(arg, fd);
	}
}

/* struct tcp_info grows with the kernel; what it does not know stays 0. */
static struct tcp_info tcp_info(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return (struct tcp_info){0};
	return info;
}

unsigned socket_backlog(int listening)
{
	return tcp_info(listening).tcpi_unacked;
}

uint64_t socket_received(int fd)
{
	return tcp_info(fd).tcpi_bytes_received;
}

uint64_t socket_acked(int fd)
{
	return tcp_info(fd).tcpi_bytes_acked;
}

uint64_t socket_taken(int fd)
{
	uint64_t in = socket_received(fd);
	int queued;

	return ioctl(fd, FIONREAD, &queued) || queued < 0 || (uint64_t)queued > in
		       ? 0
		       : in - (uint64_t)queued;
}

int64_t socket_quiet_ms(int fd)
{
	return tcp_info(fd).tcpi_last_data_recv;
}

bool socket_gone(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};
	return poll(&p, 1, 0) > 0;
}

void socket_linger(int fd, size_t max, int ms)
{
	int64_t end = clock_ms() + ms;
	char sink[2048];

	if (shutdown(fd, SHUT_WR))
		return;
	while (max) {
		int64_t left = end - clock_ms();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return;
		ssize_t n = recv(fd, sink, sizeof sink < max ? sizeof sink : max, MSG_DONTWAIT);
		if (n <= 0)
			return;
		max -= (size_t)n;
	}
}
