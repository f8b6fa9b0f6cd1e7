/* Provides "cache/1" from the memory of this process. This file is what the plugin says
 * of itself, its ladder, and which shard a key belongs to; shard.c keeps entries, block.c
 * their bytes. */
#include <cruet.h>
#include <cruet/cache.h>
#include <cruet/svc/cache.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "shard.h"

enum {
	SMALL = 512, /* bytes that are read in one look */
	VALUE_USUAL = 1 << 20,
	VALUE_LIMIT = 1 << 30
};

struct config {
	uint64_t memory, value_max;
	int64_t shards;
};

struct state {
	cruet_app *app;
	void *memory; /* of all shards */
	struct shard **shards;
	size_t nshards, value_max;
	uint64_t bytes_max;
	/* So that nobody can think of keys that meet in one place. */
	unsigned char hash_key[crypto_shorthash_KEYBYTES];
};

/* --- keys ------------------------------------------------------------------------- */

/* The shard of a key; NULL: it is no key. */
static struct shard *shard_of(const struct state *s, const char *key, struct probe *q)
{
	size_t len = strnlen(key, CRUET_CACHE_KEY_MAX + 1);

	if (!len || len > CRUET_CACHE_KEY_MAX)
		return NULL;
	*q = (struct probe){key, (uint16_t)len, 0, cruet_now(s->app)};
	crypto_shorthash((unsigned char *)&q->hash, (const unsigned char *)key, len,
			 s->hash_key);
	return s->shards[(q->hash >> 32) % s->nshards];
}

/* A time so far away that it never comes is none. */
static int64_t expires(const struct probe *q, uint64_t ttl_ms)
{
	if (!ttl_ms || ttl_ms > (uint64_t)(INT64_MAX - q->now))
		return 0;
	return q->now + (int64_t)ttl_ms;
}

/* --- the service ------------------------------------------------------------------ */

/* A small value is read in one look. For a larger one there is room first, made without
 * the lock, and then a second look, at what may be another value by then. */
static int get(void *self, cruet_ctx *c, const char *key, const void **p, size_t *len)
{
	unsigned char small[SMALL], *buf = small;
	size_t n, cap = sizeof small;
	struct probe q;
	struct shard *sh = shard_of(self, key, &q);

	if (!sh)
		return CRUET_EINVAL;
	for (;;) {
		int err = shard_get(sh, &q, buf, cap, &n);
		if (err)
			return err;
		if (n <= cap)
			break;
		cap = n;
		buf = cruet_alloc(c, n + 1);
		if (!buf)
			return CRUET_ENOMEM;
	}
	if (buf == small) {
		buf = cruet_alloc(c, n + 1);
		if (!buf)
			return CRUET_ENOMEM;
		memcpy(buf, small, n);
	}
	buf[n] = '\0';
	*p = buf;
	*len = n;
	return CRUET_OK;
}

static int set(void *self, cruet_ctx *c, const char *key, const void *p, size_t len,
	       uint64_t ttl_ms, int how)
{
	const struct state *s = self;
	struct probe q;
	struct shard *sh = shard_of(s, key, &q);

	(void)c;
	if (!sh)
		return CRUET_EINVAL;
	if (len > s->value_max) {
		if (how != CRUET_CACHE_ABSENT)
			shard_del(sh, &q);
		return CRUET_ELIMIT;
	}
	return shard_set(sh, &q, &(struct item){p, len, expires(&q, ttl_ms), how});
}

static int incr(void *self, cruet_ctx *c, const char *key, int64_t by, uint64_t ttl_ms,
		int64_t *now)
{
	struct probe q;
	struct shard *sh = shard_of(self, key, &q);

	(void)c;
	return sh ? shard_incr(sh, &q, by, expires(&q, ttl_ms), now) : CRUET_EINVAL;
}

static int touch(void *self, cruet_ctx *c, const char *key, uint64_t ttl_ms)
{
	struct probe q;
	struct shard *sh = shard_of(self, key, &q);

	(void)c;
	return sh ? shard_touch(sh, &q, expires(&q, ttl_ms)) : CRUET_EINVAL;
}

static int del(void *self, cruet_ctx *c, const char *key)
{
	struct probe q;
	struct shard *sh = shard_of(self, key, &q);

	(void)c;
	if (!sh)
		return CRUET_EINVAL;
	shard_del(sh, &q);
	return CRUET_OK;
}

static int clear(void *self, cruet_ctx *c, const char *prefix)
{
	const struct state *s = self;
	size_t len = strlen(prefix);

	(void)c;
	for (size_t i = 0; i < s->nshards; i++)
		shard_clear(s->shards[i], prefix, len);
	return CRUET_OK;
}

static int stats(void *self, cruet_ctx *c, cruet_cache_stats *out)
{
	const struct state *s = self;
	struct shard_counts n = {0};

	(void)c;
	for (size_t i = 0; i < s->nshards; i++)
		shard_count(s->shards[i], &n);
	cruet_cache_stats all = {.size = out->size,
				 .hits = n.hits,
				 .misses = n.misses,
				 .sets = n.sets,
				 .evictions = n.evictions,
				 .expired = n.expired,
				 .entries = n.entries,
				 .bytes = n.bytes,
				 .bytes_max = s->bytes_max,
				 .value_max = s->value_max};
	memcpy(out, &all, out->size < sizeof all ? out->size : sizeof all);
	return CRUET_OK;
}

static const cruet_cache service = {
	.size = sizeof service,
	.get = get,
	.set = set,
	.incr = incr,
	.touch = touch,
	.del = del,
	.clear = clear,
	.stats = stats,
};

/* --- ladder ----------------------------------------------------------------------- */

/* Bytes of one shard. */
static size_t part(const struct config *cfg)
{
	return (size_t)(cfg->memory / (uint64_t)cfg->shards) / SHARD_ALIGN * SHARD_ALIGN;
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	size_t bytes = part(cfg);

	if (bytes < SHARD_MIN)
		return cruet_reject(
			app,
			"option memory: %llu bytes in %lld shards: expected %d or "
			"more for each: raise memory, or lower shards",
			(unsigned long long)cfg->memory, (long long)cfg->shards,
			SHARD_MIN);
	if (cfg->value_max > shard_value_max(bytes))
		return cruet_reject(
			app,
			"option value_max: %llu bytes do not fit half a shard, which has "
			"%zu: expected at most %zu: raise memory, or lower shards",
			(unsigned long long)cfg->value_max, bytes,
			shard_value_max(bytes));
	return CRUET_OK;
}

static size_t value_max(const struct config *cfg)
{
	size_t fits = shard_value_max(part(cfg));

	if (cfg->value_max)
		return (size_t)cfg->value_max;
	return fits < VALUE_USUAL ? fits : VALUE_USUAL;
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	for (size_t i = 0; i < s->nshards; i++)
		shard_fini(s->shards[i]);
	free(s->shards);
	free(s->memory);
}

/* The shards in memory that is zero and mostly not touched yet. */
static int divide(struct state *s, const struct config *cfg)
{
	size_t n = (size_t)cfg->shards, bytes = part(cfg);

	s->memory = calloc(1, n * bytes + SHARD_ALIGN);
	s->shards = calloc(n, sizeof(struct shard *));
	if (!s->memory || !s->shards)
		return CRUET_ENOMEM;
	char *at = s->memory;
	at += SHARD_ALIGN - (uintptr_t)at % SHARD_ALIGN;
	for (; s->nshards < n; at += bytes) {
		struct shard *sh = shard_init(at, bytes);
		if (!sh)
			return CRUET_ENOMEM;
		s->shards[s->nshards++] = sh;
	}
	s->bytes_max = (uint64_t)n * bytes;
	return CRUET_OK;
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	if (sodium_init() < 0)
		return cruet_reject(app, "libsodium finds no source of random numbers");
	randombytes_buf(s->hash_key, sizeof s->hash_key);
	s->app = app;
	s->value_max = value_max(cfg);
	int err = divide(s, cfg);
	if (err)
		cruet_reject(app, "there is no memory for option memory: %llu bytes",
			     (unsigned long long)cfg->memory);
	else
		err = cruet_provide(app, CRUET_CACHE, &service, s);
	if (err)
		fini(app);
	return err;
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, memory, SIZE, .def = "64m", .flags = CRUET_OPT_BOUNDS,
		     .min = 64 << 10, .max = INT64_C(64) << 30,
		     .help = "all that it may take, from 64k to 64g"),
	CRUET_OPTION(
		struct config, value_max, SIZE, .def = "0", .flags = CRUET_OPT_BOUNDS,
		.min = 0, .max = VALUE_LIMIT,
		.help = "the most bytes of one value, at most 1g; 0: 1m, or what fits "
			"half a shard"),
	CRUET_OPTION(struct config, shards, INT, .def = "16", .flags = CRUET_OPT_BOUNDS,
		     .min = 1, .max = 256,
		     .help = "from 1 to 256 parts, each with a lock of its own"),
	{.name = NULL}};

static const char *const provides[] = {CRUET_CACHE, NULL};

CRUET_PLUGIN(cache, .version = "0.1.0", .summary = "a cache in the memory of the process",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .provides = provides,
	     .options = options, .config_size = sizeof(struct config),
	     .state_size = sizeof(struct state), .configure = configure, .init = init,
	     .fini = fini);
