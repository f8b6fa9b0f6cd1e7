/* From an application to a server and back. What arrives from outside meanwhile, be it a
 * signal or a word of the parent, is waited for by the one thread that called. The first
 * that asks for the end makes the server drain; after it signals have their usual effect
 * again: a second one ends the process at once, whatever hangs. */
#include "server/run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/scope.h"
#include "cruet/log.h"
#include "plugin/closing.h"
#include "plugin/registry.h"
#include "server/changes.h"
#include "server/clock.h"
#include "server/control.h"
#include "server/crash.h"
#include "server/errands.h"
#include "server/follow.h"
#include "server/handed.h"
#include "server/signals.h"
#include "server/stats.h"
#include "server/trace.h"
#include "server/transport.h"
#include "server/workers.h"

struct run {
	cruet_app *root;
	const struct program *program;
	struct signals signals;
	struct handed *handed; /* and what this process opened in addition */
	struct crash *crash;   /* NULL: fatal signals do as they do */
	struct follow *follow; /* NULL: what is served was attached before */
	cruet_service transport;
	void *server;
	struct served served; /* for commands */
	struct control control;
	pid_t successor; /* that is starting; 0: none */
	int successor_channel;
};

static const cruet_transport *vt(const struct run *r)
{
	return r->transport.vt;
}

static int problem(const struct run *r, int err, char *why)
{
	host_problem(r->root->host, err, "%s", why ? why : cruet_strerror(err));
	free(why);
	return err;
}

/* --- sockets ---------------------------------------------------------------------------- */

static cruet_listen_opts options(const struct run *r)
{
	cruet_listen_opts opts = transport_options(&r->root->host->settings);

	if (r->handed->listen)
		opts.listen = (const char *const *)r->handed->listen;
	opts.sockets = r->handed->sockets.fds;
	opts.nsockets = r->handed->sockets.n;
	opts.workers = r->handed->workers;
	opts.shared = r->handed->shared < 0 ? 0 : r->handed->shared;
	return opts;
}

static bool takes_sockets(const struct run *r)
{
	return CRUET_HAS(vt(r), cruet_transport, hand_over) && vt(r)->open;
}

/* Opens what is missing. A worker has all from its parent, unless it is to open them. */
static int open_sockets(struct run *r)
{
	struct handed *h = r->handed;
	cruet_listen_opts opts = options(r);
	uint32_t had = h->sockets.n;
	char *why = NULL;
	int *fds = NULL;
	size_t n = 0;

	if (!takes_sockets(r) || (h->is_worker && !h->opens))
		return CRUET_OK;
	int err = vt(r)->open(r->transport.self, &opts, &fds, &n, &why);
	if (err)
		return problem(r, err, why);
	err = sockets_add(&h->sockets, fds, n, false);
	free(fds);
	if (!err && h->is_worker)
		err = handed_share(h, had);
	return err ? problem(r, err, NULL) : CRUET_OK;
}

/* What needs a transport that takes sockets, and has another. */
static int check_transport(const struct run *r)
{
	const struct handed *h = r->handed;

	if (takes_sockets(r) || (h->workers < 2 && !h->sockets.n))
		return CRUET_OK;
	return host_problem(r->root->host, CRUET_EINVAL,
			    "%s needs a transport that takes sockets over, which '%s' does not: "
			    "\"server.transport\": \"event\" does",
			    h->workers > 1 ? "more than one of server.workers"
					   : "a socket that is handed over",
			    r->transport.provider);
}

/* --- serving ---------------------------------------------------------------------------- */

static int listen_on(struct run *r)
{
	cruet_listen_opts opts = options(r);
	char *why = NULL;

	int err = vt(r)->start(r->transport.self, r->root, &opts, &r->server, &why);
	return err ? problem(r, err, why) : CRUET_OK;
}

static char *addresses(const struct run *r)
{
	char *text = NULL, at[TRANSPORT_ADDRESS];
	size_t len;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; f && transport_address(vt(r), r->server, i, at); i++)
		fprintf(f, "serving %s\n", at);
	if (!f || fclose(f))
		return NULL;
	return text;
}

static void announce(struct run *r)
{
	char *text = addresses(r);

	handed_tell(r->handed, text ? text : "serving\n");
	free(text);
}

/* A worker has its commands from its parent, and that has none before it serves. */
static int take_commands(struct run *r, struct errands *errands)
{
	r->served = (struct served){.root = r->root,
				    .transport = r->root->host->settings.transport,
				    .vt = vt(r),
				    .server = r->server,
				    .errands = errands,
				    .channel = r->handed->is_worker ? r->handed->channel : -1,
				    .since_ms = clock_ms()};
	return r->handed->is_worker || errands ? CRUET_OK : control_open(&r->control, r->handed);
}

/* --- a successor ------------------------------------------------------------------------ */

static void start_successor(struct run *r)
{
	char *why = NULL;

	if (r->successor || !takes_sockets(r)) {
		cruet_log(r->root, CRUET_WARN, "SIGUSR2: %s",
			  r->successor ? "a new process is being started already"
				       : "this transport cannot hand its sockets over");
		return;
	}
	cruet_log(r->root, CRUET_INFO, "SIGUSR2: starting a new process");
	struct launch l = {.sockets = &r->handed->sockets,
			   .shared = r->handed->shared,
			   .mask = &r->signals.before,
			   .control = r->control.place.fd < 0 ? NULL : &r->control.place};
	r->successor = program_start(r->program, &l, &r->successor_channel, &why);
	if (r->successor > 0)
		return;
	cruet_log(r->root, CRUET_ERROR, "%s", why ? why : cruet_strerror(CRUET_ENOMEM));
	free(why);
	r->successor = 0;
	r->successor_channel = -1;
}

/* True: it serves. */
static bool hear_successor(struct run *r)
{
	char said[256];
	int status = 0;
	bool serves = recv(r->successor_channel, said, sizeof said, 0) > 0;

	close(r->successor_channel);
	r->successor_channel = -1;
	if (serves) {
		cruet_log(r->root, CRUET_INFO, "process %d serves, this one ends",
			  (int)r->successor);
		return true;
	}
	waitpid(r->successor, &status, 0);
	r->successor = 0;
	cruet_log(r->root, CRUET_ERROR,
		  "the new process does not serve, this one goes on: it ended with %s %d",
		  WIFSIGNALED(status) ? "signal" : "exit code",
		  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return false;
}

/* --- the end ---------------------------------------------------------------------------- */

enum turn { TURN_ON, TURN_STOP, TURN_HAND_OVER };

static enum turn obey(struct run *r, int sig)
{
	if (sig == SIGHUP)
		control_run(&r->control, "{\"command\": \"reload\"}");
	else if (sig == SIGUSR2 && r->handed->is_worker)
		return TURN_HAND_OVER; /* others have the sockets already */
	else if (sig == SIGUSR2)
		start_successor(r);
	else if (sig)
		return TURN_STOP;
	return TURN_ON;
}

/* What the other workers did while this one was starting. */
static void follow_others(struct run *r, const char *change)
{
	struct arena a;

	arena_init(&a, 1024);
	const char *line = amendment_command(change, &a);
	if (line)
		control_run(&r->control, line);
	arena_fini(&a);
}

/* False: it is gone, and its sockets with it. */
static bool hear_parent(struct run *r)
{
	char said[ERRAND_NUMBER + CONTROL_LINE + 1];
	ssize_t n = recv(r->handed->channel, said, sizeof said - 1, MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	said[n] = '\0';
	if (*said == PACKET_CLOSE)
		closing_close(r->root, said + 1);
	else if (*said == PACKET_CHANGED)
		follow_others(r, said + 1);
	else
		control_obey(&r->control, r->handed->channel, said, (size_t)n);
	return true;
}

/* The first thing that has come, and what follows from it. */
static enum turn wait_for_turn(struct run *r)
{
	struct pollfd p[] = {{.fd = r->signals.fd, .events = POLLIN},
			     {.fd = r->root->host->stop_fd, .events = POLLIN},
			     {.fd = r->handed->channel, .events = POLLIN},
			     {.fd = r->successor_channel, .events = POLLIN},
			     {.fd = r->control.place.fd, .events = POLLIN}};

	if (poll(p, 5, -1) < 0)
		return TURN_ON;
	if (p[1].revents) {
		if (r->handed->is_worker)
			handed_say(r->handed->channel, PACKET_ENDS, "");
		return TURN_STOP;
	}
	if (p[2].revents && !hear_parent(r))
		return TURN_STOP;
	if (p[4].revents)
		control_accept(&r->control);
	if (p[3].revents && hear_successor(r))
		return TURN_HAND_OVER;
	return p[0].revents ? obey(r, signals_next(&r->signals)) : TURN_ON;
}

static enum turn wait_for_end(struct run *r)
{
	enum turn turn;

	do
		turn = wait_for_turn(r);
	while (turn == TURN_ON);
	if (turn == TURN_STOP && r->successor)
		kill(r->successor, SIGTERM);
	if (!r->handed->is_worker)
		signals_usual(&r->signals);
	return turn;
}

/* A successor that failed is none; one whose predecessor still has the sockets neither. */
static void leave_paths(struct run *r)
{
	if (!r->handed->is_worker && r->handed->channel < 0)
		sockets_unlink(&r->handed->sockets);
}

/* Commands that wait for old requests are waited for, and so wait no longer. */
static void end_changes(struct run *r, enum turn turn)
{
	atomic_store(&r->root->host->ends, true);
	if (turn == TURN_STOP) {
		cruet_stop(r->root);
		vt(r)->refuse_new(r->server);
	}
}

/* What still runs at the deadline has threads that cannot be ended: neither they nor
 * what they use can be freed, so the process ends around them. */
static void drain(struct run *r, enum turn turn)
{
	uint64_t ms = r->root->host->settings.drain;

	if (turn == TURN_HAND_OVER) {
		vt(r)->hand_over(r->server);
		vt(r)->drain(r->server, ms);
	}
	cruet_stop(r->root); /* first: what waits sees it, and ends, when the transport drains */
	vt(r)->refuse_new(r->server);
	size_t left = vt(r)->drain(r->server, ms);
	if (!left)
		return;
	cruet_log(r->root, CRUET_WARN,
		  "requests that did not end within %llu ms and are cut off: %zu",
		  (unsigned long long)ms, left);
	if (turn == TURN_STOP)
		leave_paths(r);
	_exit(0);
}

/* One that the application does not have any more is closed enough. */
static void close_quarantined(struct run *r)
{
	for (char **name = r->handed->closed; name && *name; name++)
		closing_close(r->root, *name);
}

static int serve(struct run *r)
{
	enum turn turn = TURN_STOP;

	close_quarantined(r);
	int err = app_start(r->root);

	if (err)
		return err;
	closing_expect(r->root, r->handed->closed);
	follow_begin(r->follow, r->root);
	amendments_make(r->root, r->handed->changed);
	closing_expect(r->root, NULL);
	trace_start(r->root);
	err = open_sockets(r);
	if (!err)
		err = listen_on(r);
	if (!err) {
		crash_serves(r->crash, r->transport.provider, vt(r), r->server);
		err = take_commands(r, NULL);
		stats_serve(r->root->host, &r->served);
		if (!err) {
			announce(r);
			follow_start(r->follow, &r->served);
			turn = wait_for_end(r);
			end_changes(r, turn);
			follow_stop(r->follow);
			control_close(&r->control, turn == TURN_STOP);
			drain(r, turn);
		}
		crash_serves(r->crash, NULL, NULL, NULL);
		stats_serve(r->root->host, NULL);
		vt(r)->stop(r->server);
	}
	follow_stop(r->follow);
	if (turn == TURN_STOP)
		leave_paths(r);
	app_stop(r->root);
	return err;
}

static int look_after_workers(struct run *r)
{
	struct errands errands;
	int err = errands_init(&errands);

	if (err)
		problem(r, err, NULL);
	else
		err = take_commands(r, &errands);
	if (!err)
		err = workers_run(r->root, r->program, r->handed, &r->signals, &r->control);
	control_close(&r->control, true);
	errands_fini(&errands);
	leave_paths(r);
	return err;
}

bool run_is_parent(const cruet_app *root, const struct handed *handed)
{
	return root->host->settings.workers && !handed->is_worker;
}

static int run(struct run *r)
{
	bool parent = run_is_parent(r->root, r->handed);
	int err = CRUET_OK;

	if (cruet_problem(r->root) || (!parent && transport_find(r->root, &r->transport)))
		return CRUET_ESTATE;
	if (!parent)
		err = check_transport(r);
	if (err)
		return err;
	err = signals_block(&r->signals, parent		       ? SIGNALS_PARENT
				       : r->handed->is_worker ? SIGNALS_WORKER
							      : SIGNALS_ALONE);
	if (err)
		host_problem(r->root->host, err, "no signals can be waited for");
	else
		err = parent ? look_after_workers(r) : serve(r);
	signals_restore(&r->signals);
	return err;
}

int run_app(cruet_app *root, const struct program *program, struct handed *handed,
	    struct crash *crash, struct follow *follow)
{
	struct run r = {.root = root,
			.program = program,
			.handed = handed,
			.crash = crash,
			.follow = follow,
			.successor_channel = -1};
	uint64_t asked;

	control_init(&r.control, &r.served);
	int err = run(&r);

	sockets_close(&handed->sockets);
	if (r.successor_channel >= 0)
		close(r.successor_channel);
	ssize_t n = read(root->host->stop_fd, &asked, sizeof asked);
	(void)n; /* it is to be zero for the next time, and may be it already */
	if (err && cruet_problem(root)) /* else a worker has said it */
		fprintf(stderr, "cruet: %s\n", cruet_problem(root));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
