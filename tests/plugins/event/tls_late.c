/* What a client may still ask for once the handshake is over: nothing new. */
#include "../../suite.h"

#include <openssl/err.h>

#include "tls_make.h"
#include "tls_talk.h"

enum { FLOOD = 1000 };

static struct talk t;

static void setup(void)
{
	folder_enter();
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	talk_start(&t, (struct tls_options){0});
}

static void teardown(void)
{
	talk_stop(&t);
}

START_TEST(renegotiation_is_refused)
{
	char got[16];

	SSL_CTX_set_max_proto_version(t.client, TLS1_2_VERSION);
	struct ends e = ends_meet(&t, NULL);
	ck_assert_int_eq(SSL_renegotiate(e.client), 1);
	ck_assert_int_le(SSL_do_handshake(e.client), 0);
	ck_assert_int_eq(tls_read(e.server, got, sizeof got), CRUET_EAGAIN);
	ck_assert_int_le(SSL_do_handshake(e.client), 0);
	ck_assert_int_eq(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
	/* To the server that was one word too many; what was agreed on holds. */
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_NONE);
	ck_assert_int_eq(tls_write(e.server, "hello", 5), 5);
	ERR_clear_error();
	ends_close(&e);
}
END_TEST

static unsigned char ballast[60 * 1024];

/* An extension of our own, as long as the test says. */
static int add_ballast(SSL *ssl, unsigned type, unsigned context,
		       const unsigned char **out, size_t *len, X509 *x, size_t chain,
		       int *alert, void *arg)
{
	(void)ssl, (void)type, (void)context, (void)x, (void)chain, (void)alert;
	*out = ballast;
	*len = *(size_t *)arg;
	return 1;
}

/* A client of OpenSSL's gives up after one, so this one asks in a hundred records. */
START_TEST(renegotiations_without_end_are_cut_off)
{
	size_t len = 0;
	char got[16];

	SSL_CTX_set_max_proto_version(t.client, TLS1_2_VERSION);
	ck_assert(SSL_CTX_add_custom_ext(t.client, 65000, SSL_EXT_CLIENT_HELLO,
					 add_ballast, NULL, &len, NULL, NULL));
	struct ends e = ends_meet(&t, NULL);
	len = sizeof ballast;
	ck_assert(SSL_set_max_send_fragment(e.client, 512));
	ck_assert_int_eq(SSL_renegotiate(e.client), 1);
	ck_assert_int_le(SSL_do_handshake(e.client), 0);
	ck_assert_int_eq(tls_read(e.server, got, sizeof got), CRUET_EIO);
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_FLOOD);
	ERR_clear_error();
	ends_close(&e);
}
END_TEST

START_TEST(keys_may_be_updated)
{
	struct ends e = ends_meet(&t, NULL);

	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(SSL_key_update(e.client, SSL_KEY_UPDATE_REQUESTED), 1);
		ends_up(&e, "up");
		ends_down(&e, "down");
	}
	ends_close(&e);
}
END_TEST

START_TEST(key_updates_without_end_are_cut_off)
{
	char got[16];
	int i;
	struct ends e = ends_meet(&t, NULL);

	for (i = 0; i < FLOOD && !tls_fault(e.server); i++) {
		ck_assert_int_eq(SSL_key_update(e.client, SSL_KEY_UPDATE_NOT_REQUESTED),
				 1);
		SSL_do_handshake(e.client);
		tls_read(e.server, got, sizeof got);
		ERR_clear_error();
	}
	ck_assert_int_eq(i, 33);
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_FLOOD);
	ck_assert_str_eq(tls_fault_text(e.server), "one handshake after another");
	ck_assert_int_eq(tls_read(e.server, got, sizeof got), CRUET_EIO);
	ck_assert_int_eq(tls_write(e.server, "hello", 5), CRUET_EIO);
	ends_close(&e);
}
END_TEST

/* One call of tls_read() must not be kept busy by a client that never pauses. */
START_TEST(a_flood_in_one_go_is_cut_off)
{
	char got[16];
	struct ends e = ends_meet(&t, NULL);

	for (int i = 0; i < FLOOD; i++) {
		if (SSL_key_update(e.client, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
		    SSL_do_handshake(e.client) != 1)
			break;
	}
	ck_assert_int_eq(tls_read(e.server, got, sizeof got), CRUET_EIO);
	ck_assert_int_eq(tls_fault(e.server), TLS_FAULT_FLOOD);
	ERR_clear_error();
	ends_close(&e);
}
END_TEST

START_TEST(early_data_is_not_offered)
{
	struct ends e = ends_meet(&t, NULL);

	ends_down(&e, "hello");
	ck_assert_uint_eq(SSL_SESSION_get_max_early_data(SSL_get_session(e.client)), 0);
	ends_close(&e);
}
END_TEST

START_TEST(faults_have_names)
{
	ck_assert_str_eq(tls_fault_name(TLS_FAULT_NONE), "none");
	ck_assert_str_eq(tls_fault_name(TLS_FAULT_VERSION), "version");
	ck_assert_str_eq(tls_fault_name(TLS_FAULT_MEMORY), "memory");
	ck_assert_str_eq(tls_fault_name(TLS_FAULTS_N), "unknown");
}
END_TEST

SUITE_WITH("tls_late", setup, teardown, renegotiation_is_refused,
	   renegotiations_without_end_are_cut_off, keys_may_be_updated,
	   key_updates_without_end_are_cut_off, a_flood_in_one_go_is_cut_off,
	   early_data_is_not_offered, faults_have_names)
