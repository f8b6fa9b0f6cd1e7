/* What is known of each check. A check runs in the request of whoever asks first; those
 * who ask while it runs, or soon after, are told what is known. */
#ifndef PLUGIN_HEALTH_PROBE_H
#define PLUGIN_HEALTH_PROBE_H

#include <cruet.h>
#include <pthread.h>

enum { CHECKS_MAX = 64, NAME_LEN = 63, WHY_LEN = 240 };

struct check {
	char name[NAME_LEN + 1]; /* "": the place is free */
	const cruet_app *scope;	 /* with the name it tells checks apart */
	int64_t used_ms; /* when somebody asked last; by a clock that goes forward only */
	bool running;
	int64_t began_ms;
	bool known; /* what follows */
	int64_t at_ms;
	uint32_t took_ms;
	char why[WHY_LEN + 1]; /* "": it is well */
};

struct checks {
	pthread_mutex_t lock; /* guards all */
	struct check all[CHECKS_MAX];
	uint64_t timeout_ms; /* of a check that has none of its own */
	uint64_t keep_ms;    /* for which a result is taken for what it is */
};

/* One request that asks. */
struct probe {
	struct checks *checks;
	cruet_json *detail; /* an object that gets a member for each check; NULL: none */
	const char *name, *why; /* of the first that failed; NULL: none did */
};

void checks_init(struct checks *k);
void checks_fini(struct checks *k);
/* Has all checks say what they know. */
void probe_all(cruet_ctx *c, struct probe *p);

#endif
