/* The event "checkup": tells of somebody, such as `cruet check`, who wants to know what is
 * wrong with an application that is set up and not started. Who listens to it looks, changes
 * nothing, and says what it finds. */
#ifndef CRUET_SVC_CHECKUP_H
#define CRUET_SVC_CHECKUP_H

#include "cruet/types.h"

#define CRUET_CHECKUP_EVENT "checkup"

/* What the event tells. Borrowed for the call. */
typedef struct cruet_checkup {
	uint32_t size;   /* sizeof(cruet_checkup) */
	uint32_t deploy; /* not 0: it is about to be deployed */
	void *self;
	/* One thing that is wrong: where (a file, with its line, or an option), what in a
	 * sentence without the place, and what to do about it. All of them are copied; cure
	 * may be NULL. c is what the listener was given. */
	void (*found)(void *self, cruet_ctx *c, const char *where, const char *what,
		      const char *cure);
} cruet_checkup;

#endif
