#include "cli/skeleton.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/write.h"
#include "cruet/error.h"

/* Text with by in place of a word; NULL: out of memory. */
static const char *replaced(const char *text, const char *word, const char *by, struct arena *a)
{
	size_t n = strlen(word);
	struct buf b;

	buf_init(&b, a, 0);
	for (const char *at; (at = strstr(text, word)); text = at + n) {
		buf_put(&b, text, (size_t)(at - text));
		buf_str(&b, by);
	}
	buf_str(&b, text);
	return buf_err(&b) ? NULL : b.p;
}

static const char *filled(const struct skeleton *k, const char *name, const char *text,
			  struct arena *a)
{
	text = replaced(text, k->word, name, a);
	return text && k->also.word ? replaced(text, k->also.word, k->also.text, a) : text;
}

/* 32 random bytes, as hex; NULL: there are none, or no memory. */
static const char *fresh_key(struct arena *a)
{
	unsigned char bytes[32];
	struct buf b;

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return NULL;
	buf_init(&b, a, 0);
	for (size_t i = 0; i < sizeof bytes; i++)
		buf_printf(&b, "%02x", bytes[i]);
	return buf_err(&b) ? NULL : b.p;
}

static const char *text_of(const struct skeleton *k, const char *name, const char *text,
			   struct arena *a)
{
	if (k->key && strstr(text, k->key)) {
		const char *key = fresh_key(a);
		text = key ? replaced(text, k->key, key, a) : NULL;
	}
	return text ? filled(k, name, text, a) : NULL;
}

/* What follows "part/" in a path; NULL if it lies elsewhere. */
static const char *inside(const struct skeleton_file *f, const char *part)
{
	size_t n = strlen(part);

	return !strncmp(f->path, part, n) && f->path[n] == '/' ? f->path + n + 1 : NULL;
}

/* The i-th file, and its path in the folder; NULL after the last. */
static const struct skeleton_file *file_at(const struct skeleton *k, size_t i,
					   const char **path)
{
	for (const char *const *part = k->parts; *part; part++)
		for (const struct skeleton_file *f = skeleton_files; f->path; f++) {
			*path = inside(f, *part);
			if (*path && !i--)
				return f;
		}
	return NULL;
}

bool skeleton_file_at(const struct skeleton *k, const char *name, size_t i, struct arena *a,
		      const char **path, const char **text)
{
	const struct skeleton_file *f = file_at(k, i, path);

	if (!f)
		return false;
	*path = filled(k, name, *path, a);
	*text = *path ? text_of(k, name, f->text, a) : NULL;
	if (!*text)
		*path = NULL;
	return true;
}

const char *skeleton_path(const struct skeleton *k, const char *name, size_t i,
			  struct arena *a)
{
	const char *path;

	if (!file_at(k, i, &path))
		return NULL;
	path = filled(k, name, path, a);
	return path ? arena_printf(a, "%s/%s", name, path) : NULL;
}

static int failed(struct arena *a, const char *path, const char **why)
{
	*why = arena_printf(a, "%s cannot be written: %s", path, strerror(errno));
	return CRUET_EIO;
}

/* Makes the folders between the first one and the file. */
static int make_folders(const char *path, struct arena *a, const char **why)
{
	for (const char *slash = strchr(path, '/'); (slash = strchr(slash + 1, '/'));) {
		const char *folder = arena_strndup(a, path, (size_t)(slash - path));
		if (!folder)
			return CRUET_ENOMEM;
		if (mkdir(folder, 0755) != 0 && errno != EEXIST)
			return failed(a, folder, why);
	}
	return CRUET_OK;
}

static int write_file(const char *path, const char *text, struct arena *a,
		      const char **why)
{
	mode_t mode = text_ends(path, "/.env") ? 0600 : 0644;
	int err = make_folders(path, a, why);
	int fd = err ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (err)
		return err;
	if (fd < 0)
		return failed(a, path, why);
	errno = write_whole(fd, text, strlen(text));
	if (errno)
		err = failed(a, path, why);
	if (close(fd) != 0 && !err)
		err = failed(a, path, why);
	return err;
}

/* Takes away the first n files and the folders that they left empty. */
static void undo(const struct skeleton *k, const char *name, size_t n, struct arena *a)
{
	while (n--) {
		char *path = (char *)skeleton_path(k, name, n, a);
		if (!path || unlink(path) != 0)
			continue;
		for (char *slash; (slash = strrchr(path, '/'));) {
			*slash = '\0';
			if (rmdir(path) != 0)
				break;
		}
	}
	rmdir(name);
}

int skeleton_make(const struct skeleton *k, const char *name, struct arena *a,
		  const char **why)
{
	const char *path, *text;
	int err = CRUET_OK;

	*why = NULL;
	if (mkdir(name, 0755) != 0) {
		if (errno != EEXIST)
			return failed(a, name, why);
		*why = arena_printf(a, "%s is there already: nothing was written", name);
		return CRUET_EEXIST;
	}
	size_t i = 0;
	for (; !err && skeleton_file_at(k, name, i, a, &path, &text); i++) {
		path = path ? arena_printf(a, "%s/%s", name, path) : NULL;
		err = path ? write_file(path, text, a, why) : CRUET_ENOMEM;
	}
	if (err)
		undo(k, name, i, a);
	return err;
}
