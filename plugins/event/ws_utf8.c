#include "ws_utf8.h"

#include <stdint.h>
#include <string.h>

/* How many bytes at the beginning are ASCII, in steps of eight. */
static size_t ascii_words(const unsigned char *p, size_t n)
{
	size_t i = 0;
	uint64_t word;

	for (; n - i >= sizeof word; i += sizeof word) {
		memcpy(&word, p + i, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return i;
}

/* The first byte of a character. Overlong forms, halves of surrogates and what is
 * beyond Unicode show in the second. */
static bool begin(struct ws_utf8 *u, unsigned char b)
{
	if (b < 0x80)
		return true;
	if (b < 0xC2 || b > 0xF4)
		return false;
	u->more = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
	u->lo = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
	u->hi = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
	return true;
}

bool ws_utf8_take(struct ws_utf8 *u, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!u->more) {
			i += ascii_words(p + i, n - i);
			if (i < n && !begin(u, p[i]))
				return false;
			continue;
		}
		if (p[i] < u->lo || p[i] > u->hi)
			return false;
		u->more--;
		u->lo = 0x80;
		u->hi = 0xBF;
	}
	return true;
}
