/* cruet run: serves an application until it is told to stop. The process that was
 * started is the parent of the one that serves, unless server.workers is 0. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/scope.h"
#include "cli/asan.h"
#include "cli/recording.h"
#include "cli/run_debug.h"
#include "cli/site.h"
#include "server/crash.h"
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
	bool debugs;
	struct run_debug debug;
};

/* The parent needs no code of the site, only the folder where its paths start. */
static int prepare(struct running *r, struct cmdline *c)
{
	int code = site_configure(&r->site, c, c->args.rest[0]);

	if (!code)
		code = run_debug_check(&r->site, c, &r->debugs);
	if (!code)
		code = recording_start(&r->site, c, &r->handed, &r->recorder);
	if (!code && r->debugs)
		code = run_debug_begin(&r->debug, &r->site, c, &r->handed);
	if (code)
		return code;
	if (run_is_parent(r->site.app, &r->handed))
		return chdir(r->site.target.folder)
			       ? cli_fail("%s: %s", r->site.target.folder, strerror(errno))
			       : EXIT_DONE;
	r->crash = crash_arm(r->site.app, &r->handed, r->site.target.folder);
	return r->debugs ? run_debug_wait(&r->debug, &r->site, c, &r->handed)
			 : site_load(&r->site, c);
}

int run_command(struct cmdline *c)
{
	struct running r = {.crash = NULL};
	char *why = NULL;
	int code = asan_enter(c);

	if (code)
		return code;
	program_read(&r.program); /* before it goes to the folder of the target */
	if (handed_read(&r.handed, &why))
		code = cli_fail("%s", why ? why : "out of memory");
	free(why);
	if (!code)
		code = prepare(&r, c);
	if (!code && !r.debug.ends)
		code = run_app(r.site.app, &r.program, &r.handed, r.crash, r.debug.follow);
	run_debug_free(&r.debug);
	site_close(&r.site); /* may crash too, and the parent is to hear it */
	record_close(r.recorder);
	crash_disarm(r.crash);
	handed_close(&r.handed);
	program_free(&r.program);
	return code;
}
