/* The rules of an application, in the order in which they are tried. */
#ifndef CLI_ROUTES_H
#define CLI_ROUTES_H

#include <stddef.h>

struct arena;
struct owner;
struct router;
struct rule;

/* The next rule from *i on that this owner registered (NULL: anybody), and *i behind it;
 * NULL after the last. */
const struct rule *routes_next(const struct router *r, const struct owner *of, size_t *i);
/* As they were written: "GET,POST", "*" for any, "WS", "-" for what is only built. */
const char *routes_methods(const struct rule *r);
/* Writes them on standard output; the exit code. */
int routes_print(const struct router *r, const struct owner *of, struct arena *a);

#endif
