#include "cli/run_debug.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/scope.h"
#include "cli/code.h"
#include "cli/loop.h"
#include "cruet/log.h"
#include "debug/reload.h"
#include "server/follow.h"
#include "server/handed.h"
#include "server/run.h"
#include "server/signals.h"

/* What workers have from their parent: the folder where it builds. */
#define BUILT_VARIABLE "CRUET_BUILT_IN"

_Static_assert(sizeof(struct debug_pin) <= HANDED_OWN, "the PIN fits into what all have in common");

/* Pages of --debug show what happens inside, so others do not even reach it, unless that is
 * asked for. */
int run_debug_check(const struct site *s, const struct cmdline *c, bool *on)
{
	bool remote = args_value(&c->args, "allow-remote-debug");

	*on = args_value(&c->args, "debug") || args_value(&c->args, "asan");
	if (!*on && (remote || args_value(&c->args, "poll")))
		return cli_misused(c->command->name, "option --%s needs --debug",
				   remote ? "allow-remote-debug" : "poll");
	for (const char *const *at = s->app->host->settings.listen; *on && *at && !remote; at++)
		if (!debug_guard_is_local(*at))
			return cli_fail("server.listen = %s: with --debug, expected an address of this "
					"machine alone, such as 127.0.0.1:8000; or give "
					"--allow-remote-debug: then others see errors who know a PIN",
					*at);
	return EXIT_DONE;
}

/* The first of the processes of a server makes the PIN. */
static int start_pages(cruet_app *app, const struct cmdline *c, struct handed *h)
{
	struct debug_pin *pin = NULL;

	if (args_value(&c->args, "allow-remote-debug")) {
		pin = handed_own(h);
		bool made = pin && *pin->text;
		if (!pin || (!made && !debugger_make_pin(pin->text)))
			return cli_fail("no PIN can be made: %s", strerror(errno));
		if (!made)
			cruet_log(app, CRUET_WARN, "PIN for pages of --debug on other machines: %s",
				  pin->text);
	}
	debugger_start(app, pin);
	return EXIT_DONE;
}

/* The same target, seen from its folder. */
static const char *from_folder(const struct target *t, struct arena *a)
{
	const char *file = t->file ? code_steady(t->file, a) : NULL;
	size_t n = strlen(t->folder);

	return file && !strncmp(file, t->folder, n) && file[n] == '/' ? file + n + 1 : file;
}

static int start_loop(struct run_debug *d, struct site *s, struct cmdline *c,
		      const struct handed *h)
{
	bool by_time = args_value(&c->args, "poll");
	const char *why = NULL;

	d->loop = loop_new(&s->target, s->app->host->config, by_time, &c->arena, &why);
	if (!d->loop)
		return cli_fail("%s", why ? why : "out of memory");
	if (run_is_parent(s->app, h) && setenv(BUILT_VARIABLE, loop_folder(d->loop), 1))
		return cli_fail("out of memory");
	return loop_start(d->loop) ? cli_fail("there is no thread to build with") : EXIT_DONE;
}

int run_debug_begin(struct run_debug *d, struct site *s, struct cmdline *c, struct handed *h)
{
	int code = start_pages(s->app, c, h);

	if (!code && !h->is_worker)
		code = site_may_build(s, c);
	if (code)
		return code;
	s->target.file = from_folder(&s->target, &c->arena);
	s->target.shown = ".";
	if (chdir(s->target.folder))
		return cli_fail("%s: %s", s->target.folder, strerror(errno));
	return h->is_worker ? EXIT_DONE : start_loop(d, s, c, h);
}

/* A worker may end by a signal as it is. Where there is none, what is being built has to end
 * too. */
static void wait_alone(struct run_debug *d)
{
	struct signals s;
	int sig;

	if (!signals_block(&s, SIGNALS_ALONE) && follow_ask(d->follow)) {
		struct pollfd p[] = {{.fd = loop_ready_fd(d->loop), .events = POLLIN},
				     {.fd = s.fd, .events = POLLIN}};
		while (!d->ends && !p[0].revents && poll(p, 2, -1) > 0)
			while ((sig = signals_next(&s)))
				d->ends |= sig == SIGTERM || sig == SIGINT;
	}
	signals_restore(&s);
}

int run_debug_wait(struct run_debug *d, struct site *s, const struct cmdline *c,
		   const struct handed *h)
{
	const char *folder = d->loop ? loop_folder(d->loop) : getenv(BUILT_VARIABLE);

	d->follow = folder ? follow_new(folder, args_value(&c->args, "poll")) : NULL;
	unsetenv(BUILT_VARIABLE); /* no program that the application starts needs it */
	if (!d->follow)
		return cli_fail("what is built cannot be followed: %s", strerror(errno));
	if (reload_attach(s->app, debug_guard_lets))
		return cli_fail("%s", cruet_problem(s->app));
	if (d->loop)
		wait_alone(d);
	else
		d->ends = !follow_ask(d->follow) || !follow_wait(d->follow, h->channel);
	return EXIT_DONE;
}

void run_debug_free(struct run_debug *d)
{
	follow_free(d->follow);
	loop_free(d->loop);
}
