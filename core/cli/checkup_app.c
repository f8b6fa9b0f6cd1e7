/* The application: found, built, attached and looked at; nothing of it is started. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/generation.h"
#include "cli/checkup.h"
#include "cli/compile.h"
#include "cli/scratch.h"
#include "cruet/hook.h"
#include "cruet/svc/checkup.h"
#include "plugin/loader.h"
#include "plugin/lock.h"
#include "plugin/registry.h"

/* --- its file --------------------------------------------------------------------------- */

static const char *words(const char *why)
{
	return why ? why : cruet_strerror(CRUET_ENOMEM);
}

/* What is built at each start is another file each time. */
static void check_lock(struct checkup *k)
{
	const char *path, *why = NULL;
	struct lock l;

	int err = lock_of(k->site.app->host, k->a, &l, &path, &why);
	if (!err)
		found(k, k->code.shown,
		      arena_printf(k->a, "it is compiled at each start, so %s cannot list it", path),
		      "build a .so, name that in \"app\", and run `cruet plugins lock`");
	else if (err != CRUET_ENOENT)
		found_sentence(k, path, words(why), NULL);
}

/* Into a file of the private folder, which is gone when the program ends. */
static const char *build(struct checkup *k)
{
	const char *why = NULL;
	char *folder = loader_folder(k->a, &why);
	const char *so = folder ? arena_printf(k->a, "%s/app.so", folder) : NULL;
	const char *kept = arena_strdup(k->a, folder);

	free(folder);
	if (!so || !kept) {
		found(k, k->code.shown, words(why), NULL);
		return NULL;
	}
	k->built_in = kept;
	if (!compile_app(k->code.sources, so, k->a, &why))
		return so;
	found(k, k->code.shown, words(why), NULL);
	return NULL;
}

static void add_file(struct checkup *k, const char *so)
{
	struct checked_file *to = &k->files[k->nfiles];
	const char *why = NULL;

	*to = (struct checked_file){.name = "app", .path = so, .good = true};
	if (loader_check(so, true, k->a, &to->facts, &why)) {
		size_t n = strlen(so);
		found(k, k->code.shown, why && !strncmp(why, so, n) ? why + n + 1 : words(why), NULL);
		return;
	}
	k->nfiles++;
	if (!k->code.so)
		return;
	to->good = !lock_check(k->site.app->host, so, &to->facts, k->a, &why);
	if (!to->good)
		found(k, so, words(why), NULL);
}

/* The process will go elsewhere. */
static const char *const *steady(struct checkup *k, const char *const *sources)
{
	size_t n = 0;

	while (sources[n])
		n++;
	const char **out = arena_array(k->a, n + 1, sizeof *out);
	for (n = 0; out && sources[n]; n++)
		if (!(out[n] = code_steady(sources[n], k->a)))
			out = NULL;
	k->no_memory |= !out;
	return out;
}

void check_code(struct checkup *k)
{
	struct site *s = &k->site;
	const char *why = NULL, *so;

	if (code_find(&s->target, s->app->host->config, k->a, &k->code, &why)) {
		found_sentence(k, s->target.shown, words(why), NULL);
	} else {
		k->has_code = true;
		if (!k->code.so) {
			k->sources = steady(k, k->code.sources);
			check_lock(k);
		}
		so = k->code.so ? k->code.so : build(k);
		if (so)
			add_file(k, so);
	}
	if (chdir(s->target.folder) != 0)
		found(k, s->target.folder, strerror(errno), NULL);
}

/* --- setting it up ---------------------------------------------------------------------- */

static void told(void *arg, const char *why)
{
	struct checkup *k = arg;

	found_sentence(k, k->has_code ? k->code.shown : k->site.target.shown, why, NULL);
}

/* Its setup goes on after a mistake, as each call of it does. */
void attach_app(struct checkup *k)
{
	const struct checked_file *f = k->nfiles ? &k->files[k->nfiles - 1] : NULL;
	struct site *s = &k->site;

	s->app->host->told = told;
	if (f && !strcmp(f->name, "app") && f->good)
		registry_load_app(s->app, f->path, !k->code.so);
	s->plan = generation_try(s->app, scope_config(s->app), told, k);
	if (s->plan)
		k->ctx = site_ctx(s);
	k->no_memory |= !k->ctx;
}

void check_leave(struct checkup *k)
{
	scratch_remove(k->built_in);
}

/* --- what others say --------------------------------------------------------------------- */

static void said(void *self, cruet_ctx *c, const char *where, const char *what, const char *cure)
{
	const cruet_app *scope = c->scope;

	found(self, where ? where : scope->owner ? scope->owner->name : "app", what, cure);
}

void ask_plugins(struct checkup *k)
{
	const cruet_checkup check = {
		.size = sizeof check, .deploy = k->deploy, .self = k, .found = said};

	if (k->ctx)
		cruet_tell(k->ctx, CRUET_CHECKUP_EVENT, &check);
}
