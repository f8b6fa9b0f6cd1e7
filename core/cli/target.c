#include "cli/target.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"

enum { SOURCES_MAX = 256 };

static int refuse(const char **why, const char *text)
{
	*why = text ? text : "out of memory";
	return CRUET_EINVAL;
}

static char *absolute(const char *path, struct arena *a)
{
	char *real = realpath(path, NULL);
	char *out = arena_strdup(a, real);
	free(real);
	return out;
}

static char *folder_of(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return arena_strdup(a, ".");
	return arena_strndup(a, path, slash == path ? 1 : (size_t)(slash - path));
}

/* "/srv/site.c" is "site". */
static char *stem(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	return arena_strndup(a, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *target_path(const char *folder, const char *file, struct arena *a)
{
	return *file == '/' || !strcmp(folder, ".") ? arena_strdup(a, file)
						    : arena_printf(a, "%s/%s", folder, file);
}

/* Makes this folder the one where relative paths start, if it has a cruet.json or
 * need not have one. */
static bool take_folder(const char *folder, bool must, struct arena *a, struct target *out)
{
	bool here = !strcmp(folder, ".");
	const char *path = absolute(folder, a);
	const char *config = path ? target_path(here ? folder : path, "cruet.json", a) : NULL;

	if (!config || (must && access(config, F_OK) != 0))
		return false;
	out->shown = folder;
	out->folder = path;
	out->config = access(config, F_OK) == 0 ? config : NULL;
	return true;
}

static int cannot_read(const char *path, struct arena *a, const char **why)
{
	return refuse(why, arena_printf(a, "%s cannot be read: %s", path, strerror(errno)));
}

static int find_folder(const char *arg, struct arena *a, struct target *out, const char **why)
{
	if (!take_folder(arg, false, a, out))
		return cannot_read(arg, a, why);
	out->name = stem(out->folder, a);
	return out->name ? CRUET_OK : refuse(why, NULL);
}

static int find_file(const char *arg, struct arena *a, struct target *out, const char **why)
{
	const char *beside = folder_of(arg, a);

	if (access(arg, R_OK) != 0)
		return cannot_read(arg, a, why);
	if (!beside || (!take_folder(".", true, a, out) && !take_folder(beside, true, a, out) &&
			!take_folder(".", false, a, out)))
		return cannot_read(".", a, why);
	out->file = arg;
	out->name = stem(arg, a);
	return out->name ? CRUET_OK : refuse(why, NULL);
}

int target_find(const char *arg, const char *config, struct arena *a, struct target *out,
		const char **why)
{
	static const char kinds[] = "expected a .c file, a .so file or a folder";
	int err;

	*out = (struct target){.name = NULL};
	if (!arg || is_folder(arg))
		err = find_folder(arg ? arg : ".", a, out, why);
	else if (text_ends(arg, ".c") || text_ends(arg, ".so"))
		err = find_file(arg, a, out, why);
	else if (access(arg, F_OK) != 0)
		err = refuse(why, arena_printf(a, "%s: %s: %s", arg, strerror(errno), kinds));
	else
		err = refuse(why, arena_printf(a, "%s: %s", arg, kinds));
	if (err || !config)
		return err;
	if (access(config, R_OK) != 0)
		return cannot_read(config, a, why);
	out->shown = folder_of(config, a);
	out->folder = out->shown ? absolute(out->shown, a) : NULL;
	out->config = strchr(config, '/') ? absolute(config, a) : config;
	return out->folder && out->config ? CRUET_OK : refuse(why, NULL);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *target_sources(const char *folder, struct arena *a, const char **why)
{
	const char **list = arena_array(a, SOURCES_MAX + 1, sizeof *list);
	size_t n = 0;
	DIR *d = opendir(folder);

	if (!list || !d) {
		*why = arena_printf(a, "%s cannot be read: %s", folder, strerror(errno));
		goto fail;
	}
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.' || !text_ends(e->d_name, ".c"))
			continue;
		if (n == SOURCES_MAX) {
			*why = arena_printf(a, "%s holds more than %d .c files: build them with a "
					       "tool of yours, and name the .so in \"app\"",
					    folder, SOURCES_MAX);
			goto fail;
		}
		list[n] = target_path(folder, e->d_name, a);
		if (!list[n++]) {
			*why = "out of memory";
			goto fail;
		}
	}
	closedir(d);
	qsort(list, n, sizeof *list, by_text);
	if (n)
		return list;
	*why = arena_printf(a, "%s holds no application: expected .c files, or a cruet.json that "
			       "names one in \"app\"",
			    folder);
	return NULL;
fail:
	if (d)
		closedir(d);
	return NULL;
}
