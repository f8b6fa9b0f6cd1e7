/* WebSockets (RFC 6455). The handshake is a request: hooks, session and accept run with
 * its ctx and may refuse. After it a connection lives without a ctx and stands on no
 * generation: its rule is looked up by endpoint for each message, which gets a ctx of its
 * own; so it survives a hot swap.
 *
 *	static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
 *	{
 *		return cruet_ws_send(w, kind, p, len);
 *	}
 *
 *	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule), .path = "/echo",
 *					      .name = "echo", .message = said,
 *					      .here = CRUET_HERE});
 *
 * Needs a transport that carries them: with civetweb a handshake is answered with 501. */
#ifndef CRUET_WS_H
#define CRUET_WS_H

#include "cruet/types.h"

typedef struct cruet_ws cruet_ws;

enum cruet_ws_kind { CRUET_WS_TEXT = 1, CRUET_WS_BINARY = 2 };

/* What runs for one connection runs one after the other, on any thread: open, then
 * message for each message in order, then close, once. A failure (as a handler returns
 * it) closes the connection with 1011, or with 4000 and the status: 403 is 4403; what
 * cruet_fail() said is the reason. */
typedef struct cruet_ws_rule {
	uint32_t size;         /* sizeof(cruet_ws_rule) */
	uint32_t flags;        /* enum cruet_rule_flags: CRUET_ANY_ORIGIN, CRUET_LOOSE_SLASH */
	const char *path;
	const char *name;      /* endpoint; no other rule has it */
	const char *protocols; /* sub-protocols that are spoken, "chat,json"; or NULL */
	/* With the handshake's ctx. CRUET_OK accepts; a failure or a reply refuses. It
	 * may set headers, Sec-WebSocket-Protocol too. NULL: all are accepted. */
	cruet_fn *accept;
	/* The connection is there; c is still the handshake's, with its arguments and
	 * session, but there is nothing left to reply. May be NULL. */
	int (*open)(cruet_ws *w, cruet_ctx *c);
	/* kind: enum cruet_ws_kind. p lives as long as c, and a NUL stands behind it; text
	 * is UTF-8. NULL: messages are ignored. */
	int (*message)(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len);
	/* It has ended, and left its groups. code: the one that the client gave (1005: it
	 * gave none), or that it was given; 1006: it was lost. May be NULL. */
	void (*close)(cruet_ws *w, cruet_ctx *c, int code);
	uint64_t max_message;  /* bytes, after decompression; 0: 1 MiB */
	uint64_t max_queue;    /* bytes waiting to be sent; 0: 1 MiB */
	uint32_t idle_ms;      /* of silence: a ping after half, the end after it; 0: 60 s */
	uint32_t reserved;
	void *data;            /* cruet_data() in all of these */
	const char *here;      /* CRUET_HERE */
} cruet_ws_rule;

CRUET_BEGIN

/* [setup] A rule of the scope. A rule for GET of the same path may stand beside it. */
CRUET_API int cruet_websocket(cruet_app *app, const cruet_ws_rule *rule);

/* [any thread] while a reference is held. Queues a copy and never blocks: CRUET_EBUSY
 * when more than max_queue would wait, CRUET_ESTATE once the connection ends,
 * CRUET_EINVAL for a text that is not UTF-8. */
CRUET_API int cruet_ws_send(cruet_ws *w, int kind, const void *p, size_t len);
/* [any thread] Closes after what is queued. code: 1000, 1001, 1003, 1007 to 1014, 3000
 * to 4999; why: up to 123 bytes for the client, or NULL. CRUET_ESTATE: it ends already. */
CRUET_API int cruet_ws_close(cruet_ws *w, int code, const char *why);
/* [any thread] Whoever keeps w beyond the function it was given to holds a reference. */
CRUET_API cruet_ws *cruet_ws_ref(cruet_ws *w);
CRUET_API void cruet_ws_unref(cruet_ws *w); /* NULL is fine */

/* A few bytes kept with the connection, copied and freed by the host. For the functions
 * of this connection, which do not run at once. NULL, 0 forgets. get: NULL if there are
 * none; until the next set. A NUL stands behind them. */
CRUET_API int cruet_ws_set(cruet_ws *w, const void *p, size_t len);
CRUET_API const void *cruet_ws_get(const cruet_ws *w, size_t *len);
/* [any thread] The sub-protocol that was agreed on; NULL if none. */
CRUET_API const char *cruet_ws_protocol(const cruet_ws *w);

/* [any thread] Groups of this application in this process, by name. A connection leaves
 * them by itself when it ends. Joining twice is joining once; CRUET_ESTATE once the
 * connection has ended; leave: CRUET_ENOENT if it is not in there. */
CRUET_API int cruet_ws_join(cruet_ws *w, const char *group);
CRUET_API int cruet_ws_leave(cruet_ws *w, const char *group);
/* [any thread] Sends to all of a group; all see the messages of a group in one order.
 * One whose queue is full has missed something: it is closed with 1013. Gives the number
 * of connections that it was queued for, or CRUET_EINVAL as cruet_ws_send(). */
CRUET_API int64_t cruet_ws_publish(cruet_ctx *c, const char *group, int kind,
				   const void *p, size_t len);

CRUET_END
#endif
