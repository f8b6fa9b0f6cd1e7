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

static struct jar_cookie *find(struct cookie_jar *j, const char *name, const char *path)
{
	struct jar_cookie *k = j->first;
	while (k && (strcmp(k->name, name) != 0 || strcmp(k->path, path) != 0))
		k = k->next;
	return k;
}

/* Takes over its texts, any of which may be NULL (out of memory). Longer paths stand
 * first; a cookie that is set again keeps its place. */
static void remember(struct cookie_jar *j, struct jar_cookie with)
{
	struct jar_cookie *k = with.name && with.value && with.path
				       ? find(j, with.name, with.path)
				       : NULL;
	if (k) {
		free(with.name);
		free(with.path);
		free(k->value);
		k->value = with.value;
		k->expires = with.expires;
		return;
	}
	k = calloc(1, sizeof *k);
	if (!k || !with.name || !with.value || !with.path) {
		free(k);
		free(with.name);
		free(with.value);
		free(with.path);
		return;
	}
	struct jar_cookie **at = &j->first;
	while (*at && strlen((*at)->path) >= strlen(with.path))
		at = &(*at)->next;
	*k = with;
	k->next = *at;
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

/* The folder of the request: "/a" for "/a/b?c=/d". */
static char *default_path(const char *path)
{
	size_t n = strcspn(path, "?");

	while (n > 1 && path[n - 1] != '/')
		n--;
	return strndup(path, n > 1 ? n - 1 : 1);
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
			expires = age <= 0 ? 1 : age > INT64_MAX - now ? INT64_MAX : now + age;
			aged = true;
		} else if (klen == 7 && text_ieqn(key, "Expires", 7) && !aged) {
			if (date_parse(word, &age))
				expires = age > 0 ? age : 1;
		} else if (klen == 4 && text_ieqn(key, "Path", 4) && tlen && *text == '/') {
			free(where);
			where = strndup(text, tlen);
		}
	}
	if (!where)
		where = default_path(path);
	char *word = strndup(name, nlen);
	if (expires && expires <= now) {
		if (word && where)
			forget(j, word, where);
		free(word);
		free(where);
		return;
	}
	remember(j, (struct jar_cookie){.name = word, .value = strndup(value, vlen), .path = where,
					.expires = expires});
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

const char *cookie_jar_get(const struct cookie_jar *j, const char *name, int64_t now)
{
	for (const struct jar_cookie *k = j->first; k; k = k->next)
		if (!strcmp(k->name, name) && !(k->expires && k->expires <= now))
			return k->value;
	return NULL;
}

void cookie_jar_set(struct cookie_jar *j, const char *name, const char *value)
{
	forget(j, name, NULL);
	if (value)
		remember(j, (struct jar_cookie){.name = strdup(name), .value = strdup(value),
						.path = strdup("/")});
}
