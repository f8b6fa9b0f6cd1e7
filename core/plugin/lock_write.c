/* Beside the old file, under a name that nobody has, and then moved over it: who reads
 * sees the one or the other. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/write.h"
#include "cruet/error.h"
#include "http/json_read.h"
#include "plugin/facts.h"
#include "plugin/lock.h"

/* --- entries ---------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *const *sorted(const char *const *list, struct arena *a)
{
	size_t n = 0;

	while (list[n])
		n++;
	const char **out = arena_array(a, n + 1, sizeof *out);
	if (out) {
		memcpy(out, list, n * sizeof *out);
		qsort(out, n, sizeof *out, by_text);
	}
	return out;
}

bool lock_entry_of(const struct facts *f, struct arena *a, struct lock_entry *out)
{
	*out = (struct lock_entry){.name = f->plugin->name,
				   .version = f->plugin->version,
				   .sha256 = arena_strdup(a, f->sha256),
				   .abi = f->plugin->abi,
				   .libraries = sorted(f->libraries, a),
				   .imports = sorted(f->imports, a)};
	return out->sha256 && out->libraries && out->imports;
}

/* --- as text ---------------------------------------------------------------------- */

static void write_list(struct buf *b, const char *key, const char *const *list)
{
	buf_printf(b, ",\n      \"%s\": [", key);
	for (size_t i = 0; list[i]; i++) {
		buf_str(b, i ? ",\n        " : "\n        ");
		json_write_text(b, list[i]);
	}
	buf_str(b, *list ? "\n      ]" : "]");
}

static void write_entry(struct buf *b, const struct lock_entry *e)
{
	buf_printf(b, "\n    \"%s\": {\n", e->name);
	if (e->version) {
		buf_str(b, "      \"version\": ");
		json_write_text(b, e->version);
		buf_str(b, ",\n");
	}
	buf_printf(b, "      \"abi\": %u,\n      \"sha256\": \"%s\"", e->abi, e->sha256);
	if (e->named)
		buf_str(b, ",\n      \"named\": true");
	write_list(b, "libraries", e->libraries);
	write_list(b, "imports", e->imports);
	buf_str(b, "\n    }");
}

static void write_lock(struct buf *b, const struct lock *l)
{
	buf_str(b, "{\n  \"format\": 1,\n  \"plugins\": {");
	for (size_t i = 0; i < l->n; i++) {
		buf_str(b, i ? "," : "");
		write_entry(b, &l->entries[i]);
	}
	buf_str(b, l->n ? "\n  }\n}\n" : "}\n}\n");
}

/* --- as a file -------------------------------------------------------------------- */

/* Who may read the old one may read the new one; who could write it cannot any more. */
static mode_t mode_for(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		return (st.st_mode & 0644) | 0600;
	mode_t mask = umask(0);
	umask(mask);
	return 0644 & ~mask;
}

/* 0, or what errno says. */
static int write_fresh(char *fresh, const char *path, const struct buf *b)
{
	int fd = mkostemp(fresh, O_CLOEXEC);
	int err = fd < 0 ? errno : write_whole(fd, b->p, b->len);

	if (fd < 0)
		return err;
	if (!err && (fchmod(fd, mode_for(path)) != 0 || fsync(fd) != 0))
		err = errno;
	if (close(fd) != 0 && !err)
		err = errno;
	if (!err && rename(fresh, path) != 0)
		err = errno;
	if (err)
		unlink(fresh);
	return err;
}

int lock_write(const char *path, struct lock *l, struct arena *a, const char **why)
{
	char *fresh = arena_printf(a, "%s.XXXXXX", path);
	struct buf b;

	*why = NULL;
	lock_sort(l);
	buf_init(&b, a, 0);
	write_lock(&b, l);
	if (!fresh || buf_err(&b))
		return CRUET_ENOMEM;
	int failed = write_fresh(fresh, path, &b);
	if (!failed)
		return CRUET_OK;
	*why = arena_printf(a, "%s cannot be written: %s", path, strerror(failed));
	return *why ? CRUET_EIO : CRUET_ENOMEM;
}
