/* The keys that session tickets are sealed with: AES-256-CBC and HMAC-SHA256, made at
 * random, kept in memory only, changed every hour. Tickets of the two keys before are
 * still read and are renewed then; older keys are wiped, so a key that leaks tells of
 * three hours at most.
 *
 * One set of keys serves many SSL_CTX, also those that take the place of others when
 * certificates are loaded anew; and all processes that have its memory in common, so that
 * a client resumes its session whichever it comes to. [any thread] */
#ifndef EVENT_TLS_TICKET_H
#define EVENT_TLS_TICKET_H

#include <openssl/ssl.h>
#include <stdbool.h>

enum { TICKET_SECONDS = 2 * 60 * 60 }; /* how long a ticket is good */

struct tickets;

/* shared: a descriptor of CRUET_SHARED bytes that other processes have too, borrowed; 0:
 * these keys are this process's own. NULL: no memory, or no randomness. */
struct tickets *tickets_new(int shared);
void tickets_free(struct tickets *t); /* NULL is fine; no SSL_CTX uses it any more */

/* Changes the key now. False if no randomness could be had, or another process is at it:
 * all stays as it is. */
bool tickets_rotate(struct tickets *t);

/* Makes ctx seal and open its tickets with these keys. False: no memory. */
bool tickets_use(struct tickets *t, SSL_CTX *ctx);

#endif
