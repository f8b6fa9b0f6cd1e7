#include "tls_adhoc.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "tls_cert.h"

enum { DAY = 24 * 60 * 60, DAYS_VALID = 30, SERIAL_LEN = 16 };

static bool set_serial(X509 *x)
{
	unsigned char bytes[SERIAL_LEN];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and always as long */
	BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
	bool ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return ok;
}

static bool add_extension(X509 *x, X509V3_CTX *v3, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, v3, nid, value);
	bool ok = e && X509_add_ext(x, e, -1);

	X509_EXTENSION_free(e);
	return ok;
}

static bool add_extensions(X509 *x)
{
	static const struct {
		int nid;
		const char *value;
	} all[] = {{NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"},
		   {NID_basic_constraints, "critical,CA:FALSE"},
		   {NID_key_usage, "critical,digitalSignature"},
		   {NID_ext_key_usage, "serverAuth"},
		   {NID_subject_key_identifier, "hash"}};
	X509V3_CTX v3;
	bool ok = true;

	X509V3_set_ctx(&v3, x, x, NULL, NULL, 0);
	for (size_t i = 0; ok && i < sizeof all / sizeof *all; i++)
		ok = add_extension(x, &v3, all[i].nid, all[i].value);
	return ok;
}

static bool fill(X509 *x, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(x);

	return X509_set_version(x, X509_VERSION_3) && set_serial(x) &&
	       /* Clocks of phones and virtual machines differ a little. */
	       X509_gmtime_adj(X509_getm_notBefore(x), -DAY) &&
	       X509_gmtime_adj(X509_getm_notAfter(x), DAYS_VALID * DAY) &&
	       X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
					  (const unsigned char *)"cruet adhoc", -1, -1,
					  0) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)"localhost", -1, -1,
					  0) &&
	       X509_set_issuer_name(x, name) && X509_set_pubkey(x, key) &&
	       add_extensions(x) && X509_sign(x, key, EVP_sha256());
}

int tls_adhoc(struct tls_cert *out)
{
	out->key = EVP_EC_gen("P-256");
	out->leaf = X509_new();
	if (out->key && out->leaf && fill(out->leaf, out->key))
		return CRUET_OK;
	ERR_clear_error();
	return CRUET_ENOMEM;
}
