/* WebSockets, the core's side: what a transport's connection and the application's
 * functions have between them. Knows no frames.
 *
 * Locks, taken in this order: groups, a connection's, the transport's own (within the
 * calls of its link). None is held while a function of the application runs. */
#ifndef APP_WS_H
#define APP_WS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "app/ctx.h"
#include "cruet/ws.h"

struct ws_member;
struct ws_stand;

struct cruet_ws {
	atomic_uint refs;
	struct host *host;
	const char *endpoint;
	const char *protocol; /* or NULL */
	pthread_mutex_t lock; /* guards link */
	cruet_link link;      /* ops NULL: not yet, or no longer */
	void *data;           /* cruet_ws_set(); of the functions, which run one by one */
	size_t len;
	/* guarded by the lock of all groups: */
	struct cruet_ws *next, **at; /* of all, until it has ended */
	struct ws_member *groups;
	struct ws_stand *stand; /* its rule is not in the current generation, but here */
	bool ended;
	char text[]; /* endpoint and protocol */
};

/* Why the transport that is built in answers 501. */
extern const char ws_unspoken[];

/* True if a request asks for a WebSocket, well or badly. */
bool ws_asked(const cruet_ctx *c);
/* The function of a WebSocket's rule: checks the handshake, asks accept, and prepares
 * OUT_UPGRADE. */
int ws_handshake(cruet_ctx *c);
/* What a request that asks for no WebSocket gets where only one is: 426. */
int ws_required(cruet_ctx *c);
/* Sends what ws_handshake() prepared, and runs open. False: nothing was sent, and c
 * holds the page that says why. */
bool ws_upgrade(cruet_ctx *c);

/* One reference, for the transport. NULL: out of memory. */
cruet_ws *ws_new(struct host *h, const char *endpoint, const char *protocol);
/* Through the link, if there is one. */
int ws_send(cruet_ws *w, int kind, const void *p, size_t len);
int ws_close(cruet_ws *w, int code, const char *why);
/* CRUET_OK, or CRUET_EINVAL for what cannot be sent. */
int ws_check_message(int kind, const void *p, size_t len);

/* It is there: from now on a change of generation moves it. c: of its handshake. */
void ws_began(cruet_ctx *c, cruet_ws *w);
/* It has ended: from now on it joins no group, and no change concerns it. What it stands
 * on is the caller's then, for ws_stand_leave(); NULL: it is in the current generation. */
struct ws_stand *ws_leave_all(cruet_ws *w);
/* The rule is found again there for c, instead of in the generation that it stands on. */
void ws_stand_on(cruet_ctx *c, const struct ws_stand *s);
void ws_stand_leave(struct host *h, struct ws_stand *s); /* NULL is fine */

/* Publishes the next generation (standing.h). Connections move to it; those whose rule is
 * not in it are closed with 1012, and keep what they stand on until their close-function
 * has run. */
void ws_change_generation(struct host *h);

/* Where the rule of a connection is in a generation; NULL: it is gone. */
const struct endpoint *ws_endpoint(const struct generation *g, const cruet_ws *w);
/* The same in the generation that c stands on, which c then is in. */
const cruet_ws_rule *ws_enter(cruet_ctx *c, const cruet_ws *w);
/* What a client is told when its rule is gone. */
void ws_close_gone(cruet_ws *w);
/* What a function of the application returned: a failure is logged and closes. Gives
 * what teardown-hooks are told. */
int ws_settle(cruet_ctx *c, cruet_ws *w, int r, const char *what);

#endif
