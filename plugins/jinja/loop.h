/* A loop that runs: what the template calls loop, and rounds one by one. */
#ifndef JINJA_LOOP_H
#define JINJA_LOOP_H

#include "render.h"

struct loop {
	struct object object;
	struct iter it;
	int64_t index0, length; /* length -1: not known yet */
	val current, before, after; /* V_MISSING: there is none */
	bool peeked;
	unsigned depth0;
	struct args changed; /* what changed() was told last; v NULL: nothing */
	const struct node *node; /* of a recursive one, and the frame it stands in */
	struct act *up;
	const struct for_node *test; /* NULL: all items go through */
	struct act *test_act;	     /* where the test runs, and what it sees */
	struct context *test_context;
};

/* Opens a loop that is not recursive. plain is used if the template does not ask for the
 * loop itself, which else may be kept longer than the statement runs. NULL: it fails. */
struct loop *loop_open(struct render *r, const struct for_node *f, struct loop *plain);
/* Makes everything ready for the body; false: there is no item left, or it fails. */
bool loop_round(struct render *r, const struct for_node *f, struct loop *l);

#endif
