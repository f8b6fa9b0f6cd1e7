#include "plugin/change.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "app/where.h"
#include "base/buf.h"
#include "base/nearest.h"

static int problem(struct change *c, int err, const char *why)
{
	return host_problem(c->host, err, "%s", why ? why : cruet_strerror(CRUET_ENOMEM));
}

static struct instance *first(const struct change *c)
{
	return c->registry->all.first;
}

/* --- who is meant ------------------------------------------------------------------------ */

static int not_attached(struct change *c)
{
	const char *names[PLAN_MAX + 1] = {NULL};
	size_t n = 0;

	for (const struct instance *in = first(c); in && n < PLAN_MAX; in = in->next)
		names[n++] = in->owner.name;
	const char *near = nearest(c->name, names);
	if (near)
		return host_problem(c->host, CRUET_ENOENT,
				    "no plugin '%s' is attached: did you mean '%s'?", c->name,
				    near);
	return host_problem(c->host, CRUET_ENOENT, "no plugin '%s' is attached", c->name);
}

/* --- who cannot go ------------------------------------------------------------------------- */

/* The clock and the log are used at any time, by whoever stands on no generation, too. */
static bool is_held(const struct change *c, const struct instance *in)
{
	const struct entry_service *clock = atomic_load(&c->host->clock),
				   *log = atomic_load(&c->host->log.sink);

	return in->bound_by_program || in->compiled || (clock && clock->head.scope->owner == &in->owner) ||
	       (log && log->head.scope->owner == &in->owner);
}

static const char *why_held(const struct instance *in)
{
	return in->compiled	      ? "it was compiled when the server started, and is no .so"
	       : in->bound_by_program ? "the program itself is bound to it"
				      : "the application has its clock or log from it";
}

static int check_program(struct change *c)
{
	for (const struct instance *in = first(c); in; in = in->next)
		if (in->fate != FATE_STAYS && is_held(c, in))
			return host_problem(c->host, CRUET_EBUSY,
					    "plugin '%s' cannot be taken out: %s, so this takes a new "
					    "start",
					    in->owner.name,
					    why_held(in));
	return CRUET_OK;
}

/* --- who would miss it --------------------------------------------------------------------- */

/* "'visits' (cache/1), 'stats' (cache/1)"; NULL: nobody. */
static const char *users_of(struct change *c, const struct instance *gone)
{
	struct buf b;

	buf_init(&b, &c->plan.a, 0);
	for (const struct instance *in = first(c); in; in = in->next)
		for (const struct edge *e = in->fate == FATE_STAYS ? in->uses : NULL; e; e = e->next)
			if (e->provider == gone) {
				buf_printf(&b, "%s'%s' (%s)", b.len ? ", " : "", in->owner.name,
					   e->service);
				break;
			}
	return b.len ? b.p : NULL;
}

static int check_unused(struct change *c)
{
	for (const struct instance *in = first(c); in; in = in->next) {
		const char *users = in->fate != FATE_STAYS ? users_of(c, in) : NULL;
		if (users)
			return host_problem(c->host, CRUET_EBUSY,
					    "plugin '%s' cannot be unloaded while others are bound to it: "
					    "%s",
					    in->owner.name, users);
	}
	return CRUET_OK;
}

/* --- what differs -------------------------------------------------------------------------- */

static const cJSON *options_of(const struct config *cf, const char *instance)
{
	struct config_plugin cp;
	return config_plugin_named(cf, instance, &cp) ? cp.options : NULL;
}

/* Of the members of either that belong to a need, which may end with '?'. */
static bool bind_differs(const cJSON *one, const cJSON *other, const char *need)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, one)
		if (order_need_is(need, v->string) &&
		    !config_same(v, cJSON_GetObjectItemCaseSensitive(other, v->string)))
			return true;
	return false;
}

/* Whether "bind" at the top chooses something else for one of its needs. */
static bool binds_differ(const struct change *c, const struct instance *in)
{
	const cJSON *was = config_value(in->owner.source, "bind"),
		    *now = config_value(change_source(c), "bind");

	if (instance_is_app(in)) /* it declares nothing */
		return !config_same(was, now);
	for (const char *const *need = in->owner.plugin->needs; need && *need; need++)
		if (bind_differs(was, now, *need) || bind_differs(now, was, *need))
			return true;
	return false;
}

static bool settings_differ(const struct change *c, const struct instance *in)
{
	const struct config *was = in->owner.source, *now = change_source(c);
	const char *name = in->owner.name;

	if (was == now)
		return false;
	return !config_same(options_of(was, name), options_of(now, name)) || binds_differ(c, in) ||
	       (instance_is_app(in) &&
		!config_same(config_value(was, "settings"), config_value(now, "settings")));
}

/* The one that was told, or that it has, unless the configuration has come to name another. */
static const char *app_path(struct change *c, const struct instance *in)
{
	if (c->registry->app_file)
		return c->registry->app_file;
	const char *was = config_text(atomic_load(&c->host->config), "app"),
		   *now = config_text(change_source(c), "app");

	if (!in->file || !was || !now || !strcmp(was, now))
		return in->file;
	return *now == '/' ? now : config_beside(change_source(c), now, &c->plan.a);
}

/* The file of an instance as it is to be now: an application's is named by a path, others
 * by the name of a plugin. NULL: linked in, or *why. */
static const char *path_of(struct change *c, const struct instance *in, const char **why)
{
	struct config_plugin cp;
	bool configured = config_plugin_named(change_source(c), in->owner.name, &cp);

	*why = NULL;
	if (instance_is_app(in))
		return app_path(c, in);
	if (!in->file)
		return NULL;
	return registry_find(c->host, configured ? cp.plugin : in->owner.plugin->name, &c->plan.a,
			     why);
}

static int file_differs(struct change *c, const struct instance *in, bool *differs)
{
	struct facts f;
	const char *why, *path = path_of(c, in, &why);

	*differs = false;
	if (in->compiled)
		return CRUET_OK;
	if (!path)
		return in->file ? problem(c, CRUET_ENOENT, why) : CRUET_OK;
	int err = loader_check(path, instance_is_app(in), &c->plan.a, &f, &why);
	if (err)
		return problem(c, err, why);
	*differs = strcmp(f.sha256, in->sha256) != 0;
	return CRUET_OK;
}

static int choose_what_differs(struct change *c)
{
	struct config_plugin cp;
	bool differs;
	int err = CRUET_OK;

	for (struct instance *in = first(c); in && !err; in = in->next) {
		if (in->origin == ORIGIN_CONFIG &&
		    !config_plugin_named(change_source(c), in->owner.name, &cp)) {
			in->fate = FATE_LEAVES;
			continue;
		}
		err = file_differs(c, in, &differs);
		if (err || (!differs && !settings_differ(c, in)))
			continue;
		if (is_held(c, in))
			in->fixed = true;
		else
			in->fate = FATE_REPLACED;
	}
	return err;
}

/* --- what comes ------------------------------------------------------------------------------ */

static int add_again(struct change *c, struct instance *in)
{
	struct wanted w = {.name = in->owner.name,
			   .parent = in->scope->parent,
			   .old = in,
			   .text = in->text,
			   .origin = in->origin};
	struct config_plugin cp;
	const char *why, *path = path_of(c, in, &why);

	if (!path && in->file)
		return problem(c, CRUET_ENOENT, why);
	if (config_plugin_named(change_source(c), in->owner.name, &cp))
		w.config = cp;
	w.plugin = path ? NULL : in->owner.plugin;
	return plan_add(&c->plan, &w, path, instance_is_app(in));
}

static int add_replaced(struct change *c)
{
	int err = CRUET_OK;

	for (struct instance *in = first(c); in && !err; in = in->next)
		if (in->fate == FATE_REPLACED)
			err = add_again(c, in);
	return err;
}

static int add_new(struct change *c, const struct config_plugin *cp)
{
	const struct wanted w = {.name = cp->instance,
				 .parent = c->root,
				 .config = *cp,
				 .origin = ORIGIN_CONFIG};

	return plan_add_named(&c->plan, &w, cp->plugin);
}

static int add_configured(struct change *c)
{
	struct config_plugin cp;
	int err = CRUET_OK;

	for (size_t i = 0; !err && config_plugin_at(change_source(c), i, &cp); i++)
		if (!registry_named(c->root, cp.instance))
			err = add_new(c, &cp);
	return err;
}

/* The first one, after all that it may be bound to. */
static int add_app(struct change *c)
{
	const char *file = c->registry->app_file;
	const struct wanted w = {.name = "app", .parent = c->root};

	return file && !registry_named(c->root, w.name) ? plan_add(&c->plan, &w, file, true)
							: CRUET_OK;
}

/* The one to be loaded. */
static int add_named(struct change *c)
{
	const struct wanted w = {.name = c->name, .parent = c->root, .origin = ORIGIN_COMMAND};
	struct config_plugin cp;

	return config_plugin_named(change_source(c), c->name, &cp)
		       ? add_new(c, &cp)
		       : plan_add_named(&c->plan, &w, c->name);
}

static int add_what_comes(struct change *c)
{
	int err = add_replaced(c);

	if (err || c->kind == CHANGE_UNLOAD)
		return err;
	if (c->kind == CHANGE_LOAD)
		return add_named(c);
	if (c->name)
		return CRUET_OK;
	err = add_configured(c);
	return err ? err : add_app(c);
}

static int plan_anew(struct change *c)
{
	plan_fini(&c->plan);
	int err = plan_init(&c->plan, c->root);
	if (!err)
		err = check_program(c);
	return err ? err : add_what_comes(c);
}

/* What comes may take along more of those that are there, and what is planned for these may do
 * so again: the plan is made until all know their fate. */
static int plan_all(struct change *c)
{
	int err;

	change_spread(c);
	do
		err = plan_anew(c);
	while (!err && change_spread(c));
	return err;
}

/* --- the choice ------------------------------------------------------------------------------ */

static int choose_to_unload(struct change *c)
{
	struct instance *gone = registry_named(c->root, c->name);

	if (!gone)
		return not_attached(c);
	if (instance_is_app(gone))
		return host_problem(c->host, CRUET_EINVAL,
				    "'%s' is the application itself: it can be reloaded, not unloaded",
				    c->name);
	gone->fate = FATE_LEAVES;
	for (struct instance *in = first(c); in; in = in->next)
		if (instance_lies_in(in, gone))
			in->fate = FATE_LEAVES;
	int err = check_program(c);
	return err ? err : check_unused(c);
}

static int choose_to_load(struct change *c)
{
	return registry_named(c->root, c->name)
		       ? host_problem(c->host, CRUET_EEXIST,
				      "plugin '%s' is attached already: reload it", c->name)
		       : CRUET_OK;
}

static int choose_to_reload(struct change *c)
{
	struct instance *in = c->name ? registry_named(c->root, c->name) : NULL;

	if (!c->name)
		return choose_what_differs(c);
	if (!in)
		return not_attached(c);
	in->fate = FATE_REPLACED;
	return CRUET_OK;
}

static int choose(struct change *c)
{
	for (struct instance *in = first(c); in; in = in->next) {
		in->fate = FATE_STAYS;
		in->fixed = false;
	}
	return c->kind == CHANGE_UNLOAD ? choose_to_unload(c)
	       : c->kind == CHANGE_LOAD ? choose_to_load(c)
					: choose_to_reload(c);
}

/* --- the whole ---------------------------------------------------------------------------- */

/* It is the application's from now on, also if nothing else has changed. */
static void keep_config(struct change *c)
{
	change_settings(c);
	if (!c->fresh)
		return;
	config_follow(c->fresh, atomic_load(&c->host->config));
	atomic_store(&c->host->config, c->fresh);
}

static void drop_config(struct change *c)
{
	if (c->fresh && c->host->stuck) /* one of those that it set up may be among them */
		config_keep(atomic_load(&c->host->config), c->fresh);
	else
		config_free(c->fresh);
	c->fresh = NULL;
}

/* What nobody is bound to, but requests look up, may come from elsewhere now. */
static bool binding_differs(const struct change *c)
{
	return c->fresh && !config_same(config_value(atomic_load(&c->host->config), "bind"),
					config_value(c->fresh, "bind"));
}

static int change(struct change *c)
{
	bool anything = false;
	int err = plan_init(&c->plan, c->root);

	if (!err)
		err = choose(c);
	if (!err)
		err = plan_all(c);
	anything = binding_differs(c);
	for (const struct instance *in = first(c); in && !err; in = in->next)
		anything |= in->fate != FATE_STAYS;
	if (!err && (anything || c->plan.n))
		err = swap_run(c);
	plan_fini(&c->plan);
	return err;
}

static int gathered(struct change *c, char **why)
{
	char *said;

	host_gather_problems(c->host, &said);
	int err = change(c);
	host_ungather_problems(c->host);
	*why = err && said ? strdup(said) : NULL;
	problem_free(said);
	return err;
}

static int change_locked(struct change *c, char **why)
{
	c->registry = registry_of(c->root);
	if (!c->registry)
		return CRUET_ENOMEM;
	if (atomic_load(&c->host->state) != HOST_RUNNING) {
		*why = strdup("plugins are changed while the application serves: it has not started, "
			      "or has stopped");
		return CRUET_ESTATE;
	}
	int err = config_read_anew(atomic_load(&c->host->config), &c->fresh, why);
	if (!err)
		err = gathered(c, why);
	if (err)
		drop_config(c);
	else
		keep_config(c);
	return err;
}

int change_run(cruet_app *root, enum change_kind kind, const char *name,
	       struct change_report *report, char **why)
{
	struct change c = {
		.root = root, .host = root->host, .kind = kind, .name = name, .report = report};

	*report = (struct change_report){.changed = false};
	arena_init(&report->a, 1024);
	*why = NULL;
	/* Who holds the lock is told of by a plugin's step or an event of the application. */
	if (where.ctx || where.owner || where.of_plugin ||
	    pthread_mutex_lock(&c.host->changing)) {
		*why = strdup("plugins are not changed from within a request or a plugin, which would "
			      "wait for itself");
		return CRUET_ESTATE;
	}
	int err = change_locked(&c, why);
	pthread_mutex_unlock(&c.host->changing);
	return err;
}

void change_report_free(struct change_report *r)
{
	arena_fini(&r->a);
}
