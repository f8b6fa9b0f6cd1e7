#include "server/workers.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/scope.h"
#include "cruet/log.h"
#include "server/errands.h"

enum {
	PACKET_MAX = ERRAND_NUMBER + CONTROL_ANSWER, /* of a worker */
	WATCHED_MAX = 256,
	QUICK_MS = 1000,       /* who ends sooner is not replaced at once */
	BACK_OFF_MS = 100,     /* ... but after this, doubled each time, */
	BACK_OFF_MAX_MS = 5000, /* up to this */
	EARLY_DEATHS = 3,      /* before all have served once: then it is hopeless */
	START_MS = 60000,      /* that new ones may take until they serve */
	GRACE_MS = 5000        /* after the time to drain */
};

enum life {
	STARTS,
	SERVES,
	LEAVES /* it is to end, and not to be replaced */
};

struct worker {
	struct worker *next;
	pid_t pid;
	unsigned place; /* whose sockets it has */
	enum life life;
	bool fresh;     /* part of a restart that is not done */
	int channel;
	int64_t since;
	char *says;     /* where it serves */
};

struct place { /* where there is always to be a worker */
	int64_t again; /* not before */
	unsigned quick; /* how many ended quickly, one after the other */
};

struct crew {
	cruet_app *root;
	const struct program *program;
	struct handed *handed;
	struct signals *signals;
	struct control *control;
	struct errands *errands;
	char *packet; /* room for one */
	struct worker *all;
	struct place *places;
	unsigned n;
	unsigned early;    /* ended before all had served once */
	bool announced;    /* they have */
	bool ends;
	int64_t restart_by; /* when the fresh ones have to serve; 0: there are none */
	int64_t end_by;
	int result;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- starting --------------------------------------------------------------------------- */

static int launch(struct crew *c, struct worker *w, char **why)
{
	struct sockets own;
	struct arena a;

	arena_init(&a, 4096);
	int err = sockets_of_worker(&c->handed->sockets, w->place, c->n, &own, &a);
	if (!err) {
		w->pid = program_start(c->program,
				       &(struct launch){.sockets = &own,
							.worker = w->place,
							.workers = c->n,
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
			.place = place, .fresh = fresh, .channel = -1, .since = now_ms()};
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

static bool is_manned(const struct crew *c, unsigned place)
{
	for (const struct worker *w = c->all; w; w = w->next)
		if (w->place == place && !w->fresh && w->life != LEAVES)
			return true;
	return false;
}

static void back_off(struct place *p)
{
	int64_t ms = BACK_OFF_MS << (p->quick < 8 ? p->quick : 8);

	p->again = now_ms() + (ms < BACK_OFF_MAX_MS ? ms : BACK_OFF_MAX_MS);
	p->quick++;
}

static void man_places(struct crew *c)
{
	for (unsigned i = 0; !c->ends && i < c->n; i++)
		if (c->places[i].again <= now_ms() && !is_manned(c, i) &&
		    !start_worker(c, i, false))
			back_off(&c->places[i]);
}

/* --- ending ----------------------------------------------------------------------------- */

static void dismiss(struct worker *w, int sig)
{
	w->life = LEAVES;
	w->fresh = false;
	kill(w->pid, sig);
}

static void dismiss_all(struct crew *c, int sig)
{
	for (struct worker *w = c->all; w; w = w->next)
		dismiss(w, sig);
}

static void end(struct crew *c, int result)
{
	c->ends = true;
	c->result = result;
	c->restart_by = 0;
	c->end_by = now_ms() + (int64_t)c->root->host->settings.drain + GRACE_MS;
	errands_end(c->errands); /* first: clients that wait for workers would be waited for */
	control_close(c->control, true);
	dismiss_all(c, SIGTERM);
}

static void forget(struct worker *w)
{
	if (w->channel >= 0)
		close(w->channel);
	free(w->says);
	free(w);
}

/* --- starting anew ---------------------------------------------------------------------- */

/* Fresh ones that serve have to end as gently as the old ones would have. */
static void restart_failed(struct crew *c, const char *why)
{
	cruet_log(c->root, CRUET_ERROR, "the new workers are not taken, the old ones go on: %s", why);
	c->restart_by = 0;
	for (struct worker *w = c->all; w; w = w->next)
		if (w->fresh)
			dismiss(w, w->life == SERVES ? SIGUSR2 : SIGKILL);
}

static void restart(struct crew *c)
{
	if (c->restart_by || !c->announced) {
		cruet_log(c->root, CRUET_WARN, "SIGUSR2: new workers are being started already");
		return;
	}
	cruet_log(c->root, CRUET_INFO, "SIGUSR2: starting new workers");
	c->restart_by = now_ms() + START_MS;
	for (unsigned i = 0; i < c->n; i++) {
		if (start_worker(c, i, true))
			continue;
		restart_failed(c, "one of them cannot be started");
		return;
	}
}

static void change_over(struct crew *c)
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
	cruet_log(c->root, CRUET_INFO, "the new workers serve, the old ones end");
}

static unsigned count(const struct crew *c, bool fresh)
{
	unsigned n = 0;

	for (const struct worker *w = c->all; w; w = w->next)
		n += w->life == SERVES && w->fresh == fresh;
	return n;
}

/* --- what workers tell ------------------------------------------------------------------ */

static void served(struct crew *c, struct worker *w)
{
	w->life = SERVES;
	if (w->fresh && count(c, true) == c->n)
		change_over(c);
	if (c->announced || count(c, false) < c->n)
		return;
	c->announced = true;
	handed_tell(c->handed, w->says);
}

static void hear(struct crew *c, struct worker *w)
{
	ssize_t n = recv(w->channel, c->packet, PACKET_MAX, MSG_DONTWAIT);

	if (n <= 0) { /* it has ended, or will: that is told by SIGCHLD */
		close(w->channel);
		w->channel = -1;
		return;
	}
	c->packet[n] = '\0';
	if (w->life != STARTS)
		errands_heard(c->errands, w->pid, c->packet);
	else if ((w->says = strdup(c->packet)))
		served(c, w);
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

static void lost(struct crew *c, struct worker *w, const char *how)
{
	struct place *p = &c->places[w->place];

	cruet_log(c->root, CRUET_WARN, "worker %u (process %d): %s", w->place + 1, (int)w->pid, how);
	if (w->life != SERVES || now_ms() - w->since < QUICK_MS)
		back_off(p);
	else
		*p = (struct place){.quick = 0};
	if (c->announced || ++c->early < EARLY_DEATHS)
		return;
	end(c, host_problem(c->root->host, CRUET_ESTATE,
			    "the workers do not start: %u ended before all of them served",
			    c->early));
}

static void ended(struct crew *c, struct worker *w, int status)
{
	char how[128];

	describe(status, how, sizeof how);
	if (w->fresh)
		restart_failed(c, how);
	else if (w->life != LEAVES)
		lost(c, w, how);
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

static void obey(struct crew *c, int sig)
{
	if (sig == SIGUSR2 && !c->ends) {
		restart(c);
	} else if (sig == SIGHUP) {
		for (struct worker *w = c->all; w; w = w->next)
			kill(w->pid, SIGHUP);
	} else if (sig == SIGTERM || sig == SIGINT) {
		if (c->ends)
			dismiss_all(c, SIGKILL);
		else
			end(c, CRUET_OK);
	}
}

static void look_at_clock(struct crew *c)
{
	if (c->restart_by && now_ms() >= c->restart_by)
		restart_failed(c, "they do not serve in time");
	if (c->ends && now_ms() >= c->end_by)
		dismiss_all(c, SIGKILL);
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
	int64_t ms = -1, now = now_ms();

	if (c->restart_by)
		sooner(&ms, c->restart_by, now);
	if (c->ends)
		sooner(&ms, c->end_by > now ? c->end_by : now + GRACE_MS, now);
	for (unsigned i = 0; !c->ends && i < c->n; i++)
		if (!is_manned(c, i))
			sooner(&ms, c->places[i].again, now);
	return (int)ms;
}

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

static void run_errands(struct crew *c)
{
	struct errand_worker to[WATCHED_MAX];
	size_t n = 0;

	for (const struct worker *w = c->all; w && n < WATCHED_MAX; w = w->next)
		if (w->life == SERVES && w->channel >= 0)
			to[n++] = (struct errand_worker){(int)w->place, w->pid, w->channel};
	qsort(to, n, sizeof *to, by_place);
	errands_send(c->errands, to, n);
}

static void turn(struct crew *c)
{
	struct pollfd p[WATCHED_MAX];
	struct worker *of[WATCHED_MAX];
	size_t n = watched(c, p, of, WATCHED_MAX);
	int sig;

	if (poll(p, n, how_long(c)) < 0)
		return;
	for (size_t i = 4; i < n; i++)
		if (p[i].revents)
			hear(c, of[i]);
	if (p[2].revents)
		control_accept(c->control);
	if (p[3].revents)
		run_errands(c);
	if (p[1].revents)
		end(c, CRUET_OK);
	while ((sig = signals_next(c->signals)))
		obey(c, sig);
	reap(c);
	look_at_clock(c);
}

int workers_run(cruet_app *root, const struct program *program, struct handed *handed,
		unsigned n, struct signals *signals, struct control *control)
{
	struct crew c = {.root = root,
			 .program = program,
			 .handed = handed,
			 .signals = signals,
			 .control = control,
			 .errands = control->served->errands,
			 .n = n,
			 .packet = malloc(PACKET_MAX + 1),
			 .places = calloc(n, sizeof *c.places)};

	if (c.packet && c.places) {
		do {
			man_places(&c);
			turn(&c);
		} while (!c.ends || c.all);
	} else {
		c.result = host_problem(root->host, CRUET_ENOMEM, "%s",
					cruet_strerror(CRUET_ENOMEM));
	}
	free(c.places);
	free(c.packet);
	return c.result;
}
