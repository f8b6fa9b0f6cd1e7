/* What an instance of the plugin keeps. Three floors, each in files of its own:
 * rules.h is a table of rules, read and checked once; run.h is one check of one
 * input against it; this is what stands around both. */
#ifndef PLUGIN_VALIDATE_H
#define PLUGIN_VALIDATE_H

#include <locale.h>
#include <pthread.h>
#include <stdatomic.h>

#include <cruet.h>
#include <cruet/svc/validate.h>
#include <cruet/validate.h>

#include "rules.h"

enum {
	CACHE_BUCKETS = 256,
	CACHE_MAX = 1024 /* tables that are kept; what comes later is read each time */
};

struct config {
	int64_t max_fields, max_errors;
};

struct state {
	const struct config *cfg;
	locale_t letters; /* Unicode's; 0: ASCII alone */
	/* tables that were read: looked at without a lock, only added to */
	pthread_mutex_t lock;
	_Atomic(struct rules *) cache[CACHE_BUCKETS];
	size_t cached; /* under lock */
};

#endif
