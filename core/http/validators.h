/* Conditional requests and ranges (RFC 9110 13 and 14), on texts alone. */
#ifndef HTTP_VALIDATORS_H
#define HTTP_VALIDATORS_H

#include <stdbool.h>
#include <stdint.h>

/* The state of what is asked for. */
struct validators {
	const char *etag; /* as in the header, "\"v1\"" or "W/\"v1\""; NULL: none */
	int64_t modified; /* unix seconds; negative: not known */
};

/* The header fields that count; NULL where absent. */
struct preconditions {
	const char *match, *none_match, *modified_since, *unmodified_since;
};

/* 0: go on; 304; or 412, in the order of RFC 9110 13.2.2. */
int validators_check(const struct validators *v, const char *method,
		     const struct preconditions *p);

/* True if If-Range (or its absence) lets a Range count. */
bool validators_range_counts(const struct validators *v, const char *if_range);

/* One byte range of size bytes. 0: there is none that counts (absent, other unit,
 * malformed, several): the whole is sent. 206: [*first, *last]. 416. */
int range_parse(const char *value, uint64_t size, uint64_t *first, uint64_t *last);

#endif
