/* cruet routes --match */
#ifndef CLI_ROUTES_MATCH_H
#define CLI_ROUTES_MATCH_H

#include <stdbool.h>

#include "cli/routes.h"

struct cmdline;
struct site;

/* What the application answers to "GET /a/b" ("/a/b", "WS /chat", "GET http://host/a/b"), and
 * for each of those rules why it does or does not match. The exit code: EXIT_FAILED where
 * no rule takes it. */
int routes_match(struct site *s, const struct routes *r, const char *request, bool json,
		 struct cmdline *c);

#endif
