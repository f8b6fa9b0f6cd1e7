#include "tls_ticket.h"

#include <cruet/svc/transport.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { KEYS = 3, ROTATE_SECONDS = 60 * 60, NAME_LEN = 16, KEY_LEN = 32, LAYOUT = 1 };

struct ticket_key {
	unsigned char name[NAME_LEN]; /* goes before each ticket */
	unsigned char aes[KEY_LEN];
	unsigned char mac[KEY_LEN];
};

struct keys {
	struct ticket_key key[KEYS]; /* the first seals, the others only open */
	uint64_t n;
	int64_t rotated; /* in seconds, on the clock that does not jump and does not sleep
			  */
};

/* What processes have in common. Who changes it holds a lock of the file, which ends with
 * its process. The others see by the number that it has changed. */
struct common {
	uint32_t layout;     /* LAYOUT; 0: nobody has been here */
	atomic_uint changes; /* odd: somebody is at it, or ended in the middle */
	struct keys keys;
};

struct tickets {
	EVP_CIPHER *cipher;
	int fd;
	struct common *common; /* NULL: there is none */
	pthread_mutex_t lock; /* guards what follows, and the file lock of this process */
	struct keys keys;
	unsigned seen; /* changes of what is in common */
};

_Static_assert(sizeof(struct common) <= CRUET_SHARED,
	       "the keys fit into the memory for them");

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

static bool rotate(struct keys *k)
{
	struct ticket_key fresh;

	if (RAND_priv_bytes((unsigned char *)&fresh, sizeof fresh) != 1)
		return false;
	memmove(k->key + 1, k->key, sizeof k->key - sizeof *k->key);
	k->key[0] = fresh;
	k->n += k->n < KEYS;
	OPENSSL_cleanse(&fresh, sizeof fresh);
	return true;
}

/* --- what is in common --------------------------------------------------------- */

static bool lock_file(const struct tickets *t, int command, short type)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET};
	int err;

	do
		err = fcntl(t->fd, command, &l);
	while (err && errno == EINTR);
	return !err;
}

/* The rest of these needs that lock. False: there is nothing whole. */
static bool fetch(struct tickets *t)
{
	const struct common *c = t->common;
	unsigned changes = atomic_load(&c->changes);

	if (changes % 2 || !c->keys.n || c->keys.n > KEYS)
		return false;
	t->keys = c->keys;
	t->seen = changes;
	return true;
}

static void publish(struct tickets *t)
{
	struct common *c = t->common;
	unsigned changes = atomic_load(&c->changes) | 1;

	atomic_store(&c->changes, changes);
	c->keys = t->keys;
	t->seen = changes + 1;
	atomic_store(&c->changes, t->seen);
}

/* Keys that are there already, or the first. */
static bool join(struct tickets *t)
{
	if (fetch(t))
		return true;
	t->common->layout = LAYOUT;
	if (!rotate(&t->keys))
		return false;
	publish(t);
	return true;
}

/* False: this process goes on alone. */
static bool share(struct tickets *t, int fd)
{
	struct common *c =
		mmap(NULL, CRUET_SHARED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (c == MAP_FAILED)
		return false;
	madvise(c, CRUET_SHARED, MADV_DONTDUMP);
	t->fd = fd;
	t->common = c;
	if (lock_file(t, F_SETLKW, F_WRLCK)) {
		/* one that another version left is of no use */
		bool ok = (!c->layout || c->layout == LAYOUT) && join(t);
		lock_file(t, F_SETLK, F_UNLCK);
		if (ok)
			return true;
	}
	munmap(c, CRUET_SHARED);
	t->common = NULL;
	return false;
}

/* --- changing ------------------------------------------------------------------ */

/* Each hour that has passed, also while nobody came, makes a key older by one. */
static void catch_up(struct tickets *t)
{
	int64_t hours = (now() - t->keys.rotated) / ROTATE_SECONDS;

	for (int64_t i = 0; i < hours && i < KEYS; i++)
		if (!rotate(&t->keys))
			return; /* the next one tries again */
	t->keys.rotated += hours * ROTATE_SECONDS;
}

static bool is_old(const struct tickets *t)
{
	return now() - t->keys.rotated >= ROTATE_SECONDS;
}

/* Does not wait: where another process has the lock, a later call sees what it did. */
static void keep_up(struct tickets *t)
{
	if (!t->common) {
		catch_up(t);
		return;
	}
	if (atomic_load(&t->common->changes) == t->seen && !is_old(t))
		return;
	if (!lock_file(t, F_SETLK, F_WRLCK))
		return;
	if (!fetch(t) || is_old(t)) {
		catch_up(t);
		publish(t);
	}
	lock_file(t, F_SETLK, F_UNLCK);
}

static bool rotate_common(struct tickets *t)
{
	if (!lock_file(t, F_SETLK, F_WRLCK))
		return false;
	fetch(t);
	bool ok = rotate(&t->keys);
	publish(t);
	lock_file(t, F_SETLK, F_UNLCK);
	return ok;
}

bool tickets_rotate(struct tickets *t)
{
	pthread_mutex_lock(&t->lock);
	bool ok = t->common ? rotate_common(t) : rotate(&t->keys);
	pthread_mutex_unlock(&t->lock);
	return ok;
}

/* --- the whole ----------------------------------------------------------------- */

struct tickets *tickets_new(int shared)
{
	struct tickets *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	t->keys.rotated = now();
	t->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	if (t->cipher && ((shared && share(t, shared)) || t->keys.n || rotate(&t->keys)))
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
	if (t->common)
		munmap(t->common, CRUET_SHARED);
	OPENSSL_cleanse(t, sizeof *t);
	free(t);
}

/* Copies the key that has that name, or the newest where name is NULL. Its age, 0 for
 * the newest; -1: there is none. */
static int find(struct tickets *t, const unsigned char *name, struct ticket_key *out)
{
	int age = -1;

	pthread_mutex_lock(&t->lock);
	keep_up(t);
	for (unsigned i = 0; i < t->keys.n && age < 0; i++)
		if (!name || !memcmp(t->keys.key[i].name, name, NAME_LEN))
			age = (int)i;
	if (age >= 0)
		*out = t->keys.key[age];
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
