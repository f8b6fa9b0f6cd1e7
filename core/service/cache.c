/* cruet/cache.h over the service "cache/1": keys that begin with the caller's name, and
 * failures in words. A value that is made for all is in cache_remember.c. */
#include "service/cache.h"

#include <stdio.h>
#include <string.h>

#include "app/ctx.h"
#include "cruet/error.h"
#include "cruet/svc/cache.h"
#include "plugin/service.h"

enum { NEED = CRUET_UPTO(cruet_cache, stats), KEY_SHOWN = 80 };

#define KIND(name, status, parent)                                                      \
	const cruet_errtype cruet_cache_##name##_kind = {sizeof(cruet_errtype), status, \
							 "cache." #name, parent}
KIND(error, 500, NULL);
KIND(limit, 500, &cruet_cache_error_kind);
KIND(unavailable, 503, &cruet_cache_error_kind);
KIND(timeout, 504, &cruet_cache_error_kind);
#undef KIND

/* --- whose cache, and whose key ----------------------------------------------------- */

static const char *owner_of(const cruet_ctx *c)
{
	return c->scope->owner ? c->scope->owner->name : "app";
}

bool cache_key(const cruet_ctx *c, char sign, const char *key, char out[CACHE_KEY_SIZE])
{
	int n = snprintf(out, CACHE_KEY_SIZE, "%s%c%s", owner_of(c), sign, key);
	return n > 0 && n < CACHE_KEY_SIZE;
}

static int bad_key(cruet_ctx *c, const char *key)
{
	const char *owner = owner_of(c);

	if (!key || !*key)
		return cruet_raise(c, &cruet_cache_error_kind,
				   "a cache key is %s: expected 1 to %zu bytes",
				   key ? "empty" : "NULL",
				   CRUET_CACHE_KEY_MAX - strlen(owner) - 1);
	return cruet_raise(c, &cruet_cache_error_kind,
			   "cache key \"%.*s...\" has %zu bytes: expected 1 to %zu, for "
			   "\"%s:\" stands before it: use a hash of it",
			   KEY_SHOWN, key, strlen(key),
			   CRUET_CACHE_KEY_MAX - strlen(owner) - 1, owner);
}

static int find(cruet_ctx *c, struct cache_use *u)
{
	cruet_service s;
	int err = service_of(c, CRUET_CACHE, NEED, "cache", &s);

	*u = (struct cache_use){.vt = s.vt, .self = s.self, .provider = s.provider};
	return err;
}

int cache_use(cruet_ctx *c, const char *key, struct cache_use *u)
{
	int err = find(c, u);

	if (err)
		return err;
	u->said = key;
	return key && *key && cache_key(c, ':', key, u->key) ? CRUET_OK : bad_key(c, key);
}

/* --- failures in words ------------------------------------------------------------ */

static const cruet_errtype *kind_of(int err)
{
	switch (err) {
	case CRUET_ETIMEOUT:
		return &cruet_cache_timeout_kind;
	case CRUET_EBUSY:
	case CRUET_EAGAIN:
	case CRUET_EIO:
		return &cruet_cache_unavailable_kind;
	default:
		return &cruet_cache_error_kind;
	}
}

const char *cache_words(cruet_ctx *c, const struct cache_use *u, const char *what,
			int err)
{
	const char *text =
		arena_printf(&c->arena, "the cache '%s' could not %s \"%.*s\": %s",
			     u->provider, what, KEY_SHOWN, u->said, cruet_strerror(err));
	return text ? text : cruet_strerror(CRUET_ENOMEM);
}

const char *cache_too_large(cruet_ctx *c, const struct cache_use *u, size_t len)
{
	cruet_cache_stats st = {.size = sizeof st};
	const char *text;

	if (u->vt->stats(u->self, c, &st) || !st.value_max)
		text = arena_printf(
			&c->arena,
			"the value of cache key \"%.*s\" has %zu bytes, more than "
			"'%s' takes",
			KEY_SHOWN, u->said, len, u->provider);
	else
		text = arena_printf(
			&c->arena,
			"the value of cache key \"%.*s\" has %zu bytes, and '%s' "
			"takes at most %llu: keep less, or raise its value_max",
			KEY_SHOWN, u->said, len, u->provider,
			(unsigned long long)st.value_max);
	return text ? text : cruet_strerror(CRUET_ENOMEM);
}

static int fails(cruet_ctx *c, const struct cache_use *u, const char *what, int err)
{
	if (err == CRUET_ENOMEM)
		return ctx_fail(c, err, NULL, false);
	return cruet_raise(c, kind_of(err), "%s", cache_words(c, u, what, err));
}

/* --- reading and writing ---------------------------------------------------------- */

const void *cruet_cache_get(cruet_ctx *c, const char *key, size_t *len)
{
	struct cache_use u;
	const void *p;
	size_t n;

	if (cache_use(c, key, &u))
		return NULL;
	int err = u.vt->get(u.self, c, u.key, &p, &n);
	if (err && err != CRUET_ENOENT)
		fails(c, &u, "get", err);
	if (err)
		return NULL;
	if (len)
		*len = n;
	return p;
}

static int set(cruet_ctx *c, const char *key, const void *p, size_t len, uint64_t ttl_ms,
	       int how)
{
	struct cache_use u;
	int err = cache_use(c, key, &u);

	if (err)
		return err;
	if (!p && len)
		return cruet_raise(
			c, &cruet_cache_error_kind,
			"the value of cache key \"%.*s\" is NULL, with %zu bytes",
			KEY_SHOWN, key, len);
	err = u.vt->set(u.self, c, u.key, p, len, ttl_ms, how);
	if (err == CRUET_ELIMIT)
		return cruet_raise(c, &cruet_cache_limit_kind, "%s",
				   cache_too_large(c, &u, len));
	return err && err != CRUET_EEXIST ? fails(c, &u, "set", err) : err;
}

int cruet_cache_set(cruet_ctx *c, const char *key, const void *p, size_t len,
		    uint64_t ttl_ms)
{
	return set(c, key, p, len, ttl_ms, CRUET_CACHE_ALWAYS);
}

int cruet_cache_add(cruet_ctx *c, const char *key, const void *p, size_t len,
		    uint64_t ttl_ms)
{
	return set(c, key, p, len, ttl_ms, CRUET_CACHE_ABSENT);
}

int cruet_cache_incr(cruet_ctx *c, const char *key, int64_t by, uint64_t ttl_ms,
		     int64_t *now)
{
	struct cache_use u;
	int64_t unused;
	int err = cache_use(c, key, &u);

	if (err)
		return err;
	err = u.vt->incr(u.self, c, u.key, by, ttl_ms, now ? now : &unused);
	if (err == CRUET_EPARSE)
		return cruet_raise(c, &cruet_cache_error_kind,
				   "cache key \"%.*s\" holds no whole number, so nothing "
				   "can be added to it",
				   KEY_SHOWN, key);
	if (err == CRUET_ELIMIT)
		return cruet_raise(
			c, &cruet_cache_error_kind,
			"cache key \"%.*s\" cannot grow by %lld: the result does "
			"not fit 64 bits",
			KEY_SHOWN, key, (long long)by);
	return err ? fails(c, &u, "add to", err) : CRUET_OK;
}

int cruet_cache_touch(cruet_ctx *c, const char *key, uint64_t ttl_ms)
{
	struct cache_use u;
	int err = cache_use(c, key, &u);

	if (err)
		return err;
	err = u.vt->touch(u.self, c, u.key, ttl_ms);
	return err && err != CRUET_ENOENT ? fails(c, &u, "touch", err) : err;
}

int cruet_cache_del(cruet_ctx *c, const char *key)
{
	struct cache_use u;
	int err = cache_use(c, key, &u);

	if (err)
		return err;
	err = u.vt->del(u.self, c, u.key);
	return err ? fails(c, &u, "delete", err) : CRUET_OK;
}

int cruet_cache_clear(cruet_ctx *c, const char *prefix)
{
	struct cache_use u;
	int err = find(c, &u);

	if (err)
		return err;
	u.said = prefix;
	if (!prefix || !cache_key(c, ':', prefix, u.key))
		return bad_key(c, prefix);
	err = u.vt->clear(u.self, c, u.key);
	return err ? fails(c, &u, "clear", err) : CRUET_OK;
}

int cruet_cache_stats_get(cruet_ctx *c, cruet_cache_stats *out)
{
	struct cache_use u;
	int err = find(c, &u);

	if (err)
		return err;
	u.said = "stats";
	uint32_t size = out->size;
	if (size < sizeof(uint64_t))
		return ctx_fail(
			c, CRUET_EINVAL,
			"cruet_cache_stats_get: set size to sizeof(cruet_cache_stats)",
			false);
	memset(out, 0, size);
	out->size = size;
	err = u.vt->stats(u.self, c, out);
	return err ? fails(c, &u, "tell", err) : CRUET_OK;
}
