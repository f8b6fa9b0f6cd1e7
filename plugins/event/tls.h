/* TLS for the connections of a listener, by OpenSSL 3: what the loop calls.
 *
 * A struct tls has the certificates and the ticket keys of a listener and is shared by
 * all threads. A struct tls_conn is one connection on one non-blocking socket; it is used
 * by one thread at a time, but may move from one to another between any two calls.
 *
 * Nothing here blocks or polls. Calls on a connection give CRUET_EAGAIN where the socket
 * has no bytes or no room for them; tls_wants() says which of the two, and it is not
 * always what the call looks like. With edge-triggered polling: CRUET_EAGAIN that wants
 * to read means that the socket was read empty. The process must outlive SIGPIPE. */
#ifndef EVENT_TLS_H
#define EVENT_TLS_H

#include <cruet.h>
#include <sys/types.h>

struct tls;
struct tls_conn;
struct tls_options;

/* Why a connection failed: for counters and logs. */
#define TLS_FAULTS(X)                                                             \
	X(NONE, "none")                                                           \
	X(CLOSED, "closed")   /* the client left before the handshake was over */ \
	X(IO, "io")	      /* the connection broke */                          \
	X(HTTP, "http")	      /* plain HTTP came; a plain answer can be sent */   \
	X(GARBAGE, "garbage") /* what came is no TLS, or against its rules */     \
	X(VERSION, "version") /* the client knows old versions only */            \
	X(CIPHER, "cipher")   /* the client knows no cipher or group of ours */   \
	X(NAME, "name")	      /* strict_sni: no certificate has that name */      \
	X(ALPN, "alpn")	      /* the client wants to speak something else */      \
	X(CLIENT, "client")   /* its certificate is missing, or not believed */   \
	X(ALERT, "alert")     /* the client turned away, and said so */           \
	X(FLOOD, "flood")     /* renegotiations or key updates without end */     \
	X(MEMORY, "memory")   /* out of memory */

enum tls_fault {
#define X(name, text) TLS_FAULT_##name,
	TLS_FAULTS(X)
#undef X
		TLS_FAULTS_N
};

enum tls_wants { TLS_WANTS_READ, TLS_WANTS_WRITE };

/* --- a listener ------------------------------------------------------------------- */

/* Loads the certificates that o names; o is borrowed until tls_free(). CRUET_OK, or
 * CRUET_EINVAL with *why, to be freed, which names the file, or CRUET_ENOMEM. */
int tls_new(const struct tls_options *o, struct tls **out, char **why);

/* Loads them anew from the same files. On failure, which is told as above, all stays as
 * it was. Connections that have begun keep what they began with. [any thread] */
int tls_reload(struct tls *t, char **why);

/* Changes the ticket key now; it changes every hour by itself. [any thread] */
void tls_rotate_tickets(struct tls *t);

/* When no connection is left. NULL is fine. */
void tls_free(struct tls *t);

/* --- a connection ----------------------------------------------------------------- */

/* fd stays the caller's, and open until tls_conn_free(). NULL: no memory. Costs little
 * until the client has said hello. [any thread] */
struct tls_conn *tls_conn_new(struct tls *t, int fd);
void tls_conn_free(struct tls_conn *c); /* NULL is fine */

/* Call it until it gives CRUET_OK: the connection is open. CRUET_EAGAIN: when the socket
 * is ready. Anything else: it has failed, tls_fault() says why, and nothing but
 * tls_conn_free() makes sense any more; an alert has been sent where there was room. */
int tls_handshake(struct tls_conn *c);

/* Bytes read, 0 when the client has ended its side, or CRUET_EAGAIN or CRUET_EIO. Gives
 * one record (16 KiB) at most: go on until CRUET_EAGAIN. */
ptrdiff_t tls_read(struct tls_conn *c, void *buf, size_t cap);

/* Bytes written, which may be fewer than len, or CRUET_EAGAIN or CRUET_EIO. After
 * CRUET_EAGAIN the next call must come with the same bytes, or with more after them; they
 * may lie elsewhere. */
ptrdiff_t tls_write(struct tls_conn *c, const void *buf, size_t len);

/* True if the kernel encrypts what is sent (kTLS): then files need not be read. */
bool tls_can_sendfile(const struct tls_conn *c);
/* The same results as tls_write(); 0: the file ends before off. */
ptrdiff_t tls_sendfile(struct tls_conn *c, int fd, off_t off, size_t len);

/* Tells the client that nothing more comes. CRUET_OK: told, or there is nobody to tell;
 * CRUET_EAGAIN: call it again. Everything must have been written. */
int tls_shutdown(struct tls_conn *c);

/* True if bytes have been read from the socket that tls_read() has not given yet. */
bool tls_pending(const struct tls_conn *c);
/* What the last CRUET_EAGAIN waits for. */
enum tls_wants tls_wants(const struct tls_conn *c);

enum tls_fault tls_fault(const struct tls_conn *c);
/* The same for a person: "certificate has expired". Never NULL, lives for ever. */
const char *tls_fault_text(const struct tls_conn *c);
/* The name of a counter: "version". Never NULL. */
const char *tls_fault_name(enum tls_fault fault);

/* What was agreed on. Texts live as long as the connection. */
struct tls_info {
	const char *protocol; /* "TLSv1.3" */
	const char *cipher;   /* "TLS_AES_256_GCM_SHA384" */
	const char *name;     /* that the client asked for, or NULL */
	const char *client;   /* the subject of its certificate, which was verified:
			       * "CN=ada,O=example"; NULL: it has shown none */
	bool resumed;
	bool ktls_send, ktls_receive;
};

/* After the handshake. CRUET_OK or CRUET_ENOMEM. */
int tls_info(struct tls_conn *c, struct tls_info *out);

#endif
