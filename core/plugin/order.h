/* The order in which a set of plugins is attached. */
#ifndef PLUGIN_ORDER_H
#define PLUGIN_ORDER_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct order_item {
	const char *name;                  /* of the instance */
	const char *plugin;                /* what "after" names */
	const char *const *needs;          /* "db/1", "log/1?"; or NULL */
	const char *const *provides, *const *after;
	bool bad; /* found out where mistakes are told: part of one */
};

/* What is not part of the set. */
struct order_outside {
	/* True if something there provides this service. */
	int (*provides)(void *arg, const char *service);
	/* What may help against an unmet need: the end of a sentence, ": add ...", or
	 * ""; NULL: out of memory. */
	const char *(*hint)(void *arg, const char *need);
	void *arg;
	/* Hears of all that is wrong, and sorting goes on: an unmet need counts as met, and a
	 * circle is left where it closes. NULL: the first one ends it. */
	void (*told)(void *arg, const char *why);
	void *told_arg;
};

/* Puts the items into an order in which whoever provides comes before whoever
 * needs, otherwise as they stand. CRUET_OK; CRUET_ENOENT for an unmet need,
 * CRUET_ECYCLE with the whole circle in *why (in a; NULL: out of memory). */
int order_sort(struct order_item *items, size_t n, const struct order_outside *outside,
	       struct arena *a, const char **why);

/* True if a need ("db/1?") names that service. */
int order_need_is(const char *need, const char *service);

#endif
