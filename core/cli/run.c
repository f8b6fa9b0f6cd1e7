/* cruet run: serves an application until it is told to stop. The process that was
 * started is the parent of the one that serves, unless server.workers is 0. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/scope.h"
#include "cli/recording.h"
#include "cli/site.h"
#include "cruet/log.h"
#include "server/crash.h"
#include "server/debugger.h"
#include "server/handed.h"
#include "server/program.h"
#include "server/record.h"
#include "server/run.h"

struct running {
	struct site site;
	struct program program;
	struct handed handed;
	struct crash *crash;
	struct recorder *recorder;
	char pin[DEBUG_PIN + 1];
};

/* Between our own processes. */
#define PIN_VARIABLE "CRUET_PIN"

/* Pages of --debug show what happens inside, so others do not even reach it, unless that is
 * asked for. */
static int check_debug(const struct running *r, const struct cmdline *c)
{
	bool remote = args_value(&c->args, "allow-remote-debug");

	if (!args_value(&c->args, "debug"))
		return remote ? cli_misused(c->command->name,
					    "option --allow-remote-debug needs --debug")
			      : EXIT_DONE;
	for (const char *const *at = r->site.app->host->settings.listen; *at && !remote; at++)
		if (!debug_guard_is_local(*at))
			return cli_fail("server.listen = %s: with --debug, expected an address of this "
					"machine alone, such as 127.0.0.1:8000; or give "
					"--allow-remote-debug: then others see errors who know a PIN",
					*at);
	return EXIT_DONE;
}

/* Workers have the PIN from their parent. */
static int start_debug(struct running *r, const struct cmdline *c)
{
	bool remote = args_value(&c->args, "allow-remote-debug");
	const char *had = getenv(PIN_VARIABLE);
	cruet_app *app = r->site.app;

	if (!args_value(&c->args, "debug"))
		return EXIT_DONE;
	if (remote && had)
		snprintf(r->pin, sizeof r->pin, "%s", had);
	else if (remote && (!debugger_make_pin(r->pin) || setenv(PIN_VARIABLE, r->pin, 1)))
		return cli_fail("no PIN can be made: %s", strerror(errno));
	if (remote && !had)
		cruet_log(app, CRUET_WARN, "PIN for pages of --debug on other machines: %s", r->pin);
	debugger_start(app, remote ? r->pin : NULL);
	return EXIT_DONE;
}

/* The parent needs no code of the site, only the folder where its paths start. */
static int prepare(struct running *r, struct cmdline *c)
{
	int code = site_configure(&r->site, c, c->args.rest[0]);

	if (!code)
		code = check_debug(r, c);
	if (!code)
		code = start_debug(r, c);
	if (!code)
		code = recording_start(&r->site, c, &r->handed, &r->recorder);
	if (code)
		return code;
	if (run_is_parent(r->site.app, &r->handed))
		return chdir(r->site.target.folder)
			       ? cli_fail("%s: %s", r->site.target.folder, strerror(errno))
			       : EXIT_DONE;
	r->crash = crash_arm(r->site.app, &r->handed, r->site.target.folder);
	return site_load(&r->site, c);
}

int run_command(struct cmdline *c)
{
	struct running r = {.crash = NULL};
	char *why = NULL;
	int code = EXIT_DONE;

	program_read(&r.program); /* before it goes to the folder of the target */
	if (handed_read(&r.handed, &why))
		code = cli_fail("%s", why ? why : "out of memory");
	free(why);
	if (!code)
		code = prepare(&r, c);
	if (!code)
		code = run_app(r.site.app, &r.program, &r.handed, r.crash);
	site_close(&r.site); /* may crash too, and the parent is to hear it */
	record_close(r.recorder);
	crash_disarm(r.crash);
	handed_close(&r.handed);
	program_free(&r.program);
	return code;
}
