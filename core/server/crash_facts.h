/* What is kept of a request in a report of a crash: the same as a page of --debug shows, but
 * for secrets. */
#ifndef SERVER_CRASH_FACTS_H
#define SERVER_CRASH_FACTS_H

#include "cruet/types.h"
#include "server/dossier.h"

struct arena;

/* Members of a JSON object, each with a comma before it; in a. NULL: out of memory. Values
 * whose names sound like secrets, and those of all cookies, are MASK. */
const char *crash_facts(struct arena *a, const cruet_app *root, const struct dossier *facts);

#endif
