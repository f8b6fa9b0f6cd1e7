/* See token.h for the format. The signature is checked before anything of the
 * payload is decoded, in constant time. One spelling per token: base64 with spare
 * bits set, a time with leading zeros or an empty field is refused, so nobody can
 * make a second token out of a first. */
#include "token.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
	MAC_LEN = crypto_auth_hmacsha256_BYTES,
	MAC_TEXT = 43, /* base64 of it */
	TIME_DIGITS = 12,
	HEAD = 3 /* "1d." */
};

/* --- keys --------------------------------------------------------------------------- */

bool keyring_add(struct keyring *k, const char *secret, const char *cookie)
{
	static const char purpose[] = "cruet session v1 ";
	crypto_auth_hmacsha256_state mac;

	if (k->n == TOKEN_KEYS)
		return false;
	crypto_auth_hmacsha256_init(&mac, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&mac, (const unsigned char *)purpose,
				      sizeof purpose - 1);
	crypto_auth_hmacsha256_update(&mac, (const unsigned char *)cookie,
				      strlen(cookie));
	crypto_auth_hmacsha256_final(&mac, k->keys[k->n++]);
	sodium_memzero(&mac, sizeof mac);
	return true;
}

void keyring_wipe(struct keyring *k)
{
	sodium_memzero(k, sizeof *k);
}

static bool signed_by_one(const struct keyring *k, const char *s, size_t len,
			  const unsigned char *mac)
{
	for (size_t i = 0; i < k->n; i++)
		if (!crypto_auth_hmacsha256_verify(mac, (const unsigned char *)s, len,
						   k->keys[i]))
			return true;
	return false;
}

/* --- writing ------------------------------------------------------------------------ */

static char kind_of(const struct token *t)
{
	if (t->permanent)
		return t->by_id ? 'I' : 'D';
	return t->by_id ? 'i' : 'd';
}

static size_t base64_len(size_t n)
{
	return n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0);
}

static size_t digits(int64_t v)
{
	size_t n = 1;

	while (v /= 10)
		n++;
	return n;
}

size_t token_size(size_t payload_len, int64_t time)
{
	return HEAD + base64_len(payload_len) + 1 + digits(time) + 1 + MAC_TEXT;
}

size_t token_seal(const struct keyring *k, const struct token *t, char *out, size_t cap)
{
	unsigned char mac[MAC_LEN];

	if (!k->n || !t->len || t->len > TOKEN_MAX || t->time < 0 ||
	    digits(t->time) > TIME_DIGITS)
		return 0;
	size_t size = token_size(t->len, t->time);
	if (size > TOKEN_MAX || size >= cap)
		return 0;
	out[0] = '1';
	out[1] = kind_of(t);
	out[2] = '.';
	sodium_bin2base64(out + HEAD, base64_len(t->len) + 1, t->payload, t->len, BASE64);
	size_t at = HEAD + base64_len(t->len);
	at += (size_t)snprintf(out + at, cap - at, ".%" PRId64, t->time);
	crypto_auth_hmacsha256(mac, (const unsigned char *)out, at, k->keys[0]);
	out[at++] = '.';
	sodium_bin2base64(out + at, MAC_TEXT + 1, mac, sizeof mac, BASE64);
	return size;
}

/* --- reading ------------------------------------------------------------------------ */

static bool read_kind(const char *s, struct token *t)
{
	if (s[0] != '1' || !s[1] || !strchr("diDI", s[1]) || s[2] != '.')
		return false;
	t->by_id = s[1] == 'i' || s[1] == 'I';
	t->permanent = s[1] == 'D' || s[1] == 'I';
	return true;
}

static bool read_time(const char *s, size_t len, int64_t *time)
{
	int64_t v = 0;

	if (!len || len > TIME_DIGITS || (len > 1 && s[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (s[i] - '0');
	}
	*time = v;
	return true;
}

/* libsodium takes some bytes above 0x7F for letters. */
static bool ascii(const char *s, size_t len)
{
	while (len && (unsigned char)*s < 0x80)
		s++, len--;
	return !len;
}

static bool read_base64(const char *s, size_t len, void *out, size_t cap, size_t *n)
{
	return len && ascii(s, len) &&
	       !sodium_base642bin(out, cap, s, len, NULL, n, NULL, BASE64) && *n;
}

bool token_open(const struct keyring *k, const char *s, size_t len, void *buf,
		struct token *t)
{
	unsigned char mac[MAC_LEN];
	size_t mac_len;

	if (len < HEAD + 1 + 1 + 1 + 1 + MAC_TEXT || len > TOKEN_MAX || !read_kind(s, t))
		return false;
	size_t text = len - MAC_TEXT - 1; /* what is signed */
	if (s[text] != '.' ||
	    !read_base64(s + text + 1, MAC_TEXT, mac, sizeof mac, &mac_len) ||
	    mac_len != sizeof mac || !signed_by_one(k, s, text, mac))
		return false;
	const char *dot = memrchr(s, '.', text);
	size_t head = (size_t)(dot - s);
	if (head <= HEAD || !read_time(dot + 1, text - head - 1, &t->time) ||
	    !read_base64(s + HEAD, head - HEAD, buf, len, &t->len))
		return false;
	t->payload = buf;
	return true;
}

bool token_claims_permanent(const char *s)
{
	struct token t = {.permanent = false};
	return read_kind(s, &t) && t.permanent;
}
