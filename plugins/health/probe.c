#include "probe.h"

#include <cruet/svc/health.h>
#include <cruet/svc/transport.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What is said of one check. */
struct verdict {
	uint32_t took_ms;
	char why[WHY_LEN + 1]; /* "": it is well */
};

static int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- the table; all with the lock held -------------------------------------------- */

/* Its place, or one for it: a free one, or that of the check that was longest not asked
 * for. NULL: all of them run. */
static struct check *place(struct checks *k, const char *name, const cruet_app *scope)
{
	struct check *best = NULL;

	for (struct check *at = k->all; at < k->all + CHECKS_MAX; at++) {
		if (at->scope == scope && !strcmp(at->name, name))
			return at;
		if (!at->running && (!best || at->used_ms < best->used_ms))
			best = at;
	}
	if (best) {
		*best = (struct check){.scope = scope};
		snprintf(best->name, sizeof best->name, "%s", name);
	}
	return best;
}

static void copy(struct verdict *v, const struct check *at)
{
	v->took_ms = at->took_ms;
	memcpy(v->why, at->why, sizeof v->why);
}

/* What can be said without running it; false: it is to be run, and is marked so. */
static bool is_known(struct check *at, uint64_t keep_ms, uint64_t timeout_ms,
		     struct verdict *v)
{
	int64_t now = clock_ms();

	at->used_ms = now;
	if (at->running && (uint64_t)(now - at->began_ms) > timeout_ms) {
		v->took_ms = (uint32_t)(now - at->began_ms);
		snprintf(v->why, sizeof v->why,
			 "it has been running for %u ms, more than %llu ms",
			 (unsigned)v->took_ms, (unsigned long long)timeout_ms);
		return true;
	}
	if (at->known && (at->running || (uint64_t)(now - at->at_ms) < keep_ms)) {
		copy(v, at);
		return true;
	}
	if (at->running) {
		snprintf(v->why, sizeof v->why, "it is running for the first time");
		return true;
	}
	at->running = true;
	at->began_ms = now;
	return false;
}

/* --- running one ------------------------------------------------------------------ */

static const char *reason(cruet_ctx *c, int r)
{
	if (r == CRUET_OK)
		return "";
	if (r == CRUET_DONE || r == CRUET_LATER)
		return "it replied, or wants to answer later: a check returns CRUET_OK "
		       "or a failure";
	if (cruet_err(c))
		return cruet_err_text(c);
	return r < 0 ? cruet_strerror(r) : cruet_reason(r);
}

static void run(cruet_ctx *c, cruet_fn *fn, uint64_t timeout_ms, struct verdict *v)
{
	int64_t began = clock_ms();

	int r = fn(c);
	v->took_ms = (uint32_t)(clock_ms() - began);
	snprintf(v->why, sizeof v->why, "%s", reason(c, r));
	cruet_err_clear(c); /* of the check, and not of who asks */
	if (!*v->why && v->took_ms > timeout_ms)
		snprintf(v->why, sizeof v->why, "it took %u ms, more than %llu ms",
			 (unsigned)v->took_ms, (unsigned long long)timeout_ms);
}

static void keep(struct checks *k, struct check *at, const struct verdict *v)
{
	pthread_mutex_lock(&k->lock);
	at->running = false;
	at->known = true;
	at->at_ms = clock_ms();
	at->took_ms = v->took_ms;
	memcpy(at->why, v->why, sizeof at->why);
	pthread_mutex_unlock(&k->lock);
}

static void note(struct probe *p, cruet_ctx *c, const char *name, const struct verdict *v)
{
	if (p->detail) {
		cruet_json *j = cruet_put_object(p->detail, name);
		cruet_put_str(j, "status", *v->why ? "failed" : "ok");
		cruet_put_int(j, "ms", v->took_ms);
		if (*v->why)
			cruet_put_str(j, "reason", cruet_strdup(c, v->why));
	}
	if (*v->why && !p->name) {
		p->name = name;
		p->why = cruet_strdup(c, v->why);
	}
}

static void check(void *self, cruet_ctx *c, const char *name, uint64_t timeout_ms,
		  cruet_fn *fn)
{
	struct probe *p = self;
	struct checks *k = p->checks;
	struct verdict v = {.why = ""};
	bool known = true;

	timeout_ms = timeout_ms ? timeout_ms : k->timeout_ms;
	pthread_mutex_lock(&k->lock);
	struct check *at = place(k, name, cruet_scope(c));
	if (at)
		known = is_known(at, k->keep_ms, timeout_ms, &v);
	pthread_mutex_unlock(&k->lock);
	if (!at)
		snprintf(v.why, sizeof v.why, "more than %d checks run at once",
			 CHECKS_MAX);
	if (!known) {
		run(c, fn, timeout_ms, &v);
		keep(k, at, &v);
	}
	note(p, c, name, &v);
}

void probe_all(cruet_ctx *c, struct probe *p)
{
	cruet_tell(c, CRUET_HEALTH_EVENT,
		   &(cruet_health_probe){.size = sizeof(cruet_health_probe),
					 .self = p,
					 .check = check});
}

void checks_init(struct checks *k)
{
	pthread_mutex_init(&k->lock, NULL);
}

void checks_fini(struct checks *k)
{
	pthread_mutex_destroy(&k->lock);
}
