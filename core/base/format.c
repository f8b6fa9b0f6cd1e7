#include "base/format.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Puts n bytes behind the first len, as far as they fit. */
static void put(char *out, size_t cap, size_t len, const char *s, size_t n)
{
	if (len < cap)
		memcpy(out + len, s, n < cap - len ? n : cap - len);
}

int format_into(char *out, size_t cap, const char *fmt, va_list ap)
{
	const char *from = fmt, *to;
	size_t len = 0;
	va_list texts;

	va_copy(texts, ap);
	while (*(to = strchrnul(from, '%')) && to[1] == 's') {
		const char *s = va_arg(texts, const char *);
		s = s ? s : "(null)";
		put(out, cap, len, from, (size_t)(to - from));
		len += (size_t)(to - from);
		size_t n = strlen(s);
		put(out, cap, len, s, n);
		len += n;
		from = to + 2;
	}
	va_end(texts);
	if (*to)
		return vsnprintf(out, cap, fmt, ap);
	put(out, cap, len, from, (size_t)(to - from));
	len += (size_t)(to - from);
	if (cap)
		out[len < cap ? len : cap - 1] = '\0';
	return len <= INT_MAX ? (int)len : -1;
}
