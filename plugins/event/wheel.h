/* Timers that are set often and hardly ever go off: setting one is a few writes.
 * Entries come up at their time or a little later, and then only show that it may be
 * time: what is not late yet is put in again. One thread at a time. */
#ifndef EVENT_WHEEL_H
#define EVENT_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

enum { WHEEL_SLOTS = 256, WHEEL_TICK_MS = 64 }; /* farther away: looked at once a turn */

struct wheel_entry {
	struct wheel_entry *next, **link; /* link NULL: it is not in */
	int64_t at;
};

struct wheel {
	struct wheel_entry *slots[WHEEL_SLOTS];
	int64_t turned; /* the tick up to which it was looked at */
	int64_t first;  /* before this one there is nothing */
	unsigned entries;
};

void wheel_init(struct wheel *w, int64_t now_ms);
/* Puts e in for that moment, or moves it. */
void wheel_set(struct wheel *w, struct wheel_entry *e, int64_t at_ms);
void wheel_del(struct wheel *w, struct wheel_entry *e);
/* The next entry whose time has come, taken out; NULL: none up to now. */
struct wheel_entry *wheel_due(struct wheel *w, int64_t now_ms);
/* How long may be slept; -1: there is nothing in it. */
int wheel_wait(struct wheel *w, int64_t now_ms);

#endif
