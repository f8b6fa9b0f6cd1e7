#include "password.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
	DIGITS_MAX = 10,
	SALT_MAX = 128,
	ARGON2_SALT_MIN = 8,
	ARGON2_KEY_MIN = 16,
	SCRYPT_LEN = 64,
	SCRYPT_BESIDE = 64, /* memory_max by this */
	PBKDF2_LEN = crypto_auth_hmacsha256_BYTES
};

/* --- reading
 * ---------------------------------------------------------------------------- */

static bool take(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n) != 0)
		return false;
	*at += n;
	return true;
}

/* A whole number from 1 on, as it would be written. */
static bool take_number(const char **at, uint64_t *out)
{
	size_t n = strspn(*at, "0123456789");

	if (!n || n > DIGITS_MAX || **at == '0')
		return false;
	for (*out = 0; n--; ++*at)
		*out = *out * 10 + (uint64_t)(**at - '0');
	return true;
}

/* "$SALT$HEX" to the end. */
struct salted {
	const char *salt;
	size_t salt_len, len; /* len: of the key */
	unsigned char key[SCRYPT_LEN];
};

static bool take_salted(const char *at, size_t len, struct salted *out)
{
	if (!take(&at, "$"))
		return false;
	out->salt = at;
	out->salt_len = strcspn(at, "$");
	at += out->salt_len;
	if (!out->salt_len || out->salt_len > SALT_MAX || !take(&at, "$"))
		return false;
	out->len = len;
	size_t n, hex = strlen(at);
	return hex == 2 * len &&
	       !sodium_hex2bin(out->key, len, at, hex, NULL, &n, NULL) && n == len;
}

static enum password_result compare(const struct salted *s, unsigned char *key)
{
	bool same = !sodium_memcmp(s->key, key, s->len);

	sodium_memzero(key, s->len);
	return same ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

/* memory bytes that are gone over passes times. */
static bool affordable(const struct password_cost *cost, uint64_t memory, uint64_t passes)
{
	return memory <= cost->memory_max &&
	       passes <= PASSWORD_PASSES * cost->memory_max / memory;
}

/* --- argon2id
 * --------------------------------------------------------------------------- */

/* Base64 of n bytes, up to the next '$' or the end. */
static bool take_bytes(const char **at, size_t *n)
{
	unsigned char bytes[crypto_pwhash_STRBYTES];
	size_t len = strcspn(*at, "$");

	if (sodium_base642bin(bytes, sizeof bytes, *at, len, NULL, n, NULL,
			      sodium_base64_VARIANT_ORIGINAL_NO_PADDING))
		return false;
	*at += len;
	return true;
}

/* "$SALT$KEY" to the end. libsodium says of a hash that was cut that the password is
 * wrong, and at once. Keys that are in use have 16, 24, 32 or more bytes; one of another
 * length has lost some. */
static bool whole(const char *at)
{
	size_t salt, key;

	return take(&at, "$") && take_bytes(&at, &salt) && salt >= ARGON2_SALT_MIN &&
	       take(&at, "$") && take_bytes(&at, &key) && key >= ARGON2_KEY_MIN &&
	       key % 8 == 0 && !*at;
}

static enum password_result verify_argon2(const struct password_cost *cost,
					  const char *hash, const char *password)
{
	const char *at = hash;
	uint64_t kib, rounds, lanes;

	if (!take(&at, "$argon2id$v=19$m=") || !take_number(&at, &kib) ||
	    !take(&at, ",t=") || !take_number(&at, &rounds) || !take(&at, ",p=") ||
	    !take_number(&at, &lanes) || lanes > kib / 8 ||
	    strlen(hash) >= crypto_pwhash_STRBYTES || !whole(at))
		return PASSWORD_UNREADABLE;
	if (!affordable(cost, kib * 1024, rounds))
		return PASSWORD_COSTLY;
	errno = 0;
	if (!crypto_pwhash_str_verify(hash, password, strlen(password)))
		return PASSWORD_RIGHT;
	return errno == ENOMEM ? PASSWORD_NO_MEMORY : PASSWORD_WRONG;
}

/* --- scrypt
 * ----------------------------------------------------------------------------- */

/* Its large table has 128 * r * n bytes, which each of p passes fills. Beside it stand
 * 128 * r * p bytes, of which there may be a little: so a table of just memory_max, such as
 * that of 131072:8:1 with 128m, is one that may be. */
static bool scrypt_affordable(const struct password_cost *cost, uint64_t n, uint64_t r,
			      uint64_t p)
{
	return n <= UINT32_MAX && r <= UINT16_MAX && p <= UINT16_MAX &&
	       128 * r * p <= cost->memory_max / SCRYPT_BESIDE &&
	       affordable(cost, 128 * r * n, p);
}

static enum password_result verify_scrypt(const struct password_cost *cost,
					  const char *at, const char *password)
{
	uint64_t n, r, p;
	struct salted s;
	unsigned char key[SCRYPT_LEN];

	if (!take_number(&at, &n) || !take(&at, ":") || !take_number(&at, &r) ||
	    !take(&at, ":") || !take_number(&at, &p) || n < 2 || n & (n - 1) ||
	    !take_salted(at, sizeof key, &s))
		return PASSWORD_UNREADABLE;
	if (!scrypt_affordable(cost, n, r, p))
		return PASSWORD_COSTLY;
	if (crypto_pwhash_scryptsalsa208sha256_ll(
		    (const unsigned char *)password, strlen(password),
		    (const unsigned char *)s.salt, s.salt_len, n, (uint32_t)r,
		    (uint32_t)p, key, sizeof key))
		return PASSWORD_NO_MEMORY;
	return compare(&s, key);
}

/* --- pbkdf2 (RFC 8018), one block of HMAC-SHA256
 * ------------------------------------------ */

static void pbkdf2(const char *password, const struct salted *s, uint64_t rounds,
		   unsigned char key[PBKDF2_LEN])
{
	static const unsigned char first_block[4] = {0, 0, 0, 1};
	crypto_auth_hmacsha256_state keyed, mac;
	unsigned char u[PBKDF2_LEN];

	crypto_auth_hmacsha256_init(&keyed, (const unsigned char *)password,
				    strlen(password));
	mac = keyed;
	crypto_auth_hmacsha256_update(&mac, (const unsigned char *)s->salt, s->salt_len);
	crypto_auth_hmacsha256_update(&mac, first_block, sizeof first_block);
	crypto_auth_hmacsha256_final(&mac, u);
	memcpy(key, u, sizeof u);
	while (--rounds) {
		mac = keyed;
		crypto_auth_hmacsha256_update(&mac, u, sizeof u);
		crypto_auth_hmacsha256_final(&mac, u);
		for (size_t i = 0; i < sizeof u; i++)
			key[i] ^= u[i];
	}
	sodium_memzero(&keyed, sizeof keyed);
	sodium_memzero(&mac, sizeof mac);
	sodium_memzero(u, sizeof u);
}

static enum password_result verify_pbkdf2(const char *at, const char *password)
{
	uint64_t rounds;
	struct salted s;
	unsigned char key[PBKDF2_LEN];

	if (!take_number(&at, &rounds) || !take_salted(at, sizeof key, &s))
		return PASSWORD_UNREADABLE;
	if (rounds > PASSWORD_ROUNDS_MAX)
		return PASSWORD_COSTLY;
	pbkdf2(password, &s, rounds, key);
	return compare(&s, key);
}

/* --- all of them
 * -------------------------------------------------------------------------- */

bool password_hash(const struct password_cost *cost, const char *password,
		   char out[PASSWORD_HASH_SIZE])
{
	_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES,
		       "as libsodium has it");
	return !crypto_pwhash_str(out, password, strlen(password), cost->rounds,
				  cost->memory);
}

enum password_result password_verify(const struct password_cost *cost, const char *hash,
				     const char *password)
{
	const char *at = hash;

	if (strnlen(hash, PASSWORD_STORED_MAX + 1) > PASSWORD_STORED_MAX)
		return PASSWORD_UNREADABLE;
	if (take(&at, "scrypt:"))
		return verify_scrypt(cost, at, password);
	if (take(&at, "pbkdf2:sha256:"))
		return verify_pbkdf2(at, password);
	return verify_argon2(cost, hash, password);
}

bool password_stale(const struct password_cost *cost, const char *hash)
{
	char today[PASSWORD_HASH_SIZE];
	int n = snprintf(today, sizeof today, "$argon2id$v=19$m=%" PRIu64 ",t=%u,p=1",
			 cost->memory / 1024, cost->rounds);

	return strnlen(hash, PASSWORD_HASH_SIZE) == PASSWORD_HASH_SIZE ||
	       strncmp(hash, today, (size_t)n) != 0 || !whole(hash + n);
}
