/* The control socket as a file: where it lies, how it is made, found and removed. A
 * path may have any length: the file is reached through its folder's descriptor. */
#ifndef SERVER_CONTROL_PLACE_H
#define SERVER_CONTROL_PLACE_H

#include <sys/types.h>

struct arena;
struct host;

struct control_place {
	int fd;	    /* listens, and does not block; -1: there is no socket */
	int folder; /* where it lies */
	char *path; /* absolute; malloc'ed */
	dev_t dev;  /* the file that is ours to remove */
	ino_t ino;
};

/* What server.control says: *path, absolute and in a; NULL: there is to be no socket,
 * because it says so, or says nothing and no configuration was read. CRUET_OK or an
 * error and *why. */
int control_path(const struct host *h, struct arena *a, const char **path,
		 const char **why);

/* Each of these gives CRUET_OK or an error and *why, a sentence (malloc'ed; NULL: out of
 * memory). */

/* Listens at path, for this user alone. Folders that are missing are made, 0700. A
 * socket that a dead process left there is replaced; of a live one why names the process.
 */
int control_listen(const char *path, struct control_place *out, char **why);
/* The same with a socket that listens at path already, which becomes the place's; but
 * where its file is gone, another one is made. */
int control_adopt(int fd, const char *path, struct control_place *out, char **why);
/* Connects to the socket at path: *fd. */
int control_connect(const char *path, int *fd, char **why);

/* Removes the file, if it still is the one that was made. */
void control_unlink(const struct control_place *p);
void control_place_close(struct control_place *p);

#endif
