/* Service "secure/1": what pages may contain. Calls come from one thread per ctx, from
 * many for many. [request] */
#ifndef CRUET_SVC_SECURE_H
#define CRUET_SVC_SECURE_H

#include "cruet/types.h"

#define CRUET_SECURE "secure/1"

typedef struct cruet_secure {
	uint32_t size;
	uint32_t reserved;
	/* The nonce of this reply's Content-Security-Policy, made when it is first asked
	 * for: 22 characters of base64url, in the memory of the request. NULL: it could not
	 * be made; the request fails. */
	const char *(*nonce)(void *self, cruet_ctx *c);
} cruet_secure;

#endif
