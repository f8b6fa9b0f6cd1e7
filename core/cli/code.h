/* What the code of a site is: sources, to be compiled, or a file that was. */
#ifndef CLI_CODE_H
#define CLI_CODE_H

#include "cli/target.h"

struct config;

struct code {
	const char *const *sources; /* to compile; ends with NULL; or */
	const char *so;             /* what is there already */
	const char *folder;         /* where all of the sources lie; NULL: one was named */
	const char *shown;          /* for messages about it */
};

/* Paths begin in the working directory. CRUET_OK, or an error and *why, a sentence (NULL: out
 * of memory). */
int code_find(const struct target *t, const struct config *cf, struct arena *a,
	      struct code *out, const char **why);

/* A path that keeps its meaning when the working directory changes; a symbolic link is still
 * one. NULL: out of memory. */
const char *code_steady(const char *file, struct arena *a);

#endif
