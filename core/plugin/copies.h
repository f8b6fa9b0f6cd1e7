/* The private folder that plugins run from: the bytes that were checked, in files
 * of names that are used once. So nobody can change code that runs, and the dynamic
 * linker, which compares paths, never hands out old code for new. */
#ifndef PLUGIN_COPIES_H
#define PLUGIN_COPIES_H

#include <stddef.h>

struct arena;
struct copies;

/* A fresh folder (0700) in the first of XDG_RUNTIME_DIR, TMPDIR, /tmp and /var/tmp
 * that is writable and not mounted noexec. Folders of processes that died without
 * removing theirs are removed. NULL and *why (in a; NULL: out of memory). */
struct copies *copies_new(struct arena *a, const char **why);
/* Removes the folder; files that copies_remove() was not called for stay. NULL is
 * fine. */
void copies_free(struct copies *c);

/* Writes a file; its path, malloc'ed. NULL and *why, a sentence without a file's
 * name. */
char *copies_add(struct copies *c, const char *name, const void *bytes, size_t len,
		 struct arena *a, const char **why);
void copies_remove(char *path); /* the file, and frees the text; NULL is fine */

#endif
