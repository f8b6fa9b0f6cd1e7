/* What was meant by a word that nobody knows. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* cruet_nearest() for a list of names that ends with NULL; the list may be NULL. */
const char *nearest(const char *word, const char *const *names);
/* How many letters to insert, delete, replace or swap with their neighbour to make
 * one of the other, of the first 64. */
size_t nearest_distance(const char *a, const char *b);

#endif
