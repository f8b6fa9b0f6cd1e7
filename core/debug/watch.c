#include "debug/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cruet/error.h"

enum {
	FOLDERS_MAX = 2048,
	FILES_MAX = 8192, /* of a folder that is compared; more are not seen */
	LOOK_MS = 100,
	EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE
};

struct file {
	char *name;
	bool is_folder;
	uint64_t inode;
	int64_t size, changed_ns;
};

struct folder {
	struct folder *next;
	char *path;
	bool deep;
	bool by_time;
	int id; /* of inotify; -1: it is compared, or gone */
	struct file *files; /* sorted by name */
	size_t n;
};

struct watch {
	int fd; /* -1: no inotify */
	bool by_time; /* some folder is compared */
	struct folder *all, **last;
	size_t n;
};

/* Whom to tell. */
struct telling {
	struct watch *w;
	watch_fn *each;
	void *arg;
	bool told;
};

struct watch *watch_new(bool by_time)
{
	struct watch *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->last = &w->all;
	w->fd = by_time ? -1 : inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return w;
}

static void forget_files(struct file *files, size_t n)
{
	while (n)
		free(files[--n].name);
	free(files);
}

void watch_free(struct watch *w)
{
	for (struct folder *f = w ? w->all : NULL, *next; f; f = next) {
		next = f->next;
		forget_files(f->files, f->n);
		free(f->path);
		free(f);
	}
	if (w && w->fd >= 0)
		close(w->fd);
	free(w);
}

int watch_fd(const struct watch *w)
{
	return w->fd;
}

int watch_wait(const struct watch *w)
{
	return w->by_time ? LOOK_MS : -1;
}

/* --- what lies in a folder ---------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

/* *list is for forget_files(), and sorted. */
static size_t list_files(const char *path, struct file **list)
{
	struct file *files = NULL;
	size_t n = 0, room = 0;
	struct stat st;
	DIR *d = opendir(path);

	for (struct dirent *e; d && n < FILES_MAX && (e = readdir(d));) {
		if (*e->d_name == '.' && (!e->d_name[1] || !strcmp(e->d_name, "..")))
			continue;
		if (fstatat(dirfd(d), e->d_name, &st, 0))
			continue;
		if (n == room) {
			room = room ? 2 * room : 64;
			struct file *more = reallocarray(files, room, sizeof *files);
			if (!more)
				break;
			files = more;
		}
		files[n] = (struct file){.name = strdup(e->d_name),
					 .is_folder = S_ISDIR(st.st_mode),
					 .inode = st.st_ino,
					 .size = st.st_size,
					 .changed_ns = st.st_mtim.tv_sec * INT64_C(1000000000) +
						       st.st_mtim.tv_nsec};
		if (!files[n].name)
			break;
		n++;
	}
	if (d)
		closedir(d);
	if (n)
		qsort(files, n, sizeof *files, by_name);
	*list = files;
	return n;
}

/* --- folders ------------------------------------------------------------------------------ */

static struct folder *find(const struct watch *w, const char *path)
{
	struct folder *f = w->all;

	while (f && strcmp(f->path, path) != 0)
		f = f->next;
	return f;
}

/* What others fill, and nobody edits. */
static bool is_left_out(const char *folder, const char *name)
{
	char ninja[PATH_MAX];

	if (*name == '.' || !strcmp(name, "node_modules"))
		return true;
	int n = snprintf(ninja, sizeof ninja, "%s/%s/build.ninja", folder, name);
	return n >= PATH_MAX || !access(ninja, F_OK);
}

static int add_below(struct watch *w, const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (is_left_out(folder, name) ||
	    snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
		return CRUET_OK;
	return watch_folder(w, path, true);
}

static int add_all_below(struct watch *w, const struct folder *f)
{
	struct file *files;
	size_t n = list_files(f->path, &files);
	int err = CRUET_OK;

	for (size_t i = 0; i < n && !err; i++)
		if (files[i].is_folder)
			err = add_below(w, f->path, files[i].name);
	forget_files(files, n);
	return err;
}

/* Begins to look after it. It may have been there before, and gone in between. */
static void look_after(struct watch *w, struct folder *f)
{
	if (w->fd >= 0)
		f->id = inotify_add_watch(w->fd, f->path, EVENTS | IN_ONLYDIR | IN_EXCL_UNLINK);
	f->by_time = f->id < 0 && (w->fd < 0 || errno == ENOSPC || errno == ENOMEM);
	if (!f->by_time)
		return;
	w->by_time = true;
	forget_files(f->files, f->n);
	f->n = list_files(f->path, &f->files);
}

static struct folder *add(struct watch *w, const char *path)
{
	struct folder *f = calloc(1, sizeof *f);

	if (!f || !(f->path = strdup(path))) {
		free(f);
		return NULL;
	}
	f->id = -1;
	*w->last = f;
	w->last = &f->next;
	w->n++;
	return f;
}

/* One that is looked after; NULL: too many, or out of memory. */
static struct folder *get(struct watch *w, const char *path)
{
	struct folder *f = find(w, path);

	if (!f && w->n < FOLDERS_MAX)
		f = add(w, path);
	if (f && f->id < 0 && !f->by_time)
		look_after(w, f);
	return f;
}

int watch_folder(struct watch *w, const char *path, bool deep)
{
	struct folder *f = get(w, path);

	if (!f)
		return w->n == FOLDERS_MAX ? CRUET_ELIMIT : CRUET_ENOMEM;
	if (!deep || f->deep)
		return CRUET_OK;
	f->deep = true;
	return add_all_below(w, f);
}

/* --- telling ------------------------------------------------------------------------------- */

static void tell(struct telling *t, const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (folder && snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
		return;
	t->told = true;
	t->each(t->arg, folder ? path : NULL);
}

/* Files may have been put there before it was watched. */
static void folder_came(struct telling *t, const struct folder *in, const char *name)
{
	char path[PATH_MAX];
	struct file *files;

	if (!in->deep || is_left_out(in->path, name) ||
	    snprintf(path, sizeof path, "%s/%s", in->path, name) >= PATH_MAX)
		return;
	struct folder *f = get(t->w, path);
	if (!f)
		return;
	f->deep = true;
	size_t n = list_files(path, &files);
	for (size_t i = 0; i < n; i++)
		if (files[i].is_folder)
			folder_came(t, f, files[i].name);
		else
			tell(t, path, files[i].name);
	forget_files(files, n);
}

/* It would be followed to where it was moved to. */
static void folder_went(struct telling *t, const struct folder *in, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/%s", in->path, name);

	for (struct folder *f = n < PATH_MAX ? t->w->all : NULL; f; f = f->next)
		if (f->id >= 0 && !strncmp(f->path, path, (size_t)n) &&
		    (!f->path[n] || f->path[n] == '/')) {
			inotify_rm_watch(t->w->fd, f->id);
			f->id = -1;
		}
	tell(t, NULL, NULL);
}

/* One that is made by writing is told of when it is closed. */
static bool is_whole(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof path, "%s/%s", folder, name) < PATH_MAX &&
	       !lstat(path, &st) && (S_ISLNK(st.st_mode) || st.st_nlink > 1);
}

static void told_of(struct telling *t, struct folder *f, const struct inotify_event *e)
{
	if (e->mask & IN_IGNORED)
		f->id = -1;
	else if (!e->len)
		return;
	else if (e->mask & IN_ISDIR && e->mask & (IN_CREATE | IN_MOVED_TO))
		folder_came(t, f, e->name);
	else if (e->mask & IN_ISDIR && e->mask & IN_MOVED_FROM)
		folder_went(t, f, e->name);
	else if (!(e->mask & IN_CREATE) || is_whole(f->path, e->name))
		tell(t, f->path, e->name);
}

/* A folder that is also reached by links has one number and several paths: who is told knows
 * it by one of them. */
static void told_by_kernel(struct telling *t, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW) {
		tell(t, NULL, NULL);
		return;
	}
	for (struct folder *f = t->w->all; f; f = f->next)
		if (f->id == e->wd)
			told_of(t, f, e);
}

static void read_kernel(struct telling *t)
{
	_Alignas(struct inotify_event) char room[16384];
	ssize_t n;

	while ((n = read(t->w->fd, room, sizeof room)) > 0)
		for (const char *p = room; p < room + n;) {
			const struct inotify_event *e = (const void *)p;
			told_by_kernel(t, e);
			p += sizeof *e + e->len;
		}
}

static bool same(const struct file *a, const struct file *b)
{
	return a->inode == b->inode && a->size == b->size && a->changed_ns == b->changed_ns;
}

static void compare(struct telling *t, struct folder *f)
{
	struct file *files;
	size_t n = list_files(f->path, &files), i = 0, k = 0;

	while (i < f->n || k < n) {
		int which = i == f->n ? 1 : k == n ? -1 : strcmp(f->files[i].name, files[k].name);
		const struct file *was = which <= 0 ? &f->files[i++] : NULL;
		const struct file *is = which >= 0 ? &files[k++] : NULL;
		if (is && is->is_folder && !(was && was->inode == is->inode))
			folder_came(t, f, is->name);
		else if (!is && was)
			tell(t, f->path, was->name);
		else if (is && !is->is_folder && !(was && same(was, is)))
			tell(t, f->path, is->name);
	}
	forget_files(f->files, f->n);
	f->files = files;
	f->n = n;
}

bool watch_read(struct watch *w, watch_fn *each, void *arg)
{
	struct telling t = {.w = w, .each = each, .arg = arg};

	if (w->fd >= 0)
		read_kernel(&t);
	for (struct folder *f = w->by_time ? w->all : NULL; f; f = f->next)
		if (f->by_time)
			compare(&t, f);
	return t.told;
}
