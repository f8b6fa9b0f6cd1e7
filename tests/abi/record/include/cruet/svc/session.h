/* Service "session/1": keeps one JSON object per browser. Typed access and
 * flashed messages are built on it, in cruet/session.h; a provider opens and
 * saves. It saves by itself, in a finish-hook. Calls come from one thread per
 * ctx, from many for many. [request] */
#ifndef CRUET_SVC_SESSION_H
#define CRUET_SVC_SESSION_H

#include "cruet/types.h"

#define CRUET_SESSION "session/1"

typedef struct cruet_session {
	uint32_t size;
	uint32_t reserved;
	/* The session of this request, an object that c owns; the same at every
	 * call. Empty where there is none that can be trusted. Counts as access
	 * (the reply varies by cookie). On failure the request fails too. */
	int (*open)(void *self, cruet_ctx *c, cruet_json **data);
	/* Says that data is about to change, or was changed: it is to be saved,
	 * and forgotten if it is empty then. "_permanent": true in it makes it
	 * outlive the browser's window. The oldest of "_flashes" in it, an array,
	 * are left out where it is too large to be saved with them. A refusal
	 * fails the request, and again when it should be saved. */
	int (*change)(void *self, cruet_ctx *c);
	/* Saves the data under a new id, dropping the old one. */
	int (*renew)(void *self, cruet_ctx *c);
} cruet_session;

#endif
