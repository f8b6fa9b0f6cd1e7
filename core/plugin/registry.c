/* Attaching: one plugin that code asks for, or all that the configuration names. */
#include "plugin/registry.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/copies.h"
#include "plugin/descriptor.h"
#include "plugin/hint.h"
#include "plugin/lock.h"
#include "plugin/order.h"
#include "plugin/service.h"

enum { PLUGINS_MAX = 128 };

/* --- all of them, for the root ------------------------------------------------------------- */

static void stop_all(void *p)
{
	struct registry *r = p;

	for (struct instance *in = r->last; in; in = in->prev)
		if (in->state == INSTANCE_RUNNING)
			instance_stop(in);
}

static int start_all(void *p)
{
	struct registry *r = p;
	int err = CRUET_OK;

	for (struct instance *in = r->first; in && !err; in = in->next)
		err = instance_start(in);
	if (err)
		stop_all(r);
	return err;
}

/* One that is stuck stays where it is. */
static struct instance *last_to_free(const struct registry *r)
{
	struct instance *in = r->last;

	while (in && in->stuck)
		in = in->prev;
	return in;
}

static void free_all(void *p)
{
	struct registry *r = p;

	for (struct instance *in; (in = last_to_free(r));)
		instance_free(in);
	copies_free(r->copies);
	free(r);
}

static const struct registry_ops ops = {start_all, stop_all, free_all};

struct registry *registry_of(cruet_app *root)
{
	struct host *h = root->host;
	struct registry *r = h->registry;

	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return NULL;
		r->root = root;
		h->registry = r;
		h->registry_ops = &ops;
	}
	return r;
}

struct instance *registry_named(cruet_app *root, const char *name)
{
	struct registry *r = root->host->registry;
	for (struct instance *in = r ? r->first : NULL; in; in = in->next)
		if (!strcmp(in->owner.name, name))
			return in;
	return NULL;
}

void registry_add(struct registry *r, struct instance *in)
{
	in->prev = r->last;
	in->next = NULL;
	*(r->last ? &r->last->next : &r->first) = in;
	r->last = in;
}

void registry_remove(struct registry *r, struct instance *in)
{
	if (!in->prev && r->first != in)
		return; /* it never came as far as that */
	*(in->prev ? &in->prev->next : &r->first) = in->next;
	*(in->next ? &in->next->prev : &r->last) = in->prev;
	in->next = in->prev = NULL;
}

static int problem(struct host *h, int err, const char *why)
{
	return host_problem(h, err, "%s", why ? why : cruet_strerror(CRUET_ENOMEM));
}

/* --- one ---------------------------------------------------------------------------------- */

/* What the configuration says of an instance of that name. */
static bool configured(struct host *h, const char *name, struct config_plugin *out)
{
	for (size_t i = 0; config_plugin_at(h->config, i, out); i++)
		if (!strcmp(out->instance, name))
			return true;
	return false;
}

static int attach(cruet_app *app, struct attach *how)
{
	struct instance *in;
	struct config_plugin cp;

	if (configured(app->host, how->name, &cp))
		how->config = &cp;
	return instance_attach(app, how, &in);
}

int cruet_use_static(cruet_app *app, const cruet_plugin *p, const char *options)
{
	struct arena a;
	const char *why = NULL;

	if (!app)
		return CRUET_EINVAL;
	if (!p)
		return scope_problem(app, CRUET_EINVAL, "cruet_use_static: no plugin");
	arena_init(&a, 1024);
	int err = descriptor_check_head(p, &a, &why);
	const char *name = !err && p->name ? p->name : "?";
	if (!err)
		err = descriptor_check(p, &a, &why);
	if (err)
		host_problem(app->host, err, why ? "plugin '%s' %s" : "plugin '%s': %s", name,
			     why ? why : cruet_strerror(CRUET_ENOMEM));
	arena_fini(&a);
	return err ? err : attach(app, &(struct attach){.name = name, .plugin = p, .text = options});
}

static int use_file(cruet_app *app, const char *name, const char *file, const char *options,
		    struct arena *a)
{
	struct plugin_file f;
	const char *why = NULL;

	int err = loader_read(file, false, a, &f, &why);
	if (err)
		return problem(app->host, err, why);
	err = attach(app, &(struct attach){.name = name, .file = &f, .text = options});
	loader_forget(&f);
	return err;
}

/* The configuration may let another plugin stand under this name. */
int cruet_use(cruet_app *app, const char *plugin, const char *options)
{
	struct arena a;
	struct config_plugin cp;
	const char *why = NULL;

	if (!app)
		return CRUET_EINVAL;
	if (!plugin)
		return scope_problem(app, CRUET_EINVAL, "cruet_use: no plugin is named");
	arena_init(&a, 4096);
	const char *file = registry_find(app->host,
					 configured(app->host, plugin, &cp) ? cp.plugin : plugin,
					 &a, &why);
	int err = file ? use_file(app, plugin, file, options, &a)
		       : problem(app->host, CRUET_ENOENT, why);
	arena_fini(&a);
	return err;
}

int registry_load_app(cruet_app *root, const char *file)
{
	struct arena a;
	struct plugin_file f;
	struct instance *in;
	const char *why = NULL;

	arena_init(&a, 4096);
	int err = loader_read(file, true, &a, &f, &why);
	if (err)
		problem(root->host, err, why);
	else
		err = instance_attach(root, &(struct attach){.name = "app", .file = &f}, &in);
	loader_forget(&f);
	arena_fini(&a);
	return err;
}

/* --- those of the configuration ------------------------------------------------------------ */

struct wanted {
	struct config_plugin config;
	struct plugin_file file;
};

struct set {
	cruet_app *root;
	struct arena a;
	struct wanted *wanted;    /* in the order of the file */
	struct order_item *items; /* in the order of attaching */
	size_t n;
	struct instance *attached[PLUGINS_MAX];
	size_t nattached;
};

/* A plugin that code attached before the configuration was read has not seen what
 * that says of it. */
static int already_there(struct set *s, const struct instance *in)
{
	if (in->configured)
		return CRUET_OK;
	return host_problem(s->root->host, CRUET_ESTATE,
			    "plugin '%s' was attached before the configuration was read, so what "
			    "that says of it came too late: call cruet_load() first",
			    in->owner.name);
}

static int read_one(struct set *s, const struct config_plugin *cp)
{
	struct host *h = s->root->host;
	struct wanted *w = &s->wanted[s->n];
	const char *why = NULL;

	if (s->n == PLUGINS_MAX)
		return host_problem(h, CRUET_ELIMIT, "more than %d plugins", PLUGINS_MAX);
	const char *file = registry_find(h, cp->plugin, &s->a, &why);
	if (!file)
		return problem(h, CRUET_ENOENT, why);
	int err = loader_read(file, false, &s->a, &w->file, &why);
	if (!err)
		err = lock_check(h, file, &w->file.facts, &s->a, &why);
	if (err) {
		loader_forget(&w->file);
		return problem(h, err, why);
	}
	w->config = *cp;
	const cruet_plugin *p = w->file.facts.plugin;
	s->items[s->n++] =
		(struct order_item){cp->instance, p->name, p->needs, p->provides, p->after};
	return CRUET_OK;
}

/* What all of them say of themselves, before any code runs. */
static int read_all(struct set *s)
{
	struct config_plugin cp;
	int err = CRUET_OK;

	for (size_t i = 0; !err && config_plugin_at(s->root->host->config, i, &cp); i++) {
		struct instance *in = registry_named(s->root, cp.instance);
		err = in ? already_there(s, in) : read_one(s, &cp);
	}
	return err;
}

static int provided(void *arg, const char *service)
{
	struct set *s = arg;
	return service_provided(s->root, service);
}

static const char *hint(void *arg, const char *need)
{
	struct set *s = arg;
	return hint_unmet(s->root, s->items, s->n, need, &s->a);
}

static int sort(struct set *s)
{
	const struct order_outside outside = {provided, hint, s};
	const char *why;
	int err = order_sort(s->items, s->n, &outside, &s->a, &why);

	return err ? problem(s->root->host, err, why) : CRUET_OK;
}

static const struct wanted *wanted_named(const struct set *s, const char *instance)
{
	const struct wanted *w = s->wanted;
	while (strcmp(w->config.instance, instance) != 0)
		w++;
	return w;
}

static int attach_all(struct set *s)
{
	int err = CRUET_OK;

	for (size_t i = 0; !err && i < s->n; i++) {
		const struct wanted *w = wanted_named(s, s->items[i].name);
		err = instance_attach(s->root,
				      &(struct attach){.name = w->config.instance,
						       .file = &w->file,
						       .config = &w->config,
						       .first = true},
				      &s->attached[s->nattached]);
		s->nattached += !err;
	}
	return err;
}

static void detach_all(struct set *s)
{
	while (s->nattached) {
		instance_free(s->attached[--s->nattached]);
	}
}

/* What was loaded before there was a configuration, and so a lock, was held against none. */
static int check_late_lock(struct set *s)
{
	const struct registry *r = s->root->host->registry;
	const char *path, *why;
	struct lock l;
	int err = lock_of(s->root->host, &s->a, &l, &path, &why);

	if (err == CRUET_ENOENT)
		return CRUET_OK;
	if (err)
		return problem(s->root->host, err, why);
	if (!r || !r->copies)
		return CRUET_OK;
	return host_problem(s->root->host, CRUET_EDENIED,
			    "a plugin was loaded before the configuration was read, so %s came too "
			    "late: call cruet_load() first",
			    path);
}

int registry_load_config(cruet_app *root)
{
	struct set s = {.root = root};

	arena_init(&s.a, 16384);
	s.wanted = arena_array(&s.a, PLUGINS_MAX, sizeof *s.wanted);
	s.items = arena_array(&s.a, PLUGINS_MAX, sizeof *s.items);
	int err = s.wanted && s.items ? check_late_lock(&s)
				      : problem(root->host, CRUET_ENOMEM, NULL);
	if (!err)
		err = read_all(&s);
	if (!err)
		err = sort(&s);
	if (!err)
		err = attach_all(&s);
	if (err)
		detach_all(&s);
	for (size_t i = 0; i < s.n; i++)
		loader_forget(&s.wanted[i].file);
	arena_fini(&s.a);
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
