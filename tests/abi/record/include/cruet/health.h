/* Checks that say whether requests can be served: the database answers, a folder can be
 * written. Who asks, and when, is a matter of the deployment: the plugin `health` runs
 * them when somebody looks at /ready. Without it they are not run. Not part of cruet.h. */
#ifndef CRUET_HEALTH_H
#define CRUET_HEALTH_H

#include "cruet/types.h"

CRUET_BEGIN

/* fn has the shape of a hook: CRUET_OK says that all is well, everything else that it is
 * not, and then what cruet_fail() or cruet_raise() recorded is the reason. It replies
 * nothing and does not answer later. It runs in the request of who asks, on any thread,
 * but never twice at once. One that takes longer than timeout_ms (0: as the plugin says)
 * has failed, and those who ask meanwhile are told so; it is not interrupted, so it
 * should have a bound of its own. name: 1 to 63 letters, digits, '_', '-' and '.'; NULL:
 * that of the instance, or of the application. [setup] */
CRUET_API int cruet_health_check(cruet_app *app, const char *name, uint64_t timeout_ms,
				 cruet_fn *fn);

CRUET_END
#endif
