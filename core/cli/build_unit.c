#include "cli/build_unit.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/config_priv.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/compile.h"

enum { LIST_MAX = 1 << 20 };

/* --- what it is made of --------------------------------------------------------------------- */

/* As the kernel names it when it changes: folders without links, and the file's own name. */
static const char *plain_path(const struct unit *u, const char *path, struct arena *a)
{
	const char *full = *path == '/' ? path : arena_printf(a, "%s/%s", u->base, path);
	const char *slash = full ? strrchr(full, '/') : NULL;
	char *folder = slash ? arena_strndup(a, full, (size_t)(slash - full) + 1) : NULL;
	char *real = folder ? realpath(folder, NULL) : NULL;
	const char *out = real ? arena_printf(a, "%s/%s", strcmp(real, "/") ? real : "", slash + 1) : full;

	free(real);
	return out;
}

static void add_path(struct unit *u, const char *path)
{
	const char **list = path ? arena_more(&u->made_a, u->made_of, u->nmade_of, sizeof *list) : NULL;

	if (!list)
		return;
	u->made_of = list;
	list[u->nmade_of++] = path;
}

/* A link, and what it leads to: either may change. */
static void add_file(struct unit *u, const char *path)
{
	const char *plain = plain_path(u, path, &u->made_a);
	char *real = plain ? realpath(plain, NULL) : NULL;

	add_path(u, plain);
	if (real && strcmp(real, plain) != 0)
		add_path(u, arena_strdup(&u->made_a, real));
	free(real);
}

/* The next word of a rule of make, unescaped, in word; false: there is none. */
static bool next_word(const char **at, struct buf *word)
{
	const char *p = *at;

	buf_clear(word);
	while (*p == ' ' || *p == '\t' || *p == '\n' || (*p == '\\' && p[1] == '\n'))
		p++;
	for (; *p && *p != ' ' && *p != '\t' && *p != '\n'; p++) {
		if (*p == '\\' && p[1] == '\n')
			break;
		if ((*p == '\\' && (p[1] == ' ' || p[1] == '#')) || (*p == '$' && p[1] == '$'))
			p++;
		buf_char(word, *p);
	}
	*at = p;
	return word->len;
}

/* "app.o: site.c \\\n parts.h" */
static void read_list(struct unit *u, const char *text)
{
	struct buf word;

	buf_init(&word, NULL, 0);
	const char *p = strstr(text, ": ");
	for (p = p ? p + 1 : ""; next_word(&p, &word) && !buf_err(&word);)
		add_file(u, word.p);
	buf_fini(&word);
}

static void forget(struct unit *u)
{
	arena_reset(&u->made_a);
	u->made_of = NULL;
	u->nmade_of = 0;
}

void unit_built(struct unit *u, bool ok)
{
	char *text, *why = NULL;
	size_t len;

	if (!ok)
		return;
	u->stale = false;
	if (!config_slurp(u->list, LIST_MAX, &text, &len, &why)) {
		text[len] = '\0';
		forget(u);
		read_list(u, text);
	}
	free(text);
	free(why);
}

bool unit_has(const struct unit *u, const char *path)
{
	for (size_t i = 0; i < u->nmade_of; i++)
		if (!strcmp(u->made_of[i], path))
			return true;
	return false;
}

void unit_folders(const struct unit *u, void (*each)(void *arg, const char *folder), void *arg)
{
	for (size_t i = 0; i < u->nmade_of; i++) {
		const char *slash = strrchr(u->made_of[i], '/');
		char *folder = slash ? strndup(u->made_of[i], (size_t)(slash - u->made_of[i])) : NULL;
		if (folder)
			each(arg, *folder ? folder : "/");
		free(folder);
	}
}

/* --- from its beginning to its end ------------------------------------------------------------ */

struct unit *unit_new(const char *source, const char *folder, const char *base)
{
	struct unit *u = calloc(1, sizeof *u);
	const char *slash = strrchr(source, '/');

	if (!u)
		return NULL;
	arena_init(&u->a, 512);
	arena_init(&u->made_a, 1024);
	u->base = base;
	u->stale = true;
	u->source = arena_strdup(&u->a, source);
	/* Sources of one folder: no two have the same name. */
	u->object = arena_printf(&u->a, "%s/%s.o", folder, slash ? slash + 1 : source);
	u->list = arena_printf(&u->a, "%s/%s.d", folder, slash ? slash + 1 : source);
	if (!u->source || !u->object || !u->list) {
		unit_free(u);
		return NULL;
	}
	add_file(u, source);
	return u;
}

void unit_free(struct unit *u)
{
	if (!u)
		return;
	arena_fini(&u->a);
	arena_fini(&u->made_a);
	free(u);
}

char **unit_line(const struct unit *u, const char *out, struct arena *a)
{
	const char *const sources[] = {u->source, NULL};

	return compile_line(&(struct compile){.sources = sources,
					      .out = out ? out : u->object,
					      .made_of = u->list,
					      .object = !out},
			    a);
}
