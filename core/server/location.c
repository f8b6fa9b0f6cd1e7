#include "server/location.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* Length of "a.example:80" without the port that every host has anyway. */
static size_t bare_host(const char *s, size_t n)
{
	const char *const usual[] = {":80", ":443", ":"};

	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		size_t len = strlen(usual[i]);
		if (n > len && !memcmp(s + n - len, usual[i], len))
			return n - len;
	}
	return n;
}

static bool same_host(const char *a, size_t n, const char *b)
{
	n = bare_host(a, n);
	return n == bare_host(b, strlen(b)) && text_ieqn(a, b, n);
}

/* In place; the path begins with '/'. RFC 3986 5.2.4. */
static void remove_dots(char *path)
{
	char *out = path;
	const char *in = path, *end = path + strcspn(path, "?");

	while (in < end) {
		size_t n = 1 + strcspn(in + 1, "/?");
		bool dot = n == 2 && in[1] == '.';
		bool up = n == 3 && in[1] == '.' && in[2] == '.';
		if (up)
			while (out > path && *--out != '/')
				;
		if (!dot && !up) {
			memmove(out, in, n);
			out += n;
		} else if (in + n == end) {
			*out++ = '/';
		}
		in += n;
	}
	memmove(out, end, strlen(end) + 1);
}

const char *location_path(struct arena *a, const char *host, const char *from, const char *to)
{
	size_t len = strcspn(to, "#"), base = strcspn(from, "?");
	const char *at = to;
	char *path;

	if (text_ieqn(at, "http:", 5) || text_ieqn(at, "https:", 6))
		at += strcspn(at, ":") + 1;
	if (text_starts(at, "//")) {
		size_t n = strcspn(at + 2, "/?#");
		if (!same_host(at + 2, n, host))
			return NULL;
		at += 2 + n;
	} else if (at != to || at[strcspn(at, ":/?#")] == ':') {
		return NULL; /* another scheme */
	}
	size_t rest = len - (size_t)(at - to);
	if (*at == '/')
		path = arena_strndup(a, at, rest);
	else if (at != to)
		path = arena_printf(a, "/%.*s", (int)rest, at);
	else if (*at == '?')
		path = arena_printf(a, "%.*s%.*s", (int)base, from, (int)rest, at);
	else if (!rest)
		path = arena_strdup(a, from);
	else {
		while (base && from[base - 1] != '/')
			base--;
		path = arena_printf(a, "%.*s%s%.*s", (int)base, from, base ? "" : "/", (int)rest, at);
	}
	if (path && *path == '/')
		remove_dots(path);
	return path;
}
