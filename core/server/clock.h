/* A clock that only goes forward and costs next to nothing: its steps are some
 * milliseconds. */
#ifndef SERVER_CLOCK_H
#define SERVER_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { CLOCK_GRAIN_MS = 8 }; /* by so much may a difference be too small */

static inline int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

#endif
