/* Typed options: fills a struct from texts by a table (cruet_option), with
 * defaults, bounds, choices and messages. For plugins, and for the server's own
 * settings. */
#ifndef APP_OPTION_H
#define APP_OPTION_H

#include <stddef.h>
#include "cruet/plugin.h"

struct arena;

enum { OPTIONS_MAX = 256 };

/* Sets the defaults of all options in config (cleared before). stride is the
 * size of one entry in the table as its author built it. CRUET_OK, or an error
 * and *why (in a; NULL: out of memory) when a default itself is bad. */
int option_defaults(const cruet_option *table, size_t stride, void *config,
		    struct arena *a, const char **why);

/* Sets one option from its text ("5m", "true", "a,b,c" for a LIST). Sizes: "64k",
 * "2m", "1g"; times: "250ms", "5s", "10m", "2h", "30d", a bare number is
 * refused except 0. *why: `option ttl = "5 minutes": expected a time, such as
 * 30s`; an unknown name names the nearest known one. Secrets are not echoed.
 * Strings are copied to a. */
int option_set(const cruet_option *table, size_t stride, void *config, bool *set,
	       const char *name, const char *text, struct arena *a, const char **why);

/* The same from a JSON value, whose type must fit (a number for an INT; text is
 * read as option_set does). JSON options take the value as it is, borrowed. */
int option_set_json(const cruet_option *table, size_t stride, void *config, bool *set,
		    const char *name, const cruet_json *value, struct arena *a,
		    const char **why);

/* An error and *why if a REQUIRED option was never set: set has one flag per
 * option (OPTIONS_MAX of them), which the two above turn on if it is not NULL. */
int option_check_required(const cruet_option *table, size_t stride, const bool *set,
			  const char **why, struct arena *a);

/* The i-th entry of a table with that stride; NULL after the last. */
const cruet_option *option_at(const cruet_option *table, size_t stride, size_t i);
/* The value in words, as a user would write it; "********" for a secret. */
char *option_show(const cruet_option *o, const void *config, struct arena *a);
/* "int", "time", ... */
const char *option_kind(const cruet_option *o);

#endif
