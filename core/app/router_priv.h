/* Shared by router.c and router_build.c. */
#ifndef APP_ROUTER_PRIV_H
#define APP_ROUTER_PRIV_H

#include "app/pattern.h"
#include "base/arena.h"

/* Methods that everybody uses are bits; others are compared as text. */
enum { METHOD_OTHER = 1u << 15 };

struct value { const char *name, *value; };

struct compiled {
	struct rule rule;
	struct pattern pattern;
	unsigned methods;          /* bits; all when any_method */
	bool any_method;
	const char *const *others; /* methods without a bit, ends with NULL */
	const char *const *listed; /* all, HEAD included */
	struct value *defaults;
	size_t ndefaults;
	size_t nargs;    /* variables, and defaults that are none of them */
	size_t order;    /* of registration */
	bool merges;     /* slashes */
	struct compiled *next_same; /* of one endpoint, in the order of building */
};

struct state;

struct edge {
	struct part part;
	struct state *to;
};

struct static_slot {
	const char *text;
	size_t len;
	uint32_t hash;
	struct state *to;
};

struct state {
	struct static_slot *slots; /* open addressing; mask + 1 of them */
	size_t mask, nstatic;
	struct edge *dynamic;
	size_t ndynamic;
	struct compiled **rules;
	size_t nrules;
	struct state *slash; /* the state behind a last slash, or NULL */
	bool suffixed;       /* reached by a part that may end with that slash itself */
};

struct fast {
	const char *path;
	size_t len;
	uint32_t hash;
	const struct state *state;
};

struct endpoint_rules {
	const char *name;
	struct compiled **rules; /* in the order in which building tries them */
	size_t n;
};

struct router {
	struct arena arena;
	struct router_opts opts;
	struct compiled **rules;
	size_t nrules;
	struct state *root;
	struct endpoint_rules *endpoints; /* sorted by name */
	size_t nendpoints;
	struct fast *fast; /* whole paths without variables */
	size_t fast_mask;
	bool has_domains;
};

uint32_t router_hash(const char *s, size_t n);
struct state *state_static(const struct state *s, const char *text, size_t len);

/* METHOD_OTHER for those that everybody does not use. */
unsigned method_bit(const char *method, size_t len);
const char *method_name(unsigned i); /* of bit i; NULL after the last */
bool method_allowed(const struct compiled *c, const char *method, unsigned bit);
bool compiled_allows(const struct compiled *c, const char *method);
const char *compiled_default(const struct compiled *c, const char *name);
const struct endpoint_rules *router_endpoint(const struct router *r, const char *name);

/* True if the rule can be built from these values with this method (NULL: any). */
bool rule_suits(const struct compiled *c, const struct build_value *values, size_t n,
		const char *method);
/* Domain and path, percent-encoded; with extra, spare values as a query. False
 * and *why if a value will not do. */
bool rule_build(const struct router *r, const struct compiled *c, struct arena *a,
		cruet_ctx *ctx, const struct build_value *values, size_t n, bool extra,
		const char **domain, const char **path, const char **why);

/* What decoded paths are encoded with again. */
#define PATH_SAFE "!$&'()*+,/:;=@"

#endif
