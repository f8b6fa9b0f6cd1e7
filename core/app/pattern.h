/* The text of a rule, read into parts. A part is what stands between two
 * slashes, or, from a converter on that may take slashes, all the rest. */
#ifndef APP_PATTERN_H
#define APP_PATTERN_H

#include "app/converter.h"

enum { PATTERN_VARS_MAX = 32, PATTERN_ITEMS_MAX = 80 };

struct item { /* of a part: a piece of text, or a converter */
	const char *text; /* NULL: conv */
	size_t len;
	struct conv *conv;
	unsigned var; /* which variable of the rule */
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

struct pattern {
	struct part *parts;
	size_t nparts;
	struct trace *trace;
	size_t ntrace, domain_trace; /* the first of them are the domain's */
	const char *names[PATTERN_VARS_MAX];
	struct conv *convs[PATTERN_VARS_MAX];
	unsigned nvars;
};

/* Reads domain (a single part) and path. False and *why. */
bool pattern_read(struct pattern *out, const char *domain, const char *path,
		  cruet_app *scope, router_find_converter *find, void *find_arg,
		  struct arena *a, const char **why);
bool part_same(const struct part *a, const struct part *b);
int part_compare(const struct part *a, const struct part *b);

#endif
