/* Attaching one plugin: what code asks for. */
#include <string.h>

#include "base/arena.h"
#include "plugin/descriptor.h"
#include "plugin/registry.h"

static int problem(struct host *h, int err, const char *why)
{
	return host_problem(h, err, "%s", why ? why : cruet_strerror(CRUET_ENOMEM));
}

/* An application that is built anew uses the plugins that it used before: in their place. */
static int attach(cruet_app *app, struct attach *how)
{
	struct instance *in;
	struct config_plugin cp;

	if (config_plugin_named(registry_source(app->root), how->name, &cp))
		how->config = &cp;
	how->old = registry_outgoing(app->root, how->name);
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
	bool configured = config_plugin_named(registry_source(app->root), plugin, &cp);
	const char *file =
		registry_find(app->host, configured ? cp.plugin : plugin, &a, &why);
	int err = file ? use_file(app, plugin, file, options, &a)
		       : problem(app->host, CRUET_ENOENT, why);
	arena_fini(&a);
	return err;
}

int registry_load_app(cruet_app *root, const char *file, bool compiled)
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
		err = instance_attach(
			root,
			&(struct attach){.name = "app", .file = &f, .compiled = compiled}, &in);
	loader_forget(&f);
	arena_fini(&a);
	return err;
}
