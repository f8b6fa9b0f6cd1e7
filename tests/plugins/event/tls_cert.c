/* Certificates from files: what is said of those that are no good. */
#include "../../suite.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tls_make.h"
#include "tls_talk.h"

static struct tls_pair pair;
static char warned[1024];

static void remember(void *arg, const char *text)
{
	char *to = arg;

	strncat(to, text, sizeof warned - strlen(to) - 2);
	strcat(to, "\n");
}

static struct tls_options options(const char *cert, const char *key)
{
	pair = (struct tls_pair){cert, key};
	*warned = '\0';
	return (struct tls_options){
		.pairs = &pair, .npairs = 1, .warn = remember, .warn_arg = warned};
}

static void refused(struct tls_options o, const char *sentence)
{
	struct tls *t;
	char *why;

	ck_assert_int_eq(tls_new(&o, &t, &why), CRUET_EINVAL);
	ck_assert_str_eq(why, sentence);
	ck_assert_ptr_null(t);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	free(why);
}

static void accepted(struct tls_options o, const char *warnings)
{
	struct tls *t;
	char *why;
	int err = tls_new(&o, &t, &why);

	ck_assert_msg(!err, "%s", why);
	ck_assert_str_eq(warned, warnings);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	tls_free(t);
}

START_TEST(files_that_are_no_files)
{
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	refused(options("none.pem", "key.pem"),
		"certificate 'none.pem' cannot be opened: No such file or directory");
	refused(options("cert.pem", "none.key"),
		"key 'none.key' cannot be opened: No such file or directory");
	ck_assert_int_eq(mkdir("folder", 0700), 0);
	refused(options("folder", NULL),
		"certificate 'folder' is a folder: expected a PEM file");
	ck_assert_int_eq(mkfifo("pipe", 0600), 0);
	refused(options("cert.pem", "pipe"),
		"key 'pipe' is no regular file: expected a PEM file");
	put_text("large.pem", "");
	ck_assert_int_eq(truncate("large.pem", (1 << 20) + 1), 0);
	refused(options("large.pem", NULL),
		"certificate 'large.pem' is larger than 1 MiB: expected a PEM file");
}
END_TEST

/* root reads what it likes, so this takes a user who does not. */
START_TEST(files_that_may_not_be_read)
{
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	ck_assert_int_eq(chmod("key.pem", 0), 0);
	ck_assert_int_eq(chmod(".", 0711), 0);
	ck_assert_int_eq(chmod("cert.pem", 0644), 0);
	if (!getuid())
		ck_assert_int_eq(seteuid(65534), 0);
	refused(options("cert.pem", "key.pem"),
		"key 'key.pem' cannot be opened: Permission denied");
	ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

START_TEST(files_without_what_they_should_have)
{
	static const char *const texts[] = {
		"", "\n", "no PEM\n",
		"-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----\n"};

	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		put_text("odd.pem", texts[i]);
		refused(options("odd.pem", "key.pem"),
			"certificate 'odd.pem' has no certificate in it: expected PEM, "
			"which "
			"begins with -----BEGIN CERTIFICATE-----");
		refused(options("cert.pem", "odd.pem"),
			"key 'odd.pem' has no private key in it: expected PEM, which "
			"begins "
			"with -----BEGIN PRIVATE KEY-----");
	}
	refused(options("cert.pem", NULL), "key 'cert.pem' has no private key in it: "
					   "expected PEM, which begins with "
					   "-----BEGIN PRIVATE KEY-----");
	refused(options("key.pem", "key.pem"), "certificate 'key.pem' has no certificate "
					       "in it: expected PEM, which begins "
					       "with -----BEGIN CERTIFICATE-----");
}
END_TEST

START_TEST(files_that_are_damaged)
{
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	put_text("b64.pem",
		 "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n");
	refused(options("b64.pem", "key.pem"),
		"certificate 'b64.pem' is damaged: bad base64 decode");
	put_text("asn.pem",
		 "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	refused(options("asn.pem", "key.pem"),
		"certificate 'asn.pem' is damaged: wrong tag");
	put_text("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
	refused(options("cut.pem", "key.pem"),
		"certificate 'cut.pem' is damaged: bad end line");
	put_text("key2.pem",
		 "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
	refused(options("cert.pem", "key2.pem"),
		"key 'key2.pem' is damaged: unsupported");
}
END_TEST

START_TEST(keys_that_do_not_fit)
{
	struct made a = make(&(struct recipe){.cn = "a", .sans = "DNS:a.example"});
	struct made b = make(&(struct recipe){.cn = "b"});
	struct made r =
		make(&(struct recipe){.cn = "r", .sans = "DNS:r.example", .rsa = 2048});

	put_cert("a.pem", &a, NULL);
	put_cert("chain.pem", &a, &b);
	put_key("b.key", &b, NULL);
	put_key("r.key", &r, NULL);
	put_key("secret.key", &a, "a word");
	refused(options("a.pem", "b.key"),
		"key 'b.key' does not belong to certificate 'a.pem'");
	refused(options("a.pem", "r.key"),
		"key 'r.key' does not belong to certificate 'a.pem'");
	refused(options("chain.pem", "b.key"),
		"key 'b.key' does not belong to certificate 'chain.pem': the server's "
		"own must "
		"stand first in that file");
	refused(options("a.pem", "secret.key"),
		"key 'secret.key' is protected by a passphrase, and nobody is there to "
		"ask for "
		"it: store it without one: openssl pkey -in 'secret.key' -out FILE");
	unmake(&a);
	unmake(&b);
	unmake(&r);
}
END_TEST

START_TEST(certificates_that_are_too_weak)
{
	struct made weak =
		make(&(struct recipe){.cn = "w", .sans = "DNS:w", .rsa = 1024});

	put_cert("weak.pem", &weak, NULL);
	put_key("weak.key", &weak, NULL);
	refused(options("weak.pem", "weak.key"),
		"certificate 'weak.pem' is not good enough: ee key too small");
	unmake(&weak);
}
END_TEST

START_TEST(rsa_certificates_serve)
{
	struct made r = make(&(struct recipe){.cn = "rsa", .sans = "DNS:r", .rsa = 2048});
	struct talk t;

	put_cert("cert.pem", &r, NULL);
	put_key("key.pem", &r, NULL);
	talk_start(&t, (struct tls_options){0});
	struct ends e = ends_meet(&t, NULL);
	ck_assert_str_eq(ends_saw(&e), "rsa");
	ends_close(&e);
	talk_stop(&t);
	unmake(&r);
}
END_TEST

START_TEST(one_file_may_hold_both)
{
	char text[4096] = "";

	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(i ? "cert.pem" : "key.pem", "r");
		ck_assert_ptr_nonnull(f);
		size_t have = strlen(text);
		text[have + fread(text + have, 1, sizeof text - have - 1, f)] = '\0';
		fclose(f);
	}
	put_text("both.pem", text);
	accepted(options("both.pem", NULL), "");
}
END_TEST

START_TEST(the_wrong_time_is_a_warning)
{
	struct made old = make(&(struct recipe){
		.cn = "old", .sans = "DNS:old.example", .from = -9, .to = -1});
	struct made early = make(&(struct recipe){
		.cn = "early", .sans = "DNS:early.example", .from = 1, .to = 9});

	put_cert("old.pem", &old, NULL);
	put_key("old.key", &old, NULL);
	put_cert("early.pem", &early, NULL);
	put_key("early.key", &early, NULL);
	accepted(options("old.pem", "old.key"),
		 "certificate 'old.pem' has expired: clients will turn away\n");
	accepted(options("early.pem", "early.key"),
		 "certificate 'early.pem' is not valid yet: clients will turn away\n");
	unmake(&old);
	unmake(&early);
}
END_TEST

START_TEST(a_key_open_to_others_is_a_warning)
{
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	ck_assert_int_eq(chmod("key.pem", 0640), 0);
	accepted(options("cert.pem", "key.pem"), "");
	ck_assert_int_eq(chmod("key.pem", 0644), 0);
	accepted(options("cert.pem", "key.pem"),
		 "key 'key.pem' is open to others (mode 0644): chmod 640 'key.pem'\n");
	ck_assert_int_eq(chmod("key.pem", 0660), 0);
	accepted(options("cert.pem", "key.pem"),
		 "key 'key.pem' is open to others (mode 0660): chmod 640 'key.pem'\n");
}
END_TEST

START_TEST(authorities_are_checked_too)
{
	struct tls_options o = options("cert.pem", "key.pem");

	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	o.client = TLS_CLIENT_REQUIRE;
	o.client_ca = "ca.pem";
	refused(o, "client_ca 'ca.pem' cannot be opened: No such file or directory");
	put_text("ca.pem", "hello\n");
	refused(o,
		"client_ca 'ca.pem' has no certificate in it: expected PEM, which begins "
		"with -----BEGIN CERTIFICATE-----");
}
END_TEST

/* The second of a list is checked as the first. */
START_TEST(every_pair_is_checked)
{
	static struct tls_pair pairs[] = {{"cert.pem", "key.pem"}, {"none.pem", NULL}};

	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	refused((struct tls_options){.pairs = pairs, .npairs = 2},
		"certificate 'none.pem' cannot be opened: No such file or directory");
}
END_TEST

START_TEST(adhoc_is_good_for_this_machine)
{
	struct talk t;

	talk_start(&t, options("adhoc", NULL));
	SSL_CTX_set_verify(t.client, SSL_VERIFY_NONE, NULL);
	struct ends e = ends_meet(&t, "localhost");
	X509 *x = SSL_get1_peer_certificate(e.client);
	ck_assert_int_eq(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	ck_assert_int_eq(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	ck_assert_int_eq(X509_check_ip_asc(x, "::1", 0), 1);
	ck_assert_int_eq(X509_check_host(x, "example.org", 0, 0, NULL), 0);
	ck_assert_int_gt(X509_cmp_current_time(X509_get0_notAfter(x)), 0);
	ck_assert_int_lt(X509_cmp_current_time(X509_get0_notBefore(x)), 0);
	ends_close(&e);
	/* Whoever is told to trust it, as curl is by --cacert, finds nothing wrong. */
	ck_assert(X509_STORE_add_cert(SSL_CTX_get_cert_store(t.client), x));
	SSL_CTX_set_verify(t.client, SSL_VERIFY_PEER, NULL);
	e = ends_meet(&t, "localhost");
	ck_assert_int_eq(SSL_get_verify_result(e.client), X509_V_OK);
	ends_close(&e);
	X509_free(x);
	talk_stop(&t);
}
END_TEST

SUITE_WITH("tls_cert", folder_enter, NULL, files_that_are_no_files,
	   files_that_may_not_be_read, files_without_what_they_should_have,
	   files_that_are_damaged, keys_that_do_not_fit, certificates_that_are_too_weak,
	   rsa_certificates_serve, one_file_may_hold_both, the_wrong_time_is_a_warning,
	   a_key_open_to_others_is_a_warning, authorities_are_checked_too,
	   every_pair_is_checked, adhoc_is_good_for_this_machine)
