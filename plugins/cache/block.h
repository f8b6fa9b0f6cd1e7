/* The memory of a shard: blocks of one size, and bytes that go on from block to block.
 * All of it under the shard's lock. */
#ifndef CACHE_BLOCK_H
#define CACHE_BLOCK_H

#include "shard.h"

enum { CACHE_BLOCK = 128 };

/* The first block of an entry. */
struct entry {
	uint32_t next;	       /* block of this entry; 0: none */
	uint32_t chain;	       /* the next entry of its bucket */
	uint32_t newer, older; /* its neighbours in the queue */
	uint32_t tag;	       /* of the hash: most keys differ here already */
	uint32_t len;	       /* of the value */
	int64_t expires;       /* 0: never */
	uint16_t key_len;
	bool visited;
	unsigned char bytes[CACHE_BLOCK - 35];
};

struct more {
	uint32_t next;
	unsigned char bytes[CACHE_BLOCK - 4];
};

union block {
	struct entry entry;
	struct more more;
};

_Static_assert(sizeof(union block) == CACHE_BLOCK, "a block has its size");
_Static_assert(offsetof(struct entry, bytes) == 35, "no gap before the bytes");

/* A place in the bytes of an entry. */
struct place {
	struct shard *s;
	uint32_t block;
	unsigned char *at;
	size_t room; /* bytes left in the block */
};

/* Blocks that an entry with so many bytes takes. */
uint32_t blocks_for(size_t bytes);
/* A chain for so many bytes; the caller knows that there are enough. */
uint32_t blocks_take(struct shard *s, size_t bytes);
void blocks_give(struct shard *s, uint32_t first);

struct place place_begin(struct shard *s, uint32_t first);
void place_put(struct place *at, const void *p, size_t n);
void place_get(struct place *at, void *p, size_t n);
/* True if the next n bytes are these. Goes on behind them if they are. */
bool place_is(struct place *at, const void *p, size_t n);
void place_skip(struct place *at, size_t n);

#endif
