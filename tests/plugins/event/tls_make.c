#include "tls_make.h"

#include <check.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "../../folder.h"

enum { DAY = 24 * 60 * 60 };

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX v3;

	X509V3_set_ctx(&v3, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
	ck_assert_msg(e && X509_add_ext(x, e, -1), "%s", value);
	X509_EXTENSION_free(e);
}

struct made make(const struct recipe *r)
{
	static long serial = 1;
	struct made m = {X509_new(),
			 r->rsa ? EVP_RSA_gen((unsigned)r->rsa) : EVP_EC_gen("P-256")};
	const struct made *issuer = r->issuer ? r->issuer : &m;
	bool plain = !r->from && !r->to;

	ck_assert(m.x && m.key);
	ck_assert(X509_set_version(m.x, X509_VERSION_3));
	ck_assert(ASN1_INTEGER_set(X509_get_serialNumber(m.x), serial++));
	ck_assert(
		X509_gmtime_adj(X509_getm_notBefore(m.x), (plain ? -1L : r->from) * DAY));
	ck_assert(X509_gmtime_adj(X509_getm_notAfter(m.x), (plain ? 30L : r->to) * DAY));
	ck_assert(X509_NAME_add_entry_by_txt(X509_get_subject_name(m.x), "CN",
					     MBSTRING_UTF8, (const unsigned char *)r->cn,
					     -1, -1, 0));
	ck_assert(X509_set_issuer_name(m.x, X509_get_subject_name(issuer->x)));
	ck_assert(X509_set_pubkey(m.x, m.key));
	extend(m.x, issuer->x, NID_basic_constraints,
	       r->ca || !(r->issuer || r->sans) ? "critical,CA:TRUE"
						: "critical,CA:FALSE");
	if (r->sans)
		extend(m.x, issuer->x, NID_subject_alt_name, r->sans);
	ck_assert(X509_sign(m.x, issuer->key, EVP_sha256()));
	return m;
}

void unmake(struct made *m)
{
	X509_free(m->x);
	EVP_PKEY_free(m->key);
}

static FILE *create(const char *path)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(chmod(path, 0600), 0);
	return f;
}

void put_cert(const char *path, const struct made *m, const struct made *chain)
{
	FILE *f = create(path);

	ck_assert(PEM_write_X509(f, m->x));
	if (chain)
		ck_assert(PEM_write_X509(f, chain->x));
	ck_assert_int_eq(fclose(f), 0);
}

void put_key(const char *path, const struct made *m, const char *passphrase)
{
	FILE *f = create(path);

	ck_assert(PEM_write_PKCS8PrivateKey(f, m->key,
					    passphrase ? EVP_aes_256_cbc() : NULL, NULL,
					    0, NULL, (void *)(uintptr_t)passphrase));
	ck_assert_int_eq(fclose(f), 0);
}

void put_text(const char *path, const char *text)
{
	FILE *f = create(path);

	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

void put_pair(const char *cert, const char *key, const char *cn, const char *sans)
{
	struct made m = make(&(struct recipe){.cn = cn, .sans = sans});

	put_cert(cert, &m, NULL);
	put_key(key, &m, NULL);
	unmake(&m);
}

void folder_enter(void)
{
	char folder[FOLDER_MAX];

	ck_assert(folder_make(folder));
	ck_assert_int_eq(chdir(folder), 0);
}
