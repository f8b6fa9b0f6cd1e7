/* Memory that goes all at once, with a bound; and text that grows. */
#ifndef JINJA_MEM_H
#define JINJA_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct mem_block;

struct mem {
	char *p, *end; /* what is left of the newest block */
	struct mem_block *blocks;
	size_t used, max; /* bytes; max 0: no bound */
};

void mem_init(struct mem *m, size_t max);
void mem_fini(struct mem *m);
void *mem_alloc_slow(struct mem *m, size_t size);

/* Aligned to 16, not cleared. NULL: out of memory, or over the bound. */
static inline void *mem_alloc(struct mem *m, size_t size)
{
	size_t n = (size + 15) & ~(size_t)15;
	if (n < size || n > (size_t)(m->end - m->p))
		return mem_alloc_slow(m, size);
	void *p = m->p;
	m->p += n;
	return p;
}

/* n * size cleared bytes; NULL also when that overflows. */
void *mem_array(struct mem *m, size_t n, size_t size);
char *mem_strndup(struct mem *m, const char *s, size_t n);
/* The list with room for one more than its n entries, each of which was added after such a
 * call: its room doubles. NULL list: a new one. */
void *mem_more(struct mem *m, void *list, size_t n, size_t size);

/* --- text --------------------------------------------------------------------------- */

enum out_trouble { OUT_FINE = 0, OUT_FULL = 1, OUT_NOMEM = 2 };

struct out {
	char *p;
	size_t len, cap;
	size_t max; /* bytes; more is OUT_FULL */
	enum out_trouble trouble; /* sticks: what comes later is dropped */
};

/* first: room to begin with. */
void out_init(struct out *o, size_t first, size_t max);
void out_fini(struct out *o);
char *out_room_slow(struct out *o, size_t n);

/* Room for n bytes at p + len, for the caller to fill and then add to len; NULL: none. */
static inline char *out_room(struct out *o, size_t n)
{
	return n < o->cap - o->len ? o->p + o->len : out_room_slow(o, n);
}

static inline void out_put(struct out *o, const char *s, size_t n)
{
	char *at = out_room(o, n);
	if (at) {
		memcpy(at, s, n);
		o->len += n;
	}
}

static inline void out_char(struct out *o, char ch)
{
	char *at = out_room(o, 1);
	if (at) {
		*at = ch;
		o->len++;
	}
}

void out_str(struct out *o, const char *s);
void out_fill(struct out *o, char ch, size_t n);
void out_int(struct out *o, int64_t v);
/* & < > " ' as entities. */
void out_escape(struct out *o, const char *s, size_t n);
void out_printf(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
