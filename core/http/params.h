/* Parameters of a header value: type; name=value; name="quoted" (RFC 9110 5.6.6). */
#ifndef HTTP_PARAMS_H
#define HTTP_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct param {
	const char *name;  /* with name_len */
	size_t name_len;
	const char *value; /* with value_len; inside the quotes, still escaped */
	size_t value_len;
	bool quoted;
};

/* The next parameter at or behind *at, which moves; false after the last. What is
 * malformed is passed over. */
bool params_next(const char **at, struct param *out);
/* Its value without escapes, in a; NULL: out of memory. */
char *params_value(struct arena *a, const struct param *p);
/* The first parameter of that name (any case) behind the first ';' of s; NULL if
 * there is none, or out of memory. */
char *params_get(struct arena *a, const char *s, const char *name);

#endif
