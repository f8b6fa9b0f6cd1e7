/* How the TLS files say what is wrong. */
#ifndef EVENT_TLS_SAY_H
#define EVENT_TLS_SAY_H

#include <cruet.h>

/* Puts the sentence into *why, for the caller to free(); NULL there if memory ran out.
 * Returns CRUET_EINVAL, or CRUET_ENOMEM. */
int tls_say(char **why, const char *fmt, ...) CRUET_PRINTF(2, 3);

/* What OpenSSL says of the first failure that this thread has recorded; never NULL.
 * Empties the record. Lives as long as the program. */
const char *tls_openssl_says(void);

#endif
