/* What rules have in common, while a router is compiled. */
#ifndef APP_ROUTER_SHARE_H
#define APP_ROUTER_SHARE_H

#include "app/router_priv.h"

enum { SHARED_MAX = 64 }; /* of each; what comes later has its own */

struct shared_part { const struct part *part; uint32_t hash; };
struct shared_vars { const struct variable *vars; unsigned n; };

struct share {
	struct arena *a; /* where copies go */
	struct shared_part parts[SHARED_MAX];
	struct shared_vars vars[SHARED_MAX];
	struct state *states[SHARED_MAX];
	size_t nparts, nvars, nstates;
	bool failed; /* for want of memory */
};

const struct part *share_part(struct share *sh, const struct edge *e);
const struct variable *share_vars(struct share *sh, const struct pattern *p);
/* For a state with one rule below: a state whose way to the rule is alike. */
struct state *share_state(struct share *sh, const struct state *s);
/* The end of that way. */
const struct state *only_leaf(const struct state *s);

#endif
