/* Which files of some folders change. The kernel tells of it (inotify); where it does not, as
 * on file systems of other machines, names, sizes and times are compared again and again.
 * Whatever a file is saved by is seen when it is whole: a file that is closed after writing,
 * and one that is moved to its place.
 *
 * For one thread. */
#ifndef DEBUG_WATCH_H
#define DEBUG_WATCH_H

#include <stdbool.h>

struct watch;

/* by_time: the kernel is not asked. NULL: out of memory. */
struct watch *watch_new(bool by_time);
void watch_free(struct watch *w);

/* Watches the files of a folder, whose path is absolute; deep: and of those below it, also
 * of those that come later, but for hidden ones and for what a build or a package manager
 * has filled. One that is watched already, or is not there, is fine. CRUET_OK,
 * CRUET_ENOMEM, or CRUET_ELIMIT: too many. */
int watch_folder(struct watch *w, const char *path, bool deep);

/* A descriptor that is readable when something has changed; -1: there is none. */
int watch_fd(const struct watch *w);
/* Milliseconds after which watch_read() is to be called all the same; -1: no need. */
int watch_wait(const struct watch *w);

/* Calls each for every file that was written, moved, made or removed since the last time;
 * path NULL: more has changed than could be told. Some may come twice. True if it was
 * called. */
typedef void watch_fn(void *arg, const char *path);
bool watch_read(struct watch *w, watch_fn *each, void *arg);

#endif
