#include "throttle.h"

#include <sodium.h>
#include <stdlib.h>

_Static_assert(THROTTLE_KEY == crypto_shorthash_KEYBYTES, "as libsodium has it");

struct throttle *throttle_new(void)
{
	struct throttle *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	crypto_shorthash_keygen(t->key);
	return t;
}

void throttle_free(struct throttle *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static bool live(const struct tries *e, int64_t window)
{
	return e->count && e->window == window;
}

/* That of the tag, else the one that is missed least: one whose time is over, else one
 * with the fewest tries. */
static struct tries *find(struct tries set[THROTTLE_WAYS], uint64_t tag, int64_t window)
{
	struct tries *least = set;

	for (struct tries *e = set; e < set + THROTTLE_WAYS; e++) {
		if (live(e, window) && e->tag == tag)
			return e;
		if (live(least, window) && (!live(e, window) || e->count < least->count))
			least = e;
	}
	*least = (struct tries){.tag = tag, .window = window};
	return least;
}

int64_t throttle_add(struct throttle *t, const void *name, size_t len, int64_t window,
		     int64_t by)
{
	uint64_t tag;

	crypto_shorthash((unsigned char *)&tag, name, len, t->key);
	pthread_mutex_lock(&t->lock);
	struct tries *e = find(t->sets[tag % THROTTLE_SETS], tag, window);
	e->count = e->count + by > 0 ? e->count + by : 0;
	int64_t now = e->count;
	pthread_mutex_unlock(&t->lock);
	return now;
}
