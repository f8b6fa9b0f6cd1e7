#include "chars.h"

#include <string.h>
#include <wctype.h>

size_t chars_next(const char *s, size_t n, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len = *p < 0x80 ? 1 : *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : *p >= 0xC2 ? 2 : 1;

	*cp = *p;
	if (len == 1 || len > n)
		return 1;
	uint32_t v = *p & (0xFFu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 1;
		v = v << 6 | (p[i] & 0x3F);
	}
	*cp = v;
	return len;
}

size_t chars_prev(const char *s, size_t n)
{
	uint32_t cp;

	for (size_t len = 2; len <= 4 && len <= n; len++)
		if (chars_next(s + n - len, len, &cp) == len)
			return len;
	return 1;
}

size_t chars_put(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	for (size_t i = len; --i; cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3F));
	out[0] = (char)((0xF00u >> len) | cp);
	return len;
}

size_t chars_count(const char *s, size_t n)
{
	size_t count = 0;
	uint32_t cp;

	for (size_t i = 0; i < n; count++)
		i += (unsigned char)s[i] < 0x80 ? 1 : chars_next(s + i, n - i, &cp);
	return count;
}

size_t chars_at(const char *s, size_t n, size_t i)
{
	size_t at = 0;
	uint32_t cp;

	for (; i && at < n; i--)
		at += (unsigned char)s[at] < 0x80 ? 1 : chars_next(s + at, n - at, &cp);
	return at;
}

bool chars_is_space(uint32_t cp)
{
	return (cp >= 9 && cp <= 13) || (cp >= 0x1C && cp <= 0x20) || cp == 0x85 ||
	       cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

static bool ascii_upper(uint32_t cp)
{
	return cp >= 'A' && cp <= 'Z';
}

static bool ascii_lower(uint32_t cp)
{
	return cp >= 'a' && cp <= 'z';
}

bool chars_is_alpha(locale_t l, uint32_t cp)
{
	if (cp < 0x80 || !l)
		return ascii_upper(cp) || ascii_lower(cp);
	return iswalpha_l((wint_t)cp, l);
}

bool chars_is_word(locale_t l, uint32_t cp)
{
	if (cp < 0x80)
		return ascii_upper(cp) || ascii_lower(cp) || (cp >= '0' && cp <= '9') || cp == '_';
	return l && iswalnum_l((wint_t)cp, l);
}

bool chars_is_upper(locale_t l, uint32_t cp)
{
	return cp < 0x80 || !l ? ascii_upper(cp) : iswupper_l((wint_t)cp, l) != 0;
}

bool chars_is_lower(locale_t l, uint32_t cp)
{
	return cp < 0x80 || !l ? ascii_lower(cp) : iswlower_l((wint_t)cp, l) != 0;
}

uint32_t chars_upper(locale_t l, uint32_t cp)
{
	if (cp < 0x80 || !l)
		return ascii_lower(cp) ? cp - 32 : cp;
	return (uint32_t)towupper_l((wint_t)cp, l);
}

uint32_t chars_lower(locale_t l, uint32_t cp)
{
	if (cp < 0x80 || !l)
		return ascii_upper(cp) ? cp + 32 : cp;
	return (uint32_t)towlower_l((wint_t)cp, l);
}

bool chars_is_printable(locale_t l, uint32_t cp)
{
	if (cp < 0x80 || !l)
		return cp >= 0x20 && cp != 0x7F;
	return iswprint_l((wint_t)cp, l) && !chars_is_space(cp);
}

const char *bytes_find(const char *s, size_t n, const char *what, size_t len)
{
	return len ? memmem(s, n, what, len) : s;
}

size_t bytes_count(const char *s, size_t n, const char *what, size_t len)
{
	const char *end = s + n;
	size_t count = 0;

	while ((s = memmem(s, (size_t)(end - s), what, len))) {
		s += len;
		count++;
	}
	return count;
}
