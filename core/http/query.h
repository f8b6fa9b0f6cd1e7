/* Names and values as forms and queries carry them
 * (application/x-www-form-urlencoded, WHATWG URL 5.1). */
#ifndef HTTP_QUERY_H
#define HTTP_QUERY_H

#include <stddef.h>

struct fields;

/* Appends the pairs of [p, len): '&' separates, the first '=' splits, '+' is a
 * space, blank values stay, a broken escape stays as text, bytes that are not
 * UTF-8 after decoding are kept percent-encoded. More than max_pairs:
 * CRUET_ELIMIT. Cost is linear. */
int query_parse(struct fields *out, const char *p, size_t len, size_t max_pairs);

#endif
