/* What the files civetweb*.c share. One worker per thread of civetweb: it holds one
 * connection at a time and serves its requests one after the other. All of a worker
 * is its thread's own, but for phase, by which the keeper sees how long it has
 * been at what.
 *
 * What a request needs beyond that lies in an exchange, which a worker borrows for as long
 * as it answers. The next request on the same processor, of whatever worker, gets the
 * exchange of the last one, which lies in the processor's cache: with an exchange for each
 * worker, a request would find its memory where the requests of all others have pushed it
 * out. */
#ifndef SERVER_CIVETWEB_PRIV_H
#define SERVER_CIVETWEB_PRIV_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "cruet/stats.h"
#include "cruet/svc/transport.h"
#include "server/listen.h"

struct mg_connection;
struct mg_context;
struct mg_request_info;

enum {
	FIELDS_MAX = 64,       /* civetweb's own bound; at it the list is cut off */
	HEAD_MAX = 16384,      /* of a request: civetweb's buffer */
	REPLY_WHOLE = 65536,   /* a body up to this leaves together with its head */
	REPLY_HEAD = 16384,    /* room for that head */
	LISTEN_MAX = 16,       /* addresses */
	DISCARD_MAX = 262144,  /* of an unread body, to keep a connection or to end it well */
	LINGER_MS = 1000,
	ENDING_MAX_MS = 1000, /* for what is answered while the server stops */
	CACHE_LINE = 64
};

/* What a worker does. The word also holds a number that each change raises, so that
 * equal words mean: still the very same. */
enum phase {
	PHASE_NONE = 0, /* no connection */
	PHASE_HEAD,     /* a new one: nothing was answered on it yet */
	PHASE_IDLE,     /* waits for the next request */
	PHASE_BUSY,     /* a request is answered */
	PHASE_READ,     /* ... from the first byte of its body to the last */
	PHASE_WRITE,    /* ... while a reply leaves */
	PHASE_LINGER,   /* the rest of a body is thrown away */
	PHASE_MASK = 7,
	PHASE_HELD = 8, /* the keeper looks at the connection: it must not be closed now */
	PHASE_CUT = 16, /* the keeper has cut it off */
	PHASE_STEP = 32
};

struct worker {
	_Alignas(CACHE_LINE) struct server *server;
	atomic_uint phase;
	int fd;             /* where the connection was found last; -1: not yet */
	struct mg_connection *conn;
	const struct mg_request_info *info; /* of conn, the same for ever; NULL until the
					     * first request */
	const char *start;  /* of civetweb's buffer; NULL: not known yet */
	int64_t since_ms;   /* since when a head is waited for */
	bool first;         /* no request was answered on this connection yet */
	bool answered;      /* some callback got to see the request */
	cruet_counters counted; /* of connections */
};

struct exchange {
	cruet_exchange base; /* first */
	struct worker *worker; /* who has it, */
	struct slot *slot;     /* and where it goes back to */
	cruet_counters counted; /* of requests */
	struct exchange *next; /* of those that are left over */

	/* the request */
	bool cut;           /* the connection was ended when it came */
	bool upgrade;       /* it asks for a WebSocket */
	bool continues;     /* the client waits for "100 Continue" */
	bool keep;          /* the connection stays, as things stand */
	int body_err;
	int64_t unread;     /* bytes of the body; -1: chunked, to its end */

	/* the reply */
	bool begun, chunked;
	int broken;         /* why it cannot go on */
	int64_t left;       /* bytes that were announced and not sent; -1: not known */

	cruet_head head;
	cruet_field fields[FIELDS_MAX];
	char out[REPLY_HEAD + REPLY_WHOLE];
};

struct server {
	cruet_app *app;
	cruet_listen_opts opts;
	struct mg_context *ctx;
	struct sockaddr_in at[LISTEN_MAX]; /* with the real ports */
	char text[LISTEN_MAX][LISTEN_TEXT];
	int listening[LISTEN_MAX];         /* sockets; -1: not found */
	size_t nat;
	struct worker *workers;
	unsigned nworkers;
	struct exchanges *exchanges;
	atomic_uint next;      /* worker that gets a thread */
	atomic_uint open;      /* workers with a connection */
	atomic_bool draining;
	atomic_uint waiters;   /* connections that wait for a worker, as the keeper saw it
				* last, less those that made room for one since */
	cruet_counters cut;    /* by the keeper */
	_Atomic(char *) said;  /* civetweb's last words while it starts; malloc'ed */
	atomic_bool started;
	struct keeper *keeper;
};

/* --- civetweb_guard.c: what civetweb lets through */

/* Fills e->head and what follows from it. 0, or the status to refuse with and *why. */
int guard_head(struct exchange *e, const struct mg_request_info *ri, const char **why);

/* --- civetweb_exchange.c: cruet_exchange_ops */

extern const cruet_exchange_ops civetweb_ops;
/* Throws away what was not read of the body, and says whether the connection can
 * stay; if not it is ended so that the reply arrives. */
bool exchange_finish(struct exchange *e);

/* --- civetweb_lend.c */

/* For n workers; NULL: no memory. What was never lent takes none. */
struct exchanges *exchanges_new(unsigned n);
void exchanges_free(struct exchanges *x); /* none is lent; NULL is fine */
/* Never fails: there are enough that one is left over even if every slot holds one. What is
 * in it is of the last request. */
struct exchange *exchange_borrow(struct worker *w);
void exchange_return(struct exchange *e);
/* Adds up what they have counted. [any thread] */
void exchanges_count(const struct exchanges *x, cruet_counters *sum);

/* --- civetweb_keeper.c */

/* Starts it; NULL: no memory or no thread. */
struct keeper *keeper_new(struct server *s);
void keeper_free(struct keeper *k); /* ends it; NULL is fine */
/* Wakes it, if it has something to look at since: open is how many workers have a
 * connection now. */
void keeper_wake(struct keeper *k, unsigned open);
/* From now on it ends every connection that it finds, as soon as it finds it; those on
 * which a request is answered have ms for that. Returns when none is left, or then. */
void keeper_end_all(struct keeper *k, uint64_t ms);
/* Waits until no worker answers a request, ms at most; returns how many still do. */
size_t keeper_drain(struct keeper *k, uint64_t ms);
/* How many do now. */
size_t keeper_answering(const struct server *s);
/* A request was answered: to be called while the server drains. */
void keeper_note(struct keeper *k);

/* --- civetweb_watch.c */

struct watch { /* what the keeper knows of a worker */
	unsigned word;
	int64_t since;     /* when the word was first seen */
	int64_t progress;  /* when bytes were last seen to move */
	uint64_t from, to; /* bytes at first, and last */
	bool counted;
	int fd;
};

/* Takes note of what w does, and cuts it off if that takes too long. */
void watch_look(struct watch *at, struct worker *w, int64_t now);
/* True if it waited for a request long enough, when it was last looked at, to be ended. */
bool watch_is_idle(const struct watch *at, int64_t now);
/* Ends it if it still waits, and the client has not begun to ask; false: not so. It
 * does not count as idle before it was looked at again. */
bool watch_end(struct watch *at, struct worker *w, int64_t now);

/* Changes the phase of w; waits while the keeper holds it. True: it was cut off. */
bool phase_enter(struct worker *w, enum phase next);
static inline bool phase_was_cut(struct worker *w) /* in the phase it is in */
{
	return atomic_load_explicit(&w->phase, memory_order_acquire) & PHASE_CUT;
}
static inline bool phase_answers(unsigned word)
{
	unsigned phase = word & PHASE_MASK;
	return phase == PHASE_BUSY || phase == PHASE_READ || phase == PHASE_WRITE;
}
/* The socket of w's connection; -1: not found. */
int worker_socket(struct worker *w);
/* True if this connection should make room for one that waits. */
bool worker_makes_room(struct worker *w);

#endif
