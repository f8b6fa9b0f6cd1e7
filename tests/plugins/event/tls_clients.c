/* Certificates of clients: required, asked for, believed or not. */
#include "../../suite.h"

#include <openssl/err.h>

#include "tls_make.h"
#include "tls_talk.h"

static struct made ca, ada, stranger, late;

static void setup(void)
{
	folder_enter();
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	ca = make(&(struct recipe){.cn = "the authority"});
	ada = make(&(struct recipe){.cn = "ada, \"lovelace\"\n\xc3\xa9", .issuer = &ca});
	late = make(&(struct recipe){.cn = "late", .issuer = &ca, .from = -9, .to = -1});
	stranger = make(&(struct recipe){.cn = "stranger"});
	put_cert("ca.pem", &ca, NULL);
}

static void teardown(void)
{
	unmake(&ca);
	unmake(&ada);
	unmake(&late);
	unmake(&stranger);
}

static void server(struct talk *t, enum tls_client client, int version)
{
	talk_start(t, (struct tls_options){
			      .client = client, .client_ca = "ca.pem", .tickets = true});
	SSL_CTX_set_max_proto_version(t->client, version);
}

/* A client with that certificate, or none. */
static struct ends comes(struct talk *t, const struct made *m)
{
	struct ends e = ends_open(t);

	if (m)
		ck_assert(SSL_use_certificate(e.client, m->x) &&
			  SSL_use_PrivateKey(e.client, m->key));
	ends_shake(&e);
	return e;
}

static void is_refused(struct talk *t, const struct made *m, const char *text)
{
	struct ends e = comes(t, m);

	ck_assert_int_eq(e.server_says, CRUET_EIO);
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_CLIENT);
	ck_assert_str_eq(tls_fault_text(e.server), text);
	ends_close(&e);
}

static void is_let_in(struct talk *t, const struct made *m, const char *subject)
{
	struct ends e = comes(t, m);

	ck_assert_int_eq(e.server_says, CRUET_OK);
	struct tls_info info = ends_info(&e);
	if (subject)
		ck_assert_str_eq(info.client, subject);
	else
		ck_assert_ptr_null(info.client);
	ck_assert_ptr_eq(ends_info(&e).client, info.client); /* asked twice, made once */
	ends_up(&e, "GET / HTTP/1.1\r\n\r\n");
	ends_close(&e);
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
/* Nothing of it could break a line in a log. */
static const char adas_name[] = "CN=ada\\, \\\"lovelace\\\"\\0A\\C3\\A9";

START_TEST(required_certificates)
{
	struct talk t;

	for (size_t i = 0; i < 2; i++) {
		server(&t, TLS_CLIENT_REQUIRE, versions[i]);
		is_let_in(&t, &ada, adas_name);
		is_refused(&t, NULL, "peer did not return a certificate");
		is_refused(&t, &stranger, "self-signed certificate");
		is_refused(&t, &late, "certificate has expired");
		talk_stop(&t);
	}
}
END_TEST

START_TEST(certificates_that_are_asked_for)
{
	struct talk t;

	for (size_t i = 0; i < 2; i++) {
		server(&t, TLS_CLIENT_ASK, versions[i]);
		is_let_in(&t, &ada, adas_name);
		is_let_in(&t, NULL, NULL);
		is_refused(&t, &stranger, "self-signed certificate");
		is_refused(&t, &late, "certificate has expired");
		talk_stop(&t);
	}
}
END_TEST

START_TEST(nobody_is_asked_without_client_ca)
{
	struct talk t;

	talk_start(&t, (struct tls_options){0});
	is_let_in(&t, &ada, NULL);
	talk_stop(&t);
}
END_TEST

START_TEST(clients_are_told_whose_word_counts)
{
	struct talk t;
	char name[64];

	server(&t, TLS_CLIENT_REQUIRE, TLS1_3_VERSION);
	struct ends e = comes(&t, &ada);
	const STACK_OF(X509_NAME) *names = SSL_get0_peer_CA_list(e.client);
	ck_assert_int_eq(sk_X509_NAME_num(names), 1);
	X509_NAME_get_text_by_NID(sk_X509_NAME_value(names, 0), NID_commonName, name,
				  sizeof name);
	ck_assert_str_eq(name, "the authority");
	ends_close(&e);
	talk_stop(&t);
}
END_TEST

static SSL_SESSION *kept;

static int keep(SSL *ssl, SSL_SESSION *s)
{
	(void)ssl;
	SSL_SESSION_free(kept);
	kept = s;
	return 1;
}

static struct ends comes_again(struct talk *t)
{
	struct ends e = ends_open(t);

	ck_assert(SSL_set_session(e.client, kept));
	ends_shake(&e);
	return e;
}

/* A session carries its certificate along; a client whose authority is no longer believed
 * must not come in by a ticket from before. */
START_TEST(tickets_end_with_their_authority)
{
	struct talk t;
	char *why;

	server(&t, TLS_CLIENT_REQUIRE, TLS1_3_VERSION);
	SSL_CTX_set_session_cache_mode(t.client, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(t.client, keep);
	struct ends e = comes(&t, &ada);
	ends_down(&e, "hello");
	SSL_shutdown(e.client);
	ends_close(&e);

	e = comes_again(&t);
	ck_assert_int_eq(e.server_says, CRUET_OK);
	ck_assert(ends_info(&e).resumed);
	ck_assert_str_eq(ends_info(&e).client, adas_name);
	ends_down(&e, "hello");
	SSL_shutdown(e.client);
	ends_close(&e);

	put_cert("ca.pem", &stranger, NULL);
	ck_assert_int_eq(tls_reload(t.tls, &why), CRUET_OK);
	e = comes_again(&t);
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_CLIENT);
	ends_close(&e);
	SSL_SESSION_free(kept);
	talk_stop(&t);
}
END_TEST

/* Long chains are not read to their end. */
START_TEST(certificates_without_end_are_refused)
{
	struct talk t;

	server(&t, TLS_CLIENT_REQUIRE, TLS1_3_VERSION);
	struct ends e = ends_open(&t);
	ck_assert(SSL_use_certificate(e.client, ada.x) &&
		  SSL_use_PrivateKey(e.client, ada.key));
	for (int i = 0; i < 200; i++)
		ck_assert(SSL_add1_chain_cert(e.client, stranger.x));
	ends_shake(&e);
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_GARBAGE);
	ck_assert_str_eq(tls_fault_text(e.server), "excessive message size");
	ends_close(&e);
	talk_stop(&t);
}
END_TEST

SUITE_WITH("tls_clients", setup, teardown, required_certificates,
	   certificates_that_are_asked_for, nobody_is_asked_without_client_ca,
	   clients_are_told_whose_word_counts, tickets_end_with_their_authority,
	   certificates_without_end_are_refused)
