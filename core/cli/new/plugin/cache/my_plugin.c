/* Provides "cache/1" in the memory of this process; <cruet/svc/cache.h> says what each
 * function promises. A tree finds an entry by its key, and a list has them in the order
 * of their use: what was not used for longest goes when room is needed. */
#include <cruet.h>
#include <cruet/cache.h>
#include <cruet/plugin.h>
#include <cruet/svc/cache.h>
#include <errno.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the tree needs for an entry. */
enum { NODE = 48 };

struct config {
	uint64_t memory;
};

struct item {
	struct item *newer, *older;
	int64_t end; /* milliseconds, by cruet_now() */
	size_t len;
	char *value; /* lies behind the key, and a NUL behind it */
	char key[];
};

struct state {
	cruet_app *app;
	pthread_mutex_t lock; /* guards all that follows */
	void *tree;	      /* of keys, by tsearch() */
	struct item *newest, *oldest;
	cruet_cache_stats stats;
};

/* --- entries; the lock is held ------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static size_t size_of(size_t key_len, size_t len)
{
	return sizeof(struct item) + key_len + len + 2 + NODE;
}

static void unlink_entry(struct state *s, struct item *e)
{
	*(e->newer ? &e->newer->older : &s->newest) = e->older;
	*(e->older ? &e->older->newer : &s->oldest) = e->newer;
}

static void link_newest(struct state *s, struct item *e)
{
	e->newer = NULL;
	e->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = e;
	s->newest = e;
}

static void drop(struct state *s, struct item *e)
{
	tdelete(e->key, &s->tree, by_text);
	unlink_entry(s, e);
	s->stats.entries--;
	s->stats.bytes -= size_of(strlen(e->key), e->len);
	free(e);
}

/* What has expired is not there. */
static struct item *find(struct state *s, const char *key)
{
	char **found = tfind(key, &s->tree, by_text);

	if (!found)
		return NULL;
	struct item *e = (struct item *)(*found - offsetof(struct item, key));
	if (e->end <= cruet_now(s->app)) {
		drop(s, e);
		s->stats.expired++;
		return NULL;
	}
	unlink_entry(s, e);
	link_newest(s, e);
	return e;
}

static int64_t end_of(const struct state *s, uint64_t ttl_ms)
{
	int64_t now = cruet_now(s->app);

	return !ttl_ms || ttl_ms > (uint64_t)(INT64_MAX - now) ? INT64_MAX
							       : now + (int64_t)ttl_ms;
}

/* Takes the place of old, which may be NULL. */
static int put(struct state *s, struct item *old, const char *key, const void *p,
	       size_t len, int64_t end)
{
	size_t key_len = strlen(key);
	struct item *e = malloc(sizeof *e + key_len + len + 2);

	if (!e)
		return CRUET_ENOMEM;
	e->end = end;
	e->len = len;
	e->value = e->key + key_len + 1;
	memcpy(e->key, key, key_len + 1);
	if (len)
		memcpy(e->value, p, len);
	e->value[len] = '\0';
	if (old)
		drop(s, old);
	for (; s->stats.bytes + size_of(key_len, len) > s->stats.bytes_max;
	     s->stats.evictions++)
		drop(s, s->oldest);
	if (!tsearch(e->key, &s->tree, by_text)) {
		free(e);
		return CRUET_ENOMEM;
	}
	link_newest(s, e);
	s->stats.entries++;
	s->stats.bytes += size_of(key_len, len);
	return CRUET_OK;
}

/* --- the service -------------------------------------------------------------- */

static bool fits(const char *key)
{
	return *key && strlen(key) <= CRUET_CACHE_KEY_MAX;
}

static int copy_out(const struct item *e, cruet_ctx *c, const void **p, size_t *len)
{
	char *copy = cruet_alloc(c, e->len + 1);

	if (!copy)
		return CRUET_ENOMEM;
	*p = memcpy(copy, e->value, e->len + 1);
	*len = e->len;
	return CRUET_OK;
}

static int get(void *self, cruet_ctx *c, const char *key, const void **p, size_t *len)
{
	struct state *s = self;

	if (!fits(key))
		return CRUET_EINVAL;
	pthread_mutex_lock(&s->lock);
	struct item *e = find(s, key);
	int err = e ? copy_out(e, c, p, len) : CRUET_ENOENT;
	(*(e ? &s->stats.hits : &s->stats.misses))++;
	pthread_mutex_unlock(&s->lock);
	return err;
}

static int set_locked(struct state *s, const char *key, const void *p, size_t len,
		      uint64_t ttl_ms, int how)
{
	struct item *old = find(s, key);

	if (how == CRUET_CACHE_ABSENT && old)
		return CRUET_EEXIST;
	if (how == CRUET_CACHE_PRESENT && !old)
		return CRUET_ENOENT;
	s->stats.sets++;
	if (len <= s->stats.value_max)
		return put(s, old, key, p, len, end_of(s, ttl_ms));
	if (old) /* it would be stale */
		drop(s, old);
	return CRUET_ELIMIT;
}

static int set(void *self, cruet_ctx *c, const char *key, const void *p, size_t len,
	       uint64_t ttl_ms, int how)
{
	struct state *s = self;

	(void)c;
	if (!fits(key))
		return CRUET_EINVAL;
	pthread_mutex_lock(&s->lock);
	int err = set_locked(s, key, p, len, ttl_ms, how);
	pthread_mutex_unlock(&s->lock);
	return err;
}

static bool is_number(const struct item *e, int64_t *out)
{
	char *end;

	if ((*e->value < '0' || *e->value > '9') && *e->value != '-')
		return false;
	errno = 0;
	*out = strtoll(e->value, &end, 10);
	return !errno && end == e->value + e->len;
}

static int incr_locked(struct state *s, const char *key, int64_t by, uint64_t ttl_ms,
		       int64_t *now)
{
	struct item *old = find(s, key);
	int64_t was = 0;
	char text[24];

	if (old && !is_number(old, &was))
		return CRUET_EPARSE;
	if (__builtin_add_overflow(was, by, &was))
		return CRUET_ELIMIT;
	*now = was;
	int n = snprintf(text, sizeof text, "%lld", (long long)was);
	return put(s, old, key, text, (size_t)n, old ? old->end : end_of(s, ttl_ms));
}

static int incr(void *self, cruet_ctx *c, const char *key, int64_t by, uint64_t ttl_ms,
		int64_t *now)
{
	struct state *s = self;

	(void)c;
	if (!fits(key))
		return CRUET_EINVAL;
	pthread_mutex_lock(&s->lock);
	int err = incr_locked(s, key, by, ttl_ms, now);
	pthread_mutex_unlock(&s->lock);
	return err;
}

static int touch(void *self, cruet_ctx *c, const char *key, uint64_t ttl_ms)
{
	struct state *s = self;

	(void)c;
	if (!fits(key))
		return CRUET_EINVAL;
	pthread_mutex_lock(&s->lock);
	struct item *e = find(s, key);
	if (e)
		e->end = end_of(s, ttl_ms);
	pthread_mutex_unlock(&s->lock);
	return e ? CRUET_OK : CRUET_ENOENT;
}

static int del(void *self, cruet_ctx *c, const char *key)
{
	struct state *s = self;

	(void)c;
	if (!fits(key))
		return CRUET_EINVAL;
	pthread_mutex_lock(&s->lock);
	struct item *e = find(s, key);
	if (e)
		drop(s, e);
	pthread_mutex_unlock(&s->lock);
	return CRUET_OK;
}

static int clear(void *self, cruet_ctx *c, const char *prefix)
{
	struct state *s = self;
	size_t n = strlen(prefix);

	(void)c;
	pthread_mutex_lock(&s->lock);
	for (struct item *e = s->newest, *older; e; e = older) {
		older = e->older;
		if (!strncmp(e->key, prefix, n))
			drop(s, e);
	}
	pthread_mutex_unlock(&s->lock);
	return CRUET_OK;
}

/* A caller that was built with fewer members has no room for more. */
static int stats(void *self, cruet_ctx *c, cruet_cache_stats *out)
{
	struct state *s = self;
	uint32_t size = out->size;

	(void)c;
	pthread_mutex_lock(&s->lock);
	memcpy(out, &s->stats, size < sizeof s->stats ? size : sizeof s->stats);
	pthread_mutex_unlock(&s->lock);
	out->size = size;
	return CRUET_OK;
}

static const cruet_cache service = {.size = sizeof service,
				    .get = get,
				    .set = set,
				    .incr = incr,
				    .touch = touch,
				    .del = del,
				    .clear = clear,
				    .stats = stats};

/* --- the plugin --------------------------------------------------------------- */

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	s->app = app;
	s->stats = (cruet_cache_stats){.bytes_max = cfg->memory,
				       .value_max = cfg->memory / 4};
	if (pthread_mutex_init(&s->lock, NULL))
		return CRUET_ENOMEM;
	return cruet_provide(app, CRUET_CACHE, &service, s);
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	clear(s, NULL, "");
	pthread_mutex_destroy(&s->lock);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, memory, SIZE, .def = "16m", .flags = CRUET_OPT_BOUNDS,
		     .min = 65536, .max = (int64_t)1 << 40,
		     .help = "a size from 64k to 1024g"),
	{.name = NULL}};

static const char *const provides[] = {CRUET_CACHE, NULL};

CRUET_PLUGIN(my_plugin, .version = "0.1.0",
	     .summary = "cache/1 in the memory of the process", .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .provides = provides, .init = init, .fini = fini,
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE);
