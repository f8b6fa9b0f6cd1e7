/* What a plugin says of itself, found by its name; nothing of it runs. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/site.h"
#include "plugin/facts.h"

struct config_plugin;

struct report {
	const char *path; /* NULL: not found */
	struct facts facts;
	const char *why;  /* a sentence: not found, or refused; NULL: all is well */
};

/* Looks on the plugin path of a configured site. */
void report_read(const struct site *s, const char *plugin, struct arena *a,
		      struct report *out);

/* What is wrong with the options that the configuration gives an instance of that
 * plugin: a sentence in a, or NULL. */
const char *report_options(const struct report *r, const struct config_plugin *cp,
			   struct arena *a);

/* The configured instance of that name; false if there is none. */
bool plugin_instance(const struct site *s, const char *name, struct config_plugin *out);

#endif
