/* cruet_cache_remember(): a value that one makes while others wait for it.
 *
 * Who finds none adds a second key, which expires by itself; adding is one step for all,
 * so one of them has the turn. It looks again, because whoever had the turn before may
 * have put the value in between; makes it, puts it in, and only then deletes that key.
 * The others look again and again, with naps that grow, until the value or the turn is
 * there. So this works with every provider, also across processes, and who dies while it
 * has the turn holds up the others for TURN_MS and no longer. */
#include <string.h>
#include <time.h>

#include "app/ctx.h"
#include "cruet/log.h"
#include "cruet/memory.h"
#include "cruet/plugin.h"
#include "service/cache.h"

enum { TURN_MS = 10000, NAP_MAX = 50 };

enum turn {
	FOUND, /* the value is there */
	MINE,  /* to make it is our turn */
	ALONE  /* there is no help from the cache, or no more time to wait */
};

struct memory {
	cruet_ctx *c;
	struct cache_use use;
	char turn[CACHE_KEY_SIZE];
	const void *p;
	size_t len;
};

static uint64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void leave(struct memory *m)
{
	m->use.vt->del(m->use.self, m->c, m->turn); /* else it expires */
}

static enum turn alone(struct memory *m, const char *what, int err)
{
	cruet_note(m->c, CRUET_WARN, "%s", cache_words(m->c, &m->use, what, err));
	return ALONE;
}

static enum turn await(struct memory *m)
{
	const struct cache_use *u = &m->use;
	uint64_t until = now_ms() + TURN_MS, nap = 1;
	bool mine = false;

	for (;;) {
		int err = u->vt->get(u->self, m->c, u->key, &m->p, &m->len);
		if (mine && err != CRUET_ENOENT)
			leave(m);
		if (err != CRUET_ENOENT)
			return err ? alone(m, "get", err) : FOUND;
		if (mine)
			return MINE;
		err = u->vt->set(u->self, m->c, m->turn, NULL, 0, TURN_MS,
				 CRUET_CACHE_ABSENT);
		if (err && err != CRUET_EEXIST)
			return alone(m, "lock", err);
		mine = !err;
		if (!mine && (now_ms() >= until || !cruet_wait(m->c->scope, nap)))
			return ALONE;
		nap = mine || nap * 2 > NAP_MAX ? NAP_MAX : nap * 2;
	}
}

/* A copy with a NUL behind, as one out of the cache has. */
static int keep(struct memory *m, const void *p, size_t len)
{
	char *copy = len < SIZE_MAX ? cruet_alloc(m->c, len + 1) : NULL;

	if (!copy)
		return ctx_fail(m->c, CRUET_ENOMEM, NULL, false);
	if (len)
		memcpy(copy, p, len);
	m->p = copy;
	m->len = len;
	return CRUET_OK;
}

static int make_one(struct memory *m, cruet_cache_make_fn *make, void *arg)
{
	const void *p = NULL;
	size_t len = 0;
	int err = make(m->c, arg, &p, &len);

	if (err > 0 && err < 400)
		return cruet_raise(m->c, &cruet_cache_error_kind,
				   "what makes cache key \"%s\" returned %d: expected "
				   "CRUET_OK or a failure",
				   m->use.said, err);
	if (err)
		return ctx_fail(m->c, err, NULL, false);
	if (!p && len)
		return cruet_raise(
			m->c, &cruet_cache_error_kind,
			"what was made for cache key \"%s\" is NULL, with %zu bytes",
			m->use.said, len);
	return keep(m, p, len);
}

/* The reply does not depend on it. */
static void put_in(struct memory *m, uint64_t ttl_ms)
{
	const struct cache_use *u = &m->use;
	int err = u->vt->set(u->self, m->c, u->key, m->p, m->len, ttl_ms,
			     CRUET_CACHE_ALWAYS);

	if (err)
		cruet_note(m->c, CRUET_WARN, "%s",
			   err == CRUET_ELIMIT ? cache_too_large(m->c, u, m->len)
					       : cache_words(m->c, u, "set", err));
}

const void *cruet_cache_remember(cruet_ctx *c, const char *key, uint64_t ttl_ms,
				 cruet_cache_make_fn *make, void *arg, size_t *len)
{
	struct memory m = {.c = c};

	if (cache_use(c, key, &m.use))
		return NULL;
	cache_key(c, '!', key, m.turn);
	enum turn turn = await(&m);
	int err = turn == FOUND ? CRUET_OK : make_one(&m, make, arg);
	if (!err && turn != FOUND)
		put_in(&m, ttl_ms);
	if (turn == MINE)
		leave(&m);
	if (err)
		return NULL;
	if (len)
		*len = m.len;
	return m.p;
}
