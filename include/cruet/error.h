/* One list of errors; the enum, the texts and the HTTP mapping come from it. */
#ifndef CRUET_ERROR_H
#define CRUET_ERROR_H

#include "cruet/types.h"

/*        name      code  http  text                                     */
#define CRUET_ERRORS(X)                                                  \
	X(ENOMEM,   -1,  500, "out of memory")                           \
	X(EINVAL,   -2,  500, "invalid argument")                        \
	X(EEXIST,   -3,  500, "already registered")                      \
	X(ENOENT,   -4,  500, "not found") /* who means 404 says 404 */   \
	X(EBUSY,    -5,  503, "still in use")                            \
	X(ESTATE,   -6,  500, "not allowed at this moment")              \
	X(EPARSE,   -7,  400, "malformed input")                         \
	X(ELIMIT,   -8,  413, "over a size limit")                       \
	X(ETIMEOUT, -9,  504, "timed out")                               \
	X(EIO,      -10, 500, "input or output failed")                  \
	X(EABI,     -11, 500, "binary is not compatible")                \
	X(EDENIED,  -12, 403, "refused by policy")                       \
	X(ECYCLE,   -13, 500, "dependency cycle")                         \
	X(EAGAIN,   -14, 503, "nothing yet")

enum cruet_error {
	CRUET_OK = 0,
	CRUET_DONE = 1,
	CRUET_LATER = 2,
#define X(name, code, http, text) CRUET_##name = code,
	CRUET_ERRORS(X)
#undef X
};

/* A kind of error with a parent, for failures that have no status of their
 * own: static const cruet_errtype db_unique = {sizeof db_unique, 409,
 * "db.unique", &db_error}; Handlers for a parent also see its children. */
typedef struct cruet_errtype {
	uint32_t size;
	int32_t http;
	const char *name;
	const struct cruet_errtype *parent;
} cruet_errtype;

CRUET_BEGIN

/* The fixed text of a code; never NULL. [any thread] */
CRUET_API const char *cruet_strerror(int err);

/* A request remembers one failure. Calls record what they cannot do (a body that is
 * no JSON); that does not take the place of a failure that is there already. What
 * cruet_fail() and cruet_raise() say does, so that a caller can put the failure of a
 * helper in its own words.
 *
 * A reply (CRUET_DONE), or CRUET_OK of a hook, says that the failure was dealt with,
 * and it is forgotten. Not so if memory ran out, the API was misused (both are 500),
 * or the body, the form or the query could not be read whole: then the reply would
 * be made of half a request, and the failure stays, whatever is returned. Who wants
 * to go on in spite of it says cruet_err_clear(). */

/* Records a status and a message for the error handler and returns status,
 * so that a handler can write: return cruet_fail(c, 404, "no user %d", id);
 * The message is shown to the client. */
CRUET_API CRUET_COLD int cruet_fail(cruet_ctx *c, int status, const char *fmt, ...)
	CRUET_PRINTF(3, 4) CRUET_MUST_CHECK;

/* Like cruet_fail, with the status of the kind. The message is for the log and for
 * error handlers: the default page does not show it. */
CRUET_API int cruet_raise(cruet_ctx *c, const cruet_errtype *kind,
			  const char *fmt, ...)
	CRUET_PRINTF(3, 4) CRUET_MUST_CHECK;

/* A header for the reply to the failure that is about to be returned, such as Retry-After
 * or WWW-Authenticate. It goes with the default page, and with what an error handler
 * answers, unless that has set a header of this name or another status. */
CRUET_API int cruet_fail_header(cruet_ctx *c, const char *name, const char *value);

/* A place in a source that the failure is about, which was just recorded: the pages of
 * `cruet run --debug` show the lines around it, in front of the functions that ran. The
 * innermost place comes first. says, a word about it, may be NULL. Texts are copied. */
CRUET_API void cruet_fail_place(cruet_ctx *c, const char *file, unsigned line,
				const char *says);

/* The failure that is remembered, or CRUET_OK; its status and message. In an error
 * handler, and in hooks that run after it, it is the one that is answered, until
 * another is met. cruet_err_clear() forgets the other, not the one that is answered. */
CRUET_API int cruet_err(const cruet_ctx *c);
CRUET_API int cruet_err_status(const cruet_ctx *c);
CRUET_API const char *cruet_err_text(const cruet_ctx *c);
CRUET_API const cruet_errtype *cruet_err_kind(const cruet_ctx *c);
CRUET_API void cruet_err_clear(cruet_ctx *c);

CRUET_END
#endif
