/* A bounded queue of records from many threads to one, without a lock.
 *
 * Invariants. A record is a header cell and the cells of its bytes, side by
 * side; one that would reach over the end has a padding record before it.
 * Whoever moves `tail` forward owns the cells that it passed, and makes them
 * known by a header that is not zero. The reader takes records in order, clears
 * their cells, and then moves `head`: so a cell beyond `tail` is always zero. A
 * writer that is interrupted between the two steps holds up the reader of this
 * ring, and nobody else. */
#ifndef ACCESS_LOG_RING_H
#define ACCESS_LOG_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring;

/* Of at least so many bytes; NULL: out of memory. */
struct ring *ring_new(size_t bytes);
void ring_free(struct ring *r); /* NULL is fine */
/* Adds a record of 1 to 65535 bytes. False: there is no room for it. *filling
 * says whether half of the room is taken. [any thread] */
bool ring_put(struct ring *r, const void *p, size_t len, bool *filling);
/* Takes the next record. Its length; 0: there is none, or it needs more than cap.
 * [one thread] */
size_t ring_take(struct ring *r, char *out, size_t cap);

#endif
