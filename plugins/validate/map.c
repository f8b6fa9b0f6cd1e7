/* Open addressing. The pointers are ours, not the client's, so that mixing their bits
 * is all the hash needs. */
#include "map.h"

enum { FIRST = 16 };

static size_t mixed(const void *a, const void *b)
{
	uint64_t h = (uint64_t)(uintptr_t)a * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ (h >> 32) ^ (uint64_t)(uintptr_t)b) * UINT64_C(0xd6e8feb86659fd93);
	return (size_t)(h ^ (h >> 32));
}

static struct map_slot *find(const struct map *m, const void *a, const void *b)
{
	size_t i = mixed(a, b) & (m->cap - 1);

	while (m->slots[i].a && (m->slots[i].a != a || m->slots[i].b != b))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

void *map_get(const struct map *m, const void *a, const void *b)
{
	return m->n ? find(m, a, b)->value : NULL;
}

static int grow(struct map *m, cruet_ctx *c)
{
	struct map bigger = {.cap = m->cap ? m->cap * 2 : FIRST, .n = m->n};
	size_t bytes;

	if (__builtin_mul_overflow(bigger.cap, sizeof *bigger.slots, &bytes))
		return CRUET_ENOMEM;
	bigger.slots = cruet_alloc(c, bytes);
	if (!bigger.slots)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].a)
			*find(&bigger, m->slots[i].a, m->slots[i].b) = m->slots[i];
	*m = bigger;
	return CRUET_OK;
}

int map_put(struct map *m, cruet_ctx *c, const void *a, const void *b, void *value)
{
	if (m->n >= m->cap / 2) {
		int err = grow(m, c);
		if (err)
			return err;
	}
	*find(m, a, b) = (struct map_slot){a, b, value};
	m->n++;
	return CRUET_OK;
}
