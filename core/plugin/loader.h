/* From a path to code in memory, with every check before the first instruction
 * of the plugin runs (constructors run inside dlopen). */
#ifndef PLUGIN_LOADER_H
#define PLUGIN_LOADER_H

#include "plugin/facts.h"

/* Checks a file and reads its descriptor; runs nothing of it. The name it must
 * have is the file's base name, or "app" too if app_too. CRUET_OK, or an error and
 * *why, a sentence that begins with the path. */
int loader_check(const char *path, bool app_too, struct arena *a, struct facts *out,
		 const char **why);

struct loaded {
	const cruet_plugin *plugin; /* the live descriptor */
	void *handle;
	char *copy; /* the private file, free() */
	bool unique_symbols, uses_origin;
};

/* Checks, copies the checked bytes to a file of a never-used name in folder
 * (0700, ours) and opens that: neither the same path nor /proc/self/fd gives
 * new code. */
int loader_open(const char *path, bool app_too, const char *folder, unsigned serial,
		struct arena *a, struct loaded *out, const char **why);
/* Unmaps, where the plugin allows it, and removes the copy. Returns false if it
 * should have been unmapped and is still there. */
bool loader_close(struct loaded *l);

/* A fresh private folder for the copies, malloc'ed; NULL and *why. */
char *loader_folder(struct arena *a, const char **why);

#endif
