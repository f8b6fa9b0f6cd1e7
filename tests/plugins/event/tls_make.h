/* Certificates for tests, made as they are needed, in a folder of their own. */
#ifndef TESTS_TLS_MAKE_H
#define TESTS_TLS_MAKE_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

struct made {
	X509 *x;
	EVP_PKEY *key;
};

struct recipe {
	const char *cn;
	const char *sans;	   /* "DNS:a.example,IP:127.0.0.1", or NULL */
	const struct made *issuer; /* NULL: signs itself */
	int from, to;		   /* days from now; both 0: from yesterday for a month */
	int rsa;		   /* bits; 0: a P-256 key */
	bool ca; /* may sign others, as one without issuer and sans may anyway */
};

struct made make(const struct recipe *r);
void unmake(struct made *m);

/* Into files of the current folder; a NULL one is left out. chain goes after m. */
void put_cert(const char *path, const struct made *m, const struct made *chain);
void put_key(const char *path, const struct made *m, const char *passphrase);
void put_text(const char *path, const char *text);
/* cert.pem and key.pem for these names. */
void put_pair(const char *cert, const char *key, const char *cn, const char *sans);

/* A fresh current folder, before each test; the suite removes it. */
void folder_enter(void);

#endif
