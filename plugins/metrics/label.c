#include "label.h"

#include <string.h>

bool label_name_ok(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
		      s[i] == '_' || (i && s[i] >= '0' && s[i] <= '9')))
			return false;
	return len;
}

/* The length of the well-formed character at s; 0: it is none. */
static size_t character(const unsigned char *s)
{
	static const struct {
		unsigned char first, last, least,
			most; /* of the first byte, the second */
		size_t len;
	} forms[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		     {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
		     {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
		     {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

	if (*s < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (*s < forms[i].first || *s > forms[i].last)
			continue;
		if (s[1] < forms[i].least || s[1] > forms[i].most)
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

size_t label_copy(char out[VALUE_MAX + 1], const char *s)
{
	static const char broken[] = "\xef\xbf\xbd";
	size_t n = 0;

	while (s && *s) {
		size_t len = character((const unsigned char *)s), room = len ? len : 3;
		if (n + room > VALUE_MAX)
			break;
		memcpy(out + n, len ? s : broken, room);
		n += room;
		s += len ? len : 1;
	}
	out[n] = '\0';
	return n;
}

uint32_t label_hash(uint32_t h, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT32_C(16777619); /* FNV-1a */
	return h;
}
