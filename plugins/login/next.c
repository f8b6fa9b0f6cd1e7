/* What is refused is what two readers may understand in two ways. Browsers take '\' for
 * '/' and leave out tabs and line ends, so "/\evil.example" and "/<TAB>/evil.example" are
 * "//evil.example" to them, which is another host. Proxies decode what browsers do not.
 * Dot segments go when an address is resolved, and "/.//evil.example" loses its own. A
 * path of the site that is refused is no harm: it is answered by the page that one comes
 * to anyhow. */
#include "next.h"

#include <string.h>
#include <strings.h>

static bool visible(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || *s == '\\')
			return false;
	return true;
}

/* "%2f", "%5C", "%00" and their kind, "%25", which hides another one, and what is cut. */
static bool harmless_escape(const char *s)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	if (!s[1] || !strchr(hex, s[1]) || !s[2] || !strchr(hex, s[2]))
		return false;
	return s[1] != '0' && s[1] != '1' && strncasecmp(s, "%2f", 3) != 0 &&
	       strncasecmp(s, "%5c", 3) != 0 && strncasecmp(s, "%7f", 3) != 0 &&
	       strncmp(s, "%25", 3) != 0;
}

/* The length of a '.' as it stands in a path, 0: there is none. */
static size_t dot(const char *s)
{
	if (*s == '.')
		return 1;
	return !strncasecmp(s, "%2e", 3) ? 3 : 0;
}

/* A segment that begins here is "." or "..". */
static bool dots(const char *s, const char *end)
{
	const char *at = s + dot(s);

	at += dot(at);
	return at != s && (at == end || *at == '/');
}

bool next_safe(const char *s)
{
	if (strnlen(s, NEXT_MAX + 1) > NEXT_MAX || *s != '/' || !visible(s))
		return false;
	const char *end = s + strcspn(s, "?#");
	for (const char *at = s; at < end; at++) {
		if (*at == '/' && (at[1] == '/' || dots(at + 1, end)))
			return false;
		if (*at == '%' && !harmless_escape(at))
			return false;
	}
	return true;
}
