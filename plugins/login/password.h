/* Password hashes. Made: argon2id, as libsodium writes it ("$argon2id$v=19$m=..."). Read
 * as well: Werkzeug's "scrypt:N:R:P$SALT$HEX" and "pbkdf2:sha256:ROUNDS$SALT$HEX".
 *
 * What a stored hash asks for is looked at before memory or time is spent on it: it may
 * have been put there by somebody else. [any thread] */
#ifndef LOGIN_PASSWORD_H
#define LOGIN_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PASSWORD_MAX = 1024,	      /* bytes of a password */
	PASSWORD_HASH_SIZE = 128,     /* of one that is made, with its NUL */
	PASSWORD_STORED_MAX = 512,    /* bytes of one that is read */
	PASSWORD_PASSES = 4,	      /* memory_max may be gone over so often */
	PASSWORD_ROUNDS_MAX = 2000000 /* of pbkdf2 */
};

struct password_cost {
	uint64_t memory;     /* bytes of one that is made, */
	unsigned rounds;     /* and how often they are gone over */
	uint64_t memory_max; /* bytes of one that is read, but for a little beside them */
};

enum password_result {
	PASSWORD_RIGHT,
	PASSWORD_WRONG,
	PASSWORD_UNREADABLE, /* the hash is none of those above */
	PASSWORD_COSTLY,     /* it asks for more than it may */
	PASSWORD_NO_MEMORY
};

/* False: there was no memory. */
bool password_hash(const struct password_cost *cost, const char *password,
		   char out[PASSWORD_HASH_SIZE]);
/* A hash that is unreadable or costly takes no time. */
enum password_result password_verify(const struct password_cost *cost, const char *hash,
				     const char *password);
/* True unless it was made with this very cost. */
bool password_stale(const struct password_cost *cost, const char *hash);

#endif
