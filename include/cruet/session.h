/* The session: what one browser's requests remember together. Thin over the
 * service "session/1"; without a plugin that provides it, calls fail the
 * request with 500 and the log names such a plugin. Not part of cruet.h.
 *
 *	int64_t visits = cruet_session_int(c, "visits", 0) + 1;
 *	cruet_session_set_int(c, "visits", visits);
 *
 * Values are JSON. The session is opened by the first call, saved after the
 * after-hooks, and gone for who comes later. What was read lives as long as the
 * ctx, also when it has been replaced since. A cookie that is missing, expired,
 * malformed or not signed by us is an empty session, never an error. [request]
 *
 * A write that fails returns a CRUET_E code or a status and fails the request
 * with 500 at the latest when the session should be saved, so its value need
 * not be looked at. */
#ifndef CRUET_SESSION_H
#define CRUET_SESSION_H

#include "cruet/types.h"

/* What the event "message_flashed" tells. Borrowed for the call. */
typedef struct cruet_flashed {
	uint32_t size; /* sizeof(cruet_flashed) */
	uint32_t reserved;
	const char *category;
	const cruet_json *message;
} cruet_flashed;

CRUET_BEGIN

/* The value of a key; def when there is none or it is of another kind. */
CRUET_API const char *cruet_session_str(cruet_ctx *c, const char *key, const char *def);
CRUET_API int64_t cruet_session_int(cruet_ctx *c, const char *key, int64_t def);
CRUET_API double cruet_session_real(cruet_ctx *c, const char *key, double def);
CRUET_API bool cruet_session_bool(cruet_ctx *c, const char *key, bool def);
/* Any kind; NULL when there is none. */
CRUET_API const cruet_json *cruet_session_json(cruet_ctx *c, const char *key);
CRUET_API bool cruet_session_has(cruet_ctx *c, const char *key);

/* Values are copied; NULL is stored as null. Text that is not UTF-8 gets U+FFFD
 * where it is broken. */
CRUET_API int cruet_session_set_str(cruet_ctx *c, const char *key, const char *v);
CRUET_API int cruet_session_set_int(cruet_ctx *c, const char *key, int64_t v);
CRUET_API int cruet_session_set_real(cruet_ctx *c, const char *key, double v);
CRUET_API int cruet_session_set_bool(cruet_ctx *c, const char *key, bool v);
CRUET_API int cruet_session_set_json(cruet_ctx *c, const char *key, const cruet_json *v);

/* Removing what is not there changes nothing. */
CRUET_API int cruet_session_del(cruet_ctx *c, const char *key);
/* Removes everything: the browser is told to forget its cookie, a store drops
 * the data. */
CRUET_API int cruet_session_clear(cruet_ctx *c);

/* The whole session, an object that may be changed in place: then say so with
 * cruet_session_modified(), or the change is lost. NULL on failure. */
CRUET_API cruet_json *cruet_session_data(cruet_ctx *c);
CRUET_API int cruet_session_modified(cruet_ctx *c);

/* A permanent session outlives the browser's window, by the plugin's option
 * lifetime; one that is not ends with it. Kept in the session, as "_permanent". */
CRUET_API int cruet_session_permanent(cruet_ctx *c, bool on);
/* Same data, new id (a new signature where there is no id). Call it when someone
 * logs in or out, so that an id planted before is worth nothing after. What forms are
 * bound to, kept as "_csrf", goes too: none that was shown before is taken after. */
CRUET_API int cruet_session_renew(cruet_ctx *c);

/* Leaves a message for the page that is shown next, also after a redirect.
 * category NULL is "message". Tells "message_flashed" (a cruet_flashed). Kept in
 * the session, as "_flashes": the last 32 that nobody took out, and fewer where
 * the session would be too large with them. */
CRUET_API int cruet_flash(cruet_ctx *c, const char *category, const char *fmt, ...)
	CRUET_PRINTF(3, 4);
CRUET_API int cruet_flash_json(cruet_ctx *c, const char *category,
			       const cruet_json *message);

/* Takes the messages out of the session, oldest first: an array of
 * {"category": ..., "message": ...}, empty if there are none; NULL on failure.
 * Asked again in one request it gives the same; what is flashed after it waits
 * for the next. categories ("error,info") picks some, NULL all; those that were
 * not picked are gone all the same. */
CRUET_API const cruet_json *cruet_flashes(cruet_ctx *c, const char *categories);

CRUET_END
#endif
