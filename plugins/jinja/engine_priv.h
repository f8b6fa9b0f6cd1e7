/* The engine from inside. Whatever is added to it comes into a list that readers walk without a
 * lock: a plugin that is attached later tells it things while others render. */
#ifndef JINJA_ENGINE_PRIV_H
#define JINJA_ENGINE_PRIV_H

#include "engine.h"
#include "node.h"
#include "words.h"

struct loader {
	engine_load_fn *load;
	engine_fresh_fn *fresh;
	void *arg;
	_Atomic(struct loader *) next; /* the first of all comes first */
};

struct added_word {
	struct word word;
	struct added_word *next; /* the latest of all comes first */
};

struct added_global {
	struct name name;
	val value;
	struct added_global *next; /* as above */
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
	struct mem mem;	 /* of what was added */
	_Atomic(struct loader *) loaders;
	_Atomic(struct added_word *) words[3]; /* filters, tests, functions */
	_Atomic(struct added_global *) globals;
	_Atomic(struct table *) table;
	pthread_mutex_t lock; /* of who adds, of who changes the table, and of users with reload */
};

#endif
