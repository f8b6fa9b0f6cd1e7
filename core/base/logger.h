/* Where log lines go. One per application; any thread may write. */
#ifndef BASE_LOGGER_H
#define BASE_LOGGER_H

#include <stdarg.h>
#include "cruet/log.h"

struct logger {
	cruet_log_fn *fn; /* set before threads start, never after */
	void *arg;
	int level; /* lines below it are dropped */
};

/* To standard error: "2026-01-31 12:00:00 WARN  who: line", colours where a
 * person looks and NO_COLOR is unset. Control bytes are shown as \xNN, so that
 * nobody can forge a line. One write() per line. */
void logger_init(struct logger *l);
void logger_to(struct logger *l, cruet_log_fn *fn, void *arg); /* fn NULL: as above */
void logger_vsay(const struct logger *l, int level, const char *who, const char *fmt,
		 va_list ap) __attribute__((format(printf, 4, 0)));
void logger_say(const struct logger *l, int level, const char *who, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
