#include "trouble.h"

#include <stdio.h>

bool trouble_note(struct trouble *t, int64_t now, unsigned *more)
{
	int64_t next = atomic_load_explicit(&t->next, memory_order_relaxed);

	atomic_fetch_add_explicit(&t->n, 1, memory_order_relaxed);
	if (now < next || !atomic_compare_exchange_strong_explicit(
				  &t->next, &next, now + TROUBLE_MS, memory_order_relaxed,
				  memory_order_relaxed)) {
		atomic_fetch_add_explicit(&t->untold, 1, memory_order_relaxed);
		return false;
	}
	*more = atomic_exchange_explicit(&t->untold, 0, memory_order_relaxed);
	return true;
}

const char *trouble_more(unsigned more, char out[32])
{
	out[0] = '\0';
	if (more)
		snprintf(out, 32, " (and %u more)", more);
	return out;
}
