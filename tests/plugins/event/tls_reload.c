/* Certificates that take the place of others, also while clients come. */
#include "../../suite.h"

#include <openssl/err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tls_make.h"
#include "tls_talk.h"

enum { CLIENTS = 4, HANDSHAKES = 60, RELOADS = 60 };

static struct talk t;

static void setup(void)
{
	folder_enter();
	put_pair("cert.pem", "key.pem", "old", "DNS:site.example");
	talk_start(&t, (struct tls_options){.tickets = true});
}

static void teardown(void)
{
	talk_stop(&t);
}

static void reload(int expected, const char *sentence)
{
	char *why;

	ck_assert_int_eq(tls_reload(t.tls, &why), expected);
	if (sentence)
		ck_assert_str_eq(why, sentence);
	else
		ck_assert_ptr_null(why);
	free(why);
}

static void sees(const char *cn)
{
	struct ends e = ends_meet(&t, "site.example");

	ck_assert_str_eq(ends_saw(&e), cn);
	ends_close(&e);
}

START_TEST(a_new_certificate_is_seen_by_new_connections)
{
	struct ends before = ends_meet(&t, NULL);

	put_pair("cert.pem", "key.pem", "new", "DNS:site.example");
	sees("old");
	reload(CRUET_OK, NULL);
	sees("new");
	ends_up(&before, "still here");
	ends_down(&before, "so am I");
	ends_close(&before);
}
END_TEST

START_TEST(a_handshake_ends_with_what_it_began_with)
{
	struct ends e = ends_open(&t);

	SSL_set_tlsext_host_name(e.client, "site.example");
	ck_assert_int_le(SSL_do_handshake(e.client), 0);
	ck_assert_int_eq(tls_handshake(e.server), CRUET_EAGAIN);
	put_pair("cert.pem", "key.pem", "new", "DNS:site.example");
	reload(CRUET_OK, NULL);
	reload(CRUET_OK, NULL);
	ends_shake(&e);
	ck_assert_int_eq(e.server_says, CRUET_OK);
	ck_assert_str_eq(ends_saw(&e), "old");
	ends_close(&e);
}
END_TEST

START_TEST(what_cannot_be_loaded_changes_nothing)
{
	put_text("key.pem", "half of a");
	reload(CRUET_EINVAL,
	       "key 'key.pem' has no private key in it: expected PEM, which begins with "
	       "-----BEGIN PRIVATE KEY-----");
	sees("old");
	put_pair("cert.pem", "other.pem", "new", "DNS:site.example");
	put_pair("other2.pem", "key.pem", "new", "DNS:site.example");
	reload(CRUET_EINVAL, "key 'key.pem' does not belong to certificate 'cert.pem'");
	sees("old");
}
END_TEST

static atomic_int seen_old, seen_new, failed;

/* Check's assertions are for the main thread. */
static void *come_and_go(void *arg)
{
	(void)arg;
	for (int i = 0; i < HANDSHAKES; i++) {
		struct ends e = ends_open(&t);
		SSL_set_tlsext_host_name(e.client, "site.example");
		ends_shake(&e);
		X509 *x = SSL_get0_peer_certificate(e.client);
		char cn[16] = "";
		if (e.server_says || !x)
			atomic_fetch_add(&failed, 1);
		else
			X509_NAME_get_text_by_NID(X509_get_subject_name(x),
						  NID_commonName, cn, sizeof cn);
		atomic_fetch_add(&seen_old, !strcmp(cn, "old"));
		atomic_fetch_add(&seen_new, !strcmp(cn, "new"));
		ends_close(&e);
	}
	return NULL;
}

START_TEST(reloads_disturb_no_handshake)
{
	pthread_t clients[CLIENTS];

	put_pair("new.pem", "new.key", "new", "DNS:site.example");
	static struct tls_pair pairs[] = {{"new.pem", "new.key"},
					  {"cert.pem", "key.pem"}};
	for (int i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_create(&clients[i], NULL, come_and_go, NULL), 0);
	for (int i = 0; i < RELOADS; i++) {
		char *why;
		/* The files stay as they are while they are read. */
		t.o.pairs = &pairs[i % 2];
		ck_assert_int_eq(tls_reload(t.tls, &why), CRUET_OK);
		tls_rotate_tickets(t.tls);
	}
	for (int i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_join(clients[i], NULL), 0);
	ck_assert_int_eq(failed, 0);
	ck_assert_int_eq(seen_old + seen_new, CLIENTS * HANDSHAKES);
	ck_assert_int_gt(seen_old, 0);
	ck_assert_int_gt(seen_new, 0);
}
END_TEST

static void *answer(void *arg)
{
	struct ends *e = arg;
	char got[16];

	for (int i = 0; i < 2 && e->server_says; i++)
		e->server_says = tls_handshake(e->server);
	if (!e->server_says && tls_read(e->server, got, sizeof got) == 5)
		tls_write(e->server, got, 5);
	return NULL;
}

static void on_a_thread(struct ends *e)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, answer, e), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

START_TEST(a_connection_may_move_between_threads)
{
	char got[16];
	struct ends e = ends_open(&t);

	SSL_do_handshake(e.client);
	on_a_thread(&e);
	ck_assert_int_eq(SSL_do_handshake(e.client), 1);
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(SSL_write(e.client, "hello", 5), 5);
		on_a_thread(&e);
		ck_assert_int_eq(SSL_read(e.client, got, sizeof got), 5);
	}
	ERR_clear_error();
	ends_close(&e);
}
END_TEST

SUITE_WITH("tls_reload", setup, teardown, a_new_certificate_is_seen_by_new_connections,
	   a_handshake_ends_with_what_it_began_with,
	   what_cannot_be_loaded_changes_nothing, reloads_disturb_no_handshake,
	   a_connection_may_move_between_threads)
