/* Changes of plugins that come from outside: by a command or a signal. They are logged, and
 * a worker tells its parent of them, so that workers which begin later have the same
 * plugins: what was loaded or unloaded by name is in no file. */
#ifndef SERVER_CHANGES_H
#define SERVER_CHANGES_H

#include <stdbool.h>

#include "plugin/change.h"
#include "server/control_commands.h"

struct arena;
struct amendment;

/* change_run(), and what is said above. The report is to be freed in both cases. */
int changes_make(const struct served *s, enum change_kind kind, const char *name,
		 struct change_report *report, char **why);

/* The same without waiting for those that leave: change_settle() is to be called. */
int changes_publish(const struct served *s, enum change_kind kind, const char *name,
		    struct change_report *report, char **why);

/* --- what differs from the configuration: kept by the parent of workers ---
 *
 * Each is "+well" (loaded) or "-shift" (unloaded), and "*" means that all was reloaded: what
 * the configuration names is there again. */
struct amendments {
	struct amendment *all;
};

void amendments_note(struct amendments *a, const char *change);
/* All of them, as "+well,-shift" in a; NULL: none, or out of memory. */
const char *amendments_list(const struct amendments *a, struct arena *arena);
void amendments_fini(struct amendments *a); /* forgets all */

/* --- a worker that has them from its parent --- */

/* Before it serves: makes those that were not made by the configuration itself. list ends
 * with NULL; NULL: none. What fails is logged. */
void amendments_make(cruet_app *root, char **list);
/* While it serves: the command that makes one, in a; NULL: it is none, or out of memory. */
const char *amendment_command(const char *change, struct arena *a);

#endif
