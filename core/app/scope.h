/* A scope: where things are registered. All that a scope was told is one list
 * in reading order, in memory of its own; it goes when the scope goes. A freeze
 * (generation.h) walks that list and builds what requests run on.
 *
 * Kinds: the root and a blueprint are levels, they close what was registered
 * on them in. A plugin's scope is transparent: what it registers reaches as
 * far as the level it was attached to, at the place where it was attached. */
#ifndef APP_SCOPE_H
#define APP_SCOPE_H

#include <stdarg.h>
#include <pthread.h>
#include <stdatomic.h>
#include "app/config.h"
#include "base/arena.h"
#include "base/logger.h"
#include "cruet/app.h"
#include "cruet/error.h"
#include "cruet/hook.h"
#include "cruet/plugin.h"
#include "cruet/route.h"

struct ctx_pool;
struct cruet_ws_rule;
struct ws_groups;
struct generation;
struct level;

enum scope_kind { SCOPE_ROOT = 1, SCOPE_BLUEPRINT = 2, SCOPE_PLUGIN = 3 };

enum entry_kind {
	ENTRY_CHILD = 1, /* struct cruet_app */
	ENTRY_RULE,      /* struct entry_rule */
	ENTRY_BEFORE,    /* struct entry_hook */
	ENTRY_AFTER,
	ENTRY_FINISH,
	ENTRY_ENCODE,
	ENTRY_TEARDOWN,
	ENTRY_MATCH,
	ENTRY_URL,       /* struct entry_url */
	ENTRY_URL_ERROR, /* struct entry_url_error */
	ENTRY_ERROR,     /* struct entry_error */
	ENTRY_CONVERTER, /* struct entry_converter */
	ENTRY_LISTEN,    /* struct entry_listen */
	ENTRY_COMMAND,   /* struct entry_command */
	ENTRY_ORIGIN,    /* struct entry_origin */
	ENTRY_SERVICE    /* struct entry_service */
};

struct entry {
	struct entry *next;
	enum entry_kind kind;
	cruet_app *scope; /* who registered it */
};

struct entry_rule {
	struct entry head;
	cruet_rule rule;
	const struct cruet_ws_rule *ws; /* NULL: it is no WebSocket */
};
struct entry_hook {
	struct entry head;
	union { cruet_fn *run; cruet_teardown_fn *end; } fn;
};
struct entry_url { struct entry head; cruet_url_fn *fn; };
struct entry_url_error { struct entry head; cruet_url_error_fn *fn; };
struct entry_error {
	struct entry head;
	int status;                 /* 400..599, 0 all with a status, < 0 a code, */
	const cruet_errtype *type;  /* or a kind */
	bool any;                   /* or whatever nothing else took */
	cruet_fn *fn;
};
struct entry_converter { struct entry head; cruet_converter converter; };
struct entry_listen { struct entry head; const char *event; cruet_listen_fn *fn; void *arg; };
struct entry_command { struct entry head; const char *name, *help; cruet_command_fn *fn; };
struct entry_origin { struct entry head; const char *origin; cruet_origin_fn *fn; }; /* one of them */
struct entry_service { struct entry head; const char *id; const void *vt; void *self; };

/* See element.h. */
enum element {
	ELEMENT_CLOCK = 0,
	ELEMENT_ID,
	ELEMENT_LOG,
	ELEMENT_ERROR_PAGE,
	ELEMENT_JSON,
	ELEMENT_STATIC,
	ELEMENT_ASSETS,
	ELEMENT_KINDS
};

/* Who owns a scope and its blueprints: one plugin attached under one name. The
 * plugin floor embeds it in its instance; NULL means the program itself. */
struct owner {
	const char *name;           /* of the instance */
	const cruet_plugin *plugin;
	void *config, *state;
	const struct config *source; /* that it was set up by; NULL: the host's */
	atomic_bool closed; /* none of its code is to run: see closed.h */
};

/* What follows the life of the root without the root knowing what it is: the plugins
 * attached to it. */
struct registry_ops {
	int (*start)(void *registry);  /* on failure nothing has started */
	void (*stop)(void *registry);  /* after the last request has left */
	void (*free)(void *registry);  /* down to memory */
};

struct cruet_app {
	struct entry head; /* of the parent's list */
	enum scope_kind kind;
	cruet_app *parent, *root;
	const char *name;   /* endpoint component; "" adds none */
	const char *prefix; /* of paths, "" for none; never ends with '/' */
	const char *subdomain, *defaults; /* of all rules, or NULL */
	struct owner *owner;
	struct entry *entries;
	struct entry **last;  /* where the next entry goes */
	struct entry **front; /* where the next child that goes first goes */
	struct arena arena;
	bool frozen; /* this subtree is part of a generation: no registering */
	bool out;    /* it is to leave: no generation that is built now has it */
	uint64_t since; /* number of the first generation that it is part of; 0: of none yet */
	struct level *building; /* for generation_build() alone */
	struct host *host; /* shared by all scopes of one root */
};

/* STARTING: the first generation is there, and the plugins are being started on it:
 * they may open a ctx already. */
enum host_state { HOST_SETUP = 0, HOST_STARTING, HOST_RUNNING };

/* One per root. */
struct host {
	cruet_app *root;
	pthread_mutex_t lock;     /* guards problem */
	char *problem;            /* the first thing that went wrong */
	void (*told)(void *arg, const char *why); /* hears of all, and none is recorded; NULL */
	void *told_arg;           /* set while nothing runs, as told */
	char **gathered;          /* where those of one thread go instead, or NULL */
	pthread_t gatherer;       /* that thread */
	_Atomic(struct config *) config; /* the newest one */
	const struct config *started_by; /* the one that the application was started with */
	struct logger log;
	struct server_settings settings; /* what config says; see settings_apply() */
	bool debug; /* people who write the application look: set before requests run */
	_Atomic(struct generation *) current, next; /* see standing.h */
	_Atomic int64_t clock_ms; /* that tests have set; 0: it runs */
	_Atomic(const struct entry_service *) clock; /* NULL: the machine's; see element.h */
	/* With debug: makes the reply of the failure that is answered, in place of the error
	 * page. False: it does not. Or NULL. */
	bool (*debugger)(cruet_ctx *c);
	/* With debug: looks at what was found out while a request ran, before its reply leaves;
	 * true: it has put another one in its place, for the failure that is answered. Or NULL. */
	bool (*inspect)(cruet_ctx *c);
	/* Called after each reply, with the ctx still whole; NULL: nobody looks. Set
	 * before requests run. */
	void (*trace)(const cruet_ctx *c);
	struct debug_pin *pin; /* what a client from elsewhere has to know to see that; NULL: none may */
	_Atomic(const char *) built_by; /* the compiler of the application, and its flags; or NULL */
	pthread_mutex_t changing; /* held by who starts, stops or changes the application */
	_Atomic(enum host_state) state;
	bool stuck; /* a plugin did not stop: its memory, and this, must stay */
	struct generation *kept; /* that are not freed, newest first; guarded by changing */
	uint64_t numbers;        /* the same: of the newest one */
	struct ctx_pool *pool;
	struct ws_groups *groups; /* of WebSockets, which these are, too */
	pthread_mutex_t wakers_lock; /* guards */
	struct cruet_waker *wakers;  /* of requests that have not ended */
	atomic_bool peer_told; /* that a proxy names clients by what is no address */
	atomic_bool stop_asked;
	atomic_bool ends; /* it will stop soon: no change waits for requests any more */
	int stop_fd;              /* eventfd; cruet_stop() writes it */
	pthread_mutex_t serving_lock;
	const struct served *serving; /* of the server floor, guarded by that; or NULL */
	void *registry; /* of the plugin floor; NULL: there are no plugins */
	const struct registry_ops *registry_ops;
};

/* cruet_now(), but for some milliseconds: what a request goes by. now_ms: what the clock of
 * the system showed when it was read, or 0. */
int64_t host_now(const struct host *h, int64_t now_ms);

/* An empty scope below parent; owner NULL takes the parent's. Its entry is put
 * at the end of parent's list, or first. NULL when out of memory. */
cruet_app *scope_child(cruet_app *parent, enum scope_kind kind, const char *name,
		       const char *prefix, struct owner *owner, bool first);
/* Puts a child, wherever it stands in its parent's list, right behind another one. */
void scope_move_behind(cruet_app *child, cruet_app *other);
/* Takes a child out of its parent's list and frees it with all below it. Not
 * while a generation stands on it. */
void scope_drop(cruet_app *child);
/* What a scope belongs to, as messages call it: an instance, or "the application". */
const char *scope_owner(const cruet_app *scope);
/* The same of what provides a service. */
const char *entry_provider(const struct entry_service *e);
/* The scope that an entry is; NULL: it is none, or one that is to leave. */
cruet_app *entry_scope(struct entry *e);

/* Whether a scope takes registrations: CRUET_OK; CRUET_EINVAL when app is NULL;
 * CRUET_ESTATE, with the problem recorded, once the application has started. what
 * names the call in messages. */
int scope_open(cruet_app *app, const char *what);
/* A cleared entry of size bytes at the end of the scope's list. NULL, with the
 * problem recorded, when scope_open() says no or memory runs out: *err says which. */
void *scope_entry(cruet_app *app, enum entry_kind kind, size_t size, const char *what,
		  int *err);

/* What cruet_route() does, and the entry; NULL when it does not: *err says why. */
struct entry_rule *scope_route(cruet_app *app, const cruet_rule *rule, int *err);

/* Records the first problem of the root, returns err. The text names who: the
 * instance that owns app is put in front ("plugin 'visits': ..."). NULL app: just err. */
int scope_problem(cruet_app *app, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with the text as it is. */
int host_problem(struct host *h, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

void host_forget_problem(struct host *h);
/* Until host_ungather_problems() the problems of this thread, which changes an
 * application that serves, are not the root's: the first of them goes to *into, which
 * problem_free() frees. Nor does cruet_problem() show any other here. */
void host_gather_problems(struct host *h, char **into);
void host_ungather_problems(struct host *h);
void problem_free(char *text);
/* True between the two, on that thread: frozen scopes may get new children. */
bool host_changes(struct host *h);

/* The level of a scope: itself, or for a plugin's scope that of its parent. */
cruet_app *scope_level(cruet_app *app);
/* Full name of an endpoint registered here ("admin.users.show") in a. */
char *scope_endpoint(cruet_app *app, const char *name, struct arena *a);
/* prefix + path, joined with exactly one slash, in a. */
char *scope_path(cruet_app *app, const char *path, struct arena *a);

/* Turns the view of a rule into methods (in text) and a function. False if it has no
 * function at all. */
bool view_apply(cruet_rule *r, char *text, size_t cap);

/* The configuration that a scope goes by: the one that its plugin was set up by. */
const struct config *scope_config(const cruet_app *app);

/* Takes over what the configuration says. CRUET_OK, or an error recorded as the
 * problem. Not while requests run. */
int settings_apply(struct host *h);
/* Reads the configuration (config_read) and applies it; the problem is recorded. */
int settings_read(struct host *h, const char *file, const char *profile);

/* Freezes, publishes the first generation, starts the plugins; on failure the problem
 * is recorded. Idempotent while running. Threads that come at once wait for the one
 * that starts; not for a plugin's start(), which opens a ctx with cruet_open(). */
int app_start(cruet_app *root);
/* Stops the plugins. No request may be running. */
void app_stop(cruet_app *root);

#endif
