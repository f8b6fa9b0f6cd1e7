/* The engine from inside. After setup only the cache changes. */
#ifndef JINJA_ENGINE_PRIV_H
#define JINJA_ENGINE_PRIV_H

#include "engine.h"
#include "node.h"
#include "words.h"

struct loader {
	engine_load_fn *load;
	engine_fresh_fn *fresh;
	void *arg;
};

struct added_global {
	struct name name;
	val value;
};

/* Templates by name, open addressing. Readers take no lock: a slot is filled once, and a
 * table that has become too small is replaced by a larger one and kept. */
struct table {
	size_t n, room; /* room: a power of two */
	struct table *before;
	_Atomic(struct template *) slots[];
};

struct engine {
	struct engine_options options;
	atomic_bool reload;
	locale_t locale; /* 0: ASCII alone has capital letters */
	struct mem mem;	 /* of setup */
	struct loader *loaders;
	size_t nloaders;
	struct word *words[3]; /* added: filters, tests, functions */
	size_t nwords[3];
	struct added_global *globals;
	size_t nglobals;
	_Atomic(struct table *) table;
	pthread_mutex_t lock; /* of who changes the table, and of users with reload */
};

#endif
