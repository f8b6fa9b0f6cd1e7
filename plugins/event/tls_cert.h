/* What a listener proves itself with, and whom it believes: read from files, checked,
 * with sentences for what is wrong. */
#ifndef EVENT_TLS_CERT_H
#define EVENT_TLS_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tls_options.h"

/* A certificate, those that lead from it towards a root, and its key. */
struct tls_cert {
	X509 *leaf;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

/* Whose word on clients is taken. */
struct tls_authorities {
	X509_STORE *store;
	STACK_OF(X509_NAME) * names;
	unsigned char digest[32]; /* of the certificates: another set, another digest */
};

/* Both give CRUET_OK, CRUET_EINVAL with *why, which names the file, or CRUET_ENOMEM,
 * and leave *out empty then. What is suspicious but works (expired, a key that others
 * may read) goes to o->warn. */
int tls_cert_load(const struct tls_options *o, const struct tls_pair *p,
		  struct tls_cert *out, char **why);
void tls_cert_fini(struct tls_cert *c);

int tls_authorities_load(const char *path, struct tls_authorities *out, char **why);
void tls_authorities_fini(struct tls_authorities *a);

#endif
