/* Names and values as the exposition formats want them. */
#ifndef PLUGIN_METRICS_LABEL_H
#define PLUGIN_METRICS_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VALUE_MAX = 128 }; /* bytes of a label's value */

/* [a-zA-Z_][a-zA-Z0-9_]*, of that length. */
bool label_name_ok(const char *s, size_t len);
/* Copies a value: well-formed UTF-8, at most VALUE_MAX bytes of it, cut between two
 * characters. NULL is "". The length; out gets a NUL as well. */
size_t label_copy(char out[VALUE_MAX + 1], const char *s);
/* A hash of bytes that goes on from h; begin with LABEL_HASH. */
#define LABEL_HASH UINT32_C(2166136261)
uint32_t label_hash(uint32_t h, const char *s, size_t len);

#endif
