/* Service "clock/1": the time of the application, for a plugin that knows it better than
 * the machine, or moves it. See docs/elements.md; who asks for the time calls cruet_now().
 *
 * The core reads it for cruet_now() and for each request; what cruet_clock_set() has
 * stopped stays stopped. Timeouts, timers and waits are measured by a clock of the
 * machine that nobody sets, whatever this one says. */
#ifndef CRUET_SVC_CLOCK_H
#define CRUET_SVC_CLOCK_H

#include "cruet/types.h"

#define CRUET_CLOCK "clock/1"

typedef struct cruet_clock {
	uint32_t size;
	uint32_t reserved;
	/* Milliseconds since 1970, UTC; 0: it does not know, and the machine's clock
	 * counts. Called for each request, from many threads at once, from the end of init
	 * to the beginning of fini: so it must not wait. [any thread] */
	int64_t (*now)(void *self);
} cruet_clock;

#endif
