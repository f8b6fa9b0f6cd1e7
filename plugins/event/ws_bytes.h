/* Bytes that grow on the heap, up to a bound. Zeroed: none. */
#ifndef EVENT_WS_BYTES_H
#define EVENT_WS_BYTES_H

#include <stddef.h>
#include <stdlib.h>

struct ws_bytes {
	unsigned char *p;
	size_t len, cap;
};

enum { WS_BYTES_FIRST = 512 };

/* Room for want more bytes where len + want <= max, for the caller to fill and add
 * to len. What is taken is twice what is needed at most, so that somebody who
 * announces much and sends little costs little. NULL: out of memory. */
static inline unsigned char *ws_bytes_room(struct ws_bytes *b, size_t want, size_t max)
{
	size_t need = b->len + want;

	if (need > b->cap || !b->p) {
		size_t cap = b->cap > max / 2 ? max : 2 * b->cap;
		if (cap < WS_BYTES_FIRST)
			cap = max < WS_BYTES_FIRST ? max : WS_BYTES_FIRST;
		if (cap < need)
			cap = need;
		unsigned char *p = realloc(b->p, cap ? cap : 1);
		if (!p)
			return NULL;
		b->p = p;
		b->cap = cap;
	}
	return b->p + b->len;
}

static inline void ws_bytes_free(struct ws_bytes *b)
{
	free(b->p);
	*b = (struct ws_bytes){.p = NULL};
}

#endif
