#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/format.h"
#include "cruet/error.h"

void buf_init(struct buf *b, struct arena *arena, size_t max)
{
	/* while there is nothing, p is a constant that nobody writes to */
	*b = (struct buf){.p = (char *)"", .max = max, .arena = arena};
}

void buf_fini(struct buf *b)
{
	if (b->cap && !b->arena)
		free(b->p);
	buf_init(b, b->arena, b->max);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->err = CRUET_OK;
	if (b->cap)
		b->p[0] = '\0';
}

static char *fail(struct buf *b, int err)
{
	b->err = err;
	return NULL;
}

char *buf_room_slow(struct buf *b, size_t n)
{
	if (b->err)
		return NULL;
	if (b->max && n > b->max - b->len)
		return fail(b, CRUET_ELIMIT);
	if (n < b->cap - b->len) /* one more for the NUL; cap 0: len 0 */
		return b->p + b->len;
	if (n > SIZE_MAX / 4 - b->len)
		return fail(b, CRUET_ENOMEM);
	size_t cap = b->cap ? b->cap * 2 : 128;
	while (cap <= b->len + n)
		cap *= 2;
	char *p;
	if (b->arena)
		p = arena_grow(b->arena, b->cap ? b->p : NULL, b->cap, cap);
	else
		p = realloc(b->cap ? b->p : NULL, cap);
	if (!p)
		return fail(b, CRUET_ENOMEM);
	b->p = p;
	b->cap = cap;
	b->p[b->len] = '\0';
	return b->p + b->len;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
	char *at = buf_room(b, n);

	if (!at)
		return;
	if (n)
		memcpy(at, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
	if (s)
		buf_put(b, s, strlen(s));
}

void buf_char(struct buf *b, char ch)
{
	char *at = buf_room(b, 1);

	if (!at)
		return;
	at[0] = ch;
	at[1] = '\0';
	b->len++;
}

void buf_int(struct buf *b, int64_t v)
{
	char text[24], *end = text + sizeof text, *p = end;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		*--p = '-';
	buf_put(b, p, (size_t)(end - p));
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;

	if (b->err)
		return;
	va_copy(again, ap);
	size_t room = b->cap - b->len;
	int n = format_into(b->cap ? b->p + b->len : NULL, room, fmt, ap);
	if (n < 0) /* more than INT_MAX bytes */
		fail(b, CRUET_ELIMIT);
	else if (buf_room(b, (size_t)n) && (size_t)n >= room)
		format_into(b->p + b->len, (size_t)n + 1, fmt, again);
	if (!b->err)
		b->len += (size_t)n;
	else if (b->cap) /* undo what the first try has written */
		b->p[b->len] = '\0';
	va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

int buf_err(const struct buf *b)
{
	return b->err;
}
