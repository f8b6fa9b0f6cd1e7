#include "http/base64.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

static int digit(int ch)
{
	if (is_upper(ch))
		return ch - 'A';
	if (is_lower(ch))
		return ch - 'a' + 26;
	if (is_digit(ch))
		return ch - '0' + 52;
	return ch == '+' ? 62 : ch == '/' ? 63 : -1;
}

char *base64_decode(struct arena *a, const char *s)
{
	size_t len = strlen(s), n = 0;
	uint32_t bits = 0;
	unsigned have = 0;

	while (len && s[len - 1] == '=')
		len--;
	char *out = len % 4 == 1 ? NULL : arena_alloc(a, len / 4 * 3 + 3);
	if (!out)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		int v = digit((unsigned char)s[i]);
		if (v < 0)
			return NULL;
		bits = bits << 6 | (unsigned)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n] = (char)(bits >> have & 0xff);
			if (!out[n++])
				return NULL;
		}
	}
	out[n] = '\0';
	return out;
}
