/* The rules of an application, in the order in which they were registered. */
#ifndef CLI_ROUTES_H
#define CLI_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct cJSON;
struct owner;
struct router;
struct rule;

/* Which rules; what is NULL leaves none out. */
struct routes {
	const struct router *router;
	const struct owner *of;
	const char *plugin;   /* the name of an instance; "app" is the application itself */
	const char *method;   /* one that it takes, or "WS" */
	const char *path;     /* patterns of the shell */
	const char *endpoint;
};

/* The next rule from *i on that is one of those, and *i behind it; NULL after the last. */
const struct rule *routes_next(const struct routes *r, size_t *i);
/* As they were written: "GET,POST", "*" for any, "WS", "-" for what is only built. */
const char *routes_methods(const struct rule *r);
/* Its subdomain or host; "" if it has none. */
const char *routes_domain(const struct rule *r);
/* Writes them on standard output; the exit code. */
int routes_print(const struct routes *r, struct arena *a);
/* One of them for programs; NULL: out of memory. */
struct cJSON *routes_rule_json(const struct rule *rule, bool *ok);
/* All of them, a list. */
struct cJSON *routes_json(const struct routes *r, bool *ok);

#endif
