/* The text of a rule, read into parts. A part is what stands between two
 * slashes, or, from a converter on that may take slashes, all the rest. */
#ifndef APP_PATTERN_H
#define APP_PATTERN_H

#include "app/converter.h"

enum { PATTERN_VARS_MAX = 32, PATTERN_ITEMS_MAX = 80 };

struct item { /* of a part: a piece of text, or a converter */
	const char *text; /* NULL: conv */
	size_t len;
	const struct conv *conv;
};

struct part {
	struct item *items;
	size_t nitems;
	bool is_static; /* one text, maybe empty */
	bool final;     /* takes all that is left of the path */
	bool suffixed;  /* final, and the rule ends with a slash */
	/* weight: what is less is tried first */
	int nstatic, nvars;
	int *static_lens; /* negative */
	int *var_weights;
};

struct trace { /* the rule again, for building: text or variable */
	const char *text; /* NULL: var */
	unsigned var;
};

struct variable {
	const char *name;
	const struct conv *conv;
};

struct pattern {
	const struct variable *vars;
	unsigned nvars;
	unsigned nparts;
	struct part *parts; /* only while the trie is filled */
	struct trace *trace;
	unsigned ntrace, domain_trace; /* the first of them are the domain's */
};

/* Converters that several rules have are kept once: a match meets few of them. */
struct conv_pool {
	const struct conv *convs[64];
	size_t n;
};

struct pattern_env {
	cruet_app *scope;
	router_find_converter *find; /* or NULL */
	void *find_arg;
	struct conv_pool *pool;
	struct arena *keep;    /* for what building needs as well */
	struct arena *scratch; /* for parts */
};

/* Reads domain (a single part) and path. False and *why (in keep; NULL: out of
 * memory). */
bool pattern_read(struct pattern *out, const char *domain, const char *path,
		  const struct pattern_env *env, const char **why);
/* True if both take the same texts, whatever the limits of their converters. */
bool part_same(const struct part *a, const struct part *b);
uint32_t part_hash(const struct part *p); /* equal for those that are the same */
int part_compare(const struct part *a, const struct part *b);

#endif
