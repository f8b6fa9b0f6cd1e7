/* Between generate.c, which shows and writes, and what is added: generate_code.c and
 * generate_more.c. */
#ifndef CLI_GENERATE_H
#define CLI_GENERATE_H

#include "cli/cli.h"

enum { CHANGES_MAX = 16, SOURCE_MAX = 4 << 20 };

struct change {
	const char *path;   /* from the working directory */
	const char *before; /* NULL: the file is new */
	const char *after;
};

struct generating {
	struct cmdline *c;
	struct arena *a;
	struct change changes[CHANGES_MAX];
	size_t n;
};

/* Each gives EXIT_DONE, or the exit code after saying what is wrong. Texts live in g->a. */

/* A file that is new. */
int generate_add(struct generating *g, const char *path, const char *text);
/* The text of a file as it will be, with the changes so far. */
int generate_read(struct generating *g, const char *path, const char **text);
/* What becomes of a file that was read. */
int generate_change(struct generating *g, const char *path, const char *before, const char *after);
/* Shows all of it, asks, and writes; next: what to do then, or NULL. */
int generate_finish(struct generating *g, const char *next);

/* --- generate_code.c ------------------------------------------------------------------ */

/* Finds the source with CRUET_APP in the working directory, and adds a function before it
 * (NULL: none), an include (NULL: none) and a line at the end of its body, in which "app"
 * is what it calls the application. */
int generate_in_app(struct generating *g, const char *include, const char *function,
		    const char *line);
/* True if the source with CRUET_APP has that word. */
bool generate_has_word(struct generating *g, const char *word);

/* --- generate_config.c ------------------------------------------------------------------ */

/* "plugins": {name: value}; may_be: it is fine if there is one of that name. */
int generate_plugin_entry(struct generating *g, const char *name, const char *value, bool may_be);
/* "server": {"plugin_path": [folder]} */
int generate_plugin_path(struct generating *g, const char *folder);

#endif
