/* One plugin attached under one name: up and down the ladder. What can be known
 * without running a line of it (its name, its needs, its options) is settled before
 * its file is opened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/where.h"
#include "base/date.h"
#include "base/errors.h"
#include "plugin/copies.h"
#include "plugin/descriptor.h"
#include "plugin/instance_options.h"
#include "plugin/lock.h"
#include "plugin/registry.h"
#include "plugin/service.h"
#include "plugin/within.h"

struct instance *instance_of(const cruet_app *app)
{
	struct owner *o = app ? app->owner : NULL;
	return o ? (struct instance *)((char *)o - offsetof(struct instance, owner)) : NULL;
}

const struct instance *instance_outermost(const struct instance *in)
{
	const struct instance *outer = instance_of(in->scope->parent);

	return outer && outer->scope->since == in->scope->since ? instance_outermost(outer) : in;
}

const void *cruet_config(const cruet_app *app)
{
	return app && app->owner ? app->owner->config : NULL;
}

void *cruet_state(const cruet_app *app)
{
	return app && app->owner ? app->owner->state : NULL;
}

const char *cruet_core_id(void)
{
	return "cruet " CRUET_VERSION;
}

int cruet_reject(cruet_app *app, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (!app)
		return CRUET_EINVAL;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	scope_problem(app, CRUET_EINVAL, "%s", text ? text : cruet_strerror(CRUET_ENOMEM));
	free(text);
	return CRUET_EINVAL;
}

/* --- steps ------------------------------------------------------------------------------ */

/* What was before a step. */
struct climb {
	const char *step;
	struct where_step was;
	struct census threads;
};

static struct climb step_begin(struct instance *in, const char *step)
{
	struct climb c = {.step = step, .was = where_climb(&in->owner, step)};

	census_begin(&c.threads, in);
	return c;
}

static void step_end(struct instance *in, struct climb *c)
{
	census_end(&c->threads, in, c->step);
	where_climbed(c->was);
}

static int go_up(struct instance *in, const char *step, int (*fn)(cruet_app *))
{
	struct climb c = step_begin(in, step);
	int64_t began = date_monotonic_us();
	int err = fn(in->scope);

	in->steps_us += (uint64_t)(date_monotonic_us() - began);
	step_end(in, &c);
	return err;
}

/* --- down the ladder ------------------------------------------------------------------- */

/* The last plugin that was attached to the scope of this one, or to a blueprint of
 * it: an application uses plugins in its init. */
static struct instance *last_inside(const struct instance *in)
{
	struct registry *r = in->scope->host->registry;
	const struct roll *roll = in->roll ? in->roll : &r->all;

	for (struct instance *x = roll->last; x; x = x->prev)
		for (cruet_app *at = x->scope->parent; at; at = at->parent)
			if (at == in->scope)
				return x;
	return NULL;
}

/* False if one of them is stuck. */
static bool free_inside(struct instance *in)
{
	for (struct instance *x; (x = last_inside(in));) {
		if (x->stuck)
			return false;
		instance_free(x);
	}
	return true;
}

/* Its threads may touch all of it at any time, what it is bound to as well, so nothing but
 * the file can go. */
void instance_leave(struct instance *in)
{
	if (in->stuck)
		return;
	in->stuck = in->scope->host->stuck = true;
	for (struct edge *e = in->uses; e; e = e->next)
		e->provider->stuck_users++;
	copies_remove(in->loaded.copy);
	in->loaded.copy = NULL;
}

/* Runs a step down. False: it did not return in time. */
static bool step_down(struct instance *in, const char *step, void (*fn)(cruet_app *))
{
	uint64_t ms = in->scope->host->settings.plugin_stop;

	if (call_within(in->scope, step, fn, ms))
		return true;
	cruet_log(in->scope->root, CRUET_ERROR,
		  "plugin '%s': %s has not returned after %llu ms: the plugin is left as it is, its "
		  "code and memory stay",
		  in->owner.name, step, (unsigned long long)ms);
	return false;
}

/* True if one that is stuck may still use it. */
static bool is_held(const struct instance *in)
{
	if (in->stuck_users)
		cruet_log(in->scope->root, CRUET_WARN,
			  "plugin '%s' is left as it is too: one that is bound to it is",
			  in->owner.name);
	return in->stuck_users;
}

static void unload(struct instance *in, cruet_app *root)
{
	bool unique = in->loaded.unique_symbols;

	if (!loader_close(&in->loaded))
		cruet_log(root, CRUET_WARN, "plugin '%s' cannot be unmapped: its code stays%s",
			  in->owner.name, unique ? " (it has unique symbols)" : "");
}

/* It calls no service any more. */
static void release(struct instance *in)
{
	for (struct edge *e = in->uses; e && !in->released; e = e->next)
		e->provider->users--;
	in->released = true;
}

static void take_hold(struct instance *in)
{
	for (struct edge *e = in->uses; e && in->released; e = e->next)
		e->provider->users++;
	in->released = false;
}

static bool finish(struct instance *in)
{
	const cruet_plugin *p = in->owner.plugin;

	return in->state < INSTANCE_READY || !CRUET_HAS(p, cruet_plugin, fini) ||
	       step_down(in, "fini", p->fini);
}

/* Undoes what succeeded; the scope takes back all that was registered. */
void instance_free(struct instance *in)
{
	cruet_app *root = in->scope->root;

	if (in->stuck)
		return;
	if (is_held(in) || !threads_stop(in) || !finish(in) || !free_inside(in) || census_left(in)) {
		instance_leave(in);
		return;
	}
	roll_remove(in);
	release(in);
	threads_fini(&in->threads);
	scope_drop(in->scope);
	unload(in, root);
	arena_fini(&in->arena);
	free(in);
}

void instance_stop(struct instance *in)
{
	const cruet_plugin *p = in->owner.plugin;

	if (in->state != INSTANCE_RUNNING) /* it was closed when the others started */
		return;
	in->state = INSTANCE_READY;
	if (is_held(in) || !threads_stop(in) ||
	    (CRUET_HAS(p, cruet_plugin, stop) && !step_down(in, "stop", p->stop)))
		instance_leave(in);
	else
		release(in);
}

void instance_end_timers(struct instance *in)
{
	timers_stop(&in->threads);
}

void instance_end_threads(struct instance *in)
{
	if (!threads_stop(in))
		instance_leave(in);
}

/* --- up the ladder ---------------------------------------------------------------------- */

/* Says why a step failed, unless the plugin said so itself. */
static int step_failed(struct instance *in, const char *step, int err)
{
	if (!error_known(err))
		return scope_problem(in->scope, CRUET_EINVAL,
				     "%s returned %d: expected CRUET_OK or a CRUET_E code", step,
				     err);
	return scope_problem(in->scope, err, "%s failed: %s", step, cruet_strerror(err));
}

/* From the one whose place it takes, if that ever ran. */
static int take_over(struct instance *in)
{
	const cruet_plugin *p = in->owner.plugin;
	const struct owner *old = in->old ? &in->old->owner : NULL;

	if (!old || in->old->state != INSTANCE_RUNNING || strcmp(old->plugin->name, p->name) != 0 ||
	    !CRUET_HAS(p, cruet_plugin, migrate))
		return CRUET_OK;
	const cruet_predecessor from = {.size = sizeof from,
					.version = old->plugin->version,
					.config = old->config,
					.state = old->state,
					.config_size = old->plugin->config_size,
					.state_size = old->plugin->state_size};
	struct climb c = step_begin(in, "migrate");
	int err = p->migrate(in->scope, &from);
	step_end(in, &c);
	return err ? step_failed(in, "migrate", err) : CRUET_OK;
}

static int open_up(struct instance *in)
{
	const cruet_plugin *p = in->owner.plugin;
	int err = take_over(in);

	if (err || !CRUET_HAS(p, cruet_plugin, start))
		return err;
	err = go_up(in, "start", p->start);
	return err ? step_failed(in, "start", err) : CRUET_OK;
}

int instance_start(struct instance *in)
{
	if (in->stuck)
		return scope_problem(in->scope, CRUET_ESTATE, "start failed: it has never stopped");
	if (atomic_load(&in->owner.closed))
		return CRUET_OK;
	take_hold(in);
	threads_open(&in->threads);
	int err = open_up(in);
	if (err) {
		if (!threads_stop(in))
			instance_leave(in);
		return err;
	}
	in->state = INSTANCE_RUNNING;
	err = threads_run(in);
	if (!err)
		return CRUET_OK;
	instance_stop(in);
	return scope_problem(in->scope, err, "its timers cannot run: %s", cruet_strerror(err));
}

static int check_name(cruet_app *parent, const struct attach *how, const cruet_plugin *p)
{
	struct host *h = parent->host;

	if (!plugin_name_valid(how->name))
		return host_problem(h, CRUET_EINVAL,
				    "plugin '%s': a name begins with a letter and has lower-case "
				    "letters, digits and '_'",
				    how->name);
	if (registry_named(parent->root, how->name))
		return host_problem(h, CRUET_EEXIST,
				    "plugin '%s' is attached already: give this one another name",
				    how->name);
	struct registry *r = h->registry;
	for (struct instance *in = r->all.first; in && !(p->flags & CRUET_REPEATABLE); in = in->next)
		if (!in->scope->out && !strcmp(in->owner.plugin->name, p->name))
			return host_problem(h, CRUET_EEXIST,
					    "plugin '%s': '%s' is attached already as '%s', and may "
					    "be attached once",
					    how->name, p->name, in->owner.name);
	return CRUET_OK;
}

static int check_prefix(cruet_app *parent, const struct attach *how)
{
	const char *prefix = how->config ? how->config->prefix : NULL;

	if (!prefix || !*prefix || *prefix == '/')
		return CRUET_OK;
	return host_problem(parent->host, CRUET_EINVAL,
			    "plugin '%s': prefix \"%s\" must start with a slash", how->name, prefix);
}

/* An instance with its scope, on no list yet; NULL when out of memory. */
static struct instance *make(cruet_app *parent, const struct attach *how, const cruet_plugin *p)
{
	struct instance *in = calloc(1, sizeof *in);
	const char *prefix = how->config && how->config->prefix ? how->config->prefix : "";

	if (!in || threads_init(&in->threads)) {
		free(in);
		return NULL;
	}
	arena_init(&in->arena, 1024);
	in->owner.plugin = p;
	in->owner.name = arena_strdup(&in->arena, how->name);
	in->owner.config = arena_zalloc(&in->arena, p->config_size);
	in->owner.state = arena_zalloc(&in->arena, p->state_size);
	in->file = how->file ? arena_strdup(&in->arena, how->file->path) : NULL;
	in->text = arena_strdup(&in->arena, how->text);
	in->bind = how->config ? how->config->bind : NULL;
	in->configured = how->config != NULL;
	in->origin = how->origin;
	in->old = how->old;
	in->compiled = how->compiled;
	in->owner.source = registry_source(parent->root);
	if (how->file)
		memcpy(in->sha256, how->file->facts.sha256, sizeof in->sha256);
	if (in->owner.name && in->owner.config && in->owner.state && (in->file || !how->file) &&
	    (in->text || !how->text))
		in->scope = scope_child(parent, SCOPE_PLUGIN,
					strcmp(p->name, "app") != 0 ? how->name : "", prefix,
					&in->owner, how->origin == ORIGIN_CONFIG && !how->old);
	if (in->scope) {
		if (how->old && how->old->scope->parent == parent)
			scope_move_behind(in->scope, how->old->scope);
		return in;
	}
	threads_fini(&in->threads);
	arena_fini(&in->arena);
	free(in);
	return NULL;
}

static int load(struct instance *in, const struct plugin_file *f)
{
	struct registry *r = in->scope->host->registry;
	const char *why = NULL;
	struct arena a;

	arena_init(&a, 1024);
	int err = lock_check(in->scope->host, f->path, &f->facts, &a, &why);
	if (!err && !r->copies) {
		r->copies = copies_new(&a, &why);
		err = r->copies ? CRUET_OK : CRUET_EIO;
	}
	struct climb c = step_begin(in, "load");
	if (!err)
		err = loader_open(f, r->copies, &a, &in->loaded, &why);
	step_end(in, &c);
	if (err)
		host_problem(in->scope->host, err, "%s", why ? why : cruet_strerror(CRUET_ENOMEM));
	arena_fini(&a);
	if (err)
		return err;
	in->owner.plugin = in->loaded.plugin;
	in->load_us = f->read_us + in->loaded.open_us;
	return CRUET_OK;
}

/* init, and what it left undone without saying so. */
static int run_init(struct instance *in)
{
	bool clean = !cruet_problem(in->scope);
	int err = go_up(in, "init", in->owner.plugin->init);

	if (err)
		return step_failed(in, "init", err);
	return clean && cruet_problem(in->scope) ? CRUET_ESTATE : CRUET_OK;
}

static int climb(struct instance *in, const struct attach *how)
{
	int err = service_check_needs(in);

	if (!err)
		err = instance_options(in, how);
	if (!err && how->file)
		err = load(in, how->file);
	if (!err && CRUET_HAS(in->owner.plugin, cruet_plugin, configure)) {
		err = go_up(in, "configure", in->owner.plugin->configure);
		if (err)
			step_failed(in, "configure", err);
	}
	if (err)
		return err;
	in->state = INSTANCE_CONFIGURED;
	if (CRUET_HAS(in->owner.plugin, cruet_plugin, init))
		err = run_init(in);
	if (!err)
		in->state = INSTANCE_READY;
	return err;
}

static int check_state(cruet_app *parent, const struct attach *how)
{
	if (!parent->frozen || host_changes(parent->host))
		return CRUET_OK;
	return host_problem(parent->host, CRUET_ESTATE,
			    "plugin '%s': the application has started already: attach it before",
			    how->name);
}

int instance_attach(cruet_app *parent, const struct attach *how, struct instance **out)
{
	const cruet_plugin *p = how->file ? how->file->facts.plugin : how->plugin;
	struct registry *r = registry_of(parent->root);

	*out = NULL;
	int err = check_state(parent, how);
	if (!err && r)
		err = check_name(parent, how, p);
	if (!err)
		err = check_prefix(parent, how);
	if (err)
		return err;
	struct instance *in = r ? make(parent, how, p) : NULL;
	if (!in)
		return host_problem(parent->host, CRUET_ENOMEM, "plugin '%s': %s", how->name,
				    cruet_strerror(CRUET_ENOMEM));
	err = climb(in, how);
	if (err) {
		in->scope->out = true; /* even if it cannot be freed */
		instance_free(in);
		return err;
	}
	roll_add(&r->all, in);
	*out = in;
	return CRUET_OK;
}
