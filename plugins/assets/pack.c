/* cruet assets build: files are packed once, as small as it goes, and not by each server for
 * each request. cruet_static() sends NAME.br or NAME.gz to those who read it, as long as
 * its time fits that of NAME: so a packed file gets the time of what is in it.
 *
 * Times do not tell what is in a file that was put back, or made by hand. So what is there
 * is unpacked: if it holds what is in NAME it stays, else it is made anew or removed. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "assets.h"

#define TEMPORARY ".cruet-packing" /* hidden, and so neither packed nor listed */

enum { FILE_MAX = 64 << 20, SMALLEST = 128 };

struct sum {
	const struct config *cfg;
	size_t packed, fresh;
	bool failed;
};

static void complain(struct sum *s, const char *path, const char *what)
{
	fprintf(stderr, "cruet assets build: %s: %s\n", path, what);
	s->failed = true;
}

/* Whether a name of len bytes has one of these. */
static bool has_suffix(const char *name, size_t len, const char *const *suffixes)
{
	const char *dot = memrchr(name, '.', len);
	size_t n = dot ? len - (size_t)(dot + 1 - name) : 0;

	for (; n && *suffixes; suffixes++)
		if (strlen(*suffixes) == n && !memcmp(dot + 1, *suffixes, n))
			return true;
	return false;
}

/* The whole file; NULL and errno. */
static uint8_t *read_file(const char *path, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint8_t *p = fd < 0 ? NULL : malloc(size + 1);
	size_t got = 0;
	ssize_t n = 1;

	while (p && got < size && (n = read(fd, p + got, size - got)) > 0)
		got += (size_t)n;
	if (p && got < size) {
		if (!n)
			errno = EAGAIN; /* it became shorter meanwhile */
		free(p);
		p = NULL;
	}
	if (fd >= 0)
		close(fd);
	return p;
}

static bool put(int fd, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* Whole or not at all, also if the machine stops meanwhile, with the mode and the time of
 * the file that it is made of. False and errno. */
static bool write_file(const char *path, const uint8_t *p, size_t len, const struct stat *of)
{
	const struct timespec times[] = {of->st_mtim, of->st_mtim};
	const char *slash = strrchr(path, '/');
	char temporary[PATH_MAX];

	if (snprintf(temporary, sizeof temporary, "%.*s" TEMPORARY,
		     (int)(slash ? slash + 1 - path : 0), path) >= (int)sizeof temporary) {
		errno = ENAMETOOLONG;
		return false;
	}
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	bool ok = put(fd, p, len) && !fchmod(fd, of->st_mode & 0777) && !futimens(fd, times) &&
		  !fsync(fd);
	int error = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		error = errno;
	}
	if (ok && !rename(temporary, path))
		return true;
	if (ok)
		error = errno;
	unlink(temporary);
	errno = error;
	return false;
}

/* A file that is packed, and one of its forms. */
struct job {
	const char *name, *path; /* in the folder, and with it */
	const uint8_t *p;
	const struct stat *st;
	const struct form *form;
	char to[PATH_MAX];
};

static bool has_time_of(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Whether the packed file that is there, whoever made it, holds what is in the file. */
static bool is_right(const struct job *j, const struct stat *there)
{
	size_t n = (size_t)there->st_size;
	uint8_t *packed = there->st_size <= FILE_MAX ? read_file(j->to, n) : NULL;
	bool right = packed && j->form->holds(packed, n, j->p, (size_t)j->st->st_size);

	free(packed);
	return right;
}

/* It gets the time of the file, so that it is sent. */
static void keep(struct sum *s, const struct job *j, const struct stat *there)
{
	const struct timespec times[] = {j->st->st_mtim, j->st->st_mtim};

	if (!has_time_of(there, j->st) &&
	    utimensat(AT_FDCWD, j->to, times, AT_SYMLINK_NOFOLLOW) != 0)
		complain(s, j->to, strerrordesc_np(errno));
}

/* It would be sent for what is not in it. */
static void drop(struct sum *s, const struct job *j)
{
	if (unlink(j->to) != 0)
		complain(s, j->to, strerrordesc_np(errno));
	else
		printf("%s.%s: removed, it held something else\n", j->name, j->form->suffix);
}

static void make(struct sum *s, const struct job *j, bool there)
{
	size_t size = (size_t)j->st->st_size, len = size;
	uint8_t *packed = NULL;

	if (size >= SMALLEST) {
		packed = j->form->pack(j->p, size, &len);
		if (!packed) {
			complain(s, j->path, strerrordesc_np(ENOMEM));
			return;
		}
	}
	if (len >= size) {
		if (there)
			drop(s, j);
	} else if (write_file(j->to, packed, len, j->st)) {
		printf("%s.%s: %zu bytes became %zu\n", j->name, j->form->suffix, size, len);
		s->packed++;
	} else {
		complain(s, j->to, strerrordesc_np(errno));
	}
	free(packed);
}

/* True if it was there already. */
static bool pack_as(struct sum *s, const struct job *j)
{
	struct stat there;
	bool found = lstat(j->to, &there) == 0;

	if (!found && errno != ENOENT) {
		complain(s, j->to, strerrordesc_np(errno));
	} else if (found && !S_ISREG(there.st_mode)) {
		complain(s, j->to, "expected a file");
	} else if (found && is_right(j, &there)) {
		keep(s, j, &there);
		return true;
	} else {
		make(s, j, found);
	}
	return false;
}

static void pack_file(struct sum *s, const char *name, const char *path, const struct stat *st)
{
	struct job j = {.name = name, .path = path, .st = st};
	bool fresh = true;

	if (!has_suffix(name, strlen(name), s->cfg->pack) || !st->st_size)
		return;
	if (st->st_size > FILE_MAX || strlen(path) + 4 > sizeof j.to) {
		complain(s, path, st->st_size > FILE_MAX ? "more than 64 MiB" : "too long a name");
		return;
	}
	uint8_t *p = read_file(path, (size_t)st->st_size);
	if (!p) {
		complain(s, path, strerrordesc_np(errno));
		return;
	}
	j.p = p;
	for (j.form = forms; j.form->suffix; j.form++) {
		snprintf(j.to, sizeof j.to, "%s.%s", path, j.form->suffix);
		fresh &= pack_as(s, &j);
	}
	s->fresh += fresh;
	free(p);
}

/* Packed files of files that are gone are still served by their own name. They may be
 * somebody's: so they are named, and stay. */
static void tell_left_over(const struct sum *s, const char *name, const char *path)
{
	size_t len = strlen(name);
	char of[PATH_MAX];
	struct stat st;

	for (const struct form *f = forms; f->suffix; f++) {
		size_t n = strlen(f->suffix) + 1;
		if (len <= n || name[len - n] != '.' || strcmp(name + len - n + 1, f->suffix) != 0 ||
		    !has_suffix(name, len - n, s->cfg->pack))
			continue;
		snprintf(of, sizeof of, "%.*s", (int)(strlen(path) - n), path);
		if (lstat(of, &st) != 0 && errno == ENOENT)
			printf("%s: left alone, though there is no %.*s\n", name, (int)(len - n),
			       name);
	}
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void visit(struct sum *s, FTS *fts, FTSENT *e, size_t top)
{
	bool hidden = e->fts_level > 0 && *e->fts_name == '.';

	if (hidden && !strcmp(e->fts_name, TEMPORARY) && e->fts_info == FTS_F)
		unlink(e->fts_path); /* of a build that was stopped */
	else if (hidden)
		fts_set(fts, e, FTS_SKIP);
	else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
		complain(s, e->fts_path, strerrordesc_np(e->fts_errno));
	else if (e->fts_info == FTS_F) {
		pack_file(s, e->fts_path + top, e->fts_path, e->fts_statp);
		tell_left_over(s, e->fts_path + top, e->fts_path);
	}
}

static void pack_all(struct sum *s, char *folder)
{
	char *const roots[] = {folder, NULL};
	const size_t top = strlen(folder) + 1;
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);

	for (FTSENT *e; fts && (e = fts_read(fts));)
		visit(s, fts, e, top);
	if (fts)
		fts_close(fts);
	else
		complain(s, folder, strerrordesc_np(errno));
}

/* Two at once would write to one file. Closed with the descriptor; -1: it was told. */
static int lock_folder(struct sum *s, const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	complain(s, folder, fd >= 0 && errno == EWOULDBLOCK ? "another build is at work here"
							    : strerrordesc_np(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int pack_folder(const struct config *cfg)
{
	struct sum s = {.cfg = cfg};
	char folder[PATH_MAX];
	size_t n = strlen(cfg->folder);

	while (n > 1 && cfg->folder[n - 1] == '/')
		n--;
	snprintf(folder, sizeof folder, "%.*s", (int)n, cfg->folder);
	int lock = lock_folder(&s, folder);
	if (lock < 0)
		return 1;
	pack_all(&s, folder);
	close(lock);
	printf("%zu files written, %zu were packed already\n", s.packed, s.fresh);
	return s.failed;
}
