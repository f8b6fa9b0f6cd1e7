/* A hash is made when it is first asked for, and kept with the version of the file that it
 * is of. Each question looks whether the file still has that version: a system call, and
 * then a page never names what has been replaced. Entries stay, so they are as many as
 * there are files that were ever asked for; a name that no file has makes none.
 *
 * One thread reads a file, and others who ask for it wait: so many requests at once cost no
 * more than one. What is on the wire can make it read files of PRINT_MAX bytes; larger ones
 * are read for pages, which name them. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "assets.h"

enum {
	ROWS = 64,
	PIECE = 65536,
	TICK_NS = 20000000 /* what is changed twice within a tick has the same time: two of 100 Hz */
};

struct known {
	struct known *next;
	struct print print; /* number 0: of no file yet */
	bool busy;  /* a thread reads the file */
	bool named; /* by a page: it may have any size */
	char name[];
};

void prints_init(struct prints *p, const char *folder)
{
	*p = (struct prints){.folder = folder};
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->over, NULL);
}

void prints_fini(struct prints *p)
{
	for (size_t i = 0; i < p->nrows; i++)
		for (struct known *k = p->rows[i], *next; k; k = next) {
			next = k->next;
			free(k);
		}
	free(p->rows);
	pthread_cond_destroy(&p->over);
	pthread_mutex_destroy(&p->lock);
}

/* --- the table, with the lock held ------------------------------------------------------ */

static size_t row_of(const char *name, size_t nrows)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return (size_t)h & (nrows - 1);
}

static struct known *lookup(const struct prints *p, const char *name)
{
	struct known *k = p->nrows ? p->rows[row_of(name, p->nrows)] : NULL;

	while (k && strcmp(k->name, name) != 0)
		k = k->next;
	return k;
}

static bool grow(struct prints *p)
{
	size_t nrows = p->nrows ? p->nrows * 2 : ROWS;
	struct known **rows = calloc(nrows, sizeof *rows);

	if (!rows)
		return false;
	for (size_t i = 0; i < p->nrows; i++)
		for (struct known *k = p->rows[i], *next; k; k = next) {
			struct known **row = &rows[row_of(k->name, nrows)];
			next = k->next;
			k->next = *row;
			*row = k;
		}
	free(p->rows);
	p->rows = rows;
	p->nrows = nrows;
	return true;
}

/* The entry of a name, which is made if need be; NULL: out of memory. */
static struct known *entry_of(struct prints *p, const char *name)
{
	struct known *k = lookup(p, name);

	if (k)
		return k;
	k = calloc(1, sizeof *k + strlen(name) + 1);
	if (!k || (p->n == p->nrows && !grow(p))) {
		free(k);
		return NULL;
	}
	strcpy(k->name, name);
	struct known **row = &p->rows[row_of(name, p->nrows)];
	k->next = *row;
	*row = k;
	p->n++;
	return k;
}

/* --- files ------------------------------------------------------------------------------- */

static struct version version_of(const struct stat *st)
{
	return (struct version){st->st_dev, st->st_ino, st->st_size, st->st_mtim, st->st_ctim};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_version(const struct version *a, const struct version *b)
{
	return a->device == b->device && a->number == b->number && a->size == b->size &&
	       same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

/* True if that name still has this version. */
static bool holds(const struct prints *p, const char *name, const struct version *v)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof path, "%s/%s", p->folder, name);

	if (n < 0 || (size_t)n >= sizeof path || stat(path, &st) != 0)
		return false;
	const struct version now = version_of(&st);
	return same_version(&now, v);
}

/* True if the file could still change and look as it does. */
static bool is_young(const struct version *v)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	int64_t seconds = (int64_t)now.tv_sec - v->changed.tv_sec;
	if (seconds < -1 || seconds > 1)
		return false;
	int64_t ns = seconds * 1000000000 + now.tv_nsec - v->changed.tv_nsec;
	return ns > -TICK_NS && ns < TICK_NS;
}

/* From its beginning, wherever it was read to. */
static int hash_file(int fd, unsigned char hash[HASH_LEN])
{
	unsigned char piece[PIECE];
	crypto_hash_sha256_state sha;
	off_t at = 0;
	ssize_t n;

	crypto_hash_sha256_init(&sha);
	while ((n = pread(fd, piece, sizeof piece, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return CRUET_EIO;
		crypto_hash_sha256_update(&sha, piece, (unsigned long long)n);
		at += n;
	}
	crypto_hash_sha256_final(&sha, hash);
	return CRUET_OK;
}

/* *lasts: the file did not change meanwhile, and will be another version if it does. */
static int read_print(int fd, struct print *out, bool *lasts)
{
	struct stat st;
	int err = fstat(fd, &st) ? CRUET_EIO : CRUET_OK;

	if (!err) {
		out->version = version_of(&st);
		*lasts = !is_young(&out->version);
		err = hash_file(fd, out->hash);
	}
	if (!err && fstat(fd, &st) != 0)
		err = CRUET_EIO;
	if (!err) {
		const struct version now = version_of(&st);
		*lasts = *lasts && same_version(&now, &out->version);
	}
	return err;
}

/* --- both ---------------------------------------------------------------------------------- */

/* With the lock held, which it gives back while it reads. */
static int read_as(struct prints *p, struct known *k, int fd, struct print *out)
{
	bool lasts = false;

	k->busy = true;
	pthread_mutex_unlock(&p->lock);
	int err = read_print(fd, out, &lasts);
	int error = errno;
	pthread_mutex_lock(&p->lock);
	if (!err && lasts)
		k->print = *out;
	k->busy = false;
	pthread_cond_broadcast(&p->over);
	errno = error;
	return err;
}

/* named: by a page. */
static int print_of(struct prints *p, const char *name, int fd, bool named, struct print *out)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return CRUET_EIO;
	const struct version v = version_of(&st);
	int err = CRUET_OK;
	pthread_mutex_lock(&p->lock);
	struct known *k = entry_of(p, name);
	if (k)
		k->named |= named;
	while (k && k->busy)
		pthread_cond_wait(&p->over, &p->lock);
	if (!k)
		err = CRUET_ENOMEM;
	else if (same_version(&k->print.version, &v))
		*out = k->print;
	else if (v.size > PRINT_MAX && !k->named)
		err = CRUET_ENOENT;
	else
		err = read_as(p, k, fd, out);
	pthread_mutex_unlock(&p->lock);
	return err;
}

int prints_of(struct prints *p, const char *name, int fd, struct print *out)
{
	return print_of(p, name, fd, false, out);
}

/* CRUET_ENOENT, or what keeps a file from being opened that may well be there. */
static int open_problem(void)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case EXDEV:
	case ELOOP:
	case ENAMETOOLONG:
		return CRUET_ENOENT;
	default:
		return CRUET_EIO;
	}
}

static int open_below(const char *folder, const char *name, int *fd)
{
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	*fd = dir < 0 ? -1 : cruet_open_below(dir, name);
	int err = *fd < 0 ? open_problem() : CRUET_OK, error = errno;
	if (dir >= 0)
		close(dir);
	errno = error;
	return err;
}

static bool is_known(struct prints *p, const char *name, struct print *out)
{
	pthread_mutex_lock(&p->lock);
	const struct known *k = lookup(p, name);
	if (k)
		*out = k->print;
	pthread_mutex_unlock(&p->lock);
	return k && holds(p, name, &out->version);
}

int prints_find(struct prints *p, const char *name, struct print *out)
{
	int fd;

	if (!name_may(name))
		return CRUET_ENOENT;
	if (is_known(p, name, out))
		return CRUET_OK;
	int err = open_below(p->folder, name, &fd);
	if (err)
		return err;
	err = print_of(p, name, fd, true, out);
	int error = errno;
	close(fd);
	errno = error;
	return err;
}
