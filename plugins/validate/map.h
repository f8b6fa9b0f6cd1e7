/* Two pointers -> a pointer, in the memory of a request. Zeroed is empty. */
#ifndef VALIDATE_MAP_H
#define VALIDATE_MAP_H

#include <cruet.h>

struct map_slot {
	const void *a, *b;
	void *value;
};

struct map {
	struct map_slot *slots;
	size_t cap, n; /* cap is a power of two */
};

void *map_get(const struct map *m, const void *a, const void *b); /* NULL: none */
/* The pair must be new, a and value not NULL. CRUET_OK or CRUET_ENOMEM. */
int map_put(struct map *m, cruet_ctx *c, const void *a, const void *b, void *value);

#endif
