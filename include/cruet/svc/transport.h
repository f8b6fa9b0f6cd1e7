/* Service "transport/0": what carries requests. Unstable (hence the 0) until
 * two network transports live behind it. An application never needs this.
 *
 * A transport reads a request head, fills a cruet_head and calls cruet_serve()
 * with an exchange of its own; the core reads the body and sends the reply
 * through the exchange's ops. The core knows no socket, and no thread: an
 * exchange may be served on any thread, one at a time.
 *
 * A transport may let requests wait without a thread: it then has the ops park and
 * wake, and perhaps route. A request that park() or route() has set aside is not on
 * any thread when cruet_serve() returns; cruet_continue() goes on with it. Where they
 * were not called, or did not set it aside, the request has ended when cruet_serve()
 * or cruet_continue() returns. Without these ops what waits blocks its thread. */
#ifndef CRUET_SVC_TRANSPORT_H
#define CRUET_SVC_TRANSPORT_H

#include "cruet/types.h"

#define CRUET_TRANSPORT "transport/0"

struct cruet_counters; /* stats.h */

typedef struct cruet_field {
	const char *name;
	const char *value;
} cruet_field;

typedef struct cruet_piece { /* laid out as struct iovec */
	const void *p;
	size_t len;
} cruet_piece;

/* A request head as it stood on the wire. Borrowed until the request has ended. */
typedef struct cruet_head {
	uint32_t size;  /* sizeof(cruet_head) */
	uint32_t minor; /* HTTP/1.minor */
	const char *method;
	const char *target; /* undecoded, with its query: "/a%20b?c=d" */
	const cruet_field *fields;
	size_t nfields;
	const char *peer;   /* numeric address of the client */
	const char *scheme; /* "http" or "https" */

	/* What follows may be missing. */

	int64_t now_ms;     /* Unix time when it was read, but for some milliseconds; 0: the
			     * core looks itself */
	uint32_t checked;   /* not 0: method and names are tokens (RFC 9110 5.6.2), values hold
			     * no control byte but TAB (5.5): the core does not look again */
	uint32_t reserved;
} cruet_head;

/* A reply. fields hold everything but what length, nosniff and date say, and but
 * Connection and Transfer-Encoding, which are the transport's own; pieces hold the
 * body, or its beginning, and are borrowed for the call. */
typedef struct cruet_reply {
	uint32_t size;
	int32_t status;
	const cruet_field *fields;
	size_t nfields;
	const cruet_piece *pieces;
	size_t npieces;
	int64_t length; /* Content-Length, which a status below 200 and 204 have none of;
			 * -1: there is none. begin: then the body is chunked, or in
			 * HTTP/1.0 ended by closing */
	uint32_t close; /* not 0: the connection must end after this reply */
	uint32_t nosniff; /* not 0: X-Content-Type-Options: nosniff */
	const char *date; /* of 29 bytes (RFC 9110 5.6.7), or NULL */
} cruet_reply;

typedef struct cruet_exchange cruet_exchange;

/* The transport's end of a WebSocket. All of it [any thread], until cruet_ws_ended()
 * returns; nothing here blocks or calls the core. */
typedef struct cruet_link_ops {
	uint32_t size;
	uint32_t reserved;
	/* Queues a copy of a message. CRUET_OK; CRUET_EBUSY: more than max_queue would
	 * wait; CRUET_ESTATE: it closes; CRUET_ENOMEM. */
	int (*send)(void *self, int kind, const void *p, size_t len);
	/* Closes after what is queued. why may be NULL. CRUET_ESTATE: it closes already. */
	int (*close)(void *self, int code, const char *why);
} cruet_link_ops;

typedef struct cruet_link {
	const cruet_link_ops *ops;
	void *self;
} cruet_link;

/* How a WebSocket is accepted. The core has checked the handshake. */
typedef struct cruet_upgrade {
	uint32_t size;
	uint32_t idle_ms; /* of silence: a ping after half of it, the end after it */
	const cruet_field *fields; /* of the reply, but Connection, Sec-WebSocket-Accept and
				    * Sec-WebSocket-Extensions */
	size_t nfields;
	uint64_t max_message; /* bytes of a message that comes: more closes with 1009 */
	uint64_t max_queue;   /* bytes that wait to be sent */
	struct cruet_ws *ws;  /* the core's end; the transport's until cruet_ws_ended() */
} cruet_upgrade;

/* How a reply leaves: send once; or file once; or begin once, write as often as
 * one likes, end once. Calls give CRUET_OK, CRUET_EIO when the client has left, or
 * CRUET_ETIMEOUT when it takes nothing; after a failure only end may follow.
 *
 * Where there is park, send, begin, write, file and end may give CRUET_EAGAIN: all of
 * it was taken, but the client is slow. The core then waits for CRUET_PARK_WRITE and
 * asks by an empty write() whether to go on: CRUET_OK, CRUET_EAGAIN or a failure. Of
 * what was taken the transport has a copy; only the pieces of a send and the fd of a
 * file stay as they are until that write() gives something else. */
typedef struct cruet_exchange_ops {
	uint32_t size;
	uint32_t reserved;
	/* The next bytes of the body, chunked coding already taken off; 0 at its
	 * end. CRUET_EPARSE: malformed or cut short. CRUET_ETIMEOUT: too slow.
	 * Sends "100 Continue" by itself if the client waits for it. */
	ptrdiff_t (*read)(cruet_exchange *x, void *buf, size_t cap);
	/* A whole reply. Up to 64 KiB it leaves in one write. */
	int (*send)(cruet_exchange *x, const cruet_reply *r);
	/* Head and first pieces of a reply whose rest follows. */
	int (*begin)(cruet_exchange *x, const cruet_reply *r);
	/* More of the body; blocks while the client is slow, or gives CRUET_EAGAIN.
	 * Empty pieces are fine. */
	int (*write)(cruet_exchange *x, const cruet_piece *pieces, size_t n);
	/* The end of the body. err not 0: it broke off, so the client must be able to
	 * tell: the connection closes without the last chunk. With no begin before it:
	 * the client has left, and there will be no reply. */
	int (*end)(cruet_exchange *x, int err);
	/* A whole reply whose body is len bytes of fd from offset on; r has no
	 * pieces. fd is borrowed. CRUET_EIO too when the file has become shorter. */
	int (*file)(cruet_exchange *x, const cruet_reply *r, int fd, uint64_t offset,
		    uint64_t len);
	/* A 1xx reply (103) before the real one; nothing on HTTP/1.0. */
	int (*interim)(cruet_exchange *x, int status, const cruet_field *fields, size_t n);
	/* Not 0 if the client has left. Never blocks. */
	int (*gone)(cruet_exchange *x);

	/* What follows may be missing. wake comes with park. */

	/* Called once, when the rule has been found and before code of the application
	 * runs. name is the endpoint's ("admin.users.show") and lives as long as the
	 * request, hash is made of it and never 0; no rule: "" and 0. Not called for
	 * what is refused before. CRUET_OK: go on. CRUET_LATER: there is no place for it
	 * now; call cruet_continue() when there is one. Another thread may do so before
	 * this returns. */
	int (*route)(cruet_exchange *x, uint32_t hash, const char *name);
	/* The request waits: cruet_continue() is to be called after wake(), after ms
	 * milliseconds (-1: no such moment), with CRUET_PARK_WRITE in what when the
	 * client can take more or its time for that is over; without it also when the
	 * client has left or the server drains. More calls do no harm. One may come, on
	 * another thread, before this returns: the core touches nothing of the request
	 * after it. Not CRUET_OK: it cannot wait, and no call will come. */
	int (*park)(cruet_exchange *x, int64_t ms, uint32_t what);
	/* Asks for cruet_continue() soon. Called while the request waits, but perhaps a
	 * moment before or after: a wake that comes before its park must not be lost.
	 * Never after the request has ended, as the core holds a lock of its own
	 * meanwhile: so this calls nothing of the core, and is quick. [any thread] */
	void (*wake)(cruet_exchange *x);

	/* In place of a reply: "101 Switching Protocols"; *link is what the core sends
	 * through from then on. Bytes of the client are read once the cruet_serve() or
	 * cruet_continue() that called this has returned. A failure leaves nothing sent
	 * and is answered: CRUET_EPARSE for what the client did wrong. Missing: this
	 * transport carries no WebSockets. */
	int (*upgrade)(cruet_exchange *x, const cruet_upgrade *how, cruet_link *link);

	/* Code that ran for this request has crashed, and the process ends in a moment. Called
	 * in a signal handler, on the thread of the request: so by system calls alone, with
	 * no lock and no memory, and with no waiting but for a client that is slow, and soon
	 * not any more. Sends what was put together of replies, and, if this request's had not
	 * begun, these bytes, which are a whole one. CRUET_OK: they have left; CRUET_ESTATE: it
	 * had begun; CRUET_EIO: nothing could be sent. May be missing. */
	int (*last_words)(cruet_exchange *x, const void *bytes, size_t len);
} cruet_exchange_ops;

enum cruet_park {
	CRUET_PARK_WRITE = 1u << 0 /* until the client can take more */
};

/* The transport's own exchange begins with this. */
struct cruet_exchange {
	const cruet_exchange_ops *ops;
	uint32_t worker; /* a small number, spread over the threads that serve at
			  * once: workers with different numbers share nothing */
	uint32_t reserved;
	void *ctx; /* NULL at first, then the core's: it is used again for the next request,
		    * until cruet_exchange_fini() */
};

enum { CRUET_SHARED = 4096 };

typedef struct cruet_listen_opts {
	uint32_t size;
	uint32_t threads;            /* handlers that may run at once */
	const char *const *listen;   /* addresses, ends with NULL */
	uint64_t head_timeout_ms;    /* to receive a head */
	uint64_t body_timeout_ms;    /* to receive a body */
	uint64_t body_rate;          /* bytes a second that a body must bring, on
				      * average after the first 10 s; 0: any */
	uint64_t idle_timeout_ms;    /* between requests of one connection */
	uint64_t write_timeout_ms;   /* without progress while a reply leaves */
	uint64_t body_max;           /* bytes */
	uint32_t headers_max;        /* fields in a head */
	uint32_t head_max;           /* bytes of a head */
	const cruet_json *tls;       /* server.tls as it stands in the file; NULL: none */
	const int *sockets;          /* descriptors that listen already; borrowed */
	uint32_t nsockets;
	uint32_t workers;            /* processes that serve these addresses together; 0:
				      * there is but one */
	uint64_t handler_timeout_ms; /* that a handler may run before it begins to reply; 0:
				      * any */
	int32_t shared;              /* a descriptor of memory (CRUET_SHARED bytes, zeros at
				      * first, to be mapped) that all processes have in
				      * common which serve these addresses, at once or one
				      * after the other; the transport's to lay out.
				      * Borrowed as long as the server runs. 0: there is none */
	int32_t reserved;
} cruet_listen_opts;

typedef struct cruet_transport {
	uint32_t size;
	uint32_t reserved;
	/* Listens and serves app on threads of its own. On failure *why says in
	 * words which address and what is wrong; free() it. */
	int (*start)(void *self, cruet_app *app, const cruet_listen_opts *opts,
		     void **server, char **why);
	/* The i-th address in use, with the real port ("127.0.0.1:8000",
	 * "https://[::]:8443", "unix:/run/site.sock"); NULL after the last. Lives as long as the server. */
	const char *(*address)(void *server, size_t i);
	/* No new requests: what is not yet read gets 503 and the connection ends. */
	void (*refuse_new)(void *server);
	/* Waits until no request is being answered, deadline_ms at most; returns
	 * how many still are. */
	size_t (*drain)(void *server, uint64_t deadline_ms);
	/* Closes everything and frees server. */
	void (*stop)(void *server);
	/* Reads anew what lies beside the configuration, such as certificates. On failure
	 * all stays as it was, and *why, to be freed, says why. May be missing. */
	int (*reload)(void *server, char **why);

	/* What follows may be missing, all of it together: then this transport's sockets
	 * end with its process.
	 *
	 * Opens what is to listen on the addresses, for a process that keeps it and hands
	 * it on; where one of opts->sockets listens already, none is opened. *fds, to be
	 * freed, has *n descriptors, which are the caller's. With this op start opens
	 * nothing: it gets its sockets in opts->sockets, and serves copies of them. An
	 * address without a socket is a failure, and so is a socket without an address. */
	int (*open)(void *self, const cruet_listen_opts *opts, int **fds, size_t *n,
		    char **why);
	/* Another process has the same sockets and serves them: accepts nothing more. What
	 * comes on connections that are open is still served, as the last of its
	 * connection; those that are idle end soon. drain() then waits for connections. */
	void (*hand_over)(void *server);

	/* Code of the application has crashed, and the process ends in a moment: accepts
	 * nothing more, and begins no request; those that still come get 503, and their
	 * connections end. Called in a signal handler, as last_words() is, and again and
	 * again: gives how many connections are worth a moment. May be missing. */
	size_t (*abandon)(void *server);

	/* Adds to out, as far as its size says, what is counted (cruet_counters_add). May
	 * be missing. [any thread] */
	void (*stats)(void *server, struct cruet_counters *out);
} cruet_transport;

CRUET_BEGIN

/* Runs one request to its end: front door, routing, hooks, handler, reply,
 * teardown; or until it waits. Returns nothing: whatever goes wrong is a reply, unless
 * the client has left: then there may be none. [any thread] */
CRUET_API void cruet_serve(cruet_app *app, cruet_exchange *x,
			   const cruet_head *head);

/* Goes on with a request that route() or park() has set aside. One call at a time, and
 * what was done in the last one must be visible to this. [any thread] */
CRUET_API void cruet_continue(cruet_exchange *x);

/* Takes back what the core keeps in an exchange that will serve no request any more, or
 * none soon. Its application must still be there. */
CRUET_API void cruet_exchange_fini(cruet_exchange *x);

/* Answers what never became a request (head malformed, too large, too slow)
 * with the default error page of that status, and asks for the connection to
 * be closed. why completes the page; NULL: the status's own text. head may be
 * NULL where nothing of it could be read. [any thread] */
CRUET_API CRUET_COLD void cruet_refuse(cruet_app *app, cruet_exchange *x,
			    const cruet_head *head, int status, const char *why);

/* A message came: runs the application's function for it. kind: 1 text, which is UTF-8,
 * 2 binary. For one connection, one call at a time, in order; worker as in an exchange.
 * [any thread] */
CRUET_API void cruet_ws_received(struct cruet_ws *ws, uint32_t worker, int kind,
				 const void *p, size_t len);
/* The connection has ended (1006: it was lost), after the last message, once; also when
 * the transport stops. Neither may use the other after this. [any thread] */
CRUET_API void cruet_ws_ended(struct cruet_ws *ws, uint32_t worker, int code);

/* Adds to a number that but one thread at a time changes and any may read: so counting
 * needs no locked operation. What many threads do is counted by each, on memory of its own,
 * and summed when somebody asks. */
static inline void cruet_tally(uint64_t *n, uint64_t more)
{
	__atomic_store_n(n, __atomic_load_n(n, __ATOMIC_RELAXED) + more, __ATOMIC_RELAXED);
}

/* Adds each number of part to that of sum, as far as both their sizes say. [any thread] */
CRUET_API void cruet_counters_add(struct cruet_counters *sum,
				  const struct cruet_counters *part);

/* The reason phrase of a status ("Not Found"); never NULL. [any thread] */
CRUET_API const char *cruet_reason(int status);

/* Writes status line, fields, what length, nosniff and date say, "Transfer-Encoding:
 * chunked" if chunked is not 0 and a Connection header ("keep-alive", "close", or none
 * when NULL) as HTTP/1.1 bytes with the final blank line. Returns the length, or 0 when cap is too small.
 * Fields with CR, LF or NUL were refused when they were set. [any thread] */
CRUET_API size_t cruet_http1_head(char *buf, size_t cap, const cruet_reply *r, int chunked,
				  const char *connection);

CRUET_END
#endif
