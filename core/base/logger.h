/* Where log lines go. One per application; any thread may write. */
#ifndef BASE_LOGGER_H
#define BASE_LOGGER_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include "cruet/log.h"

/* Takes a line; false: it does not. */
typedef bool logger_sink_fn(const void *sink, int level, const char *who, const char *line);

/* The last lines, for who wants to know what came before. Written by any thread without a
 * lock: a line that is overwritten while it is read may be mixed of two. */
enum { LOG_RECENT = 50, LOG_RECENT_LINE = 256 };
struct log_recent {
	atomic_uint n; /* that were written in all */
	char lines[LOG_RECENT][LOG_RECENT_LINE];
};

struct logger {
	cruet_log_fn *fn; /* set before threads start, never after */
	void *arg;
	logger_sink_fn *offer; /* the same */
	_Atomic(const void *) sink; /* what offer() offers lines to first; NULL: nobody */
	atomic_int level; /* lines below it are dropped */
	struct log_recent *recent; /* NULL: they are not kept. Set before threads start */
};

/* Without a sink, or where that does not take a line: to standard error: "2026-01-31 12:00:00 WARN  who: line", colours where a
 * person looks and NO_COLOR is unset. Control bytes are shown as \xNN, so that
 * nobody can forge a line. One write() per line. What a sink logs while it is offered a
 * line is not offered to one. */
void logger_init(struct logger *l);
void logger_to(struct logger *l, cruet_log_fn *fn, void *arg); /* fn NULL: as above */
void logger_vsay(const struct logger *l, int level, const char *who, const char *fmt,
		 va_list ap) __attribute__((format(printf, 4, 0)));
/* Calls each for the last lines, oldest first. Takes no memory and no lock. */
void logger_recent(const struct log_recent *r, void (*each)(void *arg, const char *line),
		   void *arg);
void logger_say(const struct logger *l, int level, const char *who, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
