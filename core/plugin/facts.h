/* What a plugin file says of itself, read out of its bytes before any code of
 * it runs. */
#ifndef PLUGIN_FACTS_H
#define PLUGIN_FACTS_H

#include <stdbool.h>
#include "cruet/plugin.h"

struct arena;

struct facts {
	const cruet_plugin *plugin; /* a copy; pointers lead into a, functions to NULL
				     * or a non-NULL mark that must not be called */
	const char *symbol;         /* "cruet_plugin_visits" */
	bool uses_origin;           /* $ORIGIN in its run path */
	bool unique_symbols;        /* STB_GNU_UNIQUE: stays mapped after dlclose */
	char sha256[65];
	const char *const *libraries; /* DT_NEEDED, ends with NULL */
	const char *const *imports;   /* symbols that others must have, ends with NULL */
};

/* Reads the descriptor from an ELF image in memory. expected: the name its
 * symbol must have, or NULL for the only one there is. CRUET_OK or an error and
 * *why (NULL: out of memory), a sentence without the file's name. Every offset is
 * checked: image is hostile. All that is handed out lives in a. */
int facts_read(const void *image, size_t len, const char *expected, struct arena *a,
	       struct facts *out, const char **why);

#endif
