/* A generation: the immutable picture of all routes, hooks, error handlers and
 * services that requests run on. Built beside the current one, published by one
 * pointer (standing.h). A ctx announces the generation it stands on in a slot of its
 * own and then looks again whether it is still the current one; whoever wants to
 * free an old generation publishes first and then reads all slots. So there is
 * no shared counter, and no request can stand on what is freed: either the
 * reader saw the announcement, or the ctx saw the new pointer. */
#ifndef APP_GENERATION_H
#define APP_GENERATION_H

#include "app/router.h"
#include "app/scope.h"

/* A function with the scope that registered it. */
struct call {
	cruet_app *scope;
	union { cruet_fn *run; cruet_teardown_fn *end; } fn;
};
struct calls {
	struct call *items;
	size_t n;
};

/* What a request in one level runs through, its parents' share included. */
struct level {
	struct level *next; /* of all */
	struct level *parent;
	cruet_app *scope;
	struct calls match;    /* outermost first */
	struct calls before;   /* outermost first */
	struct calls after;    /* innermost first, each level reversed */
	struct calls finish;   /* the same */
	struct calls encode;   /* the same */
	struct calls teardown; /* the same */
	struct entry_error **errors; /* of this level alone */
	size_t nerrors;
	struct entry_url **urls; /* of this level and the ones above, outermost first */
	size_t nurls;
	const struct entry_origin **origins; /* allowed here and in the levels above */
	size_t norigins;
	_Atomic(const struct owner *) closed; /* see closed.h */
};

/* router's rule->target */
struct endpoint {
	const struct level *level;
	const struct entry_rule *entry;
	const char *name; /* full */
	uint32_t hash;    /* of it, never 0 */
	bool auto_options; /* OPTIONS is answered by the core */
	size_t order;      /* of the rule, among all */
	_Atomic(const struct owner *) closed; /* see closed.h */
	struct endpoint *next; /* of all */
};

struct event_calls {
	const char *event;
	struct entry_listen **items;
	size_t n;
};

struct generation {
	struct arena arena; /* everything below lives here */
	uint64_t number; /* 0: it was not offered yet */
	struct generation *older; /* of those that are kept */
	cruet_app *root;
	const struct config *config;
	struct level *top;
	struct level *levels;       /* all */
	struct endpoint *endpoints; /* all */
	struct router *router;
	struct entry_service **services; /* in reading order */
	size_t nservices;
	const struct entry_service *elements[ELEMENT_KINDS]; /* NULL: the core does it */
	struct event_calls *events;
	size_t nevents;
	const struct event_calls *ended; /* of "request_ended"; NULL: nobody listens */
	struct entry_url_error **url_errors;
	size_t nurl_errors;
	struct entry_command **commands;
	size_t ncommands;
};

/* Tells an event to those who listen, each with its own scope. */
void event_tell(cruet_ctx *c, const struct event_calls *ev, const void *what);
/* Tells an event to who listens in a scope or below, but for the plugins there, in a ctx
 * of its own. */
void event_tell_scope(cruet_app *scope, const char *event);
/* Tells "request_ended"; somebody listens. */
void event_tell_ended(cruet_ctx *c);

/* Builds one from what the scopes hold, to go by that configuration. NULL with *why, a sentence in malloc'ed
 * memory (or NULL: out of memory). */
struct generation *generation_build(cruet_app *root, const struct config *config,
				    char **why);
/* The same where what is wrong with rules, names and elements, such as two rules that collide,
 * is told, all of it, and left out. NULL: out of memory. */
struct generation *generation_try(cruet_app *root, const struct config *config,
				  void (*told)(void *arg, const char *why), void *arg);
void generation_free(struct generation *g);

/* The service of that id seen from a scope: its own level first, then outwards;
 * provider NULL takes the only one. NULL if there is none; *n how many fit. */
const struct entry_service *generation_service(const struct generation *g,
					       const cruet_app *from, const char *id,
					       const char *provider, size_t *n);

#endif
