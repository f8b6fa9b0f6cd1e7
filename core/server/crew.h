/* The workers of a parent, as the files of it share them. */
#ifndef SERVER_CREW_H
#define SERVER_CREW_H

#include "server/changes.h"
#include "server/control.h"
#include "server/crashes.h"
#include "server/errands.h"
#include "server/handed.h"
#include "server/program.h"
#include "server/quarantine.h"
#include "server/signals.h"

enum life {
	STARTS,
	SERVES,
	LEAVES /* it is to end, and not to be replaced */
};

struct worker {
	struct worker *next;
	pid_t pid;
	unsigned place; /* whose sockets it has */
	enum life life;
	bool fresh;     /* part of a restart that is not done */
	bool asked;     /* while it was starting it was sent commands */
	bool reloads;   /* once it serves: it may have read files that differ by now */
	int channel;
	int64_t since;
	struct desk *desk; /* that it shares with us; NULL */
	int64_t crashed; /* when it said so; 0: it has not */
};

struct place { /* where there is always to be a worker */
	int64_t again; /* not before */
	unsigned quick; /* how many ended quickly, one after the other */
};

/* Times are those of clock_ms(). */
struct crew {
	cruet_app *root;
	const struct program *program;
	struct handed *handed;
	struct signals *signals;
	struct control *control;
	struct errands *errands;
	char *packet; /* room for one */
	struct worker *all;
	struct place *places;
	unsigned n;
	unsigned early;    /* ended before all had served once */
	bool opened;       /* the first one has served: its sockets are ours too */
	char *says;        /* where they serve, once all have; NULL */
	bool ends;
	struct crashes crashes;
	/* until what lies on the disk is started anew: */
	struct quarantine quarantine;
	struct amendments amendments;
	int64_t restart_by; /* when the fresh ones have to serve; 0: there are none */
	int64_t end_by;
	int result;
};

/* How many places are to be manned: the first alone opens the sockets of all. */
static inline unsigned crew_places(const struct crew *c)
{
	return c->opened ? c->n : 1;
}
/* Starts those that are missing and may be. */
void crew_man(struct crew *c);
bool crew_is_manned(const struct crew *c, unsigned place);
/* w is lost: how soon the next one may take its place. */
void crew_vacate(struct crew *c, const struct worker *w);

/* All are to end, and what then is to be returned. */
void crew_end(struct crew *c, int result);
void crew_dismiss_all(struct crew *c, int sig);

/* Starts new ones beside the old. */
void crew_restart(struct crew *c);
/* They are not taken: the old ones go on. */
void crew_restart_failed(struct crew *c, const char *why);
/* All of them serve: the old ones end. */
void crew_change_over(struct crew *c);

#endif
