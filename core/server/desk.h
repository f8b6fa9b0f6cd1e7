/* Memory that a process which serves shares with whoever looks after it. When it has
 * crashed, what it knows of the request lies there; then the other one can put a reply
 * there that says why. */
#ifndef SERVER_DESK_H
#define SERVER_DESK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/dossier.h"

enum { DESK_REPLY = 1 << 20 };

struct desk {
	_Atomic uint32_t state; /* 0 until there is an answer */
	uint32_t nfacts;
	uint32_t nhead, nreply; /* of a reply: its head, and all of it; 0: there is none */
	char facts[DOSSIER_MAX];
	char reply[DESK_REPLY];
};

/* Makes one. *fd is its descriptor, to be handed to the other one. NULL: it cannot be made. */
struct desk *desk_make(int *fd);
/* The other one's end, of a descriptor that is closed in any case. NULL: it is none. */
struct desk *desk_take(int fd);
void desk_close(struct desk *d); /* NULL is fine */

/* A copy of the facts, malloc'ed: what another process may change is read once. out->p is
 * NULL where there are none. */
void desk_facts(const struct desk *d, struct dossier *out);
/* True if such a reply fits there. */
bool desk_fits(size_t head_len, size_t len);
/* Puts the reply there; len 0, or more than fits: there is none. */
void desk_answer(struct desk *d, const char *head, size_t head_len, const char *body, size_t len);
/* Waits for that, but no longer than ms. True: there is a reply. In a signal handler too. */
bool desk_wait(struct desk *d, unsigned ms);

#endif
