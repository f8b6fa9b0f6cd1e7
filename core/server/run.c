/* From an application to a server and back. The signals that ask for the end, and SIGHUP,
 * are blocked in all threads and read from a descriptor by the one that waits, so nothing
 * of that runs in a signal handler. After the first they have their usual effect again: a
 * second one ends the process at once, whatever hangs. */
#include "server/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/scope.h"
#include "cruet/log.h"
#include "plugin/registry.h"
#include "server/trace.h"
#include "server/transport.h"

/* --- what asks for the end ------------------------------------------------------------ */

struct signals {
	sigset_t set, before;
	struct sigaction term, interrupt, pipe; /* what they did before */
	int fd;
};

/* A client that is gone is an error of the call that writes to it, not the end of the
 * process. Were the signal ignored, programs that handlers start would ignore it too. */
static void on_pipe(int signal)
{
	(void)signal;
}

static int signals_block(struct signals *s)
{
	sigemptyset(&s->set);
	sigaddset(&s->set, SIGTERM);
	sigaddset(&s->set, SIGINT);
	sigaddset(&s->set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &s->set, &s->before);
	sigaction(SIGTERM, NULL, &s->term);
	sigaction(SIGINT, NULL, &s->interrupt);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = on_pipe, .sa_flags = SA_RESTART},
		  &s->pipe);
	s->fd = signalfd(-1, &s->set, SFD_CLOEXEC);
	return s->fd < 0 ? CRUET_EIO : CRUET_OK;
}

static void signals_restore(struct signals *s)
{
	sigaction(SIGTERM, &s->term, NULL);
	sigaction(SIGINT, &s->interrupt, NULL);
	sigaction(SIGPIPE, &s->pipe, NULL);
	pthread_sigmask(SIG_SETMASK, &s->before, NULL);
	if (s->fd >= 0)
		close(s->fd);
}

/* --- serving ---------------------------------------------------------------------------- */

static const cruet_transport *vt(const cruet_service *t)
{
	return t->vt;
}

static int listen_on(cruet_app *root, const cruet_service *t, void **server)
{
	const struct server_settings *s = &root->host->settings;
	cruet_listen_opts opts = {
		.size = sizeof opts,
		.threads = (uint32_t)s->threads,
		.listen = s->listen,
		.head_timeout_ms = s->head_timeout,
		.body_timeout_ms = s->body_timeout,
		.body_rate = s->body_rate,
		.idle_timeout_ms = s->idle_timeout,
		.write_timeout_ms = s->write_timeout,
		.body_max = s->body_max,
		.headers_max = (uint32_t)s->headers_max,
		.head_max = (uint32_t)s->head_max,
		.tls = s->tls,
	};
	char *why = NULL;

	int err = vt(t)->start(t->self, root, &opts, server, &why);
	if (err)
		host_problem(root->host, err, "%s", why ? why : cruet_strerror(err));
	free(why);
	return err;
}

static void announce(const cruet_service *t, void *server)
{
	const char *at;

	for (size_t i = 0; (at = vt(t)->address(server, i)); i++)
		printf("serving %s%s\n", strstr(at, "://") || !strncmp(at, "unix:", 5) ? "" : "http://",
		       at);
	fflush(stdout);
}

static void reload(cruet_app *root, const cruet_service *t, void *server)
{
	char *why = NULL;

	if (!CRUET_HAS(vt(t), cruet_transport, reload) || !vt(t)->reload)
		cruet_log(root, CRUET_WARN, "SIGHUP: there is nothing to read anew");
	else if (vt(t)->reload(server, &why))
		cruet_log(root, CRUET_ERROR, "SIGHUP: all stays as it was: %s",
			  why ? why : cruet_strerror(CRUET_ENOMEM));
	else
		cruet_log(root, CRUET_INFO, "SIGHUP: certificates were read anew");
	free(why);
}

/* Until a signal that asks for the end, or cruet_stop(). */
static void wait_for_end(struct signals *s, cruet_app *root, const cruet_service *t, void *server)
{
	struct pollfd p[] = {{.fd = s->fd, .events = POLLIN},
			     {.fd = root->host->stop_fd, .events = POLLIN}};
	struct signalfd_siginfo got = {.ssi_signo = SIGHUP};
	uint64_t asked;

	while (!p[1].revents && got.ssi_signo == SIGHUP) {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[0].revents && read(s->fd, &got, sizeof got) == sizeof got &&
		    got.ssi_signo == SIGHUP)
			reload(root, t, server);
	}
	ssize_t n = p[1].revents ? read(root->host->stop_fd, &asked, sizeof asked) : 0;
	(void)n; /* that it is there is enough */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &s->set, NULL);
}

/* What still runs at the deadline has threads that cannot be ended: neither they nor
 * what they use can be freed, so the process ends around them. */
static void drain(cruet_app *root, const cruet_service *t, void *server)
{
	cruet_stop(root); /* first: what waits sees it, and ends, when the transport drains */
	vt(t)->refuse_new(server);
	size_t left = vt(t)->drain(server, root->host->settings.drain);
	if (!left)
		return;
	cruet_log(root, CRUET_WARN,
		  "requests that did not end within %llu ms and are cut off: %zu",
		  (unsigned long long)root->host->settings.drain, left);
	_exit(0);
}

static int serve(cruet_app *root, struct signals *s)
{
	cruet_service t;
	void *server;

	if (cruet_problem(root) || transport_find(root, &t) || app_start(root))
		return CRUET_ESTATE;
	trace_start(root);
	int err = listen_on(root, &t, &server);
	if (!err) {
		announce(&t, server);
		wait_for_end(s, root, &t, server);
		drain(root, &t, server);
		vt(&t)->stop(server);
	}
	app_stop(root);
	return err;
}

int run_app(cruet_app *root)
{
	struct signals s;
	uint64_t asked;

	int err = signals_block(&s);
	if (err)
		host_problem(root->host, err, "no signals can be waited for");
	else
		err = serve(root, &s);
	signals_restore(&s);
	ssize_t n = read(root->host->stop_fd, &asked, sizeof asked);
	(void)n; /* it is to be zero for the next time, and may be it already */
	if (err)
		fprintf(stderr, "cruet: %s\n", cruet_problem(root));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cruet_run(cruet_app *app, const char *address)
{
	if (!app) {
		fprintf(stderr, "cruet: cruet_run: there is no application\n");
		return EXIT_FAILURE;
	}
	if (app != app->root)
		scope_problem(app, CRUET_EINVAL,
			      "cruet_run: '%s' is a part of an application, not the whole",
			      app->name);
	app = app->root;
	if (address)
		cruet_set(app, "server.listen", address);
	if (!cruet_problem(app) && !config_has_file(app->host->config))
		registry_load(app, access("cruet.json", F_OK) ? NULL : "cruet.json", NULL);
	return run_app(app);
}
