#include "server/crew.h"

#include <signal.h>
#include <stdlib.h>

#include "app/scope.h"
#include "base/buf.h"
#include "base/text.h"
#include "cruet/log.h"
#include "server/clock.h"

enum {
	QUICK_MS = 1000,       /* who ends sooner again is not replaced at once */
	BACK_OFF_MS = 100,     /* ... but after this, doubled each time, */
	BACK_OFF_MAX_MS = 5000, /* up to this */
	START_MS = 60000,      /* that new ones may take until they serve */
	GRACE_MS = 5000        /* after the time to drain, and that of a plugin's stop */
};

/* --- starting --------------------------------------------------------------------------- */

/* "serving http://127.0.0.1:8000\n" for each address becomes a list for CRUET_LISTEN; in
 * a. */
static const char *addresses(const char *says, struct arena *a)
{
	static const char verb[] = "serving ";
	struct buf b;

	buf_init(&b, a, 0);
	for (size_t n; says && text_starts(says, verb); says += n + (says[n] == '\n')) {
		says += sizeof verb - 1;
		n = strcspn(says, "\n");
		buf_printf(&b, "%s%.*s", b.len ? "," : "", (int)n, says);
	}
	return buf_err(&b) || !b.len ? NULL : b.p;
}

/* The first one has all there is, to find out what is missing; later ones their own. */
static int launch(struct crew *c, struct worker *w, char **why)
{
	struct sockets *all = &c->handed->sockets, own = *all;
	struct arena a;

	arena_init(&a, 4096);
	int err = c->opened ? sockets_of_worker(all, w->place, c->n, &own, &a) : CRUET_OK;
	if (!err) {
		w->pid = program_start(
			c->program,
			&(struct launch){.sockets = &own,
					 .shared = c->handed->shared,
					 .worker = w->place,
					 .workers = c->n,
					 .opens = !c->opened,
					 .listen = all->n ? NULL : addresses(c->says, &a),
					 .closed = w->fresh ? NULL
							    : quarantine_list(&c->quarantine, &a),
					 .changed = w->fresh ? NULL
							     : amendments_list(&c->amendments, &a),
					 .mask = &c->signals->before},
			&w->channel, why);
		err = w->pid < 0 ? CRUET_EIO : CRUET_OK;
	}
	arena_fini(&a);
	return err;
}

static bool start_worker(struct crew *c, unsigned place, bool fresh)
{
	struct worker *w = calloc(1, sizeof *w);
	char *why = NULL;

	if (w) {
		*w = (struct worker){
			.place = place, .fresh = fresh, .channel = -1, .since = clock_ms()};
		if (!launch(c, w, &why)) {
			w->next = c->all;
			c->all = w;
			return true;
		}
	}
	cruet_log(c->root, CRUET_ERROR, "worker %u: %s", place + 1,
		  why ? why : cruet_strerror(CRUET_ENOMEM));
	free(why);
	free(w);
	return false;
}

/* One that has crashed is still there for a moment: another one may take its sockets, but
 * where there are none it is in the way. */
static bool mans(const struct crew *c, const struct worker *w)
{
	return !w->fresh && w->life != LEAVES && !(w->crashed && c->handed->sockets.n);
}

bool crew_is_manned(const struct crew *c, unsigned place)
{
	for (const struct worker *w = c->all; w; w = w->next)
		if (w->place == place && mans(c, w))
			return true;
	return false;
}

/* Once is at once; again and again is not. */
static void back_off(struct place *p)
{
	int64_t ms = p->quick ? BACK_OFF_MS << (p->quick < 8 ? p->quick - 1 : 7) : 0;

	p->again = clock_ms() + (ms < BACK_OFF_MAX_MS ? ms : BACK_OFF_MAX_MS);
	p->quick++;
}

void crew_man(struct crew *c)
{
	for (unsigned i = 0; !c->ends && i < crew_places(c); i++)
		if (c->places[i].again <= clock_ms() && !crew_is_manned(c, i) &&
		    !start_worker(c, i, false))
			back_off(&c->places[i]);
}

/* How soon the next one may take its place. */
void crew_vacate(struct crew *c, const struct worker *w)
{
	struct place *p = &c->places[w->place];

	bool served = w->life == SERVES && w->crashed && c->root->host->debug;

	/* who tries something out wants to try the next thing at once */
	if (!served && (w->life != SERVES || clock_ms() - w->since < QUICK_MS))
		back_off(p);
	else
		*p = (struct place){.quick = 0};
}

/* --- ending ----------------------------------------------------------------------------- */

static void dismiss(struct worker *w, int sig)
{
	w->life = LEAVES;
	w->fresh = false;
	kill(w->pid, sig);
}

void crew_dismiss_all(struct crew *c, int sig)
{
	for (struct worker *w = c->all; w; w = w->next)
		dismiss(w, sig);
}

void crew_end(struct crew *c, int result)
{
	const struct server_settings *s = &c->root->host->settings;

	c->ends = true;
	c->result = result;
	c->restart_by = 0;
	c->end_by = clock_ms() + (int64_t)(s->drain + s->plugin_stop) + GRACE_MS;
	errands_end(c->errands); /* first: clients that wait for workers would be waited for */
	control_close(c->control, true);
	crew_dismiss_all(c, SIGTERM);
}

/* --- starting anew ---------------------------------------------------------------------- */

/* Fresh ones that serve have to end as gently as the old ones would have. */
void crew_restart_failed(struct crew *c, const char *why)
{
	cruet_log(c->root, CRUET_ERROR, "the new workers are not taken, the old ones go on: %s", why);
	c->restart_by = 0;
	for (struct worker *w = c->all; w; w = w->next)
		if (w->fresh)
			dismiss(w, w->life == SERVES ? SIGUSR2 : SIGKILL);
}

void crew_restart(struct crew *c)
{
	const char *not = c->restart_by || !c->says ? "new workers are being started already"
			  : !c->handed->sockets.n   ? "this transport cannot hand its sockets over"
						    : NULL;

	if (not) {
		cruet_log(c->root, CRUET_WARN, "SIGUSR2: %s", not);
		return;
	}
	cruet_log(c->root, CRUET_INFO, "SIGUSR2: starting new workers");
	c->restart_by = clock_ms() + START_MS;
	for (unsigned i = 0; i < c->n; i++) {
		if (start_worker(c, i, true))
			continue;
		crew_restart_failed(c, "one of them cannot be started");
		return;
	}
}

void crew_change_over(struct crew *c)
{
	for (struct worker *w = c->all; w; w = w->next) {
		if (w->fresh)
			w->fresh = false;
		else if (w->life != LEAVES)
			dismiss(w, SIGUSR2);
	}
	for (unsigned i = 0; i < c->n; i++)
		c->places[i] = (struct place){.quick = 0};
	c->restart_by = 0;
	quarantine_fini(&c->quarantine);
	amendments_fini(&c->amendments);
	cruet_log(c->root, CRUET_INFO, "the new workers serve, the old ones end");
}

