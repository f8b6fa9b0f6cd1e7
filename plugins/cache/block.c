#include "block.h"

#include <string.h>

enum {
	FIRST = sizeof((struct entry *)0)->bytes, /* bytes in the first block */
	MORE = sizeof((struct more *)0)->bytes	  /* and in each that follows */
};

uint32_t blocks_for(size_t bytes)
{
	return bytes <= FIRST ? 1 : (uint32_t)(1 + (bytes - FIRST + MORE - 1) / MORE);
}

static uint32_t take_one(struct shard *s)
{
	uint32_t b = s->spare;

	if (b)
		s->spare = s->blocks[b].more.next;
	else
		b = s->fresh++;
	s->left--;
	return b;
}

uint32_t blocks_take(struct shard *s, size_t bytes)
{
	uint32_t n = blocks_for(bytes), first = take_one(s), last = first;

	while (--n) {
		uint32_t b = take_one(s);
		s->blocks[last].more.next = b;
		last = b;
	}
	s->blocks[last].more.next = 0;
	return first;
}

void blocks_give(struct shard *s, uint32_t first)
{
	uint32_t last = first, n = 1;

	while (s->blocks[last].more.next) {
		last = s->blocks[last].more.next;
		n++;
	}
	s->blocks[last].more.next = s->spare;
	s->spare = first;
	s->left += n;
}

struct place place_begin(struct shard *s, uint32_t first)
{
	return (struct place){s, first, s->blocks[first].entry.bytes, FIRST};
}

/* How many of n bytes lie together here; never 0 unless n is. */
static size_t piece(struct place *at, size_t n)
{
	if (n && !at->room) {
		at->block = at->s->blocks[at->block].more.next;
		at->at = at->s->blocks[at->block].more.bytes;
		at->room = MORE;
	}
	return n < at->room ? n : at->room;
}

static void advance(struct place *at, size_t n)
{
	at->at += n;
	at->room -= n;
}

void place_put(struct place *at, const void *p, size_t n)
{
	const unsigned char *from = p;

	while (n) {
		size_t k = piece(at, n);
		memcpy(at->at, from, k);
		advance(at, k);
		from += k;
		n -= k;
	}
}

void place_get(struct place *at, void *p, size_t n)
{
	unsigned char *to = p;

	while (n) {
		size_t k = piece(at, n);
		memcpy(to, at->at, k);
		advance(at, k);
		to += k;
		n -= k;
	}
}

bool place_is(struct place *at, const void *p, size_t n)
{
	const unsigned char *with = p;

	while (n) {
		size_t k = piece(at, n);
		if (memcmp(at->at, with, k) != 0)
			return false;
		advance(at, k);
		with += k;
		n -= k;
	}
	return true;
}

void place_skip(struct place *at, size_t n)
{
	while (n) {
		size_t k = piece(at, n);
		advance(at, k);
		n -= k;
	}
}
