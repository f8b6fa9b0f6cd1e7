/* Looking through trees. */
#ifndef JINJA_WALK_H
#define JINJA_WALK_H

#include "node.h"

/* Calls fn for each node below n, in the order in which Jinja2 visits them; ends when it
 * gives false, and gives that. n's siblings are no kids of it. */
typedef bool walk_fn(void *arg, struct node *kid);
bool walk_kids(const struct node *n, walk_fn *fn, void *arg);
bool walk_list(struct node *first, walk_fn *fn, void *arg);
bool walk_call(const struct call_node *c, walk_fn *fn, void *arg);

/* Whether the name is read somewhere in the list before it is set there; not in blocks. */
bool walk_reads(struct node *first, const char *name);
/* Whether the name is set anywhere in or below n. */
bool walk_sets(struct node *n, const char *name);
/* Whether there is a scoped block below the list. */
bool walk_scoped(struct node *first);
bool walk_has(struct node *first, enum op op);

#endif
