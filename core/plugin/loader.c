#include "plugin/loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"

enum { FILE_MAX = 256 << 20 };

struct image {
	char *bytes;
	size_t len;
};

static int refuse(struct arena *a, const char **why, const char *path, const char *text)
{
	*why = arena_printf(a, "%s %s", path, text);
	return CRUET_EINVAL;
}

/* Neither others nor the group may be able to change what we are about to run. */
static int check_owner(const struct stat *st, const char *path, const char *what,
		       struct arena *a, const char **why)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return refuse(a, why, path,
			      arena_printf(a, "%sbelongs to user %u: expected root or user %u", what,
					   st->st_uid, geteuid()));
	/* A sticky folder, such as /tmp, keeps others' hands off our files. */
	if (st->st_mode & 022 && !(S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX))
		return refuse(a, why, path,
			      arena_printf(a, "%sis writable by others (mode %04o): chmod go-w", what,
					   st->st_mode & 07777));
	return CRUET_OK;
}

static int check_folder(const char *path, struct arena *a, const char **why)
{
	const char *slash = strrchr(path, '/');
	const char *folder = !slash	     ? "."
			     : slash == path ? "/"
					     : arena_strndup(a, path, (size_t)(slash - path));
	struct stat st;

	if (!folder || stat(folder, &st) != 0)
		return refuse(a, why, path, arena_printf(a, "cannot be reached: %s", strerror(errno)));
	return check_owner(&st, path, "lies in a folder that ", a, why);
}

static const char *kind_of(mode_t m)
{
	if (S_ISDIR(m))
		return "is a folder: expected a regular file";
	if (S_ISFIFO(m))
		return "is a FIFO: expected a regular file";
	return "is no regular file";
}

static int read_all(int fd, size_t len, struct image *out)
{
	out->bytes = malloc(len ? len : 1);
	out->len = 0;
	if (!out->bytes)
		return CRUET_ENOMEM;
	while (out->len < len) {
		ssize_t n = read(fd, out->bytes + out->len, len - out->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		out->len += (size_t)n;
	}
	return CRUET_OK;
}

static int read_file(const char *path, struct arena *a, struct image *out, const char **why)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ELOOP)
		return refuse(a, why, path, "is a symbolic link: name the file itself");
	if (fd < 0)
		return refuse(a, why, path, arena_printf(a, "cannot be read: %s", strerror(errno)));
	int err = CRUET_OK;
	if (fstat(fd, &st) != 0)
		err = refuse(a, why, path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = refuse(a, why, path, kind_of(st.st_mode));
	else if (st.st_size > FILE_MAX)
		err = refuse(a, why, path, "is larger than 256 MiB");
	if (!err)
		err = check_owner(&st, path, "", a, why);
	if (!err)
		err = check_folder(path, a, why);
	if (!err && read_all(fd, (size_t)st.st_size, out))
		err = refuse(a, why, path, "cannot be read: out of memory");
	close(fd);
	return err;
}

/* "/a/b/visits.so" is "visits". */
static char *base_name(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t n = strlen(base);
	if (n > 3 && !strcmp(base + n - 3, ".so"))
		n -= 3;
	return arena_strndup(a, base, n);
}

static int check_image(const char *path, bool app_too, const struct image *img,
		       struct arena *a, struct facts *out, const char **why)
{
	const char *text = NULL;
	int err = app_too ? facts_read(img->bytes, img->len, "app", a, out, &text)
			  : facts_read(img->bytes, img->len, base_name(path, a), a, out, &text);
	return err ? refuse(a, why, path, text) : CRUET_OK;
}

int loader_check(const char *path, bool app_too, struct arena *a, struct facts *out,
		 const char **why)
{
	struct image img = {NULL, 0};
	int err = read_file(path, a, &img, why);
	if (!err)
		err = check_image(path, app_too, &img, a, out, why);
	free(img.bytes);
	return err;
}

/* --- opening ------------------------------------------------------------------------------- */

static bool usable(const char *dir)
{
	struct statvfs fs;
	return dir && *dir == '/' && access(dir, W_OK) == 0 && statvfs(dir, &fs) == 0 &&
	       !(fs.f_flag & ST_NOEXEC);
}

char *loader_folder(struct arena *a, const char **why)
{
	const char *places[] = {secure_getenv("XDG_RUNTIME_DIR"), secure_getenv("TMPDIR"), "/tmp",
				"/var/tmp"};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *path = NULL;
		if (!usable(places[i]))
			continue;
		if (asprintf(&path, "%s/cruet-XXXXXX", places[i]) >= 0 && mkdtemp(path))
			return path;
		free(path);
	}
	*why = arena_strdup(a, "no place for private copies of plugins: set XDG_RUNTIME_DIR to a "
			       "folder that is writable and not mounted noexec");
	return NULL;
}

static int write_copy(const char *path, const struct image *img)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0500);
	size_t done = 0;

	if (fd < 0)
		return CRUET_EIO;
	while (done < img->len) {
		ssize_t n = write(fd, img->bytes + done, img->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return close(fd) == 0 && done == img->len ? CRUET_OK : CRUET_EIO;
}

/* dlerror() begins with the private path, which says nothing to anybody. */
static const char *dl_reason(const char *copy)
{
	const char *text = dlerror();
	size_t n = strlen(copy);
	if (!text)
		return "dlopen failed";
	return !strncmp(text, copy, n) ? text + n + strspn(text + n, ": ") : text;
}

static bool same_descriptor(const cruet_plugin *live, const cruet_plugin *read)
{
	return live->abi == read->abi && live->core == cruet_core_id &&
	       !strcmp(live->name, read->name);
}

int loader_open(const char *path, bool app_too, const char *folder, unsigned serial,
		struct arena *a, struct loaded *out, const char **why)
{
	struct image img = {NULL, 0};
	struct facts facts;

	memset(out, 0, sizeof *out);
	int err = read_file(path, a, &img, why);
	if (!err)
		err = check_image(path, app_too, &img, a, &facts, why);
	if (err)
		goto done;
	if (asprintf(&out->copy, "%s/%u-%s.so", folder, serial, facts.plugin->name) < 0) {
		out->copy = NULL;
		err = refuse(a, why, path, "cannot be copied: out of memory");
		goto done;
	}
	if (write_copy(out->copy, &img)) {
		err = refuse(a, why, path, arena_printf(a, "cannot be copied to %s: %s", folder,
							strerror(errno)));
		goto remove;
	}
	out->handle = dlopen(out->copy, RTLD_NOW | RTLD_LOCAL);
	if (!out->handle) {
		err = refuse(a, why, path, arena_printf(a, "cannot be loaded: %s", dl_reason(out->copy)));
		goto remove;
	}
	out->plugin = dlsym(out->handle, facts.symbol);
	out->unique_symbols = facts.unique_symbols;
	out->uses_origin = facts.uses_origin;
	if (!out->plugin || !same_descriptor(out->plugin, facts.plugin)) {
		err = refuse(a, why, path, "says something else in memory than in its file");
		dlclose(out->handle);
		goto remove;
	}
	goto done;
remove:
	unlink(out->copy);
	free(out->copy);
	out->copy = NULL;
done:
	free(img.bytes);
	return err;
}

bool loader_close(struct loaded *l)
{
	bool gone = true;

	if (l->handle && l->plugin->flags & CRUET_UNLOADABLE) {
		dlclose(l->handle);
		void *still = dlopen(l->copy, RTLD_NOW | RTLD_NOLOAD);
		gone = !still;
		if (still)
			dlclose(still);
	}
	if (l->copy)
		unlink(l->copy);
	free(l->copy);
	l->copy = NULL;
	l->handle = NULL;
	return gone;
}
