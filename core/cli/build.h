/* An application that is built again and again, each time from what has changed: a file of C,
 * a folder of them, each with an object of its own, or a Meson project. */
#ifndef CLI_BUILD_H
#define CLI_BUILD_H

#include <stdbool.h>

#include "cli/code.h"
#include "debug/state.h"

struct build;

/* folder: private, for objects and what comes of them; base: the working directory, in which
 * paths begin. Both absolute and the caller's. NULL: out of memory. */
struct build *build_new(const char *folder, const char *base);
void build_free(struct build *b);

/* What is to be built. Of files that were so before, what was built stays. CRUET_OK, or
 * CRUET_ENOMEM. */
int build_of(struct build *b, const struct code *code);
/* That file has changed (NULL: any may have). True: there is something to build. */
bool build_note(struct build *b, const char *path);

/* What it may be cut short by. */
struct build_cut {
	const int *fds; /* when one of them is readable, */
	size_t n;
	int ms;         /* or after so many milliseconds (-1: never), */
	bool (*is)(void *arg); /* this is asked */
	void *arg;
};

enum build_end { BUILD_DONE = 0, BUILD_FAILED, BUILD_WAS_CUT };

/* Builds what is missing. DONE: s->app names the file, and s->built_by says how it was made
 * unless that is up to others. FAILED: s->failed, s->said and the
 * places say why. In a. What compilers say goes to standard error, too. */
enum build_end build_run(struct build *b, const struct build_cut *cut, struct state *s,
			 struct arena *a);

/* Calls each with every folder that has something of it. */
void build_folders(const struct build *b, void (*each)(void *arg, const char *folder), void *arg);

#endif
