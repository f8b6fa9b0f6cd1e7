/* UTF-8 (RFC 3629) that comes in pieces: each is checked as it comes, wherever
 * it was cut. */
#ifndef EVENT_WS_UTF8_H
#define EVENT_WS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed: between two characters. */
struct ws_utf8 {
	unsigned char more;    /* bytes that the character still lacks */
	unsigned char lo, hi;  /* between which the next of them must be */
};

/* False as soon as no more bytes could make it well-formed. */
bool ws_utf8_take(struct ws_utf8 *u, const unsigned char *p, size_t n);
/* True if a text may end here. */
static inline bool ws_utf8_whole(const struct ws_utf8 *u)
{
	return !u->more;
}

#endif
