#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node.h"

enum { FILE_MAX = 4 << 20, WALK_DEPTH = 16, PATH_ROOM = 512 };

int folder_open(struct folder *f, const char *path)
{
	f->path = path;
	f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return f->fd < 0 ? errno : 0;
}

void folder_close(struct folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* Names below the folder: no empty part, none that begins with a dot. */
static bool is_inside(const char *name)
{
	if (!*name || strlen(name) >= PATH_ROOM)
		return false;
	for (const char *p = name;; p++) {
		if (*p == '.' || *p == '/' || !*p)
			return false;
		p += strcspn(p, "/");
		if (!*p)
			return true;
	}
}

static void stamp_of(const struct stat *st, struct template_stamp *stamp)
{
	*stamp = (struct template_stamp){st->st_mtim.tv_sec, st->st_mtim.tv_nsec, st->st_size,
					 st->st_ino};
}

static int read_all(int fd, size_t size, char **text, size_t *len)
{
	char *p = malloc(size + 1);
	size_t n = 0;
	ssize_t got = 1;

	if (!p)
		return CRUET_ENOMEM;
	while (n < size && (got = read(fd, p + n, size - n)) > 0)
		n += (size_t)got;
	if (got < 0) {
		free(p);
		return CRUET_EIO;
	}
	p[n] = 0;
	*text = p;
	*len = n;
	return CRUET_OK;
}

int folder_load(cruet_ctx *c, void *arg, const char *name, char **text, size_t *len,
		struct template_stamp *stamp)
{
	const struct folder *f = arg;
	struct stat st;

	(void)c;
	if (f->fd < 0 || !is_inside(name))
		return CRUET_ENOENT;
	int fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? CRUET_ENOENT
		       : errno == EACCES		   ? CRUET_EDENIED
							   : CRUET_EIO;
	int err = fstat(fd, &st) ? CRUET_EIO : CRUET_OK;
	if (!err && !S_ISREG(st.st_mode))
		err = CRUET_ENOENT;
	if (!err && st.st_size > FILE_MAX)
		err = CRUET_ELIMIT;
	if (!err) {
		stamp_of(&st, stamp);
		err = read_all(fd, (size_t)st.st_size, text, len);
	}
	close(fd);
	return err;
}

bool folder_fresh(void *arg, const char *name, const struct template_stamp *stamp)
{
	const struct folder *f = arg;
	struct template_stamp now = {0};
	struct stat st;

	if (f->fd >= 0 && is_inside(name) && !fstatat(f->fd, name, &st, 0))
		stamp_of(&st, &now);
	return !memcmp(&now, stamp, sizeof now);
}

/* --- walking ------------------------------------------------------------------------------ */

struct walk {
	int (*fn)(void *arg, const char *name);
	void *arg;
	char name[PATH_ROOM];
};

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int walk(struct walk *w, int fd, size_t len, unsigned depth);

static int step(struct walk *w, int fd, size_t len, const char *name, unsigned depth)
{
	struct stat st;
	int n = snprintf(w->name + len, sizeof w->name - len, "%s%s", len ? "/" : "", name);

	if (n < 0 || (size_t)n >= sizeof w->name - len || fstatat(fd, name, &st, 0))
		return 0; /* gone, or a name that no template can have */
	if (S_ISREG(st.st_mode))
		return w->fn(w->arg, w->name);
	if (!S_ISDIR(st.st_mode) || depth == WALK_DEPTH)
		return 0;
	int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return below < 0 ? CRUET_EIO : walk(w, below, len + (size_t)n, depth + 1);
}

/* Closes fd. */
static int walk(struct walk *w, int fd, size_t len, unsigned depth)
{
	struct dirent **list;
	int n = scandirat(fd, ".", &list, visible, by_name), result = n < 0 ? CRUET_EIO : 0;

	for (int i = 0; i < n; i++) {
		if (!result)
			result = step(w, fd, len, list[i]->d_name, depth);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	close(fd);
	return result;
}

int folder_walk(const struct folder *f, int (*fn)(void *arg, const char *name), void *arg)
{
	struct walk w = {.fn = fn, .arg = arg};
	int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? CRUET_EIO : walk(&w, fd, 0, 0);
}
