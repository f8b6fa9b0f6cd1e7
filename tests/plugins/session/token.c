/* The bytes of a session cookie: what is signed comes back, and nothing else. */
#include "../../suite.h"

#include <sodium.h>
#include <string.h>

#include "token.h"

static struct keyring ring(const char *secret)
{
	struct keyring k = {0};
	ck_assert(keyring_add(&k, secret, "session"));
	return k;
}

static size_t seal(const struct keyring *k, const char *payload, char *out, size_t cap)
{
	return token_seal(k,
			  &(struct token){.payload = payload,
					  .len = strlen(payload),
					  .time = 1795433815},
			  out, cap);
}

static bool opens(const struct keyring *k, const char *s, size_t len)
{
	unsigned char buf[TOKEN_MAX];
	struct token t;
	return token_open(k, s, len, buf, &t);
}

/* Signs any text as the plugin would, so that what is inside is all that is wrong. */
static const char *forge(const struct keyring *k, const char *text)
{
	static char out[512];
	unsigned char mac[32];
	size_t n = strlen(text);

	crypto_auth_hmacsha256(mac, (const unsigned char *)text, n, k->keys[0]);
	memcpy(out, text, n);
	out[n] = '.';
	sodium_bin2base64(out + n + 1, 44, mac, sizeof mac,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return out;
}

START_TEST(has_the_documented_bytes)
{
	struct keyring k = ring("a secret of some length");
	char out[256];
	size_t n = seal(&k, "{\"name\":\"Ada\"}", out, sizeof out);

	ck_assert_str_eq(out, "1d.eyJuYW1lIjoiQWRhIn0.1795433815."
			      "4XG-Rd0kI5KLoEs_pU91AlzP1i3AVLJeSDeqJEGvIcg");
	ck_assert_uint_eq(n, strlen(out));
	ck_assert_uint_eq(n, token_size(14, 1795433815));
}
END_TEST

START_TEST(gives_back_what_was_sealed)
{
	static const char kinds[] = "dDiI";
	struct keyring k = ring("secret");
	unsigned char payload[64], buf[512];
	char out[512];
	struct token t;

	randombytes_buf(payload, sizeof payload);
	for (size_t i = 0; i < 4 * sizeof payload; i++) {
		struct token was = {.by_id = i & 2,
				    .permanent = i & 1,
				    .time = (int64_t)i * i,
				    .payload = payload,
				    .len = i / 4 + 1};
		size_t n = token_seal(&k, &was, out, sizeof out);
		ck_assert_uint_eq(n, token_size(was.len, was.time));
		ck_assert_int_eq(out[1], kinds[i & 3]);
		ck_assert(token_open(&k, out, n, buf, &t));
		ck_assert(t.by_id == was.by_id && t.permanent == was.permanent);
		ck_assert_int_eq(t.time, was.time);
		ck_assert_uint_eq(t.len, was.len);
		ck_assert_mem_eq(t.payload, payload, t.len);
	}
}
END_TEST

START_TEST(every_changed_byte_is_noticed)
{
	struct keyring k = ring("secret");
	char out[256];
	size_t n = seal(&k, "{\"user\":7}", out, sizeof out);

	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			out[i] ^= (char)(1 << bit);
			ck_assert_msg(!opens(&k, out, n), "byte %zu, bit %d", i, bit);
			out[i] ^= (char)(1 << bit);
		}
	}
	ck_assert(opens(&k, out, n));
}
END_TEST

START_TEST(cut_short_doubled_and_padded_are_refused)
{
	struct keyring k = ring("secret");
	char out[512];
	size_t n = seal(&k, "{\"user\":7}", out, sizeof out);

	for (size_t len = 0; len < n; len++)
		ck_assert_msg(!opens(&k, out, len), "%zu of %zu bytes", len, n);
	memcpy(out + n, out, n);
	ck_assert(!opens(&k, out, 2 * n));
	out[n] = '=';
	ck_assert(!opens(&k, out, n + 1));
	out[n] = '\0';
	ck_assert(!opens(&k, out, n + 1));
}
END_TEST

START_TEST(enormous_is_refused)
{
	struct keyring k = ring("secret");
	size_t n = 1 << 20;
	char *s = malloc(n), *buf = malloc(n);
	struct token t;

	memset(s, 'A', n);
	memcpy(s, "1d.", 3);
	ck_assert(!token_open(&k, s, n, buf, &t));
	ck_assert(!token_open(&k, s, TOKEN_MAX, buf, &t));
	free(s);
	free(buf);
}
END_TEST

START_TEST(another_secret_or_name_opens_nothing)
{
	struct keyring k = ring("secret"), other = ring("secreT"), moved = {0},
		       none = {0};
	char out[256];
	size_t n = seal(&k, "{}", out, sizeof out);

	keyring_add(&moved, "secret", "admin");
	ck_assert(opens(&k, out, n));
	ck_assert(!opens(&other, out, n));
	ck_assert(!opens(&moved, out, n));
	ck_assert(!opens(&none, out, n));
	ck_assert_uint_eq(seal(&none, "{}", out, sizeof out), 0);
}
END_TEST

START_TEST(earlier_keys_open_and_the_first_signs)
{
	struct keyring old = ring("old"), k = ring("new");
	char out[256];
	size_t n = seal(&old, "{}", out, sizeof out);

	ck_assert(!opens(&k, out, n));
	keyring_add(&k, "older", "session");
	keyring_add(&k, "old", "session");
	ck_assert(opens(&k, out, n));
	n = seal(&k, "{}", out, sizeof out);
	ck_assert(!opens(&old, out, n));
	while (k.n < TOKEN_KEYS)
		ck_assert(keyring_add(&k, "more", "session"));
	ck_assert(!keyring_add(&k, "too many", "session"));
	keyring_wipe(&k);
	ck_assert(!opens(&k, out, n));
}
END_TEST

/* Signed by us, and still not one of the forms that we write. */
START_TEST(there_is_one_spelling)
{
	static const char *const bad[] = {
		"2d.e30.1",   "1x.e30.1",
		"1d,e30.1",   "1d.e30.",
		"1d.e30.01",  "1d.e30.-1",
		"1d.e30.+1",  "1d.e30.1 ",
		"1d.e30.1a",  "1d.e30.1234567890123",
		"1d.e31.1",   "1d.e30=.1",
		"1d.e3.0.1",  "1d..1",
		"1d.1",	      "1d.+/+/.1",
		"1d.e30\n.1", "1dd.e30.1",
		"d.e30.1",    "1d.e30..1",
	};
	struct keyring k = ring("secret");

	ck_assert(opens(&k, forge(&k, "1d.e30.1"), strlen(forge(&k, "1d.e30.1"))));
	ck_assert(opens(&k, forge(&k, "1d.e30.0"), strlen(forge(&k, "1d.e30.0"))));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *s = forge(&k, bad[i]);
		ck_assert_msg(!opens(&k, s, strlen(s)), "%s", bad[i]);
	}
}
END_TEST

START_TEST(seals_nothing_that_does_not_fit)
{
	struct keyring k = ring("secret");
	static char payload[TOKEN_MAX], out[TOKEN_MAX + 1];
	struct token t = {.payload = payload, .len = 3000, .time = 1795433815};
	size_t size = token_size(t.len, t.time);

	ck_assert_uint_eq(token_seal(&k, &t, out, size), 0);
	ck_assert_uint_eq(token_seal(&k, &t, out, size + 1), size);
	t.len = 3100;
	ck_assert_uint_eq(token_seal(&k, &t, out, sizeof out), 0);
	t.len = SIZE_MAX;
	ck_assert_uint_eq(token_seal(&k, &t, out, sizeof out), 0);
	t.len = 0;
	ck_assert_uint_eq(token_seal(&k, &t, out, sizeof out), 0);
	t.len = 2;
	t.time = -1;
	ck_assert_uint_eq(token_seal(&k, &t, out, sizeof out), 0);
	t.time = INT64_MAX;
	ck_assert_uint_eq(token_seal(&k, &t, out, sizeof out), 0);
}
END_TEST

START_TEST(says_whether_it_is_permanent)
{
	ck_assert(token_claims_permanent("1D.x"));
	ck_assert(token_claims_permanent("1I."));
	ck_assert(!token_claims_permanent("1d.x"));
	ck_assert(!token_claims_permanent("1D"));
	ck_assert(!token_claims_permanent("1"));
	ck_assert(!token_claims_permanent(""));
	ck_assert(!token_claims_permanent("2D.x"));
}
END_TEST

SUITE("session_token", has_the_documented_bytes, gives_back_what_was_sealed,
      every_changed_byte_is_noticed, cut_short_doubled_and_padded_are_refused,
      enormous_is_refused, another_secret_or_name_opens_nothing,
      earlier_keys_open_and_the_first_signs, there_is_one_spelling,
      seals_nothing_that_does_not_fit, says_whether_it_is_permanent)
