#include "plugin/plan.h"

#include <string.h>

#include "plugin/hint.h"
#include "plugin/lock.h"
#include "plugin/service.h"

static int problem(const struct plan *p, int err, const char *why)
{
	return host_problem(p->root->host, err, "%s", why ? why : cruet_strerror(CRUET_ENOMEM));
}

int plan_init(struct plan *p, cruet_app *root)
{
	*p = (struct plan){.root = root};
	arena_init(&p->a, 16384);
	p->wanted = arena_array(&p->a, PLAN_MAX, sizeof *p->wanted);
	p->items = arena_array(&p->a, PLAN_MAX, sizeof *p->items);
	return p->wanted && p->items ? CRUET_OK : problem(p, CRUET_ENOMEM, NULL);
}

void plan_fini(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		loader_forget(&p->wanted[i].file);
	arena_fini(&p->a);
}

/* --- what is wanted ------------------------------------------------------------------------ */

int plan_add(struct plan *p, const struct wanted *w, const char *path, bool app)
{
	const cruet_plugin *plugin = w->plugin;
	const char *why;

	if (p->n == PLAN_MAX)
		return host_problem(p->root->host, CRUET_ELIMIT, "more than %d plugins", PLAN_MAX);
	struct wanted *to = &p->wanted[p->n];
	*to = *w;
	if (path) {
		int err = loader_read(path, app, &p->a, &to->file, &why);
		if (!err)
			err = lock_check(p->root->host, path, &to->file.facts, &p->a, &why);
		if (err) {
			loader_forget(&to->file);
			return problem(p, err, why);
		}
		plugin = to->file.facts.plugin;
	}
	p->items[p->n++] = (struct order_item){to->name, plugin->name, plugin->needs,
					       plugin->provides, plugin->after, false};
	return CRUET_OK;
}

int plan_add_named(struct plan *p, const struct wanted *w, const char *plugin)
{
	const char *why = NULL;
	const char *path = registry_find(p->root->host, plugin, &p->a, &why);

	return path ? plan_add(p, w, path, false) : problem(p, CRUET_ENOENT, why);
}

/* --- their order ---------------------------------------------------------------------------- */

static int provided(void *arg, const char *service)
{
	struct plan *p = arg;
	return service_provided(p->root, service);
}

static const char *hint(void *arg, const char *need)
{
	struct plan *p = arg;
	return hint_unmet(p->root, p->items, p->n, need, &p->a);
}

int plan_sort(struct plan *p)
{
	return plan_sort_telling(p, NULL, NULL);
}

int plan_sort_telling(struct plan *p, void (*told)(void *arg, const char *why), void *arg)
{
	const struct order_outside outside = {provided, hint, p, told, arg};
	const char *why;
	int err = order_sort(p->items, p->n, &outside, &p->a, &why);

	return err ? problem(p, err, why) : CRUET_OK;
}

/* --- attaching them ------------------------------------------------------------------------- */

static struct wanted *wanted_named(const struct plan *p, const char *name)
{
	struct wanted *w = p->wanted;

	while (strcmp(w->name, name) != 0)
		w++;
	return w;
}

static int attach(struct wanted *w)
{
	const struct attach how = {.name = w->name,
				   .plugin = w->plugin,
				   .file = w->file.path ? &w->file : NULL,
				   .text = w->text,
				   .config = w->config.instance ? &w->config : NULL,
				   .old = w->old,
				   .origin = w->origin};

	return instance_attach(w->parent, &how, &w->in);
}

static void detach(struct plan *p)
{
	while (p->nattached)
		instance_free(wanted_named(p, p->items[--p->nattached].name)->in);
}

int plan_attach(struct plan *p)
{
	int err = CRUET_OK;

	for (size_t i = 0; !err && i < p->n; i++) {
		err = attach(wanted_named(p, p->items[i].name));
		p->nattached += !err;
	}
	if (err)
		detach(p);
	return err;
}

void plan_attach_each(struct plan *p, void (*told)(void *arg, const char *why), void *arg)
{
	struct host *h = p->root->host;

	for (size_t i = 0; i < p->n; i++) {
		char *why = NULL;
		if (p->items[i].bad)
			continue;
		host_gather_problems(h, &why);
		int err = attach(wanted_named(p, p->items[i].name));
		host_ungather_problems(h);
		if (err)
			told(arg, why ? why : cruet_strerror(err));
		problem_free(why);
	}
}

/* --- those of the configuration ------------------------------------------------------------- */

/* A plugin that code attached before the configuration was read has not seen what
 * that says of it. */
static int already_there(struct plan *p, const struct instance *in)
{
	if (in->configured)
		return CRUET_OK;
	return host_problem(p->root->host, CRUET_ESTATE,
			    "plugin '%s' was attached before the configuration was read, so what "
			    "that says of it came too late: call cruet_load() first",
			    in->owner.name);
}

static int add_configured(struct plan *p)
{
	struct config_plugin cp;
	int err = CRUET_OK;

	for (size_t i = 0; !err && config_plugin_at(registry_source(p->root), i, &cp); i++) {
		struct instance *in = registry_named(p->root, cp.instance);
		const struct wanted w = {.name = cp.instance,
					 .parent = p->root,
					 .config = cp,
					 .origin = ORIGIN_CONFIG};
		err = in ? already_there(p, in) : plan_add_named(p, &w, cp.plugin);
	}
	return err;
}

/* What was loaded before there was a configuration, and so a lock, was held against none. */
static int check_late_lock(struct plan *p)
{
	const struct registry *r = p->root->host->registry;
	const char *path, *why;
	struct lock l;
	int err = lock_of(p->root->host, &p->a, &l, &path, &why);

	if (err == CRUET_ENOENT)
		return CRUET_OK;
	if (err)
		return problem(p, err, why);
	if (!r || !r->copies)
		return CRUET_OK;
	return host_problem(p->root->host, CRUET_EDENIED,
			    "a plugin was loaded before the configuration was read, so %s came too "
			    "late: call cruet_load() first",
			    path);
}

int registry_load_config(cruet_app *root)
{
	struct plan p;
	int err = plan_init(&p, root);

	if (!err)
		err = check_late_lock(&p);
	if (!err)
		err = add_configured(&p);
	if (!err)
		err = plan_sort(&p);
	if (!err)
		err = plan_attach(&p);
	plan_fini(&p);
	return err;
}

int registry_load(cruet_app *root, const char *file, const char *profile)
{
	int err = settings_read(root->host, file, profile);
	return err ? err : registry_load_config(root);
}

int cruet_load(cruet_app *app, const char *file)
{
	return app ? registry_load(app->root, file, NULL) : CRUET_EINVAL;
}
