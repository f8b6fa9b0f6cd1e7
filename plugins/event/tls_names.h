/* Which certificate is for which name: those of its SANs, or its common name where it
 * has none. An exact name comes before a wildcard (*.example.com, which stands for one
 * label), and the certificate that was given first before others of the same name. */
#ifndef EVENT_TLS_NAMES_H
#define EVENT_TLS_NAMES_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>

struct tls_name {
	char *name; /* lower case */
	size_t cert;
};

struct tls_names { /* zeroed: empty */
	struct tls_name *all;
	size_t n, cap;
};

/* Adds what x is for, under the number cert. False: no memory. */
bool tls_names_add(struct tls_names *t, const X509 *x, size_t cert);
/* After the last one. */
void tls_names_sort(struct tls_names *t);
/* The number of the certificate for a name as it came from a client; -1: none. */
ptrdiff_t tls_names_find(const struct tls_names *t, const char *name);
void tls_names_fini(struct tls_names *t);

#endif
