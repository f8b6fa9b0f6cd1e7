/* Takes the chunked coding off a body (RFC 9112 7.1), in pieces as they come. Chunk
 * extensions and trailers are passed over, within bounds. */
#ifndef EVENT_CHUNK_H
#define EVENT_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHUNK_LINE_MAX = 4096, CHUNK_TRAILERS_MAX = 16384 };

struct chunk { /* begins as zeros */
	int state;
	unsigned digits;
	uint64_t left;  /* of the chunk that is read */
	size_t extra;   /* bytes of this line, or of the trailers */
};

/* Reads up to n bytes of p and gives up to cap bytes of the body to out (NULL: they are
 * only counted). *used: how many bytes it took. Returns how many bytes of the body
 * these gave, or CRUET_EPARSE. It stops at the end of the body, at that of p, and when
 * out is full. */
ptrdiff_t chunk_read(struct chunk *k, const char *p, size_t n, size_t *used, void *out,
		     size_t cap);
bool chunk_over(const struct chunk *k);

#endif
