/* cruet.lock: the plugin files that an application may load, each by its hash. It stands
 * beside the configuration file; where there is none, any file may be loaded. */
#ifndef PLUGIN_LOCK_H
#define PLUGIN_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct facts;
struct host;

enum { LOCK_MAX = 256 }; /* entries */

struct lock_entry {
	const char *name;    /* of the plugin; "app" is the application */
	const char *version; /* or NULL */
	const char *sha256;
	uint32_t abi;
	bool named; /* somebody asked for it by name: the configuration does not */
	/* For people who compare; sorted, end with NULL. */
	const char *const *libraries, *const *imports;
};

struct lock {
	struct lock_entry *entries; /* by name */
	size_t n;
};

/* Reads the file. CRUET_OK; CRUET_ENOENT: there is none; or another error and *why (in a;
 * NULL: out of memory), a sentence that begins with path. */
int lock_read(const char *path, struct arena *a, struct lock *out, const char **why);
/* By name, as they stand in a file. */
void lock_sort(struct lock *l);
const struct lock_entry *lock_find(const struct lock *l, const char *name);

/* What a file is as an entry, in a and the arena of the facts. False: out of memory. */
bool lock_entry_of(const struct facts *f, struct arena *a, struct lock_entry *out);
/* Sorts the entries and replaces the file, as a whole and without changing who may read
 * it. CRUET_OK or an error and *why, as above. */
int lock_write(const char *path, struct lock *l, struct arena *a, const char **why);

/* Reads the lock that an application has; *path is where it stands, or would stand.
 * CRUET_ENOENT also where it has no configuration file, *path NULL. */
int lock_of(const struct host *h, struct arena *a, struct lock *out, const char **path,
	    const char **why);
/* Whether an application may load a file that was read: CRUET_OK, or an error and *why, a
 * sentence that begins with file. */
int lock_check(const struct host *h, const char *file, const struct facts *f,
	       struct arena *a, const char **why);

#endif
