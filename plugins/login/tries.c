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

enum { NAME_LEN = crypto_generichash_BYTES };

/* What is counted: "a" and an account, or "p" and the peer's address. */
struct name {
	char kind;
	unsigned char hash[NAME_LEN];
};

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

static struct name name_of(char kind, const void *p, size_t len)
{
	struct name n = {.kind = kind};

	crypto_generichash(n.hash, sizeof n.hash, p, len, NULL, 0);
	return n;
}

static struct name name_of_peer(const cruet_ctx *c)
{
	unsigned char address[16];
	const void *p;
	size_t len = address_of(cruet_peer(c), address, &p);

	return name_of('p', p, len);
}

static struct name name_of_account(const char *account)
{
	return name_of('a', account, strlen(account));
}

/* --- counting
 * --------------------------------------------------------------------------- */

static int64_t window_now(const struct state *s)
{
	return cruet_now(s->app) / (int64_t)s->cfg->window;
}

enum { KEY_SIZE = 2 * NAME_LEN + 64 };

static void key_of(const struct name *n, int64_t window, char key[KEY_SIZE])
{
	char hex[2 * NAME_LEN + 1];

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

static int64_t count(struct state *s, cruet_ctx *c, const struct name *n, int64_t by)
{
	const cruet_cache *cache = s->cache.vt;
	int64_t window = window_now(s), now;
	char key[KEY_SIZE];

	key_of(n, window, key);
	if (cache &&
	    cached(s, c, cache->incr(s->cache.self, c, key, by, s->cfg->window, &now)))
		return now;
	return throttle_add(s->throttle, n, sizeof *n, window, by);
}

static void forget(struct state *s, cruet_ctx *c, const struct name *n)
{
	const cruet_cache *cache = s->cache.vt;
	int64_t window = window_now(s);
	char key[KEY_SIZE];

	key_of(n, window, key);
	if (cache)
		cached(s, c, cache->del(s->cache.self, c, key));
	throttle_add(s->throttle, n, sizeof *n, window, -INT64_MAX);
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

/* limit 0: any number. Of those that are too many the first is told. */
static int count_try(struct state *s, cruet_ctx *c, const struct name *n, int64_t limit,
		     const char *what)
{
	int64_t now = limit ? count(s, c, n, 1) : 0;

	if (now <= limit)
		return CRUET_OK;
	if (now == limit + 1)
		cruet_note(c, CRUET_WARN,
			   "more than %" PRId64
			   " tries to log in %s: refused for now; the "
			   "last one came from %s",
			   limit, what, cruet_peer(c));
	return refuse(s, c);
}

int tries_begin(struct state *s, cruet_ctx *c, const char *account)
{
	if (!account)
		return CRUET_OK;
	const struct name peer = name_of_peer(c), who = name_of_account(account);
	int err = count_try(s, c, &peer, s->cfg->address_tries, "from one address");
	return err ? err : count_try(s, c, &who, s->cfg->account_tries, "to one account");
}

void tries_undo(struct state *s, cruet_ctx *c, const char *account)
{
	if (!account)
		return;
	const struct name peer = name_of_peer(c), who = name_of_account(account);
	if (s->cfg->address_tries)
		count(s, c, &peer, -1);
	if (s->cfg->account_tries)
		count(s, c, &who, -1);
}

void tries_right(struct state *s, cruet_ctx *c, const char *account)
{
	if (!account)
		return;
	const struct name peer = name_of_peer(c), who = name_of_account(account);
	if (s->cfg->address_tries)
		count(s, c, &peer, -1);
	if (s->cfg->account_tries)
		forget(s, c, &who);
}
