/* A process holds a lock on its folder as long as it lives. Whoever gets the lock
 * of another one knows that its process is gone, however it ended. */
#include "plugin/copies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/write.h"
#include "base/text.h"
#include "cruet/error.h"
#include "plugin/loader.h"

static const char prefix[] = "cruet-plugins-";

/* Of a folder that another process, which is just beginning, takes for one that was left. */
enum { TRIES_MAX = 1000 };

struct copies {
	char *path;
	int lock;
	unsigned serial;
};

static bool usable(const char *dir)
{
	struct statvfs fs;
	return dir && *dir == '/' && access(dir, W_OK) == 0 && statvfs(dir, &fs) == 0 &&
	       !(fs.f_flag & ST_NOEXEC);
}

static const char *place(void)
{
	const char *const places[] = {secure_getenv("XDG_RUNTIME_DIR"), secure_getenv("TMPDIR"),
				      "/tmp", "/var/tmp"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (usable(places[i]))
			return places[i];
	return NULL;
}

/* A fresh folder, malloc'ed; NULL and *why. */
static char *make_folder(const char *dir, const char *start, struct arena *a, const char **why)
{
	char *path = NULL;

	*why = NULL;
	if (!dir) {
		*why = arena_strdup(a, "no place for private copies of plugins: set XDG_RUNTIME_DIR "
				       "to a folder that is writable and not mounted noexec");
		return NULL;
	}
	if (asprintf(&path, "%s/%sXXXXXX", dir, start) < 0)
		return NULL;
	if (mkdtemp(path))
		return path;
	*why = arena_printf(a, "no folder for private copies of plugins in %s: %s", dir,
			    strerror(errno));
	free(path);
	return NULL;
}

char *loader_folder(struct arena *a, const char **why)
{
	return make_folder(place(), "cruet-", a, why);
}

/* --- what dead processes left --------------------------------------------------------- */

static void empty(int folder)
{
	int own = fcntl(folder, F_DUPFD_CLOEXEC, 0); /* the lock stays with the other */
	DIR *d = own < 0 ? NULL : fdopendir(own);

	for (struct dirent *e; d && (e = readdir(d));)
		if (text_ends(e->d_name, ".so"))
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	else if (own >= 0)
		close(own);
}

static void remove_if_left(int dir, const char *name)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		empty(fd);
		unlinkat(dir, name, AT_REMOVEDIR); /* locked: one just made is not taken over */
	}
	close(fd);
}

static void remove_left(const char *dir)
{
	DIR *d = opendir(dir);

	for (struct dirent *e; d && (e = readdir(d));)
		if (text_starts(e->d_name, prefix))
			remove_if_left(dirfd(d), e->d_name);
	if (d)
		closedir(d);
}

/* --- ours ------------------------------------------------------------------------------ */

/* Locks the folder. EAGAIN: another process took it for one that was left, in the moment
 * before it was locked; or what errno says. */
static int lock(struct copies *c)
{
	struct stat at_path, locked;
	int err;

	c->lock = open(c->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (c->lock < 0)
		return errno == ENOENT ? EAGAIN : errno;
	if (flock(c->lock, LOCK_SH | LOCK_NB) || fstat(c->lock, &locked))
		err = errno;
	else if (stat(c->path, &at_path))
		err = errno == ENOENT ? EAGAIN : errno;
	else
		err = at_path.st_ino == locked.st_ino ? 0 : EAGAIN;
	if (err)
		close(c->lock);
	return err;
}

struct copies *copies_new(struct arena *a, const char **why)
{
	const char *dir = place();
	struct copies *c = calloc(1, sizeof *c);
	int err = EAGAIN;

	*why = NULL;
	if (!c)
		return NULL;
	if (dir)
		remove_left(dir);
	for (int tries = 0; err == EAGAIN && tries < TRIES_MAX; tries++) {
		c->path = make_folder(dir, prefix, a, why);
		if (!c->path)
			break;
		err = lock(c);
		if (!err)
			return c;
		rmdir(c->path);
		*why = arena_printf(a, "the folder for private copies of plugins in %s cannot be "
				       "locked: %s",
				    dir, strerror(err));
		free(c->path);
	}
	free(c);
	return NULL;
}

void copies_free(struct copies *c)
{
	if (!c)
		return;
	rmdir(c->path);
	close(c->lock);
	free(c->path);
	free(c);
}

char *copies_add(struct copies *c, const char *name, const void *bytes, size_t len,
		 struct arena *a, const char **why)
{
	char *path;

	*why = NULL;
	if (asprintf(&path, "%s/%u-%s.so", c->path, ++c->serial, name) < 0)
		return NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0500);
	int err = fd < 0 ? errno : write_whole(fd, bytes, len);
	if (fd >= 0 && close(fd) != 0 && !err)
		err = errno;
	if (!err)
		return path;
	*why = arena_printf(a, "cannot be copied to %s: %s", c->path, strerror(err));
	copies_remove(path);
	return NULL;
}

void copies_remove(char *path)
{
	if (path)
		unlink(path);
	free(path);
}
