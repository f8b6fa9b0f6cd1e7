/* Where arguments stand in a path, by the rules alone: for who has to hide one, also where no
 * rule has taken the request. */
#ifndef APP_ROUTER_WHERE_H
#define APP_ROUTER_WHERE_H

#include "app/router.h"

/* The piece of a URL's path in which an argument stands whose name is such a one, or might, if
 * a rule came to take it; NULL: none. A rule counts as far as its own text goes, whatever its
 * converters say. */
const char *router_where(const struct router *r, const char *path,
			 bool (*named)(const char *name));

#endif
