#include "tls_names.h"

#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LEN = 255 }; /* of a name in DNS */

static int letter(int c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Lower case; false if it is no name that could be asked for. */
static bool lower(const char *s, size_t n, char out[NAME_MAX_LEN + 1])
{
	if (!n || n > NAME_MAX_LEN || memchr(s, '\0', n))
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)letter((unsigned char)s[i]);
	out[n] = '\0';
	return true;
}

static bool add(struct tls_names *t, const ASN1_STRING *s, size_t cert)
{
	char name[NAME_MAX_LEN + 1];

	if (!lower((const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s),
		   name))
		return true;
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 8;
		struct tls_name *all = reallocarray(t->all, cap, sizeof *all);
		if (!all)
			return false;
		t->all = all;
		t->cap = cap;
	}
	t->all[t->n] = (struct tls_name){strdup(name), cert};
	return t->all[t->n].name && ++t->n;
}

static bool add_common_name(struct tls_names *t, const X509 *x, size_t cert)
{
	X509_NAME *subject = X509_get_subject_name(x);
	int i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	return i < 0 ||
	       add(t, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)), cert);
}

bool tls_names_add(struct tls_names *t, const X509 *x, size_t cert)
{
	GENERAL_NAMES *sans = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool ok = true;

	for (int i = 0; ok && i < sk_GENERAL_NAME_num(sans); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(sans, i);
		if (g->type == GEN_DNS)
			ok = add(t, g->d.dNSName, cert);
	}
	if (!sans)
		ok = add_common_name(t, x, cert);
	GENERAL_NAMES_free(sans);
	return ok;
}

static int compare(const void *a, const void *b)
{
	const struct tls_name *x = a, *y = b;
	int by_name = strcmp(x->name, y->name);

	return by_name ? by_name : (x->cert > y->cert) - (x->cert < y->cert);
}

void tls_names_sort(struct tls_names *t)
{
	if (t->n)
		qsort(t->all, t->n, sizeof *t->all, compare);
}

/* The first of that name. */
static ptrdiff_t look_up(const struct tls_names *t, const char *name)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(t->all[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->n && !strcmp(t->all[low].name, name) ? (ptrdiff_t)t->all[low].cert
							     : -1;
}

ptrdiff_t tls_names_find(const struct tls_names *t, const char *name)
{
	char exact[NAME_MAX_LEN + 1];

	/* What a client calls itself "*.example.com" is no host, and gets no wildcard. */
	if (!lower(name, strlen(name), exact) || *exact == '*')
		return -1;
	ptrdiff_t found = look_up(t, exact);
	char *dot = strchr(exact, '.');
	if (found >= 0 || !dot || dot == exact)
		return found;
	*--dot = '*';
	return look_up(t, dot);
}

void tls_names_fini(struct tls_names *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->all[i].name);
	free(t->all);
	*t = (struct tls_names){0};
}
