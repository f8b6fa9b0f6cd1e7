/* A stand-in for whatever offers "cache/1": does what the test says, and counts. */
#ifndef TESTS_CACHE_FAKE_H
#define TESTS_CACHE_FAKE_H

#include "fixture.h"

static struct fake {
	int get_err, set_err, other_err;
	int gets, sets, dels;
	uint64_t value_max;
	char key[512]; /* the last one */
} fake;

static inline void note_key(const char *key)
{
	snprintf(fake.key, sizeof fake.key, "%s", key);
}

static inline int fake_get(void *self, cruet_ctx *c, const char *key, const void **p,
			   size_t *len)
{
	(void)self;
	fake.gets++;
	note_key(key);
	*len = 4;
	*p = cruet_strdup(c, "fake");
	return fake.get_err;
}

static inline int fake_set(void *self, cruet_ctx *c, const char *key, const void *p,
			   size_t len, uint64_t ttl_ms, int how)
{
	(void)self, (void)c, (void)p, (void)len, (void)ttl_ms;
	fake.sets++;
	if (how == CRUET_CACHE_ALWAYS)
		note_key(key);
	return how == CRUET_CACHE_ALWAYS ? fake.set_err : CRUET_OK;
}

static inline int fake_incr(void *self, cruet_ctx *c, const char *key, int64_t by,
			    uint64_t ttl_ms, int64_t *now)
{
	(void)self, (void)c, (void)by, (void)ttl_ms;
	note_key(key);
	*now = 1;
	return fake.other_err;
}

static inline int fake_touch(void *self, cruet_ctx *c, const char *key, uint64_t ttl_ms)
{
	(void)self, (void)c, (void)ttl_ms;
	note_key(key);
	return fake.other_err;
}

static inline int fake_one(void *self, cruet_ctx *c, const char *key)
{
	(void)self, (void)c;
	fake.dels++;
	note_key(key);
	return fake.other_err;
}

static inline int fake_stats(void *self, cruet_ctx *c, cruet_cache_stats *out)
{
	(void)self, (void)c;
	if (CRUET_HAS(out, cruet_cache_stats, value_max) || fake.value_max)
		out->value_max = fake.value_max;
	return fake.other_err;
}

static const cruet_cache fake_table = {.size = sizeof fake_table,
				       .get = fake_get,
				       .set = fake_set,
				       .incr = fake_incr,
				       .touch = fake_touch,
				       .del = fake_one,
				       .clear = fake_one,
				       .stats = fake_stats};

static int fake_init(cruet_app *app)
{
	memset(&fake, 0, sizeof fake);
	return cruet_provide(app, CRUET_CACHE, &fake_table, NULL);
}

static const char *const fake_gives[] = {CRUET_CACHE, NULL};
CRUET_PLUGIN(fake_cache, .provides = fake_gives, .init = fake_init);

#endif
