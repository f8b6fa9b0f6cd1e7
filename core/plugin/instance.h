/* One plugin attached under one name, and its ladder. */
#ifndef PLUGIN_INSTANCE_H
#define PLUGIN_INSTANCE_H

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
	struct owner owner; /* name, plugin, config, state */
	struct arena arena; /* of all that follows */
	cruet_app *scope;
	enum instance_state state;
	const char *file; /* as found; NULL: linked in */
	const struct cJSON *bind; /* service -> provider, from the config; or NULL */
	bool configured;  /* the configuration had something to say of it */
	bool stuck;       /* something of it did not end: it stays as it is */
	bool quarantined; /* see closing.h; guarded by the lock host->changing */
	struct loaded loaded;
	struct edge *uses;
	unsigned users;   /* bindings to a service of this one; */
	unsigned stuck_users; /* those of instances that are stuck */
	uint64_t load_us; /* reading and opening the file */
	uint64_t steps_us; /* configure, init and start */
	struct threads threads;
	struct instance *next, *prev; /* of the registry, as they were attached */
};

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
/* The ladder up to init; it then stands last in the registry. On failure nothing is left
 * of it and the problem is recorded. */
int instance_attach(cruet_app *parent, const struct attach *how, struct instance **out);
/* CRUET_OK, or the problem is recorded and it has not started. */
int instance_start(struct instance *in);
void instance_stop(struct instance *in);
/* Down the ladder: fini, the scope, unload, memory. Must be stopped. */
void instance_free(struct instance *in);

#endif
