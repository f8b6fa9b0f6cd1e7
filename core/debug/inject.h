/* Putting a script into a page that somebody else wrote, without breaking what that one
 * asked for. */
#ifndef DEBUG_INJECT_H
#define DEBUG_INJECT_H

#include <stdbool.h>
#include <stddef.h>

/* What Content-Security-Policies let run. Begin with zeros. */
struct leave {
	bool refused;      /* a script of the site's own, or its asking the site, is not allowed */
	const char *nonce; /* that the script must have, in the policy's text; NULL: none */
	size_t nonce_len;
};

/* One value of that header, which may hold several policies: all of them hold, and those of
 * further calls. scheme: of the page. */
void leave_ask(struct leave *l, const char *policies, const char *scheme);

/* Where to put it: in front of the last "</body", or at the end. */
size_t inject_place(const char *html, size_t len);

#endif
