/* What is to be done about it, where that can be told from what was said. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <cjson/cJSON.h>

#include "app/generation.h"
#include "base/arena.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cruet/error.h"
#include "server/story.h"

enum { NAME_MAX_SHOWN = 128, ENDPOINTS_MAX = 1000, SCHEMA_MAX = 1 << 20 };

/* What follows a word, up to a character that ends a name; in a. NULL: it does not stand
 * there. */
static const char *name_after(struct arena *a, const char *text, const char *word)
{
	const char *at = text ? strstr(text, word) : NULL;

	if (!at)
		return NULL;
	at += strlen(word);
	at += strspn(at, " '\"`");
	size_t n = strcspn(at, " '\"`,:;()\n");
	return n && n <= NAME_MAX_SHOWN ? arena_strndup(a, at, n) : NULL;
}

/* --- endpoints -------------------------------------------------------------------------- */

static const char *nearest_endpoint(struct arena *a, const struct generation *g, const char *name)
{
	const char **names = arena_array(a, ENDPOINTS_MAX + 1, sizeof *names);
	size_t n = 0;

	if (!names || !g)
		return NULL;
	for (const struct endpoint *e = g->endpoints; e && n < ENDPOINTS_MAX; e = e->next)
		names[n++] = e->name;
	names[n] = NULL;
	return nearest(name, names);
}

static void cure_endpoint(struct page *p, const struct story *s)
{
	const char *name = name_after(p->arena, s->says, "url for endpoint");
	const char *near = name ? nearest_endpoint(p->arena, s->gen, name) : NULL;

	if (near)
		page_cure(p, "The nearest endpoint is '%s'.", near);
	if (name)
		page_cure(p, "`cruet routes` lists all endpoints.");
}

/* --- the database ----------------------------------------------------------------------- */

static bool mentions(const char *path, const char *table)
{
	char line[1024];
	FILE *f = fopen(path, "re");
	bool found = false;
	size_t left = SCHEMA_MAX;

	while (f && !found && left >= sizeof line && fgets(line, sizeof line, f)) {
		left -= sizeof line;
		found = strcasestr(line, "create table") && strcasestr(line, table);
	}
	if (f)
		fclose(f);
	return found;
}

/* The file in a folder of schema files that makes a table; in a. */
static const char *schema_file(struct arena *a, const char *folder, const char *table)
{
	DIR *d = opendir(folder);
	const char *found = NULL;

	for (struct dirent *e; d && !found && (e = readdir(d));) {
		const char *path = text_ends(e->d_name, ".sql")
					   ? arena_printf(a, "%s/%s", folder, e->d_name)
					   : NULL;
		if (path && mentions(path, table))
			found = path;
	}
	if (d)
		closedir(d);
	return found;
}

static void cure_table(struct page *p, const struct story *s)
{
	const char *table = name_after(p->arena, s->says, "no such table:");
	const struct config *cf = scope_config(s->root);
	const char *folder = config_text(cf, "plugins.sqlite.schema");
	const char *path = config_text(cf, "plugins.sqlite.path");

	if (!table)
		return;
	const char *file = schema_file(p->arena, folder ? folder : "schema", table);
	if (file && folder)
		page_cure(p, "%s creates it and has not been run: start the server once more.", file);
	else if (file)
		page_cure(p, "%s creates it: sqlite3 %s < %s, or \"schema\": \"schema\" in the options "
			     "of sqlite, which runs such files by itself.",
			  file, path ? path : "FILE.db", file);
	else
		page_cure(p, "Create it: put CREATE TABLE %s (...) into a file %s/001_%s.sql%s.", table,
			  folder ? folder : "schema", table,
			  folder ? ", which runs at the next start"
				 : ", and set \"schema\": \"schema\" in the options of sqlite");
}

/* --- the rest --------------------------------------------------------------------------- */

static void cure_key(struct page *p, const struct story *s)
{
	if (s->says && strstr(s->says, "secret_key"))
		page_cure(p, "Make one, and keep it out of version control: echo "
			     "CRUET_SECRET_KEY=$(openssl rand -hex 32) >> .env");
}

static void cure_template(struct page *p, const struct story *s)
{
	const char *name = name_after(p->arena, s->says, "no template");

	if (name)
		page_cure(p, "Make templates/%s, or write its name as it stands there.", name);
}

static void cure_memory(struct page *p, const struct story *s)
{
	if (s->err == CRUET_ENOMEM)
		page_cure(p, "An allocation failed: look for a size that was calculated wrongly, or for "
			     "memory that is kept and not needed (`cruet run --asan` tells leaks).");
}

static void cure_signal(struct page *p, const struct story *s)
{
	const struct crash_record *r = s->record;
	const struct crash_line *at = story_place(s);

	if (r->hang_ms)
		page_cure(p, "Look for a loop that does not end or a lock that nobody gives back; what "
			     "has to wait can use cruet_later() and a waker.");
	else if (r->overflow)
		page_cure(p, "Look for a function that calls itself without an end; large arrays belong "
			     "into cruet_alloc().");
	else if (crash_at_null(r) && at)
		page_cure(p, "Check the pointer for NULL before line %u of %s.", at->line, at->file);
	else if (r->signal == SIGSEGV || r->signal == SIGBUS ||
		 (r->signal == SIGABRT && !strstr(r->says, "Assertion")))
		page_cure(p, "`cruet run --debug --asan` names the place where memory was damaged or "
			     "freed, which may be another one.");
	else if (r->signal == SIGFPE && at)
		page_cure(p, "Check the divisor before line %u of %s.", at->line, at->file);
}

void story_cures(struct page *p, const struct story *s)
{
	static void (*const all[])(struct page *p, const struct story *s) = {
		cure_endpoint, cure_table, cure_key, cure_template, cure_memory, cure_signal};

	for (size_t i = 0; p && i < sizeof all / sizeof *all; i++)
		all[i](p, s);
}
