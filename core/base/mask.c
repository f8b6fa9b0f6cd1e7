#include "base/mask.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

/* In any place, also within a longer word. */
static const char *const parts[] = {"secret",    "token",      "passw", "passphrase",
				    "signature", "credential", NULL};
/* At the end of a word: "dbpass", but not "passage". */
static const char *const ends[] = {"pass",	 "pwd",	       "auth",	     "apikey", "apikeys",
				   "accesskey", "privatekey", NULL};
/* A word of its own: "signing_key" and "signingKey", but not "monkey". */
static const char *const words[] = {"key", "keys", NULL};

static bool has(const char *s, size_t len, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= len; i++)
		if (text_ieqn(s + i, part, n))
			return true;
	return false;
}

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);
	return len >= n && text_ieqn(s + len - n, end, n);
}

static bool secret_word(const char *s, size_t len)
{
	for (size_t i = 0; parts[i]; i++)
		if (has(s, len, parts[i]))
			return true;
	for (size_t i = 0; ends[i]; i++)
		if (ends_with(s, len, ends[i]))
			return true;
	for (size_t i = 0; words[i]; i++) {
		size_t n = strlen(words[i]);
		if (ends_with(s, len, words[i]) && (len == n || is_upper(s[len - n])))
			return true;
	}
	return false;
}

bool mask_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (const char *p = dot ? dot + 1 : name; *p;) {
		size_t n = 0;
		while (is_alnum(p[n]))
			n++;
		if (secret_word(p, n))
			return true;
		p += n + (p[n] != '\0');
	}
	return false;
}

/* What of a name is looked at, as it stands there: escapes hide no secret word that
 * anybody would write. */
static bool secret_field(const char *name, size_t len)
{
	char text[128];
	size_t n = len < sizeof text ? len : sizeof text - 1;

	memcpy(text, name, n);
	text[n] = '\0';
	return mask_name(text);
}

static void put(char **at, char *end, const char *p, size_t len)
{
	size_t n = len < (size_t)(end - *at) ? len : (size_t)(end - *at);

	memcpy(*at, p, n);
	*at += n;
}

void mask_target(char *out, size_t cap, const char *target)
{
	char *end = out + cap - 1;
	size_t n = strcspn(target, "?");

	put(&out, end, target, n);
	for (target += n; *target; target += n) {
		put(&out, end, target++, 1);
		n = strcspn(target, "&");
		size_t name = strcspn(target, "=&");
		if (name < n && secret_field(target, name)) {
			put(&out, end, target, name + 1);
			put(&out, end, MASK, strlen(MASK));
		} else {
			put(&out, end, target, n);
		}
	}
	*out = '\0';
}

const char *mask_urls(const char *text, struct arena *a)
{
	const char *from = text, *colon;
	struct buf b;

	buf_init(&b, a, 0);
	for (const char *p = text; (p = strstr(p, "://"));) {
		p += 3;
		size_t n = strcspn(p, "@/?# \t\n\",");
		if (p[n] != '@' || !(colon = memchr(p, ':', n)))
			continue;
		buf_put(&b, from, (size_t)(colon + 1 - from));
		buf_str(&b, MASK);
		from = p += n;
	}
	buf_str(&b, from);
	return buf_err(&b) ? NULL : b.p;
}
