/* What the files of this plugin share. Who may touch what is said in loop.c. */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include <cruet.h>
#include <cruet/stats.h>
#include <cruet/svc/transport.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "chunk.h"
#include "clients.h"
#include "head.h"
#include "listen.h"
#include "places.h"
#include "tls.h"
#include "tls_options.h"
#include "trouble.h"
#include "wheel.h"
#include "ws_session.h"

enum {
	BATCH = 64,            /* events, and requests of one connection, at a time */
	REPLY_HEAD = 16384,    /* room for the head of a reply */
	REPLY_WHOLE = 65536,   /* a body up to this leaves together with its head */
	OUT_MAX = 2 * (REPLY_HEAD + REPLY_WHOLE), /* replies that leave together */
	BODY_HELD = 65536,     /* of a body, before a handler is called for it */
	DISCARD_MAX = 262144,  /* of what nobody will read, to end a connection well */
	LINGER_MS = 1000,
	FAREWELL_MS = 3000,    /* that WebSockets have to close, when the server stops */
	LEAVE_MS = 1000,       /* that a connection may be idle once others accept */
	BODY_GRACE_MS = 10000, /* before a least rate counts */
	SLOW_MS = 4,           /* a request that takes longer is slow */
	LIMIT_LOOK_MS = 50,    /* how often is looked for handlers that take too long */
	LINES = 4,             /* that a loop remembers to tell */
	ROUTES = 1024,
	SLOW_CALLS = 2500      /* calls for which a route counts as slow once it was */
};

struct server;
struct loop;
struct thread;
struct work;

/* --- connections --- */

enum conn_state { /* conn.st: 0: at rest, the loop's own */
	CONN_RUN = 1,  /* a thread serves it */
	CONN_EDGE = 2, /* ... and something happened meanwhile */
	CONN_DEAD = 4, /* it is closed; what still comes for it is stale */
	CONN_PARKED = 8, /* its request waits, and no thread serves it */
	CONN_WAKE = 16   /* ... and is to go on */
};

enum waits { /* what a connection at rest waits for, and how long it may */
	WAITS_HEAD,    /* the first byte of a first request to the last of its head */
	WAITS_IDLE,    /* the next request */
	WAITS_BODY,
	WAITS_WRITE,   /* the client to take more */
	WAITS_LINGER,  /* the client to hang up */
	WAITS_WAKE,    /* its request to be woken */
	WAITS_MESSAGE  /* something to come, or to be sent: it is a WebSocket */
};

/* What the client has not taken yet: bytes, then those of the request, then a file. */
struct pending {
	char *p;
	size_t at, len, cap;
	cruet_piece borrowed; /* in the hands of the core until it is sent */
	int fd; /* -1: none */
	uint64_t offset, left;
};

struct conn {
	struct wheel_entry timer; /* first; of the loop */
	atomic_uint st;
	int fd;
	struct loop *loop;
	struct thread *by;      /* that serves it, or did last */
	struct conn *next;      /* in a list of the loop */
	char *in;               /* what came and is not served; NULL: nothing */
	uint32_t in_len, in_cap;
	uint32_t need;          /* bytes before it is worth to look at them again */
	size_t seen;            /* of the head, by head_find() */
	struct pending *out;    /* NULL: the client has taken everything */
	int64_t since;          /* when what it waits for began */
	int queued;             /* bytes that the client had not taken then */
	struct work *work;      /* its request, while that waits; NULL: it does not */
	struct tls_conn *tls;   /* NULL: plain */
	struct ws_session *ws;  /* NULL: HTTP */
	int64_t tick;           /* when that is to be called next */
	struct chunk chunks;    /* of a body that is waited for */
	uint32_t chunked;       /* bytes of it that these have seen */
	uint32_t discarded;
	uint8_t waits;          /* enum waits */
	bool more;              /* there may be something to read */
	bool ends;              /* ... and then the end of it */
	bool follows;           /* more is sent at once: no packet of its own for this */
	bool closing;           /* nothing more is read; it ends when all is sent */
	bool unread;            /* ... and something of the client was not read */
	bool broken;            /* it can neither be read nor written */
	bool proxied;           /* a header of the PROXY protocol comes first */
	bool greets;            /* that, or the handshake of TLS, is not over */
	bool faulted;           /* ... or has failed, at any time, and that was told */
	bool redirects;         /* every request is sent to https */
	bool used;              /* it had a request */
	uint64_t client;        /* as that it counts; 0: it does not */
	char peer[46];          /* INET6_ADDRSTRLEN */
};

/* --- requests --- */

/* One request with its buffers. A thread has one at a time. */
struct work {
	cruet_exchange base;    /* first */
	struct server *server;
	struct thread *thread;  /* that runs it */
	struct conn *conn;
	struct work *next;      /* in the pool */
	bool parked;            /* the request waits: it goes on by cruet_continue() */
	bool for_place;         /* ... for a thread to be free */
	bool for_write;         /* ... for the client to take more */
	bool offloaded;         /* it runs without a loop, because its route is slow */
	uint32_t route;         /* its endpoint's hash */
	int64_t until;          /* it waits no longer; or it was offloaded then */
	cruet_head head;
	struct head read;
	cruet_field *fields;
	char *in;               /* in_cap bytes: at at begins what is not read yet */
	size_t at, in_len, in_cap;
	size_t body_base;       /* where what of the body does not fit is read anew */

	/* the body */
	struct chunk chunks;
	size_t behind;          /* where the next request begins, if it came in one piece */
	uint64_t unread;        /* bytes; or not 0: chunked, not at its end */
	bool chunked_in;
	bool continues;         /* the client waits for "100 Continue" */
	bool waited;            /* it did not come in one piece: it is read as it arrives */
	int body_err;
	int64_t body_since;     /* when that began; 0: not yet */
	uint64_t body_got;

	/* the reply */
	bool keep, begun, chunked;
	int64_t left;           /* bytes that were announced and not sent; -1: not known */
	int broken;             /* why it cannot go on */
	size_t out_len;
	char out[OUT_MAX];
};

/* --- threads --- */

struct thread {
	pthread_t id;
	pid_t tid;
	struct server *server;
	struct work *work;
	struct work *fresh;     /* for when that one waits; NULL: not needed yet */
	struct loop *loop;      /* that it owns; NULL: none */
	uint64_t odd;           /* the state in which it left the loop last */
	cruet_counters counted; /* what this thread has done; its own */
	pthread_cond_t go;
	/* guarded by the server's lock */
	struct loop *take;      /* what it is to own */
	struct thread *next;    /* of those that have nothing to do */
	struct thread *all;
	bool idle;              /* it is in that list */
	int64_t away;           /* since when it serves without a loop; 0: it does not */
	bool reported;
	atomic_uint route;      /* of the request that it serves */
	/* see limit.c */
	_Atomic uint64_t gate;
	_Atomic int64_t since;  /* when the time of the request began */
	pthread_mutex_t cut;
};

struct route { /* what is known of an endpoint; found by its hash */
	atomic_uint slow;       /* calls for which it still counts as slow */
	atomic_int named;       /* 1: somebody writes the name; 2: it stands there */
	char name[56];
};

struct line { /* for the log */
	int level;
	char text[200];
};

struct loop {
	_Atomic uint64_t state; /* see loop.c */
	uint64_t seq;
	struct server *server;
	struct thread *owner;   /* guarded by the server's lock */
	int ep, wake;
	struct epoll_event events[BATCH];
	cruet_counters counted; /* the owner's own */
	int cursor, nevents;
	_Atomic(struct conn *) returned; /* pushed by any thread */
	struct conn *todo;      /* the owner's own */
	struct conn *grave;
	struct conn *waiting;   /* for a thread to be free; first come, first served */
	struct wheel wheel;
	int64_t now;            /* as its turn began */
	_Atomic int64_t unix_ms; /* Unix time, as its turn began or the monitor looked last */
	bool drains, ends;
	int64_t left_at;        /* when it stopped to accept; 0: it accepts */
	struct listener *listeners;
	unsigned nlisteners;
	int64_t accept_at;      /* look at the listeners then, unasked; 0: no need */
	unsigned number;
	struct line lines[LINES];
	unsigned nlines;
	uint64_t last_state;    /* from here on the monitor's own */
	unsigned stuck;         /* ticks in this state */
};

struct server {
	cruet_app *app;
	cruet_listen_opts opts;
	struct head_limits limits;
	struct places on;       /* where it listens */
	struct tls *tls;        /* NULL: none is listened for */
	struct tls_options tls_options;
	struct ws_deflate_policy deflate;
	char tls_port[8];       /* ":8443"; "": the usual one */
	char text[LISTEN_MAX][ADDRESS_TEXT + 8];
	struct loop *loops;
	unsigned nloops;
	unsigned conns_max, per_client;
	atomic_uint conns;
	struct clients *clients; /* NULL: each may have all */
	atomic_uint unsent;     /* connections whose clients have not taken all */
	atomic_uint parked;     /* requests that wait */
	atomic_uint sockets;    /* connections that are WebSockets */
	atomic_uint waiting;    /* of these, for a thread to be free */
	atomic_bool leaving;    /* other processes accept in its place */
	atomic_uint accepting;  /* loops that have not seen that */
	atomic_bool draining, quits;
	atomic_bool dying;      /* the process ends in a moment: others are to accept */
	struct trouble crowds, greedy; /* connections that are closed as they come */
	struct trouble late;           /* handlers that were answered for */
	struct trouble headless;       /* ... without a header of the PROXY protocol */
	struct trouble tls_faults[TLS_FAULTS_N];
	struct route routes[ROUTES];

	pthread_mutex_t lock;   /* guards what follows */
	pthread_cond_t calm;    /* something ended */
	pthread_cond_t watch;   /* for the monitor */
	struct thread *spare;   /* have nothing to do */
	struct thread *threads; /* all */
	unsigned nspare, nthreads, threads_max;
	unsigned away;          /* threads that serve without a loop */
	struct work *works;     /* that nobody has */
	unsigned nworks;
	pthread_t monitor;
	int64_t looked;         /* when it looked for late handlers; its own */
	bool monitored;
	atomic_bool watches;    /* the monitor does not sleep */
};

/* --- loop.c --- */

int loop_init(struct loop *l, struct server *s, unsigned number);
void loop_fini(struct loop *l);
/* Runs a loop until another thread has taken it, or it ends. */
void loop_own(struct thread *t, struct loop *l);
/* Before and after code that may block: it runs, and another thread may take the loop
 * meanwhile; then t->loop is NULL. */
void loop_leave(struct thread *t);
void loop_return(struct thread *t);
/* Between the two: gives the loop away, because this thread will surely block. False:
 * no thread is free, and it keeps it. */
bool loop_give(struct thread *t);
/* True if a thread took the loop that was seen in this state, an odd one. */
bool loop_take(struct loop *l, uint64_t seen);
/* Puts a connection into the hands of its loop again; any thread. */
void loop_push(struct loop *l, struct conn *c);
void loop_wake(struct loop *l);
/* It is told of no connection any more, so that others are. In a signal handler too. */
void loop_deafen(struct loop *l);
/* A line for the log, soon: to write it may block, which its owner must not do here. More
 * lines than it remembers are lost. */
void loop_say(struct loop *l, int level, const char *fmt, ...) CRUET_PRINTF(3, 4);
/* When what the connection waits for is too late. */
void loop_timer(struct loop *l, struct conn *c);

/* --- spare.c --- */

void threads_init(struct server *s);
/* Starts the threads of all loops, and the monitor. */
int threads_start(struct server *s);
void threads_stop(struct server *s); /* and waits until they have ended */
void threads_fini(struct server *s);
/* Lets a thread that has nothing to do take l, which was seen in that state. False: there
 * is none. True: l has another owner now, be it this one. */
bool spare_take(struct server *s, struct loop *l, uint64_t seen, bool last_ones);
CRUET_COLD void monitor_wake(struct server *s);
/* Waits until no request is served, ms at most; how many still are. */
size_t threads_drain(struct server *s, uint64_t ms);
/* A request or a reply ended: for whoever waits for the last one. */
void server_note(struct server *s);

/* Adds what is counted; and what a lock guards of it. */
void server_stats(void *server, cruet_counters *out);
void threads_stats(struct server *s, cruet_counters *out);

const char *route_name(const struct server *s, unsigned hash);

static inline void count_refused(struct work *w, int status)
{
	cruet_tally(&w->thread->counted.refused[status / 100], 1);
}

/* --- request.c --- */

enum next {
	NEXT_SERVE,
	NEXT_MORE,    /* it is not whole */
	NEXT_REFUSED, /* that was answered */
	NEXT_END      /* there will be none */
};

/* Reads what has come, up to the end of a request. */
enum next request_next(struct work *w, struct conn *c);
CRUET_COLD enum next request_refuse(struct work *w, struct conn *c, int status, const char *why);

/* --- greet.c: before the first request --- */

/* CRUET_OK: it may be read and written. CRUET_EAGAIN: not yet. Else it has failed: it is
 * broken, or was answered. */
int greet(struct work *w, struct conn *c);
/* If its TLS has failed: counts and tells that, once. The thread may have lost its loop
 * then. */
void greet_fault(struct work *w, struct conn *c);

/* --- accept.c --- */

void conn_accept(struct loop *l, int fd, const struct address *from, unsigned place);
/* One more connection of that client; *client is set. False: it has too many. */
bool conn_count(struct loop *l, const struct sockaddr_storage *from, uint64_t *client);
void conn_close(struct loop *l, struct conn *c);

/* --- conn.c --- */

/* Serves what is there. False: the thread has no loop any more. */
bool conn_run(struct thread *t, struct conn *c);
/* Goes on with its request, which waited; the same. */
bool conn_continue(struct thread *t, struct conn *c);
/* Goes on with a request that waits for a place, without a loop from now on. False: no
 * thread is free, and the loop stays. */
bool conn_place(struct thread *t, struct conn *c);
/* Puts a connection that waits into the hands of its loop; any thread. */
void conn_wake(struct conn *c);
/* Leaves it at rest, to go on when it is woken, when something comes, or by its timer. */
void conn_park(struct loop *l, struct conn *c, enum waits waits);
/* Ends it, well if that is possible. */
bool conn_end(struct thread *t, struct conn *c);
/* What it waits for has not come in time; like conn_run(). */
bool conn_late(struct thread *t, struct conn *c);
int64_t conn_deadline(const struct conn *c);

/* --- socket.c: WebSockets --- */

/* The exchange's op. */
int socket_upgrade(cruet_exchange *x, const cruet_upgrade *how, cruet_link *link);
/* A turn of a connection that is one; like conn_run(). */
bool socket_run(struct thread *t, struct conn *c);
/* Ends it for the application, if the connection is one. */
void socket_free(struct server *s, struct conn *c, uint32_t worker);

/* --- exchange.c: cruet_exchange_ops --- */

extern const cruet_exchange_ops event_ops;
struct work *work_new(struct server *s);
struct work *work_get(struct server *s); /* from the pool; NULL: no memory */
void work_put(struct server *s, struct work *w);
void work_free(struct work *w);
/* Sends what was put together; what the client does not take is kept for later. */
void work_flush(struct work *w);
/* Refuses what is no request. */
CRUET_COLD void work_refuse(struct work *w, int status, const char *why);

/* --- body.c --- */

ptrdiff_t body_read(cruet_exchange *x, void *buf, size_t cap);

/* --- wait.c --- */

/* Ops of the exchange. */
int wait_route(cruet_exchange *x, uint32_t hash, const char *name);
int wait_park(cruet_exchange *x, int64_t ms, uint32_t what);
void wait_wake(cruet_exchange *x);
/* After a request that ran without a loop because its route is slow. */
void wait_learn(struct work *w);
/* The request waits: the thread goes on with another work, the connection keeps this
 * one. Like conn_run(). */
bool wait_begin(struct thread *t, struct conn *c);
/* ... and waits on. */
void wait_again(struct loop *l, struct conn *c, struct work *w);
/* It goes on, in this thread. */
void wait_end(struct thread *t, struct conn *c);

/* --- limit.c: the time that a handler may take --- */

/* event_ops, where that is limited. */
extern const cruet_exchange_ops limit_ops;
/* Around each call of the core that may run code of the application, if its ops are these. */
void limit_begin(struct work *w);
void limit_end(struct work *w);
/* The monitor: answers for handlers that take too long. It does not hold the lock. */
void limit_look(struct server *s);

/* --- io.c: what a connection is read and written by --- */

ptrdiff_t io_read(struct conn *c, void *p, size_t n);
ptrdiff_t io_write(struct conn *c, const cruet_piece *pieces, size_t n);
/* False: files are to be read and written. */
bool io_takes_files(const struct conn *c);
/* Sends bytes of a file; 0: it has become shorter. */
ptrdiff_t io_file(struct conn *c, int fd, uint64_t offset, uint64_t n);
/* Waits until it can be read or written; CRUET_OK, CRUET_ETIMEOUT or CRUET_EIO. */
int io_wait(struct conn *c, short events, int64_t ms);
bool io_gone(struct conn *c);
/* Bytes that the client has not taken yet. */
int io_queued(struct conn *c);
/* Sends what is pending. CRUET_OK: all; CRUET_EAGAIN: not yet; or CRUET_EIO. */
int pending_send(struct server *s, struct conn *c);
CRUET_COLD int pending_bytes(struct server *s, struct conn *c, const cruet_piece *pieces, size_t n,
		  size_t skip);
/* The same for what stays where it is until it is sent. */
CRUET_COLD int pending_borrow(struct server *s, struct conn *c, cruet_piece piece);
int pending_file(struct server *s, struct conn *c, int fd, uint64_t offset, uint64_t left);
CRUET_COLD void pending_free(struct server *s, struct conn *c);

int64_t now_ms(void);
int64_t unix_ms(void);

#endif
