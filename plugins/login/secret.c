/* Passwords in requests. A user who is not there costs what one costs who is: the
 * password is hashed all the same. */
#include "login.h"

#include <sodium.h>
#include <string.h>

static int busy(struct state *s, cruet_ctx *c)
{
	int err = cruet_fail(c, 503,
			     "Too many passwords are being checked at this moment: try "
			     "again in a few seconds.");
	const char *seconds = cruet_number(c, (int64_t)(s->cfg->wait / 1000) + 1);
	int64_t times;

	if (notice_due(&s->busy, cruet_now(s->app), &times))
		cruet_note(c, CRUET_WARN,
			   "no password was hashed: %zu are being hashed, and option "
			   "queue = %lld wait for at most %llu ms (requests that got 503, "
			   "since this was told last: %lld)",
			   s->at_once, (long long)s->cfg->queue,
			   (unsigned long long)s->cfg->wait, (long long)times);
	return cruet_fail_header(c, "Retry-After", seconds) ? CRUET_ENOMEM : err;
}

static int no_memory(cruet_ctx *c)
{
	cruet_note(c, CRUET_ERROR, "no password was hashed: out of memory");
	return CRUET_ENOMEM;
}

/* "" fits nobody; a long one is no password but an attempt to keep us busy. */
static bool password_ok(const char *password)
{
	return password && *password &&
	       strnlen(password, PASSWORD_MAX + 1) <= PASSWORD_MAX;
}

/* Hashing costs the same, whoever's password it is. */
int secret_hash(void *self, cruet_ctx *c, const char *password, const char **hash)
{
	struct state *s = self;
	struct try t;

	if (!password_ok(password))
		return cruet_fail(c, 422, "The password needs 1 to %d bytes.",
				  PASSWORD_MAX);
	char *out = cruet_alloc(c, PASSWORD_HASH_SIZE);
	if (!out)
		return CRUET_ENOMEM;
	int err = tries_begin_hash(s, c, &t);
	if (err)
		return err;
	if (!gate_enter(&s->gate, s->cfg->wait)) {
		tries_undo(s, c, &t);
		return busy(s, c);
	}
	bool ok = password_hash(&s->cost, password, out);
	gate_leave(&s->gate);
	if (!ok)
		return no_memory(c);
	*hash = out;
	return CRUET_OK;
}

/* As long as verifying a hash of ours, and never right. */
static enum password_result pretend(const struct state *s, const char *password)
{
	char unused[PASSWORD_HASH_SIZE];
	bool ok = password_hash(&s->cost, password, unused);

	sodium_memzero(unused, sizeof unused);
	return ok ? PASSWORD_WRONG : PASSWORD_NO_MEMORY;
}

static enum password_result verify(struct state *s, cruet_ctx *c, const char *hash,
				   const char *password)
{
	enum password_result r =
		hash ? password_verify(&s->cost, hash, password) : pretend(s, password);

	if (r != PASSWORD_UNREADABLE && r != PASSWORD_COSTLY)
		return r;
	if (r == PASSWORD_UNREADABLE)
		cruet_note(
			c, CRUET_WARN,
			"a stored password cannot be read: expected a hash that begins "
			"with $argon2id$, scrypt: or pbkdf2:sha256:");
	else
		cruet_note(
			c, CRUET_WARN,
			"the hash of a stored password asks for too much memory or time: "
			"expected at most what option memory_max = %llu bytes allows, "
			"and "
			"%d rounds of pbkdf2",
			(unsigned long long)s->cost.memory_max, PASSWORD_ROUNDS_MAX);
	return pretend(s, password);
}

static int checked(struct state *s, cruet_ctx *c, const struct try *t,
		   enum password_result r)
{
	switch (r) {
	case PASSWORD_RIGHT:
		tries_right(s, c, t);
		return CRUET_OK;
	case PASSWORD_NO_MEMORY:
		tries_undo(s, c, t);
		return no_memory(c);
	default:
		cruet_note(c, CRUET_INFO, "a wrong name or password from %s",
			   cruet_peer(c));
		return CRUET_EDENIED;
	}
}

int secret_check(void *self, cruet_ctx *c, const char *account, const char *hash,
		 const char *password)
{
	struct state *s = self;
	struct try t;
	int err = tries_begin(s, c, account, &t);

	if (err)
		return err;
	if (!password_ok(password))
		return checked(s, c, &t, PASSWORD_WRONG);
	if (!gate_enter(&s->gate, s->cfg->wait)) {
		tries_undo(s, c, &t);
		return busy(s, c);
	}
	enum password_result r = verify(s, c, hash, password);
	gate_leave(&s->gate);
	return checked(s, c, &t, r);
}

bool secret_stale(void *self, const char *hash)
{
	const struct state *s = self;

	return password_stale(&s->cost, hash);
}
