/* A bound on how many are inside at once, first come first served, with limits on how
 * many wait and for how long. For plugins that share it: it is compiled into each of
 * them. [any thread] */
#ifndef PLUGINS_GATE_H
#define PLUGINS_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct gate_waiter;

struct gate {
	pthread_mutex_t lock; /* guards what follows */
	size_t room, queue; /* places inside, and places to wait */
	struct gate_waiter *first, **last; /* empty while there is room */
};

/* queue SIZE_MAX: any number may wait. */
void gate_init(struct gate *g, size_t room, size_t queue);
void gate_fini(struct gate *g); /* nobody waits */

/* Goes in; false if there is no place to wait, or no room was left to us within ms. */
bool gate_enter(struct gate *g, uint64_t ms);
void gate_leave(struct gate *g);

#endif
