/* A fatal signal in a process that serves: it is written down whose code it was, the
 * request gets a plain 500, others a moment to end, and then the process ends. What was in
 * memory cannot be trusted afterwards, so nothing else goes on.
 *
 * A worker tells its parent, which writes the report; a process without one writes it
 * itself, and then the signal does what it usually does. */
#ifndef SERVER_CRASH_H
#define SERVER_CRASH_H

#include "cruet/svc/transport.h"

struct crash;
struct handed;

enum {
	CRASH_GRACE_MS = 100, /* for other requests */
	CRASH_EXIT = 70,      /* the exit code of a worker after that */
	CRASH_KEPT = 100      /* reports; older ones are removed */
};

/* From now on: for this process and the application root, whose reports go below folder
 * (where server.crashes is relative). Where something else, such as a sanitizer, has
 * taken the signals already, and where server.crashes is empty, nothing happens. NULL: so
 * it is, or there was no memory. One at a time. */
struct crash *crash_arm(cruet_app *root, const struct handed *handed, const char *folder);
/* What serves meanwhile, to be told; vt NULL: nothing. c may be NULL. */
void crash_serves(struct crash *c, const char *transport, const cruet_transport *vt,
		  void *server);
/* A thread of this process has been in one request for ms: that is a crash too. */
void crash_hangs(struct crash *c, int32_t thread, uint32_t ms);
/* Signals have the effect again that they had before. NULL is fine. */
void crash_disarm(struct crash *c);

#endif
