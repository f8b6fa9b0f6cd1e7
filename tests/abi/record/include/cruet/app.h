/* An app is a scope. A blueprint and a plugin get one as well, and use the
 * very same calls; what they register is theirs and leaves with them.
 *
 * Setup calls take a NULL app and remember their first failure in the root,
 * so a setup reads as plain lines and cruet_run() refuses to start broken. */
#ifndef CRUET_APP_H
#define CRUET_APP_H

#include "cruet/types.h"

CRUET_BEGIN

CRUET_API cruet_app *cruet_new(const char *name);
CRUET_API void cruet_free(cruet_app *app); /* NULL is fine */

/* Serves until cruet_stop(). Reads cruet.json in the working directory if there
 * is one and cruet_load() was not called. address ":8080" means the loopback; NULL takes
 * server.listen. Config file and environment win over the argument. Returns
 * 0, or 1 after printing what is wrong: the value of main(). */
CRUET_API int cruet_run(cruet_app *app, const char *address);
CRUET_API void cruet_stop(cruet_app *app); /* safe in a signal handler */

/* A child scope; name prefixes endpoint names, prefix prefixes paths. */
CRUET_API cruet_app *cruet_blueprint(cruet_app *app, const char *name,
				     const char *prefix);

/* The outermost scope: where a blueprint registers what the whole application is to
 * have. */
CRUET_API cruet_app *cruet_outermost(cruet_app *app);
/* All rules of a blueprint live in this subdomain ("api", "<user>"); that of a
 * blueprint inside another stands in front of the outer one's. */
CRUET_API int cruet_subdomain(cruet_app *blueprint, const char *subdomain);
/* Arguments that all rules of a blueprint have: "lang=en&site=1". */
CRUET_API int cruet_defaults(cruet_app *blueprint, const char *defaults);

/* Loads a plugin by name from the plugin path and attaches it to this scope.
 * options is "key=value" lines or NULL; config file and environment win, if they
 * were loaded before, and may put another plugin under this name. */
CRUET_API int cruet_use(cruet_app *app, const char *plugin,
			const char *options);

/* Reads settings and the plugins to use from a file; they are put in the
 * order their needs ask for, and a cycle is an error that shows its path. */
CRUET_API int cruet_load(cruet_app *app, const char *file);

/* Sets one value of the configuration from code: cruet_set(app, "server.threads",
 * "8"). What the file, the environment and the command line say wins. [setup] */
CRUET_API int cruet_set(cruet_app *app, const char *key, const char *value);

/* A setting of the application's own, "settings" in the file, as text: "title",
 * "mail.from". NULL if there is none, or it is an object or a list. Lives as long
 * as the application. [any thread] */
CRUET_API const char *cruet_setting(const cruet_app *app, const char *key);
/* The same as a number or a truth value; def if there is none. A value of another
 * kind gives def too: in setup it is a problem, later a line in the log.
 * [any thread] */
CRUET_API int64_t cruet_setting_int(const cruet_app *app, const char *key, int64_t def);
CRUET_API double cruet_setting_real(const cruet_app *app, const char *key, double def);
CRUET_API bool cruet_setting_bool(const cruet_app *app, const char *key, bool def);
/* The value itself, lists and objects too; NULL if there is none. "" is the object of
 * all of them. Lives as long as the application. [any thread] */
CRUET_API const cruet_json *cruet_setting_json(const cruet_app *app, const char *key);

/* The secret that cookies and tokens are signed with (secret_key); NULL if none is
 * configured. Never to be shown. [any thread] */
CRUET_API const char *cruet_secret(const cruet_app *app);

/* Milliseconds since 1970 by the application's clock, which tests can set. */
CRUET_API int64_t cruet_now(const cruet_app *app);

/* Refuses to start, with a sentence, if nothing provides this service. */
CRUET_API int cruet_need(cruet_app *app, const char *service);

/* A command of the application or plugin: cruet NAME [ARG...]. It runs with
 * a ctx that has no request; argv[0] is NAME, argv[argc] NULL. Its result is the exit
 * code (0 to 255; more is 1), or a failure as a handler's: that is logged, and 1. */
typedef int cruet_command_fn(cruet_ctx *c, int argc, char **argv);
CRUET_API int cruet_command(cruet_app *app, const char *name,
			    const char *help, cruet_command_fn *fn);

/* The first thing that went wrong in setup: NULL, or one readable line. */
CRUET_API const char *cruet_problem(const cruet_app *app);

/* A ctx with no request: for jobs, tests and the command line. Teardown
 * hooks run at cruet_close(). Starts an application that does not run yet; with
 * the scope of a plugin it gives NULL then. [any thread] */
CRUET_API cruet_ctx *cruet_open(cruet_app *app);
CRUET_API void cruet_close(cruet_ctx *c);

CRUET_END
#endif
