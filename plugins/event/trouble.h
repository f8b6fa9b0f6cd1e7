/* What clients do wrong: counted each time, and told at most so often, because whoever
 * makes one fault can make a thousand a second. */
#ifndef EVENT_TROUBLE_H
#define EVENT_TROUBLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { TROUBLE_MS = 10000 }; /* between two lines about one kind */

struct trouble {	 /* of one kind; begins as zeros */
	atomic_ullong n; /* since the start */
	atomic_uint untold;
	_Atomic int64_t next; /* told no sooner */
};

/* Counts one. True: it is to be told now; *more is how many of the kind there were since
 * the last that was told. [any thread] */
bool trouble_note(struct trouble *t, int64_t now_ms, unsigned *more);
/* "", or " (and 7 more)" */
const char *trouble_more(unsigned more, char out[32]);

#endif
