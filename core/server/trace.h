/* A line per request for the person who watches: method, target, status, time. */
#ifndef SERVER_TRACE_H
#define SERVER_TRACE_H

#include "cruet/types.h"

/* From now on, if standard error is a terminal; coloured unless NO_COLOR is set. */
void trace_start(cruet_app *root);

#endif
