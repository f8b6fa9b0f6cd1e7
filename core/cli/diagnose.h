/* What compilers and linkers write, as places. */
#ifndef CLI_DIAGNOSE_H
#define CLI_DIAGNOSE_H

#include "debug/state.h"

/* Adds the errors of a text to those of s, as many as it holds; where none is marked as one
 * (they speak many languages), the first line that names a place. folder: absolute, where
 * relative paths start. In a; where memory runs out, some are missing. */
void diagnose(struct state *s, const char *said, const char *folder, struct arena *a);

#endif
