/* A bound on how many hash at once, and on how many wait for it: what they do takes
 * memory and time, and whoever comes may bring a crowd. [any thread] */
#ifndef LOGIN_GATE_H
#define LOGIN_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct gate {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t left;
	size_t room, queue; /* places inside, and places to wait */
};

void gate_init(struct gate *g, size_t room, size_t queue);
void gate_fini(struct gate *g); /* nobody is inside or waits */

/* Goes in; false if there is no place to wait, or none inside within ms. */
bool gate_enter(struct gate *g, uint64_t ms);
void gate_leave(struct gate *g);

#endif
