#include "tls_conn.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tls_set.h"

/* How many handshake messages are taken once the handshake is over: renegotiations, each
 * of which is refused, or key updates, of which an honest client sends one in gigabytes.
 */
enum { LATE_MAX = 32 };

/* What a socket certainly has room for. A longer hello is not waited for. */
enum { HELLO_MAX = 4096 };

static const char left[] = "the client has closed the connection";
static const char broke[] = "the connection broke";

struct tls_conn {
	struct tls *tls;
	struct tls_set *set; /* held; NULL until a hello has come, as is ssl */
	SSL *ssl;
	char *client; /* its subject, once somebody has asked */
	const char *text;
	int fd;
	uint8_t fault; /* enum tls_fault; not 0: nothing can be sent or read any more */
	uint8_t wants; /* enum tls_wants */
	uint8_t late;
	bool open; /* the handshake is over */
};

struct tls_conn *tls_conn_new(struct tls *t, int fd)
{
	struct tls_conn *c = calloc(1, sizeof *c);

	if (c) {
		c->tls = t;
		c->fd = fd;
	}
	return c;
}

void tls_conn_free(struct tls_conn *c)
{
	if (!c)
		return;
	SSL_free(c->ssl);
	ERR_clear_error();
	tls_set_drop(c->set);
	OPENSSL_free(c->client);
	free(c);
}

/* --- what went wrong -------------------------------------------------------------- */

static int fail(struct tls_conn *c, enum tls_fault fault, const char *text)
{
	if (!c->fault) {
		c->fault = fault;
		c->text = text;
	}
	return CRUET_EIO;
}

void tls_conn_refused(SSL *ssl, enum tls_fault fault)
{
	fail(SSL_get_app_data(ssl), fault,
	     "no certificate has the name that was asked for");
}

static enum tls_fault fault_of(unsigned long e)
{
	int reason = ERR_GET_REASON(e);

	if (reason == ERR_R_MALLOC_FAILURE)
		return TLS_FAULT_MEMORY;
	if (ERR_GET_LIB(e) != ERR_LIB_SSL)
		return TLS_FAULT_GARBAGE;
	if (reason > SSL_AD_REASON_OFFSET)
		return TLS_FAULT_ALERT;
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_UNKNOWN_PROTOCOL:
		return TLS_FAULT_VERSION;
	case SSL_R_NO_SHARED_CIPHER:
	case SSL_R_NO_SUITABLE_KEY_SHARE:
	case SSL_R_NO_SUITABLE_GROUPS:
	case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
	case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
		return TLS_FAULT_CIPHER;
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return TLS_FAULT_ALPN;
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
		return TLS_FAULT_CLIENT;
	default:
		return TLS_FAULT_GARBAGE;
	}
}

static int fail_tls(struct tls_conn *c)
{
	unsigned long e = ERR_peek_error();
	const char *text = ERR_reason_error_string(e);
	long verify = SSL_get_verify_result(c->ssl);

	if (ERR_GET_REASON(e) == SSL_R_CERTIFICATE_VERIFY_FAILED && verify != X509_V_OK)
		text = X509_verify_cert_error_string(verify);
	ERR_clear_error();
	return fail(c, fault_of(e), text ? text : "OpenSSL gives no reason");
}

/* What a call on the SSL that gave rc <= 0 means; CRUET_OK: the client sends no more. */
static int outcome(struct tls_conn *c, int rc)
{
	int what = SSL_get_error(c->ssl, rc);

	if (c->fault) { /* one of our callbacks has said already why */
		ERR_clear_error();
		return CRUET_EIO;
	}
	switch (what) {
	case SSL_ERROR_WANT_READ:
		c->wants = TLS_WANTS_READ;
		return CRUET_EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		c->wants = TLS_WANTS_WRITE;
		return CRUET_EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return c->open ? CRUET_OK : fail(c, TLS_FAULT_CLOSED, left);
	case SSL_ERROR_SSL:
		return fail_tls(c);
	default:
		return fail(c, TLS_FAULT_IO, broke);
	}
}

static bool is_late_handshake(const struct tls_conn *c, int type, const unsigned char *p)
{
	/* Up to TLS 1.2 the head of the record tells, afterwards what is inside it. */
	bool tells = type == SSL3_RT_HEADER || type == SSL3_RT_INNER_CONTENT_TYPE;
	return c->open && tells && *p == SSL3_RT_HANDSHAKE;
}

void tls_conn_sees(int sent, int version, int type, const void *p, size_t len, SSL *ssl,
		   void *arg)
{
	struct tls_conn *c = SSL_get_app_data(ssl);

	(void)version;
	(void)arg;
	if (sent || !len || !is_late_handshake(c, type, p) || ++c->late <= LATE_MAX)
		return;
	/* OpenSSL reads on for as long as there is something to read: nothing shall be.
	 */
	fail(c, TLS_FAULT_FLOOD, "one handshake after another");
	shutdown(c->fd, SHUT_RDWR);
}

/* --- the handshake ---------------------------------------------------------------- */

static int begin(struct tls_conn *c)
{
	c->set = tls_take(c->tls);
	c->ssl = SSL_new(tls_set_first(c->set));
	if (!c->ssl || !SSL_set_fd(c->ssl, c->fd) || !SSL_set_app_data(c->ssl, c)) {
		ERR_clear_error();
		return fail(c, TLS_FAULT_MEMORY, "out of memory");
	}
	SSL_set_accept_state(c->ssl);
	return CRUET_OK;
}

/* Nothing more to do until the client says more; if it has ended its side, it never will.
 */
static int wait_for_more(struct tls_conn *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};

	if (poll(&p, 1, 0) > 0)
		return fail(c, TLS_FAULT_CLOSED, left);
	c->wants = TLS_WANTS_READ;
	return CRUET_EAGAIN;
}

/* Leaves the first bytes where they are; how many there are, or -1 where c failed. */
static int look(struct tls_conn *c, unsigned char head[SSL3_RT_HEADER_LENGTH])
{
	ssize_t n;

	do
		n = recv(c->fd, head, SSL3_RT_HEADER_LENGTH, MSG_PEEK | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n < 0)
		fail(c, TLS_FAULT_IO, broke);
	else if (!n)
		fail(c, TLS_FAULT_CLOSED, left);
	else if (*head >= 'A' && *head <= 'Z')
		fail(c, TLS_FAULT_HTTP, "plain HTTP where TLS is spoken");
	else if (*head != SSL3_RT_HANDSHAKE)
		fail(c, TLS_FAULT_GARBAGE, "what came is no TLS");
	return c->fault ? -1 : (int)n;
}

/* OpenSSL takes 70 KiB from the first byte on. So the first record, which is the hello of
 * the client, is left in the socket until all of it is there: those who say nothing, half
 * of it, or something else than TLS, cost no memory. */
static int await_hello(struct tls_conn *c)
{
	unsigned char head[SSL3_RT_HEADER_LENGTH];
	int n = look(c, head), there = 0;

	if (n < 0)
		return CRUET_EIO;
	if (n < SSL3_RT_HEADER_LENGTH)
		return wait_for_more(c);
	int whole = SSL3_RT_HEADER_LENGTH + (head[3] << 8 | head[4]);
	if (whole <= HELLO_MAX && !ioctl(c->fd, FIONREAD, &there) && there < whole)
		return wait_for_more(c);
	return begin(c);
}

int tls_handshake(struct tls_conn *c)
{
	if (c->fault)
		return CRUET_EIO;
	int err = c->ssl ? CRUET_OK : await_hello(c);
	if (err)
		return err;
	ERR_clear_error();
	int rc = SSL_do_handshake(c->ssl);
	if (rc <= 0)
		return outcome(c, rc);
	c->open = true;
	return CRUET_OK;
}

/* --- bytes ------------------------------------------------------------------------ */

ptrdiff_t tls_read(struct tls_conn *c, void *buf, size_t cap)
{
	size_t n;

	if (c->fault || !c->open)
		return CRUET_EIO;
	ERR_clear_error();
	int rc = SSL_read_ex(c->ssl, buf, cap, &n);
	return rc > 0 ? (ptrdiff_t)n : outcome(c, rc);
}

/* Sending ends with nothing sent only where a call failed. */
static ptrdiff_t unsent(struct tls_conn *c, int rc)
{
	int err = outcome(c, rc);
	return err ? err : fail(c, TLS_FAULT_IO, broke);
}

ptrdiff_t tls_write(struct tls_conn *c, const void *buf, size_t len)
{
	size_t n;

	if (c->fault || !c->open)
		return CRUET_EIO;
	if (!len)
		return 0;
	ERR_clear_error();
	int rc = SSL_write_ex(c->ssl, buf, len, &n);
	return rc > 0 ? (ptrdiff_t)n : unsent(c, rc);
}

bool tls_can_sendfile(const struct tls_conn *c)
{
	return c->open && BIO_get_ktls_send(SSL_get_wbio(c->ssl));
}

ptrdiff_t tls_sendfile(struct tls_conn *c, int fd, off_t off, size_t len)
{
	if (c->fault || !tls_can_sendfile(c))
		return CRUET_EIO;
	ERR_clear_error();
	ossl_ssize_t n = SSL_sendfile(c->ssl, fd, off, len, 0);
	return n >= 0 ? n : unsent(c, (int)n);
}

int tls_shutdown(struct tls_conn *c)
{
	if (c->fault || !c->open)
		return CRUET_OK;
	ERR_clear_error();
	int rc = SSL_shutdown(c->ssl);
	return rc >= 0 ? CRUET_OK : outcome(c, rc);
}

/* --- questions -------------------------------------------------------------------- */

bool tls_pending(const struct tls_conn *c)
{
	return c->open && SSL_has_pending(c->ssl);
}

enum tls_wants tls_wants(const struct tls_conn *c)
{
	return c->wants;
}

enum tls_fault tls_fault(const struct tls_conn *c)
{
	return c->fault;
}

const char *tls_fault_text(const struct tls_conn *c)
{
	return c->text ? c->text : "nothing is wrong";
}

const char *tls_fault_name(enum tls_fault fault)
{
	static const char *const names[] = {
#define X(name, text) text,
		TLS_FAULTS(X)
#undef X
	};
	return (size_t)fault < TLS_FAULTS_N ? names[fault] : "unknown";
}

/* As in RFC 2253: without control characters, and ASCII alone. */
static char *subject(const X509 *x)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL, *p;
	long n;

	if (out &&
	    X509_NAME_print_ex(out, X509_get_subject_name(x), 0, XN_FLAG_RFC2253) >= 0) {
		n = BIO_get_mem_data(out, &p);
		text = OPENSSL_strndup(n > 0 ? p : "", n > 0 ? (size_t)n : 0);
	}
	BIO_free(out);
	ERR_clear_error();
	return text;
}

int tls_info(struct tls_conn *c, struct tls_info *out)
{
	const X509 *client = SSL_get0_peer_certificate(c->ssl);

	if (client && !c->client)
		c->client = subject(client);
	if (client && !c->client)
		return CRUET_ENOMEM;
	*out = (struct tls_info){
		.protocol = SSL_get_version(c->ssl),
		.cipher = SSL_get_cipher_name(c->ssl),
		.name = SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name),
		.client = c->client,
		.resumed = SSL_session_reused(c->ssl),
		.ktls_send = BIO_get_ktls_send(SSL_get_wbio(c->ssl)),
		.ktls_receive = BIO_get_ktls_recv(SSL_get_rbio(c->ssl))};
	return CRUET_OK;
}
