#include "server/story.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/ctx.h"
#include "app/scope.h"
#include "base/arena.h"
#include "server/sanitizer.h"
#include "server/setting.h"

/* It is the application's, or of the plugin that it is about: no library. */
static bool is_known(const struct crash_record *r, uint32_t i)
{
	int32_t m = r->frames[i].module;
	return r->frames[i].ours || (m >= 0 && r->modules[m].own);
}

const struct crash_line *story_place(const struct story *s)
{
	const struct crash_record *r = s->record;
	const struct crash_line *any = NULL;

	for (uint32_t i = 0; s->lines && i < r->nframes; i++) {
		if (!s->lines[i].file || !is_known(r, i))
			continue;
		if (r->frames[i].ours)
			return &s->lines[i];
		any = any ? any : &s->lines[i];
	}
	return any;
}

/* --- places ----------------------------------------------------------------------------- */

static const char *object_of(struct arena *a, const struct crash_record *r,
			     const struct crash_frame *f)
{
	if (f->module < 0)
		return arena_printf(a, "no code at all (address 0x%llx)",
				    (unsigned long long)f->pc);
	const char *file = r->modules[f->module].file, *slash = strrchr(file, '/');
	return arena_printf(a, "%s+0x%llx", slash ? slash + 1 : file,
			    (unsigned long long)f->offset);
}

static void add_values(struct page *p, char *values)
{
	for (char *line; (line = strsep(&values, "\n"));) {
		char *value = strchr(line, '\t');
		if (value) {
			*value = '\0';
			page_value(p, line, value + 1);
		}
	}
}

static void add_places(struct page *p, const struct story *s)
{
	const struct crash_record *r = s->record;

	for (const struct fail_place *f = s->places; f; f = f->next)
		page_place(p, &(struct page_place){.file = f->file, .line = f->line, .says = f->says});
	for (uint32_t i = 0; i < r->nframes; i++) {
		const struct crash_frame *f = &r->frames[i];
		const struct crash_line *line = s->lines ? &s->lines[i] : NULL;
		struct page_place at = {.object = object_of(p->arena, r, f),
					.foreign = f->module >= 0 && !is_known(r, i)};
		if (line) {
			at.function = line->function;
			at.file = line->file;
			at.line = line->line;
		}
		page_place(p, &at);
		if (line && line->values && !s->brief)
			add_values(p, arena_strdup(p->arena, line->values));
	}
}

/* --- the site --------------------------------------------------------------------------- */

struct settings {
	struct page *page;
	const struct dossier *facts;
};

static void add_setting(void *arg, const char *key, const cJSON *value, const char *origin)
{
	const struct settings *s = arg;
	struct page *p = s->page;
	const char *shown = setting_shown(p->arena, s->facts, key, value);

	key = arena_strdup(p->arena, key);
	if (shown && key)
		page_pair(p, key, arena_printf(p->arena, "%s  (%s)", shown, origin));
}

static void add_site(struct page *p, const struct story *s)
{
	const struct crash_record *r = s->record;
	struct fact f;

	page_section(p, "Configuration");
	config_each(scope_config(s->root), add_setting, &(struct settings){p, &s->facts});
	page_section(p, "Build");
	page_pair(p, "cruet", CRUET_VERSION);
	for (size_t at = 0; dossier_next(&s->facts, &at, &f);)
		if (f.kind == FACT_BUILD)
			page_pair(p, f.name, f.value);
	for (uint32_t i = 0; i < r->nplugins; i++)
		page_pair(p, arena_printf(p->arena, "plugin %s", r->plugins[i].name),
			  *r->plugins[i].version ? r->plugins[i].version : "no version");
}

struct page *story_begin(struct arena *a, const struct story *s)
{
	const char *title = s->report ? sanitizer_title(a, s->report) : story_title(a, s);
	const char *cause = s->report ? sanitizer_cause(a, s->report) : story_cause(a, s);
	struct page *p = page_new(a, s->status, title, cause);

	if (!p || !p->title)
		return NULL;
	p->signal = s->record->signal && !s->record->hang_ms ? crash_signal_name(s->record->signal) : NULL;
	p->id = *s->record->id ? s->record->id : dossier_find(&s->facts, FACT_REQUEST, "id");
	p->curl = story_curl(a, s);
	story_cures(p, s);
	if (s->report)
		sanitizer_places(p, s->report);
	else
		add_places(p, s);
	return p;
}

void story_end(struct page *p, const struct story *s)
{
	if (!p)
		return;
	story_request(p, s);
	add_site(p, s);
}
