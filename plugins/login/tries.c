/* Tries are counted before a password is looked at, so many at once are not more than as
 * many in a row. They are counted in a cache, where there is one, because several
 * processes may share it; a cache that does not answer is replaced by the table of this
 * process. */
#include "login.h"

#include <arpa/inet.h>
#include <cruet/svc/cache.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert(TRY_NAME == crypto_generichash_BYTES, "as libsodium has it");

/* An IPv6 client has a network of its own: 64 bits of the address tell it apart. */
static size_t address_of(const char *peer, unsigned char out[16], const void **p)
{
	size_t len = strlen(peer);

	*p = peer;
	if (inet_pton(AF_INET6, peer, out) != 1)
		return len;
	*p = out;
	return IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)out) ? 16 : 8;
}

static struct try_name name_of(char kind, const void *p, size_t len)
{
	struct try_name n = {.kind = kind};

	crypto_generichash(n.hash, sizeof n.hash, p, len, NULL, 0);
	return n;
}

static struct try_name name_of_peer(char kind, const cruet_ctx *c)
{
	unsigned char address[16];
	const void *p;
	size_t len = address_of(cruet_peer(c), address, &p);

	return name_of(kind, p, len);
}

/* --- counting
 * --------------------------------------------------------------------------- */

/* Accounts have a table of their own, so that addresses, of which somebody may have many,
 * wash no account out. */
static struct throttle *table_of(const struct state *s, const struct try_name *n)
{
	return n->kind == 'a' ? s->accounts : s->addresses;
}

static int64_t window_now(const struct state *s)
{
	return cruet_now(s->app) / (int64_t)s->cfg->window;
}

enum { KEY_SIZE = 2 * TRY_NAME + 64 };

static void key_of(const struct try_name *n, int64_t window, char key[KEY_SIZE])
{
	char hex[2 * TRY_NAME + 1];

	sodium_bin2hex(hex, sizeof hex, n->hash, sizeof n->hash);
	snprintf(key, KEY_SIZE, "login:%c:%" PRId64 ":%s", n->kind, window, hex);
}

/* False: there is no cache, or it did not do what it should have. */
static bool cached(struct state *s, cruet_ctx *c, int err)
{
	if (err)
		cruet_note(c, CRUET_WARN,
			   "the cache '%s' does not count tries: %s: they are counted in "
			   "this process alone",
			   s->cache.provider, cruet_strerror(err));
	return !err;
}

static int64_t count(struct state *s, cruet_ctx *c, const struct try_name *n,
		     int64_t window, int64_t limit)
{
	const cruet_cache *cache = s->cache.vt;
	int64_t now;
	char key[KEY_SIZE];

	key_of(n, window, key);
	if (cache &&
	    cached(s, c, cache->incr(s->cache.self, c, key, 1, s->cfg->window, &now)))
		return now;
	return throttle_add(table_of(s, n), n, sizeof *n, window, limit);
}

static void take_one(struct state *s, cruet_ctx *c, const struct try_name *n,
		     int64_t window)
{
	const cruet_cache *cache = s->cache.vt;
	int64_t now;
	char key[KEY_SIZE];

	key_of(n, window, key);
	if (!cache ||
	    !cached(s, c, cache->incr(s->cache.self, c, key, -1, s->cfg->window, &now)))
		throttle_take(table_of(s, n), n, sizeof *n, window, 1);
}

static void forget(struct state *s, cruet_ctx *c, const struct try_name *n,
		   int64_t window)
{
	const cruet_cache *cache = s->cache.vt;
	char key[KEY_SIZE];

	key_of(n, window, key);
	if (cache)
		cached(s, c, cache->del(s->cache.self, c, key));
	throttle_take(table_of(s, n), n, sizeof *n, window, INT64_MAX);
}

/* --- a try
 * -------------------------------------------------------------------------------- */

static int refuse(struct state *s, cruet_ctx *c)
{
	int64_t ms = (int64_t)s->cfg->window, left = ms - cruet_now(s->app) % ms;
	int err = cruet_fail(c, 429, "Too many tries: try again later.");
	int set =
		cruet_fail_header(c, "Retry-After", cruet_number(c, (left + 999) / 1000));

	return set ? CRUET_ENOMEM : err;
}

/* limit 0: any number, and it is not counted. Of those that are too many the first is
 * told. */
static int count_try(struct state *s, cruet_ctx *c, int64_t window, struct try_name *n,
		     int64_t limit, const char *what)
{
	if (!limit)
		n->kind = '\0';
	int64_t now = limit ? count(s, c, n, window, limit) : 0;

	if (now <= limit)
		return CRUET_OK;
	if (now == limit + 1)
		cruet_note(c, CRUET_WARN,
			   "more than %" PRId64 " %s: refused for now; the last one came "
			   "from %s",
			   limit, what, cruet_peer(c));
	return refuse(s, c);
}

int tries_begin(struct state *s, cruet_ctx *c, const char *account, struct try *t)
{
	*t = (struct try){.window = window_now(s)};
	if (!account)
		return CRUET_OK;
	t->peer = name_of_peer('p', c);
	int err = count_try(s, c, t->window, &t->peer, s->cfg->address_tries,
			    "tries to log in from one address");
	if (err)
		return err;
	t->account = name_of('a', account, strlen(account));
	return count_try(s, c, t->window, &t->account, s->cfg->account_tries,
			 "tries to log in to one account");
}

/* Set once a password was right: a hash of it may be made anew then, for nothing. */
static const cruet_key right_key = {"login.right"};

static bool renews(cruet_ctx *c)
{
	return cruet_g_get(c, &right_key) && !cruet_g_set(c, &right_key, NULL, NULL);
}

int tries_begin_hash(struct state *s, cruet_ctx *c, struct try *t)
{
	*t = (struct try){.window = window_now(s)};
	if (!*cruet_peer(c) || renews(c)) /* a command or a timer has no peer */
		return CRUET_OK;
	t->peer = name_of_peer('h', c);
	return count_try(s, c, t->window, &t->peer, s->cfg->address_hashes,
			 "new passwords to hash from one address");
}

void tries_undo(struct state *s, cruet_ctx *c, const struct try *t)
{
	if (t->peer.kind)
		take_one(s, c, &t->peer, t->window);
	if (t->account.kind)
		take_one(s, c, &t->account, t->window);
}

void tries_right(struct state *s, cruet_ctx *c, const struct try *t)
{
	if (t->peer.kind)
		take_one(s, c, &t->peer, t->window);
	if (t->account.kind)
		forget(s, c, &t->account, t->window);
	cruet_g_set(c, &right_key, (void *)&right_key, NULL); /* else it costs one */
}
