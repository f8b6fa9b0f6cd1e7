#include "tls_set.h"

#include <openssl/err.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tls_cert.h"
#include "tls_conn.h"
#include "tls_names.h"
#include "tls_say.h"

struct tls_set {
	atomic_uint holders;
	bool strict;
	struct tls_names names;
	size_t n;
	SSL_CTX *ctx[];
};

/* Mozilla's "intermediate" list without the finite-field exchanges, which cost most and
 * which no client needs that knows the rest. TLS 1.3 has its own list, all good. */
static const char ciphers[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
			      "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
			      "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char groups[] = "X25519:P-256:P-384";

enum {
	CLIENT_CERTS_MAX = 32 * 1024
}; /* bytes of a client's certificate with its chain */

/* --- what is agreed on ------------------------------------------------------------ */

/* Called with the name that the client asks for, and also where it asks for none. */
static int on_name(SSL *ssl, int *alert, void *arg)
{
	struct tls_set *s = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	ptrdiff_t i = name ? tls_names_find(&s->names, name) : -1;

	if (i < 0 && s->strict) {
		tls_conn_refused(ssl, TLS_FAULT_NAME);
		*alert = SSL_AD_UNRECOGNIZED_NAME;
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	if (i < 0)
		return SSL_TLSEXT_ERR_NOACK;
	return SSL_set_SSL_CTX(ssl, s->ctx[i]) ? SSL_TLSEXT_ERR_OK
					       : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* A list of protocols without ours is the list of someone who is at the wrong door. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
		   const unsigned char *in, unsigned inlen, void *arg)
{
	static const unsigned char ours[] = "http/1.1";

	(void)ssl;
	(void)arg;
	for (unsigned i = 0; i < inlen; i += 1u + in[i]) {
		if (in[i] == sizeof ours - 1 && inlen - i > in[i] &&
		    !memcmp(in + i + 1, ours, in[i])) {
			*out = in + i + 1;
			*len = in[i];
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* --- one context ------------------------------------------------------------------ */

static bool set_protocol(SSL_CTX *ctx, const struct tls_options *o)
{
	/* SSL_MODE_AUTO_RETRY, which is on, makes "wants to read" mean that the socket is
	 * empty, as edge-triggered polling needs. An end without close_notify is one all
	 * the same: HTTP knows from its own framing whether something is missing. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA | SSL_OP_ENABLE_KTLS |
					 SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_max_cert_list(ctx, CLIENT_CERTS_MAX);
	SSL_CTX_set_msg_callback(ctx, tls_conn_sees);
	SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
	return SSL_CTX_set_min_proto_version(ctx, o->only_13 ? TLS1_3_VERSION
							     : TLS1_2_VERSION) &&
	       SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) &&
	       SSL_CTX_set_cipher_list(ctx, ciphers) &&
	       SSL_CTX_set1_groups_list(ctx, groups);
}

static bool set_tickets(SSL_CTX *ctx, const struct tls_options *o,
			struct tickets *tickets)
{
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(ctx, TICKET_SECONDS);
	SSL_CTX_set_max_early_data(ctx, 0);
	if (o->tickets)
		return tickets_use(tickets, ctx);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	return SSL_CTX_set_num_tickets(ctx, 0);
}

/* A session that began under other authorities is not resumed under these. */
static bool set_clients(SSL_CTX *ctx, const struct tls_options *o,
			const struct tls_authorities *a)
{
	STACK_OF(X509_NAME) * names;

	if (!SSL_CTX_set_session_id_context(ctx, a->digest, sizeof a->digest))
		return false;
	if (!o->client)
		return true;
	names = SSL_dup_CA_list(a->names);
	if (!names || !SSL_CTX_set1_verify_cert_store(ctx, a->store)) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return false;
	}
	SSL_CTX_set_client_CA_list(ctx, names); /* takes it */
	SSL_CTX_set_verify(ctx,
			   SSL_VERIFY_PEER | (o->client == TLS_CLIENT_REQUIRE
						      ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT
						      : 0),
			   NULL);
	return true;
}

/* What OpenSSL has against a certificate that is well-formed: too weak, most of all. */
static int refused(const char *path, char **why)
{
	unsigned long e = ERR_peek_error();

	if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE) {
		ERR_clear_error();
		return CRUET_ENOMEM;
	}
	return tls_say(why, "certificate '%s' is not good enough: %s", path,
		       tls_openssl_says());
}

static int set_certificate(SSL_CTX *ctx, struct tls_set *s, size_t i,
			   const struct tls_options *o, char **why)
{
	struct tls_cert c;
	int err = tls_cert_load(o, &o->pairs[i], &c, why);

	if (err)
		return err;
	if (!SSL_CTX_use_cert_and_key(ctx, c.leaf, c.key, c.chain, 1))
		err = refused(o->pairs[i].certificate, why);
	else if (!tls_names_add(&s->names, c.leaf, i))
		err = CRUET_ENOMEM;
	tls_cert_fini(&c);
	return err;
}

static int add(struct tls_set *s, const struct tls_options *o, struct tickets *tickets,
	       const struct tls_authorities *a, char **why)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	ERR_clear_error();
	if (!ctx)
		return CRUET_ENOMEM;
	s->ctx[s->n] = ctx;
	SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
	SSL_CTX_set_tlsext_servername_arg(ctx, s);
	if (!set_protocol(ctx, o) || !set_tickets(ctx, o, tickets) ||
	    !set_clients(ctx, o, a)) {
		s->n++;
		return CRUET_ENOMEM;
	}
	return set_certificate(ctx, s, s->n++, o, why);
}

/* --- the set ---------------------------------------------------------------------- */

static int fill(struct tls_set *s, const struct tls_options *o, struct tickets *tickets,
		char **why)
{
	struct tls_authorities a = {0};
	int err = o->client ? tls_authorities_load(o->client_ca, &a, why) : CRUET_OK;

	for (size_t i = 0; i < o->npairs && !err; i++)
		err = add(s, o, tickets, &a, why);
	tls_authorities_fini(&a);
	tls_names_sort(&s->names);
	return err;
}

int tls_set_new(const struct tls_options *o, struct tickets *tickets,
		struct tls_set **out, char **why)
{
	struct tls_set *s = calloc(1, sizeof *s + o->npairs * sizeof *s->ctx);

	*out = NULL;
	*why = NULL;
	if (!s)
		return CRUET_ENOMEM;
	atomic_init(&s->holders, 1);
	s->strict = o->strict_sni;
	int err = fill(s, o, tickets, why);
	if (err) {
		ERR_clear_error();
		tls_set_drop(s);
		return err;
	}
	*out = s;
	return CRUET_OK;
}

struct tls_set *tls_set_hold(struct tls_set *s)
{
	atomic_fetch_add_explicit(&s->holders, 1, memory_order_relaxed);
	return s;
}

void tls_set_drop(struct tls_set *s)
{
	if (!s || atomic_fetch_sub_explicit(&s->holders, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < s->n; i++)
		SSL_CTX_free(s->ctx[i]);
	tls_names_fini(&s->names);
	free(s);
}

SSL_CTX *tls_set_first(const struct tls_set *s)
{
	return s->ctx[0];
}
