/* What a process has from the one that started it: sockets that listen already, be it
 * from systemd (socket activation) or from a cruet that hands its own on, memory that they
 * have in common, and a channel to that one. And what a process hands on in turn.
 *
 * Between our own processes these variables say it: CRUET_SOCKETS="7,8,s9" (descriptors; s:
 * systemd's), CRUET_CHANNEL="5", CRUET_MEMORY="4", for a worker CRUET_WORKER="1/4" (the
 * second of four) or "0/4 opens" (the first, which opens for all what is missing), where sockets end with
 * their process CRUET_LISTEN="127.0.0.1:8000" (where the one before listened), for a
 * successor CRUET_CONTROL="6:/srv/site/var/run/control.sock" (the control socket), and for
 * a worker CRUET_CLOSED="boom,bang" (plugins that are quarantined) and
 * CRUET_CHANGED="+well,-shift" (those that were loaded or unloaded meanwhile).
 *
 * On the channel parent and worker tell each other packets, each of one kind. */
#ifndef SERVER_HANDED_H
#define SERVER_HANDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Sockets of this process. Those that it has from systemd are not its to remove. */
struct sockets {
	int *fds;
	bool *lent;
	uint32_t n;
};

enum packet { /* the first byte */
	PACKET_SERVES = 'S', /* where it serves, as handed_tell() has it */
	PACKET_SOCKETS = 'F', /* sockets that it has opened go with it */
	PACKET_ENDS = 'E',    /* the application has called cruet_stop() */
	PACKET_CRASH = 'C',   /* a crash_record: it has crashed, and ends in a moment */
	PACKET_LOST = 'L',    /* the same once more, with what became of other requests */
	PACKET_DESK = 'D',    /* the descriptor of a desk (desk.h) goes with it */
	PACKET_OPENED = 'O',  /* the plugin of that name is not quarantined any more */
	PACKET_CLOSE = 'Q',   /* of the parent: it is from now on */
	PACKET_CHANGED = 'A'  /* of both: a plugin came or went, see changes.h */
};

struct handed {
	struct sockets sockets;
	int shared;     /* memory, of which the first CRUET_SHARED bytes are the transport's; -1 */
	void *mapped;   /* the same, or NULL; see handed_own() */
	int channel;    /* a socket of packets to the process that started this; -1 */
	bool is_worker; /* that one is the parent of workers, and keeps their sockets */
	bool opens;     /* ... and has none yet, or not all */
	unsigned worker, workers;
	int control;    /* a control socket that listens, to be taken over; -1 */
	char *control_path;
	char **listen;  /* addresses in place of those of the settings; ends with NULL; NULL */
	char **closed;  /* plugins that are quarantined; the same */
	char **changed; /* see changes.h; the same */
};

/* Reads and removes the variables, makes what memory is not handed over, and marks the
 * descriptors so that no program that is started inherits them by accident. CRUET_OK, or an error and *why (malloc'ed): a
 * variable is malformed, or a descriptor is no socket that listens. h may be closed in
 * any case. */
int handed_read(struct handed *h, char **why);
/* HANDED_OWN bytes of that memory that are our own: zeros at first, they are the same for all
 * processes of a server, and those that take over from them, until the last one ends. They live
 * as long as h. NULL: there is no memory. */
enum { HANDED_OWN = 4096 };
void *handed_own(struct handed *h);
/* Where this process serves: to whoever started it, if that one waits for it, else to
 * standard output. The channel of a worker stays open. */
void handed_tell(struct handed *h, const char *text);
/* Sends a packet of a kind that is but text. What nobody hears is lost. */
void handed_say(int channel, enum packet kind, const char *text);
/* A worker that opens: tells its parent the sockets from the first-th on, and keeps of all
 * its own, as sockets_of_worker() has it. CRUET_OK, CRUET_EIO or CRUET_ENOMEM. */
int handed_share(struct handed *h, uint32_t first);
/* A worker: hands a descriptor on, which stays its own. False: it did not arrive. */
bool handed_send_desk(int channel, int fd);
/* The parent: the next packet of a worker, without waiting. Sockets that come with it are
 * added to s; *desk is the descriptor of a desk, or -1. Its length, with a NUL behind it; 0 or less: there is none. */
ptrdiff_t handed_hear(int channel, char *packet, size_t cap, struct sockets *s, int *desk);
void handed_close(struct handed *h);

/* Adds descriptors, which become the set's, also on failure. CRUET_OK or CRUET_ENOMEM. */
int sockets_add(struct sockets *s, const int *fds, size_t n, bool lent);
/* Those that a worker is to serve, of workers in all: from each address one or more, so
 * that all are served whatever their numbers are. Descriptors stay s's. */
int sockets_of_worker(const struct sockets *s, unsigned worker, unsigned workers,
		      struct sockets *out, struct arena *a);
/* Removes the paths of Unix sockets that are not lent. */
void sockets_unlink(const struct sockets *s);
void sockets_close(struct sockets *s);

#endif
