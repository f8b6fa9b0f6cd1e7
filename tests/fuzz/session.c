/* Session cookies from hostile hands: with the wrong key nothing opens, with the
 * right one only what was sealed. An input is tried as it is, as the signed part of a
 * token, and as a payload. */
#include "fuzz.h"

#include <sodium.h>

#include "token.h"

/* Opens an exact copy, so that a read past its end is seen. */
static bool opens(const struct keyring *k, const void *s, size_t len)
{
	char *copy = malloc(len ? len : 1), *buf = malloc(len ? len : 1);
	struct token t = {.payload = NULL};

	CHECK(copy && buf);
	if (len)
		memcpy(copy, s, len);
	bool ok = token_open(k, copy, len, buf, &t);
	if (ok)
		CHECK(t.payload == buf && t.len && t.len < len && t.time >= 0);
	free(copy);
	free(buf);
	return ok;
}

/* Well signed, whatever it says: what opens must seal to the same bytes again. */
static void as_signed_text(const struct keyring *k, const uint8_t *data, size_t size)
{
	unsigned char mac[32];
	char s[TOKEN_MAX + 1], again[TOKEN_MAX + 1];
	char buf[TOKEN_MAX];
	struct token t;

	if (size > TOKEN_MAX - 44)
		return;
	if (size)
		memcpy(s, data, size);
	crypto_auth_hmacsha256(mac, data, size, k->keys[0]);
	s[size] = '.';
	sodium_bin2base64(s + size + 1, 44, mac, sizeof mac,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	size_t len = size + 44;
	if (!token_open(k, s, len, buf, &t))
		return;
	CHECK(token_seal(k, &t, again, sizeof again) == len);
	CHECK(!memcmp(s, again, len));
}

static void as_payload(const struct keyring *right, const struct keyring *wrong,
		       const uint8_t *data, size_t size)
{
	char s[TOKEN_MAX + 1], buf[TOKEN_MAX];
	struct token t = {.payload = data,
			  .len = size,
			  .time = 1795433815,
			  .permanent = size & 1,
			  .by_id = size & 2};
	size_t len = token_seal(right, &t, s, sizeof s);

	CHECK(len == (size && token_size(size, t.time) <= TOKEN_MAX
			      ? token_size(size, t.time)
			      : 0));
	if (!len)
		return;
	CHECK(!opens(wrong, s, len));
	CHECK(opens(right, s, len));
	CHECK(token_open(right, s, len, buf, &t));
	CHECK(t.len == size && !memcmp(t.payload, data, size));
	s[data[0] % len] ^= (char)(1 + data[size - 1] % 127);
	CHECK(!opens(right, s, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyring right = {0}, wrong = {0};

	keyring_add(&right, "the right secret", "session");
	keyring_add(&wrong, "the wrong secret", "session");
	opens(&right, data, size);
	CHECK(!opens(&wrong, data, size));
	as_signed_text(&right, data, size);
	as_payload(&right, &wrong, data, size);
	return 0;
}
