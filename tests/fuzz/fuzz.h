/* What the fuzz targets share. A target is LLVMFuzzerTestOneInput() over bytes from
 * hostile hands: it must not crash, and what it CHECKs must hold. Linked to libFuzzer
 * it searches; linked to replay.c it runs over its seeds, as a test. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x)                                                                         \
	do {                                                                             \
		if (!(x)) {                                                              \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,          \
				__LINE__, #x);                                           \
			abort();                                                         \
		}                                                                        \
	} while (0)

struct cut { /* an input that is read piece by piece */
	const char *p;
	size_t left;
};

static inline struct cut cut_of(const uint8_t *data, size_t size)
{
	return (struct cut){(const char *)data, size};
}

/* What stands before the next separator, or all that is left, as text of its exact
 * size, so that a read past its end is seen; it ends at its first NUL, too. NULL
 * when nothing is left. */
static inline char *cut_at(struct cut *c, struct arena *a, char separator)
{
	if (!c->left)
		return NULL;
	const char *end = memchr(c->p, separator, c->left);
	size_t n = end ? (size_t)(end - c->p) : c->left;
	char *s = arena_strndup(a, c->p, strnlen(c->p, n));
	CHECK(s);
	c->p += n + (end != NULL);
	c->left -= n + (end != NULL);
	return s;
}

/* Text in text: cuts *s at the next separator and moves it behind; NULL at its end. */
static inline char *cut_text(char **s, const char *separators)
{
	return strsep(s, separators);
}

#endif
