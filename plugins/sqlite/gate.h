/* A bound on how many are inside at once, first come first served, with a limit on
 * waiting. [any thread] */
#ifndef SQLITE_GATE_H
#define SQLITE_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct gate_waiter;

struct gate {
	pthread_mutex_t lock; /* guards what follows */
	size_t room;
	struct gate_waiter *first, **last; /* empty while there is room */
};

void gate_init(struct gate *g, size_t room);
void gate_fini(struct gate *g); /* nobody waits */

/* Goes in; false if no room was left to us within ms. */
bool gate_enter(struct gate *g, uint64_t ms);
void gate_leave(struct gate *g);

#endif
