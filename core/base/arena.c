/* The first block is kept from round to round, so that what needs no more than
 * that takes no memory after the first time. When it is full, ordinary blocks
 * of the same size follow; what is bigger than half of one gets a block of
 * exactly its size and leaves the present one in use.
 *
 * Invariant: p and end are aligned, hence so is the room between them. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "cruet/error.h"

#if ARENA_GUARDED
#include <sanitizer/asan_interface.h>

/* Not inlined: to the compiler this would be a read of fresh memory. */
static void __attribute__((noinline)) poison(void *p, size_t n)
{
	__asan_poison_memory_region(p, n);
}

static void __attribute__((noinline)) unpoison(void *p, size_t n)
{
	__asan_unpoison_memory_region(p, n);
}
#else
#define poison(p, n)   ((void)(p), (void)(n))
#define unpoison(p, n) ((void)(p), (void)(n))
#endif

enum {
	GAP = ARENA_GUARDED ? ARENA_ALIGN : 0, /* behind each object */
	FIRST_MIN = 256
};

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(ARENA_ALIGN) char bytes[];
};

struct arena_defer {
	struct arena_defer *next;
	void (*fn)(void *);
	void *p;
};

static size_t rounded(size_t size)
{
	return (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
}

/* What an object takes from a block; 0 when that is beyond all memory. */
static size_t cost(size_t size)
{
	if (size > SIZE_MAX / 2)
		return 0;
	return rounded(size ? size : 1) + GAP;
}

void arena_init(struct arena *a, size_t first_size)
{
	*a = (struct arena){.first_size = rounded(first_size > FIRST_MIN ? first_size
									 : FIRST_MIN)};
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b = malloc(sizeof *b + size);

	if (!b)
		return NULL;
	b->next = NULL;
	b->size = size;
	poison(b->bytes, size);
	return b;
}

static void block_free(struct arena_block *b)
{
	if (b)
		unpoison(b->bytes, b->size);
	free(b);
}

static void point_at(struct arena *a, struct arena_block *b)
{
	a->p = b->bytes;
	a->end = b->bytes + b->size;
}

static void *big(struct arena *a, size_t size, size_t need)
{
	struct arena_block *b = block_new(need);

	if (!b)
		return NULL;
	b->next = a->more;
	a->more = b;
	unpoison(b->bytes, size);
	return b->bytes;
}

void *arena_alloc_slow(struct arena *a, size_t size)
{
	size_t need = cost(size);

	if (!need)
		return NULL;
	if (need > (size_t)(a->end - a->p)) {
		if (need > a->first_size / 2 && (a->first || need > a->first_size))
			return big(a, size, need);
		struct arena_block *b = block_new(a->first_size);
		if (!b)
			return NULL;
		if (a->first) {
			b->next = a->more;
			a->more = b;
		} else {
			a->first = b;
		}
		point_at(a, b);
	}
	void *p = a->p;
	a->p += need;
	unpoison(p, size);
	return p;
}

void *arena_zalloc(struct arena *a, size_t size)
{
	void *p = arena_alloc(a, size);
	return p ? memset(p, 0, size) : NULL;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	return size && n > SIZE_MAX / size ? NULL : arena_zalloc(a, n * size);
}

void *arena_grow(struct arena *a, void *p, size_t old_size, size_t size)
{
	if (p && size <= old_size)
		return p;
	size_t old = cost(old_size), need = cost(size);
	if (p && need && (char *)p + old == a->p && need - old <= (size_t)(a->end - a->p)) {
		a->p += need - old;
		unpoison(p, size);
		return p;
	}
	void *q = arena_alloc(a, size);
	if (q && p)
		memcpy(q, p, old_size);
	return q;
}

void *arena_more(struct arena *a, void *list, size_t n, size_t size)
{
	if (n & (n - 1)) /* room ends at powers of two */
		return list;
	if (n > SIZE_MAX / 2 / size)
		return NULL;
	return arena_grow(a, list, n * size, (n ? n * 2 : 1) * size);
}

void arena_reset(struct arena *a)
{
	while (a->defers) {
		struct arena_defer *d = a->defers;
		a->defers = d->next;
		d->fn(d->p);
	}
	while (a->more) {
		struct arena_block *b = a->more;
		a->more = b->next;
		block_free(b);
	}
	if (a->first) {
		point_at(a, a->first);
		poison(a->p, a->first->size);
	}
}

void arena_fini(struct arena *a)
{
	arena_reset(a);
	block_free(a->first);
	arena_init(a, a->first_size);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;
	if (!p)
		return NULL;
	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	size_t room = ARENA_GUARDED ? 0 : (size_t)(a->end - a->p);
	va_list again;
	char *s = NULL;

	/* Most texts fit into what is left of the block: they are written there. */
	va_copy(again, ap);
	int n = format_into(room ? a->p : NULL, room, fmt, ap);
	if (n >= 0)
		s = arena_alloc(a, (size_t)n + 1);
	if (s && (size_t)n >= room)
		format_into(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

int arena_defer(struct arena *a, void (*fn)(void *), void *p)
{
	struct arena_defer *d = arena_alloc(a, sizeof *d);
	if (!d) {
		fn(p);
		return CRUET_ENOMEM;
	}
	*d = (struct arena_defer){a->defers, fn, p};
	a->defers = d;
	return CRUET_OK;
}
