/* This program, to be started once more as it was started: what lies on the disk now,
 * with the same arguments, in the folder where it began. */
#ifndef SERVER_PROGRAM_H
#define SERVER_PROGRAM_H

#include <signal.h>
#include <sys/types.h>

#include "server/handed.h"

struct control_place;

struct program {
	char *path;  /* absolute */
	char *bytes; /* of argv */
	char **argv;
	int folder;  /* a descriptor */
};

/* What a started process is given. */
struct launch {
	const struct sockets *sockets;
	int shared;               /* memory; -1: none */
	unsigned worker, workers; /* workers 0: it is none */
	bool opens;               /* a worker that opens what is missing */
	const char *listen;       /* where it is to listen, as CRUET_LISTEN has it; NULL */
	const char *closed;       /* what is quarantined, as CRUET_CLOSED has it; NULL */
	const char *changed;      /* plugins that came or went, as CRUET_CHANGED has it; NULL */
	const sigset_t *mask;     /* of signals, that it begins with */
	const struct control_place *control; /* to be taken over; NULL: none */
};

/* Before the working directory changes. What cannot be found out shows when the program
 * is to be started. */
void program_read(struct program *p);
void program_free(struct program *p);

/* Starts it. *channel is the end of ours to talk with it. The process, or -1 and *why
 * (malloc'ed). */
pid_t program_start(const struct program *p, const struct launch *l, int *channel, char **why);

#endif
