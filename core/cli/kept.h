/* Reports of crashes, as they lie in their folder. */
#ifndef CLI_KEPT_H
#define CLI_KEPT_H

#include <stddef.h>

#include "cli/site.h"
#include "cruet/types.h"

struct kept {
	const char *path; /* as people see it */
	const char *id;
	cruet_json *report; /* NULL: it cannot be read */
};

/* The folder of the reports of a site, and all of them, newest first, in the site's cmdline's
 * arena; kept_free() frees what they hold. EXIT_DONE, or the exit code after saying what is
 * wrong. */
int kept_all(const struct site *s, struct cmdline *c, struct kept **out, size_t *n);
void kept_free(struct kept *all, size_t n);
/* The one whose id begins so; NULL after saying why there is not exactly one. */
const struct kept *kept_find(const struct kept *all, size_t n, const char *id);

/* A member that is a text; "" where there is none. */
const char *kept_text(const struct kept *k, const char *name);

#endif
