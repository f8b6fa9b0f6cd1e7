/* What has become of the sources, as the one that builds tells those that serve: a file in a
 * folder that they share, replaced as a whole each time. The application that was built
 * lies beside it. In the other direction, each that serves has a file there which says what
 * folders it reads while it serves. */
#ifndef DEBUG_STATE_H
#define DEBUG_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum { STATE_PLACES = 8 };

struct state_place {
	const char *file;      /* as the compiler wrote it */
	const char *path;      /* the same, absolute */
	unsigned line, column; /* column 0: not known */
	const char *says;
};

struct state {
	const char *token; /* another one whenever a page may look different */
	uint64_t number;   /* of what is to be taken up: sources, configuration, plugins */
	const char *app;   /* the file that is to be served; NULL: none has been built yet */
	/* Why what there is now could not be built; NULL: it was. */
	const char *failed; /* a sentence */
	const char *said;   /* all that the compiler wrote */
	struct state_place places[STATE_PLACES];
	size_t nplaces;
	/* Monotonic microseconds: when the first change was seen, when the last one of them, and
	 * when all was built. 0: nothing was. */
	int64_t seen_us, quiet_us, built_us;
};

/* The names of the files; those of folders begin with the second one. */
#define STATE_FILE "state.json"
#define STATE_FOLDERS "folders-"

/* CRUET_OK, CRUET_ENOMEM or CRUET_EIO, with errno. */
int state_write(const char *folder, const struct state *s);
/* CRUET_OK and *s in a; CRUET_ENOENT: there is none yet; CRUET_EPARSE; CRUET_ENOMEM. */
int state_read(const char *folder, struct state *s, struct arena *a);

/* Says in a file of this process which folders (ends with NULL) it reads from. */
int state_write_folders(const char *folder, const char *const *folders);
/* Those of all, each once; ends with NULL; in a. NULL: out of memory. */
const char *const *state_read_folders(const char *folder, struct arena *a);

#endif
