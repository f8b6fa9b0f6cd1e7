#include "cli/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

const char *scratch_make(struct arena *a, const char **why)
{
	const char *in = getenv("TMPDIR");
	char *path = arena_printf(a, "%s/cruet-XXXXXX", in && *in ? in : "/tmp");

	if (path && mkdtemp(path))
		return path;
	*why = path ? arena_printf(a, "no folder can be made in %s: %s", in && *in ? in : "/tmp",
				   strerror(errno))
		    : "out of memory";
	return NULL;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	remove(path); /* what stays is no fault of the command */
	return 0;
}

void scratch_remove(const char *path)
{
	if (path)
		nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
