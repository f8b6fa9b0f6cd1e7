/* What happens often is told once in a while, with how often it was. [any thread] */
#ifndef LOGIN_NOTICE_H
#define LOGIN_NOTICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { NOTICE_EVERY = 60000 }; /* milliseconds */

/* Zero at first. */
struct notice {
	_Atomic int64_t told; /* when; 0: never */
	_Atomic int64_t more; /* since then */
};

/* It has happened again, now, in milliseconds of a clock that may be set. True if that is
 * to be told: *times, with this one, since it was told last. */
bool notice_due(struct notice *n, int64_t now, int64_t *times);

#endif
