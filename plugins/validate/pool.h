/* Memory with one end: what a compiled table is made of. */
#ifndef VALIDATE_POOL_H
#define VALIDATE_POOL_H

#include <stddef.h>

struct pool_block;

struct pool {
	struct pool_block *blocks;
};

void *pool_alloc(struct pool *p, size_t n, size_t size); /* n of size, zeroed */
char *pool_strndup(struct pool *p, const char *s, size_t n);
void pool_free(struct pool *p);

#endif
