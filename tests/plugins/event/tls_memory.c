/* Memory that runs out anywhere: no crash, no leak, and the next attempt succeeds. */
#include "../../suite.h"

#include "../../fail_alloc.h"
#include "tls_make.h"
#include "tls_talk.h"

static struct tls_pair pairs[] = {{"cert.pem", "key.pem"}, {"adhoc", NULL}};
static const struct tls_options all = {.pairs = pairs,
				       .npairs = 2,
				       .tickets = true,
				       .client = TLS_CLIENT_ASK,
				       .client_ca = "ca.pem"};

static void setup(void)
{
	struct made ca = make(&(struct recipe){.cn = "authority"});

	folder_enter();
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example,DNS:*.site.example");
	put_cert("ca.pem", &ca, NULL);
	unmake(&ca);
	/* What OpenSSL loads once for the whole program is there already. */
	struct talk t;
	talk_start(&t, all);
	struct ends e = ends_meet(&t, NULL);
	ends_close(&e);
	talk_stop(&t);
}

/* Every allocation of the first hundreds, and then ever fewer. */
static size_t next(size_t n)
{
	return n < 300 ? n + 1 : n + n / 40;
}

START_TEST(a_listener_without_memory)
{
	bool more = true;
	struct tls *t;
	char *why;

	for (size_t n = 1; more; n = next(n)) {
		fail_alloc_at(n);
		int err = tls_new(&all, &t, &why);
		more = fail_alloc_off();
		ck_assert_msg(more || !err, "%zu: %s", n, why);
		ck_assert_int_eq(!t, err != 0);
		tls_free(t);
		free(why);
	}
}
END_TEST

START_TEST(a_reload_without_memory)
{
	struct talk t;
	bool more = true;
	char *why;

	talk_start(&t, all);
	for (size_t n = 1; more; n = next(n)) {
		fail_alloc_at(n);
		int err = tls_reload(t.tls, &why);
		more = fail_alloc_off();
		ck_assert(more || !err);
		free(why);
		if (n % 8 && more) /* what one reload damages, the next ones that fail do not mend */
			continue;
		struct ends e = ends_meet(&t, "a.site.example");
		ends_close(&e);
	}
	talk_stop(&t);
}
END_TEST

START_TEST(a_connection_without_memory)
{
	struct talk t;
	bool more = true;

	talk_start(&t, all);
	for (size_t n = 1; more; n = next(n)) {
		struct ends e = ends_open(&t);
		SSL_do_handshake(e.client);
		fail_alloc_at(n);
		int err = tls_handshake(e.server);
		more = fail_alloc_off();
		ck_assert_msg(err == CRUET_EAGAIN || tls_fault(e.server), "%zu", n);
		ends_close(&e);
	}
	fail_alloc_at(1);
	struct tls_conn *c = tls_conn_new(t.tls, 0);
	fail_alloc_off();
	ck_assert_ptr_null(c);
	talk_stop(&t);
}
END_TEST

SUITE_WITH("tls_memory", setup, NULL, a_listener_without_memory, a_reload_without_memory,
	   a_connection_without_memory)
