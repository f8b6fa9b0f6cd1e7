/* cruet assets build: files are packed once, as small as it goes, and not by each server for
 * each request. cruet_static() sends NAME.br or NAME.gz to those who read it, as long as it
 * is not older than NAME: so a packed file gets the time of what is in it. */
#include <brotli/encode.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "assets.h"

enum { FILE_MAX = 64 << 20, SMALLEST = 128, WINDOW = 15, GZIP_HEADER = 16, MEMORY = 9 };

/* Packs len bytes into room for fewer; the bytes that it took, 0: they do not fit. */
typedef size_t packer(const uint8_t *p, size_t len, uint8_t *out, size_t room);

static size_t pack_br(const uint8_t *p, size_t len, uint8_t *out, size_t room)
{
	return BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC,
				     len, p, &room, out)
		       ? room
		       : 0;
}

static size_t pack_gzip(const uint8_t *p, size_t len, uint8_t *out, size_t room)
{
	z_stream z = {.next_in = (Bytef *)p,
		      .avail_in = (uInt)len,
		      .next_out = out,
		      .avail_out = (uInt)room};

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW + GZIP_HEADER, MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	size_t got = deflate(&z, Z_FINISH) == Z_STREAM_END ? z.total_out : 0;
	deflateEnd(&z);
	return got;
}

static const struct form {
	const char *suffix;
	packer *pack;
} forms[] = {{"br", pack_br}, {"gz", pack_gzip}};

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

static bool has_suffix(const char *name, const char *const *suffixes)
{
	const char *dot = strrchr(name, '.');

	for (; dot && *suffixes; suffixes++)
		if (!strcmp(dot + 1, *suffixes))
			return true;
	return false;
}

/* The whole file; NULL and errno. */
static uint8_t *read_file(const char *path, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
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

/* Whole or not at all, with the mode and the time of the file that it is made of. */
static bool write_file(const char *path, const uint8_t *p, size_t len, const struct stat *of)
{
	const struct timespec times[] = {of->st_mtim, of->st_mtim};
	char temporary[PATH_MAX];

	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary) {
		errno = ENAMETOOLONG;
		return false;
	}
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	bool ok = true;
	for (size_t put = 0; ok && put < len;) {
		ssize_t n = write(fd, p + put, len - put);
		ok = n > 0;
		put += ok ? (size_t)n : 0;
	}
	ok = ok && !fchmod(fd, of->st_mode & 0777) && !futimens(fd, times);
	int error = errno;
	close(fd);
	if (ok && !rename(temporary, path))
		return true;
	if (ok)
		error = errno;
	unlink(temporary);
	errno = error;
	return false;
}

static bool is_fresh(const char *path, const struct stat *of)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_mtim.tv_sec == of->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == of->st_mtim.tv_nsec;
}

static void pack_as(struct sum *s, const struct form *form, const char *name, const char *path,
		    const uint8_t *p, const struct stat *st)
{
	char to[PATH_MAX];
	size_t size = (size_t)st->st_size;
	uint8_t *packed = malloc(size);
	size_t len = packed ? form->pack(p, size, packed, size - 1) : 0;

	snprintf(to, sizeof to, "%s.%s", path, form->suffix);
	if (!packed) {
		complain(s, path, strerrordesc_np(ENOMEM));
	} else if (!len) {
		unlink(to); /* what is there is older, and would never be sent */
	} else if (write_file(to, packed, len, st)) {
		printf("%s.%s: %lld bytes became %zu\n", name, form->suffix,
		       (long long)st->st_size, len);
		s->packed++;
	} else {
		complain(s, to, strerrordesc_np(errno));
	}
	free(packed);
}

static void pack_file(struct sum *s, const char *name, const char *path, const struct stat *st)
{
	char to[PATH_MAX];
	bool stale = false;

	if (!has_suffix(name, s->cfg->pack) || st->st_size < SMALLEST)
		return;
	if (st->st_size > FILE_MAX || strlen(path) + 4 > sizeof to) {
		complain(s, path, st->st_size > FILE_MAX ? "more than 64 MiB" : "too long a name");
		return;
	}
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		snprintf(to, sizeof to, "%s.%s", path, forms[i].suffix);
		stale |= !is_fresh(to, st);
	}
	if (!stale) {
		s->fresh++;
		return;
	}
	uint8_t *p = read_file(path, (size_t)st->st_size);
	if (!p) {
		complain(s, path, strerrordesc_np(errno));
		return;
	}
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		pack_as(s, &forms[i], name, path, p, st);
	free(p);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int pack_folder(const struct config *cfg)
{
	struct sum s = {.cfg = cfg};
	char *const roots[] = {(char *)cfg->folder, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	const size_t top = strlen(cfg->folder) + 1;

	for (FTSENT *e; fts && (e = fts_read(fts));) {
		bool hidden = e->fts_level > 0 && *e->fts_name == '.';
		if (hidden)
			fts_set(fts, e, FTS_SKIP);
		else if (e->fts_info == FTS_F)
			pack_file(&s, e->fts_path + top, e->fts_path, e->fts_statp);
		else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			complain(&s, e->fts_path, strerrordesc_np(e->fts_errno));
	}
	if (fts)
		fts_close(fts);
	else
		complain(&s, cfg->folder, strerrordesc_np(errno));
	printf("%zu files written, %zu were packed already\n", s.packed, s.fresh);
	return s.failed;
}
