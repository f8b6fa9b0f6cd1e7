/* What the environment says: .env beside the file, then the process. A variable
 * CRUET_SERVER__LISTEN is the key server.listen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config_priv.h"
#include "base/text.h"
#include "cruet/error.h"

enum { ENV_MAX = 1 << 18 };

extern char **environ;

/* "CRUET_SERVER__LISTEN" as "server.listen"; *key is NULL if it is none: only app,
 * secret_key, log_level and what has two underscores are. */
static int key_of(struct arena *a, const char *name, size_t len, const char **key)
{
	*key = NULL;
	if (len < 7 || strncmp(name, "CRUET_", 6) != 0)
		return CRUET_OK;
	char *text = arena_strndup(a, name + 6, len - 6), *to = text;
	if (!text)
		return CRUET_ENOMEM;
	for (const char *p = text; *p; p++) {
		bool two = p > text && p[0] == '_' && p[1] == '_' && p[2];
		*to++ = two ? '.' : to_lower(*p);
		p += two;
	}
	*to = '\0';
	if (strchr(text, '.') || !strcmp(text, "app") || !strcmp(text, "secret_key") ||
	    !strcmp(text, "log_level"))
		*key = text;
	return CRUET_OK;
}

static int take(struct config *cf, enum config_layer layer, const char *name, size_t len,
		const char *text, const char *origin, char **why)
{
	const char *key;
	int err = key_of(&cf->arena, name, len, &key);

	if (err || !key)
		return err;
	err = config_known(key, origin, why);
	if (err)
		return config_mistake(cf, err, why);
	return config_add(cf, layer, key, text, origin);
}

/* --- .env ------------------------------------------------------------------------------ */

static bool name_char(int ch)
{
	return is_alnum(ch) || ch == '_';
}

/* The value in [p, end): quoted text with \n, \" and \\ in "..." and as it is in
 * '...', or a word to the first " #". Goes to out, which has room for it; NULL when a
 * quote does not end. */
static char *value_of(char *out, const char *p, const char *end)
{
	char *to = out, quote = p < end && (*p == '"' || *p == '\'') ? *p : 0;

	if (!quote) {
		const char *q = p;
		while (q < end && !(*q == '#' && (q == p || q[-1] == ' ' || q[-1] == '\t')))
			q++;
		while (q > p && (q[-1] == ' ' || q[-1] == '\t' || q[-1] == '\r'))
			q--;
		memcpy(out, p, (size_t)(q - p));
		out[q - p] = '\0';
		return out;
	}
	for (p++; p < end && *p != quote; p++) {
		char ch = *p;
		if (quote == '"' && ch == '\\' && p + 1 < end)
			ch = *++p == 'n' ? '\n' : *p;
		*to++ = ch;
	}
	*to = '\0';
	return p < end ? out : NULL;
}

static int read_line(struct config *cf, const char *p, const char *end, unsigned line,
		     char **why)
{
	struct arena *a = &cf->arena;
	const char *name, *origin = arena_printf(a, ".env:%u", line);

	if (!origin)
		return CRUET_ENOMEM;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p == '#' || *p == '\r')
		return CRUET_OK;
	if (end - p > 7 && !strncmp(p, "export ", 7))
		p += 7;
	for (name = p; p < end && name_char(*p); p++)
		;
	size_t len = (size_t)(p - name);
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (!len || p == end || *p != '=')
		return config_fail(why, CRUET_EPARSE, "%s: expected NAME=value", origin);
	for (p++; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	char *room = arena_alloc(a, (size_t)(end - p) + 1);
	if (!room)
		return CRUET_ENOMEM;
	const char *value = value_of(room, p, end);
	if (!value)
		return config_fail(why, CRUET_EPARSE, "%s: the quoted value does not end", origin);
	char *variable = arena_printf(a, "%c%.*s", CONFIG_VARIABLE, (int)len, name);
	int err = variable ? config_add(cf, CONFIG_DOTENV, variable, value, origin) : CRUET_ENOMEM;
	return err ? err : take(cf, CONFIG_DOTENV, name, len, value, origin, why);
}

static int read_dotenv(struct config *cf, char **why)
{
	const char *path = arena_printf(&cf->arena, "%s/.env", cf->folder);
	char *text = NULL;
	size_t len = 0;
	int err = path ? config_slurp(path, ENV_MAX, &text, &len, why) : CRUET_ENOMEM;

	if (err == CRUET_ENOENT) { /* there need not be one */
		free(*why);
		*why = NULL;
		return CRUET_OK;
	}
	if (!err && memchr(text, 0, len))
		err = config_fail(why, CRUET_EPARSE, "%s: holds a NUL byte: expected text", path);
	unsigned line = 1;
	if (err) {
		len = 0;
		err = config_mistake(cf, err, why);
	}
	for (const char *p = text; !err && p < text + len; line++) {
		const char *end = memchr(p, '\n', (size_t)(text + len - p));
		end = end ? end : text + len;
		err = config_mistake(cf, read_line(cf, p, end, line, why), why);
		p = end + (end < text + len);
	}
	free(text);
	return err;
}

const char *config_variable(const struct config *cf, const char *name)
{
	const char *found = getenv(name);
	for (const struct config_item *it = found ? NULL : cf->items; it; it = it->next)
		if (it->layer == CONFIG_DOTENV && it->key[0] == CONFIG_VARIABLE &&
		    !strcmp(it->key + 1, name))
			found = it->text;
	return found;
}

/* --- the whole -------------------------------------------------------------------------- */

int config_read_environment(struct config *cf, char **why)
{
	int err = read_dotenv(cf, why);

	for (char **e = environ; !err && e && *e; e++) {
		size_t len = strcspn(*e, "=");
		if (!text_starts(*e, "CRUET_") || !(*e)[len])
			continue;
		char *origin = arena_strndup(&cf->arena, *e, len);
		err = origin ? CRUET_OK : CRUET_ENOMEM;
		if (!err)
			err = take(cf, CONFIG_ENVIRONMENT, *e, len, *e + len + 1, origin, why);
	}
	return err;
}
