#include "chunk.h"

#include <string.h>
#include <cruet/error.h>

enum state {
	SIZE = 0,     /* the first digit of a size is to come, or another */
	BLANKS,       /* behind the size */
	EXTENSION,    /* up to its CR */
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,      /* at the beginning of a line */
	TRAILER_LINE, /* in it */
	TRAILER_LF,
	END_LF,
	OVER
};

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Control characters have no business in lines that nobody looks at. */
static bool in_line(char c)
{
	return c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

static bool count(struct chunk *k, size_t max)
{
	return ++k->extra <= max;
}

static int after_size(struct chunk *k, char c)
{
	k->extra++;
	if (!k->digits || k->extra > CHUNK_LINE_MAX)
		return CRUET_EPARSE;
	k->state = c == '\r' ? SIZE_LF : c == ';' ? EXTENSION : BLANKS;
	return k->state != BLANKS || c == ' ' || c == '\t' ? CRUET_OK : CRUET_EPARSE;
}

static int size(struct chunk *k, char c)
{
	int v = hex(c);

	if (v < 0)
		return after_size(k, c);
	if (++k->digits > 16 || k->left >> 59)
		return CRUET_EPARSE;
	k->left = k->left << 4 | (unsigned)v;
	return CRUET_OK;
}

static int expect(struct chunk *k, char c, char wanted, enum state next)
{
	k->state = next;
	return c == wanted ? CRUET_OK : CRUET_EPARSE;
}

/* One byte that is none of the body. */
static int step(struct chunk *k, char c)
{
	switch ((enum state)k->state) {
	case SIZE:
		return size(k, c);
	case BLANKS:
		return after_size(k, c);
	case EXTENSION:
		if (c == '\r')
			k->state = SIZE_LF;
		else if (!in_line(c) || !count(k, CHUNK_LINE_MAX))
			return CRUET_EPARSE;
		return CRUET_OK;
	case SIZE_LF:
		k->digits = 0;
		k->extra = 0;
		return expect(k, c, '\n', k->left ? DATA : TRAILER);
	case DATA_CR:
		return expect(k, c, '\r', DATA_LF);
	case DATA_LF:
		return expect(k, c, '\n', SIZE);
	case TRAILER:
		if (c == '\r') {
			k->state = END_LF;
			return CRUET_OK;
		}
		k->state = TRAILER_LINE;
		return in_line(c) && c != ' ' && c != '\t' && c != ':' &&
				       count(k, CHUNK_TRAILERS_MAX)
			       ? CRUET_OK
			       : CRUET_EPARSE;
	case TRAILER_LINE:
		if (c == '\r')
			k->state = TRAILER_LF;
		else if (!in_line(c) || !count(k, CHUNK_TRAILERS_MAX))
			return CRUET_EPARSE;
		return CRUET_OK;
	case TRAILER_LF:
		return expect(k, c, '\n', TRAILER);
	case END_LF:
		return expect(k, c, '\n', OVER);
	default:
		return CRUET_EPARSE;
	}
}

static size_t take(struct chunk *k, const char *p, size_t n, void *out)
{
	if (n > k->left)
		n = (size_t)k->left;
	if (out)
		memcpy(out, p, n);
	k->left -= n;
	if (!k->left)
		k->state = DATA_CR;
	return n;
}

ptrdiff_t chunk_read(struct chunk *k, const char *p, size_t n, size_t *used, void *out,
		     size_t cap)
{
	size_t got = 0, at = 0;

	while (at < n && k->state != OVER) {
		if (k->state != DATA) {
			int err = step(k, p[at++]);
			if (err)
				return err;
			continue;
		}
		if (got == cap)
			break;
		size_t want = n - at < cap - got ? n - at : cap - got;
		size_t len = take(k, p + at, want, out ? (char *)out + got : NULL);
		at += len;
		got += len;
	}
	*used = at;
	return (ptrdiff_t)got;
}

bool chunk_over(const struct chunk *k)
{
	return k->state == OVER;
}
