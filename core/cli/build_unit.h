/* One source of an application that is built again and again. */
#ifndef CLI_BUILD_UNIT_H
#define CLI_BUILD_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct unit {
	struct unit *next;
	struct arena a; /* of these: */
	const char *source, *object;
	const char *list; /* of what it was made of, as the compiler writes it */
	const char *base; /* borrowed: where relative paths start */
	struct arena made_a; /* of these: */
	const char **made_of; /* paths without links in their folders */
	size_t nmade_of;
	bool stale; /* its object is not what it should be */
};

/* NULL: out of memory. */
struct unit *unit_new(const char *source, const char *folder, const char *base);
void unit_free(struct unit *u);

/* The compiler's command line: to its object, or, where it is alone, to out. */
char **unit_line(const struct unit *u, const char *out, struct arena *a);
/* It has run. Where it failed, what is known of it stays. */
void unit_built(struct unit *u, bool ok);
/* Whether it is made of that file. */
bool unit_has(const struct unit *u, const char *path);
void unit_folders(const struct unit *u, void (*each)(void *arg, const char *folder), void *arg);

#endif
