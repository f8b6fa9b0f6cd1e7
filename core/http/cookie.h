/* Cookies: reading a Cookie header, writing a Set-Cookie one (RFC 6265bis,
 * Flask's quoting). */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include <stddef.h>
#include <stdint.h>
#include "cruet/response.h"

struct arena;
struct fields;

/* Appends the pairs of a Cookie header, quoted values unescaped. Names repeat
 * as they stand; the first one counts. CRUET_ELIMIT past max_pairs. */
int cookie_parse(struct fields *out, const char *header, size_t max_pairs);

/* The value of a Set-Cookie line. now: unix seconds, for Expires. NULL with
 * *why set when a name, value or attribute cannot be sent. */
const char *cookie_write(struct arena *a, const char *name, const char *value,
			 const cruet_cookie_opts *opts, int64_t now, const char **why);

#endif
