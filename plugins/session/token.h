/* The value of a session cookie: bytes, when they were signed, and a signature.
 *
 * Version 1 is ASCII, four fields:
 *
 *	1 KIND . PAYLOAD . TIME . SIGNATURE
 *	1d.eyJuYW1lIjoiQWRhIn0.1795433815.qk0dz...
 *
 *	KIND       d: the payload is the session as JSON; i: it is the id under
 *	           which a store keeps it; D and I: the same, and permanent
 *	PAYLOAD    base64url (RFC 4648, section 5) without padding, not empty
 *	TIME       when it was signed, Unix seconds, decimal, 1 to 12 digits
 *	SIGNATURE  base64url without padding of HMAC-SHA256(key, all that stands
 *	           before the last dot), 43 characters
 *	key        HMAC-SHA256(secret, "cruet session v1 " and the cookie's name)
 *
 * So a value moved to a cookie of another name, or signed for another purpose
 * with the same secret, is worth nothing. The first character is the version:
 * what does not begin with 1 is not read. */
#ifndef SESSION_TOKEN_H
#define SESSION_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOKEN_KEYS = 9,	  /* one that signs and eight that only verify */
	TOKEN_MAX = 4096, /* bytes; nothing longer is read or written */
	TOKEN_KEY_LEN = 32
};

struct keyring {
	size_t n; /* 0: nothing can be signed or read */
	unsigned char keys[TOKEN_KEYS][TOKEN_KEY_LEN]; /* the first signs */
};

struct token {
	bool by_id; /* the payload is an id */
	bool permanent;
	int64_t time; /* Unix seconds */
	const void *payload;
	size_t len; /* of the payload, not 0 */
};

/* Adds the key that a secret gives for cookies of that name. False: full. */
bool keyring_add(struct keyring *k, const char *secret, const char *cookie);
void keyring_wipe(struct keyring *k);

/* Bytes of a token with that payload, without the final NUL. */
size_t token_size(size_t payload_len, int64_t time);
/* Writes it with a final NUL to out, which has room for cap bytes. Its length, or
 * 0 when it does not fit, is over TOKEN_MAX, or there is no key. */
size_t token_seal(const struct keyring *k, const struct token *t, char *out, size_t cap);

/* Reads what [s, s+len) carries if one of the keys signed it; the payload goes to
 * buf, which has room for len bytes. Age is the caller's to judge. */
bool token_open(const struct keyring *k, const char *s, size_t len, void *buf,
		struct token *t);
/* What it says of itself, unverified: worth opening for that alone? */
bool token_claims_permanent(const char *s);

#endif
