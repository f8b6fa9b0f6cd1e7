/* What a descriptor may say: checked alike whether it was read from a file or is
 * linked in. */
#ifndef PLUGIN_DESCRIPTOR_H
#define PLUGIN_DESCRIPTOR_H

#include "cruet/plugin.h"

struct arena;

enum {
	PLUGIN_NAME_MAX = 64, /* bytes */
	PLUGIN_LIST_MAX = 256 /* entries of needs, provides, after */
};

/* [a-z][a-z0-9_]*, at most PLUGIN_NAME_MAX: of plugins, instances and options. */
bool plugin_name_valid(const char *s);

/* The numbers at its head, before anything behind them is believed. CRUET_OK, or an
 * error and *why (in a; NULL: out of memory), which goes behind a file's or a
 * plugin's name. */
int descriptor_check_head(const cruet_plugin *p, struct arena *a, const char **why);
/* All of it, that defaults fit their options too. */
int descriptor_check(const cruet_plugin *p, struct arena *a, const char **why);

/* True if the descriptor in memory says what was read from its file. */
bool descriptor_same(const cruet_plugin *live, const cruet_plugin *read);

#endif
