#include "server/cookie_jar.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/text.h"

struct jar_cookie {
	struct jar_cookie *next;
	char *name, *value, *path;
	int64_t expires; /* unix seconds; 0: with the client */
};

void cookie_jar_init(struct cookie_jar *j)
{
	j->first = NULL;
}

static void free_cookie(struct jar_cookie *k)
{
	free(k->name);
	free(k->value);
	free(k->path);
	free(k);
}

void cookie_jar_fini(struct cookie_jar *j)
{
	for (struct jar_cookie *k = j->first, *next; k; k = next) {
		next = k->next;
		free_cookie(k);
	}
	j->first = NULL;
}

static void forget(struct cookie_jar *j, const char *name, const char *path)
{
	for (struct jar_cookie **at = &j->first; *at;) {
		struct jar_cookie *k = *at;
		if (strcmp(k->name, name) != 0 || (path && strcmp(k->path, path) != 0)) {
			at = &k->next;
			continue;
		}
		*at = k->next;
		free_cookie(k);
	}
}

static void remember(struct cookie_jar *j, char *name, char *value, char *path, int64_t expires)
{
	struct jar_cookie *k = calloc(1, sizeof *k);
	if (!k || !name || !value || !path) {
		free(k);
		free(name);
		free(value);
		free(path);
		return;
	}
	*k = (struct jar_cookie){NULL, name, value, path, expires};
	struct jar_cookie **at = &j->first;
	while (*at)
		at = &(*at)->next;
	*at = k;
}

/* One "name=value" up to ';', without the white space around it. */
static bool attribute(const char **at, const char **name, size_t *nlen, const char **value,
		      size_t *vlen)
{
	const char *p = *at + strspn(*at, "; \t");
	if (!*p)
		return false;
	size_t n = strcspn(p, ";");
	*at = p + n;
	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	const char *eq = memchr(p, '=', n);
	*name = p;
	*nlen = eq ? (size_t)(eq - p) : n;
	*value = eq ? eq + 1 : p + n;
	*vlen = n - *nlen - (eq ? 1 : 0);
	return true;
}

void cookie_jar_store(struct cookie_jar *j, const char *line, const char *path, int64_t now)
{
	const char *at = line, *name, *value, *key, *text;
	size_t nlen, vlen, klen, tlen;
	int64_t expires = 0, age;
	char *where = NULL;
	bool aged = false;

	if (!attribute(&at, &name, &nlen, &value, &vlen) || !nlen)
		return;
	while (attribute(&at, &key, &klen, &text, &tlen)) {
		char word[64];
		size_t n = tlen < sizeof word - 1 ? tlen : sizeof word - 1;
		memcpy(word, text, n);
		word[n] = '\0';
		if (klen == 7 && text_ieqn(key, "Max-Age", 7) && text_int(word, &age)) {
			expires = age > 0 ? now + age : 1;
			aged = true;
		} else if (klen == 7 && text_ieqn(key, "Expires", 7) && !aged) {
			if (date_parse(word, &age))
				expires = age > 0 ? age : 1;
		} else if (klen == 4 && text_ieqn(key, "Path", 4) && tlen && *text == '/') {
			free(where);
			where = strndup(text, tlen);
		}
	}
	if (!where) {
		const char *slash = strrchr(path, '/');
		size_t n = slash && slash > path ? (size_t)(slash - path) : 1;
		where = strndup(path, n);
	}
	char *word = strndup(name, nlen);
	if (word && where)
		forget(j, word, where);
	if (expires && expires <= now) {
		free(word);
		free(where);
		return;
	}
	remember(j, word, strndup(value, vlen), where, expires);
}

static bool path_fits(const char *cookie, const char *path)
{
	size_t n = strlen(cookie);
	return !strncmp(cookie, path, n) &&
	       (cookie[n - 1] == '/' || !path[n] || path[n] == '/' || path[n] == '?');
}

const char *cookie_jar_header(const struct cookie_jar *j, struct arena *a, const char *path,
			      int64_t now)
{
	struct buf b;

	buf_init(&b, a, 0);
	for (const struct jar_cookie *k = j->first; k; k = k->next) {
		if ((k->expires && k->expires <= now) || !path_fits(k->path, path))
			continue;
		buf_printf(&b, "%s%s=%s", b.len ? "; " : "", k->name, k->value);
	}
	return b.len && !buf_err(&b) ? b.p : NULL;
}

const char *cookie_jar_get(const struct cookie_jar *j, const char *name)
{
	for (const struct jar_cookie *k = j->first; k; k = k->next)
		if (!strcmp(k->name, name))
			return k->value;
	return NULL;
}

void cookie_jar_set(struct cookie_jar *j, const char *name, const char *value)
{
	forget(j, name, NULL);
	if (value)
		remember(j, strdup(name), strdup(value), strdup("/"), 0);
}
