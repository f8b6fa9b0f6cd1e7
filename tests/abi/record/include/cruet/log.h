/* Logging. One line, one event; where it goes is the app's choice. */
#ifndef CRUET_LOG_H
#define CRUET_LOG_H

#include "cruet/types.h"

enum cruet_level {
	CRUET_DEBUG = 0,
	CRUET_INFO = 1,
	CRUET_WARN = 2,
	CRUET_ERROR = 3
};

typedef void cruet_log_fn(void *arg, int level, const char *who,
			  const char *line);

CRUET_BEGIN

CRUET_API CRUET_COLD void cruet_log(cruet_app *app, int level, const char *fmt, ...)
	CRUET_PRINTF(3, 4);
/* The same, with the request's id and route. */
CRUET_API CRUET_COLD void cruet_note(cruet_ctx *c, int level, const char *fmt, ...)
	CRUET_PRINTF(3, 4);
CRUET_API void cruet_log_to(cruet_app *app, cruet_log_fn *fn, void *arg);

CRUET_END
#endif
