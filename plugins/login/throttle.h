/* How often something was tried in the current window of time. Windows are the same for
 * all: the time since 1970 in pieces. The table has a size that never changes, and
 * forgets what was tried least when it is full. [any thread] */
#ifndef LOGIN_THROTTLE_H
#define LOGIN_THROTTLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { THROTTLE_WAYS = 8, THROTTLE_SETS = 1024, THROTTLE_KEY = 16 };

struct tries {
	uint64_t tag; /* of who tries; count 0: nobody */
	int64_t window;
	int64_t count;
};

struct throttle {
	pthread_mutex_t lock; /* guards the sets */
	unsigned char
		key[THROTTLE_KEY]; /* so that nobody can think of names that collide */
	struct tries sets[THROTTLE_SETS][THROTTLE_WAYS];
};

/* NULL: out of memory. */
struct throttle *throttle_new(void);
void throttle_free(struct throttle *t); /* NULL is fine */

/* Adds to the tries of a name in a window, and gives what there are now, never less than
 * 0. Those of earlier windows are forgotten. */
int64_t throttle_add(struct throttle *t, const void *name, size_t len, int64_t window,
		     int64_t by);

#endif
