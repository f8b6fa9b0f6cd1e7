#include "plugin/loader.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"
#include "plugin/copies.h"
#include "plugin/descriptor.h"
#include "plugin/trusted.h"

enum { FILE_MAX = 256 << 20 };

static int refuse(struct arena *a, const char **why, const char *path, const char *text)
{
	*why = text ? arena_printf(a, "%s %s", path, text) : NULL;
	return *why ? CRUET_EINVAL : CRUET_ENOMEM;
}

static uint64_t now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* --- the file -------------------------------------------------------------------------- */

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

int loader_read(const char *path, bool app, struct arena *a, struct plugin_file *out,
		const char **why)
{
	const char *name = app ? "app" : base_name(path, a), *text;
	uint64_t from = now_us();

	*out = (struct plugin_file){.path = path};
	*why = NULL;
	int err = name ? trusted_read(path, FILE_MAX, a, &out->bytes, &out->len, why)
		       : CRUET_ENOMEM;
	if (!err) {
		err = facts_read(out->bytes, out->len, name, a, &out->facts, &text);
		if (err && err != CRUET_ENOMEM && refuse(a, why, path, text) == CRUET_ENOMEM)
			err = CRUET_ENOMEM;
	}
	if (err)
		loader_forget(out);
	out->read_us = now_us() - from;
	return err;
}

void loader_forget(struct plugin_file *f)
{
	if (!f)
		return;
	free(f->bytes);
	f->bytes = NULL;
}

int loader_check(const char *path, bool app, struct arena *a, struct facts *out,
		 const char **why)
{
	struct plugin_file f;
	int err = loader_read(path, app, a, &f, why);

	if (!err)
		*out = f.facts;
	loader_forget(&f);
	return err;
}

/* --- its code ---------------------------------------------------------------------------- */

/* A plugin is bound to the core that the dynamic linker finds. In a program that
 * holds the core in itself and hides it that would be a second one. */
static bool core_in_reach(void)
{
	const char *(*here)(void) = cruet_core_id;
	void *found = dlsym(RTLD_DEFAULT, "cruet_core_id");
	return !memcmp(&found, &here, sizeof found);
}

const char *const *loader_missing(const struct facts *f, struct arena *a)
{
	size_t n = 0;

	while (f->imports[n])
		n++;
	const char **list = arena_array(a, n + 1, sizeof *list);
	n = 0;
	for (size_t i = 0; list && f->imports[i]; i++)
		if (text_starts(f->imports[i], "cruet_") && !dlsym(RTLD_DEFAULT, f->imports[i]))
			list[n++] = f->imports[i];
	return list;
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

static const char beside[] = " (it looks for libraries beside its file, $ORIGIN, but runs from a "
			     "private copy)";

static int open_copy(const struct plugin_file *f, struct loaded *out, struct arena *a,
		     const char **why)
{
	out->handle = dlopen(out->copy, RTLD_NOW | RTLD_LOCAL);
	if (!out->handle) {
		const char *reason = dl_reason(out->copy);
		bool lost = f->facts.uses_origin && strstr(reason, "No such file");
		return refuse(a, why, f->path, arena_printf(a, "cannot be loaded: %s%s", reason,
							    lost ? beside : ""));
	}
	out->plugin = dlsym(out->handle, f->facts.symbol);
	if (out->plugin && descriptor_same(out->plugin, f->facts.plugin))
		return CRUET_OK;
	dlclose(out->handle);
	out->handle = NULL;
	return refuse(a, why, f->path, "says something else in memory than in its file");
}

int loader_open(const struct plugin_file *f, struct copies *copies, struct arena *a,
		struct loaded *out, const char **why)
{
	const char *text;

	*out = (struct loaded){.unique_symbols = f->facts.unique_symbols};
	if (!core_in_reach())
		return refuse(a, why, f->path, "cannot be loaded: this program holds a core of its "
					       "own and hides it: link it to libcruet.so, or with "
					       "-rdynamic");
	out->copy = copies_add(copies, f->facts.plugin->name, f->bytes, f->len, a, &text);
	if (!out->copy)
		return refuse(a, why, f->path, text);
	uint64_t from = now_us();
	int err = open_copy(f, out, a, why);
	out->open_us = now_us() - from;
	if (err) {
		copies_remove(out->copy);
		out->copy = NULL;
	}
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
	copies_remove(l->copy);
	*l = (struct loaded){.handle = NULL};
	return gone;
}
