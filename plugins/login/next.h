/* Where somebody may be sent who has logged in. */
#ifndef LOGIN_NEXT_H
#define LOGIN_NEXT_H

#include <stdbool.h>

enum { NEXT_MAX = 2048 };

/* True if s is a path of this site, with or without a query and a fragment, and every
 * reader takes it for one: no other host, no scheme, nothing that a browser, a proxy or a
 * header reads in another way, plain or percent-encoded. [any thread] */
bool next_safe(const char *s);

#endif
