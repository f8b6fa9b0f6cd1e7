/* Matching a path to a rule, and building a path from one: Werkzeug's
 * semantics (docs/routing.md), on an immutable trie. The router knows nothing
 * of scopes and hooks: a rule carries an opaque target. Its cost does not grow
 * with the number of rules. */
#ifndef APP_ROUTER_H
#define APP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cruet/route.h"

struct arena;
struct router;

/* What one rule is made of, all of it borrowed until router_free(). */
struct rule {
	uint32_t flags;        /* enum cruet_rule_flags, and RULE_ */
	const void *target;    /* what the caller wants back */
	const char *path;      /* "/users/<int:id>", prefix already joined */
	const char *methods;   /* "GET,POST"; NULL or "*": any. Upper case. HEAD comes
				* with GET by itself */
	const char *endpoint;  /* full name, "admin.users.show" */
	const char *defaults;  /* "page=1&sort=name", or NULL */
	const char *subdomain; /* or NULL */
	const char *host;      /* or NULL */
	const char *here;      /* "site.c:12", for messages */
};

enum rule_flags {
	RULE_STRICT_SLASHES = 1u << 16, /* set unless CRUET_LOOSE_SLASH */
	RULE_ALIAS = 1u << 17,          /* redirects to the canonical rule */
	RULE_WEBSOCKET = 1u << 18
};

struct router_opts {
	bool host_matching;     /* rule->host is the domain, not rule->subdomain */
	bool redirect_defaults; /* usual: true */
	bool merge_slashes;     /* usual: true; a rule may opt out by flag */
	bool sort_query;        /* spare values of a built URL in order of names */
};

/* An argument of a match. In match order, defaults after them. */
struct arg {
	const char *name;
	const char *value; /* canonical text, decoded; in the arena, or the end of the path */
	int64_t number;    /* for int */
	uint32_t kind;     /* enum arg_kind */
	uint32_t reserved;
};
enum arg_kind { ARG_TEXT = 0, ARG_INT = 1, ARG_REAL = 2 };

enum match_kind {
	MATCH_FOUND = 1,
	MATCH_REDIRECT = 2, /* 308 to location */
	MATCH_NONE = 3,     /* 404 */
	MATCH_METHOD = 4,   /* 405; allow says what would do */
	MATCH_WEBSOCKET = 5 /* 400: a WebSocket where none is, or the reverse */
};

struct match {
	enum match_kind kind;
	const struct rule *rule;  /* FOUND */
	const struct arg *args;
	size_t nargs;
	const char *location;     /* REDIRECT: percent-encoded path, with the query */
	const char *domain;       /* REDIRECT: where it points; NULL: the same domain */
	const char *allow;        /* METHOD: "GET, HEAD, POST", sorted; also filled in
				   * by router_allowed() */
};

/* What is asked. domain is what a rule's subdomain (or host) is matched with. */
struct lookup {
	const char *method;
	const char *raw_path; /* undecoded; passed the front door */
	bool plain;           /* there is surely no '%' in it */
	const char *query;    /* undecoded, "" if none */
	const char *domain;   /* "" for the site itself */
	bool websocket;
};

/* A router is filled, compiled once, and never changes again. Converters are
 * looked up by find at router_add(); the built-in ones need none. */
typedef const cruet_converter *router_find_converter(void *arg, const char *name);
struct router *router_new(const struct router_opts *opts);
void router_free(struct router *r);
/* CRUET_EINVAL or CRUET_EEXIST and *why (in a): a sentence naming the rule, its
 * place and what is wrong; two rules that collide are named with both places. */
int router_add(struct router *r, const struct rule *rule, cruet_app *scope,
	       router_find_converter *find, void *find_arg, struct arena *a,
	       const char **why);
int router_compile(struct router *r, struct arena *a, const char **why);

/* [any thread] after router_compile. c is handed to converters of plugins. No
 * allocation for a static rule. The work is bounded: a path that would take more
 * than 200,000 steps of backtracking matches nothing. CRUET_OK or CRUET_ENOMEM. */
int router_match(const struct router *r, struct arena *a, cruet_ctx *c,
		 const struct lookup *q, struct match *out);
/* Sorted methods of all rules that match this path ("GET, HEAD, POST"); NULL if
 * none. */
const char *router_allowed(const struct router *r, struct arena *a, cruet_ctx *c,
			   const struct lookup *q);

/* Why one rule takes a request or does not, for people who ask. */
enum verdict_kind {
	VERDICT_TAKES = 1,     /* if no other rule does so before */
	VERDICT_REDIRECTS = 2, /* the same, with 308 to match.location */
	VERDICT_METHOD = 3,    /* the path fits; match.allow says which methods would */
	VERDICT_WEBSOCKET = 4, /* the path fits, but one of both is a WebSocket */
	VERDICT_DOMAIN = 5,
	VERDICT_PATH = 6,
	VERDICT_NEVER = 7      /* it is there to build URLs alone */
};
struct verdict {
	enum verdict_kind kind;
	struct match match; /* what the router would answer if it had this rule alone */
	/* PATH: the first part of the rule that does not fit, and what stands there in the
	 * path. part NULL: the rule ends before; piece NULL: the path does. */
	const char *part, *piece;
};
/* rule is one of router_rule(). CRUET_OK or CRUET_ENOMEM. Its cost grows with the number
 * of rules. */
int router_explain(const struct router *r, struct arena *a, cruet_ctx *c,
		   const struct rule *rule, const struct lookup *q, struct verdict *out);

/* The rule that takes whatever this one would take, before it; NULL: none does, as far as
 * examples can show, or memory ran out. */
const struct rule *router_shadow(const struct router *r, struct arena *a, cruet_ctx *c,
				 const struct rule *rule);

struct build_value {
	const char *name;
	const char *value; /* NULL: as if it were not given */
};
struct build {
	const char *endpoint;
	const struct build_value *values; /* a repeated name repeats in the query */
	size_t nvalues;
	const char *method;    /* restricts the rules; NULL: any */
	const char *anchor;    /* NULL: none; "" gives a bare '#' */
	const char *scheme;    /* "https"; makes it external */
	bool external;         /* with scheme and host */
	bool no_extra;         /* values the rule lacks are dropped, not a query */
	/* the request this is built in */
	const char *bound_server; /* "example.com:8080": the request's host, or the
				   * configured server name */
	const char *bound_scheme;
	const char *bound_domain; /* the domain the request is in, "" */
	const char *script_root;  /* "" */
};
/* The URL in the arena; NULL and *why: no such endpoint (names the nearest),
 * missing values, a method no rule has. */
const char *router_build(const struct router *r, struct arena *a, cruet_ctx *c,
			 const struct build *b, const char **why);

/* The i-th rule of an endpoint; NULL after the last, or if there is none of it. */
const struct rule *router_rule_of(const struct router *r, const char *endpoint, size_t i);
/* The endpoint that may have been meant by a name that none has; NULL: none is near, or
 * there is no memory. */
const char *router_nearest(const struct router *r, struct arena *a, const char *name);
/* True if a rule of the endpoint has an argument of that name, in its path or by a
 * default. */
bool router_takes(const struct router *r, const char *endpoint, const char *name);

/* Walks the rules in match order, for `cruet routes`; NULL after the last. */
const struct rule *router_rule(const struct router *r, size_t i);

#endif
