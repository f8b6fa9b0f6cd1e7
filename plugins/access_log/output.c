#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAIT_MS = 200 };

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

static void look(struct output *o)
{
	struct stat st;

	o->regular = !fstat(o->fd, &st) && S_ISREG(st.st_mode);
}

bool output_open(struct output *o, const char *path)
{
	*o = (struct output){.path = path, .fd = path ? open_file(path) : STDERR_FILENO};
	if (o->fd < 0)
		return false;
	look(o);
	return true;
}

void output_close(struct output *o)
{
	if (o->path && o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

bool output_follow(struct output *o)
{
	struct stat ours, there;

	if (!o->path || !o->regular || fstat(o->fd, &ours))
		return true;
	if (!stat(o->path, &there) && there.st_dev == ours.st_dev &&
	    there.st_ino == ours.st_ino)
		return true;
	int fd = open_file(o->path);
	if (fd < 0)
		return false;
	close(o->fd);
	o->fd = fd;
	look(o);
	return true;
}

/* The longest beginning of whole lines that has at most max bytes; all of them
 * if the first is longer. */
static size_t whole_lines(const char *lines, size_t len, size_t max)
{
	if (len <= max)
		return len;
	const char *end = memrchr(lines, '\n', max);
	return end ? (size_t)(end - lines) + 1 : len;
}

/* A pipe that poll() calls writable takes PIPE_BUF bytes without waiting, and
 * in one piece: so lines of others stand between ours, not in them. */
ptrdiff_t output_write(struct output *o, const char *lines, size_t len)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};

	if (!o->regular) {
		if (poll(&p, 1, WAIT_MS) <= 0)
			return 0;
		len = whole_lines(lines, len, PIPE_BUF);
	}
	ssize_t n = write(o->fd, lines, len);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	return n;
}
