/* What the plain functions of cruet/cache.h share. */
#ifndef SERVICE_CACHE_H
#define SERVICE_CACHE_H

#include "cruet/cache.h"
#include "cruet/svc/cache.h"

enum { CACHE_KEY_SIZE = CRUET_CACHE_KEY_MAX + 1 };

/* The cache that the function now running sees, and a key of it. */
struct cache_use {
	const cruet_cache *vt;
	void *self;
	const char *provider;
	const char *said;	  /* the key as the caller wrote it */
	char key[CACHE_KEY_SIZE]; /* and as the provider gets it */
};

/* A failure is recorded. */
int cache_use(cruet_ctx *c, const char *key, struct cache_use *u);
/* OWNER SIGN KEY; false if that is too long. A colon is for values; names of owners have
 * no other sign in them, so another sign never meets a value. */
bool cache_key(const cruet_ctx *c, char sign, const char *key, char out[CACHE_KEY_SIZE]);

/* What happened, in words: the provider could not do what with that key; a value of len
 * bytes is more than it takes. */
const char *cache_words(cruet_ctx *c, const struct cache_use *u, const char *what,
			int err);
const char *cache_too_large(cruet_ctx *c, const struct cache_use *u, size_t len);

#endif
