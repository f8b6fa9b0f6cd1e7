/* What the parent does about the crashes of workers: each becomes a report and a line in
 * the log. What their source says is read meanwhile by another program, so nobody waits. */
#ifndef SERVER_CRASHES_H
#define SERVER_CRASHES_H

#include <poll.h>
#include <sys/types.h>

#include "cruet/types.h"
#include "server/crash_record.h"

enum {
	CRASHES_MAX = 8,       /* that are worked on at a time */
	CRASHES_ALONE = 1 << 16 /* in place of a worker: a process that has no parent */
};

struct crash_case;
struct desk;

struct crashes {
	cruet_app *root;
	struct crash_case *all;
};

/* A packet of a worker, of which worker is the place from 0: PACKET_CRASH, or PACKET_LOST for
 * the same once more. The record, or NULL: it is none. It lives until crashes_ended(), and
 * so must the worker's desk, which may be NULL. */
const struct crash_record *crashes_heard(struct crashes *c, unsigned worker, pid_t pid,
					 const char *packet, size_t len, struct desk *desk);
/* That worker is no more. True if it had said that it crashed: then that is reported. */
bool crashes_ended(struct crashes *c, pid_t pid);

/* What the loop is to wait for: descriptors, and a time in ms; -1: none. */
size_t crashes_watch(const struct crashes *c, struct pollfd p[CRASHES_MAX]);
int crashes_wait(const struct crashes *c);
/* What of that has come: writes reports that can be. */
void crashes_look(struct crashes *c);

#endif
