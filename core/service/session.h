/* What the session's plain functions share with the flashed messages, which are
 * kept in it. */
#ifndef SERVICE_SESSION_H
#define SERVICE_SESSION_H

#include "cruet/types.h"

/* The session's object for reading; a failure is recorded too. */
int session_open(cruet_ctx *c, cruet_json **data);
/* The same for writing: it will be saved. */
int session_change(cruet_ctx *c, cruet_json **data);
/* Opens it, where there is one, for a reply that may read it after its head was sent. */
int session_ready(cruet_ctx *c);
/* What one of these gave last in this request: remembered in debug, for who wants to see it.
 * NULL: nobody asked. Only reads, so a signal handler may call it. */
const cruet_json *session_seen(const cruet_ctx *c);
/* Takes a member out and keeps it until the request ends: who has read it may
 * hold on to it. */
int session_retire(cruet_ctx *c, cruet_json *parent, cruet_json *member);
/* v, or a copy with U+FFFD where it is not UTF-8; NULL: out of memory. */
const char *session_text(cruet_ctx *c, const char *v);
/* Adds a copy of v (NULL: null) to an object under key, or to an array. */
int session_put(cruet_ctx *c, cruet_json *parent, const char *key, const cruet_json *v);

#endif
