/* What a process has from the one that started it: sockets that listen already, be it
 * from systemd (socket activation) or from a cruet that hands its own on, and a channel
 * to that one. And what a process hands on in turn.
 *
 * Between our own processes these variables say it: CRUET_SOCKETS="7,8,s9" (descriptors; s:
 * systemd's), CRUET_CHANNEL="5", for a worker CRUET_WORKER="1/4" (the second of four), and
 * for a successor CRUET_CONTROL="6:/srv/site/var/run/control.sock" (the control socket). */
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

struct handed {
	struct sockets sockets;
	int channel;    /* a socket of packets to the process that started this; -1 */
	bool is_worker; /* that one is the parent of workers, and keeps their sockets */
	unsigned worker, workers;
	int control;    /* a control socket that listens, to be taken over; -1 */
	char *control_path;
};

/* Reads and removes the variables, and marks the descriptors so that no program that is
 * started inherits them by accident. CRUET_OK, or an error and *why (malloc'ed): a
 * variable is malformed, or a descriptor is no socket that listens. h may be closed in
 * any case. */
int handed_read(struct handed *h, char **why);
/* Where this process serves: to whoever started it, if that one waits for it, else to
 * standard output. The channel of a worker stays open. */
void handed_tell(struct handed *h, const char *text);
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
