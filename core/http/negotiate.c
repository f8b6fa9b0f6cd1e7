#include "http/negotiate.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* One range of an Accept header. */
struct range {
	const char *type;
	size_t len;
	unsigned q; /* thousandths */
	bool odd;   /* it has a parameter that is no well-formed q */
};

static const char *space(const char *p)
{
	return p + strspn(p, " \t");
}

/* The qvalue at p in thousandths; 1000 for what is none. */
static unsigned qvalue(const char *p)
{
	unsigned q, scale = 100;

	if (*p != '0' && *p != '1')
		return 1000;
	q = *p++ == '1' ? 1000 : 0;
	if (*p == '.')
		for (p++; is_digit(*p) && scale; p++, scale /= 10)
			q += (unsigned)(*p - '0') * scale;
	return q > 1000 ? 1000 : q;
}

/* RFC 9110 12.4.2, to the letter. */
static bool is_qvalue(const char *p)
{
	char whole = *p;
	int digits = 0;

	if (whole != '0' && whole != '1')
		return false;
	if (*++p == '.')
		for (p++; is_digit(*p) && (whole == '0' || *p == '0'); p++)
			digits++;
	return digits <= 3 && strchr(";, \t", *p); /* the NUL too */
}

static bool next_range(const char **at, struct range *r)
{
	const char *p = *at + strspn(*at, " \t,");

	if (!*p)
		return false;
	r->type = p;
	r->len = strcspn(p, ";, \t");
	r->q = 1000;
	r->odd = false;
	p = space(p + r->len);
	while (*p == ';') {
		p = space(p + 1);
		bool q = (*p == 'q' || *p == 'Q') && p[1] == '=';
		r->odd |= !q || !is_qvalue(p + 2);
		if (q)
			r->q = qvalue(p + 2);
		p += strcspn(p, ";,");
	}
	p += strcspn(p, ",");
	*at = p;
	return true;
}

/* How exactly a range names a type: 0 not at all, 1 all types, 2 all of one
 * kind, 3 this one. */
static int exactness(const struct range *r, const char *type)
{
	const char *slash = strchr(type, '/');
	size_t kind = slash ? (size_t)(slash - type) + 1 : 0;

	if (r->len == strlen(type) && text_ieqn(r->type, type, r->len))
		return 3;
	if (kind && r->len == kind + 1 && text_ieqn(r->type, type, kind) && r->type[kind] == '*')
		return 2;
	return (r->len == 3 && !memcmp(r->type, "*/*", 3)) || (r->len == 1 && *r->type == '*');
}

typedef int fits(const struct range *r, const char *offer);

static const char *best_of(const char *header, const char *const *offers, fits *fit)
{
	const char *best = NULL;
	unsigned best_q = 0;
	int best_exact = 0;

	for (; *offers; offers++) {
		const char *at = header;
		struct range r;
		unsigned q = 0;
		int exact = 0;
		while (next_range(&at, &r)) {
			int e = fit(&r, *offers);
			if (e > exact || (e && e == exact && r.q > q)) {
				exact = e;
				q = r.q;
			}
		}
		if (q > best_q || (q && q == best_q && exact > best_exact)) {
			best = *offers;
			best_q = q;
			best_exact = exact;
		}
	}
	return best;
}

const char *accept_best(const char *header, const char *const *offers)
{
	return header ? best_of(header, offers, exactness) : offers[0];
}

/* --- languages ------------------------------------------------------------------------ */

static size_t primary(const char *s, size_t len)
{
	size_t n = 0;
	while (n < len && s[n] != '-' && s[n] != '_')
		n++;
	return n;
}

static bool same_language(const char *a, size_t alen, const char *b, size_t blen)
{
	if (alen != blen)
		return false;
	for (size_t i = 0; i < alen; i++)
		if (to_lower(a[i] == '_' ? '-' : a[i]) != to_lower(b[i] == '_' ? '-' : b[i]))
			return false;
	return true;
}

static bool any_language(const struct range *r)
{
	return r->len == 1 && *r->type == '*';
}

static int whole(const struct range *r, const char *offer)
{
	return same_language(r->type, r->len, offer, strlen(offer)) ? 2 : any_language(r);
}

/* "en-GB" was asked for, "en" is offered. */
static int range_begins(const struct range *r, const char *offer)
{
	return same_language(r->type, primary(r->type, r->len), offer, strlen(offer)) ? 2 : 0;
}

/* "en" was asked for, "en-GB" is offered. */
static int offer_begins(const struct range *r, const char *offer)
{
	return same_language(r->type, r->len, offer, primary(offer, strlen(offer))) ? 2 : 0;
}

const char *accept_best_language(const char *header, const char *const *offers)
{
	const char *best = best_of(header, offers, whole);

	if (!best)
		best = best_of(header, offers, range_begins);
	return best ? best : best_of(header, offers, offer_begins);
}

/* --- codings ------------------------------------------------------------------------------ */

static bool names(const struct range *r, const char *coding)
{
	if (r->len == strlen(coding) && text_ieqn(r->type, coding, r->len))
		return true;
	return r->len == 6 && text_ieqn(r->type, "x-gzip", 6) && text_eq(coding, "gzip");
}

unsigned accept_coding(const char *header, const char *coding)
{
	bool identity = text_eq(coding, "identity"), named = false, any = false;
	unsigned q = 0, any_q = 0;
	struct range r;

	if (!header)
		return identity ? 1000 : 0;
	while (next_range(&header, &r)) {
		if (r.odd)
			continue;
		if (names(&r, coding)) {
			named = true;
			q = r.q;
		} else if (r.len == 1 && *r.type == '*') {
			any = true;
			any_q = r.q;
		}
	}
	return named ? q : any ? any_q : identity;
}
