/* The plugin host: which plugins are attached, how they got there, what each one
 * needs and gives. One registry per root, kept in host->registry. */
#ifndef PLUGIN_REGISTRY_H
#define PLUGIN_REGISTRY_H

#include "app/config.h"
#include "app/scope.h"
#include "plugin/loader.h"
#include "plugin/thread.h"

enum instance_state { INSTANCE_NEW = 0, INSTANCE_CONFIGURED, INSTANCE_READY, INSTANCE_RUNNING };

struct edge { /* a bound service: the consumer that has it -> provider */
	struct edge *next;
	struct instance *provider;
	const char *service;
};

struct instance {
	struct guest guest; /* first: the root starts and stops it */
	struct owner owner; /* name, plugin, config, state */
	struct arena arena; /* of all that follows */
	cruet_app *scope;
	enum instance_state state;
	const char *file; /* as found; NULL: linked in */
	const struct cJSON *bind; /* service -> provider, from the config; or NULL */
	bool configured;  /* the configuration had something to say of it */
	bool stuck;       /* a thread of it did not end: it stays as it is */
	bool quarantined; /* see closing.h; guarded by the lock host->starting */
	struct loaded loaded;
	struct edge *uses;
	unsigned users;   /* bindings to a service of this one */
	uint64_t load_us; /* reading and opening the file */
	struct threads threads;
	struct instance *next;
};

struct registry {
	cruet_app *root;
	struct instance *first, **last;
	struct copies *copies; /* NULL until a file is loaded */
};

/* The registry of a root, made when it is first asked for; NULL: out of memory. */
struct registry *registry_of(cruet_app *root);
struct instance *registry_named(cruet_app *root, const char *name);
/* The instance that a scope belongs to; NULL for the program itself. */
struct instance *instance_of(const cruet_app *app);

/* How one instance is to be attached. */
struct attach {
	const char *name;           /* of the instance */
	const cruet_plugin *plugin; /* linked in; or NULL with */
	const struct plugin_file *file; /* one that is opened when all it says of itself fits */
	const char *text;           /* "key=value" lines, or NULL */
	const struct config_plugin *config; /* or NULL */
	bool first;                 /* before what the program registered itself */
};
/* The ladder up to init. On failure nothing is left of it and the problem is
 * recorded. */
int instance_attach(cruet_app *parent, const struct attach *how, struct instance **out);
/* Down the ladder: fini, the scope, unload, memory. Must be stopped. */
void instance_free(struct instance *in);

/* Attaches the plugins of host->config to root that are not there yet, in the
 * order that their needs ask for, before anything the program itself
 * registered. All or nothing: on failure those that were attached are undone in
 * reverse, and the problem is recorded. */
int registry_load_config(cruet_app *root);

/* Reads the configuration (file NULL: the environment alone) and attaches its
 * plugins. The problem is recorded. */
int registry_load(cruet_app *root, const char *file, const char *profile);

/* Attaches an application file ("site.so"): a plugin named app, whose endpoints
 * carry no prefix. */
int registry_load_app(cruet_app *root, const char *file);

/* The file of a plugin name on the plugin path (server.plugin_path, then
 * CRUET_PLUGIN_PATH unless privileged, then the installed folder): folder/x.so or
 * folder/x/x.so. NULL and *why with every folder that was looked at and the
 * nearest name there. */
const char *registry_find(struct host *h, const char *name, struct arena *a,
			  const char **why);
/* Names of all plugins on the path, sorted, ends with NULL; in a. */
const char *const *registry_names(struct host *h, struct arena *a);

#endif
