/* One part of the cache: a piece of memory that never grows, with its own lock.
 *
 * The memory is a table of buckets and blocks of one size; an entry is a chain of blocks,
 * its key and value one after the other. So nothing is allocated after the start, nothing
 * fragments, and what is in use is counted exactly: a block is taken or it is not.
 *
 * Who goes when room is needed is decided as SIEVE does: entries stand in a queue in the
 * order in which they came, and a hit only marks its entry. A hand walks from the oldest
 * to the newest, takes marks away, and forgets the first entry that has none, or whose
 * time is over. It stays where it stopped, so what came later and was never asked for
 * goes before what is old and used. (Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is
 * Simpler than LRU: an Efficient Turn-Key Eviction Algorithm for Web Caches, NSDI 2024.)
 * One thing is ours: after SHARD_STEPS marks the hand takes what stands there, for
 * others wait for the lock meanwhile.
 *
 * Knows neither the core nor a clock. [any thread] */
#ifndef CACHE_SHARD_H
#define CACHE_SHARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SHARD_ALIGN = 64, /* of its memory */
	SHARD_MIN = 8192, /* bytes */
	SHARD_STEPS = 256
};

union block;

struct shard_counts {
	uint64_t hits, misses, sets, evictions, expired, entries, bytes;
};

struct shard {
	pthread_mutex_t lock; /* guards what follows */
	uint32_t *buckets;    /* first entry of each; 0: none */
	union block *blocks;  /* the first is never used: 0 means none */
	uint32_t nbuckets;    /* a power of two */
	uint32_t nblocks;
	uint32_t fresh;		       /* blocks from here on were never taken */
	uint32_t spare;		       /* first of those that were given back */
	uint32_t left;		       /* how many of both */
	uint32_t newest, oldest, hand; /* the queue */
	struct shard_counts counts;
};

/* A key, and what it is looked for with. */
struct probe {
	const char *key;
	uint16_t key_len;
	uint64_t hash; /* the same for the same key; its upper half chose the shard */
	int64_t now;   /* milliseconds */
};

/* What is to be put in. */
struct item {
	const void *p;
	size_t len;
	int64_t expires; /* 0: never */
	int how;	 /* enum cruet_cache_how */
};

/* Takes bytes of memory, all zero, aligned to SHARD_ALIGN, at least SHARD_MIN. The
 * struct lies at its front. NULL: there is no lock to be had. */
struct shard *shard_init(void *memory, size_t bytes);
void shard_fini(struct shard *s); /* the memory is the caller's */
/* Of a value that goes into half of a shard of that size, whatever its key. */
size_t shard_value_max(size_t bytes);

/* CRUET_ENOENT, or the length of the value, which is copied if it is at most cap. */
int shard_get(struct shard *s, const struct probe *q, void *buf, size_t cap, size_t *len);
/* CRUET_OK, CRUET_EEXIST, CRUET_ENOENT. The value is at most shard_value_max(). */
int shard_set(struct shard *s, const struct probe *q, const struct item *it);
/* expires: of one that is not there. CRUET_OK, CRUET_EPARSE, CRUET_ELIMIT. */
int shard_incr(struct shard *s, const struct probe *q, int64_t by, int64_t expires,
	       int64_t *out);
int shard_touch(struct shard *s, const struct probe *q, int64_t expires);
void shard_del(struct shard *s, const struct probe *q);
/* Some buckets at a time, and between them others may have the lock. */
void shard_clear(struct shard *s, const char *prefix, size_t len);
/* Adds to *sum. */
void shard_count(struct shard *s, struct shard_counts *sum);

#endif
