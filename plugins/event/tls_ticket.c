#include "tls_ticket.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEYS = 3, ROTATE_SECONDS = 60 * 60, NAME_LEN = 16, KEY_LEN = 32 };

struct ticket_key {
	unsigned char name[NAME_LEN]; /* goes before each ticket */
	unsigned char aes[KEY_LEN];
	unsigned char mac[KEY_LEN];
};

struct tickets {
	EVP_CIPHER *cipher;
	pthread_mutex_t lock;	     /* guards what follows */
	struct ticket_key key[KEYS]; /* the first seals, the others only open */
	size_t n;
	time_t rotated; /* on the clock that does not jump and does not sleep */
};

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

static bool rotate(struct tickets *t)
{
	struct ticket_key fresh;

	if (RAND_priv_bytes((unsigned char *)&fresh, sizeof fresh) != 1)
		return false;
	memmove(t->key + 1, t->key, sizeof t->key - sizeof *t->key);
	t->key[0] = fresh;
	t->n += t->n < KEYS;
	OPENSSL_cleanse(&fresh, sizeof fresh);
	return true;
}

/* Each hour that has passed, also while nobody came, makes a key older by one. */
static void catch_up(struct tickets *t)
{
	time_t hours = (now() - t->rotated) / ROTATE_SECONDS;

	for (time_t i = 0; i < hours && i < KEYS; i++)
		if (!rotate(t))
			return; /* the next one tries again */
	t->rotated += hours * ROTATE_SECONDS;
}

struct tickets *tickets_new(void)
{
	struct tickets *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	t->rotated = now();
	t->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	if (t->cipher && rotate(t))
		return t;
	tickets_free(t);
	return NULL;
}

void tickets_free(struct tickets *t)
{
	if (!t)
		return;
	EVP_CIPHER_free(t->cipher);
	pthread_mutex_destroy(&t->lock);
	OPENSSL_cleanse(t, sizeof *t);
	free(t);
}

bool tickets_rotate(struct tickets *t)
{
	pthread_mutex_lock(&t->lock);
	bool ok = rotate(t);
	pthread_mutex_unlock(&t->lock);
	return ok;
}

/* Copies the key that has that name, or the newest where name is NULL. Its age, 0 for
 * the newest; -1: there is none. */
static int find(struct tickets *t, const unsigned char *name, struct ticket_key *out)
{
	int age = -1;

	pthread_mutex_lock(&t->lock);
	catch_up(t);
	for (size_t i = 0; i < t->n && age < 0; i++)
		if (!name || !memcmp(t->key[i].name, name, NAME_LEN))
			age = (int)i;
	if (age >= 0)
		*out = t->key[age];
	pthread_mutex_unlock(&t->lock);
	return age;
}

static bool ready(struct tickets *t, struct ticket_key *k, const unsigned char *iv,
		  EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, k->mac,
						  sizeof k->mac),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end()};

	return EVP_MAC_CTX_set_params(mac, params) &&
	       EVP_CipherInit_ex(cipher, t->cipher, NULL, k->aes, iv, sealing);
}

/* What OpenSSL asks for: 1 is yes, 2 yes and renew, 0 an unknown ticket, -1 a failure. */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
		     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
	struct tickets *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct ticket_key k;
	int age = find(t, sealing ? NULL : name, &k);

	if (age < 0)
		return sealing ? -1 : 0;
	if (sealing)
		memcpy(name, k.name, NAME_LEN);
	bool ok =
		(!sealing || RAND_bytes(iv, EVP_CIPHER_get_iv_length(t->cipher)) == 1) &&
		ready(t, &k, iv, cipher, mac, sealing);
	OPENSSL_cleanse(&k, sizeof k);
	if (!ok)
		return -1;
	/* In TLS 1.3 a ticket is better used once: whoever comes with one gets another.
	 */
	return !sealing && (age || SSL_version(ssl) >= TLS1_3_VERSION) ? 2 : 1;
}

bool tickets_use(struct tickets *t, SSL_CTX *ctx)
{
	return SSL_CTX_set_app_data(ctx, t) &&
	       SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}
