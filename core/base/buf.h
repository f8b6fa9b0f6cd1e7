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

void buf_put(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s); /* NULL writes nothing */
void buf_char(struct buf *b, char ch);
void buf_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Room for n more bytes at p + len, for the caller to fill and then add to len;
 * NULL when there is none. */
char *buf_room(struct buf *b, size_t n);
int buf_err(const struct buf *b); /* CRUET_OK, CRUET_ENOMEM or CRUET_ELIMIT */

#endif
