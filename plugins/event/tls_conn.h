/* What contexts tell the connections that use them. */
#ifndef EVENT_TLS_CONN_H
#define EVENT_TLS_CONN_H

#include <openssl/ssl.h>

#include "tls.h"

/* A callback of ours ends the handshake for that reason. */
void tls_conn_refused(SSL *ssl, enum tls_fault fault);

/* For SSL_CTX_set_msg_callback(): looks at each record, and cuts off who floods. */
void tls_conn_sees(int sent, int version, int type, const void *p, size_t len, SSL *ssl,
		   void *arg);

/* The set that is in use now, held for the caller. [any thread] */
struct tls_set *tls_take(struct tls *t);

#endif
