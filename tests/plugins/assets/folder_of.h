/* A folder of static files, and an application that serves it. */
#ifndef TESTS_ASSETS_FOLDER_OF_H
#define TESTS_ASSETS_FOLDER_OF_H

#include "../edge.h"

#include <fcntl.h>
#include <sys/stat.h>

extern const cruet_plugin cruet_plugin_assets;

static char folder[FOLDER_MAX], options[FOLDER_MAX + 64], path_[FOLDER_MAX + 600];
static cruet_app *app;
static cruet_client *t;

static inline const char *path_of(const char *name)
{
	snprintf(path_, sizeof path_, "%s/%s", folder, name);
	return path_;
}

/* As an editor does it: the file has another number each time. */
static inline void put(const char *name, const void *p, size_t len)
{
	char beside[FOLDER_MAX + 16];

	snprintf(beside, sizeof beside, "%s/.new", folder);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, len), (ssize_t)len);
	close(fd);
	ck_assert_int_eq(rename(beside, path_of(name)), 0);
}

static inline void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

/* A file with the time of another one, as packed ones have it. */
static inline void put_packed(const char *name, const char *text, const char *of)
{
	struct stat st;

	put_text(name, text);
	ck_assert_int_eq(stat(path_of(of), &st), 0);
	const struct timespec times[] = {st.st_mtim, st.st_mtim};
	ck_assert_int_eq(utimensat(AT_FDCWD, path_of(name), times, 0), 0);
}

static inline void make_folder(void)
{
	ck_assert(folder_make(folder));
	snprintf(options, sizeof options, "folder=%s", folder);
	ck_assert_int_eq(mkdir(path_of("css"), 0755), 0);
	put_text("css/site.css", "body{}");
}

static inline void end(void)
{
	done(app, t);
	ck_assert(folder_remove(folder));
}

#endif
