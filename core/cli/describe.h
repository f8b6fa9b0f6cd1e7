/* What a plugin says of itself, in words: for the commands that show it. */
#ifndef CLI_DESCRIBE_H
#define CLI_DESCRIBE_H

#include "cruet/plugin.h"

struct arena;
struct table;

/* Writes a table on standard output; the exit code. */
int describe_print(const struct table *t, const char *indent);

/* "db/1, log/1 (optional)"; "-" for none. */
const char *describe_list(const char *const *list, struct arena *a);
/* Rows of a table with two columns: a long list over several lines. */
void describe_names(struct table *t, const char *name, const char *const *list);
/* File, services, order and flags. */
void describe_head(struct table *t, const char *path, const cruet_plugin *p);

/* The default of an option as a user would write it; NULL: none. One of a secret is not
 * shown. */
const char *describe_default(const cruet_option *o);

/* Each writes on standard output; the exit code. */
int describe_title(const cruet_plugin *p, struct arena *a);
int describe_options(const cruet_plugin *p, struct arena *a);

#endif
