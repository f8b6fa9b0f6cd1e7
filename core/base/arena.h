/* Bump memory with an end: everything goes at once, and calls deferred to that
 * moment run before, last added first. One owner, no locks. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/* Under ASan each object has its exact size and a poisoned gap behind it, so
 * that an overflow inside a block is seen too. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_GUARDED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_GUARDED 1
#endif
#endif
#ifndef ARENA_GUARDED
#define ARENA_GUARDED 0
#endif

enum { ARENA_ALIGN = 16 };

struct arena_block;
struct arena_defer;

struct arena {
	char *p, *end; /* what is left of the newest ordinary block */
	struct arena_block *first; /* kept by arena_reset() */
	struct arena_block *more;  /* all others */
	struct arena_defer *defers;
	size_t first_size;
};

/* Takes no memory before the first arena_alloc(). first_size is the size of
 * the block that stays for the next round; a bigger request gets a block of
 * its own. */
void arena_init(struct arena *a, size_t first_size);

/* Runs the deferred calls, frees all blocks but the first. Pointers handed out
 * are gone. */
void arena_reset(struct arena *a);
void arena_fini(struct arena *a); /* reset, and the first block too */

/* The way of arena_alloc() when the block has no room. */
void *arena_alloc_slow(struct arena *a, size_t size)
	__attribute__((cold, malloc, alloc_size(2)));

/* Aligned to 16, not cleared; NULL when out of memory. size 0 gives a valid
 * pointer. */
static inline void *__attribute__((malloc, alloc_size(2)))
arena_alloc(struct arena *a, size_t size)
{
	/* p and end are aligned, so what fits also fits rounded up. */
	if (ARENA_GUARDED || size - 1 >= (size_t)(a->end - a->p))
		return arena_alloc_slow(a, size);
	void *p = a->p;
	a->p += (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	return p;
}

void *arena_zalloc(struct arena *a, size_t size) __attribute__((malloc, alloc_size(2)));
/* n * size bytes, cleared; NULL also when the product overflows. */
void *arena_array(struct arena *a, size_t n, size_t size);
/* Grows the newest allocation in place where it can, else copies. p NULL: new.
 * size at most old_size: p as it is. */
void *arena_grow(struct arena *a, void *p, size_t old_size, size_t size);

/* The list with room for one more than its n entries, each of which was added after
 * such a call: its room doubles. NULL list: a new one. NULL: out of memory. */
void *arena_more(struct arena *a, void *list, size_t n, size_t size);

char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Calls fn(p) at reset. When there is no memory for that, calls it now and
 * returns CRUET_ENOMEM: ownership moves in any case. */
int arena_defer(struct arena *a, void (*fn)(void *), void *p);

#endif
