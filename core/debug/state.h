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
	const char *built_by; /* the compiler and its flags; NULL: not known */
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
#define STATE_ASKED "asked"
#define STATE_TAKING "taking-"
#define STATE_GOOD "good.so"

/* CRUET_OK, CRUET_ENOMEM or CRUET_EIO, with errno. */
int state_write(const char *folder, const struct state *s);
/* CRUET_OK and *s in a; CRUET_ENOENT: there is none yet; CRUET_EPARSE; CRUET_ENOMEM. */
int state_read(const char *folder, struct state *s, struct arena *a);

/* Somebody waits for the first state, and signals can be waited for: nothing is built before.
 * CRUET_OK, CRUET_ENOMEM or CRUET_EIO. */
int state_ask(const char *folder);

/* What is taken up may crash, and the process with it. So each says that it begins with a
 * number, by the last good application or the newest, and that it is done; and the next
 * process that begins asks. */
enum state_taken { STATE_NEWEST = 0, STATE_LAST_GOOD, STATE_NOTHING };
int state_taking(const char *folder, uint64_t number, enum state_taken what);
/* It has been taken up; it is the last good one now, if app is not NULL. */
void state_took(const char *folder, const char *app);
/* What of that number can be tried: what is in front of all that processes which are gone
 * were taking up. */
enum state_taken state_to_take(const char *folder, uint64_t number);

/* Says in a file of this process which folders (ends with NULL) it reads from. */
int state_write_folders(const char *folder, const char *const *folders);
/* Those of all, each once; ends with NULL; in a. NULL: out of memory. */
const char *const *state_read_folders(const char *folder, struct arena *a);

#endif
