#include "throttle.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

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

static struct tries *find(struct tries set[THROTTLE_WAYS], uint64_t tag, int64_t window)
{
	for (struct tries *e = set; e < set + THROTTLE_WAYS; e++)
		if (live(e, window) && e->tag == tag)
			return e;
	return NULL;
}

/* In the place of the one that is missed least: one whose time is over, else one with the
 * fewest tries. Where the search begins only the key decides. */
static struct tries *put(struct tries set[THROTTLE_WAYS], uint64_t tag, int64_t window)
{
	size_t start = tag / THROTTLE_SETS;
	struct tries *least = &set[start % THROTTLE_WAYS];

	for (size_t i = 1; i < THROTTLE_WAYS && live(least, window); i++) {
		struct tries *e = &set[(start + i) % THROTTLE_WAYS];
		if (!live(e, window) || e->count < least->count)
			least = e;
	}
	*least = (struct tries){.tag = tag, .window = window};
	return least;
}

static uint64_t tag_of(const struct throttle *t, const void *name, size_t len)
{
	uint64_t tag;

	crypto_shorthash((unsigned char *)&tag, name, len, t->key);
	return tag;
}

int64_t throttle_add(struct throttle *t, const void *name, size_t len, int64_t window,
		     int64_t limit)
{
	uint64_t tag = tag_of(t, name, len);
	struct tries *set = t->sets[tag % THROTTLE_SETS];

	pthread_mutex_lock(&t->lock);
	struct tries *e = find(set, tag, window);
	if (!e)
		e = put(set, tag, window);
	int64_t now = e->count + 1;
	if (e->count <= limit)
		e->count = now;
	pthread_mutex_unlock(&t->lock);
	return now;
}

void throttle_take(struct throttle *t, const void *name, size_t len, int64_t window,
		   int64_t some)
{
	uint64_t tag = tag_of(t, name, len);

	pthread_mutex_lock(&t->lock);
	struct tries *e = find(t->sets[tag % THROTTLE_SETS], tag, window);
	if (e)
		e->count = e->count > some ? e->count - some : 0;
	pthread_mutex_unlock(&t->lock);
}

void throttle_copy(struct throttle *to, struct throttle *from)
{
	pthread_mutex_lock(&from->lock);
	memcpy(to->key, from->key, sizeof to->key);
	memcpy(to->sets, from->sets, sizeof to->sets);
	pthread_mutex_unlock(&from->lock);
}
