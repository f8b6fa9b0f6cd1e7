/* Service "id/1": makes ids. See docs/elements.md; who wants one calls cruet_new_id(). */
#ifndef CRUET_SVC_ID_H
#define CRUET_SVC_ID_H

#include "cruet/types.h"

#define CRUET_ID "id/1"

enum { CRUET_ID_MAX = 128 }; /* bytes of an id */

typedef struct cruet_id_maker {
	uint32_t size;
	uint32_t reserved;
	/* An id that nobody has got before, neither from this process nor from others that
	 * share its data: 1 to CRUET_ID_MAX letters, digits and -_.:+/=@; the core checks
	 * that. In the memory of c. CRUET_OK, or a failure as of a handler. Called from
	 * many threads at once. [request] */
	int (*make)(void *self, cruet_ctx *c, const char **id);
} cruet_id_maker;

#endif
