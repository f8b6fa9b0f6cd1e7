/* The order in which a set of plugins is attached. */
#ifndef PLUGIN_ORDER_H
#define PLUGIN_ORDER_H

#include <stddef.h>

struct arena;

struct order_item {
	const char *name;                  /* of the instance */
	const char *plugin;                /* what "after" names */
	const char *const *needs;          /* "db/1", "log/1?"; or NULL */
	const char *const *provides, *const *after;
};

/* True if something that is not part of the set provides this service. */
typedef int order_outside(void *arg, const char *service);

/* Puts the items into an order in which whoever provides comes before whoever
 * needs, otherwise as they stand. CRUET_OK; CRUET_ENOENT for an unmet need,
 * CRUET_ECYCLE with the whole circle in *why. */
int order_sort(struct order_item *items, size_t n, order_outside *outside, void *arg,
	       struct arena *a, const char **why);

/* True if a need ("db/1?") names that service. */
int order_need_is(const char *need, const char *service);

#endif
