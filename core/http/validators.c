#include "http/validators.h"

#include <string.h>

#include "base/date.h"
#include "base/text.h"

/* --- entity tags ---------------------------------------------------------------------- */

struct tag {
	const char *p; /* the opaque part with its quotes */
	size_t len;
	bool weak;
};

/* Reads one tag of a list, which may be unquoted (old clients); false at the end. */
static bool next_tag(const char **at, struct tag *t)
{
	const char *s = *at + strspn(*at, " \t,");

	if (!*s)
		return false;
	t->weak = (s[0] == 'W' || s[0] == 'w') && s[1] == '/';
	if (t->weak)
		s += 2;
	const char *end = *s == '"' ? strchr(s + 1, '"') : NULL;
	t->p = s;
	bool whole = end && strchr(", \t", end[1]); /* the NUL too */
	t->len = whole ? (size_t)(end - s) + 1 : strcspn(s, ", \t");
	*at = s + (t->len ? t->len : strlen(s));
	return t->len;
}

static bool same_tag(const struct tag *a, const struct tag *b)
{
	return a->len == b->len && !memcmp(a->p, b->p, a->len);
}

/* list is a header such as: "a", W/"b", or "*". */
static bool lists(const char *list, const char *etag, bool strong)
{
	struct tag mine, other;

	if (!strcmp(list, "*"))
		return true;
	if (!etag || !next_tag(&etag, &mine) || (strong && mine.weak))
		return false;
	while (next_tag(&list, &other))
		if (same_tag(&mine, &other) && !(strong && other.weak))
			return true;
	return false;
}

int validators_check(const struct validators *v, const char *method,
		     const struct preconditions *p)
{
	bool reading = !strcmp(method, "GET") || !strcmp(method, "HEAD");
	int64_t t;

	if (p->match) {
		if (!lists(p->match, v->etag, true))
			return 412;
	} else if (p->unmodified_since && v->modified >= 0 &&
		   date_parse(p->unmodified_since, &t) && v->modified > t) {
		return 412;
	}
	if (p->none_match)
		return !lists(p->none_match, v->etag, false) ? 0 : reading ? 304 : 412;
	if (reading && p->modified_since && v->modified >= 0 &&
	    date_parse(p->modified_since, &t) && v->modified <= t)
		return 304;
	return 0;
}

bool validators_range_counts(const struct validators *v, const char *if_range)
{
	int64_t t;

	if (!if_range)
		return true;
	if (date_parse(if_range, &t))
		return v->modified >= 0 && v->modified == t;
	return strcmp(if_range, "*") != 0 && lists(if_range, v->etag, true);
}

/* --- ranges ------------------------------------------------------------------------------ */

/* Digits only; false when there are none. Too large a number is the largest. */
static bool digits(const char **at, uint64_t *out)
{
	const char *s = *at;

	for (*out = 0; is_digit(*s); s++) {
		unsigned d = (unsigned)(*s - '0');
		*out = *out > (UINT64_MAX - d) / 10 ? UINT64_MAX : *out * 10 + d;
	}
	bool any = s != *at;
	*at = s;
	return any;
}

int range_parse(const char *value, uint64_t size, uint64_t *first, uint64_t *last)
{
	if (!value || !text_ieqn(value, "bytes=", 6))
		return 0;
	const char *s = value + 6 + strspn(value + 6, " \t");
	uint64_t from = 0, to = UINT64_MAX;
	bool has_from = digits(&s, &from);

	if (*s++ != '-')
		return 0;
	bool has_to = digits(&s, &to);
	s += strspn(s, " \t");
	if (*s || (!has_from && !has_to) || (has_from && has_to && to < from))
		return 0;
	if (!has_from) { /* the last `to` bytes */
		if (!to)
			return 416;
		from = to < size ? size - to : 0;
		to = UINT64_MAX;
	} else if (!has_to) {
		to = UINT64_MAX;
	}
	if (!size)
		return 0;
	if (from >= size)
		return 416;
	*first = from;
	*last = to < size ? to : size - 1;
	return 206;
}
