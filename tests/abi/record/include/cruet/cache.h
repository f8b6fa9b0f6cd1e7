/* The cache: what costs much to make, kept for a while. Thin over the service "cache/1";
 * without a plugin that provides it, calls fail the request with 500 and the log names
 * such a plugin. Not part of cruet.h.
 *
 *	size_t len;
 *	const char *page = cruet_cache_remember(c, "front", 60000, make_page, NULL, &len);
 *
 *	if (!page)
 *		return cruet_err(c);
 *	return cruet_bytes(c, "text/html", page, len);
 *
 * Values are bytes; a text is kept with its strlen(). Whatever is kept may be gone at
 * any time: a cache is no place for what cannot be made again.
 *
 * Keys are texts of the caller's own: the name of its plugin ("app" in an application)
 * and a colon stand before them, so that two plugins are never in each other's way. With
 * these a key has 1 to 250 bytes.
 *
 * Times to live are milliseconds; 0: until the room is needed. Expiry goes by
 * cruet_now(), which tests can set.
 *
 * A failure is recorded in the ctx with its kind (below) and returned; NULL where a
 * pointer is returned. That nothing is there is none. A handler that replies all the same
 * has dealt with it. [request] */
#ifndef CRUET_CACHE_H
#define CRUET_CACHE_H

#include "cruet/types.h"

struct cruet_errtype; /* error.h */

/* Since the provider has started; 0 where it does not know. */
typedef struct cruet_cache_stats {
	uint32_t size; /* sizeof(cruet_cache_stats) */
	uint32_t reserved;
	uint64_t hits, misses; /* of reading. What had to be made is missed twice */
	uint64_t sets;
	uint64_t evictions; /* forgotten because room was needed */
	uint64_t expired;   /* found to be too old */
	uint64_t entries;
	uint64_t bytes;     /* in use, with all that is needed to find them */
	uint64_t bytes_max; /* no more than this */
	uint64_t value_max; /* the largest value that it takes */
} cruet_cache_stats;

/* Makes a value: *p lives as long as c, or longer. CRUET_OK, or a failure as a
 * handler's. */
typedef int cruet_cache_make_fn(cruet_ctx *c, void *arg, const void **p, size_t *len);

CRUET_BEGIN

/* --- kinds of failures, for cruet_on_kind() and cruet_err_kind() -------------- */

extern CRUET_EXPORT const struct cruet_errtype
	cruet_cache_error_kind,       /* 500 "cache.error": those below, and the rest */
	cruet_cache_limit_kind,       /* 500 "cache.limit": the value is too large    */
	cruet_cache_unavailable_kind, /* 503 "cache.unavailable": it is not to be had */
	cruet_cache_timeout_kind;     /* 504 "cache.timeout": no answer in time       */

/* --- reading and writing ----------------------------------------------------- */

/* The value with a NUL behind, which *len does not count; len may be NULL. It lives as
 * long as the ctx. NULL: there is none, or a failure. */
CRUET_API const void *cruet_cache_get(cruet_ctx *c, const char *key, size_t *len);

/* Copies p; NULL where len is 0 is fine. */
CRUET_API int cruet_cache_set(cruet_ctx *c, const char *key, const void *p, size_t len,
			      uint64_t ttl_ms);
/* Only if there is none: CRUET_EEXIST, which is no failure of the request, if there is.
 * Of many who add at once, one is told CRUET_OK. */
CRUET_API int cruet_cache_add(cruet_ctx *c, const char *key, const void *p, size_t len,
			      uint64_t ttl_ms) CRUET_MUST_CHECK;

/* Counts: adds by, which may be negative, to a whole number, and gives the result in
 * *now (may be NULL). One that is not there was 0 and lives for ttl_ms; one that is there
 * keeps its time, so counts begin anew when the first one's time is over. The value is
 * decimal text for cruet_cache_get(). */
CRUET_API int cruet_cache_incr(cruet_ctx *c, const char *key, int64_t by,
			       uint64_t ttl_ms, int64_t *now);

/* Another time to live, from now on. CRUET_ENOENT, which is no failure of the request, if
 * there is none. */
CRUET_API int cruet_cache_touch(cruet_ctx *c, const char *key, uint64_t ttl_ms);

/* Deleting what is not there is fine. */
CRUET_API int cruet_cache_del(cruet_ctx *c, const char *key);
/* Deletes all of the caller's whose key begins with prefix; "" means all of them. */
CRUET_API int cruet_cache_clear(cruet_ctx *c, const char *prefix);

/* The value, which make makes if there is none, and which is kept then. Of those who want
 * it at once one makes it while the others wait, for 10 s at most; so many requests for
 * what has just expired do not all make it. When the cache fails or does not take it, it
 * is made all the same, and the log says so. As cruet_cache_get() gives it; NULL: make
 * failed, which is recorded. */
CRUET_API const void *cruet_cache_remember(cruet_ctx *c, const char *key, uint64_t ttl_ms,
					   cruet_cache_make_fn *make, void *arg,
					   size_t *len);

/* What the cache knows of itself, of all its users. out->size says how much of it. */
CRUET_API int cruet_cache_stats_get(cruet_ctx *c, cruet_cache_stats *out);

CRUET_END
#endif
