/* Messages that wait to leave: put in by any thread, taken out by the one that has the
 * connection. What waits and what was taken but not yet written is counted in bytes and
 * bounded; whoever would exceed the bound is told so, and nobody ever waits. */
#ifndef EVENT_WS_QUEUE_H
#define EVENT_WS_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "ws_frame.h"

/* One message; its payload stands behind room for a head, so that both leave as one
 * piece. */
struct ws_node {
	struct ws_node *next;
	size_t charge; /* bytes that it counts for */
	size_t from;   /* where in bytes it begins, */
	size_t end;    /* and ends */
	unsigned char opcode;
	bool framed;   /* the head is written */
	bool alone;    /* no frame: nothing goes before it */
	unsigned char bytes[];
};

enum ws_put {
	WS_PUT = 0,
	WS_PUT_FIRST,  /* and nothing waited before: somebody must be told */
	WS_PUT_FULL,   /* too much waits; nothing was put in */
	WS_PUT_CLOSED, /* the connection ends */
	WS_PUT_NO_MEMORY
};

struct ws_queue {
	pthread_mutex_t lock; /* guards what follows; held for a few lines */
	struct ws_node *first, **last;
	size_t bytes, max;
	bool told;   /* since the last take() somebody was told */
	bool closed; /* takes nothing more */
	bool close_wanted;
	unsigned code;
	char reason[WS_REASON_MAX + 1];
};

bool ws_queue_init(struct ws_queue *q, size_t max);
void ws_queue_fini(struct ws_queue *q);

/* A copy, with nothing else filled in. NULL: out of memory. */
struct ws_node *ws_node_new(unsigned opcode, const void *p, size_t len);

/* [any thread] A copy of the message. opcode: WS_TEXT or WS_BINARY. A message that is
 * longer than the bound is FULL even if nothing waits. */
enum ws_put ws_queue_put(struct ws_queue *q, unsigned opcode, const void *p, size_t len);
/* [any thread] After what waits the connection closes with this; nothing more is taken.
 * CLOSED: it was closing already. reason: UTF-8, cut to WS_REASON_MAX bytes at a
 * character; NULL is "". */
enum ws_put ws_queue_close(struct ws_queue *q, unsigned code, const char *reason);

/* Everything that waits, in order, linked by next; it stays counted until done() says
 * that so many bytes are gone. */
struct ws_node *ws_queue_take(struct ws_queue *q);
void ws_queue_done(struct ws_queue *q, size_t charge);
/* Nothing more is taken in; what waits is freed. */
void ws_queue_stop(struct ws_queue *q);
/* If somebody wants the connection closed: true, once, with code and reason. */
bool ws_queue_close_wanted(struct ws_queue *q, unsigned *code,
			   char reason[WS_REASON_MAX + 1]);

void ws_nodes_free(struct ws_node *n); /* the whole list; NULL is fine */

#endif
