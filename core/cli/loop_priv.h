/* What the files of the developer's loop share. */
#ifndef CLI_LOOP_PRIV_H
#define CLI_LOOP_PRIV_H

#include <pthread.h>

#include "app/config.h"
#include "base/arena.h"
#include "cli/build.h"
#include "cli/loop.h"
#include "debug/state.h"
#include "debug/watch.h"

/* What has changed. */
enum { CODE = 1, CONFIG = 2, PLUGIN = 4, SHOWN = 8 };

struct loop {
	struct target target;
	const struct config *first; /* the configuration as it was at the start, */
	struct config *anew;        /* and as it is now; NULL: the same */
	char *folder;
	struct watch *watch;
	struct build *build;
	pthread_t thread;
	bool runs;
	int end, ready; /* eventfds */
	bool asked; /* somebody waits for what is built */
	bool ends;
	unsigned changed;
	uint64_t events; /* how often something has */
	int64_t seen_us; /* the first of that */
	struct arena a;  /* of what follows, until the configuration changes */
	const char *config, *dotenv; /* paths */
	const char *const *plugins;  /* folders; ends with NULL; NULL: none */
	struct arena shown_a;        /* of: */
	const char *const *shown;    /* folders that pages are made of; ends with NULL */
	char token[48];
	unsigned serial;
	uint64_t number;
	char *app;           /* what was built last, */
	char *built_by;      /* and how */
	char *source_folder; /* of the application's files; NULL: one was named */
	struct state state;
	struct arena arenas[2]; /* of the texts of that, and of the next one */
	unsigned turn;          /* which */
};

static inline const struct config *config_of(const struct loop *l)
{
	return l->anew ? l->anew : l->first;
}

/* --- loop_look.c: what changes, and what that means */

void look_at(void *loop, const char *folder);
void look_at_config(struct loop *l);
/* Folders that pages are made of. */
void look_at_shown(struct loop *l);
/* Takes what has changed since: into changed, and ends. */
void look(struct loop *l);

#endif
