#include "tls_talk.h"

#include <check.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURNS_MAX = 1000, TEXT_MAX = 4096 };

static struct tls_pair usual = {"cert.pem", "key.pem"};

void talk_start(struct talk *t, struct tls_options o)
{
	char *why;

	signal(SIGPIPE, SIG_IGN);
	t->o = o;
	if (!t->o.pairs) {
		t->o.pairs = &usual;
		t->o.npairs = 1;
	}
	int err = tls_new(&t->o, &t->tls, &why);
	ck_assert_msg(!err, "%s", why ? why : "no reason");
	t->client = SSL_CTX_new(TLS_client_method());
	ck_assert_ptr_nonnull(t->client);
}

void talk_stop(struct talk *t)
{
	SSL_CTX_free(t->client);
	tls_free(t->tls);
}

struct ends ends_open(const struct talk *t)
{
	struct ends e = {.server_says = CRUET_EAGAIN};

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, e.fd),
		0);
	e.server = tls_conn_new(t->tls, e.fd[0]);
	e.client = SSL_new(t->client);
	ck_assert(e.server && e.client && SSL_set_fd(e.client, e.fd[1]));
	SSL_set_connect_state(e.client);
	return e;
}

/* True while the client wants more from the other side. */
static bool client_turn(struct ends *e)
{
	ERR_clear_error();
	e->client_says = SSL_do_handshake(e->client);
	if (e->client_says > 0)
		return false;
	int why = SSL_get_error(e->client, e->client_says);
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return true;
	e->alert = (unsigned long)ERR_GET_REASON(ERR_peek_error());
	shutdown(e->fd[1], SHUT_WR);
	return false;
}

void ends_shake(struct ends *e)
{
	bool more = true;

	for (int i = 0; i < TURNS_MAX && (more || e->server_says == CRUET_EAGAIN); i++) {
		if (more)
			more = client_turn(e);
		if (e->server_says == CRUET_EAGAIN)
			e->server_says = tls_handshake(e->server);
		if (e->server_says && e->server_says != CRUET_EAGAIN)
			shutdown(e->fd[0], SHUT_WR);
	}
	ck_assert_msg(!more && e->server_says != CRUET_EAGAIN,
		      "the handshake does not end");
}

void ends_close(struct ends *e)
{
	tls_conn_free(e->server);
	SSL_free(e->client);
	close(e->fd[0]);
	if (e->fd[1] >= 0)
		close(e->fd[1]);
}

struct ends ends_meet(const struct talk *t, const char *name)
{
	struct ends e = ends_open(t);

	if (name)
		ck_assert(SSL_set_tlsext_host_name(e.client, name));
	ends_shake(&e);
	ck_assert_msg(!e.server_says && e.client_says == 1, "%s: %s; client: %s",
		      tls_fault_name(tls_fault(e.server)), tls_fault_text(e.server),
		      ERR_reason_error_string(ERR_peek_error()));
	return e;
}

const char *ends_saw(const struct ends *e)
{
	static char cn[128];
	X509 *x = SSL_get0_peer_certificate(e->client);

	ck_assert_ptr_nonnull(x);
	ck_assert_int_gt(X509_NAME_get_text_by_NID(X509_get_subject_name(x),
						   NID_commonName, cn, sizeof cn),
			 0);
	return cn;
}

struct tls_info ends_info(const struct ends *e)
{
	struct tls_info info;

	ck_assert_int_eq(tls_info(e->server, &info), CRUET_OK);
	return info;
}

void ends_down(struct ends *e, const char *text)
{
	char got[TEXT_MAX];

	ck_assert_int_eq(tls_write(e->server, text, strlen(text)), (int)strlen(text));
	ck_assert_int_eq(SSL_read(e->client, got, sizeof got), (int)strlen(text));
	ck_assert_mem_eq(got, text, strlen(text));
}

void ends_up(struct ends *e, const char *text)
{
	char got[TEXT_MAX];

	ck_assert_int_eq(SSL_write(e->client, text, (int)strlen(text)),
			 (int)strlen(text));
	ck_assert_int_eq(tls_read(e->server, got, sizeof got), (int)strlen(text));
	ck_assert_mem_eq(got, text, strlen(text));
	ck_assert_int_eq(tls_read(e->server, got, sizeof got), CRUET_EAGAIN);
}
