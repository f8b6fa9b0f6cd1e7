/* Hooks apply to the scope they are added to and to its children.
 * Order: before outermost first; after and teardown in reverse. */
#ifndef CRUET_HOOK_H
#define CRUET_HOOK_H

#include "cruet/types.h"

struct cruet_errtype; /* error.h */

/* What the event "request_ended" tells, for logs and figures: it is told of every
 * request, last of all, also of one that was refused before any hook ran. Of such a
 * one little is known: no rule was looked for, and even its head may be missing. What
 * a listener records as a failure is ignored. Borrowed for the call. */
typedef struct cruet_ended {
	uint32_t size;    /* sizeof(cruet_ended) */
	uint32_t refused; /* not 0: before a rule was looked for */
	int32_t status;   /* of the reply; 499: the client left before there was one */
	int32_t err;      /* why the reply did not leave whole; CRUET_OK: it did */
	const char *method, *target; /* as they were sent; NULL: there was no head */
	uint32_t minor;   /* HTTP/1.minor */
	uint32_t reserved;
	uint64_t received, sent; /* bytes of the two bodies */
	int64_t took_us;  /* since its head was there */
} cruet_ended;

CRUET_BEGIN

/* Runs when the rule is known, before the before-hooks: for arguments that all
 * rules of a scope share, such as a language (cruet_take_arg). */
CRUET_API int cruet_on_match(cruet_app *app, cruet_fn *fn);

/* Runs before the handler; CRUET_DONE or a failure skips the handler. */
CRUET_API int cruet_before(cruet_app *app, cruet_fn *fn);

/* Runs once a reply exists, also an error reply, before it is sent. */
CRUET_API int cruet_after(cruet_app *app, cruet_fn *fn);

/* Runs when the reply is complete, after every after-hook, before the first
 * byte leaves: for what must see the final reply, such as saving a session. */
CRUET_API int cruet_finish(cruet_app *app, cruet_fn *fn);

/* Always runs, last, whatever happened; cannot change the reply. */
CRUET_API int cruet_teardown(cruet_app *app, cruet_teardown_fn *fn);

/* Runs once, on this request's reply, before the after-hooks. */
CRUET_API int cruet_after_this(cruet_ctx *c, cruet_fn *fn);

/* Writes the reply for one status (400..599); 0 takes every error that has a
 * status, also the 500 made of an unexpected one. A kind takes that error and
 * its children; NULL takes whatever nothing else took, and unexpected errors before
 * they become a 500. A negative code, or a kind without a status, is an unexpected
 * error; a code takes itself. Order: status or kind, innermost scope outwards; then,
 * scope by scope in the same way, 0 before NULL. An unexpected error: its kind, its
 * code or NULL, innermost scope outwards; then as the 500 that it becomes. Of two
 * for the same in one scope the later counts. */
CRUET_API int cruet_on_error(cruet_app *app, int status, cruet_fn *fn);
CRUET_API int cruet_on_kind(cruet_app *app, const struct cruet_errtype *kind,
			    cruet_fn *fn);

/* Events (Flask's signals): told to whoever listens, in order, on the thread
 * that tells. Names: request_started, request_finished, request_failed,
 * request_ended, template_rendered, message_flashed, app_started, app_stopping,
 * and those of plugins, written "plugin.event". */
typedef void cruet_listen_fn(cruet_ctx *c, const void *what, void *arg);
CRUET_API int cruet_listen(cruet_app *app, const char *event,
			   cruet_listen_fn *fn, void *arg);
CRUET_API void cruet_tell(cruet_ctx *c, const char *event, const void *what);

CRUET_END
#endif
