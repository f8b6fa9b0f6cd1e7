/* One plugin attached under one name: up and down the ladder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/option.h"
#include "base/text.h"
#include "http/json_read.h"
#include "plugin/registry.h"
#include "plugin/service.h"

#include <cjson/cJSON.h>

struct instance *instance_of(const cruet_app *app)
{
	struct owner *o = app ? app->owner : NULL;
	return o ? (struct instance *)((char *)o - offsetof(struct instance, owner)) : NULL;
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

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	scope_problem(app, CRUET_EINVAL, "%s", text ? text : "out of memory");
	free(text);
	return CRUET_EINVAL;
}

/* --- options --------------------------------------------------------------------------- */

static int bad_option(struct instance *in, const char *why)
{
	return scope_problem(in->scope, CRUET_EINVAL, "%s", why ? why : "out of memory");
}

/* "key=value" lines. */
static int options_from_text(struct instance *in, const char *text, bool *set)
{
	const cruet_plugin *p = in->owner.plugin;
	const char *why = NULL;

	while (text && *text) {
		size_t n = strcspn(text, "\n"), name = strcspn(text, "=\n");
		const char *key = arena_strndup(&in->arena, text + strspn(text, " \t"), 0);
		const char *from = text + strspn(text, " \t");
		if (from < text + n) {
			key = arena_strndup(&in->arena, from, (size_t)(text + name - from));
			if (name == n)
				return bad_option(in, arena_printf(&in->arena,
								   "option line \"%.*s\": expected "
								   "name=value",
								   (int)n, text));
			const char *value = arena_strndup(&in->arena, text + name + 1, n - name - 1);
			if (!key || !value ||
			    option_set(p->options, p->option_size, in->owner.config, set, key,
				       value, &in->arena, &why))
				return bad_option(in, why);
		}
		text += n + (text[n] == '\n');
	}
	return CRUET_OK;
}

static int options_from_config(struct instance *in, const struct config_plugin *cp, bool *set)
{
	const cruet_plugin *p = in->owner.plugin;
	const char *why = NULL;
	const cJSON *v;

	cJSON_ArrayForEach(v, cp->options)
	{
		if (!strcmp(v->string, "plugin") || !strcmp(v->string, "prefix") ||
		    !strcmp(v->string, "bind"))
			continue;
		if (option_set_json(p->options, p->option_size, in->owner.config, set, v->string, v,
				    &in->arena, &why))
			return bad_option(in, why);
	}
	return CRUET_OK;
}

static int fill_options(struct instance *in, const struct attach *how)
{
	const cruet_plugin *p = in->owner.plugin;
	bool set[OPTIONS_MAX] = {false};
	const char *why = NULL;

	if (option_defaults(p->options, p->option_size, in->owner.config, &in->arena, &why))
		return bad_option(in, why);
	int err = options_from_text(in, how->text, set);
	if (!err && how->config)
		err = options_from_config(in, how->config, set);
	if (!err && option_check_required(p->options, p->option_size, set, &why, &in->arena))
		err = bad_option(in, why);
	return err;
}

/* --- the ladder ------------------------------------------------------------------------------ */

/* Says why a step failed, unless the plugin said so itself. */
static int step_failed(struct instance *in, const char *step, int err)
{
	scope_problem(in->scope, err, "%s failed: %s", step, cruet_strerror(err));
	return err;
}

static int start(struct guest *g)
{
	struct instance *in = (struct instance *)g;
	const cruet_plugin *p = in->owner.plugin;

	if (CRUET_HAS(p, cruet_plugin, start)) {
		int err = p->start(in->scope);
		if (err) {
			threads_stop(in);
			return step_failed(in, "start", err);
		}
	}
	in->state = INSTANCE_RUNNING;
	return CRUET_OK;
}

static void stop(struct guest *g)
{
	struct instance *in = (struct instance *)g;
	const cruet_plugin *p = in->owner.plugin;

	threads_stop(in);
	if (CRUET_HAS(p, cruet_plugin, stop))
		p->stop(in->scope);
	in->state = INSTANCE_READY;
}

static void free_guest(struct guest *g)
{
	instance_free((struct instance *)g);
}

static void unlink_instance(struct instance *in)
{
	struct registry *r = in->scope->host->registry;
	struct instance **at = &r->first;

	while (*at && *at != in)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = in->next;
	if (r->last == &in->next)
		r->last = at;
}

/* Undoes what succeeded; the scope takes back all that was registered. */
static void undo(struct instance *in)
{
	cruet_app *root = in->scope->root;

	for (struct edge *e = in->uses; e; e = e->next)
		e->provider->users--;
	scope_drop(in->scope);
	threads_free(in);
	if (in->loaded.copy && !loader_close(&in->loaded))
		cruet_log(root, CRUET_WARN, "plugin '%s' cannot be unmapped: its code stays%s",
			  in->owner.name,
			  in->loaded.unique_symbols ? " (it has unique symbols)" : "");
	arena_fini(&in->arena);
	free(in);
}

void instance_free(struct instance *in)
{
	const cruet_plugin *p = in->owner.plugin;

	if (in->state >= INSTANCE_READY && CRUET_HAS(p, cruet_plugin, fini))
		p->fini(in->scope);
	unlink_instance(in);
	undo(in);
}

static bool instance_name(const char *s)
{
	if (!is_lower(*s))
		return false;
	for (; *s; s++)
		if (!is_lower(*s) && !is_digit(*s) && *s != '_')
			return false;
	return true;
}

static int check_name(cruet_app *parent, const struct attach *how)
{
	if (!instance_name(how->name))
		return host_problem(parent->host, CRUET_EINVAL,
				    "plugin '%s': a name begins with a letter and has lower-case "
				    "letters, digits and '_'",
				    how->name);
	if (registry_named(parent->root, how->name))
		return host_problem(parent->host, CRUET_EEXIST,
				    "plugin '%s' is attached already: give this one another name",
				    how->name);
	if (how->plugin->flags & CRUET_REPEATABLE)
		return CRUET_OK;
	struct registry *r = parent->host->registry;
	for (struct instance *in = r->first; in; in = in->next)
		if (!strcmp(in->owner.plugin->name, how->plugin->name))
			return host_problem(parent->host, CRUET_EEXIST,
					    "plugin '%s': '%s' is attached already as '%s', and may be "
					    "attached once",
					    how->name, how->plugin->name, in->owner.name);
	return CRUET_OK;
}

static int check_descriptor(cruet_app *parent, const cruet_plugin *p, const char *name)
{
	if (p->abi != CRUET_PLUGIN_ABI)
		return host_problem(parent->host, CRUET_EABI,
				    "plugin '%s' is built for plugin ABI %u, this cruet has ABI %u: "
				    "build it again",
				    name, p->abi, CRUET_PLUGIN_ABI);
	if (p->core != cruet_core_id)
		return host_problem(parent->host, CRUET_EABI,
				    "plugin '%s' brings a core of its own: link it to libcruet.so",
				    name);
	return CRUET_OK;
}

static int climb(struct instance *in, const struct attach *how)
{
	const cruet_plugin *p = in->owner.plugin;
	int err = service_check_needs(in);

	if (!err)
		err = fill_options(in, how);
	if (!err && CRUET_HAS(p, cruet_plugin, configure)) {
		err = p->configure(in->scope);
		if (err)
			step_failed(in, "configure", err);
	}
	if (err)
		return err;
	in->state = INSTANCE_CONFIGURED;
	if (CRUET_HAS(p, cruet_plugin, init)) {
		err = p->init(in->scope);
		if (err) {
			threads_stop(in);
			return step_failed(in, "init", err);
		}
	}
	in->state = INSTANCE_READY;
	return CRUET_OK;
}

int instance_attach(cruet_app *parent, struct attach *how, struct instance **out)
{
	const cruet_plugin *p = how->plugin;
	struct registry *r = registry_of(parent->root);
	struct instance *in = r ? calloc(1, sizeof *in) : NULL;
	bool is_app = !strcmp(p->name, "app");
	const char *prefix = how->config && how->config->prefix ? how->config->prefix : "";

	*out = NULL;
	int err = in ? check_name(parent, how) : CRUET_ENOMEM;
	if (!err)
		err = check_descriptor(parent, p, how->name);
	if (!err && *prefix && *prefix != '/')
		err = host_problem(parent->host, CRUET_EINVAL,
				   "plugin '%s': prefix \"%s\" must start with a slash", how->name,
				   prefix);
	if (!err) {
		arena_init(&in->arena, 1024);
		in->owner.plugin = p;
		in->owner.name = arena_strdup(&in->arena, how->name);
		in->owner.config = arena_zalloc(&in->arena, p->config_size);
		in->owner.state = arena_zalloc(&in->arena, p->state_size);
		in->file = arena_strdup(&in->arena, how->file);
		in->bind = how->config ? how->config->bind : NULL;
		in->load_us = how->load_us;
		in->scope = scope_child(parent, SCOPE_PLUGIN, is_app ? "" : how->name, prefix,
					&in->owner, how->first);
		if (!in->scope)
			err = CRUET_ENOMEM;
	}
	if (err) {
		if (how->loaded)
			loader_close(how->loaded);
		if (in)
			arena_fini(&in->arena);
		free(in);
		return err;
	}
	if (how->loaded)
		in->loaded = *how->loaded;
	if (in->loaded.uses_origin)
		cruet_log(parent->root, CRUET_WARN,
			  "plugin '%s' looks for libraries beside its file ($ORIGIN): it runs from a "
			  "private copy, where they are not",
			  how->name);
	err = climb(in, how);
	if (err) {
		undo(in);
		return err;
	}
	in->guest = (struct guest){.start = start, .stop = stop, .free = free_guest};
	*r->last = in;
	r->last = &in->next;
	host_add_guest(parent->host, &in->guest);
	*out = in;
	return CRUET_OK;
}
