/* One plugin attached under one name, and its ladder. */
#ifndef PLUGIN_INSTANCE_H
#define PLUGIN_INSTANCE_H

#include "app/config.h"
#include "app/scope.h"
#include "plugin/census.h"
#include "plugin/loader.h"
#include "plugin/thread.h"

/* Who asked for it: code, its program's or that of another plugin; cruet.json; or somebody
 * who loaded it while the application served. */
enum origin { ORIGIN_CODE = 0, ORIGIN_CONFIG, ORIGIN_COMMAND };

/* Of an instance in the change that is being made. */
enum fate { FATE_STAYS = 0, FATE_REPLACED, FATE_LEAVES };

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
	char sha256[65];  /* of it */
	const char *text; /* options that code gave, or NULL */
	enum origin origin;
	const struct cJSON *bind; /* service -> provider, from the config; or NULL */
	bool compiled;    /* its file was made for this start, and is gone */
	bool configured;  /* the configuration had something to say of it */
	bool stuck;       /* something of it did not end: it stays as it is */
	bool quarantined; /* see closing.h; guarded by the lock host->changing */
	enum fate fate;
	bool fixed; /* it would have another one, were it not bound_by_program */
	struct instance *old; /* whose place it takes, while it does */
	struct loaded loaded;
	struct edge *uses;
	unsigned users;   /* bindings to a service of this one, of those that have not stopped */
	unsigned stuck_users; /* those of instances that are stuck */
	bool released;    /* it has stopped, and counts among no users */
	bool bound_by_program; /* to one of its services: it cannot leave before the end */
	bool stopped;     /* in leaving: it waits to be freed */
	uint64_t last;    /* in leaving: the last generation that it is part of */
	uint64_t load_us; /* reading and opening the file */
	uint64_t steps_us; /* configure, init and start */
	struct threads threads;
	struct own_threads own; /* that it started by itself */
	struct roll *roll;            /* the list that it stands in; NULL: none */
	struct instance *next, *prev; /* of that */
};

/* Instances in the order in which they were attached. */
struct roll {
	struct instance *first, *last;
};
void roll_add(struct roll *r, struct instance *in); /* as the last one */
/* Before another one of the same list. */
void roll_move_before(struct instance *in, struct instance *other);
void roll_remove(struct instance *in); /* from where it stands, if anywhere */

/* The instance that a scope belongs to; NULL for the program itself. */
struct instance *instance_of(const cruet_app *app);
/* Of those that came together with it: the one from whose init it was attached, and so on. */
const struct instance *instance_outermost(const struct instance *in);

/* How one instance is to be attached. */
struct attach {
	const char *name;           /* of the instance */
	const cruet_plugin *plugin; /* linked in; or NULL with */
	const struct plugin_file *file; /* one that is opened when all it says of itself fits */
	const char *text;           /* "key=value" lines, or NULL */
	const struct config_plugin *config; /* or NULL */
	struct instance *old;       /* in whose place it comes, or NULL */
	enum origin origin;         /* CONFIG: before what the program registered itself */
	bool compiled;
};
/* The ladder up to init; it then stands last in the registry. On failure nothing is left
 * of it and the problem is recorded. */
int instance_attach(cruet_app *parent, const struct attach *how, struct instance **out);
/* CRUET_OK, or the problem is recorded and it has not started. */
int instance_start(struct instance *in);
void instance_stop(struct instance *in);
/* While requests still run. Timers do not begin any more. */
void instance_end_timers(struct instance *in);
void instance_end_threads(struct instance *in);
/* Nothing of it goes before the end of the process: somebody may still run in it. */
void instance_leave(struct instance *in);
/* Down the ladder: fini, the scope, unload, memory. Must be stopped. */
void instance_free(struct instance *in);

#endif
