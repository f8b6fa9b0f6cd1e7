/* Which names a template may read, before it does. */
#ifndef JINJA_FORESEE_H
#define JINJA_FORESEE_H

#include "engine.h"

/* The names of a list, which ends with NULL and has fewer than 32, that the template reads, or
 * one that it includes, imports or extends by a name that is written there: bit i for names[i].
 * Whether that place is ever reached nobody knows. Templates are loaded for it; one that is
 * not there, or is wrong, is looked over. */
unsigned foresee(struct engine *e, cruet_ctx *c, const struct template *t,
		 const char *const *names);

#endif
