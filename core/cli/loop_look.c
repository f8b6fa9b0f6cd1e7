/* What the developer's loop looks at, and what it means when that changes. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/text.h"
#include "cli/loop_priv.h"
#include "cruet/error.h"

enum { LISTS_MAX = 64 };

/* --- what is looked at -------------------------------------------------------------------------- */

void look_at(void *loop, const char *folder)
{
	struct loop *l = loop;

	watch_folder(l->watch, folder, false); /* what is one too many is not seen */
}

/* The folder of plugins, and those in it: x.so, or x/x.so. */
static const char *const *plugin_folders(struct loop *l)
{
	const char **out = arena_array(&l->a, LISTS_MAX + 1, sizeof *out);
	struct server_settings s;
	char *why = NULL;
	size_t n = 0;
	int err = out ? config_server(config_of(l), &s, &l->a, &why) : CRUET_ENOMEM;

	free(why); /* who takes it up says it */
	if (err)
		return NULL;
	for (const char *const *path = s.plugin_path; path && *path && n < LISTS_MAX; path++) {
		char *real = realpath(*path, NULL);
		if (real && (out[n] = arena_strdup(&l->a, real)))
			watch_folder(l->watch, out[n++], true);
		free(real);
	}
	return out;
}

static const char *below(struct loop *l, const char *folder, const char *name)
{
	return arena_printf(&l->a, "%s/%s", folder, name);
}

void look_at_config(struct loop *l)
{
	const char *folder = l->target.folder, *path = l->target.config;

	arena_reset(&l->a);
	if (path && *path == '/') {
		const char *slash = strrchr(path, '/');
		folder = arena_strndup(&l->a, path, (size_t)(slash - path) + (slash == path));
	} else if (path) {
		path = below(l, folder, path);
	}
	l->config = path;
	l->dotenv = folder ? below(l, folder, ".env") : NULL;
	if (folder)
		look_at(l, folder);
	l->plugins = plugin_folders(l);
}

/* What a plugin calls a folder is one that it reads; and there are names that everybody uses. */
static size_t usual_folders(struct loop *l, const char **out, size_t n)
{
	static const char *const usual[] = {"templates", "static", NULL};
	struct config_plugin cp;

	for (const char *const *u = usual; *u; u++)
		out[n++] = *u;
	for (size_t i = 0; n < LISTS_MAX && config_plugin_at(config_of(l), i, &cp); i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(cp.options, "folder");
		if (cJSON_IsString(v))
			out[n++] = v->valuestring;
	}
	return n;
}

void look_at_shown(struct loop *l)
{
	const char *found[LISTS_MAX + 1];
	size_t n = usual_folders(l, found, 0), had = n, kept = 0;

	arena_reset(&l->shown_a);
	l->shown = NULL;
	const char *const *told = state_read_folders(l->folder, &l->shown_a);
	for (; told && *told && n < LISTS_MAX; told++)
		found[n++] = *told;
	const char **list = arena_array(&l->shown_a, n + 1, sizeof *list);
	for (size_t i = 0; list && i < n; i++) {
		const char *copy = i < had && *found[i] != '/' /* it may be there later */
					   ? arena_printf(&l->shown_a, "%s/%s", l->target.folder, found[i])
					   : arena_strdup(&l->shown_a, found[i]);
		if (!copy)
			continue;
		list[kept++] = copy;
		watch_folder(l->watch, copy, true);
	}
	l->shown = list;
}

/* --- what a change means ---------------------------------------------------------------------------- */

static bool lies_in(const char *path, const char *folder, bool directly)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && path[n] == '/' &&
	       (!directly || !strchr(path + n + 1, '/'));
}

/* What editors leave beside a file for a while. */
static bool is_of_editor(const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return *name == '.' || *name == '#' || text_ends(name, "~") || !strcmp(name, "4913");
}

static bool is_in(const char *path, const char *const *folders)
{
	for (; folders && *folders; folders++)
		if (lies_in(path, *folders, false))
			return true;
	return false;
}

static unsigned meaning(struct loop *l, const char *path)
{
	unsigned m = build_note(l->build, path) ? CODE : 0;

	if (l->source_folder && lies_in(path, l->source_folder, true) && text_ends(path, ".c") &&
	    !is_of_editor(path))
		m |= CODE;
	if ((l->config && !strcmp(path, l->config)) || (l->dotenv && !strcmp(path, l->dotenv)))
		m |= CONFIG;
	if (text_ends(path, ".so") && (is_in(path, l->plugins) || (l->app && !strcmp(path, l->app))))
		m |= PLUGIN;
	if (is_in(path, l->shown) && !is_of_editor(path))
		m |= SHOWN;
	return m;
}

static void note(void *arg, const char *path)
{
	struct loop *l = arg;
	unsigned m = 0;

	if (path && lies_in(path, l->folder, true)) {
		if (strstr(path, "/" STATE_FOLDERS))
			look_at_shown(l);
		l->asked |= text_ends(path, "/" STATE_ASKED);
		return;
	}
	if (path)
		m = meaning(l, path);
	else if (build_note(l->build, NULL))
		m = CODE | CONFIG | PLUGIN | SHOWN;
	if (m && !l->changed)
		l->seen_us = date_monotonic_us();
	l->changed |= m;
	l->events += m != 0;
}

void look(struct loop *l)
{
	uint64_t n;

	watch_read(l->watch, note, l);
	l->ends |= read(l->end, &n, sizeof n) > 0;
}
