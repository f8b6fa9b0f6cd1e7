/* Service "cache/1": bytes under a key, for a while. cruet/cache.h is built on it: it
 * puts the name of the caller before keys, says failures in words, and makes what is not
 * there. A provider may forget anything at any time. It may be in this process or at the
 * end of a network: then several processes share it. Thread-safe. [request]
 *
 * Functions return CRUET_OK, what is said of each below, or a failure:
 *	CRUET_EINVAL    the key is empty or longer than CRUET_CACHE_KEY_MAX
 *	CRUET_ELIMIT    the value is larger than the provider takes
 *	CRUET_ETIMEOUT  it did not answer in time
 *	CRUET_EBUSY     it has no room or no connection at this moment
 *	CRUET_EIO       anything else that went wrong outside
 *	CRUET_ENOMEM    no memory
 * They record nothing in c: the caller knows what it means. After a failure of set or
 * incr the key may have its old value, the new one or none; after CRUET_ELIMIT of a set
 * that would have replaced one it has none, for that one would be stale.
 *
 * Times to live are milliseconds from the call, by cruet_now() where the provider is in
 * this process; 0: until it is forgotten. What has expired is not there. */
#ifndef CRUET_SVC_CACHE_H
#define CRUET_SVC_CACHE_H

#include "cruet/types.h"

struct cruet_cache_stats; /* cache.h */

#define CRUET_CACHE "cache/1"

/* Bytes of a key, 1 to this many, any but NUL. Callers begin theirs with the name of
 * their instance and a colon, so that two of them are never in each other's way. */
#define CRUET_CACHE_KEY_MAX 250

enum cruet_cache_how {
	CRUET_CACHE_ALWAYS = 0,
	CRUET_CACHE_ABSENT = 1, /* only if there is none: else CRUET_EEXIST */
	CRUET_CACHE_PRESENT = 2 /* only if there is one: else CRUET_ENOENT */
};

typedef struct cruet_cache {
	uint32_t size;
	uint32_t reserved;
	/* CRUET_ENOENT if there is none. Copied to c, with a NUL behind that *len does
	 * not count. */
	int (*get)(void *self, cruet_ctx *c, const char *key, const void **p,
		   size_t *len);
	/* p is borrowed, and may be NULL where len is 0. how: enum cruet_cache_how; to
	 * look and to put in are one step for all who share the cache. */
	int (*set)(void *self, cruet_ctx *c, const char *key, const void *p, size_t len,
		   uint64_t ttl_ms, int how);
	/* Adds to a whole number, kept as decimal text; *now is what it gives. One that
	 * is not there was 0, and gets ttl_ms; one that is there keeps its time. One step
	 * for all. CRUET_EPARSE: what is there is no such number; CRUET_ELIMIT: the
	 * result does not fit 64 bits. Both change nothing. */
	int (*incr)(void *self, cruet_ctx *c, const char *key, int64_t by,
		    uint64_t ttl_ms, int64_t *now);
	/* A new time to live. CRUET_ENOENT if there is none. */
	int (*touch)(void *self, cruet_ctx *c, const char *key, uint64_t ttl_ms);
	/* Deleting what is not there is CRUET_OK. */
	int (*del)(void *self, cruet_ctx *c, const char *key);
	/* Deletes all whose key begins with prefix; "" means all. What is put in
	 * meanwhile may stay. */
	int (*clear)(void *self, cruet_ctx *c, const char *prefix);
	/* Fills in what it knows of the members that out->size covers. */
	int (*stats)(void *self, cruet_ctx *c, struct cruet_cache_stats *out);
} cruet_cache;

#endif
