#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 16 * 1024, LAST_BLOCK = 1024 * 1024 };

struct mem_block {
	struct mem_block *next;
	size_t size;
	_Alignas(16) char bytes[];
};

void mem_init(struct mem *m, size_t max)
{
	*m = (struct mem){.max = max};
}

void mem_fini(struct mem *m)
{
	while (m->blocks) {
		struct mem_block *b = m->blocks;
		m->blocks = b->next;
		free(b);
	}
	*m = (struct mem){.max = m->max};
}

static size_t next_size(const struct mem *m)
{
	size_t last = m->blocks ? m->blocks->size : FIRST_BLOCK / 2;

	return last >= LAST_BLOCK ? LAST_BLOCK : last * 2;
}

void *mem_alloc_slow(struct mem *m, size_t size)
{
	size_t n = (size + 15) & ~(size_t)15;

	if (n < size || n > SIZE_MAX - sizeof(struct mem_block) ||
	    (m->max && n > m->max - m->used))
		return NULL;
	size_t room = n;
	bool own = n > LAST_BLOCK / 4; /* it would waste what is left of the block */
	if (!own && next_size(m) > room)
		room = next_size(m);
	if (m->max && room > m->max - m->used)
		room = n;
	struct mem_block *b = malloc(sizeof *b + room);
	if (!b)
		return NULL;
	m->used += room;
	b->size = room;
	if (own && m->blocks) { /* behind the newest, which is still handed out from */
		b->next = m->blocks->next;
		m->blocks->next = b;
		return b->bytes;
	}
	b->next = m->blocks;
	m->blocks = b;
	m->p = b->bytes + n;
	m->end = b->bytes + room;
	return b->bytes;
}

void *mem_array(struct mem *m, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	void *p = mem_alloc(m, bytes ? bytes : 1);
	return p ? memset(p, 0, bytes) : NULL;
}

char *mem_strndup(struct mem *m, const char *s, size_t n)
{
	char *copy = n < SIZE_MAX ? mem_alloc(m, n + 1) : NULL;

	if (copy) {
		if (n)
			memcpy(copy, s, n);
		copy[n] = 0;
	}
	return copy;
}

void *mem_more(struct mem *m, void *list, size_t n, size_t size)
{
	size_t bytes;

	if (list && (n < 4 || (n & (n - 1)) != 0)) /* its room is a power of two, from 4 */
		return list;
	if (__builtin_mul_overflow(n < 4 ? 4 : n * 2, size, &bytes))
		return NULL;
	void *more = mem_alloc(m, bytes);
	if (more && n)
		memcpy(more, list, n * size);
	return more;
}

/* --- text --------------------------------------------------------------------------- */

void out_init(struct out *o, size_t first, size_t max)
{
	*o = (struct out){.max = max};
	(void)out_room(o, first < max ? first : max);
	o->trouble = OUT_FINE; /* without room it says so when something is put */
}

void out_fini(struct out *o)
{
	free(o->p);
	*o = (struct out){.max = o->max};
}

char *out_room_slow(struct out *o, size_t n)
{
	if (o->trouble)
		return NULL;
	if (n > o->max - o->len) {
		o->trouble = OUT_FULL;
		return NULL;
	}
	size_t need = o->len + n + 1, cap = o->cap ? o->cap * 2 : 256;
	if (cap < need)
		cap = need;
	if (cap > o->max)
		cap = o->max + 1; /* so that what goes beyond comes here */
	char *p = realloc(o->p, cap);
	if (!p) {
		o->trouble = OUT_NOMEM;
		return NULL;
	}
	o->p = p;
	o->cap = cap;
	return o->p + o->len;
}

void out_str(struct out *o, const char *s)
{
	out_put(o, s, strlen(s));
}

void out_fill(struct out *o, char ch, size_t n)
{
	char *at = out_room(o, n);

	if (at) {
		memset(at, ch, n);
		o->len += n;
	}
}

void out_int(struct out *o, int64_t v)
{
	char digits[20];
	size_t at = sizeof digits;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		out_char(o, '-');
	out_put(o, digits + at, sizeof digits - at);
}

static const char escapes[256] = {['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4, ['\''] = 5};
static const char entities[][6] = {"", "&amp;", "&lt;", "&gt;", "&#34;", "&#39;"};
static const unsigned char entity_len[] = {0, 5, 4, 4, 5, 5};

void out_escape(struct out *o, const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		const char *from = s;
		while (s < end && !escapes[(unsigned char)*s])
			s++;
		out_put(o, from, (size_t)(s - from));
		if (s < end) {
			int which = escapes[(unsigned char)*s++];
			out_put(o, entities[which], entity_len[which]);
		}
	}
}

void out_printf(struct out *o, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *at = n >= 0 ? out_room(o, (size_t)n + 1) : NULL;
	if (at) {
		vsnprintf(at, (size_t)n + 1, fmt, again);
		o->len += (size_t)n;
	}
	va_end(again);
}
