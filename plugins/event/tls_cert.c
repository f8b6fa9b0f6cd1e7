#include "tls_cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tls_adhoc.h"
#include "tls_file.h"
#include "tls_say.h"

static void warn(const struct tls_options *o, const char *fmt, ...) CRUET_PRINTF(2, 3);

static void warn(const struct tls_options *o, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!o->warn)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	o->warn(o->warn_arg, text);
}

/* True if reading stopped because nothing more is there, not because it is damaged. */
static bool at_end(void)
{
	unsigned long e = ERR_peek_last_error();
	return ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
}

/* Why no certificate came out of a file; err is CRUET_OK where it had merely ended. */
static int no_certificate(const char *what, const char *path, bool first, char **why)
{
	if (!at_end())
		return tls_say(why, "%s '%s' is damaged: %s", what, path,
			       tls_openssl_says());
	ERR_clear_error();
	return first ? tls_say(why,
			       "%s '%s' has no certificate in it: expected PEM, which "
			       "begins "
			       "with -----BEGIN CERTIFICATE-----",
			       what, path)
		     : CRUET_OK;
}

/* All certificates of a file, of which there is at least one. */
static int read_certificates(const char *what, const char *path, BIO *in,
			     STACK_OF(X509) * out, char **why)
{
	X509 *x;

	ERR_clear_error();
	while ((x = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
		if (!sk_X509_push(out, x)) {
			X509_free(x);
			return CRUET_ENOMEM;
		}
	}
	return no_certificate(what, path, !sk_X509_num(out), why);
}

static int load_certificates(const char *what, const char *path, STACK_OF(X509) * *out,
			     char **why)
{
	BIO *in;
	int err = tls_file_read(what, path, &in, NULL, why);

	if (err)
		return err;
	*out = sk_X509_new_null();
	err = *out ? read_certificates(what, path, in, *out, why) : CRUET_ENOMEM;
	BIO_free(in);
	return err;
}

/* --- a key ------------------------------------------------------------------------ */

/* Called where a key is encrypted. Nobody is there to ask. */
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

/* OpenSSL does not tell a damaged key from none. */
static bool looks_like_key(BIO *in)
{
	static const char mark[] = "PRIVATE KEY-----"; /* of any kind */
	char *text;
	long n = BIO_get_mem_data(in, &text);

	return n > 0 && memmem(text, (size_t)n, mark, sizeof mark - 1);
}

static int read_key(const char *path, BIO *in, EVP_PKEY **out, char **why)
{
	bool encrypted = false, there = looks_like_key(in);

	ERR_clear_error();
	*out = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, &encrypted);
	if (*out)
		return CRUET_OK;
	if (encrypted) {
		ERR_clear_error();
		return tls_say(
			why,
			"key '%s' is protected by a passphrase, and nobody is there to "
			"ask for it: store it without one: openssl pkey -in '%s' -out "
			"FILE",
			path, path);
	}
	if (there)
		return tls_say(why, "key '%s' is damaged: %s", path, tls_openssl_says());
	ERR_clear_error();
	return tls_say(
		why,
		"key '%s' has no private key in it: expected PEM, which begins with "
		"-----BEGIN PRIVATE KEY-----",
		path);
}

static int load_key(const struct tls_options *o, const char *path, EVP_PKEY **out,
		    char **why)
{
	mode_t mode;
	BIO *in;
	int err = tls_file_read("key", path, &in, &mode, why);

	if (err)
		return err;
	err = read_key(path, in, out, why);
	BIO_free(in);
	/* A group of its own for keys is common. */
	if (!err && mode & (S_IRWXO | S_IWGRP))
		warn(o, "key '%s' is open to others (mode %04o): chmod 640 '%s'", path,
		     (unsigned)mode & 07777, path);
	return err;
}

/* --- a pair ----------------------------------------------------------------------- */

static void check_dates(const struct tls_options *o, const char *path, const X509 *x)
{
	if (X509_cmp_current_time(X509_get0_notAfter(x)) < 0)
		warn(o, "certificate '%s' has expired: clients will turn away", path);
	if (X509_cmp_current_time(X509_get0_notBefore(x)) > 0)
		warn(o, "certificate '%s' is not valid yet: clients will turn away",
		     path);
}

static int load_pair(const struct tls_options *o, const struct tls_pair *p,
		     struct tls_cert *out, char **why)
{
	const char *key = p->key ? p->key : p->certificate;
	int err = load_certificates("certificate", p->certificate, &out->chain, why);

	if (!err)
		err = load_key(o, key, &out->key, why);
	if (err)
		return err;
	out->leaf = sk_X509_shift(out->chain);
	if (!X509_check_private_key(out->leaf, out->key)) {
		ERR_clear_error();
		return tls_say(
			why, "key '%s' does not belong to certificate '%s'%s", key,
			p->certificate,
			sk_X509_num(out->chain)
				? ": the server's own must stand first in that file"
				: "");
	}
	check_dates(o, p->certificate, out->leaf);
	return CRUET_OK;
}

int tls_cert_load(const struct tls_options *o, const struct tls_pair *p,
		  struct tls_cert *out, char **why)
{
	*out = (struct tls_cert){0};
	int err = strcmp(p->certificate, TLS_ADHOC) ? load_pair(o, p, out, why)
						    : tls_adhoc(out);
	if (err)
		tls_cert_fini(out);
	return err;
}

void tls_cert_fini(struct tls_cert *c)
{
	X509_free(c->leaf);
	sk_X509_pop_free(c->chain, X509_free);
	EVP_PKEY_free(c->key);
	*c = (struct tls_cert){0};
}

/* --- authorities ------------------------------------------------------------------ */

static bool add_authority(struct tls_authorities *a, X509 *x, EVP_MD_CTX *md)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	X509_NAME *name = X509_NAME_dup(X509_get_subject_name(x));
	unsigned n;

	if (!name || !sk_X509_NAME_push(a->names, name)) {
		X509_NAME_free(name);
		return false;
	}
	return X509_STORE_add_cert(a->store, x) &&
	       X509_digest(x, EVP_sha256(), digest, &n) &&
	       EVP_DigestUpdate(md, digest, n);
}

static bool fill_authorities(struct tls_authorities *a, STACK_OF(X509) * all)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	a->store = X509_STORE_new();
	a->names = sk_X509_NAME_new_null();
	bool ok = md && a->store && a->names && EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	for (int i = 0; ok && i < sk_X509_num(all); i++)
		ok = add_authority(a, sk_X509_value(all, i), md);
	ok = ok && EVP_DigestFinal_ex(md, a->digest, NULL);
	EVP_MD_CTX_free(md);
	return ok;
}

int tls_authorities_load(const char *path, struct tls_authorities *out, char **why)
{
	STACK_OF(X509) *all = NULL;

	*out = (struct tls_authorities){0};
	int err = load_certificates("client_ca", path, &all, why);
	if (!err && !fill_authorities(out, all))
		err = CRUET_ENOMEM;
	sk_X509_pop_free(all, X509_free);
	if (err)
		tls_authorities_fini(out);
	return err;
}

void tls_authorities_fini(struct tls_authorities *a)
{
	X509_STORE_free(a->store);
	sk_X509_NAME_pop_free(a->names, X509_NAME_free);
	*a = (struct tls_authorities){0};
}
