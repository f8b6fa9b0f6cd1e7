/* A server side of ours and a client of OpenSSL's, over a socket pair, in one thread:
 * each takes its turn until neither gets on. */
#ifndef TESTS_TLS_TALK_H
#define TESTS_TLS_TALK_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "tls.h"
#include "tls_options.h"

/* A listener, and a context for its clients, which trusts anyone unless told whom. */
struct talk {
	struct tls_options o;
	struct tls *tls;
	SSL_CTX *client;
};

/* o.pairs holds one pair, cert.pem and key.pem, unless it is set. Fails the test with
 * the message of tls_new() if that fails. */
void talk_start(struct talk *t, struct tls_options o);
void talk_stop(struct talk *t);

struct ends {
	int fd[2]; /* server, client */
	struct tls_conn *server;
	SSL *client;
	int server_says,
		client_says; /* at the end of the handshake; 1: client is through */
	unsigned long alert; /* reason of the client's failure, else 0 */
};

/* Both ends with no byte sent yet: what is special about a client is set in between. */
struct ends ends_open(const struct talk *t);
void ends_shake(struct ends *e);
void ends_close(struct ends *e);

/* A handshake from a client that asks for that name (NULL: for none), which must
 * succeed. */
struct ends ends_meet(const struct talk *t, const char *name);
/* The common name of the certificate that the client has seen. */
const char *ends_saw(const struct ends *e);
struct tls_info ends_info(const struct ends *e);
/* Moves all of text to the other end, where it must be what arrives. */
void ends_down(struct ends *e, const char *text); /* from the server */
void ends_up(struct ends *e, const char *text);

#endif
