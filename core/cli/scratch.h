/* Folders for what a command makes and nobody keeps. */
#ifndef CLI_SCRATCH_H
#define CLI_SCRATCH_H

struct arena;

/* An empty one that is ours alone, in a; NULL and *why. */
const char *scratch_make(struct arena *a, const char **why);
/* Removes it with all that is in it. NULL is fine. */
void scratch_remove(const char *path);

#endif
