/* cruet_run(): a program with a main of its own serves. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/scope.h"
#include "plugin/registry.h"
#include "server/crash.h"
#include "server/handed.h"
#include "server/program.h"
#include "server/run.h"

static int run_here(cruet_app *app)
{
	struct program program;
	struct handed handed;
	char *why = NULL;

	program_read(&program);
	int err = handed_read(&handed, &why);
	if (err)
		host_problem(app->host, err, "%s", why ? why : cruet_strerror(err));
	free(why);
	struct crash *crash = run_is_parent(app, &handed) ? NULL : crash_arm(app, &handed, ".");
	int code = run_app(app, &program, &handed, crash, NULL);
	crash_disarm(crash);
	handed_close(&handed);
	program_free(&program);
	return code;
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
	return run_here(app);
}
