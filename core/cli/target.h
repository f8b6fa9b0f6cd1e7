/* What a command is asked to work on: a .c file, a .so file or a folder. */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

struct arena;

struct target {
	const char *name;   /* for logs: "guestbook" */
	const char *config; /* cruet.json, or NULL: there is none */
	const char *shown;  /* the folder where relative paths start, as it was written; "."
			     * is the working directory */
	const char *folder; /* the same, absolute */
	const char *file;   /* the .c or .so that was named; NULL: as the config or the
			     * folder says */
};

/* Looks at arg (NULL: the current folder), and for the config file:
 *   a folder: its own cruet.json;
 *   a file: the working directory's, else the one beside the file.
 * config, if not NULL, is that file instead. The folder is where the config file
 * is, else the target's folder, for a file the working directory. CRUET_OK or an
 * error and *why, a sentence. */
int target_find(const char *arg, const char *config, struct arena *a, struct target *out,
		const char **why);

/* folder/file as a path that begins in the working directory: "site.c" for ".",
 * an absolute file as it is. NULL: out of memory. */
const char *target_path(const char *folder, const char *file, struct arena *a);

/* The .c files of a folder, sorted by name, as paths that begin with it ("." adds
 * nothing); ends with NULL. NULL and *why: it cannot be read, or has none. */
const char *const *target_sources(const char *folder, struct arena *a, const char **why);

#endif
