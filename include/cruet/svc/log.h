/* Service "log/1": takes the lines of the application's log, instead of standard error or
 * of what cruet_log_to() has named. See docs/elements.md. */
#ifndef CRUET_SVC_LOG_H
#define CRUET_SVC_LOG_H

#include "cruet/types.h"

#define CRUET_LOG "log/1"

typedef struct cruet_log_sink {
	uint32_t size;
	uint32_t reserved;
	/* Takes a line of level (enum cruet_level, log_level and above) by who: a plugin
	 * or the application. It has no control bytes and at most 2047 others; who and line
	 * are borrowed. CRUET_OK: it was taken. Anything else: it was not, and is written
	 * where it would go without a sink; so no line is lost because a sink has no room,
	 * has not started or has stopped.
	 *
	 * Called by whoever logs, from many threads at once, from the end of init to the
	 * beginning of fini: so it must not wait. What it logs itself meanwhile does not
	 * come back to it. Never called in a signal handler. [any thread] */
	int (*put)(void *self, int level, const char *who, const char *line);
} cruet_log_sink;

#endif
