/* Sessions in a cache: they expire by themselves, and go earlier when it has no room. */
#include "session_store.h"

#include <stdio.h>

#define PREFIX "session_store:"

enum { KEY_SIZE = sizeof PREFIX + HASH_LEN };

static void key_of(const char *id, char out[KEY_SIZE])
{
	char hash[HASH_LEN + 1];

	hash_id(id, hash);
	snprintf(out, KEY_SIZE, PREFIX "%s", hash);
}

static int load(void *self, cruet_ctx *c, const char *id, const void **p, size_t *len)
{
	const struct state *s = self;
	const cruet_cache *cache = s->below.vt;
	char key[KEY_SIZE];

	key_of(id, key);
	return cache->get(s->below.self, c, key, p, len);
}

static int put(const struct state *s, cruet_ctx *c, const char *id, const void *p,
	       size_t len, uint64_t ttl_ms, int how)
{
	const cruet_cache *cache = s->below.vt;
	char key[KEY_SIZE];

	if (len > DATA_MAX)
		return CRUET_ELIMIT;
	key_of(id, key);
	return cache->set(s->below.self, c, key, p, len, ttl_ms, how);
}

static int save(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		uint64_t ttl_ms)
{
	return put(self, c, id, p, len, ttl_ms, CRUET_CACHE_ALWAYS);
}

static int update(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		  uint64_t ttl_ms)
{
	return put(self, c, id, p, len, ttl_ms, CRUET_CACHE_PRESENT);
}

static int drop(void *self, cruet_ctx *c, const char *id)
{
	const struct state *s = self;
	const cruet_cache *cache = s->below.vt;
	char key[KEY_SIZE];

	key_of(id, key);
	return cache->del(s->below.self, c, key);
}

const cruet_session_store cache_store = {.size = sizeof cache_store,
					 .load = load,
					 .save = save,
					 .drop = drop,
					 .update = update};
