/* Files that are believed: what others could have written is not read. */
#ifndef PLUGIN_TRUSTED_H
#define PLUGIN_TRUSTED_H

#include <stddef.h>

struct arena;

/* Reads a file of at most max bytes (whole MiB): no symbolic link, a regular file, that
 * belongs to root or this user, and that, like its folder, nobody else may write. *bytes
 * is malloc'ed, for the caller to free in any case. CRUET_OK; CRUET_ENOENT: there is
 * none; or another error. Then *why (in a; NULL: out of memory) is a sentence that begins
 * with path. */
int trusted_read(const char *path, size_t max, struct arena *a, char **bytes, size_t *len,
		 const char **why);

#endif
