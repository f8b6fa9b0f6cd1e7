#include "plugin/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "cruet/error.h"

static int refuse(struct arena *a, const char **why, const char *path, const char *text)
{
	*why = text ? arena_printf(a, "%s %s", path, text) : NULL;
	return *why ? CRUET_EINVAL : CRUET_ENOMEM;
}

static int cannot_read(struct arena *a, const char **why, const char *path, int code)
{
	return refuse(a, why, path,
		      arena_printf(a, "cannot be read: %s", strerror(code)));
}

/* Neither others nor the group may be able to change what we are about to run. */
static int check_owner(const struct stat *st, const char *path, const char *what,
		       struct arena *a, const char **why)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return refuse(
			a, why, path,
			arena_printf(a, "%sbelongs to user %u: expected root or user %u",
				     what, st->st_uid, geteuid()));
	/* A sticky folder, such as /tmp, keeps others' hands off our files. */
	if (st->st_mode & 022 && !(S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX))
		return refuse(
			a, why, path,
			arena_printf(a, "%sis writable by others (mode %04o): chmod go-w",
				     what, st->st_mode & 07777));
	return CRUET_OK;
}

static int check_folder(const char *path, struct arena *a, const char **why)
{
	const char *slash = strrchr(path, '/');
	const char *folder = !slash ? "."
			     : slash == path
				     ? "/"
				     : arena_strndup(a, path, (size_t)(slash - path));
	struct stat st;

	if (!folder)
		return refuse(a, why, path, NULL);
	if (stat(folder, &st) != 0)
		return refuse(a, why, path,
			      arena_printf(a, "cannot be reached: %s", strerror(errno)));
	return check_owner(&st, path, "lies in a folder that ", a, why);
}

static const char *kind_of(mode_t m)
{
	if (S_ISDIR(m))
		return "is a folder: expected a regular file";
	if (S_ISFIFO(m))
		return "is a FIFO: expected a regular file";
	return "is no regular file";
}

/* 0, or what errno says. A file that shrinks meanwhile is read as far as it goes. */
static int read_all(int fd, char *bytes, size_t *len)
{
	size_t done = 0;

	while (done < *len) {
		ssize_t n = read(fd, bytes + done, *len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*len = done;
	return 0;
}

static int read_open(int fd, const char *path, size_t max, struct arena *a, char **bytes,
		     size_t *len, const char **why)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return cannot_read(a, why, path, errno);
	if (!S_ISREG(st.st_mode))
		return refuse(a, why, path, kind_of(st.st_mode));
	int err = check_owner(&st, path, "", a, why);
	if (!err)
		err = check_folder(path, a, why);
	if (err)
		return err;
	if ((uintmax_t)st.st_size > max)
		return refuse(a, why, path,
			      arena_printf(a, "is larger than %zu MiB", max >> 20));
	*len = (size_t)st.st_size;
	*bytes = malloc(*len + 1); /* an empty file has bytes too */
	if (!*bytes)
		return refuse(a, why, path, NULL);
	int failed = read_all(fd, *bytes, len);
	return failed ? cannot_read(a, why, path, failed) : CRUET_OK;
}

int trusted_read(const char *path, size_t max, struct arena *a, char **bytes, size_t *len,
		 const char **why)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	*bytes = NULL;
	*len = 0;
	*why = NULL;
	if (fd < 0 && errno == ELOOP)
		return refuse(a, why, path, "is a symbolic link: name the file itself");
	if (fd < 0) {
		bool gone = errno == ENOENT;
		int err = cannot_read(a, why, path, errno);
		return gone && err != CRUET_ENOMEM ? CRUET_ENOENT : err;
	}
	int err = read_open(fd, path, max, a, bytes, len, why);
	close(fd);
	return err;
}
