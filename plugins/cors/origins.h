/* Which origins are let in. An origin is what a browser writes into Origin: scheme,
 * host, and a port where it is not the scheme's own (RFC 6454); or "null". */
#ifndef PLUGIN_CORS_ORIGINS_H
#define PLUGIN_CORS_ORIGINS_H

#include <stdbool.h>
#include <stddef.h>

/* One entry of the option. */
struct origin {
	const char *text;
	const char *tail; /* what stands in it behind the star; NULL: there is none */
};

/* NULL: the entry is fine; or what is wrong with it. */
const char *origin_problem(const char *entry);
/* Of an entry that is fine, which is borrowed. */
struct origin origin_of(const char *entry);
/* True if this, as a browser sent it, is that origin or one of those. */
bool origin_fits(const struct origin *o, const char *sent);

#endif
