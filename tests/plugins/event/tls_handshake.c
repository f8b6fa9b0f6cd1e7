/* Who is let in, and what is agreed on. */
#include "../../suite.h"

#include <openssl/err.h>
#include <string.h>

#include "tls_make.h"
#include "tls_talk.h"

static void server(struct talk *t, struct tls_options o)
{
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	talk_start(t, o);
}

/* --- versions --------------------------------------------------------------------- */

static const struct {
	int version;
	const char *name;
} versions[] = {{TLS1_2_VERSION, "TLSv1.2"}, {TLS1_3_VERSION, "TLSv1.3"}};

START_TEST(speaks_1_2_and_1_3)
{
	struct talk t;

	server(&t, (struct tls_options){.tickets = true});
	for (size_t i = 0; i < 2; i++) {
		SSL_CTX_set_max_proto_version(t.client, versions[i].version);
		struct ends e = ends_meet(&t, NULL);
		struct tls_info info = ends_info(&e);
		ck_assert_str_eq(info.protocol, versions[i].name);
		ck_assert_ptr_null(info.name);
		ck_assert_ptr_null(info.client);
		ck_assert(!info.resumed && !info.ktls_send &&
			  !tls_can_sendfile(e.server));
		ends_up(&e, "GET / HTTP/1.1\r\n\r\n");
		ends_down(&e, "HTTP/1.1 200 OK\r\n\r\n");
		ends_close(&e);
	}
	talk_stop(&t);
}
END_TEST

/* Clients that may speak old versions, as far as OpenSSL still lets them. */
static void refuses_version(struct talk *t, int version)
{
	struct ends e = ends_open(t);

	SSL_set_security_level(e.client, 0);
	ck_assert(SSL_set_min_proto_version(e.client, version));
	ck_assert(SSL_set_max_proto_version(e.client, version));
	ends_shake(&e);
	ck_assert_int_eq(e.server_says, CRUET_EIO);
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_VERSION);
	ck_assert_str_eq(tls_fault_text(e.server), "unsupported protocol");
	ck_assert_uint_eq(e.alert, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
	ends_close(&e);
}

START_TEST(refuses_1_0_and_1_1)
{
	struct talk t;

	server(&t, (struct tls_options){0});
	refuses_version(&t, TLS1_VERSION);
	refuses_version(&t, TLS1_1_VERSION);
	talk_stop(&t);
}
END_TEST

START_TEST(min_version_1_3_refuses_1_2)
{
	struct talk t;

	server(&t, (struct tls_options){.only_13 = true});
	refuses_version(&t, TLS1_2_VERSION);
	struct ends e = ends_meet(&t, NULL);
	ends_close(&e);
	talk_stop(&t);
}
END_TEST

START_TEST(refuses_old_ciphers)
{
	static const char *const old[] = {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA",
					  "ECDHE-ECDSA-AES256-SHA384", "NULL-SHA256"};
	struct talk t;

	server(&t, (struct tls_options){0});
	SSL_CTX_set_max_proto_version(t.client, TLS1_2_VERSION);
	for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
		struct ends e = ends_open(&t);
		SSL_set_security_level(e.client, 0);
		ck_assert(SSL_set_cipher_list(e.client, old[i]));
		ends_shake(&e);
		ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_CIPHER);
		ck_assert_uint_eq(e.alert, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE);
		ends_close(&e);
	}
	talk_stop(&t);
}
END_TEST

START_TEST(the_server_chooses_the_cipher)
{
	struct talk t;

	server(&t, (struct tls_options){0});
	SSL_CTX_set_max_proto_version(t.client, TLS1_2_VERSION);
	ck_assert(SSL_CTX_set_cipher_list(t.client, "ECDHE-ECDSA-AES256-GCM-SHA384:"
						    "ECDHE-ECDSA-AES128-GCM-SHA256"));
	struct ends e = ends_meet(&t, NULL);
	ck_assert_str_eq(ends_info(&e).cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
	ends_close(&e);
	talk_stop(&t);
}
END_TEST

/* --- ALPN ------------------------------------------------------------------------- */

static struct ends offering(struct talk *t, const char *list, unsigned len)
{
	struct ends e = ends_open(t);

	ck_assert_int_eq(SSL_set_alpn_protos(e.client, (const unsigned char *)list, len),
			 0);
	ends_shake(&e);
	return e;
}

START_TEST(alpn_agrees_on_http_1_1)
{
	static const char list[] = "\2h2\10http/1.1\10http/1.0";
	const unsigned char *got;
	unsigned n;
	struct talk t;

	server(&t, (struct tls_options){0});
	struct ends e = offering(&t, list, sizeof list - 1);
	ck_assert_int_eq(e.server_says, CRUET_OK);
	SSL_get0_alpn_selected(e.client, &got, &n);
	ck_assert_uint_eq(n, 8);
	ck_assert_mem_eq(got, "http/1.1", 8);
	ends_close(&e);
	talk_stop(&t);
}
END_TEST

START_TEST(alpn_without_http_1_1_is_refused)
{
	static const char *const lists[] = {"\2h2", "\10http/1.0", "\11http/1.1x\2h2",
					    "\12acme-tls/1", "\7http/1."};
	struct talk t;

	server(&t, (struct tls_options){0});
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct ends e = offering(&t, lists[i], (unsigned)strlen(lists[i]));
		ck_assert_int_eq(e.server_says, CRUET_EIO);
		ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_ALPN);
		ck_assert_uint_eq(e.alert, SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
		ends_close(&e);
	}
	talk_stop(&t);
}
END_TEST

/* --- names ------------------------------------------------------------------------ */

static struct tls_pair named[] = {{"first.pem", "first.key"},
				  {"wild.pem", "wild.key"},
				  {"www.pem", "www.key"},
				  {"cn.pem", "cn.key"},
				  {"late.pem", "late.key"}};

static void servers(struct talk *t, bool strict)
{
	put_pair("first.pem", "first.key", "first", "DNS:first.example,IP:127.0.0.1");
	put_pair("wild.pem", "wild.key", "wild", "DNS:*.site.example,DNS:site.example");
	put_pair("www.pem", "www.key", "www", "DNS:WWW.site.example");
	put_pair("cn.pem", "cn.key", "plain.example", NULL);
	put_pair("late.pem", "late.key", "late", "DNS:www.site.example");
	talk_start(t, (struct tls_options){.pairs = named,
					   .npairs = sizeof named / sizeof *named,
					   .strict_sni = strict});
}

static const struct {
	const char *asked, *cert;
} choices[] = {{"first.example", "first"},	  {"site.example", "wild"},
	       {"any.site.example", "wild"},	  {"Any.SITE.example", "wild"},
	       {"www.site.example", "www"}, /* exact before wildcard, first before late */
	       {"plain.example", "plain.example"}};

static const char *const strangers[] = {
	"other.example",  "a.b.site.example", ".site.example",	   "site.example.",
	"*.site.example", "example",	      "first.example\xff", "127.0.0.1"};

START_TEST(certificates_are_chosen_by_name)
{
	struct talk t;

	servers(&t, true);
	for (size_t v = 0; v < 2; v++) {
		SSL_CTX_set_max_proto_version(t.client, versions[v].version);
		for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
			struct ends e = ends_meet(&t, choices[i].asked);
			ck_assert_str_eq(ends_saw(&e), choices[i].cert);
			ck_assert_str_eq(ends_info(&e).name, choices[i].asked);
			ends_close(&e);
		}
	}
	talk_stop(&t);
}
END_TEST

START_TEST(unknown_names_get_the_first_certificate)
{
	struct talk t;

	servers(&t, false);
	for (size_t i = 0; i <= sizeof strangers / sizeof *strangers; i++) {
		bool none = i == sizeof strangers / sizeof *strangers;
		struct ends e = ends_meet(&t, none ? NULL : strangers[i]);
		ck_assert_str_eq(ends_saw(&e), "first");
		ends_close(&e);
	}
	talk_stop(&t);
}
END_TEST

START_TEST(strict_sni_turns_unknown_names_away)
{
	struct talk t;

	servers(&t, true);
	for (size_t i = 0; i <= sizeof strangers / sizeof *strangers; i++) {
		struct ends e = ends_open(&t);
		if (i < sizeof strangers / sizeof *strangers)
			ck_assert(SSL_set_tlsext_host_name(e.client, strangers[i]));
		ends_shake(&e);
		ck_assert_int_eq(e.server_says, CRUET_EIO);
		ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_NAME);
		ck_assert_str_eq(tls_fault_text(e.server),
				 "no certificate has the name that was asked for");
		ck_assert_uint_eq(e.alert, SSL_R_TLSV1_UNRECOGNIZED_NAME);
		ends_close(&e);
	}
	talk_stop(&t);
}
END_TEST

/* The client knows the root alone, and believes the leaf. */
START_TEST(the_chain_is_sent)
{
	struct made root = make(&(struct recipe){.cn = "root"});
	struct made middle =
		make(&(struct recipe){.cn = "middle", .issuer = &root, .ca = true});
	struct made leaf = make(&(struct recipe){.cn = "leaf", .issuer = &middle});
	struct talk t;

	put_cert("cert.pem", &leaf, &middle);
	put_key("key.pem", &leaf, NULL);
	talk_start(&t, (struct tls_options){0});
	ck_assert(X509_STORE_add_cert(SSL_CTX_get_cert_store(t.client), root.x));
	SSL_CTX_set_verify(t.client, SSL_VERIFY_PEER, NULL);
	struct ends e = ends_meet(&t, "site.example");
	ck_assert_int_eq(sk_X509_num(SSL_get_peer_cert_chain(e.client)), 2);
	ends_close(&e);
	talk_stop(&t);
	unmake(&leaf);
	unmake(&middle);
	unmake(&root);
}
END_TEST

SUITE_WITH("tls_handshake", folder_enter, NULL, speaks_1_2_and_1_3, refuses_1_0_and_1_1,
	   min_version_1_3_refuses_1_2, refuses_old_ciphers,
	   the_server_chooses_the_cipher, alpn_agrees_on_http_1_1,
	   alpn_without_http_1_1_is_refused, certificates_are_chosen_by_name,
	   unknown_names_get_the_first_certificate, strict_sni_turns_unknown_names_away,
	   the_chain_is_sent)
