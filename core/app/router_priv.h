/* Shared by the files of the router: router_fill.c reads rules into a trie that is
 * easy to extend, router_compile.c turns it into one that is quick to walk,
 * router_walk.c walks it, router.c makes the answer, router_build.c builds URLs,
 * router_explain.c says why a rule does not match. */
#ifndef APP_ROUTER_PRIV_H
#define APP_ROUTER_PRIV_H

#include "app/pattern.h"
#include "base/arena.h"

/* Methods that everybody uses are bits; others are compared as text. */
enum { METHOD_OTHER = 1u << 15 };

struct value { const char *name, *value; };

struct compiled {
	/* what every match reads, within 64 bytes */
	struct pattern pattern;
	unsigned methods;  /* bits; all when any_method */
	unsigned nargs;    /* variables, and defaults that are none of them */
	unsigned ndefaults;
	bool any_method;
	bool merges;       /* slashes */
	bool strict;       /* about a last slash */
	bool websocket;
	bool moves;        /* another URL may be the right one: found() looks */

	struct value *defaults;
	const struct state *leaf;  /* where it ends in the compiled trie */
	const char *path;          /* rule.path, its slashes merged if they are to be */
	struct rule rule;
	const char *const *others; /* methods without a bit, ends with NULL */
	const char *const *listed; /* all methods, HEAD included */
	size_t order;              /* of registration */
};

/* --- the trie --- */

struct edge_index;

/* What leads to a state. Once compiled, and where a single rule is below: the rule
 * itself, and a state that all rules share whose parts are alike from here on; where
 * those end, NULL stands for the rule. */
struct node {
	struct state *state;
	const struct compiled *only;
	uint32_t below; /* how many rules there are in all */
	uint32_t len;
	char text[];    /* "" but for an edge of plain text */
};

struct edge { /* a part with variables */
	const struct part *part;
	struct node *to;
	uint32_t hash; /* of the part */
	uint32_t order;
};

struct slot { /* plain text: it stands in the node */
	uint32_t hash;
	struct node *to;
};

struct state {
	struct slot *slots;
	struct edge *edges;
	struct edge_index *index; /* of the edges, where there are many */
	struct compiled **rules;
	struct node *slash;       /* behind a last slash, or NULL */
	uint32_t nslots, mask, nedges, nrules;
	bool suffixed; /* reached by a part that may end with that slash itself */
	bool whole;    /* there is one edge, and a converter takes its whole part */
};

static inline bool part_is_whole(const struct part *p)
{
	return p->nitems == 1 && !p->items[0].text && !p->suffixed && !p->final;
}

/* Up to so many texts are a list; more are hashed, with mask + 1 places. */
enum { SLOTS_LISTED = 4 };

/* Places for slots, empty ones included. */
static inline size_t state_places(const struct state *s)
{
	return s->nslots > SLOTS_LISTED ? (size_t)s->mask + 1 : s->nslots;
}

struct node *state_text(const struct state *s, const char *text, size_t len);

/* Edges of a state that may fit a text, in the order in which they are tried. */
enum { CANDIDATE_LISTS = 8 };
struct candidates {
	const struct state *state;
	bool all;      /* edges, from next on; else those of the lists */
	uint32_t next;
	unsigned nlists;
	struct { const uint32_t *at, *end; } lists[CANDIDATE_LISTS];
};
bool index_make(struct arena *a, struct state *s); /* false: out of memory */
void candidates_start(struct candidates *c, const struct state *s, const char *text,
		      size_t len);
const struct edge *candidates_next(struct candidates *c);

/* Says that what lies at and behind p is wanted soon. */
void router_fetch(const void *p);

/* --- the router --- */

struct fast { /* the first rule of a whole path without variables, on the site itself */
	uint32_t hash;
	const struct compiled *rule;
};

struct endpoint_rules {
	const char *name;
	struct compiled **rules; /* in the order in which building tries them */
	size_t n;
};

struct router {
	struct arena arena;
	struct arena draft; /* the trie while it is filled; gone once compiled */
	struct router_opts opts;
	struct conv_pool convs;
	struct compiled **rules; /* in the order of registration */
	size_t nrules;
	size_t nvars; /* the most that a rule has */
	struct node *root;
	struct endpoint_rules *endpoints; /* sorted by name */
	size_t nendpoints;
	struct fast *fast; /* hashed */
	size_t fast_mask;
};

/* --- a search --- */

struct piece { const char *p; size_t len; };

struct search {
	const struct router *r;
	struct arena *a;
	cruet_ctx *c;
	const struct lookup *q;
	unsigned bit;      /* of the method */
	const char *path;  /* decoded, an encoded slash as NUL */
	const char *shown; /* the same with real slashes; often the same memory */
	const char *end;   /* of path */
	unsigned steps;
	const struct compiled *only; /* where rules of a state are NULL */
	/* result */
	const struct compiled *found;
	struct arg *args;
	bool slash_wanted, no_memory, wrong_protocol;
	/* for 405 */
	unsigned allowed;
	const struct compiled **refused;
	size_t nrefused;
	bool collect_all; /* only for the list of methods */
	struct piece *values; /* of variables, nvars of r; as far as it has come */
};

/* The path as it is matched: decoded once, an encoded slash as NUL, exactly one slash in
 * front. raw, or its end, where that is so already. plain: there is no '%' in it. *len is
 * raw's, then its own. NULL: out of memory. */
const char *search_decode(struct arena *a, const char *raw, bool plain, size_t *len);
/* Lets the search begin anew with such a path. False when out of memory. */
bool search_path(struct search *s, const char *path, size_t len);
/* A rule that ends where this one ends and takes the request, or what stands in its
 * way. */
bool search_rules(struct search *s, const struct compiled *c);
/* The same for domain and path, from the root on. */
bool search_walk(struct search *s);

/* --- rules --- */

/* METHOD_OTHER for those that everybody does not use. */
unsigned method_bit(const char *method, size_t len);
unsigned method_of(const char *method);
const char *method_name(unsigned i); /* of bit i; NULL after the last */
bool method_allowed(const struct compiled *c, const char *method, unsigned bit);
bool compiled_allows(const struct compiled *c, const char *method);
const char *compiled_default(const struct compiled *c, const char *name);
const char *compiled_domain(const struct router *r, const struct compiled *c);
bool compiled_has_variable(const struct compiled *c, const char *name);
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
