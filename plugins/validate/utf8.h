/* Characters of texts (RFC 3629). */
#ifndef VALIDATE_UTF8_H
#define VALIDATE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include <cruet.h>

enum { UTF8_BAD = 0xFFFD }; /* stands for a byte that belongs to no character */

/* The character at *s, which moves behind it; at the end of the text 0. A byte that
 * belongs to none is one UTF8_BAD. */
uint32_t utf8_next(const char **s);
char *utf8_put(char *to, uint32_t ch); /* 1 to 4 bytes; where they end */

/* s itself if it is well-formed; else a copy with UTF8_BAD in it. NULL: out of memory. */
const char *utf8_clean(cruet_ctx *c, const char *s);

#endif
