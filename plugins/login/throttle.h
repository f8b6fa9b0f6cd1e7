/* How often something was tried in the current window of time. Windows are the same for
 * all: the time since 1970 in pieces. The table has a size that never changes; when it is
 * full it forgets who tried least, and among those who tried as often, any. [any thread] */
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

/* Adds one to the tries of a name in a window, and gives what there are now. Those of
 * earlier windows are forgotten. Who has one more than limit has all that counts, and is
 * kept at that: nobody is to outrank, by tries that cost nothing, those who are at their
 * limit. */
int64_t throttle_add(struct throttle *t, const void *name, size_t len, int64_t window,
		     int64_t limit);
/* Takes some of them back, of all that there are in that window. */
void throttle_take(struct throttle *t, const void *name, size_t len, int64_t window,
		   int64_t some);

/* Puts what another one has counted into one that is new. */
void throttle_copy(struct throttle *to, struct throttle *from);

#endif
