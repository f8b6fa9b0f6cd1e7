/* What was meant by a word that nobody knows: for plugins that read keys or names of
 * their own from a config. */
#ifndef SHARED_NEAREST_H
#define SHARED_NEAREST_H

#include <stddef.h>

/* The name nearest to word of those that at(list, 0), at(list, 1), ... give until NULL;
 * NULL if none is near enough to be what was meant. */
const char *nearest_name(const char *word, const char *(*at)(const void *list, size_t i),
			 const void *list);

#endif
