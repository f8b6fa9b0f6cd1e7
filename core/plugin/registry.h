/* The plugin host: which plugins are attached, how they got there, what each one
 * needs and gives. One registry per root, kept in host->registry. */
#ifndef PLUGIN_REGISTRY_H
#define PLUGIN_REGISTRY_H

#include "plugin/instance.h"

struct copies;

struct need { /* cruet_need() */
	struct need *next;
	cruet_app *app;
	const char *service;
};

struct registry {
	cruet_app *root;
	struct roll all, leaving; /* those in leaving are no plugins of it any more */
	pthread_t watcher; /* of those, while there is one: see leaving_give_up() */
	bool is_watched;
	atomic_bool watch_ends;
	struct copies *copies; /* NULL until a file is loaded */
	struct need *needs; /* of the program itself */
	char **closed;      /* see closing_expect() */
	/* The application's file, where it is told anew while it serves; NULL: it is what it was
	 * when the application was attached, or what the configuration names. Guarded by the
	 * lock host->changing. */
	char *app_file;
	const struct config *source; /* what plugins are set up by while the application is
				      * changed; NULL: the host's */
};

/* The registry of a root, made when it is first asked for; NULL: out of memory. */
struct registry *registry_of(cruet_app *root);
/* NULL: there is none. One that is to leave (scope->out) is none any more, but */
struct instance *registry_named(cruet_app *root, const char *name);
struct instance *registry_outgoing(cruet_app *root, const char *name);
/* The configuration that plugins are set up by now. */
const struct config *registry_source(cruet_app *root);
/* Attaches the plugins of host->config to root that are not there yet, in the
 * order that their needs ask for, before anything the program itself
 * registered. All or nothing: on failure those that were attached are undone in
 * reverse, and the problem is recorded. */
int registry_load_config(cruet_app *root);

/* Reads the configuration (file NULL: the environment alone) and attaches its
 * plugins. The problem is recorded. */
int registry_load(cruet_app *root, const char *file, const char *profile);

/* Attaches an application file ("site.so"): a plugin named app, whose endpoints
 * carry no prefix. compiled: the file is there for this call alone. */
int registry_load_app(cruet_app *root, const char *file, bool compiled);

/* From the next change on that is its file: one that has none yet gets it then. What was
 * there before is freed. CRUET_OK or CRUET_ENOMEM. */
int registry_set_app(cruet_app *root, const char *file);

/* The file of a plugin name on the plugin path (server.plugin_path, then
 * CRUET_PLUGIN_PATH unless privileged, then the installed folder): folder/x.so or
 * folder/x/x.so. NULL and *why with every folder that was looked at and the
 * nearest name there. */
const char *registry_find(struct host *h, const char *name, struct arena *a,
			  const char **why);
/* Names of all plugins on the path, sorted, ends with NULL; in a. */
const char *const *registry_names(struct host *h, struct arena *a);
/* The first of them whose file exports a symbol; NULL: none does, or out of memory. */
const char *registry_exporter(struct host *h, const char *symbol, struct arena *a);

#endif
