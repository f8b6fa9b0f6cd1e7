/* A certificate for development: made in memory, signed by itself, for localhost,
 * 127.0.0.1 and ::1, valid for 30 days. */
#ifndef EVENT_TLS_ADHOC_H
#define EVENT_TLS_ADHOC_H

struct tls_cert;

/* CRUET_OK, or CRUET_ENOMEM; *out, which is zeroed, may be half built then. */
int tls_adhoc(struct tls_cert *out);

#endif
