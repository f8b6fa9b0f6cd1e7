#include "utf8.h"

#include <stdbool.h>
#include <string.h>

/* How many bytes follow the first one; -1: it is none. */
static int more(unsigned char first)
{
	if (first < 0x80)
		return 0;
	if (first < 0xC2 || first > 0xF4)
		return -1;
	return first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
}

/* Overlong forms, halves of surrogates and what is beyond Unicode show here. */
static bool second_ok(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xE0:
		return second >= 0xA0;
	case 0xED:
		return second < 0xA0;
	case 0xF0:
		return second >= 0x90;
	case 0xF4:
		return second < 0x90;
	default:
		return true;
	}
}

uint32_t utf8_next(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	int n = more(*p);
	uint32_t ch = *p & (0x7Fu >> (n > 0 ? n + 1 : 0));

	*s += *p != 0;
	if (n < 0 || (n && !second_ok(p[0], p[1])))
		return UTF8_BAD;
	for (int i = 1; i <= n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return UTF8_BAD;
		ch = ch << 6 | (p[i] & 0x3F);
	}
	*s += n;
	return ch;
}

char *utf8_put(char *to, uint32_t ch)
{
	size_t n = ch >= 0x10000 ? 3 : ch >= 0x800 ? 2 : ch >= 0x80 ? 1 : 0;

	*to++ = (char)(n ? (0xFF00u >> (n + 1) & 0xFF) | ch >> (6 * n) : ch);
	while (n--)
		*to++ = (char)(0x80 | (ch >> (6 * n) & 0x3F));
	return to;
}

static bool is_clean(const char *s)
{
	while (*s) {
		const char *start = s;
		/* The character itself is three bytes. */
		if (utf8_next(&s) == UTF8_BAD && s - start == 1)
			return false;
	}
	return true;
}

const char *utf8_clean(cruet_ctx *c, const char *s)
{
	if (is_clean(s))
		return s;
	char *out = cruet_alloc(c, strlen(s) * 3 + 1), *to = out;
	while (out && *s)
		to = utf8_put(to, utf8_next(&s));
	return out;
}
