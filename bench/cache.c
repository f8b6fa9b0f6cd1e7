/* How many values a second come out of the cache, by 1, 2, 4 and 8 threads: half of the
 * keys are asked for much more often than the rest, and 1 call in 20 puts one in. */
#include <cruet.h>
#include <cruet/svc/cache.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { KEYS = 10000, VALUE = 200, ROUNDS = 400, BATCH = 2000, THREADS = 8 };

extern const cruet_plugin cruet_plugin_cache;

static cruet_app *app;
static cruet_service cache;
static char keys[KEYS][24];

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void *ask(void *arg)
{
	static const char value[VALUE];
	const cruet_cache *vt = cache.vt;
	uint32_t seed = (uint32_t)(uintptr_t)arg;
	const void *p;
	size_t len;

	for (int i = 0; i < ROUNDS; i++) {
		cruet_ctx *c = cruet_open(app); /* as a request, with memory of its own */
		for (int k = 0; c && k < BATCH; k++) {
			seed = seed * 1664525 + 1013904223;
			uint32_t n = (seed >> 8) % (seed >> 31 ? KEYS : KEYS / 100);
			if ((seed >> 4) % 20)
				vt->get(cache.self, c, keys[n], &p, &len);
			else
				vt->set(cache.self, c, keys[n], value, VALUE, 60000, 0);
		}
		cruet_close(c);
	}
	return NULL;
}

int main(void)
{
	pthread_t ids[THREADS];

	for (int i = 0; i < KEYS; i++)
		snprintf(keys[i], sizeof keys[i], "app:page/%d", i);
	app = cruet_new("bench");
	cruet_use_static(app, &cruet_plugin_cache, "memory=16m");
	cruet_bind(app, CRUET_CACHE, NULL, sizeof(cruet_cache), &cache);
	cruet_close(cruet_open(app));
	if (cruet_problem(app)) {
		fprintf(stderr, "%s\n", cruet_problem(app));
		return 1;
	}
	for (size_t n = 1; n <= THREADS; n *= 2) {
		double began = now();
		for (size_t i = 0; i < n; i++)
			if (pthread_create(&ids[i], NULL, ask, (void *)(i + 1)))
				return 1;
		for (size_t i = 0; i < n; i++)
			pthread_join(ids[i], NULL);
		double calls = (double)n * ROUNDS * BATCH;
		printf("%zu threads: %.2f million calls a second\n", n,
		       calls / (now() - began) / 1e6);
	}
	cruet_free(app);
	return 0;
}
