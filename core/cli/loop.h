/* The developer's loop of `cruet run --debug`: a thread that sees what changes, builds the
 * application, and says so to those that serve it, by a state (debug/state.h) in a folder
 * that it shares with them. It runs in the process that was started: in the parent, where
 * there are workers. */
#ifndef CLI_LOOP_H
#define CLI_LOOP_H

#include <stdbool.h>

#include "cli/target.h"

struct arena;

struct config;
struct loop;

/* t: as it is seen from its folder, which is the working directory. cf was read, and lives
 * longer. by_time: the kernel is not asked what changes. NULL and *why, a sentence (NULL: out
 * of memory). */
struct loop *loop_new(const struct target *t, const struct config *cf, bool by_time,
		      struct arena *a, const char **why);
/* Builds nothing before somebody asks (state_ask). CRUET_OK, or CRUET_EIO. */
int loop_start(struct loop *l);
/* The folder that is shared. */
const char *loop_folder(const struct loop *l);
/* Readable once there is a state, be it a good one or not. */
int loop_ready_fd(const struct loop *l);
/* Ends what is being built, and removes the folder. NULL is fine. */
void loop_free(struct loop *l);

#endif
