/* Growing bytes, always followed by a NUL that len does not count. A failure
 * sticks: later calls do nothing, and buf_err() tells at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct buf {
	char *p; /* never NULL after buf_init() */
	size_t len, cap;
	size_t max; /* bytes; more is CRUET_ELIMIT */
	struct arena *arena; /* owner of p; NULL: the heap */
	int err;
};

/* max 0: no bound but memory. arena NULL: call buf_fini() at the end. */
void buf_init(struct buf *b, struct arena *arena, size_t max);
void buf_fini(struct buf *b);
void buf_clear(struct buf *b); /* len 0, memory and max kept, err forgotten */

/* The way of buf_room() when the buffer must grow, or must not. */
char *buf_room_slow(struct buf *b, size_t n);

/* Room for n more bytes and a NUL at p + len, for the caller to fill and then add to
 * len; NULL when there is none. */
static inline char *buf_room(struct buf *b, size_t n)
{
	/* cap 0: len 0, and it has no room even for the NUL */
	return n < b->cap - b->len && !b->max && !b->err ? b->p + b->len : buf_room_slow(b, n);
}

void buf_put(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s); /* NULL writes nothing */
void buf_char(struct buf *b, char ch);
void buf_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
int buf_err(const struct buf *b); /* CRUET_OK, CRUET_ENOMEM or CRUET_ELIMIT */

#endif
