/* What may help against a need that nobody meets. */
#ifndef PLUGIN_HINT_H
#define PLUGIN_HINT_H

#include <stddef.h>

#include "cruet/types.h"
#include "plugin/order.h"

struct arena;

/* The end of the sentence: `: 'cache_new' provides "cache/2"` when a plugin that is
 * attached, or one of a set that is about to be, provides another version; `: add
 * 'cache', which does` when one on the plugin path provides it; else "". NULL: out of
 * memory. No code of any plugin runs. */
const char *hint_unmet(cruet_app *root, const struct order_item *set, size_t n,
		       const char *need, struct arena *a);

#endif
