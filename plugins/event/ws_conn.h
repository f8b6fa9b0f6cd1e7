/* One WebSocket connection without its socket: bytes in, events out; messages in, bytes
 * out. A server's side of RFC 6455.
 *
 * Two parties use it. The owner – one thread at a time – reads, writes and keeps the
 * time. Any thread sends and closes. The owner's round:
 *
 *	while ((n = ws_conn_read(c, p, left, now, &e)), e.kind != WS_NOTHING) ...
 *	while ((n = ws_conn_out(c, v, 16, now)) && (sent = writev(fd, v, n)) > 0)
 *		ws_conn_wrote(c, sent, now);
 *	if (ws_conn_ended(c))
 *		close(fd), ws_conn_free(c);
 *
 * Times are milliseconds of one clock that only goes forward. */
#ifndef EVENT_WS_CONN_H
#define EVENT_WS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "ws_deflate.h"
#include "ws_queue.h"

struct ws_conn_opts {
	size_t max_message; /* bytes of a message that comes, after decompression */
	size_t max_queue;   /* bytes that wait to be sent */
	uint32_t idle_ms;   /* nothing came: a ping after half of it, the end after it.
			     * Nothing could be written: the end after it. */
	uint32_t close_ms;  /* for the closing handshake */
	struct ws_deflate deflate;
};

enum ws_event_kind {
	WS_NOTHING = 0, /* all bytes are used up */
	WS_MESSAGE,     /* opcode, p, len */
	WS_PINGED,      /* p, len; the pong is on its way */
	WS_PONGED,      /* p, len */
	WS_CLOSED,      /* the client closes: code (WS_NO_CODE: it gave none), and its
			 * reason in p, len. Nothing more is read. */
	WS_FAILED       /* the client broke a rule or a limit: code is what it is told, and
			 * p, len why. Nothing more is read; what waits leaves before. */
};

struct ws_event {
	enum ws_event_kind kind;
	unsigned opcode; /* WS_TEXT or WS_BINARY */
	unsigned code;
	const unsigned char *p; /* until the next call with this connection */
	size_t len;
};

struct ws_conn;

/* NULL: out of memory. */
struct ws_conn *ws_conn_new(const struct ws_conn_opts *o, int64_t now);
void ws_conn_free(struct ws_conn *c);

/* --- [owner] */

/* Bytes that leave before all others, as they are: the reply to the handshake. Once,
 * before ws_conn_out(). False: out of memory. */
bool ws_conn_begin(struct ws_conn *c, const void *p, size_t n);

/* Uses up bytes until something has happened; returns how many. p is changed: it is
 * unmasked in place. Bytes that come after the end are used up without effect. */
size_t ws_conn_read(struct ws_conn *c, unsigned char *p, size_t n, int64_t now,
		    struct ws_event *e);
/* Up to max (2 or more) pieces to be written now, in order; 0: nothing is to be written.
 * They stay where they are until ws_conn_wrote(), which must be told of what was written
 * before the owner calls anything else. Messages are compressed here. */
size_t ws_conn_out(struct ws_conn *c, struct iovec *v, size_t max, int64_t now);
void ws_conn_wrote(struct ws_conn *c, size_t n, int64_t now);
/* The socket is gone, or the client has closed it. */
void ws_conn_lost(struct ws_conn *c);
/* Does what is due, and returns when to be called next; INT64_MAX: never. To be called
 * after each round too, for a round may change the time. It may leave something to
 * be written. */
int64_t ws_conn_tick(struct ws_conn *c, int64_t now);
/* True: nothing is left to be done; end the connection now, such that the bytes that
 * were written last arrive: the client may still be sending. */
bool ws_conn_ended(const struct ws_conn *c);
/* Why it ends: the code that the client gave, or that it was given; WS_LOST where
 * none was. 0 while it goes on. */
unsigned ws_conn_code(const struct ws_conn *c);

/* --- [any thread] while it is not freed */

enum ws_put ws_conn_send(struct ws_conn *c, unsigned opcode, const void *p, size_t len);
enum ws_put ws_conn_close(struct ws_conn *c, unsigned code, const char *reason);

#endif
