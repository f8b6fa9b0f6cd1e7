/* Service "session_store/1": sessions kept on the server, bytes under an id.
 * Thread-safe; two requests of one session may save at once, and the later one
 * wins. Functions return CRUET_OK or a CRUET_E code; any but CRUET_ENOENT fails
 * the request with 503. They leave no failure recorded in c. A provider takes at
 * least 64 KiB of each, and CRUET_ELIMIT says that it takes no more.
 *
 * What is saved in the finish-hook of a request is kept, whatever became of the
 * request. Whoever can read what a provider keeps should not be able to take a
 * session over: it keeps a hash of the id. */
#ifndef CRUET_SVC_SESSION_STORE_H
#define CRUET_SVC_SESSION_STORE_H

#include "cruet/types.h"

#define CRUET_SESSION_STORE "session_store/1"

/* Ids are made by the session plugin: text of this length out of A-Z a-z 0-9 -
 * and _, 192 random bits, so they need no escaping and cannot be guessed. */
#define CRUET_SESSION_ID_LEN 32

typedef struct cruet_session_store {
	uint32_t size;
	uint32_t reserved;
	/* CRUET_ENOENT if absent or expired. Copied to c. */
	int (*load)(void *self, cruet_ctx *c, const char *id, const void **p,
		    size_t *len);
	/* Puts in or replaces; gone ttl_ms after this call. p is borrowed. */
	int (*save)(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		    uint64_t ttl_ms);
	/* Dropping what is not there is CRUET_OK. */
	int (*drop)(void *self, cruet_ctx *c, const char *id);
	/* Removes expired ones; how many, or a CRUET_E code. NULL where they go
	 * by themselves. */
	int64_t (*sweep)(void *self);
	/* As save, but CRUET_ENOENT if there is none any more, and then nothing is put
	 * in: a session that one request has ended is not brought back by another that
	 * began before. */
	int (*update)(void *self, cruet_ctx *c, const char *id, const void *p,
		      size_t len, uint64_t ttl_ms);
} cruet_session_store;

#endif
