/* One WebSocket of an application: a connection of ws_conn.h with the core at its other
 * end. What the event loop gives it and takes from it:
 *
 *  1. In the exchange's op upgrade: ws_session_new(). From then on the connection's bytes
 *     are the session's. Nothing is read before cruet_serve() or cruet_continue() has
 *     returned; what the head's read brought beyond the head comes first.
 *  2. Bytes came: ws_session_feed(). It runs functions of the application, one message
 *     after the other, which may block.
 *  3. After each of these, and when the socket takes more: ws_session_out(), write,
 *     ws_session_wrote(), until there is nothing left to be written. The first bytes are
 *     the reply to the handshake. Then ws_session_ended(): true ends the connection such
 *     that the last bytes arrive; the client may still be sending.
 *  4. wake is called, on any thread, when something is to be written and the owner
 *     does not know: then 3 is due, on the owner's thread. It must be quick and call
 *     nothing here; a lock of the core is held meanwhile. Between 1 or 2 and the next
 *     3 it is not called.
 *  5. ws_session_tick() after each round: it says when to be called next.
 *  6. ws_session_free() when the socket is gone or ws_session_ended(), on a thread that
 *     may run functions of the application: it runs close. No wake comes after it.
 *
 * All but wake and ws_session_close() are the owner's: one thread at a time. */
#ifndef EVENT_WS_SESSION_H
#define EVENT_WS_SESSION_H

#include <cruet/svc/transport.h>

#include "ws_conn.h"

struct ws_session;

struct ws_session_opts {
	const struct ws_deflate_policy *deflate; /* borrowed for ws_session_new() */
	uint32_t close_ms;                       /* for the closing handshake */
	void (*wake)(void *arg);
	void *arg;
};

/* For the op upgrade: head is that of the request, how and link are the op's. CRUET_OK,
 * CRUET_EPARSE or CRUET_ENOMEM, to be returned by the op. */
int ws_session_new(struct ws_session **out, const cruet_head *head, const cruet_upgrade *how,
		   const struct ws_session_opts *o, int64_t now, cruet_link *link);
/* Tells the application that it is over (code 1006 unless there was a close), then frees
 * it; NULL is fine. worker: as in an exchange. */
void ws_session_free(struct ws_session *s, uint32_t worker);

/* Bytes of the client, all of which are used up; p is changed. */
void ws_session_feed(struct ws_session *s, uint32_t worker, unsigned char *p, size_t n,
		     int64_t now);
/* See ws_conn.h. */
size_t ws_session_out(struct ws_session *s, struct iovec *v, size_t max, int64_t now);
void ws_session_wrote(struct ws_session *s, size_t n, int64_t now);
bool ws_session_ended(const struct ws_session *s);
int64_t ws_session_tick(struct ws_session *s, int64_t now);
/* The client has closed the socket, or it broke. */
void ws_session_lost(struct ws_session *s);
/* [any thread] Such as 1001 when the server stops; wakes. */
void ws_session_close(struct ws_session *s, unsigned code, const char *why);

#endif
