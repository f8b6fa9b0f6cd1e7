/* Folders for what tests write. All of one program stand in one, which its suite removes
 * at the end with all that is left in it, whatever became of the tests. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum { FOLDER_MAX = 64 }; /* its path, with the final NUL */

/* An empty one in TMPDIR, which a suite has set; false: it could not be made. */
static inline bool folder_make(char path[FOLDER_MAX])
{
	const char *in = getenv("TMPDIR");
	int n = snprintf(path, FOLDER_MAX, "%s/cruet-test-XXXXXX", in ? in : "/tmp");

	return n < FOLDER_MAX && mkdtemp(path);
}

/* What a test has put in the way is taken away: a disk that is mounted there, a folder
 * that may not be written. */
static inline bool folder_free(const char *path, int base)
{
	char parent[PATH_MAX];

	if (errno == EBUSY)
		return !umount2(path, MNT_DETACH);
	if (errno != EACCES || base <= 1 || base > (int)sizeof parent)
		return false;
	snprintf(parent, (size_t)base, "%s", path);
	return !chmod(parent, 0700);
}

static inline int folder_remove_one(const char *path, const struct stat *st, int kind,
				    struct FTW *where)
{
	(void)st, (void)kind;
	return remove(path) && (!folder_free(path, where->base) || remove(path)) ? -1 : 0;
}

/* With all that is in it; false: something stayed. */
static inline bool folder_remove(const char *path)
{
	return !nftw(path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Makes the program's own the place for all temporary files. Others may pass through:
 * some tests are somebody else for a while. */
static inline bool folder_begin(char path[FOLDER_MAX])
{
	return !unsetenv("TMPDIR") && folder_make(path) && !chmod(path, 0711) &&
	       !setenv("TMPDIR", path, 1);
}

#endif
