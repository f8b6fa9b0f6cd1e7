#include <stdio.h>
#include <string.h>

#include "assets.h"

static const char digits[] = "0123456789abcdef";

/* Where the suffix of a name begins, ".css"; at its end if it has none. */
static const char *suffix_of(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name, *dot = strrchr(base, '.');

	return dot && dot != base ? dot : base + strlen(base);
}

void name_put(const char *name, const unsigned char hash[HASH_LEN], char out[NAME_ROOM])
{
	const char *suffix = suffix_of(name);
	char print[PRINT_LEN + 1] = "";

	for (int i = 0; i < PRINT_LEN; i++)
		print[i] = digits[i % 2 ? hash[i / 2] & 15 : hash[i / 2] >> 4];
	snprintf(out, NAME_ROOM, "%.*s.%s%s", (int)(suffix - name), name, print,
		 suffix);
}

/* Parts with '/' between them, none of them empty, "." or "..". */
static bool is_plain(const char *name)
{
	for (;; name++) {
		size_t n = strcspn(name, "/");
		if (!n || (n <= 2 && strspn(name, ".") >= n))
			return false;
		name += n;
		if (!*name)
			return true;
	}
}

bool name_may(const char *name)
{
	return strlen(name) + PRINT_LEN + 1 < NAME_ROOM && is_plain(name);
}

static bool is_print(const char *s)
{
	return *s == '.' && strspn(s + 1, digits) == PRINT_LEN;
}

bool name_take(const char *full, size_t len, char out[NAME_ROOM])
{
	enum { PART = PRINT_LEN + 1 };

	if (len >= NAME_ROOM || memchr(full, '\0', len))
		return false;
	memcpy(out, full, len);
	out[len] = '\0';
	char *suffix = (char *)suffix_of(out);
	/* "site.PRINT.css", or "LICENSE.PRINT" */
	char *print = is_print(suffix) && !suffix[PART] ? suffix
		      : suffix - out > PART		? suffix - PART
							: NULL;
	if (!print || !is_print(print) || (print[PART] && print[PART] != '.') || print == out ||
	    print[-1] == '/')
		return false;
	memmove(print, print + PART, strlen(print + PART) + 1);
	return name_may(out);
}
