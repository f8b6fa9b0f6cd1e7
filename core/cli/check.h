/* Between check.c and check_json.c alone. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "plugin/facts.h"
#include "plugin/inspect.h"

struct checked {
	const char *path;
	const char *refused; /* why it would not be loaded, or NULL */
	bool read;	     /* the rest is there: */
	struct facts facts;
	struct inspection inspection;
	const char *const *missing; /* functions that this core does not have */
};

/* "none", "partial", "full" */
const char *relro_word(enum relro r);

/* Writes all of it on standard output; false: out of memory. */
bool check_json(const struct checked *k, struct arena *a);

#endif
