/* From a path to code in memory, with every check before the first instruction
 * of the plugin runs (constructors run inside dlopen). Two steps, so that what the
 * descriptors of a whole set say is known before anything is opened. */
#ifndef PLUGIN_LOADER_H
#define PLUGIN_LOADER_H

#include "plugin/facts.h"

struct copies;

struct plugin_file { /* read and checked; nothing of it has run */
	const char *path;   /* the caller's */
	struct facts facts; /* in the arena */
	char *bytes;
	size_t len;
	uint64_t read_us; /* how long that took */
};

/* Checks a file and reads what it says. Its name must be the file's base name, or
 * "app" if app. CRUET_OK, or an error and *why (in a; NULL: out of memory), a
 * sentence that begins with the path. */
int loader_read(const char *path, bool app, struct arena *a, struct plugin_file *out,
		const char **why);
void loader_forget(struct plugin_file *f); /* the bytes; facts stay. NULL is fine */

/* Both at once, for those who want to know and not to load. */
int loader_check(const char *path, bool app, struct arena *a, struct facts *out,
		 const char **why);

/* The functions of the core that it calls and that this core does not have: it could not
 * be opened. Ends with NULL; NULL: out of memory. */
const char *const *loader_missing(const struct facts *f, struct arena *a);

struct loaded {
	const cruet_plugin *plugin; /* the live descriptor */
	void *handle;               /* NULL: nothing is loaded */
	char *copy;                 /* the private file */
	bool unique_symbols;
	uint64_t open_us; /* how long that took, constructors included */
};

/* Opens a private copy of the bytes that were read. On failure nothing stays. */
int loader_open(const struct plugin_file *f, struct copies *copies, struct arena *a,
		struct loaded *out, const char **why);
/* Unmaps, where the plugin allows it, and removes the copy. False if it should have
 * been unmapped and is still there. */
bool loader_close(struct loaded *l);

/* A fresh private folder, malloc'ed; NULL and *why. For whoever compiles a plugin:
 * the caller removes it. */
char *loader_folder(struct arena *a, const char **why);

#endif
