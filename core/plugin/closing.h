/* Plugins whose code is not to run, because it crashed too often. Whoever has bound a
 * service of one would call it, and is closed with it.
 *
 * Of an instance that is closed nothing is started. What would run code of it is answered
 * 503: its rules, and all rules below a hook of it that sees requests or replies, for that
 * may be a guard, and to leave a guard out would be a hole. What only listens is left out. */
#ifndef PLUGIN_CLOSING_H
#define PLUGIN_CLOSING_H

#include "app/scope.h"

/* Closes an instance; before or after the application has started. CRUET_OK, or
 * CRUET_ENOENT: there is none of that name. [any thread] */
int closing_close(cruet_app *root, const char *name);
/* Instances of these names are closed from their beginning, while the list is set; NULL:
 * no more. Ends with NULL, borrowed. */
void closing_expect(cruet_app *root, char **names);
/* Opens it again, and starts what of it was not. CRUET_OK; CRUET_ENOENT; CRUET_ESTATE: it is
 * not closed by itself; or what start() said: then it stays closed, *why (malloc'ed, may be NULL) is the
 * sentence. [any thread] */
int closing_open(cruet_app *root, const char *name, char **why);

/* True if there is one of that name and it is quarantined. [any thread] */
bool closing_is(cruet_app *root, const char *name);

struct generation;
struct instance;

/* Before a generation is published, with host->changing held: new instances of code that was
 * quarantined are so too, and what must not run in it is marked. */
void closing_carry(cruet_app *root, struct generation *next);

/* Calls each for every instance, as they were attached. [any thread] */
void closing_each(cruet_app *root, void (*each)(void *arg, const struct instance *in),
		  void *arg);
/* "running"; "quarantined"; "closed": one that it needs is. Within closing_each(). */
const char *closing_state(const struct instance *in);

#endif
