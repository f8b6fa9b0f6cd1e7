/* The calls of "cache/1", spelled shortly, for its promises. */
#ifndef CONTRACT_CACHE_H
#define CONTRACT_CACHE_H

#include "trial.h"

#include <cruet/cache.h>
#include <cruet/svc/cache.h>

static inline const cruet_cache *cache_of(const struct trial *t)
{
	return t->s.vt;
}

static inline int get(struct trial *t, const char *key, const void **p, size_t *n)
{
	return cache_of(t)->get(t->s.self, t->c, key, p, n);
}

static inline int set(struct trial *t, const char *key, const void *p, size_t n,
		      uint64_t ttl_ms, int how)
{
	return cache_of(t)->set(t->s.self, t->c, key, p, n, ttl_ms, how);
}

static inline int incr(struct trial *t, const char *key, int64_t by, uint64_t ttl_ms,
		       int64_t *now)
{
	return cache_of(t)->incr(t->s.self, t->c, key, by, ttl_ms, now);
}

static inline int touch(struct trial *t, const char *key, uint64_t ttl_ms)
{
	return cache_of(t)->touch(t->s.self, t->c, key, ttl_ms);
}

static inline int del(struct trial *t, const char *key)
{
	return cache_of(t)->del(t->s.self, t->c, key);
}

static inline int clear(struct trial *t, const char *prefix)
{
	return cache_of(t)->clear(t->s.self, t->c, prefix);
}

static inline void put(struct trial *t, const char *key, const void *p, size_t n,
		       uint64_t ttl_ms)
{
	expect_int(set(t, key, p, n, ttl_ms, CRUET_CACHE_ALWAYS), CRUET_OK);
}

static inline void put_text(struct trial *t, const char *key, const char *text)
{
	put(t, key, text, strlen(text), 0);
}

#define expect_value(t, key, want, nwant)                    \
	do {                                                 \
		const void *p_;                              \
		size_t n_;                                   \
		expect_int(get(t, key, &p_, &n_), CRUET_OK); \
		expect_bytes(p_, n_, want, nwant);           \
	} while (0)

static inline cruet_cache_stats stats_of(struct trial *t)
{
	cruet_cache_stats st = {.size = sizeof st};

	expect_int(cache_of(t)->stats(t->s.self, t->c, &st), CRUET_OK);
	return st;
}

extern const struct promise cache_many[];

#endif
