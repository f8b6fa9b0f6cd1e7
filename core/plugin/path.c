/* The plugin path: from a name to a file. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/text.h"
#include "plugin/descriptor.h"
#include "plugin/registry.h"

enum { FOLDERS_MAX = 64, NAMES_MAX = 512 };

struct folders {
	const char *list[FOLDERS_MAX + 1]; /* ends with NULL */
	size_t n;
	bool no_memory;
};

static void add_folder(struct folders *f, const char *folder)
{
	f->no_memory |= !folder;
	if (folder && f->n < FOLDERS_MAX)
		f->list[f->n++] = folder;
}

/* Those of the configuration start at its file; others must be absolute. NULL: out
 * of memory. */
static const char *const *folders(struct host *h, struct arena *a)
{
	struct folders *f = arena_zalloc(a, sizeof *f);
	const char *env = secure_getenv("CRUET_PLUGIN_PATH");

	if (!f)
		return NULL;
	for (const char *const *s = h->settings.plugin_path; *s; s++)
		add_folder(f, **s == '/' ? *s
					 : arena_printf(a, "%s/%s", config_folder(h->config), *s));
	while (env && *env) {
		size_t len = strcspn(env, ":");
		if (*env == '/')
			add_folder(f, arena_strndup(a, env, len));
		env += len + (env[len] == ':');
	}
	add_folder(f, CRUET_PLUGIN_DIR);
	return f->no_memory ? NULL : f->list;
}

/* Also a dangling or odd file: the loader says what is wrong with it. */
static bool is_there(const char *path)
{
	return path && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static const char *file_in(const char *folder, const char *name, struct arena *a)
{
	const char *flat = arena_printf(a, "%s/%s.so", folder, name);
	const char *deep = arena_printf(a, "%s/%s/%s.so", folder, name, name);
	return is_there(flat) ? flat : is_there(deep) ? deep : NULL;
}

static const char *not_found(struct host *h, const char *name, const char *const *dirs,
			     struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	buf_printf(&b, "plugin '%s': no %s.so in ", name, name);
	for (size_t i = 0; dirs[i]; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", dirs[i]);
	const char *const *names = registry_names(h, a);
	const char *near = names ? nearest(name, names) : NULL;
	if (near)
		buf_printf(&b, "; did you mean %s?", near);
	return buf_err(&b) ? NULL : b.p;
}

const char *registry_find(struct host *h, const char *name, struct arena *a, const char **why)
{
	if (!plugin_name_valid(name)) {
		*why = arena_printf(a, "plugin '%s': a name begins with a letter and has lower-case "
				       "letters, digits and '_'",
				    name);
		return NULL;
	}
	const char *const *dirs = folders(h, a);
	for (size_t i = 0; dirs && dirs[i]; i++) {
		const char *file = file_in(dirs[i], name, a);
		if (file)
			return file;
	}
	*why = dirs ? not_found(h, name, dirs, a) : NULL;
	return NULL;
}

/* --- all of them ------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool listed(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* The name of the plugin that an entry of a folder is; NULL if it is none. */
static const char *name_of(const char *folder, const char *entry, struct arena *a)
{
	size_t len = strlen(entry);
	bool flat = len > 3 && text_ends(entry, ".so");
	const char *name = arena_strndup(a, entry, flat ? len - 3 : len);

	if (!name || !plugin_name_valid(name))
		return NULL;
	return flat || is_there(arena_printf(a, "%s/%s/%s.so", folder, name, name)) ? name : NULL;
}

const char *const *registry_names(struct host *h, struct arena *a)
{
	const char *const *dirs = folders(h, a);
	const char **names = arena_array(a, NAMES_MAX + 1, sizeof *names);
	size_t n = 0;

	if (!dirs || !names)
		return NULL;
	for (size_t i = 0; dirs[i]; i++) {
		DIR *d = opendir(dirs[i]);
		for (struct dirent *e; d && n < NAMES_MAX && (e = readdir(d));) {
			const char *name = name_of(dirs[i], e->d_name, a);
			if (name && !listed(names, n, name))
				names[n++] = name;
		}
		if (d)
			closedir(d);
	}
	qsort(names, n, sizeof *names, by_text);
	return names;
}
