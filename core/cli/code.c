#include "cli/code.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/config.h"
#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"

static int refuse(const char **why, const char *text)
{
	*why = text;
	return text ? CRUET_ENOENT : CRUET_ENOMEM;
}

/* Its folder alone is made absolute. */
const char *code_steady(const char *file, struct arena *a)
{
	const char *slash = strrchr(file, '/');
	const char *folder = slash ? arena_strndup(a, file, (size_t)(slash + 1 - file)) : ".";
	char *real = folder ? realpath(folder, NULL) : NULL;
	const char *out = real ? arena_printf(a, "%s/%s", real, slash ? slash + 1 : file) : file;

	free(real);
	return out;
}

static int sources_in(const char *folder, struct arena *a, struct code *out, const char **why)
{
	out->shown = out->folder = folder;
	out->sources = target_sources(folder, a, why);
	return out->sources ? CRUET_OK : CRUET_ENOENT;
}

static int code_of(const struct target *t, const char *file, struct arena *a, struct code *out,
		   const char **why)
{
	struct stat st;

	out->shown = file;
	if (text_ends(file, ".so")) { /* a symbolic link will be refused */
		out->so = strcmp(t->shown, ".") ? code_steady(file, a) : file;
		return out->so ? CRUET_OK : CRUET_ENOMEM;
	}
	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode))
		return sources_in(file, a, out, why);
	const char **list = arena_array(a, 2, sizeof *list);
	if (!list)
		return CRUET_ENOMEM;
	list[0] = file;
	out->sources = list;
	return CRUET_OK;
}

int code_find(const struct target *t, const struct config *cf, struct arena *a,
	      struct code *out, const char **why)
{
	const char *app = config_text(cf, "app"), *origin = config_origin(cf, "app");
	struct stat st;

	*why = NULL;
	*out = (struct code){.so = NULL};
	if (t->file)
		return code_of(t, t->file, a, out, why);
	if (!app)
		return sources_in(t->shown, a, out, why);
	const char *path = target_path(t->shown, app, a);
	if (!path)
		return CRUET_ENOMEM;
	if (stat(path, &st) != 0)
		return refuse(why, arena_printf(a, "%s: app = \"%s\": %s: %s", origin, app, path,
						strerror(errno)));
	if (!S_ISDIR(st.st_mode) && !text_ends(path, ".c") && !text_ends(path, ".so"))
		return refuse(why, arena_printf(a,
						"%s: app = \"%s\": expected a .c file, a .so file or "
						"a folder",
						origin, app));
	return code_of(t, path, a, out, why);
}
