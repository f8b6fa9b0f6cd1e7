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
	size_t len = 0;
	va_list texts;

	va_copy(texts, ap);
	for (const char *f = fmt; *f; f++) {
		if (*f != '%') { /* most formats are short: this is quicker than to search */
			if (len < cap)
				out[len] = *f;
			len++;
			continue;
		}
		if (*++f != 's') {
			va_end(texts);
			return vsnprintf(out, cap, fmt, ap);
		}
		const char *s = va_arg(texts, const char *);
		s = s ? s : "(null)";
		size_t n = strlen(s);
		put(out, cap, len, s, n);
		len += n;
	}
	va_end(texts);
	if (cap)
		out[len < cap ? len : cap - 1] = '\0';
	return len <= INT_MAX ? (int)len : -1;
}
