#include "server/workers.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/scope.h"
#include "cruet/log.h"
#include "server/clock.h"
#include "server/crew.h"
#include "server/desk.h"

enum {
	PACKET_MAX = ERRAND_NUMBER + CONTROL_ANSWER, /* of a worker */
	WATCHED_MAX = 256,
	EARLY_DEATHS = 3, /* before all have served once: then it is hopeless */
	END_MS = 5000,    /* that those which are killed may take */
	CRASH_MS = 2000,  /* that one which has crashed may take to end */
	CRASH_DEBUG_MS = 15000 /* the same while a page about it is made */
};

_Static_assert(sizeof(struct crash_record) < PACKET_MAX, "a record is one packet");

/* --- what workers tell ------------------------------------------------------------------ */

static unsigned count(const struct crew *c, bool fresh)
{
	unsigned n = 0;

	for (const struct worker *w = c->all; w; w = w->next)
		n += w->life == SERVES && w->fresh == fresh;
	return n;
}

static void served(struct crew *c, struct worker *w, const char *where)
{
	w->life = SERVES;
	if (w->reloads)
		kill(w->pid, SIGHUP);
	c->opened = true;
	if (w->fresh && count(c, true) == c->n)
		crew_change_over(c);
	if (c->says || count(c, false) < c->n || !(c->says = strdup(where)))
		return;
	int err = control_open(c->control, c->handed);
	if (err)
		crew_end(c, err);
	else
		handed_tell(c->handed, c->says);
}

/* The application is what is served, and the transport what serves it. */
static bool can_be_quarantined(const struct crash_record *r)
{
	return *r->plugin.name && strcmp(r->plugin.name, "app") != 0 && !r->transport;
}

static void quarantine(struct crew *c, const char *plugin)
{
	if (!quarantine_note(&c->quarantine, plugin, clock_ms()))
		return;
	cruet_log(c->root, CRUET_ERROR,
		  "plugin '%s' has crashed %d times within %d s: it is quarantined, and what needs it "
		  "answers 503, until: cruet plugins clear %s",
		  plugin, QUARANTINE_CRASHES, QUARANTINE_MS / 1000, plugin);
	for (const struct worker *w = c->all; w; w = w->next)
		if (w->channel >= 0 && !w->fresh)
			handed_say(w->channel, PACKET_CLOSE, plugin);
}

/* The others were asked themselves, but for those that have begun since. */
static void plugins_changed(struct crew *c, const struct worker *by, const char *change)
{
	if (by->fresh)
		return;
	amendments_note(&c->amendments, change);
	for (const struct worker *w = c->all; w; w = w->next)
		if (w != by && w->channel >= 0 && w->life == STARTS && !w->fresh && !w->asked)
			handed_say(w->channel, PACKET_CHANGED, change);
}

static void crashed(struct crew *c, struct worker *w, const char *packet, size_t len)
{
	const struct crash_record *r =
		crashes_heard(&c->crashes, w->place, w->pid, packet, len, w->desk);

	if (!r || w->crashed)
		return;
	w->crashed = clock_ms();
	crew_vacate(c, w);
	if (!w->fresh && can_be_quarantined(r))
		quarantine(c, r->plugin.name);
}

static void take_desk(struct worker *w, int fd)
{
	if (fd < 0)
		return;
	desk_close(w->desk);
	w->desk = desk_take(fd);
}

static void hear(struct crew *c, struct worker *w)
{
	char *said = c->packet;
	int desk;
	ptrdiff_t n = handed_hear(w->channel, said, PACKET_MAX + 1, &c->handed->sockets, &desk);

	if (n <= 0) { /* it has ended, or will: that is told by SIGCHLD */
		close(w->channel);
		w->channel = -1;
		return;
	}
	switch (*said) {
	case PACKET_SERVES:
		if (w->life == STARTS)
			served(c, w, said + 1);
		break;
	case PACKET_SOCKETS:
		break; /* they were added */
	case PACKET_DESK:
		take_desk(w, desk);
		break;
	case PACKET_ENDS:
		if (!c->ends)
			crew_end(c, CRUET_OK);
		break;
	case PACKET_CRASH:
	case PACKET_LOST:
		crashed(c, w, said + 1, (size_t)n - 1);
		break;
	case PACKET_OPENED:
		quarantine_lift(&c->quarantine, said + 1);
		break;
	case PACKET_CHANGED:
		plugins_changed(c, w, said + 1);
		break;
	default:
		errands_heard(c->errands, w->pid, said);
	}
}

/* --- what becomes of them --------------------------------------------------------------- */

static void describe(int status, char *out, size_t cap)
{
	if (WIFSIGNALED(status))
		snprintf(out, cap, "it was ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(out, cap, "it ended with exit code %d", WEXITSTATUS(status));
}

/* Before all have served once. One that ends with an exit code has decided so and said
 * why; others may have had an accident, which may not happen again. */
static void lost_early(struct crew *c, int status)
{
	if (WIFEXITED(status)) {
		crew_end(c, CRUET_ESTATE);
		return;
	}
	if (++c->early < EARLY_DEATHS)
		return;
	crew_end(c, host_problem(c->root->host, CRUET_ESTATE,
			    "the workers do not start: %u ended before all of them served",
			    c->early));
}

static void lost(struct crew *c, const struct worker *w, int status, const char *how)
{
	if (c->says || !WIFEXITED(status))
		cruet_log(c->root, CRUET_WARN, "worker %u (process %d): %s", w->place + 1,
			  (int)w->pid, how);
	crew_vacate(c, w);
	if (!c->says)
		lost_early(c, status);
}

/* It has said so, and a report follows. One that crashes at the end spoils it, one that does
 * so before anything was served will do so again. */
static void lost_by_crash(struct crew *c, const struct worker *w)
{
	if (w->fresh)
		crew_restart_failed(c, "one of them has crashed");
	else if (c->ends)
		c->result = CRUET_ESTATE;
	else if (w->life != LEAVES && !c->says && !c->root->host->debug) /* else the next one tells */
		crew_end(c, CRUET_ESTATE);
}

static void ended(struct crew *c, struct worker *w, int status)
{
	char how[128];

	describe(status, how, sizeof how);
	while (w->channel >= 0) /* its last words */
		hear(c, w);
	if (crashes_ended(&c->crashes, w->pid))
		lost_by_crash(c, w);
	else if (w->fresh)
		crew_restart_failed(c, how);
	else if (w->life != LEAVES)
		lost(c, w, status, how);
}

static void forget(struct worker *w)
{
	if (w->channel >= 0)
		close(w->channel);
	desk_close(w->desk);
	free(w);
}

static void reap(struct crew *c)
{
	int status;

	for (struct worker **at = &c->all, *w; (w = *at);) {
		if (waitpid(w->pid, &status, WNOHANG) <= 0) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		errands_lost(c->errands, w->pid);
		ended(c, w, status);
		forget(w);
	}
}

/* --- the one loop ----------------------------------------------------------------------- */

/* One that is starting does not wait for signals yet, and would end by this one. */
static void reload(struct worker *w)
{
	if (w->life == STARTS)
		w->reloads = true;
	else
		kill(w->pid, SIGHUP);
}

static void obey(struct crew *c, int sig)
{
	if (sig == SIGUSR2 && !c->ends) {
		crew_restart(c);
	} else if (sig == SIGHUP) {
		for (struct worker *w = c->all; w; w = w->next)
			reload(w);
	} else if (sig == SIGTERM || sig == SIGINT) {
		if (c->ends)
			crew_dismiss_all(c, SIGKILL);
		else
			crew_end(c, CRUET_OK);
	}
}

static int64_t killed_at(const struct crew *c, const struct worker *w)
{
	return w->crashed + (c->root->host->debug ? CRASH_DEBUG_MS : CRASH_MS);
}

static void look_at_clock(struct crew *c)
{
	if (c->restart_by && clock_ms() >= c->restart_by)
		crew_restart_failed(c, "they do not serve in time");
	if (c->ends && clock_ms() >= c->end_by)
		crew_dismiss_all(c, SIGKILL);
	for (struct worker *w = c->all; w; w = w->next)
		if (w->crashed && clock_ms() >= killed_at(c, w))
			kill(w->pid, SIGKILL);
}

static void sooner(int64_t *ms, int64_t at, int64_t now)
{
	int64_t wait = at > now ? at - now : 0;

	if (*ms < 0 || wait < *ms)
		*ms = wait;
}

/* Until there is something to do that no descriptor tells of; -1: there is not. */
static int how_long(const struct crew *c)
{
	int64_t ms = crashes_wait(&c->crashes), now = clock_ms();

	for (const struct worker *w = c->all; w; w = w->next)
		if (w->crashed)
			sooner(&ms, killed_at(c, w), now);
	if (c->restart_by)
		sooner(&ms, c->restart_by, now);
	if (c->ends)
		sooner(&ms, c->end_by > now ? c->end_by : now + END_MS, now);
	for (unsigned i = 0; !c->ends && i < crew_places(c); i++)
		if (!crew_is_manned(c, i))
			sooner(&ms, c->places[i].again, now);
	return (int)ms;
}

/* Of workers the first cap descriptors at most; then those of reports. */
static size_t watched(struct crew *c, struct pollfd *p, struct worker **of, size_t cap)
{
	size_t n = 4;

	p[0] = (struct pollfd){.fd = c->signals->fd, .events = POLLIN};
	p[1] = (struct pollfd){.fd = c->ends ? -1 : c->root->host->stop_fd, .events = POLLIN};
	p[2] = (struct pollfd){.fd = c->control->place.fd, .events = POLLIN};
	p[3] = (struct pollfd){.fd = c->errands->fd, .events = POLLIN};
	for (struct worker *w = c->all; w && n < cap; w = w->next) {
		of[n] = w;
		p[n++] = (struct pollfd){.fd = w->channel, .events = POLLIN};
	}
	return n;
}

static int by_place(const void *a, const void *b)
{
	const struct errand_worker *x = a, *y = b;
	return x->worker != y->worker ? x->worker - y->worker : x->pid - y->pid;
}

static bool is_asked(const struct worker *w)
{
	return (w->life == SERVES || (w->life == STARTS && !w->fresh)) && w->channel >= 0 &&
	       !w->crashed;
}

static void run_errands(struct crew *c)
{
	struct errand_worker to[WATCHED_MAX];
	size_t n = 0;

	for (const struct worker *w = c->all; w && n < WATCHED_MAX; w = w->next)
		if (is_asked(w))
			to[n++] = (struct errand_worker){(int)w->place, w->pid, w->channel,
							 w->life == STARTS};
	qsort(to, n, sizeof *to, by_place);
	if (!errands_send(c->errands, to, n))
		return;
	for (struct worker *w = c->all; w; w = w->next)
		w->asked |= w->life == STARTS && is_asked(w);
}

static void turn(struct crew *c)
{
	struct pollfd p[WATCHED_MAX + CRASHES_MAX];
	struct worker *of[WATCHED_MAX];
	size_t n = watched(c, p, of, WATCHED_MAX);
	size_t more = crashes_watch(&c->crashes, p + n);
	int sig;

	if (poll(p, n + more, how_long(c)) < 0)
		return;
	for (size_t i = 4; i < n; i++)
		if (p[i].revents)
			hear(c, of[i]);
	if (p[2].revents)
		control_accept(c->control);
	if (p[3].revents)
		run_errands(c);
	if (p[1].revents)
		crew_end(c, CRUET_OK);
	while ((sig = signals_next(c->signals)))
		obey(c, sig);
	reap(c);
	crashes_look(&c->crashes);
	look_at_clock(c);
}

int workers_run(cruet_app *root, const struct program *program, struct handed *handed,
		struct signals *signals, struct control *control)
{
	unsigned n = (unsigned)root->host->settings.workers;
	struct crew c = {.root = root,
			 .program = program,
			 .handed = handed,
			 .signals = signals,
			 .control = control,
			 .errands = control->served->errands,
			 .n = n,
			 .crashes = {.root = root},
			 .packet = malloc(PACKET_MAX + 1),
			 .places = calloc(n, sizeof *c.places)};

	if (c.packet && c.places) {
		do {
			crew_man(&c);
			turn(&c);
		} while (!c.ends || c.all || c.crashes.all);
	} else {
		c.result = host_problem(root->host, CRUET_ENOMEM, "%s",
					cruet_strerror(CRUET_ENOMEM));
	}
	quarantine_fini(&c.quarantine);
	amendments_fini(&c.amendments);
	free(c.places);
	free(c.packet);
	free(c.says);
	return c.result;
}
