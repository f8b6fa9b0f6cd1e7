/* The certificates of a listener, ready for use: one SSL_CTX each, all with the same
 * settings, and the table that chooses among them. Never changed once it is made: loading
 * anew makes another set. Each connection holds the set it began with. */
#ifndef EVENT_TLS_SET_H
#define EVENT_TLS_SET_H

#include <openssl/ssl.h>

#include "tls_options.h"
#include "tls_ticket.h"

struct tls_set;

/* Loads all that o names. CRUET_OK, CRUET_EINVAL with *why, or CRUET_ENOMEM. The caller
 * holds the set; tickets is borrowed, for as long as any set lives. */
int tls_set_new(const struct tls_options *o, struct tickets *tickets,
		struct tls_set **out, char **why);
struct tls_set *tls_set_hold(struct tls_set *s); /* [any thread] */
void tls_set_drop(struct tls_set *s);		 /* [any thread], NULL is fine */

/* What a connection begins with, before the client has said a name. */
SSL_CTX *tls_set_first(const struct tls_set *s);

#endif
