/* A hash is made when it is first asked for, and kept with the version of the file that it
 * is of. Each question looks whether the file still has that version: a system call, and
 * then a page never names what has been replaced. Entries stay, so they are as many as
 * there are files that were ever asked for; a name that no file has makes none. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assets.h"

enum { ROWS = 64, PIECE = 65536 };

struct known {
	struct known *next;
	struct print print;
	char name[];
};

void prints_init(struct prints *p, const char *folder)
{
	*p = (struct prints){.folder = folder};
	pthread_mutex_init(&p->lock, NULL);
}

void prints_fini(struct prints *p)
{
	for (size_t i = 0; i < p->nrows; i++)
		for (struct known *k = p->rows[i], *next; k; k = next) {
			next = k->next;
			free(k);
		}
	free(p->rows);
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

static int keep(struct prints *p, const char *name, const struct print *print)
{
	struct known *k = lookup(p, name);

	if (k) {
		k->print = *print;
		return CRUET_OK;
	}
	k = malloc(sizeof *k + strlen(name) + 1);
	if (!k || (p->n == p->nrows && !grow(p))) {
		free(k);
		return CRUET_ENOMEM;
	}
	strcpy(k->name, name);
	k->print = *print;
	struct known **row = &p->rows[row_of(name, p->nrows)];
	k->next = *row;
	*row = k;
	p->n++;
	return CRUET_OK;
}

/* --- files ------------------------------------------------------------------------------- */

static struct version version_of(const struct stat *st)
{
	return (struct version){st->st_dev, st->st_ino, st->st_size, st->st_mtim};
}

static bool same_version(const struct version *a, const struct version *b)
{
	return a->device == b->device && a->number == b->number && a->size == b->size &&
	       a->modified.tv_sec == b->modified.tv_sec &&
	       a->modified.tv_nsec == b->modified.tv_nsec;
}

bool prints_holds(const struct prints *p, const char *name, const struct version *v)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof path, "%s/%s", p->folder, name);

	if (n < 0 || (size_t)n >= sizeof path || stat(path, &st) != 0)
		return false;
	const struct version now = version_of(&st);
	return same_version(&now, v);
}

static int hash_file(int fd, unsigned char hash[HASH_LEN])
{
	unsigned char piece[PIECE];
	crypto_hash_sha256_state sha;
	ssize_t n;

	crypto_hash_sha256_init(&sha);
	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return CRUET_EIO;
		crypto_hash_sha256_update(&sha, piece, (unsigned long long)n);
	}
	crypto_hash_sha256_final(&sha, hash);
	return CRUET_OK;
}

static int read_print(const struct prints *p, const char *name, struct print *out)
{
	int folder = open(p->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = folder < 0 ? -1 : cruet_open_below(folder, name);
	int err = fd < 0 ? CRUET_ENOENT : CRUET_OK;
	struct stat st;

	if (!err && fstat(fd, &st) != 0)
		err = CRUET_EIO;
	if (!err) {
		out->version = version_of(&st);
		err = hash_file(fd, out->hash);
	}
	if (fd >= 0)
		close(fd);
	if (folder >= 0)
		close(folder);
	return err;
}

int prints_find(struct prints *p, const char *name, struct print *out)
{
	if (strlen(name) >= NAME_ROOM)
		return CRUET_ENOENT;
	pthread_mutex_lock(&p->lock);
	const struct known *k = lookup(p, name);
	if (k)
		*out = k->print;
	pthread_mutex_unlock(&p->lock);
	if (k && prints_holds(p, name, &out->version))
		return CRUET_OK;
	int err = read_print(p, name, out);
	if (err)
		return err;
	pthread_mutex_lock(&p->lock);
	err = keep(p, name, out);
	pthread_mutex_unlock(&p->lock);
	return err;
}
