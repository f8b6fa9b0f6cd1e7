/* The addresses of a server, and which sockets listen there: those that its process was
 * given, or that are opened for it and its workers. */
#ifndef EVENT_PLACES_H
#define EVENT_PLACES_H

#include <cruet/svc/transport.h>

#include "listen.h"

enum { LISTENERS = 4096 }; /* of one loop */

enum speaks { SPEAKS_HTTP, SPEAKS_TLS, SPEAKS_REDIRECT };

struct places {
	struct address at[LISTEN_MAX];
	enum speaks speaks[LISTEN_MAX];
	bool proxied[LISTEN_MAX]; /* a header of the PROXY protocol comes first */
	size_t n;
};

struct listener { /* a socket that a loop accepts from */
	int fd;
	unsigned place;
};

/* Each gives CRUET_OK, or an error and *why, a sentence (malloc'ed). */

/* Reads the addresses of a list, which ends with NULL; NULL: it is empty. "proxy:" in front
 * of one: connections there begin with a header of the PROXY protocol. */
int places_read(struct places *on, const char *const *list, enum speaks speaks, char **why);
/* Finds the place of each socket: of[i] is that of fds[i]. Of places with port 0, the
 * first takes the first port of its host. Places take the real address. A socket without
 * a place is an error. */
int places_match(struct places *on, const int *fds, size_t n, unsigned *of, char **why);
/* Opens what listens at the places that have no socket among the n in of: at ports,
 * copies of them, among which the system spreads connections; of a Unix socket but one. *fds is
 * to be freed, and its *nfds descriptors to be closed. */
int places_open(struct places *on, const unsigned *of, size_t n, unsigned copies, int **fds,
		size_t *nfds, char **why);

#endif
