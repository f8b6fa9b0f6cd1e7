#include "shard.h"

#include <cruet/error.h>
#include <cruet/svc/cache.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"

enum { NUMBER_MAX = 20, CLEAR_STEP = 256 };

static struct entry *entry_at(const struct shard *s, uint32_t e)
{
	return &s->blocks[e].entry;
}

/* --- the whole --------------------------------------------------------------------- */

struct shard *shard_init(void *memory, size_t bytes)
{
	struct shard *s = memory;
	size_t head = (sizeof *s + SHARD_ALIGN - 1) / SHARD_ALIGN * SHARD_ALIGN;
	size_t room = (bytes - head) / (CACHE_BLOCK + sizeof *s->buckets);
	uint32_t n = room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;

	if (pthread_mutex_init(&s->lock, NULL))
		return NULL;
	s->blocks = (union block *)((char *)memory + head);
	s->buckets = (uint32_t *)(s->blocks + n);
	s->nblocks = n;
	s->nbuckets = 1;
	while (s->nbuckets <= n / 2)
		s->nbuckets *= 2;
	s->fresh = 1;
	s->left = n - 1;
	return s;
}

void shard_fini(struct shard *s)
{
	pthread_mutex_destroy(&s->lock);
}

size_t shard_value_max(size_t bytes)
{
	return bytes / 2 - CACHE_BLOCK - CRUET_CACHE_KEY_MAX;
}

/* What is not a block that could be taken is in use. */
static uint64_t in_use(const struct shard *s)
{
	size_t tables = (size_t)((char *)s->blocks - (char *)s) +
			s->nbuckets * sizeof *s->buckets;
	return tables + (uint64_t)(s->nblocks - s->left) * CACHE_BLOCK;
}

void shard_count(struct shard *s, struct shard_counts *sum)
{
	pthread_mutex_lock(&s->lock);
	sum->hits += s->counts.hits;
	sum->misses += s->counts.misses;
	sum->sets += s->counts.sets;
	sum->evictions += s->counts.evictions;
	sum->expired += s->counts.expired;
	sum->entries += s->counts.entries;
	sum->bytes += in_use(s);
	pthread_mutex_unlock(&s->lock);
}

/* --- the queue, under the lock from here on --------------------------------------- */

static void queue_in(struct shard *s, uint32_t e)
{
	struct entry *x = entry_at(s, e);

	x->newer = 0;
	x->older = s->newest;
	if (s->newest)
		entry_at(s, s->newest)->newer = e;
	else
		s->oldest = e;
	s->newest = e;
}

static void queue_out(struct shard *s, uint32_t e)
{
	const struct entry *x = entry_at(s, e);

	if (s->hand == e)
		s->hand = x->newer;
	if (x->newer)
		entry_at(s, x->newer)->older = x->older;
	else
		s->newest = x->older;
	if (x->older)
		entry_at(s, x->older)->newer = x->newer;
	else
		s->oldest = x->newer;
}

/* --- entries ---------------------------------------------------------------------- */

static uint32_t *bucket_of(const struct shard *s, uint32_t tag)
{
	return &s->buckets[tag & (s->nbuckets - 1)];
}

static bool too_old(const struct entry *x, int64_t now)
{
	return x->expires && x->expires <= now;
}

static bool has_key(struct shard *s, uint32_t e, const struct probe *q)
{
	const struct entry *x = entry_at(s, e);

	if (x->tag != (uint32_t)q->hash || x->key_len != q->key_len)
		return false;
	struct place at = place_begin(s, e);
	return place_is(&at, q->key, q->key_len);
}

static void forget(struct shard *s, uint32_t e)
{
	uint32_t *at = bucket_of(s, entry_at(s, e)->tag);

	while (*at != e)
		at = &entry_at(s, *at)->chain;
	*at = entry_at(s, e)->chain;
	queue_out(s, e);
	blocks_give(s, e);
	s->counts.entries--;
}

/* The entry of that key; 0 if there is none, or its time is over. */
static uint32_t find(struct shard *s, const struct probe *q)
{
	uint32_t e = *bucket_of(s, (uint32_t)q->hash);

	while (e && !has_key(s, e, q))
		e = entry_at(s, e)->chain;
	if (!e || !too_old(entry_at(s, e), q->now))
		return e;
	s->counts.expired++;
	forget(s, e);
	return 0;
}

/* Forgets the entry that the hand finds. */
static void evict(struct shard *s, int64_t now)
{
	uint32_t e = s->hand ? s->hand : s->oldest;

	for (int i = 0; i < SHARD_STEPS; i++) {
		struct entry *x = entry_at(s, e);
		if (!x->visited || too_old(x, now))
			break;
		x->visited = false;
		e = x->newer ? x->newer : s->oldest;
	}
	if (too_old(entry_at(s, e), now))
		s->counts.expired++;
	else
		s->counts.evictions++;
	s->hand = e; /* forgetting it moves the hand on */
	forget(s, e);
}

static void write_value(struct shard *s, uint32_t e, const struct probe *q,
			const struct item *it)
{
	struct entry *x = entry_at(s, e);
	struct place at = place_begin(s, e);

	x->len = (uint32_t)it->len;
	x->expires = it->expires;
	place_skip(&at, q->key_len);
	place_put(&at, it->p, it->len);
}

static void add(struct shard *s, const struct probe *q, const struct item *it,
		bool visited)
{
	size_t bytes = q->key_len + it->len;

	while (s->left < blocks_for(bytes))
		evict(s, q->now);
	uint32_t e = blocks_take(s, bytes);
	struct entry *x = entry_at(s, e);
	uint32_t *bucket = bucket_of(s, (uint32_t)q->hash);
	x->tag = (uint32_t)q->hash;
	x->key_len = q->key_len;
	x->visited = visited;
	struct place at = place_begin(s, e);
	place_put(&at, q->key, q->key_len);
	write_value(s, e, q, it);
	x->chain = *bucket;
	*bucket = e;
	queue_in(s, e);
	s->counts.entries++;
}

/* In the place of e, or anew where e is 0 or has not the right room. */
static void put(struct shard *s, uint32_t e, const struct probe *q, const struct item *it)
{
	if (e && blocks_for((size_t)q->key_len + entry_at(s, e)->len) ==
			 blocks_for(q->key_len + it->len)) {
		write_value(s, e, q, it);
		entry_at(s, e)->visited = true;
		return;
	}
	if (e)
		forget(s, e);
	add(s, q, it, e != 0);
}

/* --- what is asked ---------------------------------------------------------------- */

int shard_get(struct shard *s, const struct probe *q, void *buf, size_t cap, size_t *len)
{
	pthread_mutex_lock(&s->lock);
	uint32_t e = find(s, q);
	if (e) {
		struct entry *x = entry_at(s, e);
		struct place at = place_begin(s, e);
		*len = x->len;
		if (x->len <= cap) {
			place_skip(&at, x->key_len);
			place_get(&at, buf, x->len);
			x->visited = true;
			s->counts.hits++;
		}
	} else {
		s->counts.misses++;
	}
	pthread_mutex_unlock(&s->lock);
	return e ? CRUET_OK : CRUET_ENOENT;
}

int shard_set(struct shard *s, const struct probe *q, const struct item *it)
{
	int err = CRUET_OK;

	pthread_mutex_lock(&s->lock);
	uint32_t e = find(s, q);
	if (e && it->how == CRUET_CACHE_ABSENT)
		err = CRUET_EEXIST;
	else if (!e && it->how == CRUET_CACHE_PRESENT)
		err = CRUET_ENOENT;
	if (!err) {
		put(s, e, q, it);
		s->counts.sets++;
	}
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* The number that an entry holds: digits with a minus or none, and nothing else. */
static int read_number(struct shard *s, uint32_t e, int64_t *out)
{
	const struct entry *x = entry_at(s, e);
	char text[NUMBER_MAX + 1], *end;

	if (!x->len || x->len > NUMBER_MAX)
		return CRUET_EPARSE;
	struct place at = place_begin(s, e);
	place_skip(&at, x->key_len);
	place_get(&at, text, x->len);
	text[x->len] = '\0';
	if (strspn(text, "-0123456789") != x->len)
		return CRUET_EPARSE;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (errno || end != text + x->len)
		return CRUET_EPARSE;
	*out = n;
	return CRUET_OK;
}

static int incr(struct shard *s, const struct probe *q, int64_t by, int64_t expires,
		int64_t *out)
{
	char text[NUMBER_MAX + 1];
	int64_t was = 0;
	uint32_t e = find(s, q);
	int err = e ? read_number(s, e, &was) : CRUET_OK;

	if (err)
		return err;
	if (__builtin_add_overflow(was, by, out))
		return CRUET_ELIMIT;
	struct item it = {text, 0, e ? entry_at(s, e)->expires : expires, 0};
	it.len = (size_t)snprintf(text, sizeof text, "%" PRId64, *out);
	put(s, e, q, &it);
	s->counts.sets++;
	return CRUET_OK;
}

int shard_incr(struct shard *s, const struct probe *q, int64_t by, int64_t expires,
	       int64_t *out)
{
	pthread_mutex_lock(&s->lock);
	int err = incr(s, q, by, expires, out);
	pthread_mutex_unlock(&s->lock);
	return err;
}

int shard_touch(struct shard *s, const struct probe *q, int64_t expires)
{
	pthread_mutex_lock(&s->lock);
	uint32_t e = find(s, q);
	if (e) {
		entry_at(s, e)->expires = expires;
		entry_at(s, e)->visited = true;
	}
	pthread_mutex_unlock(&s->lock);
	return e ? CRUET_OK : CRUET_ENOENT;
}

void shard_del(struct shard *s, const struct probe *q)
{
	pthread_mutex_lock(&s->lock);
	uint32_t e = find(s, q);
	if (e)
		forget(s, e);
	pthread_mutex_unlock(&s->lock);
}

static void clear_bucket(struct shard *s, uint32_t first, const char *prefix, size_t len)
{
	uint32_t next;

	for (uint32_t e = first; e; e = next) {
		struct place at = place_begin(s, e);
		next = entry_at(s, e)->chain;
		if (entry_at(s, e)->key_len >= len && place_is(&at, prefix, len))
			forget(s, e);
	}
}

void shard_clear(struct shard *s, const char *prefix, size_t len)
{
	for (uint32_t b = 0; b < s->nbuckets;) {
		pthread_mutex_lock(&s->lock);
		for (int i = 0; i < CLEAR_STEP && b < s->nbuckets; i++, b++)
			clear_bucket(s, s->buckets[b], prefix, len);
		pthread_mutex_unlock(&s->lock);
	}
}
