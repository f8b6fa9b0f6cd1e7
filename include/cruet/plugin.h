/* Writing a plugin: describe it, and it is a scope like any other.
 *
 * Ladder. Each step that succeeded is undone by its partner, in reverse:
 *   load -> configure -> init -> start  ...running...  stop -> fini -> unload
 * While the application serves a new instance may take the place of an old one: it climbs
 * to start beside it (with migrate before that), and then the old one climbs down.
 * A step that fails cleans up after itself; its partner is not called.
 * All of them run one after the other, though not on one thread: stop and fini have one
 * of their own, and 10 s (server.plugin_stop). One that does not return in that time is
 * left alone, and with it all that the plugin has. [setup] */
#ifndef CRUET_PLUGIN_H
#define CRUET_PLUGIN_H

#include "cruet/types.h"

#define CRUET_PLUGIN_ABI 1u

enum cruet_plugin_flags {
	CRUET_UNLOADABLE = 1u << 0, /* code may be unmapped after fini */
	CRUET_REPEATABLE = 1u << 1, /* may be attached to several scopes */
	CRUET_TOLD = 1u << 2	    /* keeps what those bound to it tell it in setup, such as
				     * functions of theirs: it is replaced with any of them, and
				     * with the application */
};

enum cruet_opt_type {
	CRUET_OPT_BOOL = 1, /* bool     */
	CRUET_OPT_INT = 2,  /* int64_t  */
	CRUET_OPT_SIZE = 3, /* uint64_t  "64k", "2m" */
	CRUET_OPT_TIME = 4, /* uint64_t  milliseconds; "250ms", "5s", "10m" */
	CRUET_OPT_STR = 5,  /* const char *  */
	CRUET_OPT_ENUM = 6, /* int32_t   index into choices */
	CRUET_OPT_REAL = 7, /* double    */
	CRUET_OPT_LIST = 8, /* const char *const *, ends with NULL */
	CRUET_OPT_JSON = 9  /* const cruet_json *, as it stands in the file */
};

enum cruet_opt_flags {
	CRUET_OPT_REQUIRED = 1u << 0,
	CRUET_OPT_SECRET = 1u << 1, /* never shown in listings or logs */
	CRUET_OPT_BOUNDS = 1u << 2, /* min and max hold */
	CRUET_OPT_ENDPOINT = 1u << 3 /* STR or LIST: endpoints; `cruet check` looks for them */
};

typedef struct cruet_option {
	const char *name;
	uint16_t type;       /* enum cruet_opt_type */
	uint16_t flags;
	uint32_t offset;     /* offsetof() in the config struct */
	const char *def;     /* as a user would write it */
	int64_t min, max;    /* used if the flag says so */
	const char *choices; /* "lax|strict|none" */
	const char *help;    /* completes "expected ..." in messages */
} cruet_option;

typedef bool        cruet_opt_BOOL;
typedef int64_t     cruet_opt_INT;
typedef uint64_t    cruet_opt_SIZE;
typedef uint64_t    cruet_opt_TIME;
typedef const char *cruet_opt_STR;
typedef int32_t     cruet_opt_ENUM;
typedef double      cruet_opt_REAL;
typedef const char *const *cruet_opt_LIST;
typedef const cruet_json *cruet_opt_JSON;

/* CRUET_OPTION(struct config, slots, INT, .def = "64"): the option is named
 * after the member, and a member of another type draws a warning. Bounds of a
 * REAL are whole numbers. */
#define CRUET_OPTION(T, m, ...) CRUET__OPTION(T, m, __VA_ARGS__, )
#define CRUET__OPTION(T, m, KIND, ...)                                      \
	{.name = #m, .type = CRUET_OPT_##KIND,                              \
	 .offset = (uint32_t)(offsetof(T, m) + 0 *                          \
		sizeof(1 ? &((T *)0)->m : (cruet_opt_##KIND *)0)), __VA_ARGS__}

/* The instance that a new one takes the place of while the application serves. */
typedef struct cruet_predecessor {
	uint32_t size; /* sizeof(cruet_predecessor) */
	uint32_t reserved;
	const char *version; /* of its plugin; may be NULL */
	const void *config;
	void *state;
	size_t config_size, state_size;
} cruet_predecessor;

struct cruet_plugin {
	/* filled in by CRUET_PLUGIN() */
	uint32_t size;        /* sizeof(cruet_plugin), as the plugin was built */
	uint32_t abi;         /* CRUET_PLUGIN_ABI, as the plugin was built     */
	uint32_t option_size; /* sizeof(cruet_option), as the plugin was built */
	uint32_t reserved;    /* 0 */
	const char *(*core)(void); /* cruet_core_id: proves there is one core  */
	const char *name;     /* [a-z][a-z0-9_]*, same as the file's base name */
	/* filled in by the author */
	const char *version;  /* "1.2.0" */
	const char *summary;  /* one line */
	uint64_t flags;       /* enum cruet_plugin_flags */
	const char *const *needs;    /* service ids; "log/1?" is optional      */
	const char *const *provides; /* service ids                            */
	const char *const *after;    /* plugin names, if present               */
	const cruet_option *options; /* ends with name == NULL                 */
	size_t config_size;
	size_t state_size;
	int (*configure)(cruet_app *app); /* check options against each other  */
	int (*init)(cruet_app *app);      /* register routes, hooks, services  */
	int (*start)(cruet_app *app);     /* open files, sockets, threads      */
	void (*stop)(cruet_app *app);
	void (*fini)(cruet_app *app);
	/* Before start, where the instance takes the place of one of the same plugin: takes
	 * over what must survive, and what cannot be opened twice, such as a port or a lock:
	 * a copy of it, a reference, a dup(). The old one serves on meanwhile, on other
	 * threads, and for good if this or start fails: so nothing is taken away from it.
	 * What this made is undone by fini. */
	int (*migrate)(cruet_app *app, const cruet_predecessor *old);
	/* New members go here, at the end; zero must mean "as before". */
};

/* A consumer's view of a service: call vt->fn(self, ...). */
typedef struct cruet_service {
	const void *vt;
	void *self;
	const char *provider;
} cruet_service;

/* Emits one exported constant, cruet_plugin_<id>: data, so that the loader can
 * read it out of the file before any code of the plugin runs. */
#define CRUET_PLUGIN(id, ...)                                               \
	extern CRUET_EXPORT const cruet_plugin cruet_plugin_##id;           \
	const cruet_plugin cruet_plugin_##id = {                            \
		.size = sizeof(cruet_plugin),                               \
		.abi = CRUET_PLUGIN_ABI,                                    \
		.option_size = sizeof(cruet_option),                        \
		.core = cruet_core_id,                                      \
		.name = #id,                                                \
		__VA_ARGS__                                                 \
	};                                                                  \
	struct cruet_plugin_takes_a_semicolon

/* CRUET_APP(app) { cruet_get(app, "/", index_page); } makes a source file an
 * application that `cruet run` loads: a plugin named app. */
#define CRUET_APP(var)                                                      \
	static void cruet__setup(cruet_app *var);                           \
	static int cruet__setup_init(cruet_app *a)                          \
	{                                                                   \
		cruet__setup(a);                                            \
		return cruet_problem(a) ? CRUET_ESTATE : CRUET_OK;          \
	}                                                                   \
	CRUET_PLUGIN(app, .init = cruet__setup_init);                       \
	static void cruet__setup(cruet_app *var)

CRUET_BEGIN

CRUET_API const char *cruet_core_id(void);

/* Of the instance that the scope belongs to, also from its blueprints. */
CRUET_API const void *cruet_config(const cruet_app *app); /* filled struct   */
CRUET_API void *cruet_state(const cruet_app *app);        /* zeroed at first */
/* Says why configure, init or start fails; returns CRUET_EINVAL. [setup] */
CRUET_API int cruet_reject(cruet_app *app, const char *fmt, ...)
	CRUET_PRINTF(2, 3);

/* What was meant by a word that a plugin does not know, such as a key of a nested
 * option: the nearest of the names that at(list, 0), at(list, 1), ... give until
 * NULL; NULL if none is near enough. [any thread] */
typedef const char *cruet_name_fn(const void *list, size_t i);
CRUET_API const char *cruet_nearest(const char *word, cruet_name_fn *at,
				    const void *list);

/* Offers a vtable; vt starts with uint32_t size, and lives as long as the plugin.
 * Must be in "provides". [setup] */
CRUET_API int cruet_provide(cruet_app *app, const char *id, const void *vt,
			    void *self);

/* Finds a service; provider NULL takes what the config binds, or the only
 * one there is. need is the size of the vtable part the caller uses. Must be
 * in "needs". The provider cannot leave before the caller does. CRUET_ENOENT
 * for an optional need that nobody meets is no problem of the setup. [setup] */
CRUET_API int cruet_bind(cruet_app *app, const char *id, const char *provider,
			 size_t need, cruet_service *out);

/* A thread that the host knows, joined before stop() of the plugin is called.
 * It ends soon after cruet_stopping() is true; cruet_wait sleeps, wakes at
 * once when that happens, and then gives false. One that has not ended 10 s
 * (server.plugin_stop) later is left alone, and with it all that the plugin has. Signals go to other
 * threads. The program itself, which has none of these, waits for cruet_stop(). */
typedef void cruet_thread_fn(cruet_app *app, void *arg);
CRUET_API bool cruet_stopping(const cruet_app *app);  /* [any thread] */
CRUET_API bool cruet_wait(cruet_app *app, uint64_t ms); /* [any thread] */
CRUET_API int cruet_thread_start(cruet_app *app, const char *name,
				 cruet_thread_fn *fn, void *arg);

/* Calls fn every period, first after one period, on a thread of the host that
 * all timers of the instance share. Those of init begin when start has
 * succeeded; those of start and later end with stop. [setup] [any thread] */
typedef void cruet_timer_fn(cruet_ctx *c, void *arg);
CRUET_API int cruet_every(cruet_app *app, uint64_t period_ms,
			  cruet_timer_fn *fn, void *arg);

/* Attaches a plugin that is linked in: tests, single-file builds. options as
 * for cruet_use(). [setup] */
CRUET_API int cruet_use_static(cruet_app *app, const cruet_plugin *p,
			       const char *options);

CRUET_END
#endif
