/* The way of a request through the house; see dispatch.c. */
#ifndef APP_DISPATCH_H
#define APP_DISPATCH_H

#include "app/ctx.h"

/* Fills in scheme, host, peer, root and domain of a request that passed the front
 * door, believing as many proxies as the settings say. 0, or a status and *why. */
int target_read(cruet_ctx *c, const char **why);
/* What subdomains or hosts of rules are compared with, for a request to that host; in a, or
 * host itself. NULL: out of memory. */
const char *target_domain(const struct server_settings *s, const char *host, struct arena *a);
/* True if a host, with or without a port, is one that the settings name as trusted. */
bool target_host_named(const struct server_settings *s, const char *host);
/* False: it was sent to a host that is none of those that the settings name. */
bool target_trusted(const cruet_ctx *c);
/* What the router is asked for this request. */
struct lookup target_lookup(const cruet_ctx *c);
/* The address of a path on the host that answers for a domain (NULL: the one of
 * this request). */
const char *target_url(cruet_ctx *c, const char *path, const char *domain);

/* The function that takes the failure that c answers, looked for as Flask does it,
 * with the scope that registered it; NULL: the default page. *as_500: nobody took an
 * unexpected failure for what it is, but somebody may for the 500 that it becomes. */
CRUET_COLD const struct entry_error *error_handler(const cruet_ctx *c, const struct level *l, bool *as_500);

/* Prepares the default page of the failure: a plugin's, or HTML, problem details (RFC
 * 9457) or text, whatever Accept prefers. Never fails: at worst the body is empty. */
CRUET_COLD void error_page(cruet_ctx *c);

/* Whether a request comes from a page of the site at host, or from none: site and origin are
 * what Sec-Fetch-Site and Origin say; NULL: nothing. */
bool origin_is_own(const char *site, const char *origin, const char *host);
/* 0, or 403 (recorded) for a request that changes something and that a browser
 * marks as coming from another site. */
int origin_check(cruet_ctx *c, const struct level *l);

/* What a hook, or a function of a WebSocket, returned: true if all may go on;
 * otherwise the failure is recorded, as one of who. */
bool dispatch_went_well(cruet_ctx *c, int r, const char *who);
/* The failure becomes the one that is answered; it is logged, and told to those who
 * listen for it. */
CRUET_COLD void dispatch_tell_failure(cruet_ctx *c);

/* Completes the reply and sends it to the end of its body. Where the application
 * itself could not go on with it, c->broken says why. CRUET_LATER: the request waits,
 * and is not this thread's any more; otherwise it was sent as far as it could be. */
int send_reply(cruet_ctx *c);
/* Goes on in STAGE_STREAM and STAGE_SENT, and gives the same. */
int send_continue(cruet_ctx *c);
enum { STREAM_PULL = 16384 }; /* bytes that are pulled at a time */
/* Runs a stream that has begun: pulls into c->pulled and writes, to its end. May give
 * CRUET_LATER, and is called again then. */
int stream_run(cruet_ctx *c);
/* Tells a stream, once, that it is over. */
void stream_close(cruet_ctx *c, int why);

/* --- wait.c */

/* A wait that begins now is over after ms (0: when it is woken). */
void wait_within(cruet_ctx *c, uint32_t ms);
/* Until w wakes (NULL: nobody does) or that moment. CRUET_OK; CRUET_LATER: the request
 * is parked at c->stage, is not this thread's any more, and this is to be called again;
 * CRUET_EIO: the client has left; CRUET_ESTATE: the server stops; or the transport
 * cannot park it. */
int wait_for(cruet_ctx *c, struct cruet_waker *w);
/* All who wait look whether anything has changed. [any thread] */
void wait_look_up(struct host *h);
/* Until the client has taken what the transport holds for it, in the same way. Gives
 * CRUET_OK, CRUET_LATER, or how writing failed. */
int wait_for_room(cruet_ctx *c);

/* LEFT: the client did. FAILED: c->failure says how. */
enum later { LATER_PARKED, LATER_GO, LATER_LEFT, LATER_FAILED };
/* Until c->later, that a handler named when it returned CRUET_LATER, is to run. */
enum later later_wait(cruet_ctx *c);

/* True if the reply says already that it depends on a header of the request. */
bool reply_varies(const cruet_ctx *c, const char *name);

/* Prepares a redirect with a short page. location is absolute or a path. */
int redirect_to(cruet_ctx *c, int status, const char *location);

#endif
