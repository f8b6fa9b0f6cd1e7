/* The steps of a schema: told by code, or read from the files of a folder. */
#include "sqlite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16 << 20 };

void steps_init(struct steps *l)
{
	l->first = NULL;
	l->last = &l->first;
}

static void step_free(struct step *st)
{
	free(st->owner);
	free(st->name);
	free(st->sql);
	free(st->file);
	free(st);
}

void steps_free(struct steps *l)
{
	for (struct step *st = l->first, *next; st; st = next) {
		next = st->next;
		step_free(st);
	}
	steps_init(l);
}

bool steps_add(struct steps *l, const char *owner, const char *name, const char *sql,
	       const char *file)
{
	struct step *st = calloc(1, sizeof *st);

	if (!st)
		return false;
	st->owner = strdup(owner);
	st->name = strdup(name);
	st->sql = strdup(sql);
	st->file = file ? strdup(file) : NULL;
	if (!st->owner || !st->name || !st->sql || (file && !st->file)) {
		step_free(st);
		return false;
	}
	*l->last = st;
	l->last = &st->next;
	return true;
}

/* --- files ----------------------------------------------------------------------- */

static bool say(char *why, size_t cap, const char *file, const char *what)
{
	snprintf(why, cap, "%s: %s", file, what);
	return false;
}

/* Up to size bytes, with a NUL behind; the number read, or -1. */
static ssize_t read_all(int fd, char *out, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, out + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		n += (size_t)got;
	}
	out[n] = '\0';
	return (ssize_t)n;
}

static bool read_text(int fd, const char *path, char **out, char *why, size_t cap)
{
	struct stat st;

	if (fstat(fd, &st))
		return say(why, cap, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return say(why, cap, path, "is no regular file");
	if (st.st_size > FILE_MAX)
		return say(why, cap, path, "is larger than 16 MiB");
	char *text = malloc((size_t)st.st_size + 1);
	if (!text)
		return say(why, cap, path, "out of memory");
	ssize_t n = read_all(fd, text, (size_t)st.st_size);
	if (n >= 0 && strlen(text) == (size_t)n) {
		*out = text;
		return true;
	}
	say(why, cap, path, n < 0 ? strerror(errno) : "has a NUL byte: expected SQL");
	free(text);
	return false;
}

static bool add_file(struct steps *l, const char *folder, const char *name, char *why,
		     size_t cap)
{
	char *path, *text = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return say(why, cap, name, "out of memory");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok = fd >= 0 ? read_text(fd, path, &text, why, cap)
			  : say(why, cap, path, strerror(errno));
	if (ok && !steps_add(l, "app", name, text, path))
		ok = say(why, cap, path, "out of memory");
	if (fd >= 0)
		close(fd);
	free(text);
	free(path);
	return ok;
}

static bool wanted(const char *name)
{
	size_t n = strlen(name);
	return name[0] != '.' && n > 4 && !strcmp(name + n - 4, ".sql");
}

bool steps_read(struct steps *l, const char *folder, char *why, size_t cap)
{
	DIR *d = opendir(folder);
	bool ok = true;

	if (!d) {
		snprintf(why, cap, "option schema = \"%s\": expected a folder: %s",
			 folder, strerror(errno));
		return false;
	}
	for (struct dirent *e; ok && (e = readdir(d));)
		if (wanted(e->d_name))
			ok = add_file(l, folder, e->d_name, why, cap);
	closedir(d);
	return ok;
}
