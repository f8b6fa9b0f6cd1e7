/* The event "health.check": tells of somebody who wants to know whether all is well.
 * Who can say something of it calls check. cruet_health_check() of cruet/health.h listens
 * to it; only who wants to know, such as the plugin `health`, needs this. */
#ifndef CRUET_SVC_HEALTH_H
#define CRUET_SVC_HEALTH_H

#include "cruet/types.h"

#define CRUET_HEALTH_EVENT "health.check"

/* What the event tells. Borrowed for the call. */
typedef struct cruet_health_probe {
	uint32_t size; /* sizeof(cruet_health_probe) */
	uint32_t reserved;
	void *self;
	/* Runs fn with the scope of c, or uses what it gave a moment ago. What it means
	 * stands in cruet/health.h. Names and scopes tell checks apart; name is copied. */
	void (*check)(void *self, cruet_ctx *c, const char *name, uint64_t timeout_ms,
		      cruet_fn *fn);
} cruet_health_probe;

#endif
