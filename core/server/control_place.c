#include "server/control_place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/scope.h"
#include "base/arena.h"

enum {
	NAME_LIMIT = 80, /* bytes of the file's name: sockaddr_un has room for it */
	BACKLOG = 64,
	LOCK_MS = 2000,	  /* that another process may hold the folder, */
	LOCK_STEP_MS = 20 /* looked at so often */
};

__attribute__((format(printf, 2, 3))) static int failed(char **why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(why, fmt, ap) < 0)
		*why = NULL;
	va_end(ap);
	return CRUET_EIO;
}

/* --- where it lies ------------------------------------------------------------------ */

static int bad_setting(const struct host *h, const char *text, const char *wanted,
		       struct arena *a, const char **why)
{
	*why = arena_printf(a, "%s: server.control = \"%s\": expected %s",
			    config_origin(h->config, "server.control"), text, wanted);
	return CRUET_EINVAL;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static char *absolute(const char *folder, const char *path, struct arena *a)
{
	char *real = *path == '/' ? NULL : realpath(folder, NULL);
	char *out = real ? arena_printf(a, "%s/%s", real, path) : arena_strdup(a, path);

	free(real);
	return out;
}

int control_path(const struct host *h, struct arena *a, const char **path,
		 const char **why)
{
	const char *text = h->settings.control;
	bool asked = config_value(h->config, "server.control");

	*path = *why = NULL;
	if (!*text || !strcmp(text, "none") || (!asked && !config_has_file(h->config)))
		return CRUET_OK;
	if (!*name_of(text))
		return bad_setting(h, text,
				   "the path of a file, such as var/run/control.sock", a,
				   why);
	if (strlen(name_of(text)) > NAME_LIMIT)
		return bad_setting(h, text, "a file name of at most 80 bytes", a, why);
	*path = absolute(config_folder(h->config), text, a);
	return *path ? CRUET_OK : CRUET_ENOMEM;
}

/* --- its folder --------------------------------------------------------------------- */

/* What cannot be made shows when the folder is opened. */
static void make_folders(char *folder)
{
	for (char *at = folder; (at = strchr(at + 1, '/'));) {
		*at = '\0';
		mkdir(folder, 0700);
		*at = '/';
	}
	mkdir(folder, 0700);
}

/* path is absolute. -1: errno says why. */
static int open_folder(const char *path, bool make)
{
	size_t n = (size_t)(name_of(path) - path);
	char *folder = strndup(path, n > 1 ? n - 1 : n);

	if (!folder)
		return -1;
	if (make)
		make_folders(folder);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = errno;
	free(folder);
	errno = err;
	return fd;
}

/* Two processes that find the same dead socket do not both replace it. */
static bool lock(int folder)
{
	for (int ms = 0; ms < LOCK_MS; ms += LOCK_STEP_MS) {
		if (!flock(folder, LOCK_EX | LOCK_NB))
			return true;
		poll(NULL, 0, LOCK_STEP_MS);
	}
	return false;
}

static struct sockaddr_un address(int folder, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/%.*s", folder,
		 NAME_LIMIT, name_of(path));
	return at;
}

/* --- connecting --------------------------------------------------------------------- */

/* A connected socket, or -1 and errno. */
static int reach(int folder, const char *path)
{
	struct sockaddr_un at = address(folder, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || !connect(fd, (struct sockaddr *)&at, sizeof at))
		return fd;
	int err = errno;
	close(fd);
	errno = err;
	return -1;
}

int control_connect(const char *path, int *out, char **why)
{
	int folder = open_folder(path, false);
	int fd = folder < 0 ? -1 : reach(folder, path);
	int err = errno;

	if (folder >= 0)
		close(folder);
	*out = fd;
	if (fd >= 0)
		return CRUET_OK;
	if (err == ENOENT)
		return failed(why, "nothing serves here: there is no %s", path);
	if (err == ECONNREFUSED)
		return failed(why, "nothing serves here: nobody listens at %s", path);
	if (err == EAGAIN)
		return failed(why, "%s: the server does not take commands now", path);
	return failed(why, "%s: %s", path, strerror(err));
}

/* --- making it ---------------------------------------------------------------------- */

static int taken(int fd, const char *path, char **why)
{
	struct ucred who;
	socklen_t len = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
		who.pid = 0;
	close(fd);
	return failed(
		why,
		"process %d listens at %s already: set server.control to another path, "
		"or to none",
		(int)who.pid, path);
}

/* Removes a socket at which nobody listens; anything else that lies there is refused. */
static int sweep(int folder, const char *path, char **why)
{
	struct stat st;

	if (fstatat(folder, name_of(path), &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? CRUET_OK
				       : failed(why, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return failed(
			why,
			"%s is there already and is no socket: set server.control to "
			"another path, or to none",
			path);
	int fd = reach(folder, path);
	if (fd >= 0)
		return taken(fd, path, why);
	if (errno != ECONNREFUSED || unlinkat(folder, name_of(path), 0))
		return failed(
			why,
			"%s is there already: %s: set server.control to another path, or "
			"to none",
			path, strerror(errno));
	return CRUET_OK;
}

static int own(struct control_place *p, char **why)
{
	struct stat st;

	if (fstatat(p->folder, name_of(p->path), &st, AT_SYMLINK_NOFOLLOW))
		return failed(why, "%s: %s", p->path, strerror(errno));
	p->dev = st.st_dev;
	p->ino = st.st_ino;
	return CRUET_OK;
}

/* The mode of the descriptor becomes that of the file, so nobody else can connect at any
 * moment. */
static int bind_here(struct control_place *p, char **why)
{
	struct sockaddr_un at = address(p->folder, p->path);
	int err = sweep(p->folder, p->path, why);

	if (err)
		return err;
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd >= 0 && !fchmod(p->fd, 0600) &&
	    !bind(p->fd, (struct sockaddr *)&at, sizeof at) && !listen(p->fd, BACKLOG))
		return own(p, why);
	return failed(why, "%s cannot be made: %s", p->path, strerror(errno));
}

static int listen_locked(struct control_place *p, char **why)
{
	if (!lock(p->folder))
		return failed(
			why, "%s cannot be made: another process keeps its folder locked",
			p->path);
	int err = bind_here(p, why);
	flock(p->folder, LOCK_UN);
	return err;
}

static int begin(const char *path, struct control_place *out, char **why)
{
	*out = (struct control_place){.fd = -1, .folder = -1, .path = strdup(path)};
	*why = NULL;
	if (!out->path)
		return CRUET_ENOMEM;
	out->folder = open_folder(path, true);
	return out->folder < 0 ? failed(why, "%s cannot be made: its folder: %s", path,
					strerror(errno))
			       : CRUET_OK;
}

int control_listen(const char *path, struct control_place *out, char **why)
{
	int err = begin(path, out, why);

	if (!err)
		err = listen_locked(out, why);
	if (err)
		control_place_close(out);
	return err;
}

int control_adopt(int fd, const char *path, struct control_place *out, char **why)
{
	struct stat st;

	if (lstat(path, &st) || !S_ISSOCK(st.st_mode)) {
		close(fd);
		return control_listen(path, out, why);
	}
	int err = begin(path, out, why);
	out->fd = fd;
	if (!err)
		err = own(out, why);
	if (err)
		control_place_close(out);
	return err;
}

/* --- removing it -------------------------------------------------------------------- */

void control_unlink(const struct control_place *p)
{
	struct stat st;

	if (p->fd >= 0 &&
	    !fstatat(p->folder, name_of(p->path), &st, AT_SYMLINK_NOFOLLOW) &&
	    st.st_dev == p->dev && st.st_ino == p->ino)
		unlinkat(p->folder, name_of(p->path), 0);
}

void control_place_close(struct control_place *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->folder >= 0)
		close(p->folder);
	free(p->path);
	*p = (struct control_place){.fd = -1, .folder = -1};
}
